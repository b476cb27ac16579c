# -*- coding: utf-8 -*-
"""A Keras 1.2.2 model as one frozen TensorFlow graph that takes raw pixels."""
import tensorflow as tf
from keras import backend as K

PIXELS = 'pixels'


def freeze(model, batch, name):
    """Writes the model's graph, weights and all, as a GraphDef to the file `name`.

    Input 'pixels': uint8 (batch, height, width, 3); the cast to float32 is in the graph, since a
    pixel is a whole number from 0 to 255 in both.  Output: the model's, float32.  What follows
    the pixels (the article's Lambda included) is the graph that Keras built.
    """
    session = K.get_session()
    with session.as_default():
        frozen = tf.graph_util.convert_variables_to_constants(
            session, session.graph.as_graph_def(), [model.output.op.name])
    image, graph = model.input.op.name, tf.GraphDef()
    for node in frozen.node:
        if node.name == image:
            graph.node.extend(pixels_and_cast(node, (batch,) + model.input_shape[1:]))
        elif node.op == 'Placeholder' and node.attr['dtype'].type == tf.bool.as_datatype_enum:
            graph.node.extend([constant_false(node)])   # Keras's learning phase: a test's
        else:
            graph.node.extend([node])
    with open(name, 'wb') as f:
        f.write(graph.SerializeToString())


def pixels_and_cast(node, shape):
    """TF 1.0.1 leaves the Placeholder's shape empty, which a current reader takes for a scalar."""
    pixels, cast = tf.NodeDef(), tf.NodeDef()
    pixels.CopyFrom(node)
    pixels.name = PIXELS
    pixels.attr['dtype'].type = tf.uint8.as_datatype_enum
    pixels.attr['shape'].shape.CopyFrom(tf.TensorShape(shape).as_proto())
    cast.name, cast.op = node.name, 'Cast'
    cast.input.append(PIXELS)
    cast.attr['SrcT'].type = tf.uint8.as_datatype_enum
    cast.attr['DstT'].type = tf.float32.as_datatype_enum
    return pixels, cast


def constant_false(node):
    constant = tf.NodeDef()
    constant.name, constant.op = node.name, 'Const'
    constant.attr['dtype'].type = tf.bool.as_datatype_enum
    constant.attr['value'].tensor.CopyFrom(tf.contrib.util.make_tensor_proto(False))
    return constant
