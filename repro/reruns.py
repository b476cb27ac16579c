# -*- coding: utf-8 -*-
"""A training log among the public re-runs of others (expected/replications.json).

Reproduced means something only against the run-to-run spread.  Standard library only, Python 2.7
and 3.
"""
from __future__ import division

import collections

from repro import expected

LOSS, ACC, VAL_LOSS, VAL_ACC = range(4)         # columns of a log, as Keras prints them
COLUMNS = ('loss', 'acc', 'val_loss', 'val_acc')
COMPARED = 8                                    # the article's last epoch

Spread = collections.namedtuple('Spread', 'group epoch column n least middle most')
Place = collections.namedtuple(
    'Place', Spread._fields + ('article', 'article_lies', 'run', 'run_lies'))
# group: which set of re-runs; epoch: 1, 2, ...; column: of COLUMNS; n: how many values;
# least, middle (the median), most: over them; article, run: the value there, the run's rounded
# as it would be printed; ..._lies: where that is among them, place()'s words.


def median(numbers):
    """The middle one, or the mean of the middle two."""
    s = sorted(numbers)
    return (s[(len(s) - 1) // 2] + s[len(s) // 2]) / 2


def author_records(replications):
    return [r for r in replications['records'] if r['kind'] == 'author']


def comparable(replications):
    """The re-runs by others that can be compared; replications.json says how they are chosen."""
    return [r for r in replications['records'] if r.get('comparable')]


def groups(replications):
    """{name: [[record, ...], ...]}: what is counted once is one inner list.

    That is a single run, but in 'one per person' all the runs of one person, whose median
    spread() takes.
    """
    everybody = comparable(replications)
    people = collections.OrderedDict()
    for record in everybody:
        people.setdefault(record['repository'], []).append(record)
    return collections.OrderedDict([
        ('ran 8 epochs', [[x] for x in everybody if x['epochs'] == COMPARED]),
        ('all, at epoch 8', [[x] for x in everybody]),
        ('one per person', list(people.values())),
        ('epsilon 1e-8', [[x] for x in everybody if x['adadelta_epsilon'] == 1e-8]),
    ])


def spread(replications=None, epoch=COMPARED):
    """[Spread] of loss, acc, val_loss, val_acc in the given epoch (from 1), for every group.

    The author's runs are not among them.  Groups without a record of that epoch are left out.
    """
    replications = expected.load('replications.json') if replications is None else replications
    rows = []
    for name, counted in groups(replications).items():
        counted = [[x['log'][epoch - 1] for x in runs if len(x['log']) >= epoch]
                   for runs in counted]
        for column, title in enumerate(COLUMNS):
            found = [median([row[column] for row in once]) for once in counted if once]
            if found:
                rows.append(Spread(name, epoch, title, len(found), min(found), median(found),
                                   max(found)))
    return rows


def places(log, article=None, replications=None):
    """[Place]: where a run's log and the article's lie among the comparable re-runs.

    log: one (loss, acc, val_loss, val_acc) an epoch, as fit's history has them.  Every epoch
    the run shares with the article is placed among all comparable re-runs, and epoch 8, if the
    run has it, among every group too.  Raises ValueError for an empty log or other columns.
    """
    article = expected.load('article.json') if article is None else article
    replications = expected.load('replications.json') if replications is None else replications
    if not log or any(len(row) != len(COLUMNS) for row in log):
        raise ValueError('a log has one row an epoch: %s' % ', '.join(COLUMNS))
    theirs = expected.values(article)['log']
    rows = []
    for epoch in range(1, min(len(log), len(theirs)) + 1):
        for s in spread(replications, epoch):
            if s.group != 'all, at epoch 8' and epoch < COMPARED:
                continue
            column = COLUMNS.index(s.column)
            article_has = theirs[epoch - 1][column]
            run_has = float('%.4f' % log[epoch - 1][column])
            group = s.group if epoch == COMPARED else 'all'
            rows.append(Place(*((group,) + s[1:] + (article_has, place(article_has, s),
                                                    run_has, place(run_has, s)))))
    return rows


def place(value, s):
    """Where a value lies in a Spread, in words; lower is better for losses, higher for acc."""
    lower_is_better = s.column.endswith('loss')
    if value < s.least or value > s.most:
        return 'better than all' if (value < s.least) == lower_is_better else 'worse than all'
    if value == s.middle:
        return 'median'
    return 'better half' if (value < s.middle) == lower_is_better else 'worse half'


def places_table(log, article=None, replications=None):
    """places() as text: the epochs among all re-runs, then epoch 8 among each group."""
    form = '%-15s %5s  %-8s %2s  %6s  %6s  %6s  %7s  %-15s  %6s  %s'
    lines = [form % ('among', 'epoch', '', 'n', 'least', 'median', 'most', 'article', 'lies',
                     'run', 'lies')]
    for p in places(log, article, replications):
        lines.append(form % (p[:4] + tuple('%.4f' % x for x in p[4:8])
                             + (p.article_lies, '%.4f' % p.run, p.run_lies)))
    return '\n'.join(lines)
