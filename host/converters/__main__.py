"""./run.sh convert, its half with current libraries: python3 -I -B host/converters WHAT ARGUMENT…

    check OUT                           may OUT be written?
    onnx        EXCHANGE MADE           makes MADE from an exchange folder (exchange.py)
    savedmodel  EXCHANGE MADE
    openvino    EXCHANGE MADE.xml
    keras3      EXCHANGE MADE.keras     prints remarks, for those who will train the model further
    run FORMAT MADE SAMPLES.npz ANSWERS.npz
                                        runs MADE on the samples
    keep EXCHANGE ANSWERS.npz MADE OUT FORMAT
                                        MADE becomes OUT if its answers are those of Keras 1.2.2

Status 0; 1 where the answers differ; 2 for wrong usage; 4 where OUT is another's file or the
format has no equal for the model.  Of 1 and 4, a line on stderr says why.

Each format runs in its own environment, so a part is imported when it is needed.  To add a format:
to_FORMAT.py with `convert`, a function in run.py, a row here, and one of convert-FORMAT in
requirements/environments.txt.
"""
from __future__ import print_function   # for the linter, which is a Python 2.7

import importlib
import os
import sys

from refused import Refused

PARTS = {   # WHAT: (file, function, arguments)
    'check': ('compare', 'check', 'OUT'),
    'onnx': ('to_onnx', 'convert', 'EXCHANGE MADE'),
    'savedmodel': ('to_savedmodel', 'convert', 'EXCHANGE MADE'),
    'openvino': ('to_openvino', 'convert', 'EXCHANGE MADE.xml'),
    'keras3': ('to_keras3', 'convert', 'EXCHANGE MADE.keras'),
    'run': ('run', 'run', 'FORMAT MADE SAMPLES.npz ANSWERS.npz'),
    'keep': ('compare', 'keep', 'EXCHANGE ANSWERS.npz MADE OUT FORMAT'),
}


def main(what='', *arguments):
    if what not in PARTS or len(arguments) != len(PARTS[what][2].split()):
        for name in [what] if what in PARTS else PARTS:
            print('usage: python3 -I -B host/converters %s %s' % (name, PARTS[name][2]),
                  file=sys.stderr)
        return 2
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')      # TensorFlow reads it when imported
    module, function, _ = PARTS[what]
    try:
        for line in getattr(importlib.import_module(module), function)(*arguments) or ():
            print(line)
    except Refused as e:
        print('convert: %s' % e, file=sys.stderr)
        return e.status
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
