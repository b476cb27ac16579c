# -*- coding: utf-8 -*-
"""repro/claims.py: its numbers computed a second way, and doctored records that must fail."""
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

from repro import claims, expected, reruns

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


def row(text, records=None):
    """(computed, verdict) of the one claim that has this text in it."""
    found = [r[1:] for r in claims.claims(records) if text in r[0]]
    assert len(found) == 1, (text, found)
    return found[0]


def failing(records):
    return [claim for claim, _, _ in claims.unexpected(records)]


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


def test_weights_are_named_as_keras_names_them(records):
    weights = expected.values(records)['weights']
    assert sorted(weights) == ['InceptionV3', 'ResNet50', 'VGG16', 'VGG19', 'Xception']
    for w in weights.values():
        assert re.match('^[0-9a-f]{32}$', w['md5'])
        assert w['file'].endswith('_weights_tf_dim_ordering_tf_kernels_notop.h5')


@pytest.mark.parametrize('name', ['ResNet50', 'InceptionV3', 'Xception'])
def test_networks_are_as_keras_builds_them(records, name):
    pytest.importorskip('keras')
    import keras.applications
    from keras.layers import Input
    a = expected.values(records)
    height, width = a['image_sizes'][name]
    model = getattr(keras.applications, name)(input_tensor=Input((height, width, 3)),
                                              weights=None, include_top=False)
    assert len(model.layers) == a['layers'][name]
    assert model.count_params() == a['parameters'][name]
    assert list(model.output_shape[1:]) == a['output_shapes'][name]


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


# ------------------------------------------------------------------- numbers computed a second way

def test_all_verdicts_are_the_recorded_ones(records):
    assert claims.unexpected() == []
    functions = [f.__name__ for _, fs in claims.CLAIMS for f in fs]
    assert sorted(functions) == sorted(records['verdicts'])
    assert len(list(claims.claims())) == len(functions) >= 25


def test_steps():
    batches = [range(i, min(i + 128, 20000)) for i in range(0, 20000, 128)]
    assert (len(batches), len(batches[-1]), len(batches) * 8) == (157, 32, 1256)
    computed, verdict = row('in batches of 128')
    assert computed == '157 steps an epoch, the last of 32 pictures; 1,256 in all'
    assert verdict == 'holds (1,256 steps)'


def test_validation_counts():
    wrong = []
    for _, _, _, val_acc in PRINTED:
        k = [k for k in range(5001) if '%.4f' % (k / 5000) == '%.4f' % val_acc]
        assert len(k) == 1
        wrong.append(5000 - k[0])
    assert wrong == [32, 24, 33, 22, 23, 22, 20, 21]
    assert row('Each val_acc')[0] == 'wrong: 32, 24, 33, 22, 23, 22, 20, 21'


def test_any_four_decimals_are_a_count_of_20000_but_not_of_5000():
    assert all(claims.count_of(i / 10000, 20000) is not None for i in range(10001))
    fit = [i for i in range(10001) if claims.count_of(i / 10000, 5000) is not None]
    assert fit == list(range(0, 10001, 2))


def test_99_6_percent_is_the_best_epoch():
    assert max(e[3] for e in PRINTED) == 0.9960 == PRINTED[6][3] and PRINTED[-1][3] == 0.9958
    assert row('99.6 %')[1] == 'holds (best epoch, not last)'
    assert row('Of 1,000 pictures')[1] == 'holds (best epoch, not last)'
    assert '20 of 5,000 = 4.0, last 21 = 4.2' in row('Of 1,000 pictures')[0]


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
    assert (-math.log10(1e-15), round(-math.log10(0.005), 1)) == (15, 2.3)
    assert (round(-math.log(1e-15), 1), round(-math.log(0.005), 1)) == (34.5, 5.3)
    computed, verdict = row('differ as 15 and 2')
    assert '15.0 and 2.3' in computed and '34.5 and 5.3' in computed
    assert verdict == 'holds in decimal logarithms only'
    assert row('hardly differ')[1] == 'holds (0.00501)'


def test_score_leaves_room_for_85():
    def score(flatly_wrong):
        return sum([-math.log(0.005)] * flatly_wrong
                   + [-math.log(0.995)] * (12500 - flatly_wrong)) / 12500
    assert score(0) == pytest.approx(0.0050125, abs=1e-7)
    assert score(85) <= 0.04141 < score(86)
    assert row('Score 0.04141')[1] == 'holds (at most 85)'
    assert '661 wrong at 0.5' in row('Score 0.04141')[0]


def test_score_gap_is_not_the_clip():
    computed, verdict = row('val_loss 0.0119, but score')
    assert verdict == 'open (not the clip alone)' and '0.0050 of the 0.0295' in computed
    more = (0.04141 - 0.0119 - 0.0050125) * 12500 / math.log(0.995 / 0.005)
    assert 57 < more < 58 and '58 more' in computed


def test_bytes_and_gigabytes():
    assert 25000 * 2048 * 4 + 12500 * 2048 * 4 + 25000 * 4 == 307300000
    assert '= 307,300,000; HDF5 adds 2,144' in row('Released files')[0]
    assert '30.7 GB' in row('Without GlobalAverage')[0]          # 37,500 x 10 x 10 x 2,048 x 4
    assert round(37500 * 100 * 2048 * 4 / 1e9, 1) == 30.7


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


def test_rows_of_the_submission():
    names = ['test/%d.jpg' % i for i in range(1, 12501)]
    assert sorted(names)[:4] == ['test/1.jpg', 'test/10.jpg', 'test/100.jpg', 'test/1000.jpg']
    assert row('parsed')[0].startswith('12,500 names fill 12,500 rows')


def test_minutes():
    assert row('minutes a network')[0].startswith('31 to 62 pictures/s')
    assert (37500 // (20 * 60), 37500 // (10 * 60)) == (31, 62)
    assert 'less than 9 s' in row('Trains within')[0]


def test_nobody_printed_the_log(replications):
    assert not any(r['log'] == PRINTED for r in replications['records']
                   if r['kind'] in ('rerun', 'variant') and 'log' in r)
    assert row('Seed 2017')[1] == 'open (needs runs; 0 of 9 so far)'
    assert row('listing prints')[1] == 'open (run both seedings)'


# ---------------------------------------------------------------- doctored records must be noticed

@pytest.mark.parametrize('item, value, claim', [
    ('kaggle_score', 0.03141, 'Score 0.03141'),
    ('kaggle_score', 0.04142, 'Score 0.04142'),
    ('kaggle_score', 0.004, 'Score 0.00400'),
    ('rank', [200, 1314], 'Rank 200 of 1,314'),
    ('rank', [21, 1314], 'Rank 21 of 1,314'),
    ('train_pictures', 24000, 'Train on 20,000, validate on 5,000'),
    ('validation_split', 0.25, 'Train on 20,000, validate on 5,000'),
    ('batch', 64, '8 epochs of 20,000 in batches of 64'),
    ('epochs', 9, '9 epochs of 20,000 in batches of 128'),
    ('clip', [0.05, 0.95], 'Predicted right, 0.95 and 1 hardly differ'),
    ('log_loss_floor', 1e-7, 'Predicted wrong, 0 and 0.005 differ as 15 and 2'),
    ('loss_of_0_and_clip', [34, 5], 'Predicted wrong, 0 and 0.005 differ as 34 and 5'),
    ('first_ten', [0.995] * 4 + [0.005] * 5 + [0.5], 'The first ten predictions are very '
                                                     'certain'),
    ('test_order', ['test/1.jpg', 'test/2.jpg'], 'Names run 1, 10, 100, 1000, 10000, ..., '
                                                 'not 1, 2, 3'),
    ('class_indices', {'cat': 1, 'dog': 0}, 'A prediction near 1 means dog (implied)'),
    ('head_inputs', 4096, 'The drawing: 3 x 2048 merge to 6144, then to 1'),
    ('feature_file_size', 307402144, 'Released files have 307,402,144 bytes'),
    ('seconds_claimed', 5, 'Trains within 5 seconds'),
    ('epoch_seconds', [3] * 8, 'Trains within 10 seconds'),
    ('val_acc_claimed', 0.997, '99.7 % on the validation set'),
    ('val_acc_claimed', 0.9958, '99.6 % on the validation set'),
    ('wrong_per_thousand', 3, 'Of 1,000 pictures only 3 are wrong'),
])
def test_doctored_value_is_noticed(records, item, value, claim):
    fact(records, item)['value'] = value
    assert claim in failing(records)


def test_doctored_digit_that_is_no_count(records):
    fact(records, 'log')['value'][4][3] = 0.9953
    assert row('Each val_acc', records) == ('wrong: 32, 24, 33, 22, none fits, 22, 20, 21',
                                            'does not hold')
    assert 'Each val_acc is a count of 5,000' in failing(records)


@pytest.mark.parametrize('epoch', range(8))
@pytest.mark.parametrize('column', range(4))
def test_every_digit_of_the_log_is_held(records, epoch, column):
    log = fact(records, 'log')['value']
    log[epoch][column] = round(log[epoch][column] + 0.0002, 4)
    assert 'The listing prints the log beside it' in failing(records)


def test_loss_too_small_for_its_errors(records):
    fact(records, 'log')['value'][0][0] = 0.0200        # 818 wrong of 20,000 cost 0.0284 at least
    assert 'Loss and accuracy fit each other' in failing(records)


def test_verdict_that_is_not_recorded(records):
    del records['verdicts']['rank_of_the_score']
    assert failing(records) == ['Rank 20 of 1,314']


def test_somebody_printing_the_log_would_change_the_verdict(records, replications):
    reruns.comparable(replications)[0]['log'] = copy.deepcopy(PRINTED)
    assert ('Seed 2017 gives everybody the same output', 'open (needs runs; 1 of 9 so far)',
            'open (needs runs; 0 of 9 so far)') in claims.unexpected(records, replications)


# ------------------------------------------------------------------------------ among the re-runs

@pytest.mark.parametrize('group, n, val_loss, val_acc', [
    ('ran 8 epochs', 7, (.0094, .0168, .0193), (.9934, .9948, .9964)),
    ('all, at epoch 8', 9, (.0094, .0119, .0193), (.9934, .9960, .9964)),
    ('one per person', 7, (.0094, .0107, .0180), (.9942, .9962, .9964)),
    ('epsilon 1e-8', 6, (.0107, .0169, .0193), (.9934, .9946, .9964)),
])
def test_spread(group, n, val_loss, val_acc):
    found = dict((s.column, s) for s in reruns.spread() if s.group == group)
    for column, numbers in (('val_loss', val_loss), ('val_acc', val_acc)):
        s = found[column]
        assert (s.n, s.epoch) == (n, 8)
        assert (s.least, s.middle, s.most) == pytest.approx(numbers, abs=1e-9)


def test_spread_of_an_epoch_few_have():
    assert set(s.n for s in reruns.spread(epoch=20)) == {1}      # only one re-run went that far
    assert reruns.spread(epoch=21) == []


def test_places_of_the_article_itself():
    rows = reruns.places(PRINTED)
    assert len(rows) == 7 * 4 + 4 * 4           # seven epochs among all, epoch 8 among four groups
    assert all(p.article == p.run and p.article_lies == p.run_lies for p in rows)
    lies = dict(((p.group, p.column), p.run_lies) for p in rows if p.epoch == 8)
    assert lies['ran 8 epochs', 'val_loss'] == lies['ran 8 epochs', 'val_acc'] == 'better half'
    assert lies['all, at epoch 8', 'val_loss'] == 'median'
    assert lies['one per person', 'val_acc'] == 'worse half'


def test_places_of_other_logs():
    good = reruns.places([[0.001, 0.9999, 0.001, 0.9999]] * 8)
    assert set(p.run_lies for p in good) == {'better than all'}
    bad = reruns.places([[0.7, 0.5, 0.7, 0.5]] * 3)
    assert set(p.run_lies for p in bad) == {'worse than all'}
    assert sorted(set(p.epoch for p in bad)) == [1, 2, 3]
    longer = reruns.places(PRINTED + PRINTED)
    assert max(p.epoch for p in longer) == 8


@pytest.mark.parametrize('log', [[], [[0.1, 0.9]], [PRINTED[0], PRINTED[1] + [0]]])
def test_places_refuses_other_logs(log):
    with pytest.raises(ValueError):
        reruns.places(log)


# ------------------------------------------------------------------------------------ as a program

def test_program_needs_nothing_but_its_files():
    p = subprocess.Popen([sys.executable, '-B', os.path.join(ROOT, 'repro', 'claims.py')],
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


def test_places_table_fits_a_terminal():
    lines = reruns.places_table(PRINTED).splitlines()
    assert len(lines) == 1 + 44 and max(len(line) for line in lines) <= 110
