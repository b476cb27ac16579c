"""Merge, in all its modes; in Keras 1 it is in engine/topology.py."""
from keras import layers, ops

from keras3.arguments import named
from keras3.masks import mask
from keras3.registry import converts
from keras3.remarks import NoEqual

EPSILON = 1e-7                  # of Keras 1's backend
MODES = {'sum': layers.Add, 'mul': layers.Multiply, 'ave': layers.Average,
         'max': layers.Maximum, 'concat': layers.Concatenate}


def of_all(old, new, incoming):
    """The inputs' masks in one; none after a product of vectors or matrices."""
    if old.config['mode'] in ('dot', 'cos'):
        return [None]
    return [incoming[0] if len(set(incoming)) == 1 else object()]


@converts('Merge', masks=of_all)
def merge(old, xs):
    mode, masks = old.config['mode'], [mask(x) for x in xs]
    if old.config.get('mode_type', 'raw') != 'raw':
        raise NoEqual(old, 'it merges by code of Python\'s, which Keras 3 does not load')
    if mode in ('dot', 'cos'):
        return dot(old, xs)
    # Keras 1 passes over inputs without a mask, too.
    in_time = mode == 'concat' and old.config['concat_axis'] == 1 and None not in masks
    if any(m is not masks[0] for m in masks) and not in_time:
        raise NoEqual(old, 'its inputs have different masks: Keras 1 takes AND, Keras 3 OR')
    if mode == 'concat':
        return layers.Concatenate(old.config['concat_axis'], **named(old))
    return merge_of(old, mode, masks[0] is not None)


def merge_of(old, mode, masked):
    if masked and mode == 'mul':
        raise NoEqual(old, 'it multiplies under a mask, where Keras 3 takes 1 for a masked step')
    return MODES[mode](**named(old))


def dot(old, xs):
    """Keras 1's batch_dot is tf.matmul, which is Keras 3's Dot of vectors and of matrices.

    cos: by the norms, but not by less than EPSILON, and with an axis of 1 before the others.
    """
    axes = old.config['dot_axes']
    axes = [axes] * 2 if isinstance(axes, int) else list(axes)
    rank = len(xs[0].shape)
    axes = [axis % rank for axis in axes]
    if not (rank == len(xs[1].shape) and 0 not in axes and
            (rank == 3 or rank == 2 and axes[0] == axes[1])):
        raise NoEqual(old, 'mode %s of inputs with %d and %d axes' % (
            old.config['mode'], rank, len(xs[1].shape)))
    product = layers.Dot(tuple(axes), **named(old))
    if old.config['mode'] == 'dot':
        return product
    left, right = (layers.Dot(tuple(axes), **named(old, role)) for role in ('left', 'right'))

    def call(xs):
        norms = ops.sqrt(left([xs[0], xs[0]]) * right([xs[1], xs[1]]))
        return ops.expand_dims(product(xs) / ops.maximum(norms, EPSILON), 1)
    return call
