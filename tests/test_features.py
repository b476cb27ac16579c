# -*- coding: utf-8 -*-
"""The one check of gap_*.h5: what it takes, what it refuses, and what it says of a file."""
from __future__ import print_function

import h5py
import numpy as np
import pytest

from repro import features
from repro.failures import BadInput, OtherInputs
from repro.standin import features as standin

ZEROS_AND_ONES = [0] * 20 + [1] * 20


@pytest.fixture
def folder(tmpdir):
    """A folder with stand-in features of 20 cats, 20 dogs and 10 test pictures."""
    with tmpdir.as_cwd():
        standin.write(['ResNet50', 'InceptionV3', 'VGG16'], 40, 10)
        yield tmpdir


def change(network, dataset, value):
    """Sets a value, (index, value), or a whole dataset; None removes it."""
    with h5py.File(features.filename(network), 'a') as h:
        if isinstance(value, tuple):
            h[dataset][value[0]] = value[1]
        else:
            del h[dataset]
            if value is not None:
                h.create_dataset(dataset, data=value)


@pytest.mark.parametrize('network, channels', [
    ('ResNet50', 2048), ('InceptionV3', 2048), ('VGG16', 512)])
def test_a_file_of_the_right_form(folder, network, channels):
    f = features.check(network, without_pictures=True)
    assert f.shapes == {'train': (40, channels), 'test': (10, channels), 'label': (40,)}
    assert (f.dtypes['train'], f.dtypes['label']) == ('float32', 'int32')
    assert (f.cats, f.dogs, f.is_sorted, f.is_finite) == (20, 20, True, True)
    assert features.kind(f.attributes) == 'stand-in' and features.engines([f]) == []


@pytest.mark.parametrize('dataset, value, words', [
    ('train', (7, np.nan), ': train holds nan or inf in rows 0 to 39: mend it'),
    ('test', (3, np.inf), ': test holds nan or inf in rows 0 to 9: mend it'),
    ('label', [0] * 40, ': label is not 0 (cat) or 1 (dog) for every picture, or one of'),
    ('label', [0, 1, 2, 3] * 10, ': label is not 0 (cat) or 1 (dog) for every picture'),
    ('label', [0, 1], ': 2 labels for 40 rows of train'),
    ('label', 1, ': label is () int64, where (40,) int is wanted'),
    ('label', np.array(ZEROS_AND_ONES, 'float32'), ': label is (40,) float32'),
    ('test', None, ' has no dataset test'),
    ('test', np.ones((0, 2048), 'float32'), ': test holds no row'),
    ('train', np.ones((40, 2048)), ': train is (40, 2048) float64, where (40, 2048) float32'),
    ('train', np.ones((40, 512), 'float32'), ': train is (40, 512) float32, where (40, 2048)'),
    ('train', np.ones((40, 2, 2), 'float32'), ': train is (40, 2, 2) float32')])
def test_what_the_check_refuses(folder, dataset, value, words):
    change('ResNet50', dataset, value)
    with pytest.raises(BadInput) as e:
        features.check('ResNet50', remedy='mend it')
    assert ('gap_ResNet50.h5' + words) in str(e.value)
    features.describe('ResNet50')       # describing a file judges nothing


@pytest.mark.parametrize('dataset, value, words', [
    ('test', (3, -0.5), 'test holds -0.5 in rows 0 to 9, and ResNet50 ends in a relu'),
    ('label', [1] * 20 + [0] * 20, 'the labels are not cats (0) and then dogs (1)')])
def test_what_only_a_file_without_pictures_must_be(folder, dataset, value, words):
    change('ResNet50', dataset, value)
    assert features.check('ResNet50').cats == 20
    with pytest.raises(BadInput) as e:
        features.check('ResNet50', without_pictures=True)
    assert words in str(e.value)


def test_rows_with_nan_are_named_block_by_block(folder, monkeypatch):
    monkeypatch.setattr(features, 'BLOCK', 16)
    change('VGG16', 'train', (35, np.nan))
    f = features.describe('VGG16')
    assert [block[:2] for block in f.blocks['train']] == [(0, 15), (16, 31), (32, 39)]
    assert not f.is_finite
    assert features.faults(f) == [': train holds nan or inf in rows 32 to 39']


def test_a_file_that_is_not_whole(folder):
    for text in ('', 'x', folder.join('gap_VGG16.h5').read('rb')[:3000]):
        folder.join('gap_VGG16.h5').write(text, 'wb')
        with pytest.raises(BadInput) as e:
            features.check('VGG16', what='the file', remedy='mend it')
        assert str(e.value).startswith('the file is not a whole HDF5 file (')
        assert str(e.value).endswith('): mend it')


@pytest.mark.parametrize('dataset, value', [
    ('test', np.ones((11, 512), 'float32')), ('label', ZEROS_AND_ONES[::-1]), (None, 'f' * 64)])
def test_files_of_other_pictures_do_not_belong_together(folder, dataset, value):
    networks = ('ResNet50', 'InceptionV3', 'VGG16')
    features.check_together([features.check(n) for n in networks])
    if dataset:
        change('VGG16', dataset, value)
    else:
        with h5py.File('gap_VGG16.h5', 'a') as h:
            h.attrs['picture_set'] = value
    with pytest.raises(OtherInputs) as e:
        features.check_together([features.check(n) for n in networks])
    assert str(e.value).startswith('gap_VGG16.h5 is from another set of pictures than gap_R')


@pytest.mark.parametrize('attributes, kind, engine', [
    ({}, 'unmarked', []),
    ({'stand_in': 'x'}, 'stand-in', []),
    ({'weights': 'md5', 'weights_are': 'stand-in', 'engine': 'tf1'}, 'stand-in', ['tf1']),
    ({'weights': 'md5', 'weights_are': 'article', 'engine': 'tf1'}, 'extracted', ['tf1']),
    ({'weights': 'md5', 'weights_are': 'other', 'engine': 'openvino', 'precision': 'bf16'},
     'other', ['openvino bf16'])])
def test_what_a_file_says_of_its_origin(folder, attributes, kind, engine):
    with h5py.File('gap_VGG16.h5', 'a') as h:
        del h.attrs['stand_in']
        h.attrs.update(attributes)
    f = features.describe('VGG16')
    assert (features.kind(f.attributes), features.engines([f])) == (kind, engine)
