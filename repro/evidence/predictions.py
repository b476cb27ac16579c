# -*- coding: utf-8 -*-
"""pred.csv, and what the head predicts when model.h5 and gap_*.h5 are multiplied without Keras."""
from __future__ import division, print_function

import csv

import h5py
import numpy as np

from repro import features
from repro.console.text import _
from repro.evidence.checks import FAIL, SKIPPED, UNREADABLE, check, judged
from repro.inputs import data
from repro.work import record


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def head_weights():
    """model.h5's one neuron: its weights (c,) and its bias, float32, read without Keras."""
    with h5py.File('model.h5', 'r') as h:
        arrays = [layer[n][()] for layer in h['model_weights'].values()
                  for n in layer.attrs['weight_names']]
    w, b = sorted(arrays, key=len, reverse=True)
    return w[:, 0], b[0]


def recomputed(names):
    """The head's predictions without Keras: sigmoid(X w + b), clipped; (m,) float64.

    names: the networks in the order in which the head's inputs were concatenated.
    """
    w, b = head_weights()
    total, first = b.astype('float64'), 0
    for network in names:       # one after the other: all at once are 2 GB at full size
        with features.opened(features.filename(network)) as h:
            X = h['test'][()].astype('float64')
        total = total + (X * w[first:first + X.shape[1]]).sum(axis=1)
        first += X.shape[1]
    if first != len(w):
        raise ValueError('model.h5 needs %d features and gap_*.h5 hold %d' % (len(w), first))
    return sigmoid(total).clip(0.005, 0.995)


def read():
    """pred.csv: ([id], labels (m,) float64).  ValueError where it is something else."""
    with open('pred.csv') as f:
        rows = list(csv.reader(f))
    if not rows or rows[0] != ['id', 'label']:
        raise ValueError('the first line is not id,label')
    return [int(i) for i, _label in rows[1:]], np.array([float(p) for _id, p in rows[1:]])


def test_ids(run):
    """The row numbers of the test pictures in the order of the features' rows."""
    names = (data.names('test') if record.pictures_are_here(run)
             else data.numbered(record.data(run)['test']))
    return [int(n[:n.rfind('.')]) for n in names]


def checks(run):
    """pred.csv against model.h5 and gap_*.h5, multiplied once more with numpy alone."""
    submit = record.entry(run, 'submit')
    if not submit:
        return
    try:
        what = 'test/'
        rows = np.array(test_ids(run)) - 1
        what = 'pred.csv'
        ids, labels = read()
        again = recomputed(submit['networks'])
        used = labels[rows]
    except UNREADABLE as e:
        yield check('predictions', what, _('readable'), str(e), FAIL)
        return
    yield check('predictions', _('pred.csv rows'), _('ids 1 to {n}', n=submit['rows']),
                _('{n} rows', n=len(ids)), judged(ids == list(range(1, submit['rows'] + 1))))
    # float32 decimals: 0.005 is written 0.004999999888241291
    inside = (used >= 0.00499999).all() and (used <= 0.99500001).all()
    yield check('predictions', _('pred.csv range'),
                _('{low} to {high}', low='0.005', high='0.995'),
                _('{low} to {high}', low='%.6f' % used.min(), high='%.6f' % used.max()),
                judged(inside))
    what = _('pred.csv is model.h5 on gap_*.h5')
    if record.order(run) != 'sorted':
        yield check('predictions', what, '', _('rows in raw order'), SKIPPED)
        return
    worst = np.abs(used - again).max()
    # float32 products of 6,144 terms in another order: 1e-6 measured on the demo
    yield check('predictions', what, _('within {bound}', bound='1e-5'), '%.1e' % worst,
                judged(worst <= 1e-5))
