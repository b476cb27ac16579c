# -*- coding: utf-8 -*-
"""Remakes expected/demo.json from a finished default demo: a maintainer's command.

    ./run.sh demo --runtime native --work work/demo
    ./run.sh exec --runtime native --work work/demo python ../../tests/record_demo.py

Tolerances and their reasons are kept from the file that is there; only values are replaced.
"""
from __future__ import print_function

import os

from repro import expected, networks
from repro.evidence import golden, predictions, reruns
from repro.standin.weights import array_sha256
from repro.work import record
from repro.work.folder import read_json, write_json


def main():
    run = read_json(record.RUN)
    values = expected.load('demo.json')
    values['recorded on'] = dict(run['machine'], commit=run['commit'], versions=run['versions'])
    values['settings'] = dict((k, run['settings'][k]) for k in values['settings'])
    values['features'] = dict((n, golden.features_summary(n)) for n in networks.EXTRACTION)
    values['weights'] = dict((n, array_sha256(networks.weights_path(n)))
                             for n in networks.EXTRACTION)
    values['pictures'] = golden.drawings()
    logs = read_json('history.json')['logs']
    values['logs'] = dict((s, dict((m, logs[s][m]) for m in reruns.COLUMNS)) for s in logs)
    values['predictions'] = predictions.read()[1].tolist()
    write_json(os.path.join(expected.EXPECTED, 'demo.json'), values)
    print('recorded', os.path.join(expected.EXPECTED, 'demo.json'))


if __name__ == '__main__':
    main()
