# -*- coding: utf-8 -*-
"""A program that knows nothing of this project gives the same arrays, log and pred.csv.

What runs here is the article's sequence of Keras calls written out flat, as someone following
the article would type it, under `./run.sh exec` in a folder with the demo's pictures and
weights.  It imports nothing of repro/.
"""
from __future__ import print_function

import re
import shutil

import h5py
import numpy as np
import pytest

EXTRACT = '''
from keras.models import *
from keras.layers import *
from keras.applications import *
from keras.preprocessing.image import *
import h5py

def features_of(f, size, pre=None):
    image = Input((size[1], size[0], 3))
    net = f(input_tensor=Lambda(pre)(image) if pre else image, weights='imagenet',
            include_top=False)
    model = Model(net.input, GlobalAveragePooling2D()(net.output))
    g = ImageDataGenerator()
    a = g.flow_from_directory("train2", size, shuffle=False, batch_size=16)
    b = g.flow_from_directory("test2", size, shuffle=False, batch_size=16, class_mode=None)
    out = [model.predict_generator(i, i.nb_sample) for i in (a, b)] + [a.classes]
    with h5py.File("gap_%s.h5" % f.func_name) as h:
        for name, data in zip(("train", "test", "label"), out):
            h.create_dataset(name, data=data)

features_of(ResNet50, (224, 224))
features_of(Xception, (299, 299), xception.preprocess_input)
features_of(InceptionV3, (299, 299), inception_v3.preprocess_input)
'''
TRAIN = '''
import h5py
import numpy as np
from sklearn.utils import shuffle
np.random.seed(2017)
a, b = [], []
for n in ("ResNet50", "Xception", "InceptionV3"):
    with h5py.File("gap_%s.h5" % n, 'r') as h:
        a.append(np.array(h['train']))
        b.append(np.array(h['test']))
        y = np.array(h['label'])
a, b = np.concatenate(a, axis=1), np.concatenate(b, axis=1)
a, y = shuffle(a, y)
from keras.models import *
from keras.layers import *
SECOND_SEED
i = Input(a.shape[1:])
x = Dropout(0.5)(i)
x = Dense(1, activation='sigmoid')(x)
m = Model(i, x)
m.compile(optimizer='adadelta', loss='binary_crossentropy', metrics=['accuracy'])
m.fit(a, y, batch_size=128, nb_epoch=8, validation_split=0.2)
p = m.predict(b, verbose=1).clip(min=0.005, max=0.995)
import pandas as pd
from keras.preprocessing.image import *
df = pd.read_csv("sample_submission.csv")
t = ImageDataGenerator().flow_from_directory("test2", (224, 224), shuffle=False, batch_size=16,
                                             class_mode=None)
for k, f in enumerate(t.filenames):
    df.set_value(int(f[f.rfind('/')+1:f.rfind('.')]) - 1, 'label', p[k])
df.to_csv('pred.csv', index=None)
'''


def arrays(folder, network):
    with h5py.File(str(folder.join('gap_%s.h5' % network)), 'r') as h:
        return [h[n][()] for n in ('train', 'test', 'label')]


def log_of(text):
    return re.findall(r'loss: [\d.]+ - acc: [\d.]+ - val_loss: [\d.]+ - val_acc: [\d.]+', text)


@pytest.fixture(scope='module')
def theirs(run, small_demo, tmpdir_factory):
    """A folder with the small demo's pictures and weights, and features by the flat program."""
    folder = tmpdir_factory.mktemp('theirs')
    for name in ('train', 'test', 'train2', 'test2', 'weights'):
        shutil.copytree(str(small_demo[0].join(name)), str(folder.join(name)), symlinks=True)
    small_demo[0].join('sample_submission.csv').copy(folder)
    folder.join('extract.py').write(EXTRACT)
    result = run('exec', '--work', folder, 'python', 'extract.py')
    assert result.status == 0, result.both
    assert 'stand-in weights' in result.err
    return folder


@pytest.mark.parametrize('network', ['ResNet50', 'Xception', 'InceptionV3'])
def test_the_same_arrays(theirs, small_demo, network):
    for a, b in zip(arrays(theirs, network), arrays(small_demo[0], network)):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize('seeding, second', [('notebook', ''),
                                             ('article', 'np.random.seed(2017)')])
def test_the_same_log_and_submission(run, theirs, small, step, seeding, second):
    theirs.join('train.py').write(TRAIN.replace('SECOND_SEED', second))
    result = run('exec', '--work', theirs, 'python', 'train.py')
    assert result.status == 0, result.both
    ours = step(small, 'head', '--seeding', seeding)
    assert ours.status == 0, ours.both
    assert step(small, 'submit').status == 0
    theirs_log = log_of(result.out)
    assert len(theirs_log) == 8
    assert theirs_log == log_of(ours.out)[:8]     # the second eight are the other seeding's
    assert theirs.join('pred.csv').read('rb') == small.join('pred.csv').read('rb')
