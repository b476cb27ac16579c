"""Many exchange folders into one format: python -I convert_batch.py FORMAT FOLDER

For each folder in FOLDER by host/converters/, in one process: prints, as JSON, {its name: the
largest difference of the answers, in parts of their rms, or a string: why there is no such file}.
"""
from __future__ import print_function   # for the linter, which is a Python 2.7

import importlib
import json
import os
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                'host', 'converters'))
import compare              # noqa: E402
import run                  # noqa: E402
from exchange import described      # noqa: E402


def measured(format, folder, converter):
    """The largest difference of one model's answers."""
    model = described(folder)
    ending = {'openvino': 'xml', 'keras3': 'keras'}.get(format, format)
    with tempfile.TemporaryDirectory(dir=folder) as made:
        path = os.path.join(made, 'model.' + ending)
        converter.convert(folder, path)
        with np.load(os.path.join(folder, 'samples.npz')) as stored:
            arrays = [stored['input_%d' % i] for i in range(len(model['inputs']))]
        answers = run.answers(format, path, model, arrays)
    with np.load(os.path.join(folder, 'outputs.npz')) as wanted:
        found = compare.differences(model, wanted, {
            'output_%d' % i: answer for i, answer in enumerate(answers)})
    return max(one['relative'] for one in found)


def main(format, folder):
    found, converter = {}, importlib.import_module('to_' + format)
    for name in sorted(os.listdir(folder)):
        if not os.path.exists(os.path.join(folder, name, 'exchange.json')):
            continue
        try:
            found[name] = measured(format, os.path.join(folder, name), converter)
        except Exception as e:
            found[name] = ' '.join(str(e).split())[:200] or type(e).__name__
    print(json.dumps(found))


if __name__ == '__main__':
    main(*sys.argv[1:])
