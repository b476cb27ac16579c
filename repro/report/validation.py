# -*- coding: utf-8 -*-
"""Section 7: the pictures that were held out: losses, the clip, mistakes, and doubts.

Logarithms are natural, as the log loss that the article prints beside its argument; its "15
and 2" are decimal.
"""
from __future__ import division, print_function

import math
import os

import numpy as np
import pandas as pd
from PIL import Image

from repro import expected
from repro.console.text import _
from repro.evidence import claims
from repro.inputs import data
from repro.report import figures
from repro.work import record

CLIP = expected.article()['clip'][0]
FLOOR = expected.article()['log_loss_floor']    # Kaggle's log loss counts a wrong 0 as this
BOUNDS = np.append(np.logspace(-7, math.log10(.5), 120)[:-1], .5)   # .5 predicts .5 everywhere
SHOWN = 8                   # pictures: mistakes, and doubts
SIDE = 150
BINS = 10


def table():
    """validation.csv: row, label, prediction, and the probability given to the true class."""
    t = pd.read_csv('validation.csv')
    t['right'] = np.where(t['label'] == 1, t['prediction'], 1 - t['prediction'])
    return t


def losses(p, y, bound=FLOOR):
    """Natural log loss of each prediction after a clip to [bound, 1 - bound]; float64."""
    p = np.asarray(p, 'float64').clip(bound, 1 - bound)
    return -np.where(np.asarray(y) == 1, np.log(p), np.log(1 - p))


def clip_curve(p, y):
    return [float(losses(p, y, bound).mean()) for bound in BOUNDS]


def best_bound(p, y, curve):
    """{'is', 'best', 'best_log_loss'}: which of the bounds does best.

    is: 'one'; 'any', where all bounds up to `best` change nothing, and no other one gains; 'none',
    where every bound costs something, so no clip at all would have been best.
    """
    as_predicted, edge = float(losses(p, y).mean()), float(min(p.min(), 1 - p.max()))
    if as_predicted <= min(curve) + 1e-9:
        return {'is': 'any' if edge >= BOUNDS[0] else 'none', 'best': edge,
                'best_log_loss': as_predicted}
    i = int(np.argmin(curve))
    return {'is': 'one', 'best': float(BOUNDS[i]), 'best_log_loss': curve[i]}


def rounded_down(bound):
    """Two digits, as text, and never more than the bound itself."""
    unit = 10 ** (math.floor(math.log10(bound)) - 1)
    return '%.2g' % (math.floor(bound / unit + 1e-6) * unit)


def calibration(p, y):
    """[{from, to, n, predicted, dogs, low, high}]: ten bins, with Wilson's 95 % interval."""
    which = np.minimum((p * BINS).astype(int), BINS - 1)
    rows = []
    for i in range(BINS):
        n = int((which == i).sum())
        if n:
            dogs = float(y[which == i].mean())
            low, high = claims.interval(dogs, n)
            rows.append({'from': i / BINS, 'to': (i + 1) / BINS, 'n': n,
                         'predicted': float(p[which == i].mean()), 'dogs': dogs,
                         'low': low, 'high': high})
    return rows


def names(run):
    """The training pictures in the order of the features' rows; [] when that can't be told."""
    if not os.path.isdir('train') or record.order(run) != 'sorted':
        return []
    pictures = data.names('train')
    return [n for animal in ('cat', 'dog') for n in pictures if n.startswith(animal)]


def shown(rows, known):
    """[{name, label, prediction, src}] for these rows of the table."""
    entries = []
    for row in rows.to_dict('records'):
        entry = {'row': int(row['row']), 'label': int(row['label']),
                 'prediction': float(row['prediction'])}
        if known:
            entry['name'] = known[entry['row']]
            with open('train/' + entry['name'], 'rb') as f:
                entry['src'] = figures.photograph(Image.open(f), SIDE)
        entries.append(entry)
    return entries


def without_pictures(entries):
    return [dict((k, v) for k, v in e.items() if k != 'src') for e in entries]


def section(run):
    if not os.path.exists('validation.csv'):
        return {}, {}
    t = table()
    p, y = t['prediction'].values, t['label'].values
    known = names(run)
    mistakes = t[t['right'] < .5].sort_values('right')
    doubts = t.assign(doubt=(t['prediction'] - .5).abs()).sort_values('doubt')
    curve = clip_curve(p, y)
    best = best_bound(p, y, curve)
    drawn = {'mistakes': shown(mistakes.head(SHOWN), known),
             'doubts': shown(doubts.head(SHOWN), known)}
    numbers = {
        'pictures': len(t), 'accuracy': float(((p > .5) == (y > .5)).mean()),
        'accuracy_interval': claims.interval(float(((p > .5) == (y > .5)).mean()), len(t)),
        'wrong': len(mistakes), 'log_loss': float(losses(p, y).mean()),
        'log_loss_clipped': float(losses(p, y, CLIP).mean()),
        'right_costs': -math.log(1 - CLIP), 'wrong_costs': -math.log(CLIP),
        'wrong_unclipped_costs': float(losses(p, y).max()), 'floor_costs': -math.log(FLOOR),
        'beyond_clip': int(((p < CLIP) | (p > 1 - CLIP)).sum()),
        'bounds': dict(best, bound=[float(b) for b in BOUNDS], log_loss=curve),
        'confusion': [[int(((y == a) & ((p > .5) == b)).sum()) for b in (0, 1)] for a in (0, 1)],
        'calibration': calibration(p, y), 'names_known': bool(known),
        'mistakes': without_pictures(drawn['mistakes']),
        'doubts': without_pictures(drawn['doubts'])}
    drawn['clip'] = clip_figure(numbers)
    drawn['calibration'] = calibration_figure(numbers)
    return numbers, drawn


def clip_figure(numbers):
    figure, ax = figures.axes(_('log loss after the clip'), _('clip bound'))
    bounds = numbers['bounds']
    ax.plot(bounds['bound'], bounds['log_loss'], color=figures.DRAWN['run'])
    ax.axvline(CLIP, color=figures.DRAWN['article'], linestyle='--', linewidth=1)
    if bounds['is'] != 'none':
        ax.plot([bounds['best']], [bounds['best_log_loss']], 'o', markersize=5,
                color=figures.DRAWN['other'])
    ax.set_xscale('log')
    ax.set_xticks([1e-6, 1e-4, .005, .05, .5])
    ax.set_xticklabels(['1e-6', '0.0001', '0.005', '0.05', '0.5'])
    ax.minorticks_off()
    ax.set_ylim(bottom=0)
    return figures.svg(figure, 'clip', _('The log loss as a function of the clip bound'))


def calibration_figure(numbers):
    figure, ax = figures.axes(_('share that are dogs'), _('predicted probability of a dog'))
    rows = numbers['calibration']
    ax.plot([0, 1], [0, 1], color=figures.DRAWN['muted'], linestyle='--', linewidth=1)
    x, d = [r['predicted'] for r in rows], [r['dogs'] for r in rows]
    ax.errorbar(x, d, yerr=[[max(0, r['dogs'] - r['low']) for r in rows],
                            [max(0, r['high'] - r['dogs']) for r in rows]], fmt='o',
                markersize=4, linewidth=1, color=figures.DRAWN['run'])
    ax.set_xlim(-.02, 1.02)
    ax.set_ylim(-.02, 1.02)
    return figures.svg(figure, 'calibration',
                       _('Calibration: predicted probabilities and what came true'))
