"""SimpleRNN, GRU, LSTM, and ConvLSTM2D, which is in Keras 1's convolutional_recurrent.py."""
import itertools

import numpy as np
from keras import layers

from keras3.arguments import activation, kernel, named, ordering, regularizer
from keras3.masks import mask
from keras3.parts import build
from keras3.registry import converts
from keras3.remarks import NoEqual, remark, without

# In Keras 3's order: side by side in one array.  Keras 1's order is declared at recurrent().
GATES = {'SimpleRNN': [None], 'GRU': 'zrh', 'LSTM': 'ifco', 'ConvLSTM2D': 'ifco'}
# Keras 1: hard_sigmoid(x) = clip(0.2 x + 0.5, 0, 1); Keras 3: clip(x / 6 + 0.5, 0, 1).
HARD_SIGMOID = 1.2              # so the old one of x is the new one of 1.2 x


def of_gates(gates):
    """Three arrays for each gate in weights.h5, or with consume_less='gpu' three for all."""
    def names(old):
        if old.config.get('consume_less') == 'gpu':
            return ['W', 'U', 'b']
        return [part + '_' + gate for gate in gates for part in 'WUb']
    return names


def unless_last(old, new, incoming):
    """A mask is handed on with all steps, and not with the last alone."""
    return itertools.repeat(incoming[0] if old.config['return_sequences'] else None)


@converts('SimpleRNN', weights=['W', 'U', 'b'], masks=unless_last)
@converts('GRU', weights=of_gates('zrh'), masks=unless_last)
@converts('LSTM', weights=of_gates('icfo'), masks=unless_last)
@converts('ConvLSTM2D', weights=of_gates('icfo'), masks=unless_last)
def recurrent(old, x):
    if old.config['stateful'] and mask(x) is not None:
        raise NoEqual(old, 'a mask and stateful: the first steps differ if they are masked')
    layer = recurrent_layer(old)
    build(layer, layer.cell, x.shape)
    layer.cell.set_weights(recurrent_weights(old))
    return layer


def recurrent_layer(old):
    """The layer of Keras 3 without its weights."""
    c = old.config
    if c['stateful']:
        remark(old, 'is stateful: on JAX predict() of Keras 3 forgets the states after a batch; '
               'call the model itself')
    options = dict(named(old), activation=activation(old), return_sequences=c['return_sequences'],
                   go_backwards=c['go_backwards'], stateful=c['stateful'])
    if old.kind != 'SimpleRNN':
        options.update(recurrent_activation=activation(old, 'inner_activation'))
    if old.kind == 'GRU':
        options.update(reset_after=False)
    if old.kind == 'ConvLSTM2D':        # 1.2.2 saves neither subsample nor dropout
        return layers.ConvLSTM2D(c['nb_filter'], (c['nb_row'], c['nb_col']),
                                 padding=c['border_mode'], data_format=ordering(old), **options)
    options.update(unroll=c['unroll'], dropout=c['dropout_W'], recurrent_dropout=c['dropout_U'])
    # With a matrix for each gate, 1.2.2 regularizes U by W_regularizer (recurrent.py).
    of_U = 'U' if old.kind == 'SimpleRNN' or c['consume_less'] == 'gpu' else 'W'
    if 'hard_sigmoid' in (c['activation'], c.get('inner_activation')):
        without(old, 'W_regularizer', 'U_regularizer', 'b_regularizer')
    else:
        options.update(kernel_regularizer=regularizer(old, 'W_regularizer'),
                       recurrent_regularizer=regularizer(old, of_U + '_regularizer'),
                       bias_regularizer=regularizer(old, 'b_regularizer'))
    return getattr(layers, old.kind)(c['output_dim'], **options)


def recurrent_weights(old):
    """[kernel, recurrent kernel, bias], the gates side by side in Keras 3's order.

    The weights of a gate whose activation is hard_sigmoid are multiplied, which makes Keras 3's
    the same function.
    """
    gates = GATES[old.kind]
    parts = []
    for part in 'WUb':
        if part in old.weights:
            arrays = np.split(old.weights[part], len(gates), axis=-1)
        else:
            arrays = [old.weights[part + '_' + gate] for gate in gates]
        if part != 'b' and old.kind == 'ConvLSTM2D':
            arrays = [kernel(old, array) for array in arrays]
        arrays = [array * np.float32(HARD_SIGMOID) if is_hard(old, gate) else array
                  for gate, array in zip(gates, arrays)]
        parts.append(np.concatenate(arrays, axis=-1))
    return parts


def is_hard(old, gate):
    inner = gate not in (None, 'c', 'h')
    if old.config['inner_activation' if inner else 'activation'] != 'hard_sigmoid':
        return False
    if gate == 'c':
        raise NoEqual(old, 'activation hard_sigmoid is Keras 3\'s, another function, on the cell')
    remark(old, 'the weights of gates with hard_sigmoid are 1.2 times Keras 1\'s, '
           'since Keras 3\'s hard_sigmoid is less steep')
    return True
