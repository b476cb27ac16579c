"""Keras 3 on a current TensorFlow: what a modern port of the article's program does.

    measure_keras3.py NETWORK THREADS BATCH

keras.applications' own network, `model.predict`, and from the files
`image_dataset_from_directory`, all with their defaults but for the nearest-pixel resizing.
"""
import math
import os
import sys

os.environ['KERAS_BACKEND'] = 'tensorflow'

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

import worker  # noqa: E402


def build(network):
    """The same calls as the article's, on seeded weights, batch norm calibrated on 16 pictures.

    Without calibration the values may shrink from layer to layer until they are subnormal.
    """
    keras.utils.set_random_seed(1)
    side = worker.side(network)
    x = inputs = keras.Input((side, side, 3))
    if worker.scaled(network):
        x = keras.layers.Rescaling(1 / 127.5, -1)(x)
    base = getattr(keras.applications, network)(input_tensor=x, weights=None, include_top=False)
    model = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(base.output))
    norms = [layer for layer in model.layers
             if isinstance(layer, keras.layers.BatchNormalization)]
    for layer in norms:
        layer.momentum = 0.
    model(worker.pictures(side, 16), training=True)
    return model


def multiply_adds(model):
    """Of one picture, in the convolutions: each output value costs its kernel's size."""
    total = 0
    for layer in model.layers:
        kernels = [w for w in layer.weights if len(w.shape) == 4]
        for kernel in kernels:
            rows, columns = layer.output.shape[1:3]
            total += rows * columns * math.prod(kernel.shape)
    return total


def main(network, threads, batch):
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    model = build(network)
    side = worker.side(network)

    def predict(pictures):
        return model.predict(pictures, batch_size=batch, verbose=0)

    def files(count):
        dataset = keras.utils.image_dataset_from_directory(
            'train2', labels=None, image_size=(side, side), batch_size=None, shuffle=False,
            interpolation='nearest', verbose=False)
        pictures = dataset.repeat().take(count).batch(batch).prefetch(tf.data.AUTOTUNE)
        return model.predict(pictures, verbose=0)

    facts = {'versions': {'keras': keras.__version__, 'tensorflow': tf.__version__},
             'multiply_adds': multiply_adds(model), 'threads': threads,
             'call_batches': max(1, 64 // batch),     # a call of predict has its own overhead
             'jit_compile': model.jit_compile}
    worker.serve(network, predict, files, facts)


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
