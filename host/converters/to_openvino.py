"""An exchange folder as OpenVINO's IR."""
import os
import re

import openvino

from exchange import described
from refused import Refused


def convert(exchange, made):
    """Writes made, an .xml, and beside it its weights as .bin, in float32.

    Raises Refused where OpenVINO has nothing for an operation.
    """
    model = described(exchange)
    try:
        new = openvino.convert_model(os.path.join(exchange, 'graph.pb'),
                                     input=[one['tensor'] for one in model['inputs']],
                                     output=[one['tensor'] for one in model['outputs']])
    except openvino.frontend.OpConversionFailure as e:
        raise Refused(why(e))
    for which, ports in ('inputs', new.inputs), ('outputs', new.outputs):
        for one, port in named(model[which], list(ports)):
            port.get_tensor().add_names({one['name']})
    openvino.save_model(new, made, compress_to_fp16=False)


def why(error):
    said = ' '.join(str(error).split())
    lacks = re.search(r'No conversion rule found for operations: (\S+)', said)
    if lacks:
        return 'OpenVINO has nothing for TensorFlow\'s %s' % lacks.group(1)
    return 'OpenVINO does not take this model: %s' % said[:300]


def named(described, ports):
    """[(an input or output, its port)]: ports have names, but not the order of exchange.json.

    An output that is an input, unchanged, has the input's name alone: it is the one that is left.
    """
    pairs, left = [], []
    for one in described:
        mine = [port for port in ports if {one['name'], one['tensor']} & port.get_names()]
        pairs += [(one, port) for port in mine]
        left += [] if mine else [one]
        ports = [port for port in ports if port not in mine]
    assert len(left) == len(ports) <= 1, (left, ports)
    return pairs + list(zip(left, ports))
