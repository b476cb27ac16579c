# -*- coding: utf-8 -*-
"""The one place where an engine meets Keras: what predict_generator draws from, and calls.

attached(...) gives, for a network about to be extracted, the generators and the predict_function
to use.  For tf1 both are Keras's own.  For another engine the generators yield the same pictures
in the same order, already on their way through the engine, and predict_function waits for them.
"""
from __future__ import division

import contextlib
import os
import sys
import time

import numpy as np
import six

from repro import processes
from repro.failures import Failure
from repro.folder import discard, HIDDEN, temporary_name
from repro.progress import say
from repro.engines import TF1, compiled, equality, openvino, pixels
from repro.engines.frozen import freeze


class Tf1(object):
    """TensorFlow 1.0.1 in this process, as the article ran it."""
    options = TF1
    origin = {'engine': 'tf1'}

    @contextlib.contextmanager
    def attached(self, model, network, generators, rows, made_from):
        yield generators, model.predict_function

    def close(self):
        pass


class OpenVINO(object):
    """One OpenVINO core, and the pixels that several networks want, for all of a run's networks.

    sizes: the image sizes of the networks to come, to know which pixels are worth keeping.
    """

    def __init__(self, options, sizes):
        self.options, self.sizes = options, list(sizes)
        cores = processes.cores()
        self.threads, self.workers = options.threads or cores, options.workers or cores
        self.core = openvino.Core()
        self.origin = {'engine': 'openvino', 'precision': options.precision,
                       'engine_version': self.core.version()}
        self.batches = None

    @contextlib.contextmanager
    def attached(self, model, network, generators, rows, made_from):
        """rows: how many pictures the journal has already, whole batches from the first on.

        made_from: gap.origin's dict.
        """
        size = model.input_shape[1:3]
        ready = self.compile(model, network, made_from)
        try:
            self.prove(model, ready, network, generators, made_from['weights_are'])
            flow = Flow(self.pixels(generators, size), ready, rows)
            yield flow.generators(generators), flow.predict
        finally:
            ready.close()

    def compile(self, model, network, made_from=None):
        """The compiled network: an earlier run's, or made, and kept for the next.

        Without made_from (gap.origin's dict) none is looked for, nor kept.
        """
        shape, begun = (pixels.BATCH,) + model.input_shape[1:], time.time()
        name = handle = in_place = None
        if made_from:
            name = compiled.filename(self.core, network, made_from, shape, self.threads)
        if name:
            handle, in_place = compiled.restore(self.core, name, self.options.precision,
                                                self.threads)
        how = 'compiled by an earlier run, read' if handle else 'frozen and compiled'
        if not handle:
            handle = self.frozen_and_compiled(model, network)
            if name:
                compiled.keep(self.core, handle, name)
        if made_from:
            say('gap: %s: %s in %.1f s' % (network, how, time.time() - begun))
        return openvino.Network(self.core, handle, shape, model.output_shape[1], in_place)

    def frozen_and_compiled(self, model, network):
        graph = temporary_name(os.path.join(HIDDEN, network + '.pb'))
        try:
            freeze(model, pixels.BATCH, graph)
            return self.core.compile(graph, self.options.precision, self.threads)
        finally:
            discard(graph)

    def prove(self, model, ready, network, generators, weights_are):
        """The sample through both engines; raises Failure past the bound."""
        paths = [path for g in generators for batch in pixels.in_batches(g) for path in batch]
        at = equality.rows(len(paths))
        images, raw = equality.pixels([paths[i] for i in at], model.input_shape[1:3],
                                      generators[0].image_data_generator)
        step = pixels.BATCH
        tf1 = np.concatenate([model.predict_on_batch(images[i:i + step])
                              for i in range(0, len(at), step)])
        ours = np.concatenate([ready.infer(raw[i:i + step])
                               for i in range(0, len(at), step)])
        found = equality.judge(equality.compare(tf1, ours), self.options.precision, weights_are)
        equality.write(network, at, tf1, ours, found)
        say('gap: ' + equality.line(network, found))
        if found['passed'] is False:
            raise Failure('%s: the engine\'s features are not those of TensorFlow 1.0.1: '
                          'use --precision f32 or --engine tf1' % network)

    def pixels(self, generators, size):
        """The pictures' batches, decoded ahead; kept when another network wants the same."""
        if self.batches is None or self.batches.size != size:
            self.drop_pixels()
            batches = [b for g in generators for b in pixels.in_batches(g)]
            keep = (self.sizes.count(size) > 1
                    and pixels.fits(sum(len(b) for b in batches), size))
            self.batches = pixels.Batches(batches, size, self.workers, keep)
        return self.batches

    def drop_pixels(self):
        if self.batches is not None:
            self.batches.close()
        self.batches = None

    def close(self):
        self.drop_pixels()
        self.core.close()


class Flow(object):
    """One network's batches on their way: Keras's thread starts them, its main loop collects.

    rows: pictures whose features the journal has; their batches are neither decoded nor begun.
    """

    def __init__(self, batches, compiled, rows):
        self.batches, self.compiled = batches, compiled
        self.first = 0
        while rows > 0:
            rows -= len(batches.batches[self.first])
            self.first += 1
        self.collected, self.failure = self.first, None
        batches.begin(self.first)

    def generators(self, generators):
        first, made = 0, []
        for generator in generators:
            last = first + len(pixels.in_batches(generator))
            made.append(Ahead(generator, self, first, last))
            first = last
        return made

    def start(self, number):
        """The pictures of a batch, uint8 (n, height, width, 3); its multiplication has begun.

        Keras loses an exception of this thread, so it is kept, and raised by predict.
        """
        n = len(self.batches.batches[number])
        if number >= self.first and self.failure is None:
            try:
                batch = self.batches.get(number)
                self.compiled.start(batch)
                return batch[:n]
            except Exception:
                self.failure = sys.exc_info()
        return self.blank(n)

    def blank(self, n):
        return np.broadcast_to(np.uint8(0), (n,) + self.batches.size + (3,))

    def predict(self, inputs):
        """Keras's predict_function: [pictures (n, height, width, 3)] → [features (n, c)]."""
        if self.failure is not None:
            six.reraise(*self.failure)
        batch, features = self.compiled.result()
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


def engine(options, sizes):
    """The engine that the options name; sizes: the image sizes of the networks to come."""
    return Tf1() if options.engine == 'tf1' else OpenVINO(options, sizes)
