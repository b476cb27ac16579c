# -*- coding: utf-8 -*-
"""导出特征向量 (exporting the features): train2/, test2/, weights → gap_*.h5.

The article: "we can save the features that several networks put out ... once saved, even an
ordinary laptop trains on them easily".  write_gap below is the article's function: the same
Keras calls with the same arguments in the same order.

Departures from the listing:
- `filter`, `func_name`: Python 2 only; this project runs Python 2.7.
- The listing opens gap_*.h5 with h5py's default mode 'a', so a second run of it dies with
  "name already exists".  Here the file is made under a temporary name and renamed when whole.
- ours: one line each for resuming after an interruption (repro/work/journal.py), for the engine
  that multiplies (repro/engines; TensorFlow 1.0.1 unless another is chosen) and for the progress;
  and attributes in the file that say what it was made from.
"""
from __future__ import division, print_function

import contextlib
import os
import time
import warnings

import h5py
from keras import backend as K
from keras.applications import ResNet50, InceptionV3, Xception
from keras.applications import inception_v3, xception
from keras.layers import GlobalAveragePooling2D, Input, Lambda
from keras.models import Model
from keras.preprocessing.image import ImageDataGenerator

from repro import engines, features, links, networks
from repro.console.progress import Progress, say
from repro.engines import equality, tf1
from repro.failures import OtherInputs
from repro.inputs import data, weights
from repro.system import machine
from repro.work import journal, record
from repro.work.folder import replacing

# The arguments of write_gap: the article's three calls as printed, and two more of the author's
# gap.ipynb.
CALLS = {
    'ResNet50': (ResNet50, (224, 224)),     # raw RGB, 0 to 255: no preprocessing in the article
    'InceptionV3': (InceptionV3, (299, 299), inception_v3.preprocess_input),
    'Xception': (Xception, (299, 299), xception.preprocess_input),
}
CALLS.update((name, (networks.constructor(name)[0], networks.TABLE[name].size))
             for name in networks.NAMES if name not in CALLS)


def write_gap(MODEL, image_size, lambda_func=None, engine=tf1.Engine()):
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
    with journal.opened(MODEL.func_name, made_from) as done, \
            engine.attached(model, done, made_from, train_generator, test_generator) as (
                train_generator, test_generator), \
            counted(model, done, train_generator, test_generator):
        train = model.predict_generator(train_generator, train_generator.nb_sample)
        test = model.predict_generator(test_generator, test_generator.nb_sample)

    room = train.nbytes + test.nbytes + 10**6
    with replacing('gap_%s.h5' % MODEL.func_name, room) as name:
        with h5py.File(name) as h:
            h.create_dataset('train', data=train)
            h.create_dataset('test', data=test)
            h.create_dataset('label', data=train_generator.classes)
            h.attrs.update(unchanged(made_from, MODEL.func_name, engine))
    return done.rows


@contextlib.contextmanager
def counted(model, done, *generators):
    """Shows the progress, and writes each batch that model.predict_function gives to the journal.

    done: the network's Journal.
    """
    total = sum(generator.nb_sample for generator in generators)
    if done.rows:
        say('gap: %s resumes after %d of %d pictures' % (done.network, done.rows, total))
    with Progress(done.network, total, done=done.rows) as progress:
        model.predict_function = done.wrapped(model.predict_function, progress.add)
        yield


def origin(network, engine):
    """What a features file is made from, as HDF5 attributes; equal origins, equal features."""
    md5, kind = weights.identify(networks.weights_path(network))
    return dict(engine.origin, picture_set=data.fingerprint(), weights=md5, weights_are=kind,
                order=os.environ.get('REPRO_ORDER', 'sorted'), versions=versions())


def versions():
    """The packages that make pixels and features; tensorflow-gpu is not tensorflow."""
    installed = record.versions()
    return ', '.join('%s %s' % (name, installed[name]) for name in sorted(installed)
                     if name.split('-')[0] in ('keras', 'tensorflow', 'numpy', 'pillow'))


def unchanged(made_from, network, engine):
    """made_from, or OtherInputs when pictures or weights were changed during the extraction."""
    if origin(network, engine) == made_from:
        return made_from
    journal.discard(network)
    raise OtherInputs('pictures or weights were changed while %s was extracted, so its '
                      'features are dropped: run the same command again' % network)


def is_finished(network, engine):
    """Whether an interrupted run left this network's features, whole and from the same inputs."""
    try:
        with h5py.File(features.filename(network), 'r') as h:
            return all(h.attrs.get(k) == v for k, v in origin(network, engine).items())
    except (IOError, OSError):
        return False


def check_space(names, pictures):
    """BadInput unless the disk has room for the features, a float32 for each channel.

    For every network, and once more for the journal of the one that is being extracted.
    """
    channels = [networks.TABLE[name].channels for name in names]
    machine.check_space((sum(channels) + max(channels)) * pictures * 4, 'the features need %d MB')


def export(network, resumes, engine):
    """One network's features, and their entry of run.json."""
    name, start = features.filename(network), time.time()
    kept = resumes and is_finished(network, engine)
    before = 0 if kept else write_gap(*CALLS[network], engine=engine)
    journal.discard(network)
    seconds = time.time() - start
    with features.opened(name) as h:
        shapes = dict((k, list(h[k].shape)) for k in h)
        made_from = dict(h.attrs)
    pictures = shapes['train'][0] + shapes['test'][0]
    say('gap: %s: train %s, test %s, label %s; %s' % (
        name, tuple(shapes['train']), tuple(shapes['test']), tuple(shapes['label']),
        'whole, and from the same pictures and weights: kept' if kept else
        '%.1f s, %.1f images/s' % (seconds, (pictures - before) / max(seconds, 1e-9))))
    record.append(record.step_of(network), seconds, [name], shapes=shapes, pictures=pictures,
                  kept=bool(kept), resumed_after=before,
                  **dict(made_from, **equality.entry(network, engine)))


def main(names=networks.EXTRACTION, allowed=('article',), resumes=False, engine=engines.DEFAULT,
         options={}):
    """allowed: the kinds of weights this run may use (repro/inputs/weights.py).

    resumes: whether the run before was interrupted; options: the engine's.
    """
    links.check()
    warnings.filterwarnings('ignore', module='PIL')     # no picture named: inputs/data.py names it
    kinds = weights.check(names, allowed)
    weights.only(allowed)
    check_space(names, len(data.names('train')) + len(data.names('test')))
    order = os.environ.get('REPRO_ORDER', 'sorted')
    say('gap: file names in %s order%s' % (
        order, ', as on the author\'s machine' if order == 'sorted' else ', not the author\'s'))
    sizes = [networks.TABLE[name].size for name in names]
    with contextlib.closing(engines.start(engine, sizes, **options)) as started:
        if not started.is_reference:
            say('gap: engine %s: not the article\'s' % started.description)
        for name in names:
            say('gap: %s, weights: %s' % (name, kinds.get(name, 'to be downloaded by Keras')))
            export(name, resumes, started)
    K.clear_session()       # the head is another notebook of the author's, another session
