"""Embedding."""
from keras import layers

from keras3.arguments import constraint, named, regularizer
from keras3.parts import built
from keras3.registry import converts
from keras3.remarks import without


def if_zero_is_masked(old, new, incoming):
    return [object() if old.config['mask_zero'] else None]


@converts('Embedding', weights=['W'], masks=if_zero_is_masked)
def embedding(old, x):
    c = old.config
    without(old, 'dropout', 'activity_regularizer')
    layer = layers.Embedding(c['input_dim'], c['output_dim'], mask_zero=c['mask_zero'],
                             embeddings_regularizer=regularizer(old, 'W_regularizer'),
                             embeddings_constraint=constraint(old, 'W_constraint'), **named(old))
    return built(layer, x.shape, old.weights['W'])
