# -*- coding: utf-8 -*-
"""Model files of Keras 1.x: what a file is, whether loading it runs code, and the model in it.

look() executes nothing of a file: of HDF5 the architecture is read, as JSON.  What would run code
(the marshalled function of a Lambda, a pickle, a script) needs the user's word first: without it,
safe_loading.py builds the model.
"""
from __future__ import print_function

import collections
import json
import os
import pickle
import pickletools
import runpy
import sys
import tempfile
import traceback

import h5py
import numpy as np

from repro.conversion import safe_loading
from repro.failures import BadInput
from repro.work.folder import read_json

HDF5, ZIP = b'\x89HDF\r\n\x1a\n', b'PK\x03\x04'
# As Keras 2 names them; no layer of Keras 1's own has one of these in its configuration.
KERAS_2 = {'filters', 'units', 'kernel_size', 'kernel_initializer', 'gamma_initializer',
           'data_format', 'use_bias', 'rate'}
# The layers whose kernels Theano mirrors (keras/utils/layer_utils.py), and ConvLSTM2D, which is
# made of such convolutions; by their weights.
MIRRORED = {'Convolution1D': 'W', 'Convolution2D': 'W', 'Convolution3D': 'W',
            'AtrousConvolution1D': 'W', 'AtrousConvolution2D': 'W', 'Deconvolution2D': 'W',
            'ConvLSTM2D': 'W_i W_f W_c W_o U_i U_f U_c U_o'}

# The layers whose image ordering Keras 1.0 to 1.2.2 does not save.
SILENT = ('Cropping2D', 'Cropping3D', 'SpatialDropout2D', 'SpatialDropout3D', 'UpSampling2D',
          'UpSampling3D', 'ZeroPadding2D', 'ZeroPadding3D')

# Lists and objects in each other.  A model in a model is four more; Keras recurses with them.
DEEPEST = 50

File = collections.namedtuple('File', 'path kind config')
# kind: 'model' (architecture and weights), 'architecture', 'weights' or 'pickle'; config: the
# architecture as parsed JSON, or None.


# ---------------------------------------------------------------------------- looking at a file

def look(path):
    """The File at this path.  Raises BadInput for what is not Keras 1.x's."""
    with open(path, 'rb') as f:
        start = f.read(64)
    name = base(path)
    if start.startswith(HDF5):
        return look_at_hdf5(path, name)
    if start.startswith(ZIP):
        raise BadInput('%s is a zip, as Keras 3 saves models: Keras 3 itself exports it' % name)
    if start.lstrip().startswith(b'{'):
        return File(path, 'architecture', checked(name, read_json(path)))
    if is_pickle(path):
        return File(path, 'pickle', None)
    raise BadInput('%s is neither HDF5 nor JSON nor a pickle: convert takes what Keras 1.x saved '
                   '(model.save, save_weights, to_json)' % name)


def look_at_hdf5(path, name):
    try:
        with h5py.File(path, 'r') as f:
            version, config = f.attrs.get('keras_version'), f.attrs.get('model_config')
            has_weights = 'layer_names' in f.attrs
    except (IOError, RuntimeError) as e:
        raise BadInput('%s cannot be read as HDF5 (%s): is it whole?' % (name, e))
    if config is None and not has_weights:
        raise BadInput('%s is HDF5, but holds no model of Keras\'s (neither model_config nor '
                       'layer_names)' % name)
    if config is None:
        check_version(name, version)
        return File(path, 'weights', None)
    try:
        config = json.loads(as_text(config))
    except (RuntimeError, TypeError, ValueError) as e:      # nested too deeply, a number, no JSON
        raise BadInput('%s: its model_config is not JSON (%s): is it whole?' % (name, e))
    return File(path, 'model', checked(name, config, version))


def as_text(value):
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else value


def base(path):
    """A file's name as a message has it: text, even where its bytes are not UTF-8."""
    return as_text(os.path.basename(path))


def words(error):
    """What an exception says, on one line."""
    said = error.args[0] if error.args else type(error).__name__
    return ' '.join(as_text(said if isinstance(said, type(u'')) else str(error)).split())[:300]


def is_pickle(path):
    """Whether its first operations are a pickle's; executes none."""
    with open(path, 'rb') as f:
        try:
            first = [op.name for _, (op, _, _) in zip(range(3), pickletools.genops(f))]
        except Exception:       # genops raises many kinds
            return False
    return len(first) == 3 and first[0] in ('PROTO', 'GLOBAL', 'MARK', 'EMPTY_DICT', 'EMPTY_LIST')


def checked(name, config, version=None):
    """The architecture; BadInput where it is not one of Keras 1.x's."""
    if not isinstance(config, dict) or not {'class_name', 'config'} <= set(config):
        raise BadInput('%s holds no architecture of Keras 1.x (model.to_json)' % name)
    if depth(config) > DEEPEST:
        raise BadInput('%s is nested %d deep, and convert reads %d: no model of Keras 1.x needs it'
                       % (name, depth(config), DEEPEST))
    version = version or config.get('keras_version')
    check_version(name, version)
    newer = KERAS_2 & set(key for part in parts(config['config']) for key in part)
    if not version and newer:
        raise BadInput('%s was saved by Keras 2 (it has %s): convert takes models of Keras 1.x; '
                       'current TensorFlow and Keras load those of Keras 2'
                       % (name, ', '.join(sorted(newer))))
    return config


def check_version(name, version):
    version = ' '.join((u'%s' % as_text(version or '1')).split())[:40]
    if not version.startswith('1'):
        raise BadInput('%s was saved by Keras %s: convert takes models of Keras 1.x; TensorFlow '
                       'and current Keras load those of Keras 2' % (name, version))


def parts(config):
    """Every dict in a parsed JSON, outermost first."""
    for level in levels(config):
        for part in level:
            if isinstance(part, dict):
                yield part


def depth(config):
    """How many lists and dicts of a parsed JSON lie in each other."""
    return sum(1 for level in levels(config)) - 1


def levels(config):
    """Lists of a parsed JSON's values: itself, what lies in it, what lies in that, …"""
    level = [config]
    while level:
        yield level
        level = [inside for part in level if isinstance(part, (dict, list))
                 for inside in (part.values() if isinstance(part, dict) else part)]


# ------------------------------------------------------------------------- what would run code

def check_trust(file, script, trust):
    """BadInput where a program would be run and the user has not said --trust.

    An architecture is not examined: load() builds it so that its code cannot run.
    """
    if file.kind == 'pickle':
        why = 'unpickling runs any code that %s names' % base(file.path)
    elif script:
        why = '%s is a program, which would be run' % base(script)
    else:
        return
    if not trust:
        raise BadInput('%s: add --trust if you trust where it is from' % why)


# ------------------------------------------------------------------------------ loading a model

def load(file, weights=None, script=None, trust=False):
    """The Keras 1.2.2 model.  weights: a File of weights, or None; raises BadInput.

    It is not compiled and has no optimizer, so a loss of the user's own is not needed.
    """
    check_trust(file, script, trust)
    set_ordering(file)
    names = namespace(script) if script else {}
    make_visible(names)
    if file.kind == 'pickle':
        return unpickled(file, names)
    if is_model(names.get('model')):        # also where the file has an architecture
        model = names['model']
    elif file.kind == 'weights':
        raise BadInput('%s defines no Keras model called `model`' % base(script))
    else:
        model = built(file, names, trust)
    with explained('the weights of %s do not fit the model'
                   % base((weights or file).path)):
        load_weights(model, (weights or file).path)
    return model


def set_ordering(file):
    """Layers that name no image ordering get that of the others."""
    from keras import backend as K
    K.set_image_dim_ordering(default_ordering(file.config or {}, base(file.path)))


def built(file, names, trust):
    """The model of an architecture.  names: what a script defines; raises BadInput."""
    from keras.models import model_from_config
    name = base(file.path)
    with explained('%s cannot be built by Keras 1.2.2' % name):
        config = json.loads(json.dumps(file.config))    # Keras changes it
        if trust:
            return model_from_config(config, custom_objects=names)
        with safe_loading.closed(name):
            return model_from_config(config)


class explained(object):
    """A `with` in which any exception of Keras's becomes a BadInput that begins with `what`."""

    def __init__(self, what):
        self.what = what

    def __enter__(self):
        pass

    def __exit__(self, kind, error, trace):
        if kind is None or not issubclass(kind, Exception) or issubclass(kind, BadInput):
            return
        said = words(error)
        hint = ''
        if said.startswith(('Invalid layer', 'Invalid activation', 'Unknown layer',
                            'Unknown activation')):
            hint = ': is it your own? Then name the script that defines it (--script)'
        elif kind is NameError:
            hint = ': a function in it needs what a script would import (--script)'
        elif said.startswith('bad marshal data'):
            hint = ': it is not Python 2.7\'s code; name a script that builds the model (--script)'
        raise BadInput('%s (%s: %s)%s' % (self.what, kind.__name__, said, hint))


def make_visible(names):
    """A Lambda's function sees the names of keras.layers.core, and in a Sequential no others."""
    from keras.layers import core
    for name, value in names.items():
        vars(core).setdefault(name, value)


def is_model(candidate):
    from keras.engine.topology import Container
    return isinstance(candidate, Container)


def load_weights(model, path):
    """From save_weights's layout, at the root of a file or as model.save has it."""
    with h5py.File(path, 'r') as f:
        group = f['model_weights'] if 'layer_names' not in f.attrs else f
        model.load_weights_from_hdf5_group(group)


def namespace(script):
    """What a script defines.  It sees its own folder, as `python script` would have it."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
    try:
        return runpy.run_path(script, run_name='convert')
    except SystemExit:
        raise BadInput('%s ends the program (sys.exit): it must run to its end, and define '
                       '`model`' % base(script))
    except Exception as e:
        line = [at for at in traceback.extract_tb(sys.exc_info()[2])
                if at[0] == script]
        raise BadInput('%s does not run%s: %s: %s' % (
            base(script), ' (line %d)' % line[-1][1] if line else '', type(e).__name__, words(e)))


def unpickled(file, names):
    """The model in a pickle: with its HDF5 inside (a recipe of the time), or weights alone."""
    name = base(file.path)
    with explained('%s cannot be unpickled here' % name):
        with open(file.path, 'rb') as f:
            content = pickle.load(f)
    inside = getattr(content, '__dict__', {}).get('model_str') if is_model(content) else None
    if inside:          # zachmoshe.com, "Pickling Keras models": __setstate__ was patched
        with tempfile.NamedTemporaryFile(suffix='.h5', dir='.') as f:
            f.write(inside)
            f.flush()
            return load(look(f.name), trust=True)
    if is_model(content):
        return content
    if isinstance(content, list) and all(isinstance(w, np.ndarray) for w in content):
        if not is_model(names.get('model')):
            raise BadInput('%s holds weights alone (get_weights): add the script that builds the '
                           'model, --script build.py, which defines `model`' % name)
        with explained('the weights of %s do not fit the model' % name):
            names['model'].set_weights(content)
        return names['model']
    raise BadInput('%s holds no Keras model but a %s' % (name, type(content).__name__))


# -------------------------------------------------------------------------- Theano's conventions

def orderings(config):
    """The image orderings that an architecture names: of 'th' and 'tf'."""
    return set(part['dim_ordering'] for part in parts(config)
               if part.get('dim_ordering') in ('th', 'tf'))


def default_ordering(config, name):
    """The ordering for layers that name none: the others'.  BadInput where those disagree."""
    named = orderings(config)
    silent = sorted(set(part['class_name'] for part in parts(config)
                        if part.get('class_name') in SILENT))
    if len(named) == 2 and silent:
        raise BadInput('%s has layers in both image orderings (th and tf), and Keras 1 saves none '
                       'for its %s: build it by a script' % (name, ', '.join(silent)))
    return 'th' if named == {'th'} else 'tf'


def architecture(model):
    """Its to_json, parsed, with the image ordering of every layer that has one."""
    own = dict((layer.name, layer.dim_ordering) for layer in every_layer(model)
               if getattr(layer, 'dim_ordering', None))
    config = json.loads(model.to_json())
    for part in parts(config):
        inner = part.get('config')
        if isinstance(inner, dict) and inner.get('name') in own:
            inner.setdefault('dim_ordering', own[inner['name']])
    return config


def every_layer(model):
    """The layers of a model, of models in it, in wrappers, and of a Merge's branches."""
    for layer in model.layers:
        for part in (layer, getattr(layer, 'layer', None), getattr(layer, 'forward_layer', None),
                     getattr(layer, 'backward_layer', None)):
            if part is not None:
                yield part
            if getattr(part, 'layers', None):
                for one in every_layer(part):
                    yield one


def mirrored(model):
    """[(kernel, ordering)] of the convolutions that Theano computes with the kernel mirrored."""
    kernels = collections.OrderedDict()
    for layer in every_layer(model):
        for name in MIRRORED.get(type(layer).__name__, '').split():
            kernel, ordering = getattr(layer, name), getattr(layer, 'dim_ordering', 'tf')
            shape = kernel.get_shape().as_list()
            if max(shape[2:] if ordering == 'th' else shape[:-2]) > 1:
                kernels[kernel] = ordering
    return list(kernels.items())


def settle_kernels(model, trained_on, name):
    """Kernels as TensorFlow needs them; returns whose they were: 'theano', 'tensorflow' or None.

    Theano's convolution mirrors its kernels, TensorFlow's does not, and Keras 1.x's files do not
    say which of them a model was trained on.
    """
    from keras import backend as K
    from keras.utils.np_utils import convert_kernel
    kernels = mirrored(model)
    if not kernels:
        return trained_on
    if trained_on is None and 'th' in [ordering for _, ordering in kernels]:
        raise BadInput('%s has convolutions in Theano\'s order (dim_ordering th), and its file '
                       'does not say whether Theano or TensorFlow trained it; Theano mirrors '
                       'kernels: add --trained-on theano, or --trained-on tensorflow' % name)
    if trained_on == 'theano':
        K.batch_set_value([(kernel, convert_kernel(K.get_value(kernel), ordering))
                           for kernel, ordering in kernels])
    return trained_on or 'tensorflow'
