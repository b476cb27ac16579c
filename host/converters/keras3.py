#!/usr/bin/env python3
"""A model of Keras 1.2.2 as a .keras file of Keras 3, each layer as layers that mean the same.

    python -I keras3.py EXCHANGE OUT.keras

EXCHANGE is a folder with model.json and weights.h5, as Keras 1.2.2 writes them, and samples.npz
and outputs.npz, of which only the shapes are read (repro/convert.py writes all four).  OUT holds
nothing but layers and operations of Keras 3's own, so it loads with safe_mode and without this
program, on any backend (JAX and TensorFlow were tried).  What has no equal is not approximated:
status 4, and a line on stderr that names the layer, its class and why.  A line on stdout is a
remark, for who goes on training.

What the old layers compute was read in Keras 1.2.2: keras/layers/*.py, engine/topology.py,
models.py, backend/tensorflow_backend.py.  "Keras 1" below is that, on TensorFlow 1.0.1.  How a
layer would draw new weights is not carried over; nor is an optimizer.
"""
from __future__ import print_function   # for the linter, which is a Python 2.7

import collections
import copy
import functools
import json
import os
import re
import sys
import types

# KERAS_HOME: the user's keras.json, which may be Keras 1's, is neither read nor written.
os.environ.update(KERAS_BACKEND='jax', KERAS_HOME=os.devnull, JAX_PLATFORMS='cpu',
                  XLA_FLAGS='--xla_backend_optimization_level=0')   # little is computed here

import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers, ops  # noqa: E402

MODELS = ('Model', 'Container', 'Sequential')
WRAPPERS = ('TimeDistributed', 'Bidirectional')
EPSILON = 1e-7                  # of Keras 1's backend
# Keras 1: hard_sigmoid(x) = clip(0.2 x + 0.5, 0, 1); Keras 3: clip(x / 6 + 0.5, 0, 1).
HARD_SIGMOID = 1.2              # so the old one of x is the new one of 1.2 x

remarks = collections.OrderedDict()     # text: the names of the layers that it is about


class Refused(Exception):
    """A layer has no equal."""

    def __init__(self, old, why):
        super().__init__('%s (%s): %s' % (old.name, old.kind, why))


def remark(old, text):
    names = remarks.setdefault(text, [])
    if old.name not in names:
        names.append(old.name)


# ------------------------------------------------------------------- a model of Keras 1, as read

def read(entry, name=None):
    """A layer or model of model.json: kind, name, config, weights, inside, inbound.

    weights: {suffix: array}, empty for now; inside: what a model or a wrapper consists of, in
    the order of Keras 1's `layers` (a Sequential's `flattened_layers`).
    """
    config = entry['config']
    old = types.SimpleNamespace(kind=entry['class_name'], config=config, weights={}, inside=[],
                                inbound=entry.get('inbound_nodes', []), branches=None)
    if old.kind == 'Sequential':
        old.name = entry.get('name') or name or 'sequential'
        read_sequential(old)
        return old
    old.name = config['name']
    if old.kind in MODELS:
        old.inside = [read(inner) for inner in config['layers']]
    elif old.kind == 'TimeDistributed':
        old.inside = [read(config['layer'])]
    elif old.kind == 'Bidirectional':
        for way in ('forward_', 'backward_'):
            inner = read(copy.deepcopy(config['layer']))
            inner.name = way + inner.name
            old.inside.append(inner)
    return old


def read_sequential(old):
    """steps: its layers, one that is added twice being the same twice; branches: what a Merge
    that comes first merges."""
    old.steps, known = [], {}
    for i, entry in enumerate(old.config):
        step = read(entry, '%s_%d' % (old.name, i))
        if step.kind != 'Sequential':           # whose name a Sequential does not tell
            step = known.setdefault(step.name, step)
        old.steps.append(step)
    first = old.steps[0]
    if first.kind == 'Merge':
        old.branches = [read(entry, '%s_%d' % (first.name, i))
                        for i, entry in enumerate(first.config['layers'])]
    for layer in (old.branches or [first]):
        old.inside += layer.inside if old.branches and layer.kind in MODELS else [layer]
    for step in old.steps[1:]:
        if not any(step is layer for layer in old.inside):
            old.inside.append(step)


GATES = {'LSTM': 'icfo', 'GRU': 'zrh', 'ConvLSTM2D': 'icfo'}    # in the order of weights.h5
NAMES = {'Embedding': ['W'], 'SimpleRNN': ['W', 'U', 'b'], 'PReLU': ['alphas'],
         'ParametricSoftplus': ['alphas', 'betas'],
         'SReLU': ['t_left', 'a_left', 't_right', 'a_right'],
         'BatchNormalization': ['gamma', 'beta', 'running_mean', 'running_std']}
NAMES.update((kind, ['W', 'b']) for kind in (
    'Dense', 'TimeDistributedDense', 'MaxoutDense', 'Convolution1D', 'Convolution2D',
    'Convolution3D', 'AtrousConvolution1D', 'AtrousConvolution2D', 'Deconvolution2D',
    'LocallyConnected1D', 'LocallyConnected2D'))
NAMES['SeparableConvolution2D'] = ['depthwise_kernel', 'pointwise_kernel', 'b']
NAMES['Highway'] = ['W', 'W_carry', 'b', 'b_carry']


def names_of_weights(old):
    if old.kind in GATES:
        if old.config.get('consume_less') == 'gpu':
            return ['W', 'U', 'b']
        return [part + '_' + gate for gate in GATES[old.kind] for part in 'WUb']
    with_bias = old.config.get('bias', True)
    return [n for n in NAMES.get(old.kind, []) if with_bias or n not in ('b', 'b_carry')]


def places(old):
    """([trainable], [fixed]): where a layer's weights belong, as (layer, suffix), in the order of
    Keras 1's `weights`, which a model within a model has sorted by this."""
    trainable, fixed = [], []
    if old.inside:
        for inner in old.inside:
            for found, more in zip((trainable, fixed), places(inner)):
                found += more
    else:
        for suffix in names_of_weights(old):
            (fixed if suffix.startswith('running_') else trainable).append((old, suffix))
    if old.kind not in MODELS + ('Bidirectional',) and not old.config.get('trainable', True):
        return [], trainable + fixed
    return trainable, fixed


def read_weights(old, path):
    """Gives every layer its arrays out of weights.h5."""
    groups = old.inside if old.kind in MODELS else [old]
    with h5py.File(path, 'r') as h:
        named = [text(name) for name in h.attrs['layer_names']]
        if len(named) != len(groups):
            raise Refused(old, 'model.json has %d layers, weights.h5 has %d'
                          % (len(groups), len(named)))
        for layer, name in zip(groups, named):
            group = h[name]
            arrays = [(text(n), group[text(n)][()]) for n in group.attrs['weight_names']]
            wanted = sum(places(layer), [])
            if len(arrays) != len(wanted):
                raise Refused(layer, 'it has %d weights, and weights.h5 has %d of it: a layer of '
                              'your own, or of another version?' % (len(wanted), len(arrays)))
            for (owner, suffix), (called, array) in zip(wanted, arrays):
                own = re.escape('%s_%s' % (owner.name, suffix))
                if not re.match(r'(.+/)?%s(_\d+)?(:0)?$' % own, called):      # _1: TensorFlow's
                    raise Refused(owner, 'weights.h5 has %s where its %s should be'
                                  % (called, suffix))
                owner.weights[suffix] = array


def text(name):
    return name.decode('utf-8') if isinstance(name, bytes) else str(name)


# ------------------------------------------------------- what the arguments of many layers become

def named(old, role=''):
    """The name of the new layer and whether it is trainable."""
    name = (old.name + ('_' + role if role else '')).replace('/', '_')
    return {'name': name, 'trainable': old.config.get('trainable', True)}


ACTIVATIONS = ('softmax', 'elu', 'softplus', 'softsign', 'relu', 'tanh', 'sigmoid', 'linear',
               'hard_sigmoid')


def activation(old, argument='activation'):
    name = old.config.get(argument, 'linear')       # MaxoutDense has none
    if name not in ACTIVATIONS:
        raise Refused(old, 'its %s %s is not one of Keras 1\'s own' % (argument, name))
    return name


def plain_activation(old):
    """As an argument of the new layer; none where activated() adds layers for it."""
    return None if activation(old) in ('linear', 'hard_sigmoid') else activation(old)


def activated(old, *steps):
    """These steps, and what stands for the activation where no argument does."""
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
    """Without drawing weights that nobody uses: JAX compiles a program for each shape.

    owner: of the initializers, the layer or its cell.
    """
    drawn = {n: v for n, v in vars(owner).items() if n.endswith('_initializer')}
    for argument in drawn:
        setattr(owner, argument, keras.initializers.Zeros())
    layer.build(shape)
    for argument, initializer in drawn.items():
        setattr(owner, argument, initializer)


def ordering(old):
    """data_format.  Some layers of 1.2.2 do not save theirs: repro/convert.py has filled it in."""
    if old.config.get('dim_ordering', 'tf') == 'tf':
        return 'channels_last'
    remark(old, 'keeps Theano\'s ordering, which is channels_first')
    return 'channels_first'


def axes(old, shape):
    """The lengths of the axes of an image or a volume, without batch and channels."""
    return shape[1:-1] if ordering(old) == 'channels_last' else shape[2:]


def kernel(old, array):
    """A convolution's kernel with Theano's ordering, (out, in, rows, …), as TensorFlow's."""
    if old.config.get('dim_ordering', 'tf') == 'tf':
        return array
    return array.transpose(list(range(2, array.ndim)) + [1, 0])


def regularizer(old, argument):
    given = old.config.get(argument)
    if not given:
        return None
    if given.get('name') not in ('L1L2Regularizer', 'WeightRegularizer', 'ActivityRegularizer'):
        remark(old, 'without its %s, %s' % (argument, given.get('name')))
        return None
    return keras.regularizers.L1L2(given.get('l1', 0.), given.get('l2', 0.))


def constraint(old, argument, same_axes=True):
    """same_axes: whether the weights keep their shape, on which all but one depend."""
    given = old.config.get(argument)
    if not given:
        return None
    name, axis = given['name'].lower(), given.get('axis')
    if name == 'nonneg':
        return keras.constraints.NonNeg()
    if same_axes and name == 'maxnorm':
        return keras.constraints.MaxNorm(given['m'], axis)
    if same_axes and name == 'unitnorm':
        return keras.constraints.UnitNorm(axis)
    if same_axes and name == 'minmaxnorm':
        return keras.constraints.MinMaxNorm(given['low'], given['high'], given['rate'], axis)
    remark(old, 'without its %s, %s' % (argument, given['name']))


def without(old, *arguments):
    for argument in arguments:
        if old.config.get(argument):
            remark(old, 'without its ' + argument)


def with_kernel(old, same_axes=True):
    """The arguments of a layer with a kernel W and a bias b."""
    if old.config.get('activity_regularizer'):
        remark(old, 'without its activity_regularizer: Keras 3 divides it by the batch\'s size')
    return dict(named(old), use_bias=old.config['bias'], activation=plain_activation(old),
                kernel_regularizer=regularizer(old, 'W_regularizer'),
                bias_regularizer=regularizer(old, 'b_regularizer'),
                kernel_constraint=constraint(old, 'W_constraint', same_axes),
                bias_constraint=constraint(old, 'b_constraint'))


def bias(old):
    return [old.weights['b']] if old.config['bias'] else []


def scale(old, role, x, factor, offset=None):
    """A layer that multiplies every element by a weight, and adds another.

    factor, offset: shaped like x without its batch, or 1 where an axis shares them.
    """
    if mask(x) is not None:
        raise Refused(old, 'under a mask, which the EinsumDense in its place would lose')
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


# ------------------------------------------------------------------------------------- the layers

# Each function takes (the old layer, its input) and returns what is to be called with the input:
# a layer of Keras 3, or a function that calls several.

def dense(old, x):
    return activated(old, built(layers.Dense(old.config['output_dim'], **with_kernel(old)),
                                x.shape, old.weights['W'], *bias(old)))


def maxout(old, x):
    """The largest of several Denses: one EinsumDense for all, and the maximum over them."""
    options, W = with_kernel(old, same_axes=False), old.weights['W']
    options.update(bias_axes='ko' if options.pop('use_bias') else None)
    together = layers.EinsumDense('bi,kio->bko', (W.shape[0], W.shape[2]), **options)
    return chain(built(together, x.shape, W, *bias(old)),
                 layers.GlobalMaxPooling1D('channels_last', **named(old, 'max')))


def highway(old, x):
    """transform * activation(W x + b) + (1 - transform) * x"""
    size, carry = x.shape[-1], [w for n, w in sorted(old.weights.items()) if 'carry' in n]
    inner = activated(old, built(layers.Dense(size, **with_kernel(old)), x.shape,
                                 old.weights['W'], *bias(old)))
    transform = built(layers.Dense(size, activation='sigmoid', use_bias=old.config['bias'],
                                   **named(old, 'transform')), x.shape, *carry)
    rest = layers.Rescaling(-1., 1., **named(old, 'rest'))
    through, past = (layers.Multiply(**named(old, role)) for role in ('through', 'past'))
    both = layers.Add(**named(old, 'sum'))

    def call(x):
        t = transform(x)
        return both([through([inner(x), t]), past([rest(t), x])])
    return call


def convolution(old, x):
    """1D to 3D, with or without holes."""
    c = old.config
    if c['border_mode'] not in ('valid', 'same'):
        raise Refused(old, 'border_mode %s is Theano\'s alone' % c['border_mode'])
    of, strides, size = {
        '1D': (layers.Conv1D, 'subsample_length', ['filter_length']),
        '2D': (layers.Conv2D, 'subsample', ['nb_row', 'nb_col']),
        '3D': (layers.Conv3D, 'subsample', ['kernel_dim1', 'kernel_dim2', 'kernel_dim3']),
    }[old.kind[-2:]]
    one, W = of is layers.Conv1D, old.weights['W']
    W = W[:, 0] if one else kernel(old, W)      # 1D: (length, 1, in, out)
    options = with_kernel(old, same_axes=not one and ordering(old) == 'channels_last')
    layer = of(c['nb_filter'], tuple(c[n] for n in size), strides=c[strides],
               padding=c['border_mode'], dilation_rate=c.get('atrous_rate', 1),
               data_format=ordering(old), **options)
    return activated(old, built(layer, x.shape, W, *bias(old)))


def separable(old, x):
    """With Theano's ordering between two Permutes: of channels_first with a depth_multiplier,
    Keras 3.15 on TensorFlow makes something else than on JAX."""
    c, th = old.config, ordering(old) == 'channels_first'
    options = with_kernel(old)
    for argument in ('kernel_regularizer', 'kernel_constraint'):
        options.pop(argument)
    # The pointwise_regularizer that 1.2.2 saves is the depthwise one: what is loaded has it twice.
    for part in 'depthwise', 'pointwise':
        options[part + '_regularizer'] = regularizer(old, part + '_regularizer')
        options[part + '_constraint'] = constraint(old, part + '_constraint', same_axes=not th)
    layer = layers.SeparableConv2D(
        c['nb_filter'], (c['nb_row'], c['nb_col']), strides=c['subsample'],
        padding=c['border_mode'], depth_multiplier=c['depth_multiplier'],
        data_format='channels_last', **options)
    kernels = [kernel(old, old.weights[n + '_kernel']) for n in ('depthwise', 'pointwise')]
    shape = [x.shape[i] for i in (0, 2, 3, 1)] if th else x.shape
    steps = [built(layer, tuple(shape), *(kernels + bias(old)))]
    if th:
        steps = ([layers.Permute((2, 3, 1), **named(old, 'last'))] + steps +
                 [layers.Permute((3, 1, 2), **named(old, 'first'))])
    return activated(old, *steps)


def deconvolution(old, x):
    """Keras 1 is told the output's shape; of all that fit, Keras 3 makes one for 'same'."""
    c, size = old.config, (old.config['nb_row'], old.config['nb_col'])
    lengths, new, stride = axes(old, x.shape), axes(old, c['output_shape']), c['subsample']
    if None in lengths:
        raise Refused(old, 'its input has no fixed size, and its output has')
    W = kernel(old, old.weights['W']).transpose(0, 1, 3, 2)
    options = dict(with_kernel(old, same_axes=False), strides=stride, data_format=ordering(old))
    if c['border_mode'] == 'same' and all(o == n * s for o, n, s in zip(new, lengths, stride)):
        layer = layers.Conv2DTranspose(c['nb_filter'], size, padding='same', **options)
        return activated(old, built(layer, x.shape, W, *bias(old)))
    # Without padding it has every element that the input reaches; 'same' is the middle of these.
    least = [(n - 1) * s + k for n, s, k in zip(lengths, stride, size)]
    before = [0 if c['border_mode'] == 'valid' else max(n - o, 0) // 2
              for n, o in zip(least, new)]
    more = [max(o + b - n, 0) for o, b, n in zip(new, before, least)]
    layer = layers.Conv2DTranspose(c['nb_filter'], size, output_padding=tuple(more), **options)
    steps = [built(layer, x.shape, W, *bias(old))]
    crops = tuple((b, n + m - b - o) for b, n, m, o in zip(before, least, more, new))
    if any(map(any, crops)):
        steps.append(layers.Cropping2D(crops, ordering(old), **named(old, 'crop')))
    return activated(old, *steps)


def locally_connected(old, x):
    """What each place sees, side by side, through weights of its own.

    Keras 3 has no such layer: a Cropping for every element of the window, all concatenated,
    and an EinsumDense.
    """
    c, W, two = old.config, old.weights['W'], old.kind.endswith('2D')
    if ordering(old) != 'channels_last':
        raise Refused(old, 'Theano\'s ordering: 1.2.2 takes its bias in another order')
    size = (c['nb_row'], c['nb_col']) if two else (c['filter_length'],)
    strides = tuple(c['subsample']) if two else (c['subsample_length'],)
    lengths = [(n - k) // s + 1 for n, k, s in zip(x.shape[1:-1], size, strides)]
    crop = layers.Cropping2D if two else layers.Cropping1D
    every = layers.MaxPooling2D if two else layers.MaxPooling1D
    windows = []
    for at in np.ndindex(*size):
        role = '_'.join(str(i) for i in at)
        borders = [(i, n - i - ((m - 1) * s + 1))
                   for i, n, m, s in zip(at, x.shape[1:-1], lengths, strides)]
        steps = [crop(tuple(borders) if two else borders[0], **named(old, 'crop_' + role))]
        if max(strides) > 1:
            steps.append(every(1, strides, **named(old, 'every_' + role)))
        windows.append(chain(*steps))
    beside = layers.Concatenate(**named(old, 'windows'))
    places = 'rc' if two else 'r'
    options = with_kernel(old, same_axes=False)
    options.update(bias_axes=places + 'o' if options.pop('use_bias') else None)
    layer = layers.EinsumDense('b%si,%sio->b%so' % (places, places, places),
                               tuple(lengths) + W.shape[-1:], **options)
    built(layer, (x.shape[0],) + tuple(lengths) + W.shape[1:2],
          W.reshape(tuple(lengths) + W.shape[1:]), *bias(old))

    def seen(x):
        return beside([window(x) for window in windows]) if len(windows) > 1 else windows[0](x)
    return activated(old, seen, layer)


def pooling(old, x):
    c, of = old.config, getattr(layers, old.kind)
    if old.kind.startswith('Global'):
        return of(data_format=ordering(old), **named(old))
    one = old.kind.endswith('1D')
    size, strides = ('pool_length', 'stride') if one else ('pool_size', 'strides')
    return of(c[size], c[strides], c['border_mode'], ordering(old), **named(old))


def upsampling(old, x):
    if old.kind == 'UpSampling1D':
        return layers.UpSampling1D(old.config['length'], **named(old))
    size = tuple(old.config['size'])
    if old.kind == 'UpSampling2D' and any(np.float32(1) / np.float32(n) * np.float32(n) < 1
                                          for n in size):
        raise Refused(old, 'by 41, 47, 55 or 61, where TensorFlow 1.0.1 is a pixel off')
    return getattr(layers, old.kind)(size, data_format=ordering(old), **named(old))


def zero_padding(old, x):
    given, of = old.config['padding'], getattr(layers, old.kind)
    sides = {'1D': ('left_pad', 'right_pad'),
             '2D': ('top_pad', 'bottom_pad', 'left_pad', 'right_pad')}.get(old.kind[-2:])
    if isinstance(given, dict):
        given = [given.get(side, 0) for side in sides]
    if not isinstance(given, int):
        given = tuple(given)
        if len(given) == 4:
            given = (given[:2], given[2:])
    return of(given, data_format=ordering(old), **named(old))


def cropping(old, x):
    c = old.config['cropping']
    if old.kind == 'Cropping1D':
        return layers.Cropping1D(tuple(c), **named(old))
    of = getattr(layers, old.kind)
    return of(tuple(tuple(pair) for pair in c), data_format=ordering(old), **named(old))


def flatten(old, x):
    # channels_last for Theano's ordering, too: Keras 1 flattens what is there.
    return layers.Flatten('channels_last', **named(old))


def reshape(old, x):
    return layers.Reshape(tuple(old.config['target_shape']), **named(old))


def permute(old, x):
    return layers.Permute(tuple(old.config['dims']), **named(old))


def repeat(old, x):
    return layers.RepeatVector(old.config['n'], **named(old))


def activation_layer(old, x):
    if activation(old) == 'hard_sigmoid':
        return hard_sigmoid(old)
    return layers.Activation(activation(old), **named(old))


def dropout(old, x):
    """All that drop with probability p."""
    options = {'data_format': 'channels_last'} if old.kind[-2:] in ('2D', '3D') else {}
    return getattr(layers, old.kind)(old.config['p'], name=named(old)['name'], **options)


def noise(old, x):
    return layers.GaussianNoise(old.config['sigma'], **named(old))


def masking(old, x):
    return layers.Masking(old.config['mask_value'], **named(old))


def activity_regularization(old, x):
    remark(old, 'its penalty is divided by the batch\'s size in Keras 3')
    return layers.ActivityRegularization(old.config['l1'], old.config['l2'], **named(old))


def embedding(old, x):
    c = old.config
    without(old, 'dropout', 'activity_regularizer')
    layer = layers.Embedding(c['input_dim'], c['output_dim'], mask_zero=c['mask_zero'],
                             embeddings_regularizer=regularizer(old, 'W_regularizer'),
                             embeddings_constraint=constraint(old, 'W_constraint'), **named(old))
    return built(layer, x.shape, old.weights['W'])


def batch_normalization(old, x):
    """mode 0: the running statistics; 1: each sample's own; 2: the batch's, predicting too."""
    c, weights = old.config, old.weights
    axis = c['axis'] % len(x.shape)
    if c['mode'] == 0:
        if not c.get('trainable', True):
            remark(old, 'is frozen: Keras 3 takes its running statistics in training, too')
        layer = layers.BatchNormalization(
            axis, c['momentum'], c['epsilon'],
            gamma_regularizer=regularizer(old, 'gamma_regularizer'),
            beta_regularizer=regularizer(old, 'beta_regularizer'), **named(old))
        return built(layer, x.shape, *(weights[n] for n in NAMES['BatchNormalization']))
    without(old, 'gamma_regularizer', 'beta_regularizer')
    if c['mode'] == 1:
        axis, over = len(x.shape) - 1, -1
    else:
        over = tuple(i for i in range(len(x.shape)) if i != axis)
        remark(old, 'predicts with the statistics of the batch (mode=2): answers depend on it')
    shape = [1] * (len(x.shape) - 1)
    shape[axis - 1] = x.shape[axis]
    affine = scale(old, '', x, weights['gamma'].reshape(shape), weights['beta'].reshape(shape))

    def call(x):
        deviation = x - ops.mean(x, over, keepdims=True)
        variance = ops.mean(ops.square(deviation), over, keepdims=True)
        std = ops.sqrt(variance + c['epsilon'])
        return affine(deviation / (std + c['epsilon'] if c['mode'] == 1 else std))
    return call


def leaky_relu(old, x):
    return layers.LeakyReLU(old.config['alpha'], **named(old))


def elu(old, x):
    return layers.ELU(old.config['alpha'], **named(old))


def thresholded_relu(old, x):
    if old.config['theta'] < 0:
        raise Refused(old, 'theta is below 0, which the ReLU of Keras 3 does not take')
    return layers.ReLU(threshold=old.config['theta'], **named(old))


def prelu(old, x, role='', alphas='alphas'):
    """1.2.2 does not save shared_axes: they are those on which its weights have length 1."""
    array = old.weights[alphas]
    shared = [i for i, n in enumerate(array.shape, 1) if n == 1 and x.shape[i] != 1]
    layer = layers.PReLU(shared_axes=shared or None, **named(old, role))
    return built(layer, x.shape, array)


def parametric_softplus(old, x):
    """alpha * log(1 + exp(beta * x))"""
    return chain(scale(old, 'beta', x, old.weights['betas']),
                 layers.Activation('softplus', **named(old)),
                 scale(old, 'alpha', x, old.weights['alphas']))


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


# ------------------------------------------------------------------------------- recurrent layers

NEW_GATES = {'SimpleRNN': [None], 'GRU': 'zrh', 'LSTM': 'ifco', 'ConvLSTM2D': 'ifco'}


def recurrent(old, x):
    if old.config['stateful'] and mask(x) is not None:
        raise Refused(old, 'a mask and stateful: the first steps differ if they are masked')
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
    gates = NEW_GATES[old.kind]
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
        raise Refused(old, 'activation hard_sigmoid is Keras 3\'s, another function, on the cell')
    remark(old, 'the weights of gates with hard_sigmoid are 1.2 times Keras 1\'s, '
           'since Keras 3\'s hard_sigmoid is less steep')
    return True


def bidirectional(old, x):
    forward, backward = old.inside
    if forward.kind not in NEW_GATES:
        raise Refused(old, 'of a %s' % forward.kind)
    backward.config['go_backwards'] = not forward.config['go_backwards']
    if mask(x) is not None and forward.config['return_sequences']:
        return both_ways(old, x)
    layer = layers.Bidirectional(recurrent_layer(forward), old.config['merge_mode'],
                                 backward_layer=recurrent_layer(backward), **named(old))
    for way, one in ((layer.forward_layer, forward), (layer.backward_layer, backward)):
        if way.stateful and mask(x) is not None:
            raise Refused(old, 'a mask and stateful: the first steps differ if they are masked')
        build(way, way.cell, x.shape)
        way.cell.set_weights(recurrent_weights(one))
    layer.build(x.shape)
    return layer


def both_ways(old, x):
    """A Bidirectional of its parts: Keras 3's own would answer 0 where a step is masked, and
    Keras 1 what it answered before."""
    forward, backward = (recurrent(one, x) for one in old.inside)
    steps = keras.Input(batch_shape=forward.compute_output_shape(x.shape))
    # As an activation, because these hand the mask on, which a bare operation does not.
    turn = layers.Activation(ops.flip(steps, 1)._keras_history.operation, **named(old, 'turn'))
    if old.config['merge_mode'] is None:
        return lambda x: [forward(x), turn(backward(x))]
    merged = merge_of(old, old.config['merge_mode'], True)
    return lambda x: merged([forward(x), turn(backward(x))])


def time_distributed(old, x):
    inner, = old.inside
    if mask(x) is not None and inner.kind in tuple(NEW_GATES) + MODELS + WRAPPERS:
        raise Refused(old, 'a mask, which Keras 3 hands to its %s, Keras 1 not' % inner.kind)
    if inner.kind in NEW_GATES and inner.config['stateful']:
        raise Refused(old, 'of a stateful %s' % inner.kind)
    step = keras.Input(batch_shape=(x.shape[0],) + tuple(x.shape[2:]), dtype=x.dtype)
    layer = converted(inner, step)
    if not isinstance(layer, layers.Layer):
        layer = keras.Model(step, layer(step), name=named(inner)['name'])
    return layers.TimeDistributed(layer, **named(old))


# ------------------------------------------------------------------------------------------ merges

MERGES = {'sum': layers.Add, 'mul': layers.Multiply, 'ave': layers.Average,
          'max': layers.Maximum, 'concat': layers.Concatenate}


def merge(old, xs):
    mode, masks = old.config['mode'], [mask(x) for x in xs]
    if old.config.get('mode_type', 'raw') != 'raw':
        raise Refused(old, 'it merges by code of Python\'s, which Keras 3 does not load')
    if mode in ('dot', 'cos'):
        return dot(old, xs)
    # Keras 1 passes over inputs without a mask, too.
    in_time = mode == 'concat' and old.config['concat_axis'] == 1 and None not in masks
    if any(m is not masks[0] for m in masks) and not in_time:
        raise Refused(old, 'its inputs have different masks: Keras 1 takes AND, Keras 3 OR')
    if mode == 'concat':
        return layers.Concatenate(old.config['concat_axis'], **named(old))
    return merge_of(old, mode, masks[0] is not None)


def merge_of(old, mode, masked):
    if masked and mode == 'mul':
        raise Refused(old, 'it multiplies under a mask, where Keras 3 takes 1 for a masked step')
    return MERGES[mode](**named(old))


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
        raise Refused(old, 'mode %s of inputs with %d and %d axes' % (
            old.config['mode'], rank, len(xs[1].shape)))
    product = layers.Dot(tuple(axes), **named(old))
    if old.config['mode'] == 'dot':
        return product
    left, right = (layers.Dot(tuple(axes), **named(old, role)) for role in ('left', 'right'))

    def call(xs):
        norms = ops.sqrt(left([xs[0], xs[0]]) * right([xs[1], xs[1]]))
        return ops.expand_dims(product(xs) / ops.maximum(norms, EPSILON), 1)
    return call


# -------------------------------------------------------------------------------------- the table

TABLE = {
    'Dense': dense, 'TimeDistributedDense': dense, 'MaxoutDense': maxout, 'Highway': highway,
    'Convolution1D': convolution, 'AtrousConvolution1D': convolution,
    'Convolution2D': convolution, 'AtrousConvolution2D': convolution,
    'Convolution3D': convolution,
    'SeparableConvolution2D': separable, 'Deconvolution2D': deconvolution,
    'LocallyConnected1D': locally_connected, 'LocallyConnected2D': locally_connected,
    'Flatten': flatten, 'Reshape': reshape, 'Permute': permute, 'RepeatVector': repeat,
    'Activation': activation_layer, 'LeakyReLU': leaky_relu, 'ELU': elu,
    'ThresholdedReLU': thresholded_relu, 'PReLU': prelu,
    'ParametricSoftplus': parametric_softplus, 'SReLU': srelu,
    'Dropout': dropout, 'SpatialDropout1D': dropout, 'SpatialDropout2D': dropout,
    'SpatialDropout3D': dropout, 'GaussianDropout': dropout, 'GaussianNoise': noise,
    'Masking': masking,
    'ActivityRegularization': activity_regularization,
    'Embedding': embedding, 'BatchNormalization': batch_normalization,
    'SimpleRNN': recurrent, 'GRU': recurrent, 'LSTM': recurrent, 'ConvLSTM2D': recurrent,
    'Bidirectional': bidirectional, 'TimeDistributed': time_distributed, 'Merge': merge,
}
for _axes in '1D', '2D', '3D':
    TABLE.update({'UpSampling' + _axes: upsampling, 'ZeroPadding' + _axes: zero_padding,
                  'Cropping' + _axes: cropping, 'MaxPooling' + _axes: pooling,
                  'AveragePooling' + _axes: pooling, 'GlobalMaxPooling' + _axes: pooling,
                  'GlobalAveragePooling' + _axes: pooling})


def converted(old, x):
    """What is called in place of this layer: with x, or with what has x's shape."""
    if old.kind in MODELS:
        return model(old)
    if old.kind == 'Lambda':
        raise Refused(old, 'it is code of Python 2.7\'s, which Keras 3 cannot hold: '
                      'onnx, savedmodel and openvino take it')
    if old.kind not in TABLE:
        raise Refused(old, 'not a layer of Keras 1.2.2')
    return TABLE[old.kind](old, x)


# ------------------------------------------------------------------------------------------- masks

# Keras 3 finds out about masks anew in each call; what Keras 1's are, this file has to know to
# refuse what would differ.  A mask is any object; two tensors with the same one have equal masks.

def mask(x):
    """Which mask comes with a tensor in Keras 1; None: none."""
    return getattr(x, 'mask_of_keras_1', None)


def give_masks(old, new, xs, ys):
    """old, called as new with xs, gave ys."""
    came = [mask(x) for x in xs]
    if old.kind in MODELS:
        known = {None: None}
        found = [known.setdefault(mask(y), object()) for y in new.outputs]
    elif old.kind == 'Masking' or old.kind == 'Embedding' and old.config['mask_zero']:
        found = [object()]
    elif old.kind == 'Merge' and old.config['mode'] not in ('dot', 'cos'):
        found = [came[0] if len(set(came)) == 1 else object()]
    elif old.kind in ('Embedding', 'Merge') or not returns_sequences(old):
        found = [None]
    else:       # handed on, or Keras 1 had raised an error
        found = came[:1] * len(ys)
    for y, it in zip(ys, found):
        y.mask_of_keras_1 = it


def returns_sequences(old):
    inner = old.inside[0] if old.kind == 'Bidirectional' else old
    return inner.config.get('return_sequences', True)


# ------------------------------------------------------------------------------------------ models

def model(old):
    """A Model of Keras 3, whichever it was: a layer may have become several side by side."""
    inputs, outputs = sequential(old) if old.kind == 'Sequential' else graph(old)
    return keras.Model(one_or_list(inputs), one_or_list(outputs), name=old.name.replace('/', '_'))


def called(old, made, x):
    """What the old layer's place gives for x, as a list.  made: {id of a layer: what is there}"""
    try:
        if id(old) not in made:
            made[id(old)] = converted(old, x)
        ys = as_list(made[id(old)](x))
    except (ValueError, TypeError, LookupError, NotImplementedError) as error:
        raise Refused(old, 'Keras 3 does not take it: ' + first_line(error))
    give_masks(old, made[id(old)], as_list(x), ys)
    return ys


def first_line(error):
    """Of what an error of Keras 3 says: without colours and where it was noticed."""
    lines = [line for line in re.sub(r'\x1b\[\d*m', '', str(error)).splitlines()
             if line.strip() and not line.startswith('Exception encountered')]
    return (lines or [type(error).__name__])[0]


def new_input(old, name):
    c = old.config
    if c.get('sparse'):
        raise Refused(old, 'a sparse input')
    dtype = c.get('input_dtype') or 'float32'
    if dtype not in ('float32', 'int32'):
        raise Refused(old, 'an input of %s' % dtype)
    return keras.Input(batch_shape=tuple(c['batch_input_shape']), dtype=dtype, name=name)


def sequential(old):
    made, rest, first = {}, old.steps, old.steps[0]
    begins = old.branches or [first] * (first.kind in MODELS)
    if begins:
        made = {id(branch): model(branch) for branch in begins}
        inputs = [again(made[id(branch)]) for branch in begins]
        x = sum((called(branch, made, each) for branch, each in zip(begins, inputs)), [])
        inputs = sum(map(as_list, inputs), [])
        x = x if old.branches else x[0]
        rest = rest if old.branches else rest[1:]
    elif first.kind == 'InputLayer':
        inputs = x = new_input(first, named(first)['name'])
        rest = rest[1:]
    else:
        inputs = x = new_input(first, named(first, 'input')['name'])
    for step in rest:
        x, = called(step, made, x)
    return inputs, x


def again(inner):
    """New inputs like those of a model."""
    return one_or_list([keras.Input(batch_shape=x.shape, dtype=x.dtype, name=x.name)
                        for x in inner.inputs])


def one_or_list(xs):
    return xs[0] if isinstance(xs, list) and len(xs) == 1 else xs


def as_list(x):
    return list(x) if isinstance(x, (list, tuple)) else [x]


def graph(old):
    """The inputs and outputs of a Model: each layer called as often as it has inbound nodes."""
    inner = {layer.name: layer for layer in old.inside}
    made, tensors = {}, {}

    def tensor(name, node, index):
        if (name, node, index) not in tensors:
            call(inner[name], node)
        return tensors[name, node, index]

    def call(layer, node):
        if layer.kind == 'InputLayer':
            found = [new_input(layer, named(layer)['name'])]
        else:
            xs = [tensor(*source) for source in layer.inbound[node - first_node(layer)]]
            x = xs if len(xs) > 1 or layer.kind == 'Merge' else xs[0]
            found = called(layer, made, x)
        for index, x in enumerate(found):
            tensors[layer.name, node, index] = x

    def before(name, node, index):
        # A layer that returns its input, as Dropout(0) does, takes its place in Keras 1's config.
        while inner[name].kind != 'InputLayer':
            name, node, index = inner[name].inbound[node][index]
        return tensor(name, node, index)

    for layer in old.inside:        # in their order, so that no call waits for many others
        for node in range(first_node(layer), first_node(layer) + len(layer.inbound)):
            tensor(layer.name, node, 0)
    return ([before(*source) for source in old.config['input_layers']],
            [tensor(*source) for source in old.config['output_layers']])


def first_node(layer):
    """A model's own inputs are its first node (Container.get_config)."""
    return 1 if layer.kind in MODELS else 0


# ------------------------------------------------------------------------------------ the program

def check(old, new, folder):
    """The shapes of what Keras 1 was asked and answered are the new model's."""
    for name, what, tensors in (('samples', 'input', new.inputs),
                                ('outputs', 'output', new.outputs)):
        with np.load(os.path.join(folder, name + '.npz')) as stored:
            got = [stored['%s_%d' % (what, i)].shape for i in range(len(stored.files))]
        made = [tuple(x.shape) for x in tensors]
        same = len(got) == len(made) and all(
            len(a) == len(b) and all(n in (m, None) for m, n in zip(a[1:], b[1:]))
            for a, b in zip(got, made))
        if not same:
            raise Refused(old, 'Keras 1 has %ss of %s, model.json makes %s: not every layer of '
                          '1.2.2 saves all that it was told' % (what, got, made))


def save(new, out):
    folder, name = os.path.split(os.path.abspath(out))
    part = os.path.join(folder, '.%d.%s' % (os.getpid(), name))
    try:
        new.save(part)
        with open(part, 'rb') as f:
            os.fsync(f.fileno())
        os.replace(part, out)
    finally:
        if os.path.exists(part):
            os.remove(part)


def convert(folder, out):
    """Writes OUT; returns the remarks.  Refused: a layer has no equal."""
    keras.config.set_floatx('float32')
    keras.config.set_image_data_format('channels_last')
    keras.backend.clear_session()
    remarks.clear()
    with open(os.path.join(folder, 'model.json')) as f:
        old = read(json.load(f))
    read_weights(old, os.path.join(folder, 'weights.h5'))
    try:
        new = model(old)
    except ValueError as error:     # two names of its layers are the same
        raise Refused(old, 'Keras 3 does not take it: ' + first_line(error))
    check(old, new, folder)
    save(new, out)
    return ['%s: %s' % (', '.join(names), said) for said, names in remarks.items()] + [
        # 3.15.1's were tried with 3.14, 3.12 and 3.6: what a layer's config has more is refused.
        'written by Keras %s: an older one does not read it' % keras.__version__,
        'the optimizer and its state are not carried over: compile the model before you train it']


def main(folder, out):
    try:
        for line in convert(folder, out):
            print(line)
    except Refused as error:
        print('convert: %s' % error, file=sys.stderr)
        return 4


if __name__ == '__main__':
    if len(sys.argv) != 3:
        print('usage: keras3.py EXCHANGE OUT.keras', file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
