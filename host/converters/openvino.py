"""An exchange folder (repro/convert.py) as OpenVINO's IR: python -I openvino.py EXCHANGE X.xml"""
from __future__ import print_function

import json
import os
import re
import sys

import openvino             # the package: -I keeps this file from being it


def convert(exchange, out):
    """Writes out and, beside it, its weights as .bin, in float32."""
    with open(os.path.join(exchange, 'exchange.json')) as f:
        asked = json.load(f)
    model = openvino.convert_model(os.path.join(exchange, 'graph.pb'),
                                   input=[one['tensor'] for one in asked['inputs']],
                                   output=[one['tensor'] for one in asked['outputs']])
    for which, ports in ('inputs', model.inputs), ('outputs', model.outputs):
        for one, port in named(asked[which], list(ports)):
            port.get_tensor().add_names({one['name']})
    openvino.save_model(model, out, compress_to_fp16=False)


def named(asked, ports):
    """[(what was asked for, its port)]: ports have names, but not the order that was asked for.

    An output that is an input as it is has the input's name alone: it is the one that is left.
    """
    found, left = [], []
    for one in asked:
        mine = [port for port in ports if {one['name'], one['tensor']} & port.get_names()]
        found += [(one, port) for port in mine]
        left += [] if mine else [one]
        ports = [port for port in ports if port not in mine]
    assert len(left) == len(ports) <= 1, (left, ports)
    return found + list(zip(left, ports))


if __name__ == '__main__':
    try:
        convert(*sys.argv[1:])
    except openvino.frontend.OpConversionFailure as e:
        said = ' '.join(str(e).split())
        lacks = re.search(r'No conversion rule found for operations: (\S+)', said)
        print('convert: OpenVINO has nothing for TensorFlow\'s %s' % lacks.group(1) if lacks else
              'convert: OpenVINO does not take this model: %s' % said[:300], file=sys.stderr)
        sys.exit(4)
