"""An exchange folder (repro/convert.py) as ONNX, by tf2onnx: python -I onnx.py EXCHANGE OUT"""
from __future__ import print_function

import json
import logging
import os
import sys

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
import onnx                 # noqa: E402  (the package: -I keeps this file from being it)
import tensorflow as tf     # noqa: E402
import tf2onnx              # noqa: E402

OPSET = 18      # the newest that tf2onnx 1.17 knows; ONNX Runtime reads it since 1.14


class NoEqual(Exception):
    """An operation that ONNX has nothing for."""


def convert(exchange, out):
    """Writes the file `out`, whose inputs and outputs have the model's own names."""
    with open(os.path.join(exchange, 'exchange.json')) as f:
        asked = json.load(f)
    graph_def = tf.compat.v1.GraphDef()
    with open(os.path.join(exchange, 'graph.pb'), 'rb') as f:
        graph_def.ParseFromString(f.read())
    inputs, outputs = [[one['tensor'] for one in asked[which]] for which in ('inputs', 'outputs')]
    for node in graph_def.node:
        if node.name + ':0' in outputs and node.input[0] + ':0' in inputs:
            raise NoEqual('tf2onnx takes no model that gives an input back as it is (%s)'
                          % node.name)
    logging.getLogger('tf2onnx').setLevel(logging.CRITICAL)     # what it lacks is said below
    model, _ = tf2onnx.convert.from_graph_def(
        graph_def, name='model', opset=OPSET, input_names=inputs, output_names=outputs,
        tensors_to_rename={one['tensor']: one['name']
                           for one in asked['inputs'] + asked['outputs']})
    unknown = sorted({node.op_type for node in every_node(model.graph)
                      if not onnx.defs.has(node.op_type, node.domain)})
    if unknown:
        raise NoEqual('ONNX has nothing for TensorFlow\'s %s' % ', '.join(unknown))
    onnx.save(model, out)


def every_node(graph):
    """The nodes of a graph, and of the loops and branches in it."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                for inner in every_node(attribute.g):
                    yield inner


if __name__ == '__main__':
    try:
        convert(*sys.argv[1:])
    except NoEqual as e:
        print('convert: %s' % e, file=sys.stderr)
        sys.exit(4)
