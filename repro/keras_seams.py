# -*- coding: utf-8 -*-
"""The three places where this project reaches into Keras 1.2.2, without changing its code.

A line in the environment's repro.pth imports this module whenever a Python of the environment
starts, so a script of yours or the author's own notebook runs under the same rules:

1. File order.  Keras 1.2.2's DirectoryIterator takes file names in the order os.walk gives
   them, which is the file system's.  On the author's machine that was the sorted order (the
   article prints test/1.jpg, test/10.jpg, test/100.jpg, ...), and on the order hang the
   shuffle, the log and the submission.  Names come sorted here; REPRO_ORDER=filesystem gives
   the raw order.
2. Weights.  get_file downloads a cached file again when its md5 is not the one in its source,
   so a stand-in would be replaced, or fail without a network.  Here a stand-in is used and
   named (and made, where the folder's other weights are stand-ins), and a file that is neither
   the article's nor a stand-in is refused unless REPRO_ANY_WEIGHTS is set: Keras itself checks
   nothing for Xception and VGG.  What get_file downloads gets its name when it is whole: Keras
   writes to the name itself, takes a cut connection for the end, and leaves half a file behind
   when it is killed.
3. GPU memory.  TensorFlow 1.0.1 takes all of every card, in the article's runs as in these;
   REPRO_GPU_GROWTH makes Keras's sessions take it as they need it.
"""
from __future__ import print_function

import importlib
import os
import sys


class SortedOs(object):
    """The os module as keras.preprocessing.image sees it: listings come sorted as strings."""

    def __getattr__(self, name):
        return getattr(os, name)

    def listdir(self, path):
        return sorted(os.listdir(path))

    def walk(self, top, **options):
        for root, folders, files in os.walk(top, **options):
            yield root, folders, sorted(files)


def sort_names(image):
    if os.environ.get('REPRO_ORDER', 'sorted') != 'filesystem':
        image.os = SortedOs()


def check_weights(data_utils):
    download = data_utils.get_file

    def get_file(fname, origin, untar=False, md5_hash=None, cache_subdir='datasets'):
        from repro.failures import BadInput
        from repro.folder import replacing
        from repro.inputs import weights
        from repro.networks import of_weights
        if not of_weights(fname):
            return download(fname, origin, untar, md5_hash, cache_subdir)
        path = os.path.join(os.path.expanduser('~'), '.keras', cache_subdir, fname)
        if not os.path.exists(path) and weights.is_stand_in_folder(os.path.dirname(path)):
            weights.make_stand_in(path)
        if not os.path.exists(path):
            try:
                with replacing(path) as temporary:
                    download(os.path.basename(temporary), origin, untar, None, cache_subdir)
                    weights.check_md5(temporary, of_weights(fname), origin)
            except Exception as e:      # get_file raises a bare Exception
                raise BadInput(
                    '%s could not be downloaded (%s): put it into the work folder\'s weights/, or '
                    'name the folder that holds it with --weights' % (fname, e))
        md5, kind = weights.identify(path)
        if kind == 'other' and not os.environ.get('REPRO_ANY_WEIGHTS'):
            raise BadInput(weights.refusal(path, md5, kind))
        if kind != 'article':
            print('%s weights, not the article\'s: %s' % (kind, fname), file=sys.stderr)
        return path

    data_utils.get_file = get_file


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
    if os.environ.get('REPRO_GPU_GROWTH'):
        backend.tf = GrowingTensorFlow(backend.tf)


class AfterImport(object):
    """A finder for sys.meta_path that lets a module load as ever, and then hands it over."""

    def __init__(self, patches):
        self.patches = patches

    def find_module(self, fullname, path=None):
        return self if fullname in self.patches else None

    def load_module(self, fullname):
        patch = self.patches.pop(fullname)      # so the import below goes the ordinary way
        module = importlib.import_module(fullname)
        patch(module)
        return module


sys.meta_path.insert(0, AfterImport({
    'keras.preprocessing.image': sort_names,
    'keras.utils.data_utils': check_weights,
    'keras.backend.tensorflow_backend': grow_gpu_memory,
}))
