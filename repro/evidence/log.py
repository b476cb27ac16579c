# -*- coding: utf-8 -*-
"""A real run's log against the one that the article prints, and against other people's re-runs."""
from __future__ import division, print_function

from repro import expected
from repro.console.text import Listed, _
from repro.evidence import predictions, reruns
from repro.evidence.checks import DIFFERS, FAIL, OK, SKIPPED, check
from repro.inputs import data
from repro.work import record
from repro.work.folder import read_json

KINDS = {'stand-in': _('stand-in'), 'article': _('article'), 'other': _('other')}


def four(row):
    return ' '.join('%.4f' % v for v in row)


def incomparable(run):
    """Texts: why this run's log can't be compared with the article's; none for a full one."""
    given = record.data(run)
    train, test = given.get('cats', 0) + given.get('dogs', 0), given.get('test', 0)
    if given.get('data', 'complete') != 'complete' or (train, test) != (data.TRAIN, data.TEST):
        yield _('{train} of 25,000 and {test} of 12,500 pictures', train=train, test=test)
    kinds = record.weights_are(run)
    if kinds != ['article'] and not record.has_given_features(run):
        yield _('weights: {kinds}', kinds=[KINDS[kind] for kind in kinds])
    if given.get('features_are') in ('stand-in', 'other'):
        yield _('features: {kinds}', kinds=[KINDS[given['features_are']]])
    names = record.entry(run, 'head').get('networks', ())
    if names != expected.article()['concatenation_order']:
        yield _('networks: {networks}', networks=list(names))
    if record.order(run) != 'sorted':
        yield _('file order: {order}', order=record.order(run))


def is_comparable(run):
    return not list(incomparable(run))


def checks(run):
    """A real run against the article's log, both seedings, epoch by epoch."""
    if not record.entry(run, 'head'):
        return      # check_steps has said so
    reasons = list(incomparable(run))
    if reasons:
        yield check('comparable', _('the article\'s log'), _('comparable'), Listed(reasons),
                    SKIPPED)
        return
    article = expected.article()
    logs, most, nearest = read_json('history.json')['logs'], -1, None
    for seeding in ('article', 'notebook'):
        log = list(zip(*[logs[seeding][m] for m in reruns.COLUMNS]))
        same = [four(theirs) == four(ours) for theirs, ours in zip(article['log'], log)]
        for epoch, (theirs, ours, is_same) in enumerate(zip(article['log'], log, same), 1):
            yield check('epoch', _('seeding {seeding}, epoch {epoch}', seeding=seeding,
                                   epoch=epoch), four(theirs), four(ours),
                        OK if is_same else DIFFERS)
        yield check('log', _('seeding {seeding}, whole log', seeding=seeding),
                    _('8 epochs digit for digit'), _('{same} of 8', same=sum(same)),
                    OK if sum(same) == 8 else DIFFERS, same=sum(same))
        if sum(same) > most:
            most, nearest = sum(same), log
    for row in check_spread(nearest):
        yield row
    got = predictions.read()[1][:10].round(4).tolist()
    yield check('first ten', _('first ten rows of pred.csv'), article['first_ten'], got,
                OK if got == article['first_ten'] else DIFFERS)


def check_spread(log):
    """Epoch 8 among the comparable re-runs of others: run-to-run spread is the yardstick.

    Worse than all of them is a finding; worse by more than the whole width of their spread is
    no longer the same experiment, and fails.
    """
    for column, value in zip(reruns.COLUMNS, log[reruns.COMPARED - 1]):
        value = reruns.printed(value)
        s = reruns.spread(reruns.COMPARED, column, reruns.values(reruns.COMPARED, column))
        place = reruns.place(value, s)
        is_far = max(s.least - value, value - s.most) > s.most - s.least
        yield check('spread', _('epoch 8, {column}, among {n} re-runs of others', column=column,
                                n=s.n),
                    _('{low} to {high}', low='%.4f' % s.least, high='%.4f' % s.most),
                    _('{value:.4f}: {place}', value=value, place=reruns.PLACES[place]),
                    OK if place != reruns.WORSE else FAIL if is_far else DIFFERS)
