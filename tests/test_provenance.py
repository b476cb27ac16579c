# -*- coding: utf-8 -*-
"""Section 10 of the page: the commands that repeat a run."""
from __future__ import unicode_literals

import json

from repro.console.text import english
from repro.report import provenance
from test_verdict import by_openvino


def folders(run):
    return [english(text).split()[0] for text in provenance.folders_named(run)]


def test_the_commands_to_repeat_a_run_are_ones_that_run_sh_knows(demo, small_demo):
    for folder, _ in (demo, small_demo):
        record = json.loads(folder.join('run.json').read())
        commands = provenance.commands(record)
        assert commands[0].startswith('git checkout ')
        assert commands[1].startswith('./run.sh demo --work WORK')
        assert folders(record) == ['WORK,']
    assert commands[1].endswith('--train 8 --test 4')


def test_the_commands_name_all_that_a_run_was_asked_for():
    run = by_openvino()
    run['settings']['any_weights'] = True
    run['steps'][0].update(weights_are='other', order='filesystem')
    run['steps'].append({'step': 'seeds', 'runs': 20, 'files': {}})
    assert provenance.commands(run)[1] == (
        './run.sh cpu --data DIR --work WORK --weights WEIGHTS --networks ResNet50 '
        '--engine openvino --threads 2 --workers 3 --order filesystem --seeds 20 --any-weights')
    assert folders(run) == ['WORK,', 'DIR,', 'WEIGHTS,']
