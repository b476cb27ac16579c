"""Many exchange folders into one format: python -I convert_batch.py FORMAT FOLDER

For each folder in FOLDER by host/converters/, in one process: prints, as JSON, {its name: the
largest difference of the answers, in parts of their rms, or a string: why there is no such file}.
"""
from __future__ import print_function   # for the linter, which is a Python 2.7

import importlib.util
import json
import os
import sys
import tempfile

CONVERTERS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                          'host', 'converters')


def load(name):
    """A file of host/converters/ under another name than its format's own package has."""
    spec = importlib.util.spec_from_file_location('converters_' + name,
                                                  os.path.join(CONVERTERS, name + '.py'))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def measured(format, folder, modules):
    """The largest difference of one model's answers."""
    import numpy as np
    converter, ask, compare = modules
    with open(os.path.join(folder, 'exchange.json')) as f:
        asked = json.load(f)
    ending = {'openvino': 'xml', 'keras3': 'keras'}.get(format, format)
    with tempfile.TemporaryDirectory(dir=folder) as made:
        path = os.path.join(made, 'model.' + ending)
        converter.convert(folder, path)
        with np.load(os.path.join(folder, 'samples.npz')) as stored:
            arrays = [stored['input_%d' % i] for i in range(len(asked['inputs']))]
        answers = ask.ask(format, path, asked, arrays)
    with np.load(os.path.join(folder, 'outputs.npz')) as wanted:
        found = compare.differences(asked, wanted, {
            'output_%d' % i: answer for i, answer in enumerate(answers)})
    return max(one['relative'] for one in found)


def main(format, folder):
    modules = load(format), load('ask'), load('compare')
    found = {}
    for name in sorted(os.listdir(folder)):
        if not os.path.exists(os.path.join(folder, name, 'exchange.json')):
            continue
        try:
            found[name] = measured(format, os.path.join(folder, name), modules)
        except Exception as e:
            found[name] = ' '.join(str(e).split())[:200] or type(e).__name__
    print(json.dumps(found))


if __name__ == '__main__':
    main(*sys.argv[1:])
