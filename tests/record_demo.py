# -*- coding: utf-8 -*-
"""Remakes expected/demo.json from a finished default demo: a maintainer's command.

    ./run.sh demo --runtime native --work work/demo
    ./run.sh exec --runtime native --work work/demo python ../../tests/record_demo.py

Tolerances and their reasons are kept from the file that is there; only values are replaced.
"""
from __future__ import print_function

import os

from repro import expected, networks, verify
from repro.evidence import reruns
from repro.standin.weights import array_sha256
from repro.work import record
from repro.work.folder import read_json, write_json


def main():
    run = read_json(record.RUN)
    golden = expected.load('demo.json')
    golden['recorded on'] = dict(run['machine'], commit=run['commit'], versions=run['versions'])
    golden['settings'] = dict((k, run['settings'][k]) for k in golden['settings'])
    golden['features'] = dict((n, verify.features_summary(n)) for n in networks.EXTRACTION)
    golden['weights'] = dict((n, array_sha256(networks.weights_path(n)))
                             for n in networks.EXTRACTION)
    golden['pictures'] = verify.drawings()
    logs = read_json('history.json')['logs']
    golden['logs'] = dict((s, dict((m, logs[s][m]) for m in reruns.COLUMNS)) for s in logs)
    golden['predictions'] = verify.read_predictions()[1].tolist()
    write_json(os.path.join(expected.EXPECTED, 'demo.json'), golden)
    print('recorded', os.path.join(expected.EXPECTED, 'demo.json'))


if __name__ == '__main__':
    main()
