# -*- coding: utf-8 -*-
"""A default demo against the values recorded in expected/demo.json, within its tolerances."""
from __future__ import division, print_function

import hashlib
import os

import numpy as np

from repro import expected, features, networks
from repro.console.text import _
from repro.engines import equality
from repro.evidence import predictions, reruns
from repro.evidence.checks import MISSING, SKIPPED, check, judged
from repro.inputs import data
from repro.standin import weights as standin
from repro.work import record
from repro.work.folder import read_json, sha256

# What expected/demo.json records of a features file, as the table names it.
SUMMARY = (('mean', _('{network} features, mean')), ('std', _('{network} features, std')),
           ('max', _('{network} features, max')), ('zeros', _('{network} features, zeros')),
           ('first cat', _('{network} features, first cat')),
           ('last dog', _('{network} features, last dog')),
           ('first test picture', _('{network} features, first test picture')),
           ('last test picture', _('{network} features, last test picture')))


def features_summary(network):
    """What expected/demo.json keeps of one features file, as JSON values."""
    with features.opened(features.filename(network)) as h:
        train, test = h['train'][()].astype('float64'), h['test'][()].astype('float64')
    return {'mean': train.mean(), 'std': train.std(), 'max': train.max(),
            'rms': np.sqrt((train ** 2).mean()), 'zeros': (train == 0).mean(),
            'first cat': train[0, :8].tolist(), 'last dog': train[-1, 1000:1008].tolist(),
            'first test picture': test[0, :8].tolist(),
            'last test picture': test[-1, -8:].tolist()}


def drawings():
    """One sha256 over the bytes of all pictures, in the order of their names."""
    digest = hashlib.sha256()
    for folder in ('train', 'test'):
        for name in data.names(folder):
            digest.update(sha256(folder + '/' + name).encode('ascii'))
    return digest.hexdigest()


def checks(run):
    """A default demo against expected/demo.json, within the tolerances stated there."""
    golden = expected.load('demo.json')
    settings, tolerances = run['settings'], golden['tolerances']
    by = record.engine(run)
    part = 'features' + ('' if by == 'tf1' else ' by ' + by)
    if any(settings.get(k) != golden['settings'][k] for k in golden['settings']) \
            or record.order(run) != 'sorted' or part not in tolerances:
        yield check('golden', _('golden values'), _('a default demo'),
                    _('counts, networks, seeding, order or precision differ'), SKIPPED)
        return
    if any(not record.entry(run, s) for s in ('head', 'submit')):
        return
    for rows in (check_standins(golden), check_features(golden, tolerances[part]),
                 check_logs(golden), check_predictions(run, golden)):
        for row in rows:
            yield row


def check_standins(golden):
    """The drawn pictures are the recorded ones, byte for byte, and the seeded weights' arrays."""
    got = drawings()
    yield check('drawings', _('drawn pictures'),
                _('sha256 {digest}', digest=golden['pictures'][:16]), got[:16],
                judged(got == golden['pictures']))
    for network, wanted in sorted(golden['weights'].items()):
        path = networks.weights_path(network)
        got = standin.array_sha256(path) if os.path.exists(path) else None
        yield check('stand-in weights', _('stand-in weights of {network}', network=network),
                    _('arrays {digest}', digest=wanted[:16]), got[:16] if got else MISSING,
                    judged(got == wanted))


def off_by(worst):
    return _('off by {worst:.1e}', worst=worst)


def check_features(golden, tolerances):
    for network, wanted in sorted(golden['features'].items()):
        got, bound = features_summary(network), bound_of(tolerances[network])
        for key, what in SUMMARY:
            worst = np.abs(np.subtract(got[key], wanted[key])).max()
            worst /= 1 if key == 'zeros' else wanted['rms']
            yield check('golden features', _(what.sentence, network=network),
                        tolerance(key, wanted[key], bound), off_by(worst), judged(worst <= bound))


def bound_of(tolerance):
    """The number of a tolerance in expected/demo.json; some are the equality check's."""
    if tolerance.get('same as') == 'equality':
        return equality.F32_BOUND
    return tolerance['value']


def tolerance(key, wanted, bound):
    if key == 'zeros':
        return _('{value:.5f} within {bound:g}', value=wanted, bound=bound)
    if np.isscalar(wanted):
        return _('{value:.5f} within {bound:g} rms', value=wanted, bound=bound)
    return _('{n} values within {bound:g} rms', n=len(wanted), bound=bound)


def check_logs(golden):
    logs = read_json('history.json')['logs']
    for seeding, epochs in sorted(golden['logs'].items()):
        for metric in reruns.COLUMNS:
            worst = np.abs(np.subtract(logs[seeding][metric], epochs[metric])).max()
            bound = golden['tolerances']['accuracy' if metric.endswith('acc') else 'loss']['value']
            yield check('golden log', _('log of 8 epochs, seeding {seeding}, {metric}',
                                        seeding=seeding, metric=metric),
                        _('ends {end:.4f} within {bound:g}', end=epochs[metric][-1], bound=bound),
                        off_by(worst), judged(worst <= bound))


def check_predictions(run, golden):
    labels, wanted = predictions.read()[1], golden['predictions']
    worst = np.abs(labels - wanted).max() if len(labels) == len(wanted) else np.inf
    bound = golden['tolerances']['predictions']['value']
    yield check('golden predictions', _('pred.csv, {n} rows', n=len(wanted)),
                _('within {bound}', bound='%g' % bound), off_by(worst), judged(worst <= bound))
    accuracy = record.entry(run, 'submit')['validation']['accuracy']
    bound = golden['validation accuracy at least']
    yield check('golden predictions', _('validation accuracy'),
                _('at least {bound:g}', bound=bound), '%.4f' % accuracy, judged(accuracy >= bound))
    yield check('golden predictions', _('predictions'), _('on both sides of 0.5'),
                _('{below} below 0.5, {above} above', below=int((labels < .5).sum()),
                  above=int((labels > .5).sum())),
                judged((labels < .5).any() and (labels > .5).any()))
