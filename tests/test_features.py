# -*- coding: utf-8 -*-
"""./run.sh cpu --features: the article from its head on, and the spread of other seeds."""
from __future__ import print_function

import json

import h5py
import numpy as np
import pytest

from repro import expected, reruns, seeds, verify
from repro.standin import features as standin

TRAIN, TEST = 400, 60
FILES = ['gap_%s.h5' % n for n in ('ResNet50', 'InceptionV3', 'Xception')]
# written out, not computed: the article's order of names, test/1.jpg, test/10.jpg, ...
ROWS = [1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 2, 20, 21, 22, 23]


def make(folder, train=TRAIN, test=TEST):
    with folder.as_cwd():
        standin.write(['ResNet50', 'InceptionV3', 'Xception'], train, test)
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
    record = read(folder, 'run.json')
    assert record['kind'] == 'features' and record['finished']
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
        expected = verify.predictions(['ResNet50', 'Xception', 'InceptionV3'])
    lines = folder.join('pred.csv').read().splitlines()
    got = dict((int(i), float(p)) for i, p in (line.split(',') for line in lines[1:]))
    assert sorted(got) == list(range(1, TEST + 1))
    assert np.abs([got[i] - p for i, p in zip(ROWS, expected)]).max() < 1e-5
    assert np.abs(expected[1] - expected[2]) > 1e-4     # so a wrong order would be seen


def test_other_seeds_give_other_logs(finished):
    folder, result = finished
    kept = read(folder, 'seeds.json')
    assert kept['seeding'] == 'article' and sorted(kept['features']) == sorted(FILES)
    assert [r['seed'] for r in kept['runs']] == [2018, 2019]
    logs = [r['log'] for r in kept['runs']] + [read(folder, 'history.json')['logs']['article']]
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


def made_up(shift):
    """Three runs around the article's log."""
    log = expected.values(expected.load('article.json'))['log']
    return [{'seed': 2018 + k, 'log': dict(
        (c, [row[i] + d + shift for row in log]) for i, c in enumerate(reruns.COLUMNS))}
        for k, d in enumerate((-0.001, 0, 0.001))]


def test_where_the_article_the_run_and_the_re_runs_lie():
    runs = made_up(0)
    rows = seeds.placed(runs, runs[1]['log'], True)
    assert len(rows) == 32
    last = [r for r in rows if r[0].epoch == 8 and r[0].column == 'val_loss'][0]
    assert last[0][3:] == (3, 0.0109, 0.0119, 0.0129) and last[1:3] == (0.0119, 0.0119)
    assert len(last[3]) == 9
    run, said, others = seeds.summary(rows)
    assert run[1:] == ('32 values, least to most', '32 of 32 inside', True) and said[3]
    assert others[1].startswith('36 values') and not others[3]
    # a run, and an article, outside of the others' spread are told
    runs = made_up(0.01)
    run, said, _ = seeds.summary(seeds.placed(runs, made_up(0.02)[1]['log'], True))
    assert run[2].startswith('0 of 32 inside; epoch 1 loss: worse than all') and not run[3]
    assert said[2].startswith('0 of 32 inside; epoch 1 loss: better than all') and not said[3]
    table = list(seeds.table(seeds.placed(runs, made_up(0.02)[1]['log'], True)))
    assert len(table) == 33 and '0 of 9' in table[1]


def test_features_of_the_articles_shape_are_compared_unless_they_are_stand_ins():
    run = {'kind': 'features', 'steps': [
        {'step': 'features', 'cats': 12500, 'dogs': 12500, 'test': 12500, 'order': 'sorted'},
        {'step': 'head', 'networks': ['ResNet50', 'Xception', 'InceptionV3']}]}
    for kind, reasons in (('unmarked', []), ('extracted', []),
                          ('stand-in', ['features: stand-in']),
                          ('other', ['features: other'])):
        run['steps'][0]['features_are'] = kind
        assert list(verify.incomparable(run)) == reasons


def change(folder, name, key, value):
    with h5py.File(str(folder.join(name)), 'a') as h:
        if isinstance(value, tuple):
            h[key][value[0]] = value[1]
        else:
            del h[key]
            if value is not None:
                h.create_dataset(key, data=value)


@pytest.mark.parametrize('name, key, value, words', [
    ('gap_Xception.h5', 'train', (7, np.nan), 'nan or inf in rows 0 to 39'),
    ('gap_ResNet50.h5', 'test', (3, -0.5), 'ends in a relu'),
    ('gap_ResNet50.h5', 'label', [1] * 20 + [0] * 20, 'not cats (0) and then dogs (1)'),
    ('gap_ResNet50.h5', 'label', [0] * 40, 'not cats (0) and then dogs (1)'),
    ('gap_ResNet50.h5', 'label', [0, 1], '2 labels for 40 rows'),
    ('gap_ResNet50.h5', 'test', None, 'no dataset test'),
    ('gap_ResNet50.h5', 'train', np.ones((40, 2048)), 'train is float64'),
    ('gap_ResNet50.h5', 'train', np.ones((40, 2, 2), 'float32'), '(40, 2, 2)')])
def test_features_that_no_network_gives(run, folder, name, key, value, words):
    change(folder, name, key, value)
    result = run('cpu', '--features', '--work', folder)
    assert result.status == 4 and len(result.err.splitlines()) == 1, result.both
    assert name in result.err and words in result.err
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
