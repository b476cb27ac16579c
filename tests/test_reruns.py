# -*- coding: utf-8 -*-
"""The public re-runs of others, and where a log lies among them."""
from __future__ import division

import json
import re

import pytest

from repro import expected
from repro.evidence import reruns


@pytest.fixture
def replications():
    return expected.load('replications.json')


def test_replications_have_sources_and_whole_rows(replications):
    assert len(replications['records']) == 94
    for r in replications['records']:
        assert r['repository'] and r['path'] and r['kind'] in replications['kinds']
        assert r['repository'] == 'several' or re.match('^[0-9a-f]{40}$', r['commit'])
        assert all(len(e) == 4 and 0 <= e[1] <= 1 and 0 <= e[3] <= 1 for e in r.get('log', []))


def test_comparable_records_satisfy_their_own_definition(replications):
    chosen = reruns.comparable(replications)
    assert len(chosen) == 9
    for r in chosen:
        assert r['kind'] == 'rerun' and len(r['log']) >= 8
        assert sorted(r['networks']) == ['InceptionV3', 'ResNet50', 'Xception']
        assert (r['dropout'], r['optimizer'], r['batch']) == (0.5, 'adadelta', 128)
        assert r['validation_split'] == 0.2
        # The two families of the optimizer's epsilon show in the first epoch's loss.
        assert (r['log'][0][0] > 0.1) == (r['adadelta_epsilon'] == 1e-8)
    logs = [json.dumps(r['log']) for r in chosen]
    assert len(set(logs)) == len(logs)


def among(column, epoch=8):
    return reruns.spread(epoch, column, reruns.values(epoch, column))


@pytest.mark.parametrize('column, spread', [
    ('val_loss', (.0094, .0119, .0193)), ('val_acc', (.9934, .9960, .9964))])
def test_spread_of_epoch_8(column, spread):
    s = among(column)
    assert (s.n, s.epoch, s.column) == (9, 8, column)
    assert (s.least, s.middle, s.most) == pytest.approx(spread, abs=1e-9)


def test_an_epoch_that_few_reached():
    assert len(reruns.values(20, 'loss')) == 1      # only one re-run went that far
    assert reruns.values(21, 'loss') == []


def test_the_median_of_an_even_number():
    assert reruns.spread(1, 'loss', [4, 1, 3, 2])[2:] == (4, 1, 2.5, 4)


@pytest.mark.parametrize('column, value, place', [
    ('val_loss', .0119, reruns.MEDIAN), ('val_loss', .0100, reruns.BETTER_HALF),
    ('val_loss', .0190, reruns.WORSE_HALF), ('val_loss', .0093, reruns.BETTER),
    ('val_loss', .0194, reruns.WORSE), ('val_acc', .9965, reruns.BETTER),
    ('val_acc', .9962, reruns.BETTER_HALF), ('val_acc', .9950, reruns.WORSE_HALF),
    ('val_acc', .9933, reruns.WORSE)])
def test_lower_is_better_for_losses_and_higher_for_accuracies(column, value, place):
    assert reruns.place(value, among(column)) == place
