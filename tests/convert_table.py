# -*- coding: utf-8 -*-
"""What of Keras 1.2.2 converts to what, and how equal: the table in docs/convert-table.md.

    ./run.sh exec python tests/convert_table.py                     measures all, and writes
        expected/convert.json and the table: 15 minutes on 2 cores
    ./run.sh exec python tests/convert_table.py FOLDER [NAME…]      measures these into
        FOLDER/convert.json, by default all but the five networks

Every layer class in a model of one layer, what else a layer may be asked for, and the article's
networks and head.  Weights are seeded: they are stand-ins.  The formats' environments must be
there: ./run.sh convert makes them.
"""
from __future__ import division, print_function

import collections
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

import keras_layers
import keras.backend as K
from keras import layers, regularizers
from keras.models import Model, Sequential
from repro import networks
from repro.conversion import exchange as conversion
from repro.failures import BadInput
from repro.options import FORMATS
from repro.standin import weights as standin_weights

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(os.path.join(ROOT, 'host'))

import environments     # noqa: E402

EXPECTED = os.path.join(ROOT, 'expected', 'convert.json')
PAGE = os.path.join(ROOT, 'docs', 'convert-table.md')
VECTOR, SERIES, IMAGE = keras_layers.VECTOR, keras_layers.SERIES, keras_layers.IMAGE


# ---------------------------------------------------------------------------------- the models

def one_layer_each():
    """[(name, a call that builds it)] of tests/keras_layers.py, in which every class is."""
    found = []
    for build in keras_layers.models():
        K.clear_session()
        found.append((build()[1], lambda build=build: build()[0]))
    return found


def sequential(*made):
    return lambda: Sequential([make() for make in made])


def masked():
    return layers.Masking(0., input_shape=SERIES)


def variants():
    """What a layer can be asked for that changes what it computes."""
    def lstm(**options):
        return sequential(lambda: layers.LSTM(4, input_shape=SERIES, **options))

    found = [
        ('TimeDistributedDense', sequential(     # deprecated then: tests/keras_layers.py has none
            lambda: layers.TimeDistributedDense(4, input_shape=SERIES))),
        ('LSTM, return_sequences, go_backwards', lstm(return_sequences=True, go_backwards=True)),
        ('LSTM, unroll', lstm(unroll=True)),
        ('LSTM, stateful', sequential(lambda: layers.LSTM(4, stateful=True,
                                                          batch_input_shape=(8,) + SERIES))),
        ('LSTM, series of any length', sequential(lambda: layers.LSTM(4, input_shape=(None, 6)))),
        ('LSTM behind Masking', sequential(masked, lambda: layers.LSTM(4))),
        ('GRU behind Embedding, mask_zero', sequential(
            lambda: layers.Embedding(9, 4, input_length=5, mask_zero=True),
            lambda: layers.GRU(4, return_sequences=True))),
        ('SimpleRNN behind Masking, unroll', sequential(
            masked, lambda: layers.SimpleRNN(4, unroll=True))),
        ('Bidirectional, sum', sequential(lambda: layers.Bidirectional(
            layers.GRU(4, return_sequences=True), merge_mode='sum', input_shape=SERIES))),
        ('TimeDistributed, Convolution2D', sequential(lambda: layers.TimeDistributed(
            layers.Convolution2D(4, 3, 3), input_shape=(3,) + IMAGE))),
        ('TimeDistributed behind Masking', sequential(
            masked, lambda: layers.TimeDistributed(layers.Dense(4)))),
        ('Dense with a regularizer', sequential(lambda: layers.Dense(
            4, W_regularizer=regularizers.l2(.1), input_shape=VECTOR,
            activity_regularizer=regularizers.activity_l1(.1)))),
        ('Convolution2D, same, stride 2', sequential(lambda: layers.Convolution2D(
            4, 3, 3, subsample=(2, 2), border_mode='same', input_shape=IMAGE))),
        ('MaxPooling2D, same', sequential(lambda: layers.MaxPooling2D(
            (3, 3), (2, 2), border_mode='same', input_shape=IMAGE))),
        ('AveragePooling2D, same', sequential(lambda: layers.AveragePooling2D(
            (3, 3), (2, 2), border_mode='same', input_shape=IMAGE))),
        ('Convolution2D, th', sequential(
            lambda: layers.Convolution2D(4, 3, 3, dim_ordering='th', input_shape=(3, 8, 8)),
            lambda: layers.MaxPooling2D(dim_ordering='th'),
            lambda: layers.BatchNormalization(axis=1), layers.Flatten)),
        ('ZeroPadding2D, UpSampling2D, Cropping2D, th', sequential(
            lambda: layers.ZeroPadding2D((1, 2), dim_ordering='th', input_shape=(3, 8, 8)),
            lambda: layers.UpSampling2D((2, 3), dim_ordering='th'),
            lambda: layers.Cropping2D(((1, 2), (0, 4)), dim_ordering='th'), layers.Flatten)),
        ('BatchNormalization, mode 1', sequential(
            lambda: layers.BatchNormalization(mode=1, input_shape=VECTOR))),
        ('BatchNormalization, mode 2', sequential(
            lambda: layers.BatchNormalization(mode=2, input_shape=VECTOR))),
        ('Merge, cos', lambda: keras_layers.merged('cos')[0]),
        ('Merge, a function', a_function_merges),
        ('a model in a model, used twice', nested),
        ('two inputs and two outputs', two_and_two),
    ]
    for name in ('softmax', 'elu', 'softplus', 'softsign', 'relu', 'sigmoid', 'hard_sigmoid',
                 'linear'):
        found.append(('Activation, ' + name, sequential(
            lambda name=name: layers.Activation(name, input_shape=VECTOR))))
    return found


def a_function_merges():
    a, b = layers.Input(VECTOR), layers.Input(VECTOR)
    return Model([a, b], layers.merge([a, b], mode=lambda both: both[0] - both[1],
                                      output_shape=lambda shapes: shapes[0]))


def nested():
    inner = Sequential([layers.Dense(4, activation='tanh', input_shape=VECTOR), layers.Dense(3)])
    a, b = layers.Input(VECTOR), layers.Input(VECTOR)
    return Model([a, b], layers.merge([inner(a), inner(b)], mode='concat'))


def two_and_two():
    a, b = layers.Input(VECTOR), layers.Input(SERIES)
    series = layers.GRU(4)(b)
    return Model([a, b], [layers.Dense(3)(layers.merge([a, series], mode='concat')), series])


def head():
    """As repro/head.py has it, on the features of three networks."""
    inputs = layers.Input((6144,))
    return Model(inputs, layers.Dense(1, activation='sigmoid')(layers.Dropout(.5)(inputs)))


def network(name):
    """Of keras.applications, pooled as the article pools it, with stand-in weights."""
    constructor, _ = networks.constructor(name)
    standin_weights.make([name])
    base = constructor(weights=None, include_top=False,
                       input_shape=networks.TABLE[name].size + (3,))
    base.load_weights(networks.weights_path(name))
    return Model(base.input, layers.GlobalAveragePooling2D()(base.output))


HEAD = 'the article\'s head'


def every_model():
    """{name: a call that builds it}."""
    found = one_layer_each() + variants() + [(HEAD, head)]
    found += [(name, lambda name=name: network(name)) for name in networks.NAMES]
    return collections.OrderedDict(found)


# -------------------------------------------------------------------------------- the exchange

def shake(model):
    """Seeded weights: the ones that a layer starts with are often 0 or 1, and hide a mistake."""
    random = np.random.RandomState(2017)
    model.set_weights([random.normal(0, .3, w.shape) if w.ndim > 1 else
                       random.uniform(.1, .9, w.shape) for w in model.get_weights()])


def exchange(name, build, folder):
    """Writes the model's exchange folder; returns {format: why not}."""
    K.clear_session()
    np.random.seed(2017)
    model = build()
    if name not in networks.NAMES:
        shake(model)
    os.mkdir(folder)
    here = os.getcwd()
    os.chdir(folder)
    try:
        scale, rows = scale_and_rows(name)
        np.savez('given.npz', **conversion.numbered('input', [
            (a * scale if a.dtype.kind == 'f' else a)[:rows]
            for a in conversion.samples.seeded(conversion.as_model(model).inputs)]))
        conversion.exchange(model, 'given.npz', trained_on=None, files={})
    finally:
        os.chdir(here)
    return refusals(model)


def scale_and_rows(name):
    """How far from 0 the inputs go, and how many there are."""
    if name not in networks.NAMES:
        return 3., 16
    return (1. if networks.TABLE[name].preprocessing else 127.), 4


def refusals(model):
    found = {}
    for format in FORMATS:
        try:
            conversion.refuse_states(model, format)
        except BadInput as e:
            found[format] = str(e)
    return found


# -------------------------------------------------------------------------------- the measuring

def measured(names, folder):
    """{name: {format: largest difference of its rms, or why not}} for models of these names."""
    models, rows = every_model(), collections.OrderedDict()
    for i, name in enumerate(names):
        rows[name] = exchange(name, models[name], os.path.join(folder, '%03d' % i))
        print('%s: asked Keras 1.2.2' % name, file=sys.stderr)
    for format in FORMATS:
        python = os.path.join(os.environ['REPRO_HOME'],
                              environments.of_format(format), 'bin', 'python')
        if not os.path.exists(python):
            sys.exit('there is no environment for %s: ./run.sh convert MODEL --to %s makes it'
                     % (format, format))
        said = subprocess.check_output(
            [python, '-I', '-B', os.path.join(ROOT, 'tests', 'convert_batch.py'), format, folder],
            stderr=open(os.devnull, 'w'))
        answers = json.loads(said.decode('utf-8').splitlines()[-1])
        for i, name in enumerate(names):
            answer = answers['%03d' % i]
            rows[name].setdefault(
                format, float('%.1e' % answer) if isinstance(answer, float) else answer)
    return collections.OrderedDict(
        (name, collections.OrderedDict((format, row[format]) for format in FORMATS))
        for name, row in rows.items())


def render(rows):
    lines = ['| | %s |' % ' | '.join(FORMATS), '|---|' + '---|' * len(FORMATS)]
    for name, row in rows.items():
        lines.append('| %s | %s |' % (name, ' | '.join(cell(row[format]) for format in FORMATS)))
    return '\n'.join(lines) + '\n'


def cell(value):
    if not isinstance(value, float):
        return value
    return '%.0e' % value if value else '0'


BEGIN = '<!-- the table: tests/convert_table.py writes it -->\n\n'
END = '\n<!-- end of the table -->'


def put_into_page(table):
    with io.open(PAGE, encoding='utf-8') as f:
        text = f.read()
    before, rest = text.split(BEGIN)
    with io.open(PAGE, 'w', encoding='utf-8') as f:
        f.write(before + BEGIN + table + END + rest.split(END)[1])


def main(folder=None, *names):
    os.environ.pop('REPRO_WORK', None)
    here = folder or tempfile.mkdtemp()
    every = list(every_model())
    names = names or [name for name in every
                      if folder is None or name not in networks.NAMES]
    os.chdir(here)
    rows = measured(names, os.getcwd())
    with open(EXPECTED if folder is None else 'convert.json', 'w') as f:
        f.write(json.dumps(rows, indent=1, separators=(',', ': ')) + '\n')
    if folder is None:
        put_into_page(render(rows))
        shutil.rmtree(here)
    print('%d models, each into %d formats' % (len(rows), len(FORMATS)))


if __name__ == '__main__':
    main(*sys.argv[1:])
