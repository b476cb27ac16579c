# -*- coding: utf-8 -*-
"""The head: its features checked together, the article's drawing, and its two seedings."""
from __future__ import print_function

import json

import h5py
import numpy as np
import pytest

from repro import expected, head, networks
from repro.failures import BadInput, OtherInputs
from repro.standin import features as standin

# the article, 构建模型: the digraph, without its indentation
DRAWING = [
    'digraph G{', 'node [shape=record]',
    'a[label="ResNet50|{input:|output:}|{(224, 224, 3)|(2048)}"]',
    'b[label="InceptionV3|{input:|output:}|{(299, 299, 3)|(2048)}"]',
    'c[label="Xception|{input:|output:}|{(299, 299, 3)|(2048)}"]',
    'Merge[label="Merge|{input:|output:}|{(3, 2048)|(6144)}"]',
    'Dropout[label="Dropout|Rate:|0.5"]',
    'Output[label="Output|{input:|output:}|{(6144)|(1)}"]',
    'Image -> a -> Merge', 'Image -> b -> Merge', 'Image -> c -> Merge',
    'Merge -> Dropout -> Output', '}']


@pytest.fixture
def folder(tmpdir):
    """A folder with stand-in features of 40 and 10 pictures."""
    with tmpdir.as_cwd():
        standin.write(networks.EXTRACTION, 40, 10)
        yield tmpdir


def test_the_drawing_of_the_model_is_the_articles():
    lines = head.digraph(networks.CONCATENATION).splitlines()
    assert [line.strip() for line in lines if line.strip()] == DRAWING


def test_networks_of_other_widths_are_drawn_too():
    lines = [line.strip() for line in head.digraph(['VGG16', 'ResNet50']).splitlines()]
    assert lines[2:5] == ['a[label="ResNet50|{input:|output:}|{(224, 224, 3)|(2048)}"]',
                          'b[label="VGG16|{input:|output:}|{(224, 224, 3)|(512)}"]',
                          'Merge[label="Merge|{input:|output:}|{2048 + 512|(2560)}"]']


def test_features_are_put_side_by_side_and_shuffled_alike(folder):
    X_train, y_train, X_test = head.load(['ResNet50', 'Xception'])
    assert X_train.shape == (40, 4096) and X_test.shape == (10, 4096)
    assert X_train.dtype == X_test.dtype == np.float32
    with h5py.File('gap_Xception.h5', 'r') as h:
        rows = [h['train'][()].tolist().index(row) for row in X_train[:, 2048:].tolist()]
        np.testing.assert_array_equal(h['label'][()][rows], y_train)
        np.testing.assert_array_equal(h['test'][()], X_test[:, 2048:])
    assert sorted(rows) == list(range(40)) and rows != list(range(40))
    again = head.load(['ResNet50', 'Xception'], 2018)[1]
    assert again.tolist() != y_train.tolist()


def test_the_head_has_the_articles_parameters():
    model = head.build(np.zeros((2, 6144), 'float32'))
    article = expected.article()
    assert model.count_params() == article['head_inputs'] + 1 == 6145
    assert [type(layer).__name__ for layer in model.layers] == ['InputLayer', 'Dropout', 'Dense']
    assert model.layers[1].p == article['dropout']


def test_files_that_are_missing_or_of_other_pictures(folder):
    assert [f.network for f in head.check(networks.CONCATENATION)] == list(networks.CONCATENATION)
    with h5py.File('gap_InceptionV3.h5', 'a') as h:
        h['label'][:] = h['label'][()][::-1]
    with pytest.raises(OtherInputs) as e:
        head.check(networks.CONCATENATION)
    assert 'gap_InceptionV3.h5 is from another set of pictures' in str(e.value)
    folder.join('gap_Xception.h5').remove()
    with pytest.raises(BadInput) as e:
        head.check(networks.CONCATENATION)
    assert str(e.value) == 'gap_Xception.h5 is missing: run the step gap first'


def test_the_two_seedings_are_two_logs(small_demo):
    history = json.loads(small_demo[0].join('history.json').read())
    assert history['seeding'] == 'article'
    logs = history['logs']
    assert sorted(logs) == sorted(head.SEEDINGS)
    assert all(len(values) == 8 for log in logs.values() for values in log.values())
    assert logs['article']['loss'] != logs['notebook']['loss']


def test_validation_csv_names_the_rows_that_were_held_out(small_demo):
    lines = small_demo[0].join('validation.csv').read().splitlines()
    assert lines[0] == 'row,label,prediction'
    with h5py.File(str(small_demo[0].join('gap_ResNet50.h5')), 'r') as h:
        label = h['label'][()]
    rows = [line.split(',') for line in lines[1:]]
    assert len(rows) == 8 - int(8 * (1. - 0.2)) == 2
    assert all(label[int(row)] == int(of) for row, of, _ in rows)
