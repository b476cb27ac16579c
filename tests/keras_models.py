# -*- coding: utf-8 -*-
"""What of Keras 1.2.2 has an equal in Keras 3, and what has none: python keras_models.py FOLDER

writes for each model FOLDER/NAME with model.json, weights.h5, exchange.json, samples.npz and
outputs.npz, in the form of repro/conversion/exchange.py.  One model has many layers, since each
costs Keras 3 a second to load and to compile.  Every weight is drawn, so that moving statistics
and biases are not what a new layer has.
"""
from __future__ import print_function

import json
import os
import sys

import numpy as np

import keras.backend as K
from keras import layers, regularizers, constraints
from keras.layers import advanced_activations as advanced
from keras.layers import convolutional_recurrent, local, noise, normalization, wrappers
from keras.models import Model, Sequential

import keras_layers
from keras_layers import SERIES, VECTOR

BATCH = 4
ACTIVATIONS = ('softmax', 'elu', 'softplus', 'softsign', 'relu', 'tanh', 'sigmoid', 'linear',
               'hard_sigmoid')


def write(folder, model, ids=9):
    """ids: the largest index that an integer input may hold."""
    random = np.random.RandomState(2017)
    if not os.path.isdir(folder):
        os.makedirs(folder)
    K.batch_set_value([(w, drawn(random, w)) for w in model.weights])
    shapes = [tuple(K.int_shape(x)) for x in model.inputs]
    inputs = [sample(random, x, shape, ids) for x, shape in zip(model.inputs, shapes)]
    outputs = model.predict(inputs, batch_size=shapes[0][0] or 32)
    with open(os.path.join(folder, 'model.json'), 'w') as f:
        f.write(model.to_json())
    model.save_weights(os.path.join(folder, 'weights.h5'))
    described = {'inputs': [{'name': x.op.name, 'tensor': x.name, 'shape': shape,
                             'dtype': K.dtype(x)} for x, shape in zip(model.inputs, shapes)],
                 'outputs': [{'name': x.op.name, 'tensor': x.name, 'shape': x._keras_shape,
                              'dtype': K.dtype(x)} for x in model.outputs], 'keras': '1.2.2'}
    with open(os.path.join(folder, 'exchange.json'), 'w') as f:
        json.dump(described, f)
    for what, arrays in (('input', inputs), ('output', outputs)):
        arrays = arrays if isinstance(arrays, list) else [arrays]
        np.savez(os.path.join(folder, what.replace('input', 'sample') + 's.npz'),
                 **dict(('%s_%d' % (what, i), array) for i, array in enumerate(arrays)))


def drawn(random, weight):
    """Of the size that keeps the answers of deep models in range; variances are positive."""
    shape = K.int_shape(weight)
    if 'running_std' in weight.name:
        return random.uniform(.5, 2, shape)
    if 'gamma' in weight.name:
        return random.uniform(.7, 1.2, shape)
    fan = np.prod(shape[:-1]) if len(shape) > 1 else 4
    return random.normal(0, 1, shape) * np.sqrt(1.7 / fan)


def sample(random, tensor, shape, ids):
    # A fixed batch twice, so that a state is handed on.
    shape = (2 * shape[0] if shape[0] else BATCH,) + tuple(n or 7 for n in shape[1:])
    if 'int' in K.dtype(tensor):
        return random.randint(0, ids, shape).astype('i4')
    return random.uniform(-2, 2, shape).astype('f4')


# ---------------------------------------------------------------- many layers on the same input

def side_by_side(shape, made, **options):
    x = layers.Input(shape, **options)
    return Model(x, [layer(x) for layer in made])


def images():
    """What convolutions and poolings do at borders, with strides and without a bias."""
    image = (9, 8, 3)
    C, S, D, A = (layers.Convolution2D, layers.SeparableConvolution2D, layers.Deconvolution2D,
                  layers.AtrousConvolution2D)
    made = [
        C(4, 3, 2, border_mode='same', subsample=(2, 3), bias=False),
        C(4, 2, 3, border_mode='same', subsample=(2, 2), activation='hard_sigmoid'),
        C(4, 3, 3, subsample=(3, 2), activation='elu'),
        A(4, 3, 3, atrous_rate=(2, 2), border_mode='same', activation='softplus'),
        A(4, 2, 2, atrous_rate=(3, 3), border_mode='same', bias=False),
        S(7, 3, 3, depth_multiplier=2, border_mode='same', subsample=(2, 2)),
        S(9, 2, 3, depth_multiplier=3, bias=False, activation='relu'),
        local.LocallyConnected2D(4, 3, 2, subsample=(2, 3), activation='hard_sigmoid'),
        local.LocallyConnected2D(4, 2, 2, bias=False),
    ]
    for size, stride, mode, out in ((3, 1, 'same', (9, 8)), (3, 2, 'same', (18, 16)),
                                    (3, 2, 'same', (17, 15)), (2, 3, 'same', (26, 22)),
                                    (4, 3, 'same', (25, 24)), (5, 2, 'same', (17, 15)),
                                    (3, 2, 'valid', (19, 18)), (3, 2, 'valid', (20, 17)),
                                    (2, 3, 'valid', (26, 24)), (2, 3, 'valid', (28, 23)),
                                    (1, 3, 'same', (27, 24)), (1, 3, 'same', (25, 23))):
        made.append(D(2, size, size, (None,) + out + (2,), border_mode=mode,
                      subsample=(stride, stride), bias=size != 5))
    for pool in layers.MaxPooling2D, layers.AveragePooling2D:
        made += [pool((3, 2), (2, 3), border_mode='same'), pool((3, 3), (2, 2)),
                 pool((2, 3), (1, 1), border_mode='same'), pool((2, 2), border_mode='same')]
    made += [
        layers.UpSampling2D((3, 1)), layers.Cropping2D(((0, 2), (1, 0))),
        layers.Cropping2D(((1, 0), (2, 3))), layers.ZeroPadding2D((2, 1)),
        layers.ZeroPadding2D((0, 1, 2, 3)), layers.ZeroPadding2D({'left_pad': 2, 'top_pad': 1}),
        layers.Permute((3, 1, 2)), layers.Reshape((-1, 4)), layers.Flatten(),
        normalization.BatchNormalization(epsilon=1e-2), normalization.BatchNormalization(axis=1),
        normalization.BatchNormalization(axis=2, mode=2), normalization.BatchNormalization(mode=1),
        normalization.BatchNormalization(mode=2), layers.Dense(4, activation='tanh'),
        advanced.PReLU(), advanced.SReLU(), advanced.ParametricSoftplus(),
        layers.SpatialDropout2D(.5), layers.GlobalMaxPooling2D(),
    ]
    return side_by_side(image, made)


def theano_images():
    """Of those, the layers that save dim_ordering='th'."""
    options = {'dim_ordering': 'th'}
    made = [
        layers.Convolution2D(4, 3, 2, border_mode='same', subsample=(2, 3), **options),
        layers.Convolution2D(4, 2, 2, W_constraint=constraints.maxnorm(2), **options),
        layers.AtrousConvolution2D(4, 3, 3, atrous_rate=(2, 2), border_mode='same', **options),
        layers.SeparableConvolution2D(7, 3, 2, depth_multiplier=2, **options),
        layers.Deconvolution2D(2, 3, 3, (None, 2, 17, 15), border_mode='same', subsample=(2, 2),
                               **options),
        layers.MaxPooling2D(border_mode='same', **options),
        layers.AveragePooling2D((3, 3), (2, 2), border_mode='same', **options),
        layers.GlobalMaxPooling2D(**options), layers.GlobalAveragePooling2D(**options),
        normalization.BatchNormalization(axis=1), layers.Flatten(),
    ]
    return side_by_side((3, 9, 8), made)


def volumes():
    tf, th = [
        layers.Convolution3D(4, 2, 3, 2, border_mode='same', subsample=(1, 2, 3)),
        layers.Convolution3D(4, 2, 1, 2, bias=False, activation='hard_sigmoid'),
        layers.MaxPooling3D((2, 3, 2), (1, 2, 3), border_mode='same'),
        layers.AveragePooling3D((2, 3, 2), (1, 2, 3), border_mode='same'),
        layers.UpSampling3D((1, 2, 3)), layers.ZeroPadding3D((0, 1, 2)),
        layers.Cropping3D(((0, 1), (2, 0), (0, 0))), layers.Cropping3D(((1, 1), (0, 2), (1, 0))),
        layers.SpatialDropout3D(.5), layers.GlobalAveragePooling3D(),
    ], [
        layers.Convolution3D(4, 2, 3, 2, subsample=(1, 2, 3), dim_ordering='th'),
        layers.AveragePooling3D(border_mode='same', dim_ordering='th'),
        layers.GlobalMaxPooling3D(dim_ordering='th'),
    ]
    x, y = layers.Input((5, 6, 4, 2)), layers.Input((2, 5, 6, 4))
    return Model([x, y], [layer(x) for layer in tf] + [layer(y) for layer in th])


def vectors():
    made = [layers.Dense(4, activation=name) for name in ACTIVATIONS]
    made += [layers.Activation(name) for name in ACTIVATIONS]
    made += [
        layers.Dense(4, bias=False, W_regularizer=regularizers.l1l2(.1, .2),
                     W_constraint=constraints.maxnorm(3), b_constraint=constraints.nonneg()),
        layers.Dense(4, W_constraint=constraints.unitnorm(),
                     activity_regularizer=regularizers.activity_l2(.1), trainable=False),
        layers.MaxoutDense(4, nb_feature=3, bias=False),
        layers.Highway(activation='relu'), layers.Highway(activation='hard_sigmoid'),
        layers.Highway(bias=False), advanced.LeakyReLU(.1), advanced.ELU(.4),
        advanced.ThresholdedReLU(.7), advanced.SReLU(), advanced.ParametricSoftplus(),
        normalization.BatchNormalization(), normalization.BatchNormalization(mode=1),
        normalization.BatchNormalization(mode=2), layers.RepeatVector(2), noise.GaussianNoise(.1),
        noise.GaussianDropout(.1), layers.ActivityRegularization(l2=.1), layers.Dropout(0.),
        layers.Dropout(1.),
    ]
    return side_by_side(VECTOR, made)


def serieses():
    wrap = wrappers.TimeDistributed
    made = [
        layers.Convolution1D(4, 3, border_mode='same', subsample_length=2, bias=False),
        layers.AtrousConvolution1D(4, 2, atrous_rate=2, border_mode='same', activation='relu'),
        layers.Convolution1D(4, 2, W_constraint=constraints.maxnorm(2)),
        local.LocallyConnected1D(4, 2, subsample_length=2, activation='tanh'),
        layers.MaxPooling1D(3, 2, border_mode='same'),
        layers.AveragePooling1D(3, 2, border_mode='same'),
        layers.UpSampling1D(3), layers.ZeroPadding1D(2), layers.ZeroPadding1D((0, 2)),
        layers.ZeroPadding1D({'right_pad': 1}), layers.Cropping1D((0, 2)),
        layers.SpatialDropout1D(.5), layers.GlobalMaxPooling1D(), layers.GlobalAveragePooling1D(),
        layers.Activation('softmax'), layers.TimeDistributedDense(4, activation='softmax'),
        normalization.BatchNormalization(axis=1), normalization.BatchNormalization(mode=2),
        wrap(layers.Dense(4, activation='hard_sigmoid')), wrap(layers.Dropout(.5)),
        wrap(normalization.BatchNormalization()), wrap(advanced.SReLU()), advanced.PReLU(),
        wrap(Sequential([layers.Dense(3, input_shape=(6,)), normalization.BatchNormalization(),
                         layers.Dense(2, activation='relu')])),
    ]
    return side_by_side(SERIES, made)


def recurrents():
    made = []
    for of in layers.LSTM, layers.GRU:
        for consume in 'cpu', 'mem', 'gpu':
            made.append(of(4, consume_less=consume, return_sequences=consume == 'mem'))
        made += [of(4, go_backwards=True, return_sequences=True, unroll=True),
                 of(4, inner_activation='sigmoid', activation='softsign', dropout_W=.2,
                    W_regularizer=regularizers.l2(.1))]
    made += [layers.GRU(4, activation='hard_sigmoid'), layers.SimpleRNN(4, return_sequences=True),
             layers.SimpleRNN(4, activation='hard_sigmoid', go_backwards=True, consume_less='mem')]
    for mode in 'sum', 'mul', 'ave', 'concat':
        made.append(wrappers.Bidirectional(layers.GRU(4, return_sequences=mode != 'sum',
                                                      go_backwards=mode == 'ave'), mode))
    x = layers.Input(SERIES)
    both = wrappers.Bidirectional(layers.SimpleRNN(4, return_sequences=True),
                                  merge_mode=None)(x)
    stack = layers.LSTM(3)(layers.GRU(4, return_sequences=True)(
        layers.SimpleRNN(5, return_sequences=True)(x)))
    return Model(x, [layer(x) for layer in made] + both + [stack])


def films():
    of = convolutional_recurrent.ConvLSTM2D
    x, y = layers.Input((2, 5, 4, 3)), layers.Input((2, 3, 5, 4))
    return Model([x, y], [
        of(3, 3, 2, border_mode='same', return_sequences=True, dim_ordering='tf')(x),
        of(3, 2, 2, go_backwards=True, inner_activation='sigmoid', dim_ordering='tf')(x),
        of(3, 2, 2, dim_ordering='th')(y),
        wrappers.TimeDistributed(layers.Convolution2D(2, 2, 2))(x),
        wrappers.TimeDistributed(layers.Flatten())(x)])


# ------------------------------------------------------------------------------ models of several

def masked():
    """Masks on their way to recurrent layers, out of a model, through merges and wrappers."""
    words = layers.Input((6,), dtype='int32')
    x = Sequential([layers.Embedding(9, 4, input_length=6, mask_zero=True, dropout=.2),
                    layers.Dropout(.3)])(words)
    y = layers.GRU(3, return_sequences=True)(x)
    both = [wrappers.Bidirectional(of(3, return_sequences=True, go_backwards=mode == 'ave'), mode)
            (layers.Activation('tanh')(x))
            for of, mode in ((layers.LSTM, 'concat'), (layers.GRU, 'ave'), (layers.GRU, 'sum'))]
    last = wrappers.Bidirectional(layers.SimpleRNN(3))(x)
    late = layers.Masking(.5)(layers.Dropout(.1)(x))
    through = x
    for layer in (layers.Activation('hard_sigmoid'), normalization.BatchNormalization(),
                  noise.GaussianNoise(.1), noise.GaussianDropout(.1), advanced.LeakyReLU(),
                  advanced.PReLU(), advanced.ELU(), layers.ActivityRegularization(l1=.1),
                  advanced.ThresholdedReLU(.05)):
        through = layer(through)
    return Model(words, both + [
        last, y, layers.SimpleRNN(3)(y), layers.SimpleRNN(3)(through),
        layers.LSTM(3)(layers.merge([y, both[0]], 'concat')),
        layers.LSTM(2, go_backwards=True, return_sequences=True, unroll=True)(x),
        layers.GRU(3)(late), layers.GRU(2)(layers.merge([y, both[1]], 'sum')),
        layers.LSTM(2)(wrappers.TimeDistributed(layers.Dense(2))(both[2])),
        layers.GRU(2)(layers.merge([layers.Masking(.2)(x), late], 'concat', concat_axis=1)),
        layers.SimpleRNN(2)(layers.TimeDistributedDense(2)(y))])


def merges():
    a, b = layers.Input((3, 4)), layers.Input((3, 4))
    v, w, u = (layers.Input(VECTOR) for _ in range(3))
    short = layers.Input((2, 4))
    return Model([a, b, v, w, u, short], [
        layers.merge([a, b], 'dot', dot_axes=axes) for axes in (1, 2, [1, 1], -1)
    ] + [layers.merge([a, short], 'dot', dot_axes=[2, 2]), layers.merge([v, w], 'dot'),
         layers.merge([v, w], 'cos'), layers.merge([a, short], 'concat', concat_axis=1),
         layers.merge([v, w, u], 'ave'),
         layers.merge([v, w, u], 'sum'), layers.merge([v, w, u], 'mul'),
         layers.merge([v, w, u], 'max'), layers.merge([v, w, u], 'concat')])


def shared():
    """A layer and a model used twice, a model in a model in a model, some of it frozen."""
    a, b = layers.Input(VECTOR, name='a'), layers.Input(VECTOR, name='b')
    dense = layers.Dense(5, activation='relu', name='both')
    x = layers.Input((5,))
    inside = Model(x, layers.Dense(3)(normalization.BatchNormalization()(x)), name='inside')
    frozen = Sequential([layers.Dense(4, input_shape=(5,), trainable=False),
                         normalization.BatchNormalization(), layers.Dense(5), inside])
    left, right = dense(a), dense(b)
    y = layers.merge([frozen(left), inside(right)], 'mul')
    return Model([a, b], [layers.Dense(2, activation='softmax', name='top/softmax')(y), left])


def branches():
    """A Sequential that begins with a Merge of Sequentials, one of which begins so, too."""
    def branch(units):
        return Sequential([layers.Dense(units, input_shape=VECTOR), layers.Activation('tanh')])
    both = Sequential([layers.Merge([branch(4), branch(3)], mode='concat'), layers.Dense(4)])
    model = Sequential([layers.Merge([both, branch(4)], mode='sum'), layers.Dense(3)])
    model.add(layers.Dense(2))
    return model


def stacked():
    """A Sequential of a Sequential and of a layer that is there twice."""
    again = layers.Dense(4, activation='tanh')
    return Sequential([Sequential([layers.Dense(4, input_shape=VECTOR),
                                   normalization.BatchNormalization()]), again, again,
                       layers.Dense(2)])


def stateful():
    return Sequential([
        layers.LSTM(3, stateful=True, return_sequences=True, batch_input_shape=(2, 5, 6)),
        wrappers.Bidirectional(layers.SimpleRNN(2, stateful=True, return_sequences=True)),
        layers.GRU(2, stateful=True, consume_less='gpu')])


def any_length():
    """Axes whose length is not known."""
    x, series = layers.Input((None, None, 3)), layers.Input((None, 6))
    y = advanced.PReLU(shared_axes=[1, 2])(layers.Convolution2D(4, 3, 3, border_mode='same')(x))
    y = advanced.SReLU(shared_axes=[1, 2])(layers.UpSampling2D()(y))
    return Model([x, series], [
        layers.GlobalAveragePooling2D()(layers.MaxPooling2D(border_mode='same')(y)),
        wrappers.TimeDistributed(layers.Dense(2))(layers.LSTM(3, return_sequences=True)(series))])


def head():
    """The article's."""
    x = layers.Input((6144,))
    return Model(x, layers.Dense(1, activation='sigmoid')(layers.Dropout(.5)(x)))


EQUAL = [images, theano_images, volumes, vectors, serieses, recurrents, films, masked, merges,
         shared, branches, stacked, stateful, any_length, head]


# ----------------------------------------------------------------- what has no equal in Keras 3

class Own(layers.Layer):
    pass


def own_activation(x):
    return x


def words():
    """An input and what an Embedding with a mask makes of it."""
    x = layers.Input((6,), dtype='int32')
    return x, layers.Embedding(9, 4, mask_zero=True)(x)


def behind_mask(*made):
    x, y = words()
    for layer in made:
        y = layer(y)
    return Model(x, y)


def merged_masks(mode):
    x, y = words()
    other = layers.Embedding(9, 4, mask_zero=True)(x) if mode == 'sum' else y
    return Model(x, layers.LSTM(2)(layers.merge([y, other], mode)))


REFUSED = {
    'Lambda': lambda: keras_layers.one_layer(
        lambda: layers.Lambda(lambda x: x * x, input_shape=VECTOR))[0],
    'a function merges': lambda: side_by_side_merged(lambda both: both[0] - both[1]),
    'own layer': lambda: side_by_side(VECTOR, [Own()]),
    'own activation': lambda: side_by_side(VECTOR, [layers.Dense(2, activation=own_activation)]),
    'hard cell': lambda: side_by_side(SERIES, [layers.LSTM(2, activation='hard_sigmoid')]),
    'theta': lambda: side_by_side(VECTOR, [advanced.ThresholdedReLU(-1.)]),
    'by 41': lambda: side_by_side((2, 2, 1), [layers.UpSampling2D((41, 1))]),
    'th': lambda: side_by_side((3, 8, 8), [local.LocallyConnected2D(2, 3, 3, dim_ordering='th')]),
    'two masks': lambda: merged_masks('sum'),
    'product of masked': lambda: merged_masks('mul'),
    'masked softplus': lambda: behind_mask(advanced.ParametricSoftplus(), layers.LSTM(2)),
    'masked steps of steps': lambda: behind_mask(
        wrappers.TimeDistributed(layers.RepeatVector(2)), wrappers.TimeDistributed(layers.GRU(2))),
    'masked and stateful': lambda: Sequential([
        layers.Masking(batch_input_shape=(2, 5, 6)), layers.GRU(2, stateful=True)]),
}


def side_by_side_merged(function):
    a, b = layers.Input(VECTOR), layers.Input(VECTOR)
    return Model([a, b], layers.merge([a, b], mode=function,
                                      output_shape=lambda shapes: shapes[0]))


def main(folder, *names):
    made = dict(((build.__name__, build) for build in EQUAL), **REFUSED)
    for name in names or sorted(made):
        K.clear_session()
        write(os.path.join(folder, name), made[name]())


if __name__ == '__main__':
    main(*sys.argv[1:])
