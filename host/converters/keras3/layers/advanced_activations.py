"""LeakyReLU, PReLU, ELU and the other activations that are layers of their own."""
import numpy as np
from keras import layers

from keras3.arguments import named
from keras3.parts import built, chain, scale
from keras3.registry import converts
from keras3.remarks import NoEqual, remark


@converts('LeakyReLU')
def leaky_relu(old, x):
    return layers.LeakyReLU(old.config['alpha'], **named(old))


@converts('PReLU', weights=['alphas'])
def prelu(old, x, role='', alphas='alphas'):
    """1.2.2 does not save shared_axes: they are those on which its weights have length 1."""
    array = old.weights[alphas]
    shared = [i for i, n in enumerate(array.shape, 1) if n == 1 and x.shape[i] != 1]
    layer = layers.PReLU(shared_axes=shared or None, **named(old, role))
    return built(layer, x.shape, array)


@converts('ELU')
def elu(old, x):
    return layers.ELU(old.config['alpha'], **named(old))


@converts('ParametricSoftplus', weights=['alphas', 'betas'])
def parametric_softplus(old, x):
    """alpha * log(1 + exp(beta * x))"""
    return chain(scale(old, 'beta', x, old.weights['betas']),
                 layers.Activation('softplus', **named(old)),
                 scale(old, 'alpha', x, old.weights['alphas']))


@converts('ThresholdedReLU')
def thresholded_relu(old, x):
    if old.config['theta'] < 0:
        raise NoEqual(old, 'theta is below 0, which the ReLU of Keras 3 does not take')
    return layers.ReLU(threshold=old.config['theta'], **named(old))


@converts('SReLU', weights=['t_left', 'a_left', 't_right', 'a_right'])
def srelu(old, x):
    """A PReLU to the left, the identity, a slope to the right.

    With u = x - t_left and w = |t_right|, the width of the middle, Keras 1 computes
    t_left + min(relu(u), w) - a_left relu(-u) + a_right relu(u - w), which is
    t_left + PReLU(u) + (a_right - 1) relu(u - w).
    """
    remark(old, 'as shifts and a PReLU: in further training its weights are no longer tied')
    w = old.weights
    one = np.ones_like(w['t_left'])
    shift = scale(old, 'shift', x, one, -w['t_left'])
    left = prelu(old, x, 'left', 'a_left')
    right = chain(scale(old, 'width', x, one, -np.abs(w['t_right'])),
                  layers.ReLU(**named(old, 'right')),
                  scale(old, 'slope', x, w['a_right'] - 1))
    both = layers.Add(**named(old, 'sum'))
    back = scale(old, 'back', x, one, w['t_left'])

    def call(x):
        u = shift(x)
        return back(both([left(u), right(u)]))
    return call
