# -*- coding: utf-8 -*-
"""载入特征向量, 构建模型, 训练模型 (loading, building, training): gap_*.h5 → model.h5.

The article's listing calls np.random.seed(2017) twice: before the features are shuffled, and
again before the head is built.  The author's notebook, which printed the article's log, calls
it once.  Both are kept and named: seeding 'article' (the listing) and 'notebook'.  Each run
trains both, since eight epochs take seconds: the one asked for gives model.h5, and
history.json holds the logs of both.

Departures from the listing: none in the calls.  The files are checked before they are used,
and predictions for the validation pictures are kept in validation.csv.
"""
from __future__ import division, print_function

import os
import time

import h5py
import numpy as np
import pandas as pd
from keras import backend as K
from keras.layers import Dense, Dropout, Input
from keras.models import Model
from sklearn.utils import shuffle

from repro import record
from repro.failures import BadInput, OtherInputs
from repro.folder import replacing, write_json
from repro.progress import say
from repro.inputs import data

SEEDINGS = ('article', 'notebook')
ORDER = ('ResNet50', 'Xception', 'InceptionV3')     # the listing's, not the order of extraction
SIZES = {'ResNet50': 224, 'InceptionV3': 299, 'Xception': 299, 'VGG16': 224, 'VGG19': 224}


def in_order(networks):
    """The networks in the order in which their features are concatenated; VGG comes last."""
    return [n for n in ORDER + ('VGG16', 'VGG19') if n in networks]


def check(networks):
    """Raises BadInput, or OtherInputs, unless all files are there and from the same pictures."""
    seen = {}
    for network in networks:
        filename = 'gap_%s.h5' % network
        if not os.path.exists(filename):
            raise BadInput('%s is missing: run the step gap first' % filename)
        try:
            with h5py.File(filename, 'r') as h:
                check_file(filename, h, seen)
        except (IOError, OSError, RuntimeError) as e:
            raise BadInput('%s is not a whole HDF5 file (%s): run the step gap again'
                           % (filename, e))
    here = data.fingerprint() if os.path.isdir('train') and os.path.isdir('test') else None
    if here and seen['picture_set'] is not None and seen['picture_set'] != here:
        raise OtherInputs('%s is from another set of pictures than train/ and test/ hold '
                          'now: run the step gap again' % seen['filename'])


def check_file(filename, h, seen):
    """One features file against its own form, and against the first one (`seen`)."""
    for name in ('train', 'test', 'label'):
        if not isinstance(h.get(name), h5py.Dataset):
            raise BadInput('%s has no dataset %s: run the step gap again' % (filename, name))
    channels = 512 if 'VGG' in filename else 2048
    n = len(h['label']) if h['label'].shape else 0
    if h['train'].shape != (n, channels) or h['test'].shape[1:] != (channels,):
        raise BadInput('%s: train is %s and test %s, where (%d, %d) and (m, %d) are wanted: '
                       'run the step gap again' % (filename, h['train'].shape,
                                                   h['test'].shape, n, channels, channels))
    for name in ('train', 'test'):
        if h[name].dtype.kind != 'f' or not np.isfinite(h[name][()]).all():
            raise BadInput('%s: %s holds nan, infinity or no floating-point numbers, and the '
                           'head would learn nothing: run the step gap again'
                           % (filename, name))
    if h['label'].shape != (n,) or set(h['label'][()].tolist()) != set([0, 1]):
        raise BadInput('%s: label is not one 0 (cat) or 1 (dog) a picture: run the step gap '
                       'again' % filename)
    this = {'filename': filename, 'n': n, 'm': h['test'].shape[0],
            'label': h['label'][()].tobytes(), 'picture_set': h.attrs.get('picture_set')}
    for key in ('n', 'm', 'label', 'picture_set'):
        if seen and this[key] != seen[key]:
            raise OtherInputs('%s is from another set of pictures than %s: run the step gap '
                              'again' % (filename, seen['filename']))
    seen.update(this)


def rows(part, networks):
    """How many rows `part` ('train' or 'test') has in these networks' files."""
    with h5py.File('gap_%s.h5' % networks[0], 'r') as h:
        return h[part].shape[0]


def load(networks, seed=2017):
    """X_train (n, c) float32 and y_train (n,), shuffled after the seed; X_test (m, c)."""
    np.random.seed(seed)

    X_train = []
    X_test = []

    for filename in ['gap_%s.h5' % network for network in networks]:
        with h5py.File(filename, 'r') as h:
            X_train.append(np.array(h['train']))
            X_test.append(np.array(h['test']))
            y_train = np.array(h['label'])

    X_train = np.concatenate(X_train, axis=1)
    X_test = np.concatenate(X_test, axis=1)

    X_train, y_train = shuffle(X_train, y_train)
    return X_train, y_train, X_test


def build(X_train):
    """The article's head: dropout, then one neuron; 6,145 parameters for three networks."""
    input_tensor = Input(X_train.shape[1:])
    x = Dropout(0.5)(input_tensor)
    x = Dense(1, activation='sigmoid')(x)
    model = Model(input_tensor, x)

    model.compile(optimizer='adadelta',
                  loss='binary_crossentropy',
                  metrics=['accuracy'])
    return model


def train(networks, seeding, seed=2017):
    """Loads, builds and fits with one seeding; returns the model, its log, and the data.

    seed: the article's, or another one in the same places (repro/seeds.py).
    """
    X_train, y_train, _ = load(networks, seed)
    if seeding == 'article':
        np.random.seed(seed)
    model = build(X_train)
    history = model.fit(X_train, y_train, batch_size=128, nb_epoch=8, validation_split=0.2)
    log = dict((k, [float(v) for v in values]) for k, values in history.history.items())
    return model, log, X_train, y_train


def validate(model, X_train, y_train):
    """validation.csv: row (of the features file's train), label, prediction (not clipped).

    Keras's validation_split takes the last rows of what was shuffled: from
    int(n * (1 - 0.2)) on (keras/engine/training.py).  The same seed and length give the same
    permutation, which tells the rows' numbers.
    """
    split_at = int(len(X_train) * (1. - 0.2))
    np.random.seed(2017)
    rows = shuffle(np.arange(len(X_train)))
    predicted = model.predict(X_train[split_at:])[:, 0]
    table = pd.DataFrame({'row': rows[split_at:], 'label': y_train[split_at:],
                          'prediction': predicted}, columns=['row', 'label', 'prediction'])
    with replacing('validation.csv') as name:
        table.to_csv(name, index=None)
    return len(table)


def digraph(networks, channels):
    """The article's drawing of the model, in the DOT language, for the networks that are used."""
    drawn = [n for n in ('ResNet50', 'InceptionV3', 'Xception', 'VGG16', 'VGG19')
             if n in networks]      # the drawing's order is the order of extraction
    lines = ['digraph G{', '    node [shape=record]']
    for letter, n in zip('abcde', drawn):
        lines.append('    %s[label="%s|{input:|output:}|{(%d, %d, 3)|(%d)}"]'
                     % (letter, n, SIZES[n], SIZES[n], channels[n]))
    total = sum(channels.values())
    if len(set(channels.values())) == 1:
        merged = '(%d, %d)' % (len(drawn), channels[drawn[0]])
    else:
        merged = ' + '.join(str(channels[n]) for n in drawn)
    lines += [
        '    Merge[label="Merge|{input:|output:}|{%s|(%d)}"]' % (merged, total),
        '    Dropout[label="Dropout|Rate:|0.5"]',
        '    Output[label="Output|{input:|output:}|{(%d)|(1)}"]' % total]
    lines += ['    Image -> %s -> Merge' % letter for letter, _ in zip('abcde', drawn)]
    return '\n'.join(lines + ['    Merge -> Dropout -> Output', '}', ''])


def draw(networks):
    channels = {}
    for n in networks:
        with h5py.File('gap_%s.h5' % n, 'r') as h:
            channels[n] = h['train'].shape[1]
    with replacing('model.dot') as name:
        with open(name, 'w') as f:
            f.write(digraph(networks, channels))


def main(networks=ORDER, seeding='article'):
    begun = time.time()
    networks = in_order(networks)
    check(networks)
    draw(networks)

    say('head: features of %s, seeding %s' % (', '.join(networks), seeding))
    model, log, X_train, y_train = train(networks, seeding)
    seconds = time.time() - begun
    # 4 bytes for each weight, and again for each of adadelta's two accumulators
    with replacing('model.h5', 12 * X_train.shape[1] + 10**5) as name:
        model.save(name)
    held_out = validate(model, X_train, y_train)
    features = X_train.shape[1]
    del model, X_train, y_train
    K.clear_session()

    other = SEEDINGS[1 - SEEDINGS.index(seeding)]
    say('head: once more with seeding %s, to compare the logs' % other)
    logs = {seeding: log, other: train(networks, other)[1]}
    K.clear_session()
    write_json('history.json', {'seeding': seeding, 'logs': logs})

    record.append('head', time.time() - begun,
                  ['model.h5', 'history.json', 'validation.csv', 'model.dot'],
                  seeding=seeding, seeds={'article': [2017, 2017], 'notebook': [2017]}[seeding],
                  networks=networks, features=features, validated=held_out,
                  seconds_of_the_first_training=round(seconds, 2))
