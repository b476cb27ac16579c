# -*- coding: utf-8 -*-
"""One network's batches between Keras's predict_generator and an engine that works ahead.

Keras 1.2.2 draws batches from the generator in a thread of its own, up to 10 ahead
(keras/engine/training.py), and its main loop calls predict_function with one batch after the
other.  Here drawing a batch starts its multiplication, and predict_function waits for the result:
the same pictures in the same order.
"""
import sys

import numpy as np
import six

from repro.engines import pixels


class Flow(object):
    """One network's batches: Keras's thread starts them, its main loop collects the results.

    batches: a pixels.Batches; network: has start(pixels), and result() in the same order (as
    openvino_c.Network); rows: how many pictures' features the journal has: their batches are
    neither decoded nor multiplied.
    """

    def __init__(self, batches, network, rows):
        self.batches, self.network = batches, network
        self.first = 0
        while rows > 0:
            rows -= len(batches.batches[self.first])
            self.first += 1
        self.collected, self.failure = self.first, None
        batches.begin(self.first)

    def generators(self, generators):
        """What to draw from in place of Keras's generators, one for each."""
        first, ahead = 0, []
        for generator in generators:
            last = first + len(pixels.in_batches(generator))
            ahead.append(Ahead(generator, self, first, last))
            first = last
        return ahead

    def start(self, number):
        """Starts a batch's multiplication; returns its pictures, uint8 (n, height, width, 3).

        Keras loses an exception that is raised in this thread, so predict() raises it instead.
        """
        n = len(self.batches.batches[number])
        if number >= self.first and self.failure is None:
            try:
                batch = self.batches.get(number)
                self.network.start(batch)
                return batch[:n]
            except Exception:
                self.failure = sys.exc_info()
        return self.blank(n)

    def blank(self, n):
        """n black pictures, for batches that are not used."""
        return np.broadcast_to(np.uint8(0), (n,) + self.batches.size + (3,))

    def predict(self, inputs):
        """Keras's predict_function: [pictures (n, height, width, 3)] → [features (n, c)]."""
        if self.failure is not None:
            six.reraise(*self.failure)
        batch, features = self.network.result()
        assert batch.ctypes.data == inputs[0].ctypes.data, 'batches came out of order'
        self.batches.release(self.collected)
        self.collected += 1
        return [features[:len(inputs[0])]]


class Ahead(object):
    """Takes a DirectoryIterator's place in predict_generator: batches first ... last - 1."""

    def __init__(self, generator, flow, first, last):
        self.nb_sample, self.classes = generator.nb_sample, generator.classes
        self.flow, self.number, self.last = flow, first, last

    def next(self):
        if self.number == self.last:    # Keras's queue asks for more than is predicted
            return self.flow.blank(1)
        self.number += 1
        return self.flow.start(self.number - 1)

    __next__ = next
