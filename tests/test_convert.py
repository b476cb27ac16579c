# -*- coding: utf-8 -*-
"""./run.sh convert: models of Keras 1.x through the front door, and what is refused in a line."""
from __future__ import division, print_function

import collections
import glob
import hashlib
import io
import json
import os
import pickle
import subprocess
import sys

import h5py
import numpy as np
import pytest

import strange_models
from conftest import ROOT, front_door, needs_index, needs_servers
from repro import networks
from repro.engines.equality import F32_BOUND

pytestmark = [needs_servers, needs_index]   # the converters want the same Pythons

EXPECTED = os.path.join(ROOT, 'expected', 'convert.json')
HOME = os.environ.get('REPRO_HOME', os.path.join(ROOT, '.native'))
MAKE = '''
import json
import pickle
import numpy as np
from keras.layers import Dense, Dropout, Embedding, GRU, Input, Lambda, LSTM, merge
from keras.models import Model, Sequential
np.random.seed(2017)
inputs = Input((48,))
head = Model(inputs, Dense(1, activation='sigmoid')(Dropout(.5)(inputs)))
head.compile('adadelta', 'binary_crossentropy')
head.save('head.h5')
head.save_weights('weights.h5')
open('model.json', 'w').write(head.to_json())
x = np.random.uniform(-1, 1, (5, 48)).astype('f4')
np.save('x.npy', x)
np.save('answers.npy', head.predict(x))
Sequential([Lambda(lambda x: [open('it-ran', 'w'), x][1], input_shape=(3,))]).save('lambda.h5')
Sequential([LSTM(3, stateful=True, batch_input_shape=(2, 4, 3))]).save('stateful.h5')
Sequential([Dense(2, input_shape=(3,))]).save('vector.h5')
words, numbers = Input((4,), dtype='int32', name='words'), Input((3,), name='numbers')
text = GRU(4)(Embedding(30, 5, mask_zero=True)(words))
Model([words, numbers], [merge([text, numbers], mode='concat'), text]).save('two.h5')
config = {'class_name': 'Sequential', 'config': [{'class_name': 'Dense', 'config': {
    'name': 'dense', 'units': 2, 'use_bias': True, 'batch_input_shape': [None, 3]}}]}
open('keras2.json', 'w').write(json.dumps(config))
pickle.dump(head.get_weights(), open('weights.pkl', 'wb'))
# zachmoshe's make_keras_picklable, which went around at the time
def state(model):
    model.save('inside.h5')
    return {'model_str': open('inside.h5', 'rb').read()}
Model.__getstate__ = state
pickle.dump(head, open('head.pkl', 'wb'), 2)
'''


@pytest.fixture(scope='module')
def models(tmpdir_factory):
    """A folder with models of Keras 1.2.2; tests write beside them under names of their own."""
    folder = tmpdir_factory.mktemp('models')
    result = front_door('exec', 'python', '-c', MAKE, cwd=folder)
    assert result.status == 0, result.both
    folder.join('it-ran').remove()      # the Lambda's, as it was made
    return folder


def convert(folder, *arguments):
    return front_door('convert', *arguments, cwd=folder)


def refused(folder, *arguments):
    """The last line of what is refused, which leaves nothing behind."""
    before = sorted(os.listdir(str(folder)))
    result = convert(folder, *arguments)
    assert result.status == 4, result.both
    assert sorted(os.listdir(str(folder))) == before, result.both
    return result.err.splitlines()[-1]


def record(folder, model, name):
    return json.loads(folder.join(model + '.convert.json').read())[name]


def sha256(path):
    with open(str(path), 'rb') as f:
        return hashlib.sha256(f.read()).hexdigest()


# ------------------------------------------------------------------------ into each format

# Each by the format's own library, in a process that neither Keras 1 nor this project is in.
PROGRAMS = {
    'savedmodel': ('tf2', '''
import tensorflow as tf
f = tf.saved_model.load(path).signatures['serving_default']
y = f(input_1=tf.constant(x))['dense_1'].numpy()'''),
    'onnx': ('convert-onnx', '''
import onnx, onnxruntime
onnx.checker.check_model(path, full_check=True)
y, = onnxruntime.InferenceSession(path).run(['dense_1'], {'input_1': x})'''),
    'openvino': ('convert-openvino', '''
import openvino
y = openvino.Core().compile_model(path, 'CPU', {'INFERENCE_PRECISION_HINT': 'f32'})(
    {'input_1': x})['dense_1']'''),
}
ENDINGS = {'openvino': 'xml', 'keras3': 'keras'}


def answers(format, path, x, folder):
    """What a program that has the converted file alone makes of x."""
    environment, program = PROGRAMS[format]
    alone = folder.ensure('alone', dir=True)
    np.save(str(alone.join('x.npy')), x)
    code = '\n'.join(['import sys, numpy as np', 'path, x = sys.argv[1], np.load("x.npy")',
                      program, 'assert not [m for m in sys.modules if m.startswith("repro")]',
                      'np.save("y.npy", y)'])
    subprocess.check_output([os.path.join(HOME, environment, 'bin', 'python'), '-I', '-c', code,
                             str(path)], cwd=str(alone), stderr=subprocess.STDOUT)
    return np.load(str(alone.join('y.npy')))


@pytest.mark.parametrize('format', sorted(PROGRAMS))
def test_the_head_becomes_what_others_read(models, format):
    out = models.join('head.' + ENDINGS.get(format, format))
    result = convert(models, 'head.h5', '--to', format)
    assert result.status == 0, result.both
    assert result.out.splitlines()[-1] == 'convert: %s' % out
    x, wanted = np.load(str(models.join('x.npy'))), np.load(str(models.join('answers.npy')))
    assert np.abs(answers(format, out, x, models) - wanted).max() < 1e-6
    kept = record(models, 'head', out.basename)
    assert kept['verdict'] == 'equal within the bound' and kept['outputs'][0]['relative'] < 1e-5
    assert kept['model'] == {'head.h5': sha256(models.join('head.h5'))}
    assert kept['inputs'] == [{'name': 'input_1', 'dtype': 'float32', 'shape': [None, 48]}]
    assert kept['keras']['keras'] == '1.2.2' and len(kept['converter']) > 1
    for name, digest in kept['converted'].items():
        assert sha256(models.join(name)) == digest
    assert not glob.glob(str(models.join('.convert.*')))


def test_what_is_there_is_overwritten_only_where_it_is_ours(models):
    arguments = ('vector.h5', '--to', 'openvino', '--out', 'ours.xml')
    for _ in range(2):
        result = convert(models, *arguments)
        assert result.status == 0, result.both
    with open(str(models.join('ours.bin')), 'ab') as f:
        f.write(b'x')
    line = refused(models, *arguments)
    assert 'ours.bin is there, and is not what an earlier convert made' in line and '--out' in line


def test_two_inputs_and_outputs_and_samples_of_ones_own(models):
    np.savez(str(models.join('s.npz')), words=np.arange(12).reshape(3, 4),
             numbers=np.ones((3, 3)))
    result = convert(models, 'two.h5', '--to', 'openvino', '--samples', 's.npz')
    assert result.status == 0, result.both
    kept = record(models, 'two', 'two.xml')
    assert [o['output'] for o in kept['outputs']] == ['merge_1', 'gru_1']
    assert kept['samples'] == {'rows': 3, 'seed': None, 'sha256': sha256(models.join('s.npz'))}


def test_architectures_scripts_and_pickles_give_the_same(models):
    models.join('build.py').write('''
from keras.layers import Dense, Dropout
from keras.models import Sequential
model = Sequential([Dropout(.5, input_shape=(48,)), Dense(1, activation='sigmoid')])
if __name__ == '__main__':
    raise SystemExit('training it again')
''')
    for out, arguments in (
            ('a', ('model.json', '--model-weights', 'weights.h5')),
            ('b', ('weights.h5', '--script', 'build.py', '--trust')),
            ('c', ('weights.pkl', '--script', 'build.py', '--trust')),
            (u'\u732b d', ('head.pkl', '--trust'))):
        result = convert(models, *(arguments + ('--to', 'openvino', '--out', out + '.xml')))
        assert result.status == 0, result.both
        assert models.join(out + '.bin').read_binary() == models.join('a.bin').read_binary()


# ------------------------------------------------------------------------ what is refused

def test_code_runs_only_where_it_is_trusted(models):
    line = refused(models, 'lambda.h5', '--to', 'onnx')
    assert 'lambda_1' in line and '--trust' in line
    models.join('flat.json').write(json.dumps(strange_models.RUN['flat lambda']))
    line = refused(models, 'flat.json', '--model-weights', 'weights.h5', '--to', 'onnx')
    assert 'loading flat.json runs code' in line and '--trust' in line
    models.join('p.pkl').write_binary(pickle.dumps(Runs(), 2))
    assert '--trust' in refused(models, 'p.pkl', '--to', 'onnx')
    models.join('s.py').write('open("it-ran", "w")')
    assert '--trust' in refused(models, 'weights.h5', '--script', 's.py', '--to', 'onnx')
    with open(str(models.join('object.npy')), 'wb') as f:
        np.save(f, np.array([Runs()], object))
    assert '--samples' in refused(models, 'vector.h5', '--samples', 'object.npy', '--to', 'onnx')
    models.join('quits.py').write('import sys; sys.exit("oops")')
    assert 'ends the program (sys.exit)' in refused(
        models, 'weights.h5', '--script', 'quits.py', '--trust', '--to', 'onnx')
    assert not models.join('it-ran').check() and not glob.glob('it-ran')
    result = convert(models, 'p.pkl', '--to', 'onnx', '--trust')    # and it does run then
    assert result.status == 4 and 'holds no Keras model' in result.err, result.both


class Runs(object):
    def __reduce__(self):
        return open, ('it-ran', 'w')


def test_what_is_no_model_of_keras_1(models):
    assert 'weights and no architecture' in refused(models, 'weights.h5', '--to', 'onnx')
    assert '--model-weights' in refused(models, 'model.json', '--to', 'onnx')
    assert 'Keras 2' in refused(models, 'keras2.json', '--to', 'onnx')
    with h5py.File(str(models.join('keras2.h5')), 'w') as f:
        f.attrs['keras_version'] = b'2.4.0'
        f.attrs['model_config'] = b'{"class_name": "Model", "config": {}}'
    assert 'saved by Keras 2.4.0' in refused(models, 'keras2.h5', '--to', 'onnx')
    with h5py.File(str(models.join('other.h5')), 'w') as f:
        f['x'] = 1
    assert 'no model of Keras' in refused(models, 'other.h5', '--to', 'onnx')
    models.join('half.h5').write_binary(models.join('head.h5').read_binary()[:3000])
    assert 'is it whole?' in refused(models, 'half.h5', '--to', 'onnx')
    models.join('text.h5').write('hello')
    assert 'neither HDF5 nor JSON nor a pickle' in refused(models, 'text.h5', '--to', 'onnx')
    assert 'is not a file' in refused(models, 'nowhere.h5', '--to', 'onnx')


def test_samples_and_states_that_do_not_fit(models):
    np.save(str(models.join('wide.npy')), np.zeros((4, 7)))
    assert 'needs the shape (rows, 48), not (4, 7)' in refused(
        models, 'head.h5', '--samples', 'wide.npy', '--to', 'onnx')
    np.save(str(models.join('nan.npy')), np.full((4, 48), np.nan))
    assert 'holds NaN' in refused(models, 'head.h5', '--samples', 'nan.npy', '--to', 'onnx')
    assert 'words, numbers' in refused(models, 'two.h5', '--samples', 'x.npy', '--to', 'onnx')
    assert 'lstm_1: stateful' in refused(models, 'stateful.h5', '--to', 'onnx')


def test_wrong_usage(models):
    for arguments, says in ((('head.h5',), '--to'), (('--to', 'onnx'), 'model file'),
                            (('head.h5', '--to', 'pb'), '--to is onnx or'),
                            (('head.h5', 'two.h5', '--to', 'onnx'), 'two.h5'),
                            (('head.h5', '--to', 'onnx', '--trust=1'), 'takes no value')):
        result = convert(models, *arguments)
        assert result.status == 2 and says in result.err, result.both


def test_a_file_that_answers_otherwise_is_not_kept(tmpdir):
    """What compare.py does after a converter or a library that made a mistake."""
    exchange, out = tmpdir.mkdir('exchange'), tmpdir.join('out.xml')
    for name in ('made.xml', 'made.bin'):
        tmpdir.join(name).write(name)
    exchange.join('exchange.json').write(json.dumps({
        'files': {}, 'samples': {}, 'versions': {}, 'trained_on': None, 'bound': F32_BOUND,
        'inputs': [{'name': 'x', 'dtype': 'float32', 'shape': [None, 3]}],
        'outputs': [{'name': 'y'}]}))
    wanted = np.ones((4, 3), 'f4')
    np.savez(str(exchange.join('outputs.npz')), output_0=wanted)
    for off, status in ((2e-3, 1), (np.nan, 1), (5e-4, 0)):
        got = wanted.copy()
        got[1, 1] += off
        np.savez(str(tmpdir.join('answers.npz')), output_0=got)
        p = subprocess.Popen([os.path.join(HOME, 'convert-openvino', 'bin', 'python'), '-I',
                              os.path.join(ROOT, 'host', 'converters'), 'keep',
                              str(exchange), str(tmpdir.join('answers.npz')),
                              str(tmpdir.join('made.xml')), str(out), 'openvino'],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        _, err = p.communicate()
        assert p.returncode == status, err
        assert out.check() == (status == 0)
        assert status == 0 or err.decode('utf-8').endswith('it is not kept\n')
    assert record(tmpdir, 'out', 'out.xml')['outputs'][0]['largest'] == pytest.approx(5e-4, 1e-3)


# ------------------------------------------------------------------------ older Keras

# The sources of Keras, of the package index.  1.0 and 1.1 do not run on TensorFlow 1.0.1; on
# Theano 0.8.2, whose kernels are mirrored, all three do.
OLD = {'1.0.8': 'd3eb98905013ef258163ea77d98786d04d282e1e8f707b4efbb9f218596f0c9f',
       '1.1.2': 'cfde0a424961ead4982a7ebefd77d8ca382810b5a69b566fa64c57d8f340eeb4',
       '1.2.2': 'd2b18c4336eb9c4f0d03469870257efa7980a9b036c9d46dcf4d49e7f4487e2d'}
INSTALL = '''
source "$0/host/setup.sh" && setup_pip "$1" &&
    exec "$1" -m pip install -q -I --no-deps --require-hashes --target "$2" -r "$2.txt"
'''
MAKE_OLD = '''
import sys
sys.path.insert(0, sys.argv[1])
import keras
import numpy as np
from keras import backend as K
from keras.layers import (BatchNormalization, Convolution1D, Convolution2D, Dense, Dropout,
                          Embedding, Flatten, Input, LSTM, MaxPooling2D, merge, ZeroPadding2D)
from keras.models import Model
assert (keras.__version__, K.backend()) == (sys.argv[2], 'theano'), keras.__file__
K.set_image_dim_ordering('th')
np.random.seed(2017)
image, words = Input((3, 8, 8), name='image'), Input((5,), name='words', dtype='int32')
x = ZeroPadding2D((1, 1))(Convolution2D(4, 3, 3, border_mode='same', activation='relu')(image))
x = Flatten()(BatchNormalization(axis=1)(MaxPooling2D()(x)))
y = LSTM(5)(Convolution1D(4, 3)(Embedding(20, 6, input_length=5)(words)))
both = Dropout(.5)(merge([x, y], mode='concat'))
model = Model([image, words], Dense(3, activation='softmax')(both))
model.compile('sgd', 'mse')
model.set_weights([np.random.uniform(.1, .9, w.shape) if w.ndim == 1 else
                   np.random.normal(0, .3, w.shape) for w in model.get_weights()])
asked = {'image': np.random.uniform(-1, 1, (6, 3, 8, 8)).astype('f4'),
         'words': np.random.randint(0, 20, (6, 5)).astype('int32')}
np.savez('asked.npz', **asked)
np.save('answers.npy', model.predict([asked['image'], asked['words']]))
model.save('model.h5')
'''


@pytest.mark.parametrize('version', sorted(OLD))
def test_a_model_of_an_older_keras_answers_what_it_did_there(version, tmpdir):
    packages = tmpdir.join('keras')
    tmpdir.join('keras.txt').write('keras==%s --hash=sha256:%s\n' % (version, OLD[version]))
    subprocess.check_output(['bash', '-c', INSTALL, ROOT, sys.executable, str(packages)],
                            stderr=subprocess.STDOUT)
    result = front_door('exec', 'env', 'KERAS_BACKEND=theano', 'python', '-c', MAKE_OLD, packages,
                        version, cwd=tmpdir)
    assert result.status == 0, result.both
    if version == '1.0.8':      # and Keras 1 does not save the image ordering of ZeroPadding2D
        assert '--trained-on theano' in convert(tmpdir, 'model.h5', '--to', 'openvino').err
        result = convert(tmpdir, 'model.h5', '--to', 'keras3', '--trained-on', 'theano')
        assert result.status == 0, result.both
    result = convert(tmpdir, 'model.h5', '--to', 'openvino', '--samples', 'asked.npz',
                     '--trained-on', 'theano')
    assert result.status == 0, result.both
    kept = record(tmpdir, 'model', 'model.xml')
    assert kept['trained_on'] == 'theano'
    wanted = np.load(str(tmpdir.join('answers.npy')))
    got = subprocess.check_output([os.path.join(HOME, 'convert-openvino', 'bin', 'python'), '-I',
                                   '-c', ASK_OLD], cwd=str(tmpdir))
    assert np.abs(np.array(json.loads(got.decode('ascii'))) - wanted).max() < 1e-5


ASK_OLD = '''
import json, numpy, openvino
asked = numpy.load('asked.npz')
model = openvino.Core().compile_model('model.xml', 'CPU', {'INFERENCE_PRECISION_HINT': 'f32'})
print(json.dumps(next(iter(model({name: asked[name] for name in asked.files}).values())).tolist()))
'''


THEANOS = '''
import numpy as np
from keras import backend as K
from keras.layers import Convolution2D
from keras.models import Sequential
K.set_image_dim_ordering('th')
Sequential([Convolution2D(2, 3, 3, subsample=(2, 2), border_mode='same',
                          input_shape=(1, 7, 8))]).save('strided.h5')
'''


def test_what_theano_pads_otherwise_is_refused(tmpdir):
    result = front_door('exec', 'python', '-c', THEANOS, cwd=tmpdir)
    assert result.status == 0, result.both
    line = refused(tmpdir, 'strided.h5', '--to', 'openvino', '--trained-on', 'theano')
    assert 'convolution2d_1' in line and 'border_mode is same' in line


# ------------------------------------------------------------------------ the table

CLASSES = '''
import inspect, json
from keras import layers
from keras.engine.topology import Layer
from keras.layers import (advanced_activations, convolutional, convolutional_recurrent, core,
                          embeddings, local, noise, normalization, pooling, recurrent, wrappers)
print(json.dumps(sorted(set(
    value.__name__ for module in (
        layers, advanced_activations, convolutional, convolutional_recurrent, core, embeddings,
        local, noise, normalization, pooling, recurrent, wrappers)
    for value in vars(module).values() if inspect.isclass(value) and issubclass(value, Layer)))))
'''
# What others are made from, and what is in every model.
BASES = {'Layer', 'InputLayer', 'Recurrent', 'ConvRecurrent2D', 'Wrapper', '_Pooling1D',
         '_Pooling2D', '_Pooling3D', '_GlobalPooling1D', '_GlobalPooling2D', '_GlobalPooling3D'}
# One layer each is equal to 1e-6 or so of its rms; see docs/convert-table.md.
LAYER_BOUND = 1e-5


def expected_table():
    with open(EXPECTED) as f:
        return json.load(f, object_pairs_hook=collections.OrderedDict)


def test_the_table_has_every_layer_class():
    found = front_door('exec', 'python', '-c', CLASSES)
    classes = set(json.loads(found.out)) - BASES
    assert len(classes) > 55
    assert classes <= set(name.split(',')[0] for name in expected_table())


def test_the_page_shows_the_table():
    page = os.path.join(ROOT, 'docs', 'convert-table.md')
    if not os.path.exists(page):
        pytest.skip('images hold no docs')
    result = front_door('exec', 'python', '-c', RENDER, EXPECTED, cwd=os.path.join(ROOT, 'tests'))
    with io.open(page, encoding='utf-8') as f:
        assert result.out in f.read(), result.both


RENDER = '''
import collections, json, sys, convert_table
with open(sys.argv[1]) as f:
    sys.stdout.write(convert_table.render(json.load(f, object_pairs_hook=collections.OrderedDict)))
'''


def test_the_table_is_what_comes_out(tmpdir):
    """Every other row: all of them take a minute.  The networks are for the command alone."""
    wanted = expected_table()
    names = [name for name in list(wanted)[::2] if name not in networks.NAMES]
    assert len(names) > 40
    result = front_door('exec', 'python', os.path.join(ROOT, 'tests', 'convert_table.py'), tmpdir,
                        *names)
    assert result.status == 0, result.both
    with open(str(tmpdir.join('convert.json'))) as f:
        found = json.load(f)
    assert set(found) == set(names)
    for name, row in found.items():
        for format, value in row.items():
            if isinstance(value, float):
                assert value < LAYER_BOUND and isinstance(wanted[name][format], float), name
            else:
                assert value == wanted[name][format], name
