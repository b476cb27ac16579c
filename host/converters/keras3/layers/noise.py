"""Noise, which is there in training only."""
from keras import layers

from keras3.arguments import named
from keras3.registry import converts


@converts('GaussianNoise')
def noise(old, x):
    return layers.GaussianNoise(old.config['sigma'], **named(old))


@converts('GaussianDropout')
def gaussian_dropout(old, x):
    return layers.GaussianDropout(old.config['p'], name=named(old)['name'])
