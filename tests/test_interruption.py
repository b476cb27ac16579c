# -*- coding: utf-8 -*-
"""A run that was interrupted leaves nothing half-written, and goes on from what is whole."""
from __future__ import print_function

import os
import signal
import subprocess
import time

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def listen():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle_and_the_same_command_again(small, run, number):
    before = small.join('pred.csv').read('rb')
    arguments = ['demo', '--train', '8', '--test', '4', '--work', str(small)]
    for name in ('gap_ResNet50.h5', 'gap_InceptionV3.h5', 'gap_Xception.h5'):
        small.join(name).remove()
    with open(str(small.join('log')), 'w') as log:
        # a suite that was started in the background ignores SIGINT, and its children would, too
        program = subprocess.Popen([os.path.join(ROOT, 'run.sh')] + arguments, stdout=log,
                                   stderr=log, preexec_fn=listen)
        while not small.join('gap_ResNet50.h5').check():
            assert program.poll() is None, small.join('log').read()
            time.sleep(0.2)
        program.send_signal(number)
        assert program.wait() == 130, small.join('log').read()
    last = small.join('log').read().splitlines()[-1]
    assert 'interrupted' in last and 'same command' in last
    assert not small.join('gap_Xception.h5').check()
    assert [n for n in os.listdir(str(small)) if n.endswith('.part')] == []

    result = run(*arguments)
    assert result.status == 0, result.both
    kept = [line for line in result.out.splitlines() if line.endswith(': kept')]
    assert any('gap_ResNet50.h5' in line for line in kept)
    assert not any('gap_Xception.h5' in line for line in kept)
    assert small.join('pred.csv').read('rb') == before

    # a run that was finished starts over
    again = run('exec', '--work', small, 'python', '-c',
                'from repro import work; work.begin("demo"); print work.read_json("run.json")'
                '["resumes"]')
    assert again.out == 'False\n', again.both
