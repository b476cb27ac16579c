"""Bidirectional and TimeDistributed."""
import keras
from keras import layers, ops

from keras3.arguments import named
from keras3.layers.merge import merge_of
from keras3.layers.recurrent import GATES, recurrent, recurrent_layer, recurrent_weights
from keras3.layers.recurrent import unless_last
from keras3.masks import mask
from keras3.parts import build
from keras3.read import MODELS
from keras3.registry import converted, converts
from keras3.remarks import NoEqual

WRAPPERS = ('TimeDistributed', 'Bidirectional')


@converts('TimeDistributed')
def time_distributed(old, x):
    inner, = old.inside
    if mask(x) is not None and inner.kind in tuple(GATES) + MODELS + WRAPPERS:
        raise NoEqual(old, 'a mask, which Keras 3 hands to its %s, but not Keras 1' % inner.kind)
    if inner.kind in GATES and inner.config['stateful']:
        raise NoEqual(old, 'of a stateful %s' % inner.kind)
    step = keras.Input(batch_shape=(x.shape[0],) + tuple(x.shape[2:]), dtype=x.dtype)
    layer = converted(inner, step)
    if not isinstance(layer, layers.Layer):
        layer = keras.Model(step, layer(step), name=named(inner)['name'])
    return layers.TimeDistributed(layer, **named(old))


def as_inside(old, new, incoming):
    return unless_last(old.inside[0], new, incoming)


@converts('Bidirectional', masks=as_inside)
def bidirectional(old, x):
    forward, backward = old.inside
    if forward.kind not in GATES:
        raise NoEqual(old, 'of a %s' % forward.kind)
    backward.config['go_backwards'] = not forward.config['go_backwards']
    if mask(x) is not None and forward.config['return_sequences']:
        return both_ways(old, x)
    layer = layers.Bidirectional(recurrent_layer(forward), old.config['merge_mode'],
                                 backward_layer=recurrent_layer(backward), **named(old))
    for way, one in ((layer.forward_layer, forward), (layer.backward_layer, backward)):
        if way.stateful and mask(x) is not None:
            raise NoEqual(old, 'a mask and stateful: the first steps differ if they are masked')
        build(way, way.cell, x.shape)
        way.cell.set_weights(recurrent_weights(one))
    layer.build(x.shape)
    return layer


def both_ways(old, x):
    """A Bidirectional of its parts: at a masked step Keras 3's own would output 0, and Keras 1
    repeats its output of the step before."""
    forward, backward = (recurrent(one, x) for one in old.inside)
    steps = keras.Input(batch_shape=forward.compute_output_shape(x.shape))
    # As an activation, because these hand the mask on, which a bare operation does not.
    turn = layers.Activation(ops.flip(steps, 1)._keras_history.operation, **named(old, 'turn'))
    if old.config['merge_mode'] is None:
        return lambda x: [forward(x), turn(backward(x))]
    merged = merge_of(old, old.config['merge_mode'], True)
    return lambda x: merged([forward(x), turn(backward(x))])
