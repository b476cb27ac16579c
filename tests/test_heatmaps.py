# -*- coding: utf-8 -*-
"""Section 8 of the page: where the head looks."""
from __future__ import unicode_literals

import pandas as pd

from repro.console.text import english
from repro.evidence import predictions
from repro.report import heatmaps


def test_heat_maps_and_bias_add_up_to_the_prediction(numbers):
    pictures = numbers['heatmaps']['pictures']
    assert [p['why']['english'] for p in pictures][:2] == ['the most certain cat',
                                                           'the most certain dog']
    assert len(pictures) >= 3
    # of ResNet50 the map before its own average pooling, which its output of 1 × 1 is not
    assert numbers['heatmaps']['sizes'] == {'ResNet50': [7, 7], 'InceptionV3': [8, 8],
                                            'Xception': [10, 10]}
    for p in pictures:
        got = predictions.sigmoid(sum(p['parts'].values()) + p['bias'])
        assert abs(got - p['prediction']) < 1e-5


def chosen(tmpdir, *rows):
    """[(why in English, prediction)] for rows of (label, prediction)."""
    labels, values = zip(*rows)
    with tmpdir.as_cwd():
        pd.DataFrame({'row': range(len(rows)), 'label': labels, 'prediction': values}).to_csv(
            'validation.csv', index=False)
        return [(english(why), row['prediction']) for why, row in heatmaps.chosen({})]


def test_four_pictures_are_chosen_and_none_twice(tmpdir):
    assert chosen(tmpdir, (0, .1), (0, .3), (1, .8), (1, .2), (0, .45)) == [
        ('the most certain cat', .1), ('the most certain dog', .8),
        ('the most confident mistake', .2), ('the least certain', .45)]
    assert chosen(tmpdir, (0, .1), (1, .8)) == [
        ('the most certain cat', .1), ('the most certain dog', .8)]


def test_where_no_cat_is_taken_for_one_the_page_says_so(tmpdir):
    assert chosen(tmpdir, (0, .774), (0, .9), (1, .8)) == [
        ('the least dog-like cat (no cat was taken for a cat)', .774),
        ('the most certain dog', .8), ('the most confident mistake', .9)]
