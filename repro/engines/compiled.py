# -*- coding: utf-8 -*-
"""Compiled networks, kept between runs: not frozen, read and compiled again.

A file of 90 MB each in the folder that REPRO_COMPILED names; where it cannot be written, as in an
image, nothing is kept.  A kept network goes through every run's equality proof, as a new one does.
"""
import hashlib
import json
import os

from repro.folder import discard, replacing
from repro.engines import openvino

FOLDER = 'REPRO_COMPILED'
KEPT = 6        # the article's three networks in both precisions
PICTURES = ('picture_set', 'order')     # of what features are made from: not a network's


def filename(core, network, made_from, shape, threads):
    """Where this network is kept: its name is the hash of all that decides it; None for nowhere.

    made_from: gap.origin's, with the MD5 of the weights, the versions and the precision.
    """
    if not os.environ.get(FOLDER):
        return None
    decides = dict((k, v) for k, v in made_from.items() if k not in PICTURES)
    processor = [core.property(k) for k in (b'FULL_DEVICE_NAME', b'OPTIMIZATION_CAPABILITIES')]
    text = json.dumps([network, decides, shape, threads, processor], sort_keys=True)
    return os.path.join(os.environ[FOLDER], hashlib.sha256(text).hexdigest() + '.blob')


def restore(core, name, precision, threads):
    """The kept network as Core.restore gives it, or (None, None)."""
    try:
        found = core.restore(name, precision, threads)
        os.utime(name, None)    # the ones used last are kept
        return found
    except (IOError, OSError):
        pass
    except openvino.Failed:
        discard(name)
    return None, None


def keep(core, handle, name):
    """Writes the network for the next run.  A disk that cannot hold it costs that run seconds."""
    folder = os.path.dirname(name)
    try:
        if not os.path.isdir(folder):
            os.makedirs(folder)
        with replacing(name) as temporary:
            core.call('ov_compiled_model_export_model', handle, temporary.encode('utf-8'))
        files = [os.path.join(folder, f) for f in os.listdir(folder)]
        for old in sorted(files, key=os.path.getmtime, reverse=True)[KEPT:]:
            discard(old)
    except (IOError, OSError, openvino.Failed):
        pass
