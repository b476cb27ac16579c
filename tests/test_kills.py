# -*- coding: utf-8 -*-
"""A run killed twenty times at random ends with the bytes of one that nobody disturbed."""
from __future__ import print_function

import os
import random
import signal
import subprocess
import time

import h5py
import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KILLS = 20
SEED = 2017
# Two batches of training pictures and one of test pictures: the journal has something to keep.
ASKED = ['--networks', 'ResNet50', '--train', '20', '--test', '4']
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


def prepare():
    """A process group of its own, as on a terminal, and one that listens to Ctrl-C."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(folder, log):
    return subprocess.Popen([os.path.join(ROOT, 'run.sh'), 'demo', '--work', str(folder)] + ASKED,
                            stdout=log, stderr=log, preexec_fn=prepare)


def results(folder):
    """What the article's program gives: arrays' bytes and files' bytes."""
    with h5py.File(str(folder.join('gap_ResNet50.h5')), 'r') as h:
        found = dict((k, (h[k].dtype.str, h[k].shape, h[k][()].tobytes())) for k in h)
    for name in ('pred.csv', 'validation.csv', 'history.json', 'model.dot'):
        found[name] = folder.join(name).read('rb')
    return found


def unfinished(folder):
    return [n for _, _, names in os.walk(str(folder)) for n in names
            if n.endswith('.part') or n.startswith('journal-')]


def holds_a_batch(folder):
    journal = folder.join('.repro', 'journal-ResNet50')
    return journal.check() and journal.size() > 16 * 2048 * 4


def killed(program, number, after, until=lambda: False):
    """Sends the signal after so many seconds, or once `until` holds; False when it ended first."""
    begun = time.time()
    while program.poll() is None:
        if time.time() - begun >= after or until():
            os.killpg(program.pid, number)
            status = program.wait()
            # a run that was just then done may end well; bash and Python die of early signals
            return status != 0
        time.sleep(.01)
    return False


@pytest.fixture(scope='module')
def undisturbed(tmpdir_factory):
    """(folder, seconds to the features, seconds after them) of a run that nobody disturbs."""
    folder = tmpdir_factory.mktemp('undisturbed')
    begun = time.time()
    with open(str(folder.join('log')), 'w') as log:
        program = start(folder, log)
        while not folder.join('gap_ResNet50.h5').check() and program.poll() is None:
            time.sleep(.05)
        extracted = time.time()
        assert program.wait() == 0, folder.join('log').read()
    return folder, extracted - begun, time.time() - extracted


def test_killed_twenty_times_at_random(undisturbed, tmpdir):
    folder, before, after = undisturbed
    wanted = results(folder)
    draw = random.Random(SEED)
    work = tmpdir.join('work')
    kills, moments = 0, []
    with open(str(tmpdir.join('log')), 'w') as log:
        while kills < KILLS:
            # uniform over what a run would still take: with the features whole, only their use
            whole = work.join('gap_ResNet50.h5').check()
            takes = 3 + after if whole else before + after
            number = draw.choice(SIGNALS)
            moment = draw.uniform(0, takes)
            if not kills:       # the first, in the middle of the extraction whatever the machine
                number, moment, until = signal.SIGKILL, 3600, lambda: holds_a_batch(work)
            else:
                until = lambda: False       # noqa: E731
            if killed(start(work, log), number, moment, until):
                kills += 1
                moments.append('%s %.1f' % (number, moment))
            else:               # it was faster than the draw: complete, and it starts over
                assert results(work) == wanted, moments
    result = tmpdir.join('last')
    with open(str(result), 'w') as log:
        program = start(work, log)
        assert program.wait() == 0, '%s\n%s\n%s' % (moments, tmpdir.join('log').read(),
                                                    result.read())
    assert ', 0 FAIL' in result.read()
    assert 'gap: ResNet50 resumes after ' in tmpdir.join('log').read()
    assert results(work) == wanted, moments
    assert unfinished(work) == []
    said = tmpdir.join('log').read()
    assert 'Traceback' not in said, said
