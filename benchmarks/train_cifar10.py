# -*- coding: utf-8 -*-
"""Trains a small convnet of 2017 on random pictures, and prints what it took, as one line of JSON.

    ./run.sh exec [--engine tf2] python benchmarks/train_cifar10.py [OPTIMIZER]

The shape of Keras's own examples/cifar10_cnn.py (1.2.2).  Imports nothing of this project.
"""
from __future__ import print_function

import json
import sys
import time

import numpy as np

from keras import backend as K
from keras.callbacks import Callback
from keras.layers import Activation, Convolution2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential

PICTURES, BATCH, EPOCHS = 1024, 32, 3


def convnet():
    model = Sequential()
    model.add(Convolution2D(32, 3, 3, border_mode='same', input_shape=(32, 32, 3)))
    model.add(Activation('relu'))
    model.add(Convolution2D(32, 3, 3))
    model.add(Activation('relu'))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Dropout(0.25))
    model.add(Convolution2D(64, 3, 3, border_mode='same'))
    model.add(Activation('relu'))
    model.add(Convolution2D(64, 3, 3))
    model.add(Activation('relu'))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Dropout(0.25))
    model.add(Flatten())
    model.add(Dense(512))
    model.add(Activation('relu'))
    model.add(Dropout(0.5))
    model.add(Dense(10))
    model.add(Activation('softmax'))
    return model


class Steps(Callback):
    """The loss of each step."""
    def on_train_begin(self, logs=None):
        self.losses = []

    def on_batch_end(self, batch, logs=None):
        self.losses.append(float(logs['loss']))


def main(optimizer='rmsprop'):
    np.random.seed(2017)
    K.tf.set_random_seed(2017)
    pictures = np.random.rand(PICTURES, 32, 32, 3).astype('float32')
    labels = np.random.randint(0, 10, (PICTURES, 1))
    model, steps = convnet(), Steps()
    model.compile(optimizer, 'sparse_categorical_crossentropy')
    initial = [float(np.abs(w).sum()) for w in model.get_weights()]
    first = model.fit(pictures, labels, batch_size=BATCH, nb_epoch=1, verbose=0,
                      callbacks=[steps])
    start = time.time()
    rest = model.fit(pictures, labels, batch_size=BATCH, nb_epoch=EPOCHS, verbose=0)
    print(json.dumps({
        'initial_weights': initial, 'first_steps': steps.losses,
        'epochs': first.history['loss'] + rest.history['loss'],
        'images_per_second': EPOCHS * PICTURES / (time.time() - start)}))


if __name__ == '__main__':
    main(*sys.argv[1:])
