# -*- coding: utf-8 -*-
"""docs/ports.md, what a port changes: each row that can be asserted, on the pinned side."""
from __future__ import division, print_function

import inspect
import io

import numpy as np
import pytest
from PIL import Image

from repro import expected

ARTICLE = expected.article()


@pytest.fixture(scope='module')
def networks():
    """The three networks as Keras 1.2.2 builds them, without weights."""
    from keras.applications import InceptionV3, ResNet50, Xception
    from keras.layers import Input
    return dict((f.func_name, f(input_tensor=Input((s, s, 3)), weights=None, include_top=False))
                for f, s in ((ResNet50, 224), (InceptionV3, 299), (Xception, 299)))


@pytest.mark.parametrize('name', ['ResNet50', 'InceptionV3', 'Xception'])
def test_layers_and_parameters(networks, name):
    model = networks[name]
    assert model.count_params() == ARTICLE['parameters'][name]
    assert len(model.layers) == ARTICLE['layers'][name]
    assert list(model.output_shape[1:]) == ARTICLE['output_shapes'][name]


def test_resnet50_has_epsilon_1e_3_and_ends_in_a_pooling(networks):
    from keras.layers import AveragePooling2D, BatchNormalization
    layers = networks['ResNet50'].layers
    epsilons = set(x.epsilon for x in layers if isinstance(x, BatchNormalization))
    assert epsilons == {1e-3}
    assert isinstance(layers[-1], AveragePooling2D) and layers[-1].pool_size == (7, 7)


def test_inception_v3_is_not_the_papers(networks):
    # mixed0, mixed1, mixed2 are 256, 288, 288 wide in the paper and in Keras 2 and 3
    widths = [networks['InceptionV3'].get_layer('mixed%d' % i).output_shape[-1] for i in range(3)]
    assert widths == [256, 256, 256]
    # 160-wide 1x1 convolutions: two in each of mixed5 and mixed6, as in the paper, and a fifth at
    # the head of mixed7's longer branch, where the paper and Keras 3 have 192.
    from keras.layers import Convolution2D
    at_160 = [x for x in networks['InceptionV3'].layers if isinstance(x, Convolution2D)
              and (x.nb_filter, x.nb_row, x.nb_col) == (160, 1, 1)]
    assert len(at_160) == 5


def test_adadelta_of_the_time():
    from keras.optimizers import Adadelta
    config = Adadelta().get_config()
    assert (config['lr'], config['rho'], config['epsilon']) == (1.0, 0.95, 1e-8)


def test_keras_takes_files_unsorted():
    from keras.preprocessing.image import DirectoryIterator
    source = inspect.getsource(DirectoryIterator.__init__)
    assert 'for fname in files:' in source and 'sorted(files)' not in source


def test_the_decoder_is_libjpeg_9b():
    # PyImaging_Jpeg… reports JPEG_LIB_VERSION; libjpeg-turbo reports 6.2 or 8.0
    assert Image.core.jpeglib_version.startswith('9.')


def test_chroma_is_upsampled_as_libjpeg_9_does():
    """A 4:2:0 picture of two colours: the pinned decoder's own values at the edge.

    libjpeg-turbo's "fancy upsampling" blends the chroma of neighbours with weights 3:1;
    libjpeg 9 scales in the DCT.  Recorded with Pillow 4.0.0; a current Pillow gives others.
    """
    pixels = np.zeros((16, 16, 3), 'uint8')
    pixels[:, :8] = (250, 30, 20)
    pixels[:, 8:] = (20, 60, 240)
    f = io.BytesIO()
    Image.fromarray(pixels).save(f, 'JPEG', quality=90, subsampling=2)
    decoded = np.asarray(Image.open(io.BytesIO(f.getvalue())).convert('RGB'))
    golden = expected.load('demo.json')['decoded row of the two-colour JPEG']['value']
    assert decoded[8].tolist() == golden


def test_load_img_resizes_with_nearest(tmpdir):
    from keras.preprocessing.image import load_img
    pixels = np.random.RandomState(0).randint(0, 256, (50, 70, 3)).astype('uint8')
    path = str(tmpdir.join('noise.png'))
    Image.fromarray(pixels).save(path)
    got = np.asarray(load_img(path, target_size=(24, 24)))
    nearest = np.asarray(Image.fromarray(pixels).resize((24, 24), Image.NEAREST))
    bicubic = np.asarray(Image.fromarray(pixels).resize((24, 24), Image.BICUBIC))
    assert (got == nearest).all() and (got != bicubic).any()
