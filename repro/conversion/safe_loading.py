# -*- coding: utf-8 -*-
"""Builds the model of a stranger's file; none of the file's code can run.

Keras 1.2.2 turns parts of an architecture into code in three ways:

    func_load           makes a function of marshalled bytecode, for a Lambda and for a Merge
    globals()[...]      Lambda and Merge take a function by its name, among all that is there
    get_from_module     takes a layer, an activation, ... by its name among a module's names, and
                        these are also what the module imported: func_load is "an activation"

closed() shuts all three while the model is built, for every form of architecture that Keras reads
(older versions', too).  Nothing looks for code in the file: what would run it has been replaced.
Keras 3's safe_mode refuses in the same place, where a Lambda is made.
"""
from __future__ import print_function

import contextlib
import importlib
import inspect
import sys

from repro.failures import BadInput

# What Keras 1.2.2 itself defines, in the words of get_from_module.  Of all other kinds (losses,
# metrics, optimizers, the functions of a Lambda) nothing is allowed: building a model needs none.
FUNCTIONS = {
    'activation function': ('activations', '''
        softmax elu softplus softsign relu tanh sigmoid hard_sigmoid linear'''),
    'initialization': ('initializations', '''
        uniform normal lecun_uniform glorot_normal glorot_uniform he_normal he_uniform orthogonal
        identity zero one'''),
    'regularizer': ('regularizers', '''
        Regularizer EigenvalueRegularizer L1L2Regularizer WeightRegularizer
        ActivityRegularizer l1 l2 l1l2 activity_l1 activity_l2 activity_l1l2'''),
    'constraint': ('constraints', '''
        Constraint MaxNorm NonNeg UnitNorm MinMaxNorm maxnorm nonneg unitnorm'''),
}
MERGES_BY = ('mode_type', 'output_shape_type', 'output_mask_type')


@contextlib.contextmanager
def closed(name):
    """A `with` in which Keras builds the model of the file called `name`, without its code.

    What would run code of the file raises BadInput, which says what to do about it.
    """
    places = closed_places(name)
    before = [(owner, attribute, vars(owner)[attribute]) for owner, attribute, _ in places]
    try:
        put(places)
        yield
    finally:
        put(before)


def put(places):
    for owner, attribute, value in places:
        setattr(owner, attribute, value)


def refuse(name, whose):
    raise BadInput('loading %s runs code that lies in it (the functions of %s): add --trust if '
                   'you trust where it is from' % (name, whose))


# ---------------------------------------------------------------------------- what is replaced

def closed_places(name):
    """[(module or class, attribute, what stands there while a model is built)]"""
    from keras.layers import Lambda, Merge
    from keras.utils import generic_utils
    importlib.import_module('keras.utils.layer_utils')      # what imports late keeps what it got
    places = [(generic_utils, '_GLOBAL_CUSTOM_OBJECTS', {}),
              (Lambda, 'from_config', no_lambda(name)),
              (Merge, 'from_config', no_merge_by_function(name, Merge.from_config))]
    places += everywhere(generic_utils.get_from_module,
                         from_allowed(generic_utils.get_from_module, allowed()))

    def no_code(*args, **kwargs):
        refuse(name, 'a layer')

    for way in [generic_utils.func_load] + loaders():
        places += everywhere(way, no_code)
    return places


def loaders():
    """What makes objects of bytes.  Keras's func_load calls marshal.loads, and no other is needed.

    pickle.load stays: Theano reads by it what it compiled before.
    """
    import cPickle
    import marshal
    import pickle
    import yaml
    return [marshal.load, marshal.loads, pickle.loads, cPickle.loads, yaml.load]


def everywhere(thing, instead):
    """The places of all modules' names for this thing: `from … import` makes one more."""
    return [(module, attribute, instead)
            for module in list(sys.modules.values()) if inspect.ismodule(module)
            for attribute, value in list(vars(module).items()) if value is thing]


def no_lambda(name):
    """In place of Lambda.from_config: a function given by its name could be any function."""
    def from_config(cls, config, custom_objects=None):
        refuse(name, layer_name(config, 'a Lambda'))
    return classmethod(from_config)


def no_merge_by_function(name, keras_own):
    """In place of Merge.from_config, which is called for what merges in one of Keras's modes."""
    def from_config(cls, config):
        if not set(config.get(key) for key in MERGES_BY) <= {'raw', None}:
            refuse(name, layer_name(config, 'a Merge'))
        return keras_own(config)
    return classmethod(from_config)


def layer_name(config, otherwise):
    """The layer's name as a message has it: on one line."""
    name = config.get('name') if isinstance(config, dict) else None
    return ' '.join(name.split())[:80] if isinstance(name, type(u'')) and name else otherwise


# -------------------------------------------------------------------------- what may be looked up

def allowed():
    """{a kind, in get_from_module's words: {name: a layer class or a function of Keras's own}}"""
    from keras import layers
    from keras.engine import Layer
    table = {'layer': dict((name, value) for name, value in vars(layers).items()
                           if inspect.isclass(value) and issubclass(value, Layer)
                           and value.__module__.startswith('keras.'))}
    for kind, (module, names) in FUNCTIONS.items():
        own = vars(importlib.import_module('keras.' + module))
        table[kind] = dict((name, own[name]) for name in names.split())
    return table


def from_allowed(keras_own, table):
    """In place of get_from_module: the same among the names that are allowed."""
    def get_from_module(identifier, module_params, module_name, instantiate=False, kwargs=None):
        if module_name == 'layer' and isinstance(identifier, dict):
            raise ValueError('Invalid layer: %s' % identifier)      # Keras would make one here
        return keras_own(identifier, table.get(module_name, {}), module_name,
                         instantiate=instantiate, kwargs=kwargs)
    return get_from_module
