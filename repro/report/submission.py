# -*- coding: utf-8 -*-
"""Section 9: pred.csv beside the article's first rows, and what score the validation predicts."""
from __future__ import division, print_function

import os

import numpy as np

from repro import expected
from repro.console.text import _
from repro.evidence import predictions, reruns
from repro.report import figures, validation
from repro.work import record

RESAMPLED = 1000            # scores; the same ones each time, since the seed is fixed
BINS = 20


def expected_score(p, y, m):
    """(mean, low, high) of the score that m test pictures like the validation pictures would get.

    low to high is where 95 % of RESAMPLED scores lie.  For each, the clipped losses of the
    validation pictures are drawn anew with replacement, and from those the losses of m test
    pictures: both samples are finite.
    """
    costs, draw = validation.losses(p, y, validation.CLIP), np.random.RandomState(2017)
    n, scores = len(costs), []
    for _repetition in range(RESAMPLED):
        seen = np.bincount(draw.randint(0, n, n), minlength=n) / n
        scores.append(float(draw.multinomial(m, seen).dot(costs)) / m)
    low, high = np.percentile(scores, [2.5, 97.5])
    return float(costs.mean()), float(low), float(high)


def section(run):
    if not os.path.exists('pred.csv'):
        return {}, {}
    labels = predictions.read()[1]
    submit, article = record.entry(run, 'submit'), expected.article()
    # Rows without a picture keep the sample's 0.5: only what was predicted is counted.
    used = labels[labels != .5] if submit.get('rows', 0) > submit.get('predicted', 0) else labels
    low, high = (float(np.float32(b)) for b in article['clip'])
    numbers = {
        'rows': len(labels), 'predicted': submit.get('predicted', len(used)),
        'first_ten': [{'id': i + 1, 'run': float(v), 'article': a, 'same': round(v, 4) == a}
                      for i, (v, a) in enumerate(zip(labels, article['first_ten']))],
        'at_low': float((used <= low + 1e-7).mean()),
        'at_high': float((used >= high - 1e-7).mean()),
        'dogs': float((used > .5).mean()),
        'histogram': [int(n) for n in np.histogram(used, BINS, (0, 1))[0]],
        'score': dict((k, v) for k, v in record.entry(run, 'score').items()
                      if k in ('public', 'private')), 'article_score': article['kaggle_score'],
        'article_validation': article['log'][-1][reruns.VAL_LOSS],
        'submit': submit.get('equality')}
    if os.path.exists('validation.csv'):
        t = validation.table()
        mean, least, most = expected_score(t['prediction'].values, t['label'].values, len(used))
        numbers['expected'] = {'mean': mean, 'low': least, 'high': most}
    return numbers, {'histogram': histogram(numbers['histogram'])}


def histogram(counts):
    figure, ax = figures.axes(_('test pictures'), _('predicted probability of a dog'))
    edges = np.arange(BINS) / BINS
    for i, (left, n) in enumerate(zip(edges, counts)):
        ax.bar(left, n, width=.92 / BINS, align='edge',
               color=figures.DRAWN['cat' if left < .5 else 'dog'])
    if max(counts) > 100:
        ax.set_yscale('symlog', linthreshy=1)
    ax.set_xlim(0, 1)
    return figures.svg(figure, 'predictions', _('How many test pictures got which prediction'))
