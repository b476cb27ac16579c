# -*- coding: utf-8 -*-
"""Does another engine give the same features?  Measured on the run's own pictures and weights.

Before a network is extracted, a sample of the pictures goes through TensorFlow 1.0.1 and through
the engine.  The features are compared, kept in equality_<network>.h5, and held against a bound.
"""
from __future__ import division

import os

import h5py
import numpy as np

from repro import features
from repro.console.progress import say
from repro.console.text import _, english
from repro.engines.decoder import decode
from repro.engines.pixels import BATCH, in_batches
from repro.failures import Failure
from repro.work.folder import discard, replacing

SAMPLE = 32
# Trained weights differ by 1e-5 of the rms in f32, and by 1e-3 at most on seeded ones, which
# amplify rounding; 2017's own two backends (TensorFlow, Theano) by 6e-5.
F32_BOUND = 1e-3
# bf16 has 8 bits of mantissa: on trained weights the smallest cosine of 10,000 pictures was
# 0.99934.  Seeded weights say nothing about it: there it is reported and not judged.
BF16_BOUND = 0.998


class Sample(object):
    """Some of a run's pictures, spread evenly, and what TensorFlow 1.0.1 makes of them.

    rows: their numbers, over training and then test pictures; raw: uint8 (n, height, width, 3);
    tf1: features, float32 (n, c).
    """

    def __init__(self, model, generators):
        paths = [path for generator in generators for batch in in_batches(generator)
                 for path in batch]
        self.rows = rows(len(paths))
        images, self.raw = pixels([paths[i] for i in self.rows], model.input_shape[1:3],
                                  generators[0].image_data_generator)
        self.tf1 = in_pieces(model.predict_on_batch, images)


def in_pieces(predict, pictures):
    """The features of pictures that go through `predict` in batches of at most 16."""
    return np.concatenate([predict(pictures[i:i + BATCH])
                           for i in range(0, len(pictures), BATCH)])


def prove(model, network, generators, infer, precision, weights_are):
    """Sends a sample through both engines; raises Failure past the bound.

    infer: the engine's function, uint8 (n, height, width, 3) → features float32 (n, c), for at
    most a batch of pictures.
    """
    prove_sample(Sample(model, generators), network, infer, precision, weights_are)


def prove_sample(sample, network, infer, precision, weights_are, where='the engine'):
    """prove() with a Sample that is there already; where: what the line calls the engine."""
    engine = in_pieces(infer, sample.raw)
    differences = judge(compare(sample.tf1, engine), precision, weights_are)
    write(network, sample.rows, sample.tf1, engine, differences)
    say('gap: ' + line(network, differences, where))
    if differences['passed'] is False:
        raise Failure('%s: the features from %s are not those of TensorFlow 1.0.1: use it in full '
                      'precision, or --engine tf1' % (network, where))


def rows(total):
    """The sample's row numbers, spread evenly over training and test pictures."""
    return np.unique(np.linspace(0, total - 1, min(SAMPLE, total)).astype(int))


def pixels(paths, size, image_data_generator):
    """float32 (n, height, width, 3) as Keras's generator makes them, and the decoder's uint8.

    Raises Failure when any value differs: the engine would see other pictures.
    """
    from keras.preprocessing.image import img_to_array, load_img    # verify reads without Keras
    keras = np.array([image_data_generator.standardize(image_data_generator.random_transform(
        img_to_array(load_img(path, target_size=size)))) for path in paths])
    ours = np.array([np.frombuffer(decode(path, size), np.uint8).reshape(size + (3,))
                     for path in paths])
    if not np.array_equal(keras, ours):
        raise Failure('the engine\'s decoder reads one of %s ... %s differently from Keras: use '
                      '--engine tf1' % (paths[0], paths[-1]))
    return keras, ours


def compare(tf1, engine):
    """Differences between two (n, c) float32 arrays of features, as a dict of numbers.

    max_relative is over the values above a thousandth of tf1's rms, since most others are 0.
    """
    tf1, engine = tf1.astype('float64'), engine.astype('float64')
    difference = np.abs(tf1 - engine)
    rms = np.sqrt(np.mean(tf1 ** 2))
    large = np.abs(tf1) > 1e-3 * rms
    norms = np.sqrt((tf1 ** 2).sum(axis=1) * (engine ** 2).sum(axis=1))
    cosines = (tf1 * engine).sum(axis=1) / norms
    return {'pictures': len(tf1), 'rms': float(rms), 'max_abs': float(difference.max()),
            'max_abs_over_rms': float(difference.max() / rms),
            'max_relative': float((difference[large] / np.abs(tf1[large])).max()),
            'smallest_cosine': float(cosines.min())}


def judge(differences, precision, weights_are):
    """compare()'s dict with its bound: measure (which number it is for), bound, and passed.

    passed: True, False, or None where the bound says nothing.
    """
    if precision == 'f32':
        return dict(differences, measure='max_abs_over_rms', bound=F32_BOUND,
                    passed=differences['max_abs_over_rms'] <= F32_BOUND)
    return dict(differences, measure='smallest_cosine', bound=BF16_BOUND,
                passed=None if weights_are == 'stand-in' else
                differences['smallest_cosine'] >= BF16_BOUND)


def bound_of(differences):
    """The bound that judge() applied, as a Text."""
    bound = differences['bound']
    if 'measure' not in differences:
        return bound        # a folder made before 2026-11-26 holds it in words
    if differences['measure'] == 'max_abs_over_rms':
        return _('max abs at most {bound:g} of the rms', bound=bound)
    if differences['passed'] is None:
        return _('smallest cosine at least {bound:g} (on real weights: not meaningful on '
                 'stand-ins)', bound=bound)
    return _('smallest cosine at least {bound:g}', bound=bound)


def line(network, differences, where):
    return ('{0}: {pictures} pictures through tf1 and {1}: max abs {max_abs_over_rms:.1e} '
            'of the rms, max relative {max_relative:.1e}, smallest cosine {smallest_cosine:.7f}; '
            'bound: {2}: {3}').format(
                network, where, english(bound_of(differences)),
                {True: 'held', False: 'NOT held', None: 'not judged'}[differences['passed']],
                **differences)


def filename(network):
    return 'equality_%s.h5' % network


def write(network, sample, tf1, engine, differences):
    """equality_<network>.h5: rows (n,) of the sample, in train then test; tf1, engine (n, c)."""
    with replacing(filename(network), tf1.nbytes * 2 + 10**6) as name:
        with h5py.File(name, 'w') as h:
            h.create_dataset('rows', data=sample)
            h.create_dataset('tf1', data=tf1)
            h.create_dataset('engine', data=engine)
            h.attrs.update(dict((k, 'not judged' if v is None else v)
                                for k, v in differences.items()))


def entry(network, engine):
    """What run.json says of a network's equality; {} for tf1.  Raises as check_rows does."""
    if engine.is_reference:
        discard(filename(network))
        return {}
    check_rows(network)
    with h5py.File(filename(network), 'r') as h:
        differences = dict(h.attrs)
    passed = differences['passed']
    differences['passed'] = None if passed == 'not judged' else bool(passed)
    return dict(engine.facts, equality=differences)


def check_rows(network):
    """The sample's rows of gap_<network>.h5 are the sample's features: the order is kept.

    Raises Failure.  The row of another picture differs by about as much as its own size.
    """
    with h5py.File(filename(network), 'r') as h:
        sample, expected = h['rows'][()], h['engine'][()]
    name = features.filename(network)
    with features.opened(name) as h:        # only these rows: all are 300 MB
        n = len(h['train'])
        written = np.concatenate([h['train'][sample[sample < n].tolist()],
                                  h['test'][(sample[sample >= n] - n).tolist()]])
    cosine = compare(expected, written)['smallest_cosine']
    if cosine < 0.9999:
        raise Failure('%s: its rows are in another order than the pictures (cosine %.4f): '
                      'delete it and use --engine tf1' % (name, cosine))


def decisions(networks, predict):
    """What the sample's tf1 features change in the head's clipped predictions, as a dict.

    networks: in the order of the head's inputs; predict: (n, c) features → (n, 1) predictions.
    log_loss_change is over the sample's training pictures, the only ones with labels.
    """
    from sklearn.metrics import log_loss    # verify, which needs the bounds alone, starts faster
    tf1, engine = [], []
    for network in networks:
        with h5py.File(filename(network), 'r') as h:
            sample = h['rows'][()]
            tf1.append(h['tf1'][()])
            engine.append(h['engine'][()])
    with features.opened(features.filename(networks[0])) as h:
        label = h['label'][()]
    p, q = (predict(np.concatenate(X, axis=1))[:, 0] for X in (tf1, engine))
    known = sample < len(label)
    change = [log_loss(label[sample[known]], x[known], labels=[0, 1]) for x in (p, q)]
    return {'pictures': len(sample), 'flips': int(((p > .5) != (q > .5)).sum()),
            'largest_change': float(np.abs(p - q).max()),
            'log_loss_change': float(change[1] - change[0])}


def is_there(networks):
    """Whether the features of every network came from another engine than tf1."""
    return all(os.path.exists(filename(n)) for n in networks)
