# -*- coding: utf-8 -*-
"""gap_*.h5: its name, its form, its one check, and what it says of its origin.

    train   (n, c) float32      a row for each picture of train2/
    test    (m, c) float32      a row for each picture of test2/
    label   (n,) int            0 is cat, 1 is dog: all cats, then all dogs

c is the network's number of channels (repro/networks.py).  write_gap (repro/gap.py) adds
attributes that say what the features were made from; the author's own files have none.
"""
from __future__ import division, print_function

import collections
import contextlib

import h5py
import numpy as np

from repro import networks
from repro.failures import BadInput, OtherInputs
from repro.work import record

BLOCK = 1000    # rows read at once: 8 MB
REMEDY = 'fetch or extract it again'

Features = collections.namedtuple(
    'Features', 'network path shapes dtypes blocks is_finite label cats dogs is_sorted attributes')
# What is in a features file, right or wrong.  path: or another name for messages; shapes, dtypes:
# {dataset: (n, c)} and {dataset: 'float32'} of those of train, test and label that are there;
# blocks: {'train' or 'test': [(first row, last row, least value, greatest value), ...]};
# is_finite: whether all these values are; label: (n,), empty where label holds no numbers in one
# dimension; cats, dogs: how many labels are 0 and 1; is_sorted: whether label holds all cats,
# then all dogs, and nothing else; attributes: {name: value}.


def filename(network):
    """The features file of a network, in the work folder; write_gap gives it this name."""
    return 'gap_%s.h5' % network


def wanted(network, train, test):
    """{dataset: (shape, dtype)} of a network's features of so many pictures."""
    channels = networks.TABLE[network].channels
    return {'train': ((train, channels), 'float32'), 'test': ((test, channels), 'float32'),
            'label': ((train,), 'int')}


@contextlib.contextmanager
def opened(path, what=None, remedy=REMEDY):
    """Yields the h5py.File, open for reading.  BadInput where it is not a whole HDF5 file.

    what: how messages name it, its path where None; remedy: what they tell the user to do.
    """
    try:
        with h5py.File(path, 'r') as h:
            yield h
    except (IOError, OSError, RuntimeError, KeyError) as e:
        raise BadInput('%s is not a whole HDF5 file (%s): %s' % (what or path, e, remedy))


def describe(network, path=None, what=None, remedy=REMEDY):
    """The Features of a file, by default of the network's own in the work folder.

    Raises BadInput where the file cannot be read; its form is not judged.
    """
    path = path or filename(network)
    with opened(path, what, remedy) as h:
        datasets = dict((name, h[name]) for name in ('train', 'test', 'label')
                        if isinstance(h.get(name), h5py.Dataset))
        blocks = dict((name, list(blocks_of(datasets[name]))) for name in ('train', 'test')
                      if name in datasets)
        label = datasets.get('label')
        is_plain = label is not None and len(label.shape) == 1 and label.dtype.kind in 'if'
        label = label[()] if is_plain else np.empty(0)
        cats, dogs = int((label == 0).sum()), int((label == 1).sum())
        return Features(
            network=network, path=what or path,
            shapes=dict((name, dataset.shape) for name, dataset in datasets.items()),
            dtypes=dict((name, dataset.dtype.name) for name, dataset in datasets.items()),
            blocks=blocks,
            is_finite=all(np.isfinite(block[2:]).all() for name in blocks
                          for block in blocks[name]),
            label=label, cats=cats, dogs=dogs,
            is_sorted=is_plain and label.tolist() == [0] * cats + [1] * dogs,
            attributes=dict(h.attrs))


def blocks_of(dataset):
    """Yields (first row, last row, least, greatest) of a dataset of floating-point numbers.

    numpy's min and max pass a nan on.
    """
    if dataset.dtype.kind == 'f' and dataset.shape:
        for first in range(0, len(dataset), BLOCK):
            values = dataset[first:first + BLOCK]
            if values.size:
                yield first, first + len(values) - 1, values.min(), values.max()


def check(network, path=None, what=None, remedy=REMEDY, without_pictures=False):
    """The Features of a file of the right form.  Raises BadInput, naming the first fault.

    without_pictures: there is nothing but the file to tell what its rows are, so its labels must
    be in flow_from_directory's order, cats then dogs, and its values possible for the network.
    """
    features = describe(network, path, what, remedy)
    for fault in faults(features, without_pictures):
        raise BadInput('%s%s: %s' % (features.path, fault, remedy))
    return features


def faults(features, without_pictures=False):
    """What is wrong with a file: a list of phrases, each to be put after its name."""
    return list(faults_of_form(features)) or (
        list(faults_of_values(features, without_pictures)) +
        list(faults_of_labels(features, without_pictures)))


def faults_of_form(features):
    """Datasets that are missing, or of another shape or type than wanted()."""
    missing = [name for name in ('train', 'test', 'label') if name not in features.shapes]
    if missing:
        yield ' has no dataset %s' % missing[0]
        return
    rows = dict((name, (features.shapes[name] or (0,))[0]) for name in ('train', 'test'))
    form = wanted(features.network, **rows)
    for name in ('train', 'test', 'label'):
        got, (shape, dtype) = features.shapes[name], form[name]
        if name == 'label' and len(got) == 1 and got != shape:
            yield ': %d labels for %d rows of train' % (got + shape)
        elif got != shape or not features.dtypes[name].startswith(dtype):
            yield ': %s is %s %s, where %s %s is wanted' % (name, got, features.dtypes[name],
                                                            shape, dtype)
    if not rows['test']:
        yield ': test holds no row'


def faults_of_values(features, without_pictures):
    """Values that are not finite, or that the network cannot give."""
    not_negative = without_pictures and networks.TABLE[features.network].ends_in_relu
    for name in ('train', 'test'):
        for first, last, least, greatest in features.blocks[name]:
            if not np.isfinite([least, greatest]).all():
                yield ': %s holds nan or inf in rows %d to %d' % (name, first, last)
            elif not_negative and least < 0:
                yield (': %s holds %g in rows %d to %d, and %s ends in a relu: no average of it '
                       'is negative' % (name, least, first, last, features.network))


def faults_of_labels(features, without_pictures):
    """Labels other than cats and dogs, or not in flow_from_directory's order."""
    if not features.cats or not features.dogs or \
            features.cats + features.dogs != len(features.label):
        yield ': label is not 0 (cat) or 1 (dog) for every picture, or one of the two is missing'
    elif without_pictures and not features.is_sorted:
        yield (': the labels are not cats (0) and then dogs (1), as flow_from_directory numbers '
               'them')


def check_together(several):
    """OtherInputs unless these Features are all of the same pictures, in the same order."""
    first = several[0]
    for other in several[1:]:
        if other.shapes['test'][0] != first.shapes['test'][0] or \
                other.label.tolist() != first.label.tolist() or \
                other.attributes.get('picture_set') != first.attributes.get('picture_set'):
            raise OtherInputs('%s is from another set of pictures than %s: run the step gap '
                              'again' % (other.path, first.path))


def kind(attributes):
    """'stand-in', 'extracted' (by this program), 'other', or 'unmarked', as the author's are."""
    if 'stand_in' in attributes or attributes.get('weights_are') == 'stand-in':
        return 'stand-in'
    if 'weights' not in attributes:
        return 'unmarked'
    return 'extracted' if attributes['weights_are'] == 'article' else 'other'


def engines(several):
    """The engines that these Features say they were extracted with, sorted; [] for unmarked."""
    return sorted(set(record.engine_of(f.attributes) for f in several
                      if 'engine' in f.attributes))
