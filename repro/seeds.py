# -*- coding: utf-8 -*-
"""The head N times more, with other seeds: how far apart are runs that differ in nothing else?

The article sets seed 2017 "so that everybody who runs this code gets the same output".  Where
that output lies among those of other seeds says how much the seed decides: reproduced means
something only against the run-to-run spread (the idea of MLPerf's reference convergence points).
2017 is replaced by 2018, 2019, ... in the same places, nothing else changes.

seeds.json: {"seeding", "features": {file: sha256}, "runs": [{"seed", "log": {metric: [8]}}]},
written after each run; the same command resumes where it was interrupted.
"""
from __future__ import division, print_function

import collections
import contextlib
import os
import sys
import time

from repro import expected, features, networks
from repro.console import table
from repro.console.progress import say
from repro.console.text import Listed, _, english
from repro.evidence import reruns
from repro.evidence.checks import DIFFERS, OK, SKIPPED, check
from repro.work import record
from repro.work.folder import read_json, write_json

NAME = 'seeds.json'
FIRST = 2018


def features_of(run):
    """{gap_*.h5: sha256} of the features that this run's head was trained on."""
    names = [features.filename(n) for n in record.entry(run, 'head').get('networks', ())]
    return dict((name, digest) for name, digest in record.files(run) if name in names)


def read(run, seeding):
    """seeds.json if it is of this run's features and of this seeding, else one without runs."""
    empty = {'seeding': seeding, 'features': features_of(run), 'runs': []}
    stored = read_json(NAME) if os.path.exists(NAME) else empty
    return stored if all(stored.get(k) == empty[k] for k in ('seeding', 'features')) else empty


@contextlib.contextmanager
def quiet():
    """Keras's bars, 8 for each run, are left out: fit is called as the article calls it."""
    with open(os.devnull, 'w') as nowhere:
        stdout, sys.stdout = sys.stdout, nowhere
        try:
            yield
        finally:
            sys.stdout = stdout


def main(names, seeding, count):
    from keras import backend as K      # verify reads seeds.json without Keras
    from repro import head
    start, names = time.time(), networks.in_order_of_concatenation(names)
    stored = read(record.read(), seeding)
    done = [r['seed'] for r in stored['runs']]
    for seed in [s for s in range(FIRST, FIRST + count) if s not in done]:
        run_start = time.time()
        with quiet():
            log = head.train(names, seeding, seed)[1]
        K.clear_session()
        stored['runs'].append({'seed': seed, 'log': log})
        write_json(NAME, stored)
        say('seeds: %d of %d: seed %d, %.1f s; ends %s' % (
            seed - FIRST + 1, count, seed, time.time() - run_start,
            ', '.join('%s %.4f' % (m, log[m][-1]) for m in reruns.COLUMNS)))
    record.append('seeds', time.time() - start, [NAME], seeding=seeding,
                  runs=len(stored['runs']))


# --------------------------------------------------------------------- what verify says of them

Among = collections.namedtuple('Among', 'spread run article reruns')
# One epoch and column: the Spread over the seeds, the run's value, the article's or None, and
# those of the comparable re-runs.


def spreads(runs):
    """[Spread]: least, median and most of each epoch and column over the runs."""
    return [reruns.spread(epoch, column,
                          [reruns.printed(r['log'][column][epoch - 1]) for r in runs])
            for epoch in range(1, min(len(r['log']['loss']) for r in runs) + 1)
            for column in reruns.COLUMNS]


def placed(runs, log, comparable):
    """[Among] for each epoch and column.

    comparable: whether the run is on the article's features, so that the article's log and the
    re-runs of others may be compared with it.
    """
    article, others = expected.article()['log'], reruns.comparable() if comparable else []
    return [Among(s, reruns.printed(log[s.column][s.epoch - 1]),
                  article[s.epoch - 1][reruns.COLUMNS.index(s.column)] if comparable else None,
                  reruns.values(s.epoch, s.column, others))
            for s in spreads(runs)]


def of_run(run, comparable):
    """placed() for the folder's seeds.json; [] where there is none of this run's features."""
    if not os.path.exists(NAME) or not os.path.exists('history.json'):
        return []
    seeding = read_json(NAME)['seeding']
    runs = read(run, seeding)['runs']
    return placed(runs, read_json('history.json')['logs'][seeding], comparable) if runs else []


def lines(rows):
    """placed() as lines of text, one for each epoch and column."""
    cells = [(u'epoch', u'', u'least', u'median', u'most', u'run', u'lies', u'article', u'lies',
              u're-runs inside')]
    for s, run, article, others in rows:
        cells.append((u'%d' % s.epoch, u'' + s.column, u'%.4f' % s.least, u'%.4f' % s.middle,
                      u'%.4f' % s.most, u'%.4f' % run, u'' + reruns.place(run, s),
                      u'-' if article is None else u'%.4f' % article,
                      u'' if article is None else u'' + reruns.place(article, s),
                      u'%d of %d' % (sum(reruns.is_inside(v, s) for v in others), len(others))
                      if others else u'-'))
    return table.lines(cells, (5, 8, 6, 6, 6, 6, 15, 7, 15, 14))


def checks(run, comparable, among=None):
    """The run, the article and the re-runs of others in the spread of other seeds, as Checks.

    among: a list that gets of_run()'s rows, for said().
    Outside it is a finding: of N + 1 runs that differ in the seed alone, two are the outermost.
    """
    rows = of_run(run, comparable)
    if among is not None:
        among += rows
    if not rows:
        if os.path.exists(NAME):
            yield check('seeds', NAME, _('of these features'),
                        _('of others: --seeds N remakes it'), SKIPPED)
        return
    n = rows[0].spread.n
    last = [row for row in rows if row.spread.epoch == reruns.COMPARED]
    for what, pairs in (
            (_('the run among {n} seeds', n=n), [(row.spread, row.run) for row in rows]),
            (_('the article\'s log among {n} seeds', n=n),
             [(row.spread, row.article) for row in rows if row.article is not None]),
            (_('epoch {epoch} of re-runs of others among {n} seeds', epoch=reruns.COMPARED, n=n),
             [(row.spread, value) for row in last for value in row.reruns])):
        if pairs:
            outside = [(s, v) for s, v in pairs if not reruns.is_inside(v, s)]
            yield check('seeds', what, _('{values} values, least to most', values=len(pairs)),
                        inside(len(pairs), outside), DIFFERS if outside else OK)


def inside(total, outside):
    """31 of 32 inside; epoch 1 loss worse than all: as Texts.  outside: [(Spread, value)]."""
    parts = [_('{inside} of {total} inside', inside=total - len(outside), total=total)]
    parts += [_('epoch {epoch} {column}: {place}', epoch=s.epoch, column=s.column,
                place=reruns.PLACES[reruns.place(v, s)]) for s, v in outside[:3]]
    if len(outside) > 3:
        parts.append(_('and {more} more', more=len(outside) - 3))
    return Listed(parts)


def said(rows):
    """verify's lines below its table, where other seeds were run; [] where none were."""
    if not rows:
        return []
    n = rows[0].spread.n
    return ['verify: among %d seeds (a further one lies outside of least and most in 2 of %d '
            'cases):' % (n, n + 1)] + [english(line) for line in lines(rows)]
