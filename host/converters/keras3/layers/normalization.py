"""BatchNormalization, in its three modes."""
from keras import layers, ops

from keras3.arguments import named, regularizer
from keras3.parts import built, scale
from keras3.registry import converts
from keras3.remarks import remark, without

WEIGHTS = ['gamma', 'beta', 'running_mean', 'running_std']     # running_std is the variance


@converts('BatchNormalization', weights=WEIGHTS)
def batch_normalization(old, x):
    """mode 0: the running statistics; 1: each sample's own; 2: the batch's, predicting too."""
    c, weights = old.config, old.weights
    axis = c['axis'] % len(x.shape)
    if c['mode'] == 0:
        if not c.get('trainable', True):
            remark(old, 'is frozen: Keras 3 uses its running statistics in training, too')
        layer = layers.BatchNormalization(
            axis, c['momentum'], c['epsilon'],
            gamma_regularizer=regularizer(old, 'gamma_regularizer'),
            beta_regularizer=regularizer(old, 'beta_regularizer'), **named(old))
        return built(layer, x.shape, *(weights[n] for n in WEIGHTS))
    without(old, 'gamma_regularizer', 'beta_regularizer')
    if c['mode'] == 1:
        axis, over = len(x.shape) - 1, -1
    else:
        over = tuple(i for i in range(len(x.shape)) if i != axis)
        remark(old, 'predicts with the statistics of the batch (mode=2): outputs depend on it')
    shape = [1] * (len(x.shape) - 1)
    shape[axis - 1] = x.shape[axis]
    affine = scale(old, '', x, weights['gamma'].reshape(shape), weights['beta'].reshape(shape))

    def call(x):
        deviation = x - ops.mean(x, over, keepdims=True)
        variance = ops.mean(ops.square(deviation), over, keepdims=True)
        std = ops.sqrt(variance + c['epsilon'])
        return affine(deviation / (std + c['epsilon'] if c['mode'] == 1 else std))
    return call
