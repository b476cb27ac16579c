# -*- coding: utf-8 -*-
"""What Kaggle says of pred.csv: may it be sent, and how far is its score from the article's?

The article: "after submitting to kaggle the score is excellent, too, 0.04141, which ranks 20th of
1,314".  host/competition.py sends the file; here it is looked at before, and its score is kept.
"""
from __future__ import division, print_function

import csv
import os
import re

from repro import expected, record
from repro.failures import BadInput, OtherInputs
from repro.folder import read_json, sha256
from repro.progress import say
from repro.inputs import data


def check():
    """run.json's entry of the step submit; BadInput unless pred.csv is a real run's, and whole."""
    run = read_json(record.RUN)
    submit = record.entry(run, 'submit')
    if not submit:
        raise BadInput('the run in this work folder has not predicted yet: run it to its end')
    if not os.path.exists('pred.csv') or sha256('pred.csv') != submit['files']['pred.csv']:
        raise BadInput('pred.csv is not what the run wrote: run it again, or submit your own '
                       'file on kaggle.com')
    if run['kind'] == 'demo' or record.stand_ins(run):
        raise BadInput('this run is on stand-ins: its pred.csv says nothing about Kaggle\'s '
                       'pictures, so it is not sent')
    with open('pred.csv') as f:
        rows = list(csv.reader(f))
    if submit['predicted'] != data.TEST or len(rows) != data.TEST + 1:
        raise BadInput('pred.csv has predictions for %d of the competition\'s %d pictures: '
                       'it is not sent' % (submit['predicted'], data.TEST))
    return submit


def main(name=None):
    """Without a file: says what would be sent.  With one: keeps the score that is in it."""
    submit = check()
    digest = submit['files']['pred.csv']
    if name is None:
        say('submit: pred.csv, %d rows, sha256 %s, validation log loss with the clip %.4f'
            % (submit['rows'], digest[:16], submit['validation']['log_loss_clipped']))
        return
    told = read_json(name)
    if digest[:16] not in told['description']:
        raise OtherInputs('the score is of another pred.csv: submit again')
    record.append('score', 0, public=told['public'], private=told['private'], sent=told['date'],
                  pred_csv=digest)
    os.remove(name)
    for kind, score, words in lines(read_json(record.RUN)):
        say('submit: %s score %s; %s' % (kind, score, words))


def lines(run):
    """(public or private, score, how it compares) of the score that run.json holds."""
    told = record.entry(run, 'score')
    for kind in ('public', 'private'):
        if told and re.match(r'\d+\.\d+$', told[kind] or ''):
            yield kind, told[kind], compared(float(told[kind]))


def compared(score):
    said = expected.values(expected.load('article.json'))['kaggle_score']
    by = score - said
    if abs(by) < 5e-6:
        return 'the article\'s to the last digit; ' + place(score)
    return '%.5f %s than the article\'s %.5f; %s' % (abs(by), 'worse' if by > 0 else 'better',
                                                     said, place(score))


def place(score):
    """Where the score would have stood: only three places of the final table are known to us."""
    a = expected.values(expected.load('article.json'))
    quoted = dict(expected.load('replications.json')['leaderboard']['value'])
    rank, teams = a['rank']
    quoted[rank] = a['kaggle_score']        # rank 20 in the article; others quote it rounded
    better = [r for r in sorted(quoted) if quoted[r] < score - 5e-6]
    level = [r for r in sorted(quoted) if abs(quoted[r] - score) < 5e-6]
    after = [r for r in sorted(quoted) if quoted[r] > score + 5e-6]
    if level:
        words = 'level with place %d' % level[0]
    elif not better:
        words = 'before place 1 (%.5f)' % quoted[1]
    elif not after:
        words = 'after place %d (%.5f)' % (better[-1], quoted[better[-1]])
    else:
        words = 'between places %d (%.5f) and %d (%.5f)' % (
            better[-1], quoted[better[-1]], after[0], quoted[after[0]])
    return '%s of %s' % (words, '{:,}'.format(teams))
