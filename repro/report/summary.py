# -*- coding: utf-8 -*-
"""What a run says first and last, to the person who started it."""
from __future__ import division, print_function

import os
import sys

from repro.console.progress import say

STAND_IN = ('STAND-INS: these pictures are drawn and these weights are seeded, not photographs '
            'and not ImageNet\'s: this shows the pipeline, not recognition.')
REAL_RUN = ('For the real run: ./run.sh cpu --data DIR (or gpu), where DIR holds Kaggle\'s '
            'train/, test/ and sample_submission.csv.')

# Seconds a picture by TensorFlow 1.0.1, measured on 2 cores of an AMD EPYC (Zen 4).
SECONDS = {'ResNet50': .3, 'InceptionV3': .4, 'Xception': .6, 'VGG16': .8, 'VGG19': 1.}

# What to type next, after a run of each kind: (command, what it does).
NEXT = {
    'demo': (('./run.sh features && ./run.sh cpu --features',
              'the article\'s own log, from its author\'s features, without a picture'),
             ('./run.sh cpu --data DIR', 'the real run, on Kaggle\'s pictures in DIR')),
    'features': (('./run.sh cpu --features --seeds 2', 'the head twice more, with other seeds'),
                 ('./run.sh cpu --data DIR', 'the real run, on Kaggle\'s pictures in DIR')),
    'real': (('./run.sh submit --work {work}', 'sends pred.csv to Kaggle, after asking'),
             ('./run.sh verify --work {work}', 'the table above, once more')),
}
NEXT['kaggle'] = NEXT['real']       # made elsewhere


def demo_begins(args):
    """The stand-ins' notice, and what comes; args: options.parse()'s."""
    print(STAND_IN + ' ' + REAL_RUN)
    pictures = args.train + args.test
    parts = ['draws %d pictures' % pictures, 'writes seeded weights'] + [
        '%s on each picture (%s)' % (n, about(SECONDS[n] * pictures)) for n in args.networks]
    if args.engine != 'tf1':
        parts = [part.split(' (')[0] for part in parts]
    parts += ['trains the head twice and predicts (seconds)', 'checks everything']
    if not os.environ.get('REPRO_NO_REPORT'):
        parts.append('makes a page of what came out (some 15 s)')
    say('demo: ' + ', '.join(parts[:-1]) + ' and ' + parts[-1])
    say('demo: what begins with Found, Train on, Epoch or a bar [===] is Keras\'s own')


def about(seconds):
    """A time in words, for an estimate."""
    if seconds < 90:
        return 'some %d s' % (max(1, round(seconds / 5)) * 5)
    return 'some %.0f minutes' % (seconds / 60)


def run_ends(kind, rows):
    """The article's head(10), the verdict, where the page is, and what to type next.

    rows: verify's.
    """
    # Here, since these take seconds to import, and what a run says first should come first.
    import pandas as pd
    from repro import verify
    from repro.console.text import english
    from repro.report import verdict
    work = os.getcwd()
    say('\npred.csv, its first rows, as the article prints them:')
    print(pd.read_csv('pred.csv').head(10))
    say('verdict: %s: %s' % (english(verdict.HEADLINES[verdict.of(rows)[0]]), verify.counts(rows)))
    page = os.path.join(work, 'report.html')
    if os.path.exists(page) and not os.environ.get('REPRO_NO_REPORT'):
        say('report: %s' % page)
    say('%s: pred.csv, gap_*.h5, model.h5, model.dot, history.json, validation.csv and '
        'run.json are in %s' % (kind, work))
    for command, what in NEXT[kind]:
        say('next: %s    %s' % (command.format(work=work), what))
    if kind == 'demo':
        say(STAND_IN + ' ' + REAL_RUN)
    sys.stdout.flush()
