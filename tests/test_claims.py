# -*- coding: utf-8 -*-
"""The claims: their numbers computed a second way, and doctored records that must fail."""
from __future__ import division, print_function

import copy
import io
import json
import math
import os
import re
import subprocess
import sys

import pytest

from repro import expected
from repro.console.text import english
from repro.evidence import claims, reruns

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The article's log, typed from the article and not read from expected/.
LOG = """\
loss: 0.1193 - acc: 0.9591 - val_loss: 0.0283 - val_acc: 0.9936
loss: 0.0319 - acc: 0.9898 - val_loss: 0.0181 - val_acc: 0.9952
loss: 0.0252 - acc: 0.9916 - val_loss: 0.0172 - val_acc: 0.9934
loss: 0.0214 - acc: 0.9936 - val_loss: 0.0140 - val_acc: 0.9956
loss: 0.0200 - acc: 0.9926 - val_loss: 0.0139 - val_acc: 0.9954
loss: 0.0189 - acc: 0.9933 - val_loss: 0.0129 - val_acc: 0.9956
loss: 0.0170 - acc: 0.9946 - val_loss: 0.0123 - val_acc: 0.9960
loss: 0.0163 - acc: 0.9945 - val_loss: 0.0119 - val_acc: 0.9958
"""
PRINTED = [[float(x) for x in re.findall(r'\d\.\d+', line)] for line in LOG.splitlines()]


@pytest.fixture
def records():
    return expected.load('article.json')


@pytest.fixture
def replications():
    return expected.load('replications.json')


def fact(records, item):
    """The {'value', 'source'} of an item, whichever section it is in."""
    return [s[item] for s in records['sections'].values() if item in s][0]


def row(key, records=None):
    """(computed, verdict) of one claim, as they are printed."""
    claim, = [c for c in claims.claims(records) if c.key == key]
    return english(claim.computed), english(claims.shown(claim.verdict))


def failing(records):
    return [c.key for c in claims.unexpected(records)]


# ------------------------------------------------------------------------------- what is recorded

def test_every_fact_has_a_source_and_one_name(records):
    items = [item for s in records['sections'].values() for item in s]
    assert len(items) == len(set(items))
    for section in records['sections'].values():
        for item, entry in section.items():
            assert sorted(entry) == ['source', 'value'], item
            assert len(entry['source']) > 3, item


def test_log_is_the_printed_one(records):
    assert expected.values(records)['log'] == PRINTED


# ------------------------------------------------------------------- numbers computed a second way

def test_all_verdicts_are_the_recorded_ones(records):
    assert claims.unexpected() == []
    functions = [f.__name__ for _, fs in claims.CLAIMS for f in fs]
    assert sorted(functions) == sorted(records['verdicts'])
    assert len(list(claims.claims())) == len(functions) >= 25


def test_steps():
    batches = [range(i, min(i + 128, 20000)) for i in range(0, 20000, 128)]
    assert row('gradient_steps') == (
        '%d steps an epoch, the last of %d pictures; %s in all'
        % (len(batches), len(batches[-1]), '{:,}'.format(8 * len(batches))),
        'holds ({:,} steps)'.format(8 * len(batches)))


def test_validation_counts():
    wrong = []
    for _, _, _, val_acc in PRINTED:
        k = [k for k in range(5001) if '%.4f' % (k / 5000) == '%.4f' % val_acc]
        assert len(k) == 1
        wrong.append(5000 - k[0])
    assert wrong == [32, 24, 33, 22, 23, 22, 20, 21]
    assert row('validation_accuracies_are_counts')[0] == 'wrong: 32, 24, 33, 22, 23, 22, 20, 21'


def test_any_four_decimals_are_a_count_of_20000_but_not_of_5000():
    assert all(claims.count_of(i / 10000, 20000) is not None for i in range(10001))
    fit = [i for i in range(10001) if claims.count_of(i / 10000, 5000) is not None]
    assert fit == list(range(0, 10001, 2))


def test_99_6_percent_is_the_best_epoch():
    best = max(e[3] for e in PRINTED)
    assert 'has %.4f; the last, which predicts, %.4f' % (best, PRINTED[-1][3]) in row(
        'claimed_accuracy')[0]
    assert row('claimed_accuracy')[1] == 'holds (best epoch, not last)'
    assert row('four_wrong_in_a_thousand')[1] == 'holds (best epoch, not last)'
    assert '20 of 5,000 = 4.0, last 21 = 4.2' in row('four_wrong_in_a_thousand')[0]


def test_interval_covers_what_a_binomial_count_does():
    low, high = claims.interval(0.996, 5000)

    def count_has(k, p):        # probability of exactly k wrong pictures among 5,000
        return math.exp(math.lgamma(5001) - math.lgamma(k + 1) - math.lgamma(5001 - k)
                        + k * math.log(p) + (5000 - k) * math.log(1 - p))

    def tail_below(p):          # fewer than the 20 seen; 20 itself counts half
        return sum(count_has(k, p) for k in range(20)) + count_has(20, p) / 2
    assert 0.015 < tail_below(1 - low) < 0.035
    assert 0.015 < 1 - tail_below(1 - high) < 0.035


def test_logarithms():
    computed, verdict = row('fifteen_against_two')
    for log in (math.log10, math.log):
        assert '%.1f and %.1f' % (-log(1e-15), -log(0.005)) in computed
    assert verdict == 'holds (in decimal logarithms only)'
    assert row('clip_costs_little')[1] == 'holds (0.00501)'


def test_score_leaves_room_for_85():
    def score(flatly_wrong):
        return sum([-math.log(0.005)] * flatly_wrong
                   + [-math.log(0.995)] * (12500 - flatly_wrong)) / 12500
    assert score(0) == pytest.approx(0.0050125, abs=1e-7)
    assert score(85) <= 0.04141 < score(86)
    assert row('score_allows')[1] == 'holds (at most 85)'
    assert '661 wrong at 0.5' in row('score_allows')[0]


def test_score_gap_is_not_the_clip():
    computed, verdict = row('validation_against_score')
    assert verdict == 'open (not the clip alone)' and '0.0050 of the 0.0295' in computed
    more = (0.04141 - 0.0119 - 0.0050125) * 12500 / math.log(0.995 / 0.005)
    assert 57 < more < 58 and '58 more' in computed


def test_bytes_and_gigabytes():
    assert '= 307,300,000; HDF5 adds 2,144' in row('feature_file_size')[0]
    sizes = [37500 * side * side * 2048 * 4 / 1e9 for side in (1, 8, 10)]
    assert 'ResNet50 %.1f GB, InceptionV3 %.1f GB, Xception %.1f GB' % tuple(sizes) in row(
        'averaging_saves_space')[0]


def test_feature_file_really_has_that_size(records, tmpdir):
    h5py, np = pytest.importorskip('h5py'), pytest.importorskip('numpy')
    if h5py.version.version != '2.6.0':
        pytest.skip('recorded with h5py 2.6.0')
    small = 1000                # what HDF5 adds does not grow with contiguous arrays
    with h5py.File(str(tmpdir.join('gap.h5')), 'w') as h:
        h.create_dataset('train', data=np.zeros((2 * small, 2048), 'float32'))
        h.create_dataset('test', data=np.zeros((small, 2048), 'float32'))
        h.create_dataset('label', data=np.zeros(2 * small, 'int32'))
    added = tmpdir.join('gap.h5').size() - (3 * small * 2048 * 4 + 2 * small * 4)
    assert added == expected.values(records)['feature_file_overhead']


def test_minutes():
    assert row('minutes_per_network')[0].startswith(
        '%.0f to %.0f pictures/s' % (37500 / (20 * 60), 37500 / (10 * 60)))
    assert 'less than 9 s' in row('within_ten_seconds')[0]


def test_nobody_printed_the_log(replications):
    assert not any(r['log'] == PRINTED for r in replications['records']
                   if r['kind'] in ('rerun', 'variant') and 'log' in r)
    assert row('seed_gives_everybody_the_same')[1] == 'open (needs runs; 0 of 9 so far)'
    assert row('listing_prints_the_log')[1] == 'open (run both seedings)'


# ---------------------------------------------------------------- doctored records must be noticed

@pytest.mark.parametrize('item, value, claim', [
    ('kaggle_score', 0.03141, 'score_allows'),
    ('kaggle_score', 0.04142, 'score_allows'),
    ('kaggle_score', 0.004, 'score_allows'),
    ('rank', [200, 1314], 'rank_of_the_score'),
    ('rank', [21, 1314], 'rank_of_the_score'),
    ('train_pictures', 24000, 'split_of_the_pictures'),
    ('validation_split', 0.25, 'split_of_the_pictures'),
    ('batch', 64, 'gradient_steps'),
    ('epochs', 9, 'gradient_steps'),
    ('clip', [0.05, 0.95], 'clip_costs_little'),
    ('log_loss_floor', 1e-7, 'fifteen_against_two'),
    ('loss_of_0_and_clip', [34, 5], 'fifteen_against_two'),
    ('first_ten', [0.995] * 4 + [0.005] * 5 + [0.5], 'first_ten_are_certain'),
    ('test_order', ['test/1.jpg', 'test/2.jpg'], 'names_sorted_as_strings'),
    ('class_indices', {'cat': 1, 'dog': 0}, 'ones_are_dogs'),
    ('head_inputs', 4096, 'drawing_of_the_model'),
    ('feature_file_size', 307402144, 'feature_file_size'),
    ('seconds_claimed', 5, 'within_ten_seconds'),
    ('epoch_seconds', [3] * 8, 'within_ten_seconds'),
    ('val_acc_claimed', 0.997, 'claimed_accuracy'),
    ('val_acc_claimed', 0.9958, 'claimed_accuracy'),
    ('wrong_per_thousand', 3, 'four_wrong_in_a_thousand'),
])
def test_doctored_value_is_noticed(records, item, value, claim):
    fact(records, item)['value'] = value
    assert claim in failing(records)


def test_doctored_digit_that_is_no_count(records):
    fact(records, 'log')['value'][4][3] = 0.9953
    assert row('validation_accuracies_are_counts', records) == (
        'wrong: 32, 24, 33, 22, none fits, 22, 20, 21', 'does not hold')
    assert 'validation_accuracies_are_counts' in failing(records)


@pytest.mark.parametrize('epoch', range(8))
@pytest.mark.parametrize('column', range(4))
def test_every_digit_of_the_log_is_held(records, epoch, column):
    log = fact(records, 'log')['value']
    log[epoch][column] = round(log[epoch][column] + 0.0002, 4)
    assert 'listing_prints_the_log' in failing(records)


def test_loss_too_small_for_its_errors(records):
    fact(records, 'log')['value'][0][0] = 0.0200        # 818 wrong of 20,000 cost 0.0284 at least
    assert 'losses_carry_the_errors' in failing(records)


def test_verdict_that_is_not_recorded(records):
    del records['verdicts']['rank_of_the_score']
    assert failing(records) == ['rank_of_the_score']


def test_somebody_printing_the_log_would_change_the_verdict(records, replications):
    reruns.comparable(replications)[0]['log'] = copy.deepcopy(PRINTED)
    claim, = [c for c in claims.unexpected(records, replications)
              if c.key == 'seed_gives_everybody_the_same']
    assert (claim.verdict.values['same'], claim.recorded.values['same']) == (1, 0)


# ------------------------------------------------------------------------------------ as a program

def test_program_needs_nothing_but_its_files():
    program = os.path.join(ROOT, 'repro', 'evidence', 'claims.py')
    p = subprocess.Popen([sys.executable, '-B', program],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=os.sep)
    out, err = [x.decode('ascii') for x in p.communicate()]
    assert (p.returncode, err) == (0, '')
    assert max(len(line) for line in out.splitlines()) <= 110
    assert 'claims: ' in out.splitlines()[-1] and 'RECORDED' not in out


def test_program_exits_1_on_doctored_records(records, replications, tmpdir, monkeypatch, capsys):
    fact(records, 'rank')['value'] = [200, 1314]
    for name, contents in (('article.json', records), ('replications.json', replications)):
        with io.open(str(tmpdir.join(name)), 'w', encoding='utf-8') as f:
            f.write(u'' + json.dumps(contents))
    monkeypatch.setattr(expected, 'EXPECTED', str(tmpdir))
    assert claims.main() == 1
    out, err = capsys.readouterr()
    assert 'RECORDED' in out and 'does not hold' in out
    assert err.count('\n') == 1 and 'Rank 200 of 1,314' in err
