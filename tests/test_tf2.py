# -*- coding: utf-8 -*-
"""--engine tf2: the networks on a current TensorFlow, by one server and by several."""
from __future__ import print_function

import json
import re
import shutil

import h5py
import pytest

from conftest import front_door, needs_servers, Server

pytestmark = needs_servers

# Two batches of training pictures, the second short, and one of test pictures.
ASKED = ('demo', '--engine', 'tf2', '--networks', 'ResNet50', '--train', 20, '--test', 6)


def arrays(folder):
    with h5py.File(str(folder.join('gap_ResNet50.h5')), 'r') as h:
        return dict((k, h[k][()].tobytes()) for k in h)


@pytest.fixture(scope='module')
def alone(tmpdir_factory):
    """(folder, Result) of a demo with a private server."""
    folder = tmpdir_factory.mktemp('tf2')
    result = front_door(*ASKED + ('--work', folder), REPRO_NO_REPORT=None)
    assert result.status == 0, result.both
    return folder, result


def test_equality_is_measured_and_held(alone):
    folder, result = alone
    assert 'gap: engine tf2 f32, TensorFlow 2.21.0 on cpu: not the article\'s' in result.out
    assert '26 pictures through tf1 and the server at 127.0.0.1:' in result.out
    step, = [s for s in json.loads(folder.join('run.json').read())['steps']
             if s['step'] == 'gap ResNet50']
    assert step['equality']['max_abs_over_rms'] < 1e-4
    assert (step['engine'], step['engine_version'], step['device']) == ('tf2', '2.21.0', 'cpu')


def test_nothing_of_grpcs_own_is_told(alone):
    assert 'accept encoding' not in alone[1].err


def test_the_report_names_it(alone):
    page = alone[0].join('report.html').read()
    assert 'TensorFlow 2.21' in page and '2.21.0' in page


@pytest.fixture
def again(alone, tmpdir):
    """A copy of that demo's folder, whose features are to be made once more."""
    folder = tmpdir.join('work')
    shutil.copytree(str(alone[0]), str(folder), symlinks=True)
    return folder


def gap(folder, servers, before=('python', '-m', 'repro'), **variables):
    """The step gap in the folder, by these servers."""
    return front_door('exec', '--work', folder, *before + (
        'gap', '--networks', 'ResNet50', '--engine', 'tf2', '--servers',
        ','.join(s.address for s in servers)), **variables)


def test_two_servers_give_the_same_bytes_as_one(alone, again):
    with Server() as one, Server() as two:
        result = gap(again, (one, two))
    assert result.status == 0, result.both
    assert result.out.count('bound: max abs at most 0.001 of the rms: held') == 2
    assert arrays(again) == arrays(alone[0])


KILLING = '''
import os, signal, sys
from repro import __main__
from repro.engines import tf2
from repro.work import journal
tf2.PATIENCE = 1.
append = journal.Journal.append
def killing(self, outputs):
    append(self, outputs)
    if self.row == 0:
        os.kill(int(os.environ['REPRO_KILL']), signal.SIGKILL)
journal.Journal.append = killing
infer = tf2.Server.infer
def slowly(self, batch):
    if self.slowest is not None and not batch.flags.owndata:        # not the sample's
        import time
        time.sleep(1)
    return infer(self, batch)
tf2.Server.infer = slowly
sys.exit(__main__.main(sys.argv[1:]))
'''


def test_the_only_server_is_killed_and_the_run_goes_on_where_it_stopped(alone, again, tmpdir):
    """Its first batch is in the journal; then the server goes."""
    tmpdir.join('program.py').write(KILLING)
    with Server() as server:
        result = gap(again, (server,), ('python', tmpdir.join('program.py')),
                     REPRO_KILL=server.process.pid)
        assert result.status == 3, result.both
        last = result.err.splitlines()[-1]
        assert last.startswith('gap: no server answers any more (%s: ' % server.address)
        assert last.endswith('): the same command resumes where it stopped')
        server.process.wait()
        server.start(server.port)
        result = gap(again, (server,))
        assert result.status == 0, result.both
    assert re.search('gap: ResNet50 resumes after (16|20) of 26 pictures', result.out), result.out
    assert arrays(again) == arrays(alone[0])


WRONG = '''
import sys
from repro import __main__
from repro.engines import tf2
infer = tf2.Server.infer
tf2.Server.infer = lambda self, batch: infer(self, batch) * 1.01
sys.exit(__main__.main(sys.argv[1:]))
'''


def test_a_server_whose_features_are_others_is_refused(again, tmpdir):
    """As one with TF32, or a broken one, would give them."""
    tmpdir.join('program.py').write(WRONG)
    with Server() as server:
        result = gap(again, (server,), ('python', tmpdir.join('program.py')))
    assert result.status == 1, result.both
    assert result.err.splitlines()[-1] == (
        'gap: ResNet50: the features from the server at %s are not those of TensorFlow 1.0.1: '
        'use it in full precision, or --engine tf1' % server.address)
