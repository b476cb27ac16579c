# -*- coding: utf-8 -*-
"""Section 8: where in a picture the head sees a dog, or a cat: class activation maps.

The method of the author's second notebook (transfer_learning.ipynb, there for ResNet50 alone):
the last feature maps of a network, weighted by the head's weights and by (prediction - 0.5);
scaled to 0 to 1, what is low cut off, and laid over the picture.  Here each of the networks has
its own slice of the head's 6,144 weights, and their sum is a picture of the whole.

Since the features are averages of these maps, the maps' averages and the head's bias add up to
the number that the sigmoid turns into the prediction, the logit; finish() measures how exactly.
ResNet50 of Keras 1.2.2 ends in an average pooling of its own; its map is what goes into that.

The networks are built once more, for a few pictures, each in a process of its own: building one
uses a single core, and this process's Keras and its GPU are not touched.

    python -m repro.report.heatmaps RESULT NETWORK FIRST PICTURE…      (in the work folder)

One departure: the author's colours are a rainbow, which the colour-blind misread.
"""
from __future__ import division, print_function

import io
import os
import subprocess
import sys

import numpy as np
from PIL import Image

from repro import networks
from repro.console.text import _, plain
from repro.evidence import predictions
from repro.failures import Failure
from repro.report import figures, validation
from repro.system import processes
from repro.work import record
from repro.work.folder import discard, replacing

SIDE = 224                          # of a heat map, as the author's
SHOWN = 132                         # pixels on the page
CUT = .2                            # the author's: what is lower isn't laid over the picture
RESULT, LOG = 'heatmaps_%s.npz', 'heatmaps_%s.log'      # in the folder for what is not finished


def missing(run):
    """The Text that says why there are no heat maps; None when there can be some."""
    if not os.path.isdir('train'):
        return _('Not available: no pictures in this run.')
    if not validation.names(run):
        return _('Not available: file names in raw order, so no row has a known picture.')
    if not os.path.exists('model.h5') or not os.path.exists('validation.csv'):
        return _('Not available: no head was trained here yet.')
    if not all(os.path.exists(networks.weights_path(n)) for n in record.networks(run)):
        return _("Not available: the networks' weights are no longer in the folder.")


def chosen(run):
    """[(Text of why, row of validation.csv)]: four pictures at most, and never one twice."""
    t = validation.table()
    cats, dogs = (t[t['label'] == label].sort_values('right') for label in (0, 1))
    doubts = t.assign(doubt=(t['prediction'] - .5).abs()).sort_values('doubt')
    candidates = (
        (_('the most certain cat'), cats[cats['prediction'] <= .5].tail(1)),
        (_('the least dog-like cat (no cat was taken for a cat)'), cats.tail(1)),
        (_('the most certain dog'), dogs[dogs['prediction'] > .5].tail(1)),
        (_('the least cat-like dog (no dog was taken for a dog)'), dogs.tail(1)),
        (_('the most confident mistake'), t[t['right'] < .5].sort_values('right').head(1)),
        (_('the least certain'), doubts.head(1)))
    pictures = []
    for why, rows in candidates:
        for row in rows.to_dict('records'):
            if row['row'] not in [other['row'] for _why, other in pictures]:
                pictures.append((why, row))
    return pictures


def start(run, scratch):
    """Starts to compute the maps.  Returns what finish() needs; None where there can be none.

    scratch: the folder for RESULT and LOG.
    """
    if missing(run):
        return None
    known, pictures = validation.names(run), chosen(run)
    names = [known[int(row['row'])] for _why, row in pictures]
    order, children, first = record.networks(run), [], 0
    for network in order:
        children.append(start_one(scratch, network, first, names))
        first += networks.TABLE[network].channels
    return {'children': children, 'networks': order, 'pictures': pictures, 'names': names,
            'scratch': scratch}


def start_one(scratch, network, first, names):
    """A process that computes one network's maps; its head weights start at `first`."""
    result = os.path.join(scratch, RESULT % network)
    discard(result)
    # The weights are the run's own, whose kind run.json has; a GPU that this process holds has
    # no room for another.
    environment = dict(os.environ, REPRO_ANY_WEIGHTS='1', CUDA_VISIBLE_DEVICES='')
    with open(os.path.join(scratch, LOG % network), 'w') as log:
        return subprocess.Popen(
            processes.python('repro.report.heatmaps', result, network, str(first), *names),
            stdout=log, stderr=subprocess.STDOUT, env=environment)


def stop(job):
    for child in job['children'] if job else ():
        if child.poll() is None:
            child.kill()
            child.wait()


def collect(job):
    """({network: (n, h, w) maps}, {network: its numbers}).

    Raises Failure with the last line that a process printed.
    """
    maps, built = {}, {}
    for network, child in zip(job['networks'], job['children']):
        result, log = (os.path.join(job['scratch'], name % network) for name in (RESULT, LOG))
        if child.wait() != 0 or not os.path.exists(result):
            with io.open(log, encoding='utf-8', errors='replace') as f:
                lines = f.read().strip().splitlines() or ['no message']
            raise Failure('%s: %s' % (network, lines[-1]))
        with np.load(result) as arrays:
            maps[network] = arrays['maps']
            facts = [int(v) for v in arrays['facts']]
        built[network] = {'layers': facts[0], 'parameters': facts[1], 'output': facts[2:]}
        discard(result)
        discard(log)
    return maps, built


def finish(run, job):
    """(numbers, drawn, {network: its numbers as it was built})."""
    if job is None:
        return {'missing': missing(run)}, {}, {}
    try:
        maps, built = collect(job)
    except Failure as e:
        return {'missing': _('They could not be made: {error}', error=plain(str(e))),
                'error': plain(str(e))}, {}, {}
    bias = predictions.head_weights()[1]
    numbers, drawn = [], []
    for i, (why, row) in enumerate(job['pictures']):
        name, cams = job['names'][i], [maps[n][i] for n in job['networks']]
        parts = [float(cam.mean()) for cam in cams]
        p = float(predictions.sigmoid(sum(parts) + bias))
        numbers.append({'why': why, 'name': name, 'label': int(row['label']),
                        'prediction': float(row['prediction']), 'bias': float(bias),
                        'parts': dict(zip(job['networks'], parts)),
                        'off': abs(p - float(row['prediction']))})
        drawn.append(overlays(name, cams, p))
    sizes = dict((n, [int(v) for v in maps[n].shape[1:]]) for n in job['networks'])
    return {'pictures': numbers, 'networks': job['networks'], 'sizes': sizes}, \
        {'maps': drawn}, built


def overlays(name, cams, p):
    """Data URIs: the picture as the networks see it, each network's map over it, and the sum."""
    with open('train/' + name, 'rb') as f:
        picture = Image.open(f).convert('RGB').resize((SIDE, SIDE), Image.BICUBIC)
    # A network's part of the sum is the average over its map, so maps of all sizes can be added.
    together = sum(enlarged(cam) for cam in cams)
    pictures = [picture] + [overlay(picture, cam, p) for cam in cams + [together]]
    return [figures.photograph(one, SHOWN) for one in pictures]


def enlarged(cam):
    """(h, w) → (SIDE, SIDE) float32."""
    return np.asarray(Image.fromarray(cam.astype('float32')).resize((SIDE, SIDE), Image.BILINEAR))


def overlay(picture, cam, p):
    """The author's arithmetic: a heat map of (h, w) over the picture."""
    cam = (p - 0.5) * cam
    cam = cam - cam.min()
    cam = cam / (cam.max() or 1)
    cam = enlarged((cam - 0.2) / 0.8)
    heat = 255 * figures.heat(cam.clip(0, 1))
    heat[cam <= CUT] = 0
    mixed = 0.8 * np.asarray(picture, 'float64') + 0.4 * heat
    return Image.fromarray(mixed.clip(0, 255).astype('uint8'))


# ---------------------------------------------------------------------- in processes of their own

def last_maps(network, names):
    """(n, h, w, c) float32: what is averaged into the features; and the network's numbers."""
    from keras.layers import Input, Lambda
    from keras.models import Model
    from keras.preprocessing.image import img_to_array, load_img
    constructor, preprocess = networks.constructor(network)
    size = networks.TABLE[network].size
    x = Input(size + (3,))
    if preprocess:
        x = Lambda(preprocess)(x)
    base_model = constructor(input_tensor=x, weights='imagenet', include_top=False)
    last = base_model.output
    if base_model.output_shape[1:3] == (1, 1):      # ResNet50 of 1.2.2 averages by itself
        last = base_model.layers[-1].input
    X = np.stack([img_to_array(load_img('train/' + name, target_size=size)) for name in names])
    maps = Model(base_model.input, last).predict(X)
    # The Lambda is the article's, not a layer of the network.
    layers = len(base_model.layers) - (1 if preprocess else 0)
    return maps, [layers, base_model.count_params()] + list(base_model.output_shape[1:])


def main(result, network, first, names):
    """Writes the file `result`: (n, h, w) maps, weighted by the head's weights from `first` on."""
    maps, facts = last_maps(network, names)
    head_weights = predictions.head_weights()[0][first:first + maps.shape[-1]]
    with replacing(result) as temporary:
        with open(temporary, 'wb') as f:
            np.savez(f, maps=np.dot(maps.astype('float64'), head_weights), facts=np.array(facts))


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:])
