"""Convolutions whose weights differ from place to place."""
import numpy as np
from keras import layers

from keras3.arguments import bias, named, ordering, with_kernel
from keras3.parts import activated, built, chain
from keras3.registry import converts
from keras3.remarks import NoEqual


@converts('LocallyConnected1D', 'LocallyConnected2D', weights=['W', 'b'])
def locally_connected(old, x):
    """What each place sees, side by side, through weights of its own.

    Keras 3 has no such layer: a Cropping for every element of the window, all concatenated,
    and an EinsumDense.
    """
    c, W, two = old.config, old.weights['W'], old.kind.endswith('2D')
    if ordering(old) != 'channels_last':
        raise NoEqual(old, 'Theano\'s ordering: 1.2.2 takes its bias in another order')
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
