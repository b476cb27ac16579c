"""Which function converts which layer of Keras 1: each is declared at its function.

    @converts('Dense', 'TimeDistributedDense', weights=['W', 'b'])
    def dense(old, x):

The function takes (the old layer, its input), and returns what is to be called with the input: a
layer of Keras 3, or a function that calls several.  For several inputs it takes a list of them.
"""
import types

from keras3.masks import handed_on
from keras3.remarks import NoEqual

DECLARED = {}       # class name of Keras 1: function, weights, masks


def converts(*kinds, **declared):
    """Declares that a function converts layers of these classes; see declaration()."""
    def declare(function):
        for kind in kinds:
            assert kind not in DECLARED, kind
            DECLARED[kind] = declaration(function, **declared)
        return function
    return declare


def declaration(function, weights=(), masks=handed_on):
    """
    weights: the names that the layer's arrays have in weights.h5, in their order (biases are left
        out where the layer has bias=False), or a function of the old layer that returns them
    masks: what becomes of masks; see masks.py
    """
    return types.SimpleNamespace(function=function, weights=weights, masks=masks)


def converted(old, x):
    """What is called in place of this layer: with x, or with what has x's shape."""
    if old.kind not in DECLARED:
        raise NoEqual(old, 'not a layer of Keras 1.2.2')
    return DECLARED[old.kind].function(old, x)


def names_of_weights(old):
    if old.kind not in DECLARED:
        return []
    names = DECLARED[old.kind].weights
    if callable(names):
        return names(old)
    with_bias = old.config.get('bias', True)
    return [name for name in names if with_bias or name not in ('b', 'b_carry')]


def masks_after(old, new, incoming):
    """The masks of the old layer's outputs; new: what replaces it, incoming: its inputs' masks."""
    return DECLARED[old.kind].masks(old, new, incoming)
