# -*- coding: utf-8 -*-
"""The measured part of the stand-in weights: expected/standin.bin and standin.json.

Statistics were measured once (calibration.py, by tests/record_standin.py), since the passes that
measure them round differently on different processors.  standin.json names the layers of each
network with their weights' shapes, in Keras's order, and the binary file's sha256; the binary file
holds, little-endian and in the order of the networks and layers there:

    the first layer's filters   float32 (side, side, n)
    mean and variance           of each batch normalization, for VGG of each convolution: the upper
                                16 bits of float32 (8 bits of mantissa are enough here)
    the scale                   VGG only, of each convolution: float32
"""
import collections
import hashlib
import io
import os

import numpy as np

from repro import expected
from repro.failures import BadInput

BINARY, NAMES = 'standin.bin', 'standin.json'
Network = collections.namedtuple('Network', 'layers filters statistics scales')
# layers: [(name, [(weight's name, shape)])]; filters: (side, side, n) float32; statistics:
# {layer: (mean, variance)}, float32 (n,); scales: {layer: float32}, of VGG's convolutions.


def of(network):
    """The Network's record.  BadInput where the files are not what was recorded."""
    names = expected.load(NAMES)
    path = os.path.join(expected.EXPECTED, BINARY)
    with io.open(path, 'rb') as f:
        data = f.read()
    if hashlib.sha256(data).hexdigest() != names['sha256']:
        raise BadInput('%s is not the file that was recorded: check out this program anew' % path)
    reader = Reader(data)
    for name in sorted(names['networks']):
        record = read(names['networks'][name], reader)
        if name == network:
            return record


class Reader(object):
    """Takes arrays off the front of some bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, dtype, shape):
        array = np.frombuffer(self.data, dtype, int(np.prod(shape)), self.at)
        self.at += array.nbytes
        return array.reshape(shape)


def read(layers, reader):
    shapes = dict((layer, [shape for _, shape in weights]) for layer, weights in layers)
    side, _, _, count = shapes[first(layers)][0]
    filters = reader.take('<f4', (side, side, count))
    statistics, scales = {}, {}
    for layer, width in measured_layers(layers):
        statistics[layer] = [widened(a) for a in reader.take('<u2', (2, width))]
        if len(shapes[layer]) == 2:
            scales[layer] = reader.take('<f4', 1)[0]
    return Network(layers, filters, statistics, scales)


def first(layers):
    """The name of the first layer with weights."""
    return [layer for layer, weights in layers if weights][0]


def measured_layers(layers):
    """(layer, channels) of those with statistics: batch normalizations, or else convolutions."""
    normalized = [(layer, weights[0][1][0]) for layer, weights in layers if len(weights) == 4]
    return normalized or [(layer, weights[1][1][0]) for layer, weights in layers
                          if len(weights) == 2]


def packed(network):
    """The bytes of a Network, as read() takes them."""
    parts = [network.filters.astype('<f4')]
    for layer, _ in measured_layers(network.layers):
        parts += [shortened(a) for a in network.statistics[layer]]
        parts += [np.asarray(network.scales[layer], '<f4')] if network.scales else []
    return b''.join(part.tobytes() for part in parts)


def shortened(array):
    """float32 to the nearest of those whose lower 16 bits are 0, as their upper 16 bits."""
    bits = np.ascontiguousarray(array, '<f4').view('<u4').astype('u8')
    return ((bits + 0x7fff + (bits >> 16 & 1)) >> 16).astype('<u2')


def widened(halves):
    return (halves.astype('<u4') << 16).view('<f4')
