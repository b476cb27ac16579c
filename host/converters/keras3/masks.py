"""Which mask comes with a tensor in Keras 1.

Keras 3 finds out about masks anew in each call.  What Keras 1's are must be known here, to refuse
what would differ.  A mask is any object; two tensors with the same one have equal masks.
"""
import itertools


def mask(x):
    """The mask of a tensor, or None."""
    return getattr(x, 'mask_of_keras_1', None)


def give(ys, masks):
    for y, found in zip(ys, masks):
        y.mask_of_keras_1 = found


# What a layer does with masks, as @converts takes it: (the old layer, the new one, its inputs'
# masks) → its outputs' masks, of which there may be more than outputs.

def handed_on(old, new, came):
    """By most layers; where others have a mask, Keras 1 has raised an error."""
    return itertools.repeat(came[0])


def begun(old, new, came):
    """By layers that begin one."""
    return [object()]
