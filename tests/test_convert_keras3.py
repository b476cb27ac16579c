# -*- coding: utf-8 -*-
"""host/converters/keras3/: layers of Keras 1.2.2 as layers of Keras 3, all that differ told.

The models are keras_models.py's; each is converted, loaded by Keras 3 alone and run on the same.
"""
from __future__ import print_function

import inspect
import json
import os
import shutil
import subprocess
import sys
import zipfile

import h5py
import pytest

from conftest import ROOT, front_door, needs_index, needs_servers

pytestmark = [needs_servers, needs_index]   # Keras 3 needs the same Pythons

HOME = os.environ.get('REPRO_HOME', os.path.join(ROOT, '.native'))
PYTHON = os.path.join(HOME, 'convert-keras3', 'bin', 'python')
SMALL = '''
from keras.layers import Dense
from keras.models import Sequential
Sequential([Dense(2, input_shape=(3,))]).save('small.h5')
'''
# What Keras 1.2.2 has more of under keras.layers: without a meaning of their own.
ABSTRACT = {'Layer', 'InputLayer', 'Wrapper', 'Recurrent', 'ConvRecurrent2D'}


@pytest.fixture(scope='module')
def small(tmpdir_factory):
    """A folder with small.keras, made through the front door, which makes the environment."""
    folder = tmpdir_factory.mktemp('small')
    for command in (('exec', 'python', '-c', SMALL), ('convert', 'small.h5', '--to', 'keras3')):
        result = front_door(*command, cwd=folder)
        assert result.status == 0, result.both
    return folder


@pytest.fixture(scope='module')
def folder(tmpdir_factory, small):
    """Exchange folders of every model, and of one whose weights are in another order."""
    folder = tmpdir_factory.mktemp('models')
    subprocess.check_call([sys.executable, os.path.join(ROOT, 'tests', 'keras_models.py'),
                           str(folder)], stderr=open(os.devnull, 'w'))
    shutil.copytree(str(folder.join('head')), str(folder.join('swapped')))
    with h5py.File(str(folder.join('swapped', 'weights.h5'))) as h:
        group = h['dense_1']
        group.attrs['weight_names'] = group.attrs['weight_names'][::-1]
    return folder


@pytest.fixture(scope='module')
def found(folder):
    """{model: largest difference in parts of an output's rms, or why there is no equal}."""
    said = subprocess.check_output([PYTHON, '-I', '-B', os.path.join(
        ROOT, 'tests', 'convert_batch.py'), 'keras3', str(folder)])
    return json.loads(said.decode('utf-8').splitlines()[-1])


@pytest.mark.parametrize('name', [
    'images', 'theano_images', 'volumes', 'vectors', 'serieses', 'recurrents', 'films', 'masked',
    'merges', 'shared', 'branches', 'stacked', 'stateful', 'any_length', 'head'])
def test_these_answer_what_keras_1_does(found, name):
    assert isinstance(found[name], float) and found[name] < 1e-5, found[name]


@pytest.mark.parametrize('name, why', [
    ('Lambda', 'lambda_1 (Lambda): it is code of Python 2.7\'s'),
    ('a function merges', 'merge_1 (Merge): it merges by code of Python\'s'),
    ('own layer', 'own_1 (Own): not a layer of Keras 1.2.2'),
    ('own activation', 'dense_1 (Dense): its activation own_activation is not one of'),
    ('hard cell', 'lstm_1 (LSTM): activation hard_sigmoid'),
    ('theta', 'thresholdedrelu_1 (ThresholdedReLU): theta is below 0'),
    ('by 41', 'upsampling2d_1 (UpSampling2D): by 41'),
    ('th', 'locallyconnected2d_1 (LocallyConnected2D): Theano\'s ordering'),
    ('two masks', 'merge_1 (Merge): its inputs have different masks'),
    ('product of masked', 'merge_1 (Merge): it multiplies under a mask'),
    ('masked softplus', 'parametricsoftplus_1 (ParametricSoftplus): under a mask'),
    ('masked steps of steps', 'timedistributed_2 (TimeDistributed): a mask, which Keras 3 hands'),
    ('masked and stateful', 'gru_1 (GRU): a mask and stateful'),
    ('swapped', 'dense_1 (Dense): weights.h5 has dense_1_b:0 where its W should be')])
def test_these_have_no_equal_and_say_why(found, name, why):
    assert why in str(found[name])


def test_every_layer_class_of_keras_is_among_them(folder):
    from keras import engine, layers
    from keras.layers import (advanced_activations, convolutional_recurrent, embeddings, local,
                              noise, normalization, wrappers)
    known = set()
    for module in (layers, advanced_activations, convolutional_recurrent, embeddings, local, noise,
                   normalization, wrappers):
        known.update(of.__name__ for _, of in inspect.getmembers(module, inspect.isclass)
                     if issubclass(of, engine.Layer) and not of.__name__.startswith('_'))
    used = set()
    for path in folder.visit('model.json'):
        used.update(values(json.loads(path.read()), 'class_name'))
    assert known - ABSTRACT - used == set()


def values(config, key):
    """What a JSON has under this key, at any depth."""
    if isinstance(config, dict):
        found = [config[key]] if key in config else []
        config = config.values()
    else:
        found = []
    if not isinstance(config, (str, type(u''))) and hasattr(config, '__iter__'):
        for inner in config:
            found += values(inner, key)
    return found


def convert(folder, out):
    program = subprocess.Popen([PYTHON, '-I', '-B', os.path.join(
        ROOT, 'host', 'converters'), 'keras3', str(folder), str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return tuple(text.decode('utf-8') for text in program.communicate()) + (program.returncode,)


def test_the_file_needs_nothing_but_keras_and_remarks_are_told(folder, tmpdir):
    out, err, status = convert(folder.join('masked'), tmpdir.join('masked.keras'))
    assert status == 0, err
    assert 'the weights of gates with hard_sigmoid are 1.2 times Keras 1\'s' in out
    assert 'written by Keras 3.15.1: an older one does not read it\n' in out
    assert out.endswith('the optimizer and its state are not carried over: compile the model '
                        'before you train it\n')
    config = zipfile.ZipFile(str(tmpdir.join('masked.keras'))).read('config.json').decode('utf-8')
    modules = {m.split('.')[0] for m in values(json.loads(config), 'module') if m}
    assert modules <= {'keras', 'builtins'}
    assert 'Lambda' not in config
    assert tmpdir.listdir() == [tmpdir.join('masked.keras')]


def test_what_has_no_equal_is_a_line_and_status_4(folder, tmpdir):
    out, err, status = convert(folder.join('Lambda'), tmpdir.join('x.keras'))
    assert (out, status) == ('', 4)
    assert err == ('convert: lambda_1 (Lambda): it is code of Python 2.7\'s, which Keras 3 '
                   'cannot hold: onnx, savedmodel and openvino take it\n')
    assert tmpdir.listdir() == []
