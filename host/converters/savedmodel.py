"""An exchange folder (repro/convert.py) as a SavedModel: python -I savedmodel.py EXCHANGE OUT

The frozen graph as it is, with one signature, serving_default, whose keys are the model's own
input and output names.  Every TensorFlow since 1.0 reads it.
"""
import json
import os
import sys

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
import tensorflow as tf     # noqa: E402  (which reads that)


def convert(exchange, out):
    """Makes the folder `out`."""
    with open(os.path.join(exchange, 'exchange.json')) as f:
        asked = json.load(f)
    graph_def = tf.compat.v1.GraphDef()
    with open(os.path.join(exchange, 'graph.pb'), 'rb') as f:
        graph_def.ParseFromString(f.read())
    with tf.Graph().as_default() as graph, tf.compat.v1.Session() as session:
        tf.import_graph_def(graph_def, name='')

        def tensors(which):
            return {one['name']: graph.get_tensor_by_name(one['tensor']) for one in asked[which]}
        tf.compat.v1.saved_model.simple_save(session, out, tensors('inputs'), tensors('outputs'))


if __name__ == '__main__':
    convert(*sys.argv[1:])
