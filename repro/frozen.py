# -*- coding: utf-8 -*-
"""A Keras 1.2.2 model as one TensorFlow graph without variables: for engines and converters."""
import tensorflow as tf
from keras import backend as K


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
