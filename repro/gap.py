# -*- coding: utf-8 -*-
"""导出特征向量 (exporting the features): train2/, test2/, weights → gap_*.h5.

The article: "we can save the features that several networks put out ... once saved, even an
ordinary laptop trains on them easily".  write_gap below is the article's function: the same
Keras calls with the same arguments in the same order.

Departures from the listing:
- `filter`, `func_name`: Python 2 only; this project runs Python 2.7.
- The listing opens gap_*.h5 with h5py's default mode 'a', so a second run of it dies with
  "name already exists".  Here the file is made under a temporary name and renamed when whole.
- ours: one line for the progress, for whoever multiplies (repro/engines; TensorFlow 1.0.1 unless
  another engine is asked for) and for going on after an interruption (repro/journal.py), and
  attributes in the file that say what it is from.
"""
from __future__ import division, print_function

import contextlib
import os
import time

import h5py
from keras import backend as K
from keras.applications import ResNet50, InceptionV3, Xception, VGG16, VGG19
from keras.applications import inception_v3, xception
from keras.layers import GlobalAveragePooling2D, Input, Lambda
from keras.models import Model
from keras.preprocessing.image import ImageDataGenerator

from repro import journal, machine, record
from repro.failures import OtherInputs
from repro.folder import replacing
from repro.networks import weights_path
from repro.progress import Progress, say
from repro.engines import TF1, equality, seam
from repro.inputs import data, weights

# The article's three calls, in its order, and the two more of the author's gap.ipynb.
NETWORKS = ('ResNet50', 'InceptionV3', 'Xception')
CALLS = {
    'ResNet50': (ResNet50, (224, 224)),     # raw RGB, 0 to 255: no preprocessing in the article
    'InceptionV3': (InceptionV3, (299, 299), inception_v3.preprocess_input),
    'Xception': (Xception, (299, 299), xception.preprocess_input),
    'VGG16': (VGG16, (224, 224)),
    'VGG19': (VGG19, (224, 224)),
}


def write_gap(MODEL, image_size, lambda_func=None, engine=seam.Tf1()):
    """Writes gap_%s.h5: train (n, c) float32, test (m, c) float32, label (n,) int32.

    c is 2048 channels, for VGG 512; label 0 is cat, 1 is dog (the order of the folders).
    Returns how many pictures an interrupted run had done already.
    """
    width = image_size[0]
    height = image_size[1]
    input_tensor = Input((height, width, 3))
    x = input_tensor
    if lambda_func:
        x = Lambda(lambda_func)(x)
    base_model = MODEL(input_tensor=x, weights='imagenet', include_top=False)
    model = Model(base_model.input, GlobalAveragePooling2D()(base_model.output))

    gen = ImageDataGenerator()
    train_generator = gen.flow_from_directory('train2', image_size, shuffle=False,
                                              batch_size=16)
    test_generator = gen.flow_from_directory('test2', image_size, shuffle=False,
                                             batch_size=16, class_mode=None)

    made_from = origin(MODEL.func_name, engine)
    with journal.opened(MODEL.func_name, made_from) as kept, extracting(
            model, kept, train_generator, test_generator, engine, made_from) as (
                train_generator, test_generator):
        train = model.predict_generator(train_generator, train_generator.nb_sample)
        test = model.predict_generator(test_generator, test_generator.nb_sample)

    room = train.nbytes + test.nbytes + 10**6
    with replacing('gap_%s.h5' % MODEL.func_name, room) as name:
        with h5py.File(name) as h:
            h.create_dataset('train', data=train)
            h.create_dataset('test', data=test)
            h.create_dataset('label', data=train_generator.classes)
            h.attrs.update(unchanged(made_from, MODEL.func_name, engine))
    return kept.rows


@contextlib.contextmanager
def extracting(model, kept, train, test, engine, made_from):
    """Sets model.predict_function; yields the generators to draw from, in place of train, test.

    predict_generator calls predict_on_batch, which calls model.predict_function if it is set
    already (keras/engine/training.py, 1.2.2): the one seam an engine, a journal or a counter
    needs.  kept: the network's journal.
    """
    model._make_predict_function()
    total = train.nb_sample + test.nb_sample
    if kept.rows:
        say('gap: %s resumes after %d of %d pictures' % (kept.network, kept.rows, total))
    with engine.attached(model, kept.network, [train, test], kept.rows, made_from) as (
            generators, predict):
        with Progress(kept.network, total, done=kept.rows) as progress:
            model.predict_function = kept.wrapped(predict, progress.add)
            yield generators


def origin(network, engine):
    """What a features file is from, as HDF5 attributes; equal origins, equal features."""
    md5, kind = weights.identify(weights_path(network))
    return dict(engine.origin, picture_set=data.fingerprint(), weights=md5, weights_are=kind,
                order=os.environ.get('REPRO_ORDER', 'sorted'), versions=versions())


def versions():
    """The packages that make pixels and features; tensorflow-gpu is another than tensorflow."""
    found = record.versions()
    return ', '.join('%s %s' % (name, found[name]) for name in sorted(found)
                     if name.split('-')[0] in ('keras', 'tensorflow', 'numpy', 'pillow'))


def unchanged(made_from, network, engine):
    """made_from, or OtherInputs when pictures or weights were changed during the extraction."""
    if origin(network, engine) == made_from:
        return made_from
    journal.discard(network)
    raise OtherInputs('pictures or weights were changed while %s was at them, so its '
                      'features are dropped: run the same command again' % network)


def is_finished(network, engine):
    """Whether an interrupted run left this network's features, whole and from the same inputs."""
    try:
        with h5py.File('gap_%s.h5' % network, 'r') as h:
            return all(h.attrs.get(k) == v for k, v in origin(network, engine).items())
    except (IOError, OSError):
        return False


def check_space(networks, pictures):
    """Refuses to begin what the disk can't hold: 2,048 channels of 4 bytes a picture.

    Once for each network, and once more for the journal of the one that is extracted.
    """
    machine.check_space((len(networks) + 1) * pictures * 2048 * 4, 'the features need %d MB')


def export(network, resumes, engine):
    """One network's features, and their entry of run.json."""
    name, begun = 'gap_%s.h5' % network, time.time()
    kept = resumes and is_finished(network, engine)
    before = 0 if kept else write_gap(*CALLS[network], engine=engine)
    journal.discard(network)
    seconds = time.time() - begun
    with h5py.File(name, 'r') as h:
        shapes = dict((k, list(h[k].shape)) for k in h)
        made_from = dict(h.attrs)
    pictures = shapes['train'][0] + shapes['test'][0]
    say('gap: %s: train %s, test %s, label %s; %s' % (
        name, tuple(shapes['train']), tuple(shapes['test']), tuple(shapes['label']),
        'whole, and from the same pictures and weights: kept' if kept else
        '%.1f s, %.1f images/s' % (seconds, (pictures - before) / max(seconds, 1e-9))))
    record.append('gap ' + network, seconds, [name], shapes=shapes, pictures=pictures,
                  kept=bool(kept), resumed_after=before,
                  **dict(made_from, **equality.entry(network, engine)))


def main(networks=NETWORKS, allowed=('article',), resumes=False, options=TF1):
    """allowed: the kinds of weights this run may use (repro/inputs/weights.py)."""
    kinds = weights.check(networks, allowed)
    train, test = len(data.names('train')), len(data.names('test'))
    check_space(networks, train + test)
    order = os.environ.get('REPRO_ORDER', 'sorted')
    say('gap: file names in %s order%s' % (
        order, ', as on the author\'s machine' if order == 'sorted' else ', not the author\'s'))
    with contextlib.closing(seam.engine(options, [CALLS[n][1] for n in networks])) as engine:
        if options.engine != 'tf1':
            say('gap: engine %s %s, %s: not the article\'s' % (
                options.engine, options.precision, engine.origin['engine_version']))
        for network in networks:
            kind = kinds.get(network, 'to be downloaded by Keras')
            say('gap: %s, weights: %s' % (network, kind))
            export(network, resumes, engine)
    K.clear_session()       # the head is another notebook of the author's, another session
