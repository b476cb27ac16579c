# -*- coding: utf-8 -*-
"""The journal gives back what was written, whole batches of it, and nothing else."""
from __future__ import print_function

import os
import random

import numpy as np
import pytest

from repro.work import journal

KEY = {'picture_set': 'a', 'weights': 'b', 'weights_are': 'stand-in', 'engine': 'tf1',
       'order': 'sorted', 'versions': 'keras 1.2.2'}
BATCHES = [16, 16, 5, 16, 3]        # train 37 pictures, test 19
CHANNELS = 7


@pytest.fixture
def folder(tmpdir):
    with tmpdir.as_cwd():
        yield tmpdir


def batch(row, n):
    return np.random.RandomState(row).rand(n, CHANNELS).astype('float32')


def extract(made_from=KEY, stop_after=len(BATCHES)):
    """One run over the first batches; returns what was there before, and what it gave.

    (rows in the journal, [first row of each batch that was computed], all rows as one array)
    """
    computed, got, row = [], [], 0

    def predict(inputs):
        computed.append(row)
        return [batch(row, len(inputs[0]))]

    with journal.opened('ResNet50', made_from) as opened:
        rows = opened.rows
        predict = opened.wrapped(predict, lambda n: None)
        for n in BATCHES[:stop_after]:
            got.append(predict([np.zeros(n)])[0])
            row += n
    return rows, computed, np.concatenate(got)


def test_what_is_there_is_not_computed_again(folder):
    assert extract(stop_after=3)[:2] == (0, [0, 16, 32])
    rows, computed, whole = extract()
    assert (rows, computed) == (37, [37, 53])
    rows, computed, again = extract()
    assert (rows, computed) == (56, [])
    assert whole.dtype == again.dtype == np.float32
    np.testing.assert_array_equal(whole, again)
    np.testing.assert_array_equal(whole[37:53], batch(37, 16))


def test_cut_off_anywhere_it_goes_on_from_the_last_whole_batch(folder):
    """A power cut may leave any length of the file, and anything in its last bytes."""
    whole = extract()[2]
    with open(journal.path('ResNet50'), 'rb') as f:
        text = f.read()
    begin = text.index(b'\n') + 1
    draw = random.Random(2017)
    for _ in range(30):
        length = draw.randrange(len(text))
        tail = draw.choice([b'', b'\0' * draw.randrange(3000), os.urandom(draw.randrange(3000))])
        with open(journal.path('ResNet50'), 'wb') as f:
            f.write(text[:length] + tail)
        rows, computed, got = extract()
        np.testing.assert_array_equal(got, whole)
        record = [sum(BATCHES[:i]) for i in range(len(BATCHES) + 1)]
        assert rows in record and [r for r in record[:-1] if r >= rows] == computed
        assert length >= begin or rows == 0


def test_a_changed_bit_ends_it(folder):
    whole = extract()[2]
    with open(journal.path('ResNet50'), 'rb') as f:
        text = f.read()
    draw = random.Random(2017)
    for _ in range(30):
        at = draw.randrange(len(text))
        with open(journal.path('ResNet50'), 'wb') as f:
            f.write(text[:at] + bytes(bytearray([ord(text[at:at + 1]) ^ 1 << draw.randrange(8)])) +
                    text[at + 1:])
        rows, computed, got = extract()
        assert computed
        np.testing.assert_array_equal(got, whole)


@pytest.mark.parametrize('name', sorted(KEY))
def test_other_inputs_begin_it_anew_and_say_so(folder, capsys, name):
    extract(stop_after=2)
    assert extract(dict(KEY, **{name: 'another'}))[:2] == (0, [0, 16, 32, 37, 53])
    output = capsys.readouterr()[0]
    assert 'journal-ResNet50 is from other %s:' % name.replace('_', ' ') in output


def test_other_batches_are_not_taken_for_these(folder):
    extract()
    del BATCHES[1:3]
    try:
        rows, computed, got = extract()
    finally:
        BATCHES[1:1] = [16, 5]
    assert (rows, computed) == (56, [32])
    np.testing.assert_array_equal(got[32:], batch(32, 3))


def test_it_goes_when_it_is_of_no_more_use(folder):
    extract()
    journal.discard('ResNet50')
    journal.discard('ResNet50')
    assert os.listdir('.repro') == []
