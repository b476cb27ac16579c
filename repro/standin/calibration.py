# -*- coding: utf-8 -*-
"""Measures what expected/standin.bin records: one training-phase pass over drawings.

    python -m repro.standin calibrate NETWORK FILE      in a process of its own

TensorFlow runs in one thread, so that the number of cores changes nothing; processors still round
differently, which is why the result is recorded.  Keras's session, its learning phase and the
numbers in its layers' names hold for the whole process.
"""
from __future__ import division, print_function

import os
import pickle
import shutil
import tempfile

import numpy as np

from repro.networks import TABLE, constructor
from repro.standin import pictures, recorded, weights

# Calibration pictures; 32 cost twice the time and the head learns no better.  VGG takes 2 s a
# picture and has fewer statistics to fill.
PICTURES = {'ResNet50': 16, 'InceptionV3': 16, 'Xception': 16, 'VGG16': 8, 'VGG19': 8}


def measure(network):
    """The recorded.Network of a network, measured here."""
    import tensorflow as tf
    from keras import backend as K
    K.set_image_dim_ordering('tf')      # ~/.keras/keras.json may say otherwise
    K.set_floatx('float32')
    K.set_session(tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=1,
                                                   inter_op_parallelism_threads=1)))
    K.set_learning_phase(1)
    pairs = []
    with statistics_into(pairs):
        model = build(network)
    layers = [(layer.name, [(w.name, K.int_shape(w)) for w in layer.weights])
              for layer in model.layers]
    filters = gabors(dict(layers)[recorded.first(layers)][0][1])
    start = dict((layer, (np.zeros(width), np.ones(width)))
                 for layer, width in recorded.measured_layers(layers))
    seeded = recorded.Network(layers, filters, start, {})
    set_weights(model, weights.arrays(network, seeded))
    x = drawings(PICTURES[network], TABLE[network].size)
    names = [layer for layer, _ in recorded.measured_layers(layers)]
    if pairs:       # in the order of building, which is not that of model.layers
        values = K.get_session().run([value for _, value in pairs], {model.input: x})
        got = dict((variable.name, value) for (variable, _), value in zip(pairs, values))
        return seeded._replace(statistics=dict(
            (layer.name, [got[variable.name] for variable in layer.weights[2:]])
            for layer in model.layers if layer.name in names))
    statistics, last = rescale(model, x)
    scales = dict.fromkeys(names, np.float32(1))
    scales[names[-1]] = last
    return seeded._replace(statistics=dict(zip(names, statistics)), scales=scales)


def build(network):
    """The article's MODEL(input_tensor=..., include_top=False), without weights."""
    from keras.layers import Input, Lambda
    MODEL, lambda_func = constructor(network)
    x = Input(TABLE[network].size + (3,))
    if lambda_func:
        x = Lambda(lambda_func)(x)
    return MODEL(input_tensor=x, weights=None, include_top=False)


def set_weights(model, arrays):
    from keras import backend as K
    variables = dict((layer.name, layer.weights) for layer in model.layers)
    K.batch_set_value([(variable, value) for layer, pairs in arrays
                       for variable, (_, value) in zip(variables[layer], pairs)])


class statistics_into(object):
    """While it lasts, each batch normalization that is built appends two pairs to a list.

    A pair: a moving average's variable, and the tensor of the batch's value.
    """

    def __init__(self, pairs):
        from keras import backend
        self.backend, self.original = backend, backend.moving_average_update

        def update(variable, value, momentum):
            pairs.append((variable, value))
            return self.original(variable, value, momentum)

        self.update = update

    def __enter__(self):
        self.backend.moving_average_update = self.update

    def __exit__(self, *exception):
        self.backend.moving_average_update = self.original


def drawings(count, size):
    """Drawings as Keras reads them: float32 (count, height, width, 3), 0 to 255."""
    from keras.preprocessing.image import img_to_array, load_img
    folder = tempfile.mkdtemp()
    try:
        paths = [os.path.join(folder, '%d.jpg' % i) for i in range(count)]
        pictures.draw_files([(path, i % 2, pictures.SEED_CALIBRATION + i)
                             for i, path in enumerate(paths)], 'drawing for calibration')
        return np.array([img_to_array(load_img(path, target_size=size)) for path in paths])
    finally:
        shutil.rmtree(folder)


def rescale(model, x):
    """([(mean, variance)] of each convolution, the last one's scale), for VGG.

    As if each convolution had a batch normalization after it; the scale gives weights.FEATURE_STD.
    """
    import tensorflow as tf
    from keras import backend as K
    h, moments = model.input, []
    for layer in model.layers:
        if layer.__class__.__name__ == 'Convolution2D':
            h = K.conv2d(h, layer.W, border_mode='same', dim_ordering='tf')
            mean, variance = tf.nn.moments(h, [0, 1, 2])
            h = K.relu((h - mean) / K.sqrt(variance))
            moments += [mean, variance]
        elif layer.__class__.__name__ == 'MaxPooling2D':
            h = layer.call(h)
    values = K.get_session().run(moments + [K.mean(h, axis=[1, 2])], {model.input: x})
    last = np.float32(weights.FEATURE_STD / values.pop().std())
    return list(zip(values[::2], values[1::2])), last


def gabors(shape):
    """Gabor filters without mean and, when 7 wide, without slope: (side, side, filters) float32.

    shape: (side, side, 3, filters), side 3 or 7 (ResNet50's).  Each has the norm 1.
    """
    side, _, _, count = shape
    rs = np.random.RandomState(weights.SEED)
    wide = side == 7
    r = (side - 1) / 2.
    y, x = np.mgrid[0:side, 0:side] - r
    window = np.exp(-(x ** 2 + y ** 2) / (2 * (1.9 if wide else .9) ** 2))
    out = np.zeros((side, side, count), 'float32')
    for j in range(count):
        angle = 7 * np.pi * j / count
        period = rs.uniform(4.5, 8) if wide else rs.uniform(2.6, 4.)    # in pixels
        phase = rs.uniform(0, 2 * np.pi)
        u = x * np.cos(angle) + y * np.sin(angle)
        f = window * np.cos(2 * np.pi * u / period + (phase if wide else 0))
        f -= window * f.sum() / window.sum()
        if wide:
            for v in (x, y):
                f -= window * v * (f * v).sum() / (window * v * v).sum()
        f /= np.sqrt((f ** 2).sum())
        out[:, :, j] = f * rs.choice([-1, 1])
    return out


def main(network, name):
    """Measures a network; a pickle of its recorded.Network, as plain values, goes to the file."""
    with open(name, 'wb') as f:
        pickle.dump(tuple(measure(network)), f, 2)
