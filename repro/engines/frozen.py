# -*- coding: utf-8 -*-
"""A Keras 1.2.2 model as one TensorFlow graph without variables: for engines and converters."""
import tensorflow as tf
from keras import backend as K

PIXELS = 'pixels'


def graph(model):
    """The GraphDef of a model's outputs: weights as constants, learning phase 0 (a test's).

    Its inputs are the model's, under their own names.  TF 1.0.1 leaves a Placeholder's shape
    empty, which a current reader takes for a scalar: here it is written in, the batch unknown.
    """
    session = K.get_session()
    with session.as_default():
        frozen = tf.graph_util.convert_variables_to_constants(
            session, session.graph.as_graph_def(), [t.op.name for t in model.outputs])
    shapes = dict((t.op.name, t.get_shape().as_proto()) for t in model.inputs)
    phase = getattr(K.learning_phase(), 'op', None)     # a number where it was set
    made = tf.GraphDef()
    made.versions.CopyFrom(frozen.versions)
    for node in frozen.node:
        if phase is not None and node.name == phase.name:
            node = constant_false(node)
        elif node.name in shapes:
            node.attr['shape'].shape.CopyFrom(shapes[node.name])
        made.node.extend([node])
    return made


def constant_false(node):
    constant = tf.NodeDef()
    constant.name, constant.op = node.name, 'Const'
    constant.attr['dtype'].type = tf.bool.as_datatype_enum
    constant.attr['value'].tensor.CopyFrom(tf.contrib.util.make_tensor_proto(False))
    return constant


def freeze(model, batch, name):
    """Writes the model's graph, weights and all, as a GraphDef to the file `name`.

    Input 'pixels': uint8 (batch, height, width, 3); the cast to float32 is in the graph, since a
    pixel is a whole number from 0 to 255 in both.  Output: the model's, float32.  What follows
    the pixels (the article's Lambda included) is the graph that Keras built.
    """
    image, made = model.input.op.name, tf.GraphDef()
    for node in graph(model).node:
        if node.name == image:
            made.node.extend(pixels_and_cast(node, (batch,) + model.input_shape[1:]))
        else:
            made.node.extend([node])
    with open(name, 'wb') as f:
        f.write(made.SerializeToString())


def pixels_and_cast(node, shape):
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
