# -*- coding: utf-8 -*-
"""The pictures of Keras's generators, in their order, decoded ahead by processes of their own.

Keras's DirectoryIterator still decides which files there are, their order and their classes;
only the decoding moves, into processes (decoder.py) that write bytes into a file of slots.  The
engine reads that file in place: no pixel is copied between the decoder and the multiplication.

InceptionV3 and Xception want the same pixels.  Where the disk has room, the file has a slot for
every picture and the second network decodes nothing; else it is a ring.
"""
from __future__ import division

import json
import os
import subprocess
import sys

import numpy as np

from repro import machine
from repro.failures import BadInput
from repro.folder import discard, HIDDEN, make_hidden, temporary_name

BATCH = 16          # the article's batch_size
WINDOW = 32         # batches asked for ahead; Keras's own queue holds 10 of them


class Batches(object):
    """Batches 0, 1, 2, ... of the paths given, as uint8 arrays (16, height, width, 3).

    batches: lists of at most 16 paths.  `decoded` holds the numbers of the batches whose pixels
    are in their slots: only with keep=True more than the window.
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
        """A network begins with batch `first`: only now are pictures asked for, and only once."""
        self.asked = self.released = first
        if not self.keep:
            self.decoded.clear()
        self._ask()

    def _ask(self):
        while self.asked < min(self.released + WINDOW, len(self.batches)):
            number = self.asked
            if number not in self.decoded:
                job = [number, number % self.slots * BATCH, self.batches[number]]
                try:
                    self._decoder(number).stdin.write(json.dumps(job) + '\n')
                except IOError:     # it has died: get() says so when the batch's turn comes
                    pass
            self.asked += 1

    def _decoder(self, number):
        return self.decoders[number % len(self.decoders)]

    def get(self, number):
        """The batch's slots, once they are filled: a short batch fills the first of them.

        Raises BadInput with the file's name when a picture can't be decoded, or when the
        decoder's process has died over it.
        """
        if number not in self.decoded:
            line = self._decoder(number).stdout.readline()
            if not line:
                raise BadInput('a decoder died over one of %s ... %s: the machine may be '
                               'out of memory; the same command goes on'
                               % (self.batches[number][0], self.batches[number][-1]))
            answered, problem = json.loads(line)
            if problem:
                raise BadInput('%s (replace the picture, or move it away)' % problem)
            assert answered == number, 'batch %d came instead of %d' % (answered, number)
            self.decoded.add(number)
        return self.memory[number % self.slots]

    def release(self, number):
        """The engine is done with this batch and all before it: its slots may be used again."""
        self.released = number + 1
        if not self.keep:
            self.decoded.discard(number)
        self._ask()

    def close(self):
        for process in self.decoders:
            process.kill()
            process.wait()
        discard(self.name)


def decoder(slots, size):
    command = [sys.executable, '-m', 'repro.engines.decoder', slots, str(size[0]), str(size[1])]
    # close_fds: a decoder must not hold the folder's lock, nor the pipe that ends another one.
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1,
                            close_fds=True)


def in_batches(generator):
    """The paths of a DirectoryIterator, 16 at a time, as its own index generator takes them."""
    paths = [os.path.join(generator.directory, name) for name in generator.filenames]
    return [paths[i:i + BATCH] for i in range(0, len(paths), BATCH)]


def fits(pictures, size):
    """Whether a slot for every picture leaves the disk half empty and room for the features."""
    return 2 * pictures * size[0] * size[1] * 3 + pictures * 3 * 2048 * 4 < machine.free_bytes()
