# -*- coding: utf-8 -*-
"""Every place where this project reaches into Keras 1.2.2, without changing its code.

Three parts of Keras are patched when they are imported.  A line in the environment's repro.pth
imports this module whenever a Python of the environment starts, so your own script, or the
author's own notebook, runs under the same rules:

1. File order.  Keras's DirectoryIterator takes file names in the order of os.walk, which is the
   file system's.  On the author's machine that was the sorted order (the article prints
   test/1.jpg, test/10.jpg, test/100.jpg, ...), and the shuffle, the log and the submission depend
   on it.  Here names come sorted; REPRO_ORDER=filesystem gives the raw order.
2. Weights.  get_file reads ~/.keras/models; in a work folder (REPRO_WORK) it reads weights/ there,
   where everything else looks, so that what is recorded is what was loaded.  It downloads a
   cached file again when its md5 is not the one in Keras's source, so a stand-in would be
   replaced, or the run would fail without a network.  Here a stand-in is used, with a line that
   says so (and made, where the folder's other weights are stand-ins), but never in a real run.  A
   file that is neither the article's nor a stand-in is refused unless REPRO_ANY_WEIGHTS is set:
   Keras itself checks nothing for Xception and VGG.  A download gets its name when it is whole:
   Keras would write to the name itself, take a cut connection for the end of the file, and leave
   half a file behind when it is killed.
3. GPU memory.  TensorFlow 1.0.1 takes all of every card, in the article's runs as in these.  With
   REPRO_GPU_GROWTH, Keras's sessions take it as they need it.

Where `exec --engine tf2` names a server, REPRO_SERVER, one part of TensorFlow is patched, too:

4. Sessions.  tensorflow.Session's target is that server (engines/session.py).  Keras's one session
   is made there (keras/backend/tensorflow_backend.py, get_session), and a program's own.

Nothing is patched elsewhere.  Other internals of Keras are used where they are needed:

5. model.predict_function is set (gap.py, engines/).  predict_generator calls it for every batch if
   it is there already (keras/engine/training.py): engine, journal and progress go in there.
   model._make_predict_function is called (engines/tf1.py): it makes Keras's own.
6. A DirectoryIterator's directory, filenames, nb_sample, classes and image_data_generator are read
   (engines/pixels.py, flow.py, equality.py): the pictures, in its order, decoded ahead.
"""
from __future__ import print_function

import importlib
import os
import sys


class SortedOs(object):
    """The os module as keras.preprocessing.image sees it: file names come sorted as strings."""

    def __getattr__(self, name):
        return getattr(os, name)

    def listdir(self, path):
        return sorted(os.listdir(path))

    def walk(self, top, **options):
        for root, folders, files in os.walk(top, **options):
            yield root, folders, sorted(files)


def sort_names(image):
    """1: of the module keras.preprocessing.image."""
    if os.environ.get('REPRO_ORDER', 'sorted') != 'filesystem':
        image.os = SortedOs()


def check_weights(data_utils):
    """2: of the module keras.utils.data_utils."""
    keras_get_file = data_utils.get_file

    def get_file(fname, origin, untar=False, md5_hash=None, cache_subdir='datasets'):
        from repro import networks
        if networks.of_weights(fname) is None:
            return keras_get_file(fname, origin, untar, md5_hash, cache_subdir)
        return checked_weights(os.path.join(weights_folder(), fname), origin, keras_get_file)

    data_utils.get_file = get_file


def weights_folder():
    """Where the networks' weights are: in the work folder, or without one in Keras's own cache."""
    if os.environ.get('REPRO_WORK'):
        return os.path.join(os.environ['REPRO_WORK'], 'weights')
    return os.path.join(os.path.expanduser('~'), '.keras', 'models')


def checked_weights(path, origin, keras_get_file):
    """The path of a weights file, made or downloaded where it is missing; raises BadInput."""
    from repro.inputs import weights
    folder = os.path.dirname(path)
    allowed = weights.allowed_to_keras(os.path.dirname(folder))
    if not os.path.isdir(folder):
        os.makedirs(folder)
    if not os.path.exists(path) and 'stand-in' in allowed and weights.is_stand_in_folder(folder):
        weights.make_stand_in(path)
    if not os.path.exists(path):
        download(path, origin, keras_get_file)
    kind = weights.allow(path, allowed)
    if kind != 'article':
        print('%s weights, not the article\'s: %s' % (kind, os.path.basename(path)),
              file=sys.stderr)
    return path


def download(path, origin, keras_get_file):
    """Downloads a weights file whole, or raises BadInput."""
    from repro import networks
    from repro.failures import BadInput
    from repro.inputs import connection, weights
    from repro.work.folder import replacing
    name = os.path.basename(path)
    try:
        connection.check_proxy(origin)
        with replacing(path) as temporary:
            keras_get_file(temporary, origin)       # an absolute path stands for itself
            weights.check_md5(temporary, networks.of_weights(name), origin)
    except Exception as e:      # get_file raises a bare Exception
        raise BadInput('%s could not be downloaded (%s): put it into the work folder\'s weights/, '
                       'or name the folder that holds it with --weights' % (name, e))


def check_settings():
    """BadInput unless Keras's settings, which it reads as it is imported, are the article's.

    They are its defaults.  A keras.json lies in HOME, so a work folder that was copied may hold
    somebody else's; keras/backend/__init__.py says where Keras looks for it.
    """
    from repro.failures import BadInput
    home = os.path.expanduser('~')
    name = os.path.join(home if os.access(home, os.W_OK) else '/tmp', '.keras', 'keras.json')
    settings = read_settings(name) if os.path.exists(name) else {}
    if os.environ.get('KERAS_BACKEND'):
        name, settings = 'KERAS_BACKEND', dict(settings, backend=os.environ['KERAS_BACKEND'])
    for key, wanted in sorted(SETTINGS.items()):
        if settings.get(key, wanted) != wanted:
            raise BadInput('%s sets Keras\'s %s to %s, and the article\'s is %s: remove it'
                           % (name, key, settings[key], wanted))


SETTINGS = {'backend': 'tensorflow', 'epsilon': 1e-07, 'floatx': 'float32',
            'image_dim_ordering': 'tf'}


def read_settings(name):
    """The parsed keras.json.  Raises BadInput."""
    from repro.failures import BadInput
    from repro.work.folder import read_json
    settings = read_json(name)
    if not isinstance(settings, dict):
        raise BadInput('%s holds no settings of Keras\'s: remove it' % name)
    return settings


class GrowingTensorFlow(object):
    """tensorflow as Keras's backend sees it: a session's GPU memory grows as needed."""

    def __init__(self, tensorflow):
        self.tensorflow = tensorflow

    def __getattr__(self, name):
        return getattr(self.tensorflow, name)

    def ConfigProto(self, **options):
        return self.tensorflow.ConfigProto(
            gpu_options=self.tensorflow.GPUOptions(allow_growth=True), **options)


def grow_gpu_memory(backend):
    """3: of the module keras.backend.tensorflow_backend."""
    if os.environ.get('REPRO_GPU_GROWTH'):
        backend.tf = GrowingTensorFlow(backend.tf)


def use_server(tensorflow):
    """4: of the module tensorflow."""
    from repro.engines import session
    session.patch(tensorflow, os.environ['REPRO_SERVER'])


class AfterImport(object):
    """A finder for sys.meta_path that patches a module after Python's own import of it."""

    def __init__(self, patches):
        self.patches = patches

    def find_module(self, fullname, path=None):
        return self if fullname in self.patches else None

    def load_module(self, fullname):
        patch = self.patches.pop(fullname)      # so that the import below is Python's own
        module = importlib.import_module(fullname)
        patch(module)
        return module


PATCHES = {
    'keras.preprocessing.image': sort_names,
    'keras.utils.data_utils': check_weights,
    'keras.backend.tensorflow_backend': grow_gpu_memory,
}
if os.environ.get('REPRO_SERVER'):
    PATCHES['tensorflow'] = use_server
sys.meta_path.insert(0, AfterImport(PATCHES))
