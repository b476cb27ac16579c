# -*- coding: utf-8 -*-
"""Sections 4 and 5: how fast the features came, whether engines agree, what the features are."""
from __future__ import division, print_function

import os

import numpy as np
from sklearn.decomposition import PCA

from repro import expected, features, networks
from repro.console.text import _
from repro.engines import equality
from repro.inputs import data
from repro.report import figures
from repro.work import record

PICTURES = data.TRAIN + data.TEST
BLOCK = 2500                # rows summed at a time
SAMPLE = 2000               # training pictures in the projection and the histogram
BINS = np.concatenate([[0], np.logspace(-4, 1, 51)])    # |value|; what is beyond is counted too


def beside():
    """What the article says of its speed, and the seconds of a public re-run on such a machine."""
    low, high = expected.article()['extraction_minutes']
    others = [r for r in expected.load('replications.json')['extraction_seconds']
              if 'p2.xlarge' in r['hardware']]
    return {'pictures': PICTURES, 'article_minutes': [low, high],
            'article_images_per_second': [PICTURES / 60 / high, PICTURES / 60 / low],
            'rerun': others[0] if others else None}


def equality_of(step):
    """What the step measured of another engine's equality, its bound as a Text; None for tf1."""
    measured = step.get('equality')
    return measured and dict(measured, bound=equality.bound_of(measured))


def section(run):
    """The speed of each network beside a p2.xlarge; {'networks': []} where none was run."""
    rows = []
    for network in run['settings'].get('networks', ()):
        step = record.entry(run, record.step_of(network))
        if not step.get('seconds') or not step.get('pictures'):
            continue
        # A kept or given file was not computed in this run: its seconds say nothing.
        row = {'network': network, 'engine': step.get('engine', 'tf1'),
               'precision': step.get('precision', 'float32'), 'pictures': step['pictures'],
               'equality': equality_of(step), 'threads': step.get('threads'),
               'workers': step.get('workers'), 'kept': bool(step.get('kept')),
               'resumed_after': step.get('resumed_after', 0)}
        # The seconds of a run that was resumed are those of the remaining pictures.
        row['computed'] = 0 if row['kept'] else row['pictures'] - row['resumed_after']
        if row['computed']:
            row.update(seconds=step['seconds'],
                       images_per_second=row['computed'] / step['seconds'],
                       hours_for_all=PICTURES * step['seconds'] / row['computed'] / 3600)
        rows.append(row)
    numbers = {'networks': rows if os.path.isdir('train2') else [], 'beside': beside(),
               'submit_equality': record.entry(run, 'submit').get('equality')}
    return numbers, {}


# ------------------------------------------------------------------------------- 5: the features

def summary(values):
    """Scale and spread of an (n, c) float32 array, exact over all values, block by block."""
    total = squares = zeros = 0
    least, most = np.inf, -np.inf
    of_columns = np.zeros(values.shape[1])
    for first in range(0, len(values), BLOCK):
        block = values[first:first + BLOCK]
        of_columns += block.sum(axis=0, dtype='float64')
        flat = block.ravel()
        squares += sum(float(np.dot(part, part)) for part in np.array_split(flat, 64))
        zeros += flat.size - np.count_nonzero(flat)
        least, most = min(least, float(flat.min())), max(most, float(flat.max()))
    total = of_columns.sum()
    mean, square = total / values.size, squares / values.size
    return {'mean': mean, 'std': float(np.sqrt(max(square - mean ** 2, 0))),
            'rms': float(np.sqrt(square)), 'zeros': zeros / values.size,
            'least': least, 'most': most,
            'std_of_column_means': float((of_columns / len(values)).std())}


def sampled(labels):
    """Rows of the sample: every k-th picture of each class, SAMPLE in all at most."""
    rows = []
    for label in (0, 1):
        of_label = np.flatnonzero(labels == label)
        step = max(1, -(-len(of_label) * 2 // SAMPLE))
        rows.append(of_label[::step])
    return np.concatenate(rows)


def features_section(run):
    """Summaries of gap_*.h5, a histogram and a 2-D projection of a sample of the pictures.

    One file is in memory at a time: 307 MB at the article's shape.
    """
    numbers, parts, histograms, labels = {'networks': {}}, [], {}, None
    for network in record.networks(run):
        name = features.filename(network)
        if not os.path.exists(name):
            continue
        with features.opened(name, remedy='run the step gap again') as h:
            labels = h['label'][()]
            train = h['train'][()]
            numbers['networks'][network] = {'train': summary(train)}
            part = train[sampled(labels)]
            del train
            numbers['networks'][network]['test'] = summary(h['test'][()])
        parts.append(part)
        histograms[network] = np.histogram(np.abs(part), BINS)[0] / part.size
    if not parts:
        return {}, {}
    numbers['order'] = networks.in_order_of_extraction(numbers['networks'])
    numbers['sample'] = len(parts[0])
    y = labels[sampled(labels)]
    numbers['of'] = len(labels)
    numbers['columns'] = sum(part.shape[1] for part in parts)
    points, shares = project(np.concatenate(parts, axis=1))
    numbers['projection'] = {'variance': shares, 'accuracy_of_two': split_by_two(points, y)}
    return numbers, {'histogram': histogram(numbers['order'], histograms),
                     'projection': scatter(points, y)}


def project(X):
    """The first two principal components of (n, c) rows, unscaled, as the head sees them."""
    pca = PCA(n_components=2, svd_solver='randomized', random_state=2017)
    points = pca.fit_transform(X)
    return points, [float(v) for v in pca.explained_variance_ratio_]


def split_by_two(points, y):
    """The share on its class's side of the line half way between the two classes' means."""
    cat, dog = points[y == 0].mean(axis=0), points[y == 1].mean(axis=0)
    is_dog = (points - (cat + dog) / 2).dot(dog - cat) > 0
    return float((is_dog == (y == 1)).mean())


def histogram(order, shares):
    figure, ax = figures.axes(_('share of the values, %'), _('size of a value'))
    centres = np.sqrt(BINS[1:-1] * BINS[2:])
    for network in order:
        ax.plot(centres, 100 * shares[network][1:], color=figures.DRAWN[network],
                linestyle=figures.LINES.get(network, 'solid'))
    ax.set_xscale('log')
    ax.set_ylim(bottom=0)
    return figures.svg(figure, 'histogram', _('How large the values of each network are'))


def scatter(points, y):
    figure, ax = figures.axes(_('second principal component'), _('first principal component'),
                              height=2.9)
    for label, colour, marker in ((0, 'cat', 'o'), (1, 'dog', '^')):
        these = points[y == label]
        ax.scatter(these[:, 0], these[:, 1], s=12 if len(y) < 500 else 5, marker=marker, alpha=.6,
                   linewidths=0, color=figures.DRAWN[colour], rasterized=len(y) > 600)
    return figures.svg(figure, 'projection', _('The features in two dimensions, cats and dogs'))
