"""Which mask comes with a tensor in Keras 1.

Keras 3 works out masks in each call.  Those of Keras 1 must be known here, to refuse what would
differ.  A mask is any object; two tensors with the same one have equal masks.
"""
import itertools


def mask(x):
    """The mask of a tensor, or None."""
    return getattr(x, 'mask_of_keras_1', None)


def give(ys, masks):
    for y, mask_of_y in zip(ys, masks):
        y.mask_of_keras_1 = mask_of_y


# What a layer does with masks, as @converts takes it: (the old layer, the new one, its inputs'
# masks) → its outputs' masks, of which there may be more than outputs.

def handed_on(old, new, incoming):
    """Most layers do this; Keras 1 raises an error if another gets a mask."""
    return itertools.repeat(incoming[0])


def begun(old, new, incoming):
    """Some layers begin one."""
    return [object()]
