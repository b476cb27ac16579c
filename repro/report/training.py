# -*- coding: utf-8 -*-
"""Section 6: the training curves, the article's over them, among seeds and public re-runs."""
from __future__ import division, print_function

import os

from repro import expected, seeds
from repro.console.text import _
from repro.evidence import reruns
from repro.report import figures
from repro.work import record
from repro.work.folder import read_json

HISTORY = 'history.json'
TITLES = {'loss': _('loss (training)'), 'acc': _('accuracy (training)'),
          'val_loss': _('loss (validation)'), 'val_acc': _('accuracy (validation)')}


def band(run, seeding):
    """{'n', metric: [[least, middle, most], ...]} over other seeds; {} where none were run."""
    runs = seeds.read(run, seeding)['runs']
    if not runs:
        return {}
    columns = dict((metric, []) for metric in reruns.COLUMNS)
    for s in seeds.spreads(runs):
        columns[s.column].append([s.least, s.middle, s.most])
    return dict(columns, n=len(runs))


def differences(log, article):
    """[{epoch, article, run, off, same}], one an epoch; same: equal as printed, four decimals."""
    rows = []
    for epoch, theirs in enumerate(article, 1):
        ours = [log[metric][epoch - 1] for metric in reruns.COLUMNS]
        rows.append({'epoch': epoch, 'article': theirs, 'run': ours,
                     'off': [o - t for o, t in zip(ours, theirs)],
                     'same': ['%.4f' % o == '%.4f' % t for o, t in zip(ours, theirs)]})
    return rows


def section(run):
    if not os.path.exists(HISTORY):
        return {}, {}
    history = read_json(HISTORY)
    article = expected.article()['log']
    others = [{'repository': r['repository'], 'log': r['log'][:reruns.COMPARED]}
              for r in reruns.comparable(expected.load('replications.json'))]
    logs = history['logs']
    numbers = {'seeding': history['seeding'], 'article': article, 'logs': logs,
               'band': band(run, history['seeding']),
               'reruns': others, 'validated': record.entry(run, 'head').get('validated'),
               'seconds': record.entry(run, 'head').get('seconds_of_the_first_training'),
               'differences': dict((s, differences(log, article)) for s, log in logs.items())}
    return numbers, {'curves': [curve(numbers, metric) for metric in reruns.COLUMNS]}


def curve(numbers, metric):
    """One of the log's four columns over the epochs; losses on a logarithmic scale."""
    figure, ax = figures.axes(TITLES[metric], _('epoch'))
    column = reruns.COLUMNS.index(metric)
    colours = figures.DRAWN
    for rerun in numbers['reruns']:
        ax.plot(range(1, len(rerun['log']) + 1), [row[column] for row in rerun['log']],
                color=colours['rerun'], linewidth=.7)
    if numbers['band']:
        least, middle, most = zip(*numbers['band'][metric])
        ax.fill_between(range(1, len(least) + 1), least, most, color=colours['band'], alpha=.35,
                        linewidth=0)
    for seeding, log in sorted(numbers['logs'].items()):
        is_chosen = seeding == numbers['seeding']
        ax.plot(range(1, len(log[metric]) + 1), log[metric], marker='o' if is_chosen else 's',
                markersize=3, color=colours['run' if is_chosen else 'other'])
    ax.plot(range(1, len(numbers['article']) + 1), [row[column] for row in numbers['article']],
            color=colours['article'], linestyle=figures.LINES['article'], marker='x',
            markersize=4)
    if metric.endswith('loss'):
        ax.set_yscale('log')
        plain_ticks(ax)
    return figures.svg(figure, 'curve-' + metric, _(
        '{metric} over eight epochs: this run, the article, public re-runs', metric=metric))


def plain_ticks(ax):
    """0.01, 0.02, 0.05 on a logarithmic axis, and nothing between."""
    low, high = ax.get_ylim()
    ticks = [m * 10. ** e for e in range(-5, 3) for m in (1, 2, 5)]
    ax.set_yticks([t for t in ticks if low <= t <= high])
    ax.set_yticklabels(['%g' % t for t in ticks if low <= t <= high])
    ax.minorticks_off()
