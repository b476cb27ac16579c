# -*- coding: utf-8 -*-
"""A full real run against the article: ./run.sh test --work DIR, DIR the folder of that run."""
from __future__ import print_function

import json
import os

import pytest

from repro import expected
from repro.evidence import reruns
from repro.features import filename
from repro.work import record

ARTICLE = expected.article()


def real_run():
    """(folder, run.json) of the run that --work names, or the reason why there is none."""
    folder = os.environ.get('REPRO_TEST_WORK')
    if not folder:
        return None, 'needs the folder of a full real run: ./run.sh test --work DIR'
    name = os.path.join(folder, 'run.json')
    if not os.path.exists(name):
        return None, '%s is not the folder of a run' % folder
    with open(name) as f:
        run = json.load(f)
    if run['kind'] != 'real' or record.entry(run, 'links').get('data') != 'complete':
        return None, '%s is not a run on all 25,000 and 12,500 pictures' % folder
    return (folder, run), ''


REAL, REASON = real_run()
pytestmark = [pytest.mark.article, pytest.mark.skipif(REAL is None, reason=REASON)]


def test_verify_has_nothing_against_it(run):
    result = run('verify', '--work', REAL[0])
    assert result.status == 0, result.both


def test_one_of_the_two_seedings_prints_the_articles_log():
    with open(os.path.join(REAL[0], 'history.json')) as f:
        logs = json.load(f)['logs']
    printed = dict((seeding, [['%.4f' % v for v in row]
                              for row in zip(*[log[m] for m in reruns.COLUMNS])])
                   for seeding, log in logs.items())
    assert [['%.4f' % v for v in row] for row in ARTICLE['log']] in printed.values()


def test_first_ten_rows_are_the_articles():
    with open(os.path.join(REAL[0], 'pred.csv')) as f:
        rows = [line.split(',') for line in f.read().splitlines()[1:11]]
    assert [round(float(p), 3) for _, p in rows] == ARTICLE['first_ten']


def test_every_features_file_has_the_articles_shapes():
    import h5py
    for network in ARTICLE['concatenation_order']:
        with h5py.File(os.path.join(REAL[0], filename(network)), 'r') as h:
            shapes = dict((k, list(h[k].shape)) for k in h)
        assert shapes == ARTICLE['feature_shapes']
