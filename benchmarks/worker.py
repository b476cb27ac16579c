# -*- coding: utf-8 -*-
"""What all measuring programs share: they are started once, and measure when they are told to.

A measuring script builds its network and calls serve().  serve() answers one line of JSON on
stdin with one on stdout, so that the peers of a run take turns without starting anew, and those
whose turn it is not sleep in a read.  Runs in the pinned Python 2.7 and in each peer's Python 3.

    {"what": "network", "batch": 16, "seconds": 5}  →  {"images": 320, "seconds": 5.1, …}
    {"what": "files", "batch": 16, "images": 320}   →  {"images": 320, "seconds": 5.3, …}

"memory_mib" of an answer is the peak so far (observe.peak_mib).
"""
from __future__ import division, print_function

import json
import os
import sys
import time

import numpy as np

import observe
from repro import networks

PICTURES = 'pictures-%d.npy'    # uint8 (n, side, side, 3), decoded once, the same for everyone


def pictures(side, count, dtype='float32'):
    """(count, side, side, 3), 0 to 255: the run's decoded pictures, repeated as needed."""
    decoded = np.load(PICTURES % side, mmap_mode='r')
    return decoded[np.arange(count) % len(decoded)].astype(dtype)


def serve(network, predict, files, facts):
    """Carries out the tasks on stdin, until that ends.

    predict: pictures (n, side, side, 3) → features (n, c); files: n → features (n, c) of n
    pictures from train2/, JPEG files decoded and resized on the way.
    facts: what the ready line says of this program.  It may choose "pixels", the dtype that
    predict gets (float32), "call_batches", how many batches in one call of it (1), and
    "warm_up" and "warm_up_files", how many pictures and files go before each measurement (a
    batch): processes and threads are up then, and nothing is decoded ahead.
    """
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)       # what libraries print goes to the log, not among the answers

    def answer(values):
        answers.write(json.dumps(values) + '\n')
        answers.flush()

    dtype = facts.get('pixels', 'float32')
    features = predict(pictures(side(network), 16, dtype))
    answer(dict(facts, ready=True, **check(features, networks.TABLE[network].channels)))
    for line in iter(sys.stdin.readline, ''):
        task = json.loads(line)
        if task['what'] == 'network':
            batch = pictures(side(network), task['batch'] * facts.get('call_batches', 1), dtype)
            images, seconds = measure(predict, batch, facts.get('warm_up', task['batch']),
                                      task['seconds'])
        else:
            files(facts.get('warm_up_files', task['batch']))
            start = time.time()
            images = len(files(task['images']))
            seconds = time.time() - start
        answer({'images': images, 'seconds': seconds, 'memory_mib': observe.peak_mib()})


def measure(predict, batch, warm_up, seconds):
    """(images, seconds) of calls of predict that last at least `seconds`, after a warm-up."""
    predict(batch[:warm_up])
    images, start = 0, time.time()
    while time.time() - start < seconds:
        predict(batch)
        images += len(batch)
    return images, time.time() - start


def check(features, channels):
    """What shows that the network really ran, and that no subnormal numbers slow it down."""
    features = np.asarray(features, 'float32')
    if features.shape != (16, channels) or not np.isfinite(features).all():
        sys.exit('the features of 16 pictures are not 16 times %d finite numbers' % channels)
    tiny = np.finfo('float32').tiny
    return {'features_rms': float(np.sqrt(np.mean(features.astype('float64') ** 2))),
            'features_subnormal': int(((features != 0) & (np.abs(features) < tiny)).sum())}


def image_files():
    """The paths of train2/'s pictures, sorted."""
    return sorted(os.path.join(root, n) for root, _, names in os.walk('train2') for n in names)


def scaled(network):
    """Whether the article's call scales the pictures to -1 ... 1; ResNet50 gets them raw."""
    return networks.TABLE[network].preprocessing is not None


def side(network):
    """Pixels: the article's networks take square pictures."""
    return networks.TABLE[network].size[0]
