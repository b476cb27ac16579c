# -*- coding: utf-8 -*-
"""Which pred.csv may be sent to Kaggle, and what a score is compared with."""
from __future__ import print_function

import pytest

import made_up
from repro import score
from repro.console.text import english
from repro.failures import BadInput, OtherInputs
from repro.work import record
from repro.work.folder import write_json


def test_a_full_run_may_be_sent(tmpdir):
    with made_up.finished_run(tmpdir).as_cwd():
        assert score.check()['rows'] == 12500


@pytest.mark.parametrize('change, words', [
    ('pictures', '60 of the competition\'s 12500'), ('step', 'has not predicted'),
    ('byte', 'not what the run wrote'), ('stand-in', 'on stand-ins'),
    ('level', 'has the label 0 in every row')])
def test_what_is_not_sent(tmpdir, change, words):
    made_up.finished_run(tmpdir, **({'predicted': 60} if change == 'pictures' else {}))
    with tmpdir.as_cwd():
        if change == 'step':
            record.begin('features')
        elif change == 'byte':
            tmpdir.join('pred.csv').write('x', 'a')
        elif change == 'level':     # what whole numbers in sample_submission.csv would lead to
            tmpdir.join('pred.csv').write(made_up.SAMPLE.replace('0.5', '0'))
            record.append('submit', 0, ['pred.csv'], rows=12500, predicted=12500)
        elif change == 'stand-in':
            record.append('features', 0, features_are='stand-in')
        with pytest.raises(BadInput) as e:
            score.check()
    assert words in str(e.value)


def test_the_score_of_another_pred_csv_is_not_kept(tmpdir):
    with made_up.finished_run(tmpdir).as_cwd():
        write_json('answer', {'description': 'pred.csv 0123456789abcdef', 'public': '0.04150',
                              'private': '0.04150', 'date': ''})
        with pytest.raises(OtherInputs):
            score.main('answer')
        assert not record.entry(record.read(), 'score')


@pytest.mark.parametrize('value, words', [
    (0.04141, 'the article\'s to the last digit; level with place 20 of 1,314'),
    (0.0415, '0.00009 worse than the article\'s 0.04141; '),
    (0.03, 'before place 1 (0.03302)'), (0.035, 'between places 1 (0.03302) and 20 (0.04141)'),
    (0.06, 'between places 20 (0.04141) and 131'), (0.5, 'after place 131 (0.06127) of 1,314')])
def test_the_place_a_score_would_have_had(value, words):
    assert words in english(score.compared(value))
