# -*- coding: utf-8 -*-
"""Stand-in features: gap_*.h5 in the author's layout, of no picture at all.

They let the head and its checks run at full shape without hours of extraction.  A picture
here is one number, about +1 for a dog and -1 for a cat, blurred so that some 4 in 1,000 lie
on the wrong side; each feature is a relu of that number times its own small weight, plus noise.
InceptionV3's are shifted down, since its real ones are signed.  Every file carries the root
attribute `stand_in`, which says what it is.
"""
from __future__ import division, print_function

import h5py
import numpy as np

from repro.features import filename
from repro.networks import TABLE
from repro.work.folder import replacing

STAND_IN = 'made-up features, of no picture (keras 1.2.2 dogs-vs-cats archive)'
SEED = 2017
BLUR = 0.38     # a normal number of mean 1 and this deviation is negative 4 times in 1,000
BLOCK = 1000    # rows made at once


def dogness(label, rng):
    """One number a picture, (n,) float64: about -1 for a cat (0), +1 for a dog (1)."""
    return 2. * label - 1 + BLUR * rng.randn(len(label))


def rows(z, weight, offset, shift, rng):
    """Features (n, c) float32 of pictures that are the numbers z (n,); weight, offset: (c,)."""
    x = rng.standard_normal((len(z), len(weight)))
    x += offset + np.outer(z, weight)
    return (np.maximum(x, 0) * 0.5 - shift).astype('float32')


def fill(dataset, z, network_seed, part, shift):
    """Fills an HDF5 dataset (n, c) block by block; part: 0 for train, 1 for test."""
    rng = np.random.RandomState(network_seed)       # the network: same for train and test
    weight, offset = 0.1 * rng.randn(dataset.shape[1]), rng.randn(dataset.shape[1])
    for first in range(0, len(z), BLOCK):
        rng = np.random.RandomState([network_seed, part, first])
        dataset[first:first + BLOCK] = rows(z[first:first + BLOCK], weight, offset, shift, rng)


def write(networks, train, test, report=lambda line: None):
    """gap_*.h5 in the current folder: train (train, c), test (test, c), label (train,)."""
    rng = np.random.RandomState(SEED)
    label = (np.arange(train) >= (train + 1) // 2).astype('int32')
    z_train = dogness(label, rng)
    z_test = dogness(rng.randint(0, 2, test), rng)
    for number, network in enumerate(networks):
        channels, name = TABLE[network].channels, filename(network)
        shift = 0. if TABLE[network].ends_in_relu else 0.1
        with replacing(name, 4 * channels * (train + test)) as temporary:
            with h5py.File(temporary) as h:
                h.attrs['stand_in'] = STAND_IN
                for part, (key, z) in enumerate([('train', z_train), ('test', z_test)]):
                    h.create_dataset(key, (len(z), channels), 'float32')
                    fill(h[key], z, SEED + number, part, shift)
                h.create_dataset('label', data=label)
        report('%s: %s' % (name, STAND_IN))
