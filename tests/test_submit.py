# -*- coding: utf-8 -*-
"""pred.csv: the head's predictions, clipped, each in the row of its picture."""
from __future__ import print_function

import re
import subprocess

import numpy as np
import pytest

from repro import submit
from repro.failures import BadInput, OtherInputs
from repro.inputs import data


@pytest.fixture
def folder(tmpdir):
    with tmpdir.as_cwd():
        tmpdir.join('sample_submission.csv').write(
            'id,label\n' + ''.join('%d,0.5\n' % i for i in range(1, 13)))
        yield tmpdir


def test_each_prediction_is_in_the_row_of_its_picture(folder):
    names = ['test/1.jpg', 'test/10.jpg', 'test/11.jpg', 'test/12.jpg', 'test/2.jpg']
    submit.fill(np.array([[.1], [.2], [.3], [.4], [.6]]), names)
    rows = folder.join('pred.csv').read().splitlines()
    assert rows[0] == 'id,label' and len(rows) == 13
    assert [rows[i] for i in (1, 10, 11, 12, 2, 3)] == [
        '1,0.1', '10,0.2', '11,0.3', '12,0.4', '2,0.6', '3,0.5']


def test_whole_numbers_would_be_the_end_of_all_predictions(folder):
    """What the refusal is for: the article's own calls, with the pinned pandas."""
    folder.join('sample_submission.csv').write('id,label\n1,0\n2,1\n')
    submit.fill(np.array([[.1], [.9]]), ['test/1.jpg', 'test/2.jpg'])
    assert folder.join('pred.csv').read() == 'id,label\n1,0\n2,0\n'
    with pytest.raises(BadInput) as e:
        data.check_submission(['1.jpg', '2.jpg'])
    assert 'all labels are whole numbers' in str(e.value)
    # and the command that it names mends the file
    subprocess.check_call(re.search('sed .*', str(e.value)).group(), shell=True)
    assert data.check_submission(['1.jpg', '2.jpg']) == 2


def test_predictions_that_are_all_the_same_are_told():
    assert submit.is_level(np.full((3, 1), .995)) and not submit.is_level(np.array([[.5], [.6]]))
    assert not submit.is_level(np.array([[.5]]))


def test_pictures_and_predictions_must_be_as_many(folder):
    with pytest.raises(OtherInputs) as e:
        submit.fill(np.zeros((3, 1)), ['test/1.jpg'])
    assert 'test/ holds 1 pictures and gap_*.h5 3' in str(e.value)
    assert not folder.join('pred.csv').check()


def test_what_keras_lists_is_what_was_checked(small, step):
    small.join('test2', 'test').remove()
    small.join('old').mkdir().join('9.jpg').write('')
    small.join('test2', 'test').mksymlinkto('../old')
    result = step(small, 'submit')
    assert result.status == 5, result.both
    assert 'test2/ does not hold what test/ holds' in result.err


def test_a_head_that_is_not_there(folder):
    with pytest.raises(BadInput) as e:
        submit.trained()
    assert 'model.h5 is missing' in str(e.value)


def test_the_clip_changes_the_loss_and_not_the_accuracy(folder):
    folder.join('validation.csv').write('row,label,prediction\n0,0,0.0001\n1,1,0.999\n2,1,0.001\n')
    v = submit.validation()
    assert (v['pictures'], v['accuracy']) == (3, 2 / 3.)
    losses = [-np.log(1 - .0001), -np.log(.999), -np.log(.001)]
    assert abs(v['log_loss'] - np.mean(losses)) < 1e-6
    clipped = [-np.log(.995), -np.log(.995), -np.log(.005)]
    assert abs(v['log_loss_clipped'] - np.mean(clipped)) < 1e-6


def test_more_rows_than_pictures_is_no_fault(small, step):
    small.join('sample_submission.csv').write(
        'id,label\n' + ''.join('%d,0.5\n' % i for i in range(1, 8)))
    result = step(small, 'submit')
    assert result.status == 0, result.both
    assert '3 rows' in result.out
    assert small.join('pred.csv').read().splitlines()[-1] == '7,0.5'


def test_head_and_submit_once_more_give_the_same_bytes(small, step):
    before = small.join('pred.csv').read('rb')
    small.join('pred.csv').remove()
    for name in ('head', 'submit'):
        result = step(small, name)
        assert result.status == 0, result.both
    assert small.join('pred.csv').read('rb') == before
