# -*- coding: utf-8 -*-
"""Where a run, the article and the re-runs of others lie among other seeds."""
from __future__ import division

import json

import pytest

from repro import expected, seeds
from repro.console.text import english
from repro.evidence import reruns
from repro.evidence.checks import DIFFERS, OK, SKIPPED


def shifted(shift):
    """Three runs around the article's log."""
    log = expected.article()['log']
    return [{'seed': 2018 + k, 'log': dict(
        (c, [row[i] + d + shift for row in log]) for i, c in enumerate(reruns.COLUMNS))}
        for k, d in enumerate((-0.001, 0, 0.001))]


@pytest.fixture
def checks(tmpdir):
    """checks(runs, log): what verify says of a folder with these other seeds, and of its lines."""
    def of_folder(runs, log):
        run = {'steps': [{'step': 'head', 'networks': ['ResNet50'], 'files': {}},
                         {'step': 'gap ResNet50', 'files': {'gap_ResNet50.h5': 'x'}}]}
        with tmpdir.as_cwd():
            tmpdir.join('history.json').write(json.dumps({'logs': {'article': log}}))
            tmpdir.join('seeds.json').write(json.dumps({
                'seeding': 'article', 'features': {'gap_ResNet50.h5': 'x'}, 'runs': runs}))
            return list(seeds.checks(run, True)), list(seeds.said(seeds.of_run(run, True)))
    return of_folder


def test_each_epoch_and_column_has_its_spread():
    runs = shifted(0)
    rows = seeds.placed(runs, runs[1]['log'], True)
    assert len(rows) == 32
    last, = [r for r in rows if (r.spread.epoch, r.spread.column) == (8, 'val_loss')]
    assert last.spread[2:] == (3, 0.0109, 0.0119, 0.0129)
    assert (last.run, last.article, len(last.reruns)) == (0.0119, 0.0119, 9)
    apart = seeds.placed(runs, runs[1]['log'], False)
    assert set((r.article, len(r.reruns)) for r in apart) == {(None, 0)}


def test_inside(checks):
    (run, article, others), lines = checks(shifted(0), shifted(0)[1]['log'])
    assert english(run.what) == 'the run among 3 seeds'
    assert english(run.expected) == '32 values, least to most'
    assert (english(run.got), run.verdict) == ('32 of 32 inside', OK)
    assert article.verdict == OK
    assert english(others.what) == 'epoch 8 of re-runs of others among 3 seeds'
    assert english(others.expected).startswith('36 values') and others.verdict == DIFFERS
    assert len(lines) == 1 + 1 + 32


def test_a_run_and_an_article_outside_are_told(checks):
    (run, article, _others), lines = checks(shifted(0.01), shifted(0.02)[1]['log'])
    assert english(run.got).startswith('0 of 32 inside; epoch 1 loss: worse than all; epoch 1 acc')
    assert english(run.got).endswith('; and 29 more') and run.verdict == DIFFERS
    assert english(article.got).startswith('0 of 32 inside; epoch 1 loss: better than all')
    assert lines[2].split()[-3:] == ['0', 'of', '9']


def test_seeds_of_other_features_are_said_to_be(tmpdir):
    with tmpdir.as_cwd():
        tmpdir.join('history.json').write('{}')
        tmpdir.join('seeds.json').write(json.dumps({
            'seeding': 'article', 'features': {'gap_ResNet50.h5': 'y'}, 'runs': [{}]}))
        row, = seeds.checks({'steps': []}, True)
    assert (row.what, row.verdict) == ('seeds.json', SKIPPED)
    assert english(row.got) == 'of others: --seeds N remakes it'
