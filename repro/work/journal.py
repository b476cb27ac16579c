# -*- coding: utf-8 -*-
"""What extraction has predicted so far, on disk, so that a killed run resumes inside a network.

    .repro/journal-<network>    a first line with the key, then one record a batch:
        b'rows', first row, rows, channels      little-endian, 4 + 8 + 4 + 4 bytes
        rows x channels float32, little-endian
        md5 of key, head and numbers

The rows are counted over train, then test, in the order of predict_generator.  A batch can take a
slow engine minutes, its record takes a millisecond, so each batch is written as soon as it is
computed.  A killed process loses at most the batch that it was computing; a power cut also loses
the SYNCED seconds before it (syncing every batch, 30 ms, would halve a fast engine's speed).

A record that was cut off, or whose digest is wrong, is removed, with all that follow it.  A
journal with another key, from other pictures, weights, engine, order or versions, is removed as a
whole: rows from two sources are never mixed.

This is not an HDF5 file, since a process that is killed while it writes one may leave a file that
cannot be opened.
"""
from __future__ import print_function

import contextlib
import hashlib
import io
import json
import os
import struct
import time

import numpy as np

from repro.console.progress import say
from repro.work import folder
from repro.work.folder import HIDDEN, make_hidden, replacing

FORMAT = 1
HEAD = struct.Struct('<4sQII')
SYNCED = 5.0    # seconds between fsyncs


class Journal(object):
    """One network's rows, read back in their order and appended to.

    network: its name; rows: how many rows it holds, over train then test; row: the next one for
    predict_generator.
    """

    def __init__(self, network, f, key):
        self.network, self.f = network, f
        self.key = hashlib.md5(key).digest()
        self.rows, self.row = 0, 0
        start = f.tell()
        while self.read(self.rows) is not None:
            pass
        f.seek(start)
        self.synced = time.time()

    def read(self, row, wanted=None):
        """The next record's rows, (n, channels) float32, or None when there is no right one.

        It is right when it starts at `row`, holds `wanted` rows where that is given, and has its
        digest.  Else the file is cut off before it.
        """
        start = self.f.tell()
        head = self.f.read(HEAD.size)
        if len(head) == HEAD.size:
            mark, first, n, channels = HEAD.unpack(head)
            size = 4 * n * channels
            if (mark, first) == (b'rows', row) and wanted in (None, n) and 0 < size <= self.left():
                numbers = self.f.read(size)
                if self.f.read(16) == self.digest(head, numbers):
                    self.rows = max(self.rows, row + n)
                    return np.frombuffer(numbers, '<f4').reshape(n, channels)
        self.f.seek(start)
        self.f.truncate()
        self.rows = row
        return None

    def left(self):
        """How many bytes of the file are still to be read."""
        return os.fstat(self.f.fileno()).st_size - self.f.tell()

    def digest(self, head, numbers):
        return hashlib.md5(self.key + head + numbers).digest()

    def append(self, outputs):
        """Writes one batch's record.  outputs: (n, channels)."""
        numbers = np.ascontiguousarray(outputs, '<f4').tobytes()
        head = HEAD.pack(b'rows', self.row, *outputs.shape)
        self.f.write(head + numbers + self.digest(head, numbers))
        self.f.flush()
        if time.time() - self.synced >= SYNCED:
            self.sync()

    def sync(self):
        folder.flush(self.f.fileno())
        self.synced = time.time()

    def wrapped(self, predict, computed):
        """An engine's predict_function that takes the batches that are here from the journal.

        computed: called with the length of each batch that predict had to compute.
        """
        def journalled(inputs):
            n = len(inputs[0])
            outputs = self.read(self.row, n) if self.row < self.rows else None
            if outputs is None:
                outputs, = predict(inputs)
                self.append(outputs)
                computed(n)
            self.row += n
            return [outputs]
        return journalled


def path(network):
    """The file of a network's journal."""
    return os.path.join(HIDDEN, 'journal-' + network)


@contextlib.contextmanager
def opened(network, made_from):
    """Yields the network's Journal.  made_from: what decides the rows, a dict of strings.

    The file stays until discard(), when gap_*.h5 is whole.
    """
    make_hidden()
    key = json.dumps(dict(made_from, format=FORMAT, network=network), sort_keys=True) + '\n'
    name = path(network)
    if not is_from(name, key):
        with replacing(name) as temporary:
            with open(temporary, 'wb') as f:
                f.write(key.encode('utf-8'))
    with io.open(name, 'r+b') as f:     # Python 2's own open() can't turn from read to write
        f.seek(len(key))
        journal = Journal(network, f, key.encode('utf-8'))
        try:
            yield journal
        finally:
            journal.sync()


def is_from(name, key):
    """Whether the journal is there with this key; says so when it has another one."""
    if not os.path.exists(name):
        return False
    with open(name, 'rb') as f:
        other = f.readline(len(key) + 4096).decode('utf-8', 'replace')
    if other == key:
        return True
    say('gap: %s is from %s: it is not used, and a new one is started'
        % (name, difference(other, key)))
    return False


def difference(other, key):
    """In which inputs two keys differ, in words."""
    try:
        other, key = json.loads(other), json.loads(key)
    except ValueError:
        return 'something else'
    names = sorted(k for k in set(other) | set(key) if other.get(k) != key.get(k))
    return 'other ' + ', '.join(n.replace('_', ' ') for n in names)


def discard(network):
    """Removes the network's journal if it exists."""
    folder.discard(path(network))
