"""The exchange folder; repro/conversion/exchange.py writes it, and lists the files."""
import json
import os


def described(folder):
    """exchange.json: the model's inputs and outputs, the versions, what was given."""
    with open(os.path.join(folder, 'exchange.json'), encoding='utf-8') as f:
        return json.load(f)


def frozen_graph(folder):
    """graph.pb as TensorFlow's GraphDef."""
    import tensorflow as tf
    graph_def = tf.compat.v1.GraphDef()
    with open(os.path.join(folder, 'graph.pb'), 'rb') as f:
        graph_def.ParseFromString(f.read())
    return graph_def
