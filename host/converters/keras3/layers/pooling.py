"""The largest or the average of neighbours, or of all."""
from keras import layers

from keras3.arguments import named, ordering
from keras3.registry import converts


@converts('MaxPooling1D', 'MaxPooling2D', 'MaxPooling3D',
          'AveragePooling1D', 'AveragePooling2D', 'AveragePooling3D')
def pooling(old, x):
    c, of = old.config, getattr(layers, old.kind)
    one = old.kind.endswith('1D')
    size, strides = ('pool_length', 'stride') if one else ('pool_size', 'strides')
    return of(c[size], c[strides], c['border_mode'], ordering(old), **named(old))


@converts('GlobalMaxPooling1D', 'GlobalMaxPooling2D', 'GlobalMaxPooling3D',
          'GlobalAveragePooling1D', 'GlobalAveragePooling2D', 'GlobalAveragePooling3D')
def global_pooling(old, x):
    return getattr(layers, old.kind)(data_format=ordering(old), **named(old))
