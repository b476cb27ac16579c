"""Convolutions, and what pads, crops and repeats rows and columns."""
import numpy as np
from keras import layers

from keras3.arguments import axes, bias, constraint, kernel, named, ordering, regularizer
from keras3.arguments import with_kernel
from keras3.parts import activated, built
from keras3.registry import converts
from keras3.remarks import NoEqual


@converts('Convolution1D', 'AtrousConvolution1D', 'Convolution2D', 'AtrousConvolution2D',
          'Convolution3D', weights=['W', 'b'])
def convolution(old, x):
    """1D to 3D, with or without holes."""
    c = old.config
    if c['border_mode'] not in ('valid', 'same'):
        raise NoEqual(old, 'border_mode %s is Theano\'s alone' % c['border_mode'])
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


@converts('SeparableConvolution2D', weights=['depthwise_kernel', 'pointwise_kernel', 'b'])
def separable(old, x):
    """With Theano's ordering between two Permutes: with channels_first and a depth_multiplier,
    Keras 3.15 computes something else on TensorFlow than on JAX."""
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


@converts('Deconvolution2D', weights=['W', 'b'])
def deconvolution(old, x):
    """Keras 1 is given the output's shape; of those that fit, Keras 3 makes one for 'same'."""
    c, size = old.config, (old.config['nb_row'], old.config['nb_col'])
    lengths, new, stride = axes(old, x.shape), axes(old, c['output_shape']), c['subsample']
    if None in lengths:
        raise NoEqual(old, 'its input has no fixed size, and its output has')
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


@converts('UpSampling1D', 'UpSampling2D', 'UpSampling3D')
def upsampling(old, x):
    if old.kind == 'UpSampling1D':
        return layers.UpSampling1D(old.config['length'], **named(old))
    size = tuple(old.config['size'])
    if old.kind == 'UpSampling2D' and any(np.float32(1) / np.float32(n) * np.float32(n) < 1
                                          for n in size):
        raise NoEqual(old, 'by 41, 47, 55 or 61, where TensorFlow 1.0.1 is a pixel off')
    return getattr(layers, old.kind)(size, data_format=ordering(old), **named(old))


@converts('ZeroPadding1D', 'ZeroPadding2D', 'ZeroPadding3D')
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


@converts('Cropping1D', 'Cropping2D', 'Cropping3D')
def cropping(old, x):
    c = old.config['cropping']
    if old.kind == 'Cropping1D':
        return layers.Cropping1D(tuple(c), **named(old))
    of = getattr(layers, old.kind)
    return of(tuple(tuple(pair) for pair in c), data_format=ordering(old), **named(old))
