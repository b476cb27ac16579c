# -*- coding: utf-8 -*-
"""verify turns red for one changed byte, and needs no run for the article's own arithmetic."""
from __future__ import print_function

import json
import os

import h5py
import pytest

from repro import expected
from repro.console.text import english
from repro.evidence import log as article_log
from repro.evidence import reruns
from repro.evidence.checks import DIFFERS, FAIL, OK, SKIPPED


def flip(path, offset):
    """Changes one byte of a file."""
    with open(str(path), 'r+b') as f:
        f.seek(offset)
        byte = bytearray(f.read(1))
        f.seek(offset)
        f.write(bytearray([byte[0] ^ 1]))


def features_offset(path, name):
    with h5py.File(str(path), 'r') as h:
        return h[name].id.get_offset() + 4 * 100


def test_green_for_the_small_demo_and_says_that_golden_values_are_not_for_it(run, small):
    result = run('verify', '--work', small)
    assert result.status == 0, result.both
    assert ', 0 FAIL' in result.out
    assert 'skipped' in result.out and 'stand-in' in result.out


@pytest.mark.parametrize('dataset', ['train', 'test'])
def test_one_byte_of_a_feature(run, small, dataset):
    path = small.join('gap_Xception.h5')
    flip(path, features_offset(path, dataset))
    result = run('verify', '--work', small)
    assert result.status == 1, result.both
    assert any('gap_Xception.h5' in line and 'FAIL' in line for line in result.out.splitlines())


def test_one_byte_of_pred_csv(run, small):
    path = small.join('pred.csv')
    flip(path, os.path.getsize(str(path)) - 3)
    result = run('verify', '--work', small)
    assert result.status == 1, result.both
    assert any('pred.csv' in line and 'FAIL' in line for line in result.out.splitlines())


def test_a_golden_value_that_is_off(run, demo, tmpdir):
    # the same run against a doctored expectation, in a process of its own
    script = tmpdir.join('doctored.py')
    script.write('\n'.join([
        'from repro import expected, verify',
        'real = expected.load',
        'def doctored(name):',
        '    value = real(name)',
        '    if name == "demo.json":',
        '        value["features"]["ResNet50"]["first cat"][0] += 0.5',
        '    return value',
        'expected.load = doctored',
        'raise SystemExit(verify.main())']))
    result = run('exec', '--work', demo[0], 'python', script)
    assert result.status == 1, result.both
    red = [line for line in result.out.splitlines() if 'FAIL' in line and '|' in line]
    assert len(red) == 1 and 'ResNet50 features, first cat' in red[0]


def test_a_folder_without_a_run(run, tmpdir):
    result = run('verify', '--work', tmpdir)
    assert result.status == 4
    assert 'run.json is missing' in result.err and len(result.err.splitlines()) == 1


def test_the_article_against_itself_needs_no_environment(run, tmpdir):
    # REPRO_HOME is empty and stays empty: no set-up was done
    result = run('verify', '--article', REPRO_HOME=tmpdir)
    assert result.status == 0, result.both
    assert '1.52' in result.out and '85' in result.out
    assert os.listdir(str(tmpdir)) == []


def real_run(tmpdir, log, other, **changes):
    """What log.checks reads of a full real run, made up around two logs."""
    names = ['ResNet50', 'Xception', 'InceptionV3']
    columns = [dict(zip(reruns.COLUMNS, zip(*rows))) for rows in (log, other)]
    tmpdir.join('history.json').write(json.dumps(
        {'logs': {'notebook': columns[0], 'article': columns[1]}}))
    tmpdir.join('pred.csv').write('id,label\n' + ''.join(
        '%d,%.17g\n' % (i, 0.9950000047683716 if i < 5 else 0.004999999888241291)
        for i in range(1, 11)))
    run = {'kind': 'real', 'settings': {}, 'steps': [
        {'step': 'links', 'data': 'complete', 'cats': 12500, 'dogs': 12500, 'test': 12500},
        {'step': 'gap ResNet50', 'weights_are': 'article', 'order': 'sorted'},
        {'step': 'head', 'networks': names}]}
    for step, key, value in changes.get('steps', ()):
        [s for s in run['steps'] if s['step'] == step][0][key] = value
    return run


def of_key(rows, key, **values):
    """The checks of this key with these values."""
    return [r for r in rows if r.key == key and
            all(r.values.get(k) == v for k, v in values.items())]


def test_a_real_run_with_the_articles_log(tmpdir, monkeypatch):
    article = expected.article()
    other = [[v + 0.001 for v in row] for row in article['log']]
    monkeypatch.chdir(tmpdir)
    rows = list(article_log.checks(real_run(tmpdir, article['log'], other)))
    for seeding, same, verdict in (('notebook', 8, OK), ('article', 0, DIFFERS)):
        row, = of_key(rows, 'log', seeding=seeding)
        assert (row.values['same'], english(row.got)) == (same, '%d of 8' % same)
        assert row.verdict == verdict
    row, = of_key(rows, 'epoch', seeding='notebook', epoch=8)
    assert row.expected == '0.0163 0.9945 0.0119 0.9958'
    assert [r.verdict for r in of_key(rows, 'first ten')] == [OK]
    assert [r.verdict for r in of_key(rows, 'spread', n=9)] == [OK] * 4


def test_a_real_run_that_is_far_off_lies_outside_the_spread(tmpdir, monkeypatch):
    far = [[0.7, 0.5, 0.7, 0.5]] * 8
    monkeypatch.chdir(tmpdir)
    outside = of_key(article_log.checks(real_run(tmpdir, far, far)), 'spread')
    assert [r.verdict for r in outside] == [FAIL] * 4
    assert all('worse than all' in english(r.got) for r in outside)
    a_little = [[0.0170, 0.9940, 0.0195, 0.9930]] * 8
    rows = of_key(article_log.checks(real_run(tmpdir, a_little, a_little)), 'spread')
    assert [r.verdict for r in rows] == [DIFFERS] * 4


@pytest.mark.parametrize('change, words', [
    (('links', 'data', 'partial'), '25000 of 25,000 and 12500 of 12,500 pictures'),
    (('gap ResNet50', 'weights_are', 'other'), 'weights: other'),
    (('gap ResNet50', 'order', 'filesystem'), 'file order: filesystem'),
    (('head', 'networks', ['Xception']), 'networks: Xception')])
def test_a_run_that_cannot_be_compared_says_why(tmpdir, monkeypatch, change, words):
    log = expected.article()['log']
    monkeypatch.chdir(tmpdir)
    row, = article_log.checks(real_run(tmpdir, log, log, steps=[change]))
    assert (row.key, row.verdict, english(row.got)) == ('comparable', SKIPPED, words)


@pytest.mark.parametrize('name, text', [
    ('pred.csv', None), ('pred.csv', 'id,label\n1,none\n'), ('gap_Xception.h5', None),
    ('history.json', None), ('history.json', '{')])
def test_the_table_goes_on_where_a_file_is_missing_or_damaged(run, demo, tmpdir, name, text):
    """On a default demo, whose golden values need every file."""
    folder = tmpdir.mkdir('work')
    for path in demo[0].listdir():
        if path.basename not in (name, '.repro'):
            folder.join(path.basename).mksymlinkto(path)
    if text:
        folder.join(name).write(text)
    result = run('verify', '--work', folder)
    assert result.status == 1, result.both
    assert [line for line in result.out.splitlines()
            if line.startswith(name + ' ') and 'sha256' in line and line.endswith('FAIL')]
    assert result.out.splitlines()[-1].startswith('verify: ') and 'FAIL' in result.out


def test_the_spread_is_held_against_the_nearer_of_the_two_logs(tmpdir, monkeypatch):
    log = expected.article()['log']
    far = [[0.7, 0.5, 0.7, 0.5]] * 5 + log[5:]
    monkeypatch.chdir(tmpdir)
    near = log[:7] + [[0.0164] + log[7][1:]]
    rows = list(article_log.checks(real_run(tmpdir, near, far)))
    assert [r.values['same'] for r in of_key(rows, 'log')] == [3, 7]
    assert [r for r in of_key(rows, 'spread', column='loss') if '0.0164' in english(r.got)]
