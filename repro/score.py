# -*- coding: utf-8 -*-
"""What Kaggle says of pred.csv: may it be sent, and how far is its score from the article's?

The article: "after submitting to kaggle the score is excellent, too, 0.04141, which ranks 20th of
1,314".  host/kaggle/competition.py sends the file; here pred.csv is checked first, and the score
is recorded afterwards.
"""
from __future__ import division, print_function

import csv
import os
import re

from repro import expected
from repro.console.progress import say
from repro.console.text import _, english
from repro.failures import BadInput, OtherInputs
from repro.inputs import data
from repro.work import record
from repro.work.folder import read_json, sha256


def check():
    """run.json's entry of the step submit; BadInput unless pred.csv is a real run's, and whole."""
    run = record.required()
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
    if len(set(label for _id, label in rows[1:])) == 1:
        raise BadInput('pred.csv has the label %s in every row: it is not sent (./run.sh verify '
                       'looks into the run)' % rows[1][1])
    return submit


def main(name=None):
    """Without a file: says what would be sent.  With one: keeps the score that is in it."""
    submit = check()
    digest = submit['files']['pred.csv']
    if name is None:
        say('submit: pred.csv, %d rows, sha256 %s, validation log loss with the clip %.4f'
            % (submit['rows'], digest[:16], submit['validation']['log_loss_clipped']))
        return
    answer = read_json(name)
    if digest[:16] not in answer['description']:
        raise OtherInputs('the score is of another pred.csv: submit again')
    record.append('score', 0, public=answer['public'], private=answer['private'],
                  sent=answer['date'], pred_csv=digest)
    os.remove(name)
    for kind, score in scores(record.read()):
        say('submit: %s score %s; %s' % (kind, score, english(compared(float(score)))))


def scores(run):
    """('public' or 'private', score) as Kaggle printed the scores that run.json holds."""
    entry = record.entry(run, 'score')
    for kind in ('public', 'private'):
        if entry and re.match(r'\d+\.\d+$', entry[kind] or ''):
            yield kind, entry[kind]


def compared(score):
    """A Text: how a score compares with the article's, and where it would have stood."""
    article = expected.article()['kaggle_score']
    by = score - article
    if abs(by) < 5e-6:
        return _('the article\'s to the last digit; {place}', place=place(score))
    if by > 0:
        return _('{by:.5f} worse than the article\'s {article:.5f}; {place}', by=by,
                 article=article, place=place(score))
    return _('{by:.5f} better than the article\'s {article:.5f}; {place}', by=-by,
             article=article, place=place(score))


def place(score):
    """A Text: the place it would have had; three places of the final table are known to us."""
    article = expected.article()
    known = dict(expected.load('replications.json')['leaderboard']['value'])
    rank, teams = article['rank']
    known[rank] = article['kaggle_score']       # rank 20 in the article; others quote it rounded
    better = [r for r in sorted(known) if known[r] < score - 5e-6]
    level = [r for r in sorted(known) if abs(known[r] - score) < 5e-6]
    after = [r for r in sorted(known) if known[r] > score + 5e-6]
    if level:
        return _('level with place {rank} of {teams:,}', rank=level[0], teams=teams)
    if not better:
        return _('before place 1 ({score:.5f}) of {teams:,}', score=known[1], teams=teams)
    if not after:
        return _('after place {rank} ({score:.5f}) of {teams:,}', rank=better[-1],
                 score=known[better[-1]], teams=teams)
    return _('between places {above} ({above_score:.5f}) and {below} ({below_score:.5f}) of '
             '{teams:,}', above=better[-1], above_score=known[better[-1]], below=after[0],
             below_score=known[after[0]], teams=teams)
