# -*- coding: utf-8 -*-
"""The author's gap_*.h5: fetched, or taken from a folder, and checked.

The article: "if you don't want to compute the feature vectors yourself, you can download the
exported files here".
"""
from __future__ import print_function

import os

from repro import expected, features
from repro.console.progress import say
from repro.failures import BadInput
from repro.inputs import data, fetch

RELEASE = 'https://github.com/ypwhs/dogs_vs_cats/releases/download/gap'     # the author's
REMEDY = 'it is not what the author released'


def url(network):
    """Where the author released it; REPRO_FEATURES_URL names a mirror of the release."""
    base = fetch.address('REPRO_FEATURES_URL', RELEASE)
    return base + '/' + features.filename(network)


def get(networks, folder=None):
    """Fetches the author's gap_*.h5, or takes them from a folder; each file is checked.

    The author published no checksum: a sha256 is recorded at first sight and compared later.
    Raises BadInput, OtherInputs.
    """
    for network in networks:
        name = features.filename(network)
        if os.path.exists(name):
            check(name, network, name)
        else:
            fetch.get(url(network), name, folder,
                      lambda source, what: check(source, network, what), size())
        sha256, is_known = fetch.recognise(name)
        say('features: %s: 25,000 and 12,500 rows of 2,048, 12,500 labels each, values as '
            'the network can give; sha256 %s, %s' % (
                name, sha256[:16], 'as at first sight' if is_known else 'recorded'))


def size():
    """Bytes of each of the author's files, as listed by people who downloaded them."""
    return expected.article()['feature_file_size']


def check(path, network, what):
    """BadInput unless the file can be the author's: size, shapes, types, labels, values.

    what: how messages name it.
    """
    if os.path.getsize(path) != size():
        raise BadInput('%s has %d bytes, and the author\'s has %d'
                       % (what, os.path.getsize(path), size()))
    f = features.check(network, path, what, REMEDY, without_pictures=True)
    rows, kind = (f.cats, f.dogs, f.shapes['test'][0]), features.kind(f.attributes)
    if rows != (data.TRAIN // 2, data.TRAIN // 2, data.TEST) or kind != 'unmarked':
        raise BadInput('%s holds %d cats, %d dogs and %d test rows (%s), and the author\'s '
                       '12,500 each' % ((what,) + rows + (kind,)))
