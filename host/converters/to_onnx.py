"""An exchange folder as ONNX, by tf2onnx."""
import logging

import onnx
import tf2onnx

from exchange import described, frozen_graph
from refused import Refused

OPSET = 18      # the newest that tf2onnx 1.17 knows; ONNX Runtime reads it since 1.14


def convert(exchange, made):
    """Writes the file `made`, whose inputs and outputs have the model's own names.

    Raises Refused where ONNX has nothing for an operation.
    """
    model, graph = described(exchange), frozen_graph(exchange)
    inputs, outputs = [[one['tensor'] for one in model[which]] for which in ('inputs', 'outputs')]
    for node in graph.node:
        if node.name + ':0' in outputs and node.input[0] + ':0' in inputs:
            raise Refused('tf2onnx takes no model that gives an input back as it is (%s)'
                          % node.name)
    logging.getLogger('tf2onnx').setLevel(logging.CRITICAL)     # what it lacks is reported below
    new, _ = tf2onnx.convert.from_graph_def(
        graph, name='model', opset=OPSET, input_names=inputs, output_names=outputs,
        tensors_to_rename={one['tensor']: one['name']
                           for one in model['inputs'] + model['outputs']})
    unknown = sorted({node.op_type for node in every_node(new.graph)
                      if not onnx.defs.has(node.op_type, node.domain)})
    if unknown:
        raise Refused('ONNX has nothing for TensorFlow\'s %s' % ', '.join(unknown))
    onnx.save(new, made)


def every_node(graph):
    """The nodes of a graph, and of the loops and branches in it."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                for inner in every_node(attribute.g):
                    yield inner
