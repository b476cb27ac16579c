"""An exchange folder as a SavedModel.

The frozen graph as it is, with one signature, serving_default, whose keys are the model's own
input and output names.  Every TensorFlow since 1.0 reads it.
"""
import tensorflow as tf

from exchange import described, frozen_graph


def convert(exchange, made):
    """Makes the folder `made`."""
    model = described(exchange)
    with tf.Graph().as_default() as graph, tf.compat.v1.Session() as session:
        tf.import_graph_def(frozen_graph(exchange), name='')

        def tensors(which):
            return {one['name']: graph.get_tensor_by_name(one['tensor']) for one in model[which]}
        tf.compat.v1.saved_model.simple_save(session, made, tensors('inputs'), tensors('outputs'))
