# -*- coding: utf-8 -*-
"""Compiled networks, kept between runs: freezing and compiling one takes seconds.

A file of 90 MB each, in the folder that REPRO_COMPILED names.  Where that cannot be written, as
in an image, nothing is kept.  A kept network goes through every run's equality proof like a new
one.
"""
import hashlib
import json
import os

from repro.engines import Refused
from repro.work.folder import discard, replacing

FOLDER = 'REPRO_COMPILED'
KEPT = 6        # the article's three networks in both precisions
PICTURES = ('picture_set', 'order')     # features are made from them, networks are not


def filename(network, made_from, *others):
    """Where this network is kept, None for nowhere: the name is a hash of all that decides it.

    made_from: gap.origin's dict, with the MD5 of the weights, the versions and the precision;
    others: what else decides the compiled network (shape, threads, processor), for JSON.
    """
    if not os.environ.get(FOLDER):
        return None
    decides = dict((k, v) for k, v in made_from.items() if k not in PICTURES)
    text = json.dumps([network, decides] + list(others), sort_keys=True)
    return os.path.join(os.environ[FOLDER], hashlib.sha256(text).hexdigest() + '.blob')


def restore(name, read):
    """What read(name) gives for the kept network; None where there is none that can be read."""
    try:
        network = read(name)
        os.utime(name, None)    # the most recently used ones are kept
        return network
    except (IOError, OSError):
        pass
    except Refused:
        discard(name)


def keep(name, write):
    """Keeps what write(temporary) writes, for the next run, and discards the oldest beyond KEPT.

    Where the disk cannot hold it, the next run compiles again, which takes seconds.
    """
    folder = os.path.dirname(name)
    try:
        if not os.path.isdir(folder):
            os.makedirs(folder)
        with replacing(name) as temporary:
            write(temporary)
        files = [os.path.join(folder, f) for f in os.listdir(folder)]
        for old in sorted(files, key=os.path.getmtime, reverse=True)[KEPT:]:
            discard(old)
    except (IOError, OSError, Refused):
        pass
