# -*- coding: utf-8 -*-
"""The step features: a run that starts from existing gap_*.h5, without pictures.

With the author's files (repro/inputs/release.py), or with those of an earlier run, the head
trains in seconds, on a laptop.  Which row is which test picture is known without the pictures,
too: the author's rows are 1.jpg, 10.jpg, 100.jpg, ... (repro/keras_seams.py), so N rows are the
names 1.jpg to N.jpg sorted as strings.
"""
from __future__ import print_function

import collections
import os
import time

from repro import features
from repro.console.progress import say
from repro.failures import BadInput
from repro.inputs import data, fetch
from repro.work import record
from repro.work.folder import absence, replacing

Given = collections.namedtuple('Given', 'cats dogs test kind engines')
# cats, dogs, test: how many rows; kind: features.kind, the least of the files'; engines: those
# that the files say they were extracted with.


def recognise(networks):
    """OtherInputs when a file differs from its entry in SHA256SUMS, if it has one."""
    recorded = fetch.recorded('.')
    for name in map(features.filename, networks):
        if name in recorded:
            fetch.recognise(name)


def check(networks):
    """The Given of the folder's gap_*.h5.  Raises BadInput.

    Whether they belong together is the head's own check (repro/head.py).
    """
    files = []
    for network in networks:
        name = features.filename(network)
        if not os.path.exists(name):
            raise BadInput('%s %s in the work folder (%s): ./run.sh features fetches the '
                           'author\'s, or put there what an earlier run extracted'
                           % (name, absence(name), os.getcwd()))
        files.append(features.check(network, without_pictures=True))
        if files[-1].attributes.get('order', 'sorted') != 'sorted':
            raise BadInput('%s was extracted in the file system\'s order: without the pictures '
                           'it is unknown which row is which' % name)
    kinds = [features.kind(f.attributes) for f in files]
    kind = [k for k in ('stand-in', 'other', 'unmarked', 'extracted') if k in kinds][0]
    last = files[-1]
    return Given(last.cats, last.dogs, last.shapes['test'][0], kind, features.engines(files))


def make_submission(rows):
    """sample_submission.csv as Kaggle's: ids 1 to N, label 0.5; True when it was not there."""
    if os.path.exists('sample_submission.csv'):
        return False
    with replacing('sample_submission.csv') as name:
        with open(name, 'w') as f:
            f.write('id,label\n' + ''.join('%d,0.5\n' % i for i in range(1, rows + 1)))
    return True


def distance(given):
    """Lines that say what these features are, and how far from the article's."""
    if given.kind == 'stand-in':
        yield 'the features are stand-ins, of no photograph: this shows the head, not recognition'
    elif given.kind == 'other':
        yield 'the features are of other weights than the article\'s'
    elif given.kind == 'unmarked':
        yield 'the files do not say what made them, as the author\'s own do not'
    if given.engines not in ([], ['tf1']):
        yield 'extracted by another engine than the article\'s: ' + ', '.join(given.engines)
    train = given.cats + given.dogs
    if (train, given.test) != (data.TRAIN, data.TEST):
        yield '%d of the article\'s 25,000 training rows, %d of its 12,500 test rows' % (
            train, given.test)


def main(given, networks):
    """given: what check() returned."""
    start = time.time()
    say('features: %s: %d cats, %d dogs, %d test rows, taken as 1.jpg to %d.jpg sorted as '
        'strings' % (', '.join(networks), given.cats, given.dogs, given.test, given.test))
    for line in distance(given):
        say('features: ' + line)
    is_made = make_submission(given.test)
    data.check_submission(data.numbered(given.test))    # before the head is trained
    if is_made:
        say('features: no sample_submission.csv here: one with Kaggle\'s rows (id, 0.5) '
            'was made')
    record.append('features', time.time() - start, map(features.filename, networks),
                  cats=given.cats, dogs=given.dogs, test=given.test, features_are=given.kind,
                  features_by=given.engines, order='sorted')
