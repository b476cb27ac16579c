# -*- coding: utf-8 -*-
"""Every layer class of Keras 1.2.2 in a model of its own: built, trained for two steps, asked.

    python keras_layers.py OUT.npz [NAME…]

writes for each layer its loss in both steps, its weights after them, and its predictions, of
seeded inputs.  Imports Keras and nothing of this project: run it in process and on a server.
"""
from __future__ import print_function

import sys

import numpy as np

import keras.backend as K
from keras import layers
from keras.layers import (advanced_activations, convolutional_recurrent, local, noise,
                          normalization, wrappers)
from keras.models import Model, Sequential

BATCH = 4
VECTOR, SERIES, IMAGE, VOLUME = (6,), (5, 6), (8, 8, 3), (4, 4, 4, 2)


def convolutions():
    return [
        (lambda: layers.Convolution1D(4, 3, input_shape=SERIES)),
        (lambda: layers.AtrousConvolution1D(4, 3, atrous_rate=2, input_shape=SERIES)),
        (lambda: layers.Convolution2D(4, 3, 3, input_shape=IMAGE)),
        (lambda: layers.Deconvolution2D(4, 3, 3, (None, 10, 10, 4), input_shape=IMAGE)),
        (lambda: layers.AtrousConvolution2D(4, 3, 3, atrous_rate=(2, 2), input_shape=IMAGE)),
        (lambda: layers.SeparableConvolution2D(4, 3, 3, input_shape=IMAGE)),
        (lambda: layers.Convolution3D(4, 3, 3, 3, input_shape=VOLUME)),
        (lambda: local.LocallyConnected1D(4, 3, input_shape=SERIES)),
        (lambda: local.LocallyConnected2D(4, 3, 3, input_shape=IMAGE)),
    ]


def shapes():
    found = []
    for dimensions, shape in enumerate((SERIES, IMAGE, VOLUME), 1):
        for name in ('UpSampling%dD', 'ZeroPadding%dD', 'Cropping%dD', 'MaxPooling%dD',
                     'AveragePooling%dD', 'GlobalMaxPooling%dD', 'GlobalAveragePooling%dD',
                     'SpatialDropout%dD'):
            options = {'p': .5} if name.startswith('Spatial') else {}
            found.append(lambda of=getattr(layers, name % dimensions), shape=shape,
                         options=options: of(input_shape=shape, **options))
    return found + [
        (lambda: layers.Flatten(input_shape=SERIES)),
        (lambda: layers.Reshape((6, 5), input_shape=SERIES)),
        (lambda: layers.Permute((2, 1), input_shape=SERIES)),
        (lambda: layers.RepeatVector(3, input_shape=VECTOR)),
    ]


def dense():
    return [
        (lambda: layers.Dense(4, activation='relu', input_shape=VECTOR)),
        (lambda: layers.MaxoutDense(4, nb_feature=3, input_shape=VECTOR)),
        (lambda: layers.Highway(input_shape=VECTOR)),
        (lambda: layers.Activation('tanh', input_shape=VECTOR)),
        (lambda: layers.Dropout(.5, input_shape=VECTOR)),
        (lambda: layers.Masking(.5, input_shape=SERIES)),
        (lambda: layers.Lambda(lambda x: x * x, input_shape=VECTOR)),
        (lambda: layers.ActivityRegularization(l2=.1, input_shape=VECTOR)),
        (lambda: layers.Embedding(9, 4, input_length=5)),
        (lambda: noise.GaussianNoise(.5, input_shape=VECTOR)),
        (lambda: noise.GaussianDropout(.5, input_shape=VECTOR)),
        (lambda: normalization.BatchNormalization(input_shape=IMAGE)),
        (lambda: wrappers.TimeDistributed(layers.Dense(4), input_shape=SERIES)),
        (lambda: wrappers.Bidirectional(layers.LSTM(4), input_shape=SERIES)),
    ]


def recurrent():
    return [
        (lambda: layers.SimpleRNN(4, input_shape=SERIES)),
        (lambda: layers.GRU(4, return_sequences=True, input_shape=SERIES)),
        (lambda: layers.LSTM(4, dropout_W=.3, dropout_U=.3, input_shape=SERIES)),
        (lambda: convolutional_recurrent.ConvLSTM2D(3, 3, 3, input_shape=(2,) + IMAGE)),
    ]


def activations():
    return [lambda of=getattr(advanced_activations, name): of(input_shape=VECTOR)
            for name in ('LeakyReLU', 'PReLU', 'ELU', 'ParametricSoftplus', 'ThresholdedReLU',
                         'SReLU')]


def merged(mode):
    """Two inputs of one shape, merged; (Model, the layer's name)."""
    a, b = layers.Input(VECTOR), layers.Input(VECTOR)
    return Model([a, b], layers.merge([a, b], mode=mode, dot_axes=1)), 'Merge, ' + mode


def one_layer(make):
    layer = make()
    return Sequential([layer]), type(layer).__name__


def models():
    """Calls that each build a model in a fresh session and return it with its name."""
    for make in convolutions() + shapes() + dense() + recurrent() + activations():
        yield lambda make=make: one_layer(make)
    for mode in ('sum', 'mul', 'ave', 'max', 'concat', 'dot'):     # cos: not trainable in 1.2.2
        yield lambda mode=mode: merged(mode)


def steps(model, name):
    """{what: array} of two steps of training, and of predicting."""
    random = np.random.RandomState(2017)
    inputs = [random.randint(0, 9, (BATCH,) + shape[1:]).astype('f4') if name == 'Embedding' else
              random.uniform(-1, 1, (BATCH,) + shape[1:]).astype('f4')
              for shape in as_list(model.input_shape)]
    model.compile('sgd', 'mse')
    target = np.full(model.predict_on_batch(inputs).shape, .3, 'f4')
    got = {'loss': np.array([model.train_on_batch(inputs, target) for _ in range(2)])}
    for i, weights in enumerate(model.get_weights()):
        got['weights %d' % i] = weights
    got['predictions'] = model.predict(inputs)
    return got


def as_list(shapes):
    return shapes if isinstance(shapes, list) else [shapes]


def main(out, *names):
    results = {}
    for build in models():
        K.clear_session()
        np.random.seed(2017)
        K.tf.set_random_seed(2017)
        model, name = build()
        if not names or name in names:
            for what, value in steps(model, name).items():
                results['%s: %s' % (name, what)] = value
    np.savez(out, **results)
    print(len(set(key.split(':')[0] for key in results)), 'models of one layer')


if __name__ == '__main__':
    main(*sys.argv[1:])
