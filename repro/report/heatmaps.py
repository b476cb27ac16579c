# -*- coding: utf-8 -*-
"""Section 8: where in a picture the head sees a dog, or a cat: class activation maps.

The method of the author's second notebook (transfer_learning.ipynb, there for ResNet50 alone):
the last feature maps of a network, weighted by the head's weights and by (prediction - 0.5);
scaled to 0 to 1, what is low cut off, and laid over the picture.  Here each of the networks has
its own slice of the head's 6,144 weights, and their sum is a picture of the whole.

Since the features are averages of these maps, the maps' averages and the head's bias add up to
the very number that the sigmoid turns into the prediction: section() says how exactly they do.

The networks are built once more, for a few pictures, in a process of their own: Keras's session
and, on a GPU, its memory stay this process's.

    python -m repro.report.heatmaps NETWORKS PICTURE…      (in the work folder)

One departure: the author's colours are the rainbow, which the colour-blind read wrongly.
"""
from __future__ import division, print_function

import os
import subprocess
import sys

import numpy as np
from PIL import Image

from repro import verify, work
from repro.inputs import weights
from repro.report import extraction, figures, validation

SIDE = 224                          # of a heat map, as the author's
SHOWN = 132                         # pixels on the page
CUT = .2                            # the author's: what is lower isn't laid over the picture
RESULT = os.path.join(work.HIDDEN, 'heatmaps.npz')
LOG = os.path.join(work.HIDDEN, 'heatmaps.log')


def missing(run):
    """The key of the text that says why there are no heat maps; None when there can be some."""
    if not os.path.isdir('train'):
        return 'heatmaps.no_pictures'
    if not validation.names(run):
        return 'heatmaps.no_order'
    if not os.path.exists('model.h5') or not os.path.exists('validation.csv'):
        return 'heatmaps.no_head'
    if any(not os.path.exists(os.path.join('weights', weights.FILE[n]))
           for n in extraction.in_order(run)):
        return 'heatmaps.no_weights'


def chosen(run):
    """[(why, row of validation.csv)]: four pictures at most, and never one twice."""
    t = validation.table()
    wrong = t[t['right'] < .5].sort_values('right')
    picked = [('cat', t[t['label'] == 0].sort_values('right').tail(1)),
              ('dog', t[t['label'] == 1].sort_values('right').tail(1)),
              ('mistake', wrong.head(1)),
              ('doubt', t.assign(d=(t['prediction'] - .5).abs()).sort_values('d').head(1))]
    found = []
    for why, rows in picked:
        for _, row in rows.iterrows():
            if row['row'] not in [r['row'] for _, r in found]:
                found.append((why, row))
    return found


def start(run):
    """Begins to compute the maps; what finish() wants.  None where there can be none."""
    if missing(run):
        return None
    known, pictures = validation.names(run), chosen(run)
    work.discard(RESULT)
    networks = extraction.in_order(run)
    # The weights are those that the run was made with, and run.json says which; a GPU that this
    # process holds has no room for another.
    environment = dict(os.environ, REPRO_ANY_WEIGHTS='1', CUDA_VISIBLE_DEVICES='')
    with open(LOG, 'w') as log:
        child = subprocess.Popen(
            [sys.executable, '-m', 'repro.report.heatmaps', ','.join(networks)]
            + [known[int(row['row'])] for _, row in pictures],
            stdout=log, stderr=subprocess.STDOUT, env=environment)
    return {'child': child, 'networks': networks, 'pictures': pictures, 'known': known}


def stop(job):
    if job and job['child'].poll() is None:
        job['child'].kill()
        job['child'].wait()


def finish(run, job):
    """(numbers, drawn, networks as they were built by name)."""
    if job is None:
        return {'missing': missing(run)}, {}, {}
    if job['child'].wait() != 0 or not os.path.exists(RESULT):
        with open(LOG) as log:
            lines = log.read().strip().splitlines() or ['no message']
        return {'missing': 'heatmaps.failed', 'error': lines[-1]}, {}, {}
    with np.load(RESULT) as found:
        maps = dict((k, found[k]) for k in found.files)
    built = dict((n, {'layers': int(maps['facts ' + n][0]),
                      'parameters': int(maps['facts ' + n][1]),
                      'output': [int(v) for v in maps['facts ' + n][2:]]})
                 for n in job['networks'])
    bias = verify.head_weights()[1]
    numbers, drawn = [], []
    for i, (why, row) in enumerate(job['pictures']):
        name, cams = job['known'][int(row['row'])], [maps[n][i] for n in job['networks']]
        parts = [float(cam.mean()) for cam in cams]
        p = float(verify.sigmoid(sum(parts) + bias))
        numbers.append({'why': why, 'name': name, 'label': int(row['label']),
                        'prediction': float(row['prediction']), 'bias': float(bias),
                        'parts': dict(zip(job['networks'], parts)),
                        'off': abs(p - float(row['prediction']))})
        drawn.append(overlays(name, cams, p))
    work.discard(RESULT)
    work.discard(LOG)
    return {'pictures': numbers, 'networks': job['networks']}, {'maps': drawn}, built


def overlays(name, cams, p):
    """Data URIs: the picture as the networks see it, each network's map over it, and the sum."""
    with open('train/' + name, 'rb') as f:
        picture = Image.open(f).convert('RGB').resize((SIDE, SIDE), Image.BICUBIC)
    # A network's part of the sum is the average over its map, whatever the map's size.
    grown = [np.asarray(Image.fromarray(cam.astype('float32')).resize((SIDE, SIDE),
                                                                      Image.BILINEAR))
             for cam in cams]
    pictures = [picture] + [overlay(picture, cam, p) for cam in cams + [sum(grown)]]
    return [figures.photograph(one, SHOWN) for one in pictures]


def overlay(picture, cam, p):
    """The author's arithmetic: a heat map of (h, w) over the picture."""
    cam = (p - 0.5) * cam
    cam = cam - cam.min()
    cam = cam / (cam.max() or 1)
    cam = (cam - 0.2) / 0.8
    cam = np.asarray(Image.fromarray(cam.astype('float32')).resize((SIDE, SIDE), Image.BILINEAR))
    heat = 255 * figures.heat(cam.clip(0, 1))
    heat[cam <= CUT] = 0
    mixed = 0.8 * np.asarray(picture, 'float64') + 0.4 * heat
    return Image.fromarray(mixed.clip(0, 255).astype('uint8'))


# ---------------------------------------------------------------------- in a process of its own

def last_maps(network, names):
    """(n, h, w, c) float32: what is averaged into the features; and the network's numbers."""
    from keras.layers import Input, Lambda
    from keras.models import Model
    from keras.preprocessing.image import img_to_array, load_img
    from repro import gap
    MODEL, size = gap.CALLS[network][:2]
    x = Input(size + (3,))
    for lambda_func in gap.CALLS[network][2:]:
        x = Lambda(lambda_func)(x)
    base_model = MODEL(input_tensor=x, weights='imagenet', include_top=False)
    last = base_model.output
    if base_model.output_shape[1:3] == (1, 1):      # ResNet50 of 1.2.2 averages by itself
        last = base_model.layers[-1].input
    X = np.stack([img_to_array(load_img('train/' + name, target_size=size)) for name in names])
    maps = Model(base_model.input, last).predict(X)
    ours = len(gap.CALLS[network]) - 2              # the Lambda is the article's, no layer of it
    return maps, [len(base_model.layers) - ours, base_model.count_params()] + list(
        base_model.output_shape[1:])


def main(networks, names):
    """Writes RESULT: for each network (n, h, w) maps under its name, and its numbers."""
    from keras import backend as K
    head_weights, begun, found = verify.head_weights()[0], 0, {}
    for network in networks:
        maps, facts = last_maps(network, names)
        c = maps.shape[-1]
        found[network] = np.dot(maps.astype('float64'), head_weights[begun:begun + c])
        found['facts ' + network] = np.array(facts)
        begun += c
        K.clear_session()
    with work.replacing(RESULT) as temporary:
        with open(temporary, 'wb') as f:
            np.savez(f, **found)


if __name__ == '__main__':
    main(sys.argv[1].split(','), sys.argv[2:])
