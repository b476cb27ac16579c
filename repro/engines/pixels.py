# -*- coding: utf-8 -*-
"""The pictures of Keras's generators, in their order, decoded ahead by processes of their own.

Keras's DirectoryIterator still decides which files there are, their order and their classes;
only the decoding moves, into processes (decoder.py) that write bytes into a file of slots.  The
engine reads that file in place: no pixel is copied between the decoder and the multiplication.

InceptionV3 and Xception need the same pixels.  Where the disk has room, the file has a slot for
every picture and the second network decodes nothing; otherwise it is a ring.
"""
from __future__ import division

import json
import os
import subprocess

import numpy as np

from repro.failures import BadInput
from repro.system import machine, processes
from repro.work.folder import HIDDEN, discard, make_hidden, temporary_name

BATCH = 16          # the article's batch_size
WINDOW = 32         # batches requested ahead; Keras's own queue holds 10 of them


class Pixels(object):
    """The pictures' batches in one size after the other, as a run's networks need them.

    sizes: (height, width) of each network to come; workers: how many processes decode.
    """

    def __init__(self, sizes, workers):
        self.sizes, self.workers = list(sizes), workers
        self.batches = None

    def of(self, generators, size):
        """The Batches of this size; kept for the next network where that has the same size."""
        if self.batches is None or self.batches.size != size:
            self.close()
            batches = [batch for generator in generators for batch in in_batches(generator)]
            keep = self.sizes.count(size) > 1 and fits(sum(map(len, batches)), size)
            self.batches = Batches(batches, size, self.workers, keep)
        return self.batches

    def close(self):
        if self.batches is not None:
            self.batches.close()
        self.batches = None


class Batches(object):
    """Batches 0, 1, 2, ... of the paths given, as uint8 arrays (16, height, width, 3).

    batches: lists of at most 16 paths.  `decoded` holds the numbers of the batches whose pixels
    are in their slots: more than the window only with keep=True.
    """

    def __init__(self, batches, size, workers, keep):
        self.batches, self.size = batches, size
        self.slots = len(batches) if keep else WINDOW
        self.keep, self.decoded = keep, set()
        self.name = temporary_name(os.path.join(HIDDEN, 'pixels-%dx%d' % size))
        make_hidden()
        with open(self.name, 'wb') as f:
            f.truncate(self.slots * BATCH * size[0] * size[1] * 3)
        self.memory = np.memmap(self.name, np.uint8, 'r', shape=(self.slots, BATCH) + size + (3,))
        self.decoders = [decoder(self.name, size) for _ in range(workers)]

    def begin(self, first):
        """Starts a network at batch `first`: each picture from here on is requested once."""
        self.requested = self.released = first
        if not self.keep:
            self.decoded.clear()
        self._request()

    def _request(self):
        while self.requested < min(self.released + WINDOW, len(self.batches)):
            number = self.requested
            if number not in self.decoded:
                job = [number, number % self.slots * BATCH, self.batches[number]]
                try:
                    self._decoder(number).stdin.write(json.dumps(job) + '\n')
                except IOError:     # it has died: get() reports that when it is this batch's turn
                    pass
            self.requested += 1

    def _decoder(self, number):
        return self.decoders[number % len(self.decoders)]

    def get(self, number):
        """Waits for the batch's pixels; returns its slots.  A short batch fills the first of them.

        Raises BadInput with the file's name when a picture can't be decoded, or when its
        decoder has died.
        """
        if number not in self.decoded:
            line = self._decoder(number).stdout.readline()
            if not line:
                raise BadInput('a decoder died over one of %s ... %s: the machine may be '
                               'out of memory; the same command resumes'
                               % (self.batches[number][0], self.batches[number][-1]))
            decoded, problem = json.loads(line)
            if problem:
                raise BadInput('%s (replace the picture, or move it away)' % problem)
            assert decoded == number, 'batch %d came instead of %d' % (decoded, number)
            self.decoded.add(number)
        return self.memory[number % self.slots]

    def release(self, number):
        """The engine is done with this batch and those before it: their slots may be reused."""
        self.released = number + 1
        if not self.keep:
            self.decoded.discard(number)
        self._request()

    def close(self):
        for process in self.decoders:
            process.kill()
            process.wait()
        discard(self.name)


def decoder(slots, size):
    command = processes.python('repro.engines.decoder', slots, str(size[0]), str(size[1]))
    # close_fds: a decoder must inherit neither the folder's lock nor another decoder's pipe.
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1,
                            close_fds=True)


def in_batches(generator):
    """The paths of a DirectoryIterator, 16 at a time, in the batches that it would give."""
    paths = [os.path.join(generator.directory, name) for name in generator.filenames]
    return [paths[i:i + BATCH] for i in range(0, len(paths), BATCH)]


def fits(pictures, size):
    """Whether a slot for every picture leaves the disk half empty and room for the features."""
    return 2 * pictures * size[0] * size[1] * 3 + pictures * 3 * 2048 * 4 < machine.free_bytes()
