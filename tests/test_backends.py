# -*- coding: utf-8 -*-
"""Independent evidence: the same weights and pictures through Keras 1.2.2's other backend."""
from __future__ import print_function

import distutils.spawn

import numpy as np
import pytest

# Theano 0.8.2, tf ordering.  Two batches of the article's pipeline, as write_gap runs it.
SCRIPT = '''
import h5py, sys
from keras import backend as K
from keras.applications import ResNet50
from keras.layers import GlobalAveragePooling2D, Input
from keras.models import Model
from keras.preprocessing.image import ImageDataGenerator
assert (K.backend(), K.image_dim_ordering()) == ('theano', 'tf')
base = ResNet50(input_tensor=Input((224, 224, 3)), weights='imagenet', include_top=False)
model = Model(base.input, GlobalAveragePooling2D()(base.output))
gen = ImageDataGenerator().flow_from_directory('train2', (224, 224), shuffle=False, batch_size=4)
features = model.predict_generator(gen, 8)
with h5py.File('theano.h5') as h:
    h.create_dataset('train', data=features)
'''
# TensorFlow 1.0.1 against Theano 0.8.2 and 0.9.0: 6e-5 of the features' rms (measured on He
# weights).  Ten times that, since rounding is amplified by whatever weights there are.
TOLERANCE = 6e-4


@pytest.mark.skipif(not distutils.spawn.find_executable('g++'),
                    reason='no g++ here, and Theano 0.8.2 cannot pad a convolution without it')
def test_theano_gives_the_same_features_for_resnet50(run, small):
    import h5py
    script = small.join('script.py')
    script.write(SCRIPT)
    result = run('exec', '--work', small, 'env', 'KERAS_BACKEND=theano', 'python', script)
    assert result.status == 0, result.both
    with h5py.File(str(small.join('theano.h5')), 'r') as h:
        theano = h['train'][()]
    with h5py.File(str(small.join('gap_ResNet50.h5')), 'r') as h:
        tensorflow = h['train'][()]
    assert theano.shape == tensorflow.shape == (8, 2048)
    rms = np.sqrt((tensorflow.astype('float64') ** 2).mean())
    assert np.abs(theano - tensorflow).max() / rms <= TOLERANCE
