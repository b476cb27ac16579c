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

from repro import features
from repro.console.progress import say
from repro.failures import BadInput, OtherInputs
from repro.inputs import data
from repro.networks import (CONCATENATION, TABLE, in_order_of_concatenation,
                            in_order_of_extraction)
from repro.work import record
from repro.work.folder import replacing, write_json

SEEDINGS = ('article', 'notebook')


def check(networks):
    """Raises BadInput, or OtherInputs, unless all files are there and from the same pictures.

    Returns their features.Features.
    """
    checked = []
    for network in networks:
        filename = features.filename(network)
        if not os.path.exists(filename):
            raise BadInput('%s is missing: run the step gap first' % filename)
        checked.append(features.check(network, remedy='run the step gap again'))
    features.check_together(checked)
    here = data.fingerprint() if os.path.isdir('train') and os.path.isdir('test') else None
    if here and checked[0].attributes.get('picture_set', here) != here:
        raise OtherInputs('%s is from another set of pictures than train/ and test/ hold '
                          'now: run the step gap again' % checked[0].path)
    return checked


def load(networks, seed=2017):
    """X_train (n, c) float32 and y_train (n,), shuffled after the seed; X_test (m, c)."""
    np.random.seed(seed)

    X_train = []
    X_test = []

    for filename in [features.filename(network) for network in networks]:
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


def digraph(networks):
    """The article's drawing of the model, in the DOT language, for the networks that are used."""
    drawn = in_order_of_extraction(networks)
    channels = dict((n, TABLE[n].channels) for n in drawn)
    lines = ['digraph G{', '    node [shape=record]']
    for letter, n in zip('abcde', drawn):
        lines.append('    %s[label="%s|{input:|output:}|{(%d, %d, 3)|(%d)}"]'
                     % ((letter, n) + TABLE[n].size + (channels[n],)))
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


def main(networks=CONCATENATION, seeding='article'):
    start = time.time()
    networks = in_order_of_concatenation(networks)
    check(networks)
    with replacing('model.dot') as name:
        with open(name, 'w') as f:
            f.write(digraph(networks))

    say('head: features of %s, seeding %s' % (', '.join(networks), seeding))
    model, log, X_train, y_train = train(networks, seeding)
    seconds = time.time() - start
    # 4 bytes for each weight, and again for each of adadelta's two accumulators
    with replacing('model.h5', 12 * X_train.shape[1] + 10**5) as name:
        model.save(name)
    held_out = validate(model, X_train, y_train)
    width = X_train.shape[1]
    del model, X_train, y_train
    K.clear_session()

    other = SEEDINGS[1 - SEEDINGS.index(seeding)]
    say('head: once more with seeding %s, to compare the logs' % other)
    logs = {seeding: log, other: train(networks, other)[1]}
    K.clear_session()
    write_json('history.json', {'seeding': seeding, 'logs': logs})

    record.append('head', time.time() - start,
                  ['model.h5', 'history.json', 'validation.csv', 'model.dot'],
                  seeding=seeding, seeds={'article': [2017, 2017], 'notebook': [2017]}[seeding],
                  networks=networks, features=width, validated=held_out,
                  seconds_of_the_first_training=round(seconds, 2))
