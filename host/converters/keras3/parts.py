"""What several layers are made of: layers one after the other, with their weights."""
import functools

import keras
from keras import layers

from keras3.arguments import activation, named
from keras3.masks import mask
from keras3.remarks import NoEqual


def activated(old, *steps):
    """These steps, and a layer for the activation if it cannot be an argument of theirs."""
    if activation(old) == 'hard_sigmoid':
        steps += (hard_sigmoid(old),)
    return chain(*steps)


def hard_sigmoid(old):
    return chain(layers.Rescaling(.2, .5, **named(old, 'hard')),
                 layers.ReLU(max_value=1., **named(old, 'sigmoid')))


def chain(*steps):
    """One call for several, in this order; a single layer stays a layer."""
    if len(steps) == 1:
        return steps[0]
    return lambda x: functools.reduce(lambda y, step: step(y), steps, x)


def built(layer, shape, *arrays):
    """The layer with these weights."""
    build(layer, layer, shape)
    layer.set_weights(arrays)
    return layer


def build(layer, owner, shape):
    """Builds it without drawing weights, for which JAX compiles a program for each shape.

    owner: what has the initializers, the layer or its cell.
    """
    drawn = {n: v for n, v in vars(owner).items() if n.endswith('_initializer')}
    for argument in drawn:
        setattr(owner, argument, keras.initializers.Zeros())
    layer.build(shape)
    for argument, initializer in drawn.items():
        setattr(owner, argument, initializer)


def scale(old, role, x, factor, offset=None):
    """A layer that multiplies every element by a weight, and adds another.

    factor, offset: shaped like x without its batch, or 1 where an axis shares them.
    """
    if mask(x) is not None:
        raise NoEqual(old, 'under a mask, which the EinsumDense in its place would lose')
    own = [i for i, length in enumerate(factor.shape) if length != 1]
    if not own:
        return layers.Rescaling(float(factor.item()), 0. if offset is None else
                                float(offset.item()), **named(old, role))
    letters = 'bcdefghi'[:len(x.shape)]
    mine = ''.join(letters[1 + i] for i in own)
    layer = layers.EinsumDense('%s,%s->%s' % (letters, mine, letters), tuple(x.shape[1:]),
                               bias_axes=None if offset is None else mine, **named(old, role))
    build(layer, layer, x.shape)
    layer.set_weights([array.reshape(weight.shape)      # the bias's has axes of length 1 left
                       for weight, array in zip(layer.weights, (factor, offset))])
    return layer
