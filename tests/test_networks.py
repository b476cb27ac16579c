# -*- coding: utf-8 -*-
"""The table of networks against expected/article.json, the calls of gap.py, and Keras itself."""
from __future__ import print_function

import inspect

import pytest

from repro import expected, gap, networks

ARTICLE = expected.article()


@pytest.mark.parametrize('name', networks.NAMES)
def test_the_table_is_the_articles(name):
    network = networks.TABLE[name]
    assert network.name == name
    assert list(network.size) == ARTICLE['image_sizes'][name]
    assert network.channels == ARTICLE['output_shapes'][name][-1]
    assert bool(network.preprocessing) == bool(ARTICLE['preprocess'][name])
    assert {'file': network.weights, 'release': network.release,
            'md5': network.md5} == ARTICLE['weights'][name]


def test_the_table_holds_the_articles_networks_and_no_other():
    for item in ('image_sizes', 'output_shapes', 'preprocess', 'weights'):
        assert sorted(ARTICLE[item]) == sorted(networks.NAMES)


def test_the_three_orders_are_the_articles():
    assert list(networks.EXTRACTION) == ARTICLE['extraction_order']
    assert list(networks.CONCATENATION) == ARTICLE['concatenation_order']
    drawn = [box['name'] for box in ARTICLE['drawing'] if box['name'] in networks.NAMES]
    assert networks.in_order_of_extraction(networks.NAMES)[:3] == drawn
    backwards = networks.NAMES[::-1]
    assert networks.in_order_of_extraction(backwards) == [
        'ResNet50', 'InceptionV3', 'Xception', 'VGG16', 'VGG19']
    assert networks.in_order_of_concatenation(backwards) == [
        'ResNet50', 'Xception', 'InceptionV3', 'VGG16', 'VGG19']
    assert networks.in_order_of_concatenation(['VGG19', 'Xception']) == ['Xception', 'VGG19']


@pytest.mark.parametrize('name', networks.NAMES)
def test_the_articles_calls_are_those_of_the_table(name):
    constructor, preprocess = networks.constructor(name)
    call = gap.CALLS[name]
    assert call[:2] == (constructor, networks.TABLE[name].size)
    assert call[2:] == ((preprocess,) if preprocess else ())
    assert constructor.func_name == name


def test_what_is_no_networks_weights_has_no_network():
    for name in networks.NAMES:
        assert networks.of_weights(networks.TABLE[name].weights) == name
        assert networks.weights_path(name) == 'weights/' + networks.TABLE[name].weights
    assert networks.of_weights('resnet50.h5') is None


@pytest.mark.parametrize('name', networks.NAMES)
def test_md5s_are_kerass_own_where_keras_has_one(name):
    source = inspect.getsource(inspect.getmodule(networks.constructor(name)[0]))
    network = networks.TABLE[name]
    assert network.weights in source
    assert (network.md5 in source) == (network.md5_source == 'Keras 1.2.2')


@pytest.mark.parametrize('name', networks.NAMES)
def test_which_networks_end_in_a_relu(name):
    from keras.layers import Input
    model = networks.constructor(name)[0](
        input_tensor=Input(networks.TABLE[name].size + (3,)), weights=None, include_top=False)
    last = [layer for layer in model.layers if 'Pooling' not in type(layer).__name__][-1]
    activation = getattr(last, 'activation', None)
    assert (getattr(activation, '__name__', '') == 'relu') == networks.TABLE[name].ends_in_relu
