# -*- coding: utf-8 -*-
"""The head once more, N times with other seeds: how far apart do runs lie that differ in no more?

The article sets seed 2017 "so that everybody who runs this code gets the same output".  Where
that output lies among those of other seeds says how much of it is the seed's: reproduced means
something only against the run-to-run spread (the idea of MLPerf's reference convergence points).
2017 is replaced by 2018, 2019, ... in the same places, nothing else changes.

seeds.json: {"seeding", "features": {file: sha256}, "runs": [{"seed", "log": {metric: [8]}}]},
written after each run; the same command goes on where it was interrupted.
"""
from __future__ import division, print_function

import contextlib
import os
import sys
import time

from repro import expected, record, reruns
from repro.folder import read_json, write_json
from repro.networks import in_order_of_concatenation
from repro.progress import say

NAME = 'seeds.json'
FIRST = 2018


def features_of(run):
    """{gap_*.h5: sha256} of the features that this run's head was trained on."""
    wanted = ['gap_%s.h5' % n for n in record.entry(run, 'head').get('networks', ())]
    return dict((name, digest) for step in run['steps']
                for name, digest in step['files'].items() if name in wanted)


def read(run, seeding):
    """seeds.json if it is of this run's features and of this seeding, else one without runs."""
    empty = {'seeding': seeding, 'features': features_of(run), 'runs': []}
    kept = read_json(NAME) if os.path.exists(NAME) else empty
    return kept if all(kept.get(k) == empty[k] for k in ('seeding', 'features')) else empty


@contextlib.contextmanager
def quiet():
    """Keras's bars, 8 for each run, are left out: fit is called as the article calls it."""
    with open(os.devnull, 'w') as nowhere:
        shown, sys.stdout = sys.stdout, nowhere
        try:
            yield
        finally:
            sys.stdout = shown


def main(networks, seeding, count):
    from keras import backend as K      # verify reads seeds.json without Keras
    from repro import head
    begun, networks = time.time(), in_order_of_concatenation(networks)
    found = read(read_json(record.RUN), seeding)
    done = [r['seed'] for r in found['runs']]
    for seed in [s for s in range(FIRST, FIRST + count) if s not in done]:
        started = time.time()
        with quiet():
            log = head.train(networks, seeding, seed)[1]
        K.clear_session()
        found['runs'].append({'seed': seed, 'log': log})
        write_json(NAME, found)
        say('seeds: %d of %d: seed %d, %.1f s; ends %s' % (
            seed - FIRST + 1, count, seed, time.time() - started,
            ', '.join('%s %.4f' % (m, log[m][-1]) for m in reruns.COLUMNS)))
    record.append('seeds', time.time() - begun, [NAME], seeding=seeding, runs=len(found['runs']))


# --------------------------------------------------------------------- what verify says of them

def printed(value):
    """A value as Keras prints it, which is all that the article and the re-runs have."""
    return float('%.4f' % value)


def spreads(runs):
    """[reruns.Spread]: least, median and most of each epoch and column over the runs."""
    found = []
    for epoch in range(1, min(len(r['log']['loss']) for r in runs) + 1):
        for column in reruns.COLUMNS:
            values = [printed(r['log'][column][epoch - 1]) for r in runs]
            found.append(reruns.Spread('%d seeds' % len(runs), epoch, column, len(values),
                                       min(values), reruns.median(values), max(values)))
    return found


def rerun_values(epoch, column):
    """What the comparable re-runs of others have there."""
    at = reruns.COLUMNS.index(column)
    return [r['log'][epoch - 1][at] for r in reruns.comparable(expected.load('replications.json'))
            if len(r['log']) >= epoch]


def placed(runs, log, comparable):
    """[(Spread, run, article or None, [re-run, ...])] for each epoch and column.

    comparable: whether the run is on the article's features, so that the article's log and the
    re-runs of others may be looked at beside it.
    """
    said = expected.values(expected.load('article.json'))['log']
    return [(s, printed(log[s.column][s.epoch - 1]),
             said[s.epoch - 1][reruns.COLUMNS.index(s.column)] if comparable else None,
             rerun_values(s.epoch, s.column) if comparable else []) for s in spreads(runs)]


def is_inside(value, s):
    return s.least <= value <= s.most


def table(rows):
    """placed() as lines of text, one for each epoch and column."""
    form = '%5s  %-8s  %6s  %6s  %6s  %6s  %-14s  %7s  %-14s  %s'
    yield form % ('epoch', '', 'least', 'median', 'most', 'run', 'lies', 'article', 'lies',
                  're-runs inside')
    for s, run, said, others in rows:
        yield (form % (
            s.epoch, s.column, '%.4f' % s.least, '%.4f' % s.middle, '%.4f' % s.most,
            '%.4f' % run, reruns.place(run, s), '-' if said is None else '%.4f' % said,
            '' if said is None else reruns.place(said, s),
            '%d of %d' % (sum(is_inside(v, s) for v in others), len(others)) if others else '-'
        )).rstrip()


def outside(pairs):
    """'31 of 32 inside; epoch 1 loss: worse than all' of [(Spread, value)]; how many are not."""
    out = [(s, v) for s, v in pairs if not is_inside(v, s)]
    words = '%d of %d inside' % (len(pairs) - len(out), len(pairs))
    words += ''.join('; epoch %d %s: %s' % (s.epoch, s.column, reruns.place(v, s))
                     for s, v in out[:3])
    return words + ('; and %d more' % (len(out) - 3) if len(out) > 3 else ''), len(out)


def summary(rows):
    """[(check, expected, got, whether none is outside)]: the run, the article, the re-runs."""
    among = ' among %s' % rows[0][0].group
    compared = [('the run' + among, [(s, run) for s, run, _, _ in rows]),
                ('the article\'s log' + among, [(s, said) for s, _, said, _ in rows
                                                if said is not None]),
                ('epoch %d of re-runs of others%s' % (reruns.COMPARED, among),
                 [(s, v) for s, _, _, others in rows if s.epoch == reruns.COMPARED
                  for v in others])]
    for check, pairs in compared:
        if pairs:
            words, n = outside(pairs)
            yield check, '%d values, least to most' % len(pairs), words, not n
