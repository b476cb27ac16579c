# -*- coding: utf-8 -*-
"""A network as one frozen graph (repro/frozen.py) that takes raw pixels."""
import tensorflow as tf

from repro import frozen

PIXELS = 'pixels'


def freeze(model, batch, name):
    """Writes the model's graph, weights and all, as a GraphDef to the file `name`.

    Input 'pixels': uint8 (batch, height, width, 3); the cast to float32 is in the graph, since a
    pixel is a whole number from 0 to 255 in both.  Output: the model's, float32.  What follows
    the pixels (the article's Lambda included) is the graph that Keras built.
    """
    image, graph = model.input.op.name, tf.GraphDef()
    for node in frozen.graph(model).node:
        if node.name == image:
            graph.node.extend(pixels_and_cast(node, (batch,) + model.input_shape[1:]))
        else:
            graph.node.extend([node])
    with open(name, 'wb') as f:
        f.write(graph.SerializeToString())


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
