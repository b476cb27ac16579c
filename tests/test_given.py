# -*- coding: utf-8 -*-
"""./run.sh cpu --features: the article from its head on, and other seeds after it."""
from __future__ import print_function

import json

import h5py
import numpy as np
import pytest

from repro import features, networks
from repro.console.text import english
from repro.evidence import log, predictions, reruns
from repro.standin import features as standin

TRAIN, TEST = 400, 60
FILES = map(features.filename, networks.EXTRACTION)
# written out, not computed: the article's order of names, test/1.jpg, test/10.jpg, ...
ROWS = [1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 2, 20, 21, 22, 23]


def make(folder, train=TRAIN, test=TEST):
    with folder.as_cwd():
        standin.write(networks.EXTRACTION, train, test)
    return folder


def read(folder, name):
    return json.loads(folder.join(name).read())


@pytest.fixture(scope='module')
def finished(run, tmpdir_factory):
    """(folder, Result) of a run on stand-in features with two other seeds; to be left alone."""
    folder = make(tmpdir_factory.mktemp('features'))
    result = run('cpu', '--features', '--seeds', 2, '--work', folder)
    assert result.status == 0, result.both
    return folder, result


@pytest.fixture
def folder(tmpdir):
    return make(tmpdir.mkdir('work'), 40, 20)


def test_trains_predicts_and_verifies_without_a_picture(finished):
    folder, result = finished
    ended = read(folder, 'run.json')
    assert ended['kind'] == 'features' and ended['finished']
    assert not folder.join('train').check() and not folder.join('test2').check()
    assert 'the features are stand-ins' in result.out
    assert 'no sample_submission.csv here' in result.out
    assert 'verify: features run, no pictures, features: stand-in' in result.out
    skipped = [line for line in result.out.splitlines() if line.startswith("the article's log")]
    assert 'skipped' in skipped[0] and '400 of 25,000' in skipped[0]
    assert sorted(read(folder, 'history.json')['logs']) == ['article', 'notebook']


def test_row_1_of_the_features_is_picture_10(finished):
    folder, _ = finished
    with folder.as_cwd():
        predicted = predictions.recomputed(networks.CONCATENATION)
    lines = folder.join('pred.csv').read().splitlines()
    got = dict((int(i), float(p)) for i, p in (line.split(',') for line in lines[1:]))
    assert sorted(got) == list(range(1, TEST + 1))
    assert np.abs([got[i] - p for i, p in zip(ROWS, predicted)]).max() < 1e-5
    assert np.abs(predicted[1] - predicted[2]) > 1e-4     # so a wrong order would be seen


def test_other_seeds_give_other_logs(finished):
    folder, result = finished
    others = read(folder, 'seeds.json')
    assert others['seeding'] == 'article' and sorted(others['features']) == sorted(FILES)
    assert [r['seed'] for r in others['runs']] == [2018, 2019]
    logs = [r['log'] for r in others['runs']] + [read(folder, 'history.json')['logs']['article']]
    assert all(sorted(log) == sorted(reruns.COLUMNS) for log in logs)
    assert all(len(log[c]) == 8 for log in logs for c in log)
    assert len(set(log['val_loss'][-1] for log in logs)) == 3
    assert 'the run among 2 seeds' in result.out
    assert len([line for line in result.out.splitlines() if line.split()[1:2] == ['val_loss']
                and line.split()[0].isdigit()]) == 8


def test_more_seeds_go_on_and_other_features_begin_anew(finished, run, tmpdir):
    folder = tmpdir.join('work')
    finished[0].copy(folder)
    before = read(folder, 'seeds.json')['runs']
    result = run('cpu', '--features', '--seeds', 3, '--work', folder)
    assert result.status == 0, result.both
    assert 'seeds: 3 of 3' in result.out and 'seeds: 1 of 3' not in result.out
    runs = read(folder, 'seeds.json')['runs']
    assert runs[:2] == before and [r['seed'] for r in runs] == [2018, 2019, 2020]

    with h5py.File(str(folder.join('gap_Xception.h5')), 'a') as h:
        h['train'][0, 0] += 1
    result = run('cpu', '--features', '--work', folder)
    assert result.status == 0, result.both
    assert 'seeds.json' in result.out and 'of others: --seeds N remakes it' in result.out
    result = run('cpu', '--features', '--seeds', 1, '--work', folder)
    runs = read(folder, 'seeds.json')['runs']
    assert len(runs) == 1 and runs[0]['log'] != before[0]['log']


def test_features_of_the_articles_shape_are_compared_unless_they_are_stand_ins():
    run = {'kind': 'features', 'steps': [
        {'step': 'features', 'cats': 12500, 'dogs': 12500, 'test': 12500, 'order': 'sorted'},
        {'step': 'head', 'networks': list(networks.CONCATENATION)}]}
    for kind, reasons in (('unmarked', []), ('extracted', []),
                          ('stand-in', ['features: stand-in']),
                          ('other', ['features: other'])):
        run['steps'][0]['features_are'] = kind
        assert [english(t) for t in log.incomparable(run)] == reasons


def test_features_that_no_network_gives(run, folder):
    """One fault through the front door; the others: test_features.py."""
    with h5py.File(str(folder.join('gap_ResNet50.h5')), 'a') as h:
        h['test'][3] = -0.5
    result = run('cpu', '--features', '--work', folder)
    assert result.status == 4 and len(result.err.splitlines()) == 1, result.both
    assert 'gap_ResNet50.h5: test holds -0.5' in result.err
    assert not folder.join('run.json').check()


def test_features_that_are_missing_cut_off_or_do_not_belong_together(run, folder):
    path = folder.join('gap_InceptionV3.h5')
    whole = path.read('rb')
    path.write(whole[:1000], 'wb')
    result = run('cpu', '--features', '--work', folder)
    assert result.status == 4 and 'not a whole HDF5 file' in result.err
    path.remove()
    result = run('cpu', '--features', '--work', folder)
    assert result.status == 4 and './run.sh features' in result.err
    path.write(whole, 'wb')
    with h5py.File(str(path), 'a') as h:
        h.attrs['order'] = 'filesystem'
    result = run('cpu', '--features', '--work', folder)
    assert result.status == 4 and 'file system' in result.err
    make(folder.mkdir('other'), 30, 20).join('gap_InceptionV3.h5').move(path)
    result = run('cpu', '--features', '--work', folder)
    assert result.status == 5 and 'another set of pictures' in result.err.splitlines()[-1]


def test_wrong_usage_and_a_folder_of_another_kind(run, folder, small_demo):
    for arguments in (['demo', '--features'], ['gpu', '--features'], ['cpu', '--seeds', '0'],
                      ['cpu', '--features', '--data', folder, '--work', folder]):
        result = run(*arguments)
        assert result.status == 2 and len(result.err.splitlines()) == 1, result.both
    result = run('cpu', '--features', '--work', small_demo[0])
    assert result.status == 5 and 'holds a demo run' in result.err


def test_clean_keeps_the_features_it_was_given(run, finished, tmpdir):
    folder = tmpdir.join('work')
    finished[0].copy(folder)
    assert run('clean', '--work', folder).status == 0
    left = [p.basename for p in folder.listdir()]
    assert sorted(n for n in left if n.endswith('.h5')) == sorted(FILES)
    assert not set(left) & {'run.json', 'pred.csv', 'seeds.json', 'history.json'}
