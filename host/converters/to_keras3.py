"""An exchange folder as a .keras file of Keras 3, each layer as layers that compute the same.

Reads the folder's model.json and weights.h5, and the shapes in samples.npz and outputs.npz.
The file holds nothing but layers and operations of Keras 3's own, so it loads with safe_mode and
without this program, on any backend (JAX and TensorFlow were tried).  What has no equal is not
approximated but refused, in a line that names the layer, its class and the reason.
"""
import json
import os

import numpy as np

from keras3.layers import (     # first: keras3/__init__.py sets what keras reads when imported
    core, convolutional, pooling, local, recurrent, embeddings, merge, advanced_activations,
    normalization, noise, wrappers)
from keras3 import remarks
from keras3.models import first_line, model
from keras3.read import read, read_weights
from keras3.remarks import NoEqual
import keras

# In the order of Keras 1's documentation.  Importing one declares its layers.
LAYERS = (core, convolutional, pooling, local, recurrent, embeddings, merge, advanced_activations,
          normalization, noise, wrappers)


def check(old, new, folder):
    """NoEqual unless the new model's shapes are those of the samples and of Keras 1's outputs."""
    for name, what, tensors in (('samples', 'input', new.inputs),
                                ('outputs', 'output', new.outputs)):
        with np.load(os.path.join(folder, name + '.npz')) as stored:
            got = [stored['%s_%d' % (what, i)].shape for i in range(len(stored.files))]
        made = [tuple(x.shape) for x in tensors]
        same = len(got) == len(made) and all(
            len(a) == len(b) and all(n in (m, None) for m, n in zip(a[1:], b[1:]))
            for a, b in zip(got, made))
        if not same:
            raise NoEqual(old, 'Keras 1 has %ss of %s, model.json makes %s: not every layer of '
                          '1.2.2 saves all its arguments' % (what, got, made))


def save(new, out):
    folder, name = os.path.split(os.path.abspath(out))
    part = os.path.join(folder, '.%d.%s' % (os.getpid(), name))
    try:
        new.save(part)
        with open(part, 'rb') as f:
            os.fsync(f.fileno())
        os.replace(part, out)
    finally:
        if os.path.exists(part):
            os.remove(part)


def convert(folder, out):
    """Writes the file `out`; returns remarks.  Raises NoEqual where a layer has no equal."""
    keras.config.set_floatx('float32')
    keras.config.set_image_data_format('channels_last')
    keras.backend.clear_session()
    remarks.forget()
    with open(os.path.join(folder, 'model.json')) as f:
        old = read(json.load(f))
    read_weights(old, os.path.join(folder, 'weights.h5'))
    try:
        new = model(old)
    except ValueError as error:     # two names of its layers are the same
        raise NoEqual(old, 'Keras 3 does not take it: ' + first_line(error))
    check(old, new, folder)
    save(new, out)
    return remarks.lines() + [
        # 3.15.1's were tried with 3.14, 3.12 and 3.6, which refuse arguments they do not know.
        'written by Keras %s: an older one does not read it' % keras.__version__,
        'the optimizer and its state are not carried over: compile the model before you train it']
