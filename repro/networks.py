# -*- coding: utf-8 -*-
"""The five networks: everything that is known of them by name, and the article's orders.

The only place with these facts; expected/article.json records the same ones with their sources,
and tests/test_networks.py compares the two.  Standard library only, Python 2.7 and 3: Keras is
imported by the one function that needs it.  (write_gap's three calls in gap.py are the article's
own literals.)
"""
import collections
import os

Network = collections.namedtuple(
    'Network', 'name size channels ends_in_relu preprocessing weights release md5 md5_source')
# size: (height, width) of the input, pixels; channels: how many features a picture has;
# ends_in_relu: whether its features cannot be negative (InceptionV3's blocks end in a batch
# normalization after the relu; keras/applications/*.py, 1.2.2); preprocessing: the module of
# keras.applications whose preprocess_input the article passes to write_gap, None for raw RGB (0
# to 255); weights: the file that Keras 1.2.2 downloads; release: of
# github.com/fchollet/deep-learning-models; md5_source: Keras 1.2.2 checks an md5 for two of the
# five, the others are from Keras 2.1.6, which downloads the same files from there.

_TAIL = '_weights_tf_dim_ordering_tf_kernels_notop.h5'      # keras/applications/*.py, 1.2.2

TABLE = collections.OrderedDict((network.name, network) for network in (
    Network('ResNet50', (224, 224), 2048, True, None, 'resnet50' + _TAIL, 'v0.2',
            'a268eb855778b3df3c7506639542a6af', 'Keras 1.2.2'),
    Network('InceptionV3', (299, 299), 2048, False, 'inception_v3', 'inception_v3' + _TAIL,
            'v0.2', '2f3609166de1d967d1a481094754f691', 'Keras 1.2.2'),
    Network('Xception', (299, 299), 2048, True, 'xception', 'xception' + _TAIL, 'v0.4',
            'b0042744bf5b25fce3cb969f33bebb97', 'Keras 2.1.6'),
    Network('VGG16', (224, 224), 512, True, None, 'vgg16' + _TAIL, 'v0.1',
            '6d6bbae143d832006294945121d1f1fc', 'Keras 2.1.6'),
    Network('VGG19', (224, 224), 512, True, None, 'vgg19' + _TAIL, 'v0.1',
            '253f8cb515780f3b799900260a226db6', 'Keras 2.1.6')))

NAMES = tuple(TABLE)
WIDEST = max(network.channels for network in TABLE.values())     # bounds memory and disk
# The article's three, as it extracts (and draws) them, and as its head concatenates them.
EXTRACTION = ('ResNet50', 'InceptionV3', 'Xception')
CONCATENATION = ('ResNet50', 'Xception', 'InceptionV3')


def in_order_of_extraction(names):
    """These networks in the order of extraction, which is the drawing's; VGG comes last."""
    return [n for n in NAMES if n in names]


def in_order_of_concatenation(names):
    """These networks in the order in which the head's inputs are concatenated; VGG comes last."""
    return [n for n in CONCATENATION + NAMES[len(EXTRACTION):] if n in names]


def of_weights(filename):
    """The name of the network whose weights are in a file of this name; None for other files."""
    for network in TABLE.values():
        if network.weights == filename:
            return network.name


def weights_path(name, folder='weights'):
    """The file of a network's weights in a folder, by default the work folder's."""
    return os.path.join(folder, TABLE[name].weights)


def constructor(name):
    """(Keras's constructor, preprocess_input or None) of a network.  Imports Keras: seconds."""
    from keras import applications
    module = TABLE[name].preprocessing
    preprocess = getattr(applications, module).preprocess_input if module else None
    return getattr(applications, name), preprocess
