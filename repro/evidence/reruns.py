# -*- coding: utf-8 -*-
"""A training log among the public re-runs of others (expected/replications.json).

Reproduced means something only against the run-to-run spread.  Standard library only, Python 2.7
and 3.
"""
from __future__ import division

import collections

from repro import expected
from repro.console.text import _

LOSS, ACC, VAL_LOSS, VAL_ACC = range(4)         # columns of a log, as Keras prints them
COLUMNS = ('loss', 'acc', 'val_loss', 'val_acc')
COMPARED = 8                                    # the article's last epoch

Spread = collections.namedtuple('Spread', 'epoch column n least middle most')
# epoch: 1, 2, ...; column: of COLUMNS; n: how many values; middle: the median

# Where a value lies in a Spread; lower is better for losses, higher for accuracies.
BETTER, WORSE = 'better than all', 'worse than all'
MEDIAN, BETTER_HALF, WORSE_HALF = 'median', 'better half', 'worse half'
PLACES = {BETTER: _('better than all'), WORSE: _('worse than all'), MEDIAN: _('median'),
          BETTER_HALF: _('better half'), WORSE_HALF: _('worse half')}


def author_records(replications):
    return [r for r in replications['records'] if r['kind'] == 'author']


def comparable(replications=None):
    """The re-runs by others that can be compared; replications.json says how they are chosen."""
    replications = replications or expected.load('replications.json')
    return [r for r in replications['records'] if r.get('comparable')]


def values(epoch, column, records=None):
    """What the re-runs printed in this epoch (from 1), if they trained that long.

    records: the comparable() ones, read from expected/ where not given.
    """
    return [r['log'][epoch - 1][COLUMNS.index(column)]
            for r in (comparable() if records is None else records) if len(r['log']) >= epoch]


def median(numbers):
    """The middle one, or the mean of the middle two."""
    s = sorted(numbers)
    return (s[(len(s) - 1) // 2] + s[len(s) // 2]) / 2


def spread(epoch, column, numbers):
    """The Spread of these numbers."""
    return Spread(epoch, column, len(numbers), min(numbers), median(numbers), max(numbers))


def place(value, s):
    """Where a value lies in a Spread: a key of PLACES."""
    lower_is_better = s.column.endswith('loss')
    if not is_inside(value, s):
        return BETTER if (value < s.least) == lower_is_better else WORSE
    if value == s.middle:
        return MEDIAN
    return BETTER_HALF if (value < s.middle) == lower_is_better else WORSE_HALF


def is_inside(value, s):
    return s.least <= value <= s.most


def printed(value):
    """A value as Keras prints it, which is all that the article and the re-runs have."""
    return float('%.4f' % value)
