# -*- coding: utf-8 -*-
"""The default demo: the whole article on drawn pictures, against expected/demo.json."""
from __future__ import division, print_function

import csv
import json
import os

import h5py
import numpy as np
import pytest

from repro import expected
from repro.evidence import reruns
from repro.features import filename
from repro.networks import EXTRACTION


def load(folder, name):
    with open(str(folder.join(name))) as f:
        return json.load(f)


def features(folder, network):
    with h5py.File(str(folder.join(filename(network))), 'r') as h:
        return h['train'][()], h['test'][()], h['label'][()]


def test_it_ends_with_a_table_that_is_all_green(demo):
    folder, result = demo
    assert result.status == 0, result.both
    assert ', 0 FAIL' in result.out
    assert 'golden' not in [line.split(' | ')[0].strip() for line in result.out.splitlines()]


def test_first_and_last_line_name_the_stand_ins_and_the_real_run(demo):
    lines = [line for line in demo[1].out.splitlines() if line.strip()]
    for line in (lines[0], lines[-1]):
        assert 'STAND-INS' in line and './run.sh cpu --data' in line


def test_what_comes_is_said_first_and_what_came_last(demo):
    """The article's head(10), the verdict, where the page is, and two commands, in this order."""
    folder, result = demo
    lines = [line for line in result.out.splitlines() if line.strip()]
    assert lines[1].startswith('demo: draws 80 pictures, writes seeded weights, ResNet50 on each')
    last = lines[-18:-1]
    assert last[0] == 'pred.csv, its first rows, as the article prints them:'
    assert last[1].split() == ['id', 'label'] and last[11].split()[:2] == ['9', '10']
    assert last[12].startswith('verdict: No fault; not comparable with the article')
    assert last[13] == 'report: %s' % folder.join('report.html')
    assert [line.split()[:2] for line in last[15:]] == [['next:', './run.sh']] * 2


@pytest.mark.parametrize('network', EXTRACTION)
def test_features_are_the_recorded_ones(demo, network):
    golden = expected.load('demo.json')
    wanted = golden['features'][network]
    bound = golden['tolerances']['features'][network]['value'] * wanted['rms']
    train, test, label = features(demo[0], network)
    assert train.shape == (64, 2048) and test.shape == (16, 2048)
    assert train.dtype == test.dtype == np.float32
    assert label.tolist() == [0] * 32 + [1] * 32
    np.testing.assert_allclose(train[0, :8], wanted['first cat'], rtol=0, atol=bound)
    np.testing.assert_allclose(train[-1, 1000:1008], wanted['last dog'], rtol=0, atol=bound)
    np.testing.assert_allclose(test[-1, -8:], wanted['last test picture'], rtol=0, atol=bound)


def test_the_three_features_are_of_comparable_scale(demo):
    stds = [features(demo[0], n)[0].std() for n in EXTRACTION]
    assert max(stds) < 1.6 * min(stds)


@pytest.mark.parametrize('seeding', ['article', 'notebook'])
def test_the_log_is_the_recorded_one_and_the_head_learns(demo, seeding):
    golden = expected.load('demo.json')
    log = load(demo[0], 'history.json')['logs'][seeding]
    for metric in reruns.COLUMNS:
        bound = golden['tolerances']['accuracy' if metric.endswith('acc') else 'loss']['value']
        np.testing.assert_allclose(log[metric], golden['logs'][seeding][metric], rtol=0,
                                   atol=bound)
    assert log['val_acc'][-1] >= 0.9
    assert log['loss'][-1] < log['loss'][0]


def test_predictions_are_the_recorded_ones_and_know_cats_from_dogs(demo):
    golden = expected.load('demo.json')
    with open(str(demo[0].join('pred.csv'))) as f:
        rows = list(csv.DictReader(f))
    assert [int(r['id']) for r in rows] == list(range(1, 17))
    labels = np.array([float(r['label']) for r in rows])
    np.testing.assert_allclose(labels, golden['predictions'], rtol=0,
                               atol=golden['tolerances']['predictions']['value'])
    with open(str(demo[0].join('standin_truth.csv'))) as f:
        truth = np.array([int(r['label']) for r in csv.DictReader(f)])
    assert ((labels > .5) == (truth == 1)).mean() >= 0.9


def test_run_json_says_how_and_with_what(demo):
    run = load(demo[0], 'run.json')
    assert run['kind'] == 'demo' and run['finished']
    assert run['machine']['cpu'] and run['machine']['cores'] >= 1
    assert run['versions']['keras'] == '1.2.2'
    assert len(run['commit']) >= 7
    steps = dict((s['step'], s) for s in run['steps'])
    assert steps['links']['data'] == 'stand-in'
    for network in EXTRACTION:
        gap = steps['gap ' + network]
        assert gap['weights_are'] == 'stand-in' and gap['engine'] == 'tf1'
        assert len(gap['weights']) == 32 and gap['pictures'] == 80 and gap['seconds'] > 0
    assert steps['head']['seeds'] == [2017, 2017]
    assert steps['submit']['validation']['pictures'] == 13


def test_nothing_absolute_is_written_into_the_folder(demo):
    folder = str(demo[0])
    with open(os.path.join(folder, 'run.json')) as f:
        assert folder not in f.read()
    for root, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(root, name)
            if os.path.islink(path):
                assert not os.path.isabs(os.readlink(path)), path


def test_every_output_can_be_told_from_the_real_thing(demo):
    folder = str(demo[0])
    with open(os.path.join(folder, 'train', 'cat.0.jpg'), 'rb') as f:
        assert b'stand-in' in f.read(200)
    for network in EXTRACTION:
        with h5py.File(os.path.join(folder, filename(network)), 'r') as h:
            assert h.attrs['weights_are'] == 'stand-in'
    for name in os.listdir(os.path.join(folder, 'weights')):
        if name.endswith('.h5'):
            with h5py.File(os.path.join(folder, 'weights', name), 'r') as h:
                assert 'stand_in' in h.attrs


def test_interrupted_at_its_page_it_keeps_the_features(small, run, tmpdir):
    """The page comes last, and hours of extraction must not depend on it."""
    tmpdir.join('script.py').write('''
import json, sys
from repro import __main__
from repro.report import page
from repro.work import record
from repro.work.folder import read_json, write_json
if sys.argv[1] == 'interrupted':
    write_json(record.RUN, dict(read_json(record.RUN), finished=False))
    page.main = lambda: __main__.interrupt(2, None)
else:
    page.main = lambda: None
sys.exit(__main__.main(['demo', '--train', '8', '--test', '4']))
''')
    for argument, status in (('interrupted', 130), ('undisturbed', 0)):
        result = run('exec', '--work', small, 'python', tmpdir.join('script.py'), argument,
                     REPRO_NO_REPORT=None)
        assert result.status == status, result.both
        assert result.out.count('from the same pictures and weights: kept') == 3, result.both
    assert json.loads(small.join('run.json').read())['finished']


IN_A_DESTRUCTOR = '''
import os, signal, time
from repro import __main__
__main__.listen()
class Session(object):
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(.01)
try:
    Session()
    time.sleep(30)
except KeyboardInterrupt:
    print "ends"
'''


def test_an_interruption_that_python_would_drop_comes_again(run):
    result = run('exec', 'python', '-c', IN_A_DESTRUCTOR)
    assert (result.status, result.out) == (0, 'ends\n'), result.both
