# -*- coding: utf-8 -*-
"""What all measured programs share: they are started once, and measure when they are told to.

A measuring script builds its network and calls serve().  serve() answers one line of JSON on
stdin with one on stdout, so that the engines of a run take turns without starting anew, and
whoever has no turn sleeps in a read.  Runs in the pinned Python 2.7 and in each peer's Python 3.

    {"what": "network", "batch": 16, "seconds": 5}  →  {"images": 320, "seconds": 5.1, …}
    {"what": "files", "batch": 16, "images": 320}   →  {"images": 320, "seconds": 5.3, …}

"memory_mib" of an answer is the peak so far (machine.peak_mib).
"""
from __future__ import division, print_function

import json
import os
import sys
import time

import numpy as np

import machine

PICTURES = 'pictures-%d.npy'    # uint8 (n, side, side, 3), decoded once, the same for everyone


def pictures(side, count, dtype='float32'):
    """(count, side, side, 3), 0 to 255: the run's decoded pictures, repeated as needed."""
    decoded = np.load(PICTURES % side, mmap_mode='r')
    return decoded[np.arange(count) % len(decoded)].astype(dtype)


def serve(side, predict, files, facts):
    """Measures as told until stdin ends.

    predict: pictures (n, side, side, 3) → features (n, c); files: n → features (n, c) of n
    pictures from train2/, JPEG files decoded and resized on the way.
    facts: what the ready line says of this program.  Its own wishes are "pixels", the dtype that
    predict gets (float32), "call_batches", how many batches in one call of it (1), and
    "warm_up" and "warm_up_files", how many pictures and files go before each measurement (a
    batch): processes and threads are up then, and nothing is decoded ahead.
    """
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)       # whatever a library prints goes to the log, not among the answers

    def answer(values):
        answers.write(json.dumps(values) + '\n')
        answers.flush()

    dtype = facts.get('pixels', 'float32')
    answer(dict(facts, ready=True, **check(predict(pictures(side, 16, dtype)))))
    for line in iter(sys.stdin.readline, ''):
        task = json.loads(line)
        if task['what'] == 'network':
            batch = pictures(side, task['batch'] * facts.get('call_batches', 1), dtype)
            images, seconds = measure(predict, batch, facts.get('warm_up', task['batch']),
                                      task['seconds'])
        else:
            files(facts.get('warm_up_files', task['batch']))
            begun = time.time()
            images = len(files(task['images']))
            seconds = time.time() - begun
        answer({'images': images, 'seconds': seconds, 'memory_mib': machine.peak_mib()})


def measure(predict, batch, warm_up, seconds):
    """(images, seconds) of calls of predict that last at least `seconds`, after a warm-up."""
    predict(batch[:warm_up])
    images, begun = 0, time.time()
    while time.time() - begun < seconds:
        predict(batch)
        images += len(batch)
    return images, time.time() - begun


def check(features):
    """What shows that the network really ran, and that no subnormal numbers slow it down."""
    features = np.asarray(features, 'float32')
    if features.shape != (16, 2048) or not np.isfinite(features).all():
        sys.exit('the features of 16 pictures are not 16 times 2048 finite numbers')
    tiny = np.finfo('float32').tiny
    return {'features_rms': float(np.sqrt(np.mean(features.astype('float64') ** 2))),
            'features_subnormal': int(((features != 0) & (np.abs(features) < tiny)).sum())}


def image_files():
    """The paths of train2/'s pictures, sorted."""
    return sorted(os.path.join(root, n) for root, _, found in os.walk('train2') for n in found)


def preprocessed(network):
    """Whether the article's call scales the pictures to -1 ... 1; ResNet50 gets them raw."""
    return network != 'ResNet50'


SIDE = {'ResNet50': 224, 'InceptionV3': 299, 'Xception': 299}
