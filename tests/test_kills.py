# -*- coding: utf-8 -*-
"""A run killed twenty times at random ends with the bytes of one that nobody disturbed."""
from __future__ import print_function

import os
import random
import re
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
    # without the page, which is made of whole files and takes half of what these small runs take
    return subprocess.Popen([os.path.join(ROOT, 'run.sh'), 'demo', '--work', str(folder)] + ASKED,
                            env=dict(os.environ, REPRO_NO_REPORT='1'), stdout=log, stderr=log,
                            preexec_fn=prepare)


def results(folder):
    """What the article's program gives: arrays' bytes and files' bytes."""
    with h5py.File(str(folder.join('gap_ResNet50.h5')), 'r') as h:
        bytes_of = dict((k, (h[k].dtype.str, h[k].shape, h[k][()].tobytes())) for k in h)
    for name in ('pred.csv', 'validation.csv', 'history.json', 'model.dot'):
        bytes_of[name] = folder.join(name).read('rb')
    return bytes_of


def unfinished(folder):
    return [n for _, _, names in os.walk(str(folder)) for n in names
            if n.endswith('.part') or n.startswith('journal-')]


def partly_drawn(folder):
    return folder.join('train').check() and len(folder.join('train').listdir()) > 4


def holds_a_batch(folder):
    journal = folder.join('.repro', 'journal-ResNet50')
    return journal.check() and journal.size() > 16 * 2048 * 4


def ended(program, number, after, until=lambda: False):
    """Sends the signal after so many seconds, or once `until` holds; returns the exit status."""
    started = time.time()
    while program.poll() is None:
        if time.time() - started >= after or until():
            os.killpg(program.pid, number)
            break
        time.sleep(.01)
    return program.wait()


@pytest.fixture(scope='module')
def undisturbed(tmpdir_factory):
    """(folder, seconds to the features, seconds after them) of a run that nobody disturbs."""
    folder = tmpdir_factory.mktemp('undisturbed')
    started = time.time()
    with open(str(folder.join('log')), 'w') as log:
        program = start(folder, log)
        while not folder.join('gap_ResNet50.h5').check() and program.poll() is None:
            time.sleep(.05)
        extracted = time.time()
        assert program.wait() == 0, folder.join('log').read()
    return folder, extracted - started, time.time() - extracted


def test_killed_twenty_times_at_random(undisturbed, tmpdir, run):
    folder, before, after = undisturbed
    wanted = results(folder)
    draw = random.Random(SEED)
    work, log = tmpdir.join('work'), tmpdir.join('log')
    kills, answered, moments = 0, 0, []
    while kills < KILLS:
        # uniform over what a run would still take: with the features whole, only their use
        whole = work.join('gap_ResNet50.h5').check()
        number = draw.choice(SIGNALS)
        moment = draw.uniform(0, 3 + after if whole else before + after)
        until = None
        if kills == 0:      # the first two where the machine's speed can't move them away:
            until = partly_drawn        # among the drawings,
        elif kills == 1:
            number, until = signal.SIGKILL, holds_a_batch      # and in the middle of a network
        size = log.size() if log.check() else 0
        with open(str(log), 'a') as f:
            status = ended(start(work, f), number, 3600 if until else moment,
                           lambda: until is not None and until(work))
        if status == 0:     # it was faster than the draw: complete, and it starts over
            assert results(work) == wanted, moments
            continue
        kills += 1
        moments.append('%d %s: %d' % (number, until.__name__ if until else 'after %.1f s' % moment,
                                      status))
        if '\ndemo: interrupted; the same command resumes' in log.read()[size:]:
            assert number != signal.SIGKILL and status == 130, moments
            answered += 1
    output = log.read()
    assert answered, output
    assert re.findall(r'^\w+(?:Error|Exception)\b.*', output, re.M) == []

    result = run('demo', '--work', work, REPRO_NO_REPORT='1', *ASKED)
    assert result.status == 0 and ', 0 FAIL' in result.out, '%s\n%s' % (moments, result.both)
    # on a busy machine none of the killed runs may have come that far again
    assert 'gap: ResNet50 resumes after ' in output + result.out, output
    assert results(work) == wanted, moments
    assert unfinished(work) == []
    # and a run that was finished starts over
    again = run('exec', '--work', work, 'python', '-c', 'from repro.work import folder, record; '
                'record.begin("demo"); print folder.read_json("run.json")["resumes"]')
    assert again.out == 'False\n', again.both
