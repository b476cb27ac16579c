# -*- coding: utf-8 -*-
"""Stand-in weights under the names and in the layout of the files that Keras 1.2.2 fetches.

They are the same bits on every x86-64.  Kernels come from a seed, by sums and products of numbers
that IEEE 754 rounds in one way only.  What had to be measured is recorded (recorded.py): a deep
network with plain random weights either dies out or explodes, so each batch normalization has the
statistics of one training-phase pass over 16 drawings (calibration.py), whose seeds occur in no
train/ and no test/ and whose labels are never used.

The kernels are built to pass on one cue, the cats' stripes.  This shows the pipeline, not
recognition.
- The first layer holds Gabor filters of luminance, each without a mean: after its ReLU comes the
  strength of fine contrast at any brightness.
- Every other kernel is noise of He's standard deviation (arXiv:1502.01852) plus one common
  pattern of signs, (-1)**channel on both sides.  The noise alone loses that strength on its way
  through fifty layers; the pattern carries it to the end, in half of the features upwards and in
  half downwards.
- Depthwise kernels are positive, so they blur.
- The last batch normalization of a residual branch starts small, so that the branches add to the
  signal instead of drowning it.
- The last scales are such that the features' standard deviation is near 0.18, what Xception's
  real weights give on photographs.

VGG16 and VGG19 have no batch normalization: the recorded pass measured what each convolution
gives, and its kernel and bias are rescaled by that.

Every file carries the root attribute `stand_in`, which says what it is.
"""
from __future__ import division, print_function

import hashlib
import os

import numpy as np

from repro.failures import BadInput
from repro.networks import weights_path
from repro.standin import recorded
from repro.work.folder import replacing

RECIPE = 2      # counts changes of the arrays; files of another recipe are made anew
SEED = 2017     # the article's
STAND_IN = 'seeded stand-in weights, not trained on anything (keras 1.2.2 dogs-vs-cats archive)'

# How strong the common pattern is beside the noise, by trial.  Without it the cue is lost on the
# way; much stronger, and the features are all but one number.
PATTERN = {'ResNet50': 2.5, 'InceptionV3': 1.5, 'Xception': 1.5, 'VGG16': 1.5, 'VGG19': 1.5}
BRANCH = .15            # gamma at the end of a residual branch
FEATURE_STD = .18       # Xception's real features on photographs: mean .125, std .18

# Layers whose inputs are all of one sign: what comes out of the first layer's ReLU, and ResNet50's
# second stage, which is made all negative.  ResNet50 pads raw pixels with zeros; the edge that
# this draws round every picture would drown its inside, and so saturates at zero instead.
ALL_POSITIVE_IN = {
    'ResNet50': ('res2a_branch1', 'res2a_branch2a'), 'InceptionV3': ('convolution2d_2',),
    'Xception': ('block1_conv2',), 'VGG16': ('block1_conv2',), 'VGG19': ('block1_conv2',)}
ALL_NEGATIVE_IN = ('res2b_branch2a', 'res2c_branch2a', 'res3a_branch1', 'res3a_branch2a')
ALL_NEGATIVE_OUT = ('res2a_branch1', 'res2a_branch2c', 'res2b_branch2c', 'res2c_branch2c')

# The batch normalizations that features come from, and their gamma, chosen by trial to bring the
# features' standard deviation near FEATURE_STD.
LAST = {
    'ResNet50': (('bn5a_branch1', 'bn5a_branch2c', 'bn5b_branch2c', 'bn5c_branch2c'), .80),
    'Xception': (('block14_sepconv2_bn',), .85),
    'InceptionV3': (tuple('batchnormalization_%d' % i for i in (86, 88, 89, 92, 93, 94)), .34),
}
# Xception's branch ends; ResNet50's all end in 2c.
BRANCH_ENDS = ('block2_sepconv2_bn', 'block3_sepconv2_bn', 'block4_sepconv2_bn',
               'block13_sepconv2_bn')


# ---------------------------------------------------------------- the files

def make(networks, report=None):
    """Makes the stand-ins that weights/ of the current folder lacks; returns their networks.

    report: called with one line of text for each network.  A file that is there is kept when its
    recipe is this one and its arrays have the hash that they were made with; other stand-ins are
    made anew.  BadInput where a file is not a stand-in: it is never overwritten.
    """
    say = report or (lambda line: None)
    if not os.path.isdir('weights'):
        os.mkdir('weights')
    missing = [network for network in networks if not is_there(weights_path(network))]
    for network in missing:
        write(network, weights_path(network))
        say('%s: stand-in weights made, seeded and not trained' % network)
    for network in networks:
        if network not in missing:
            say('%s: stand-in weights are there' % network)
    return missing


def is_there(path):
    """Whether the stand-in is there, whole and of this recipe.  BadInput: something else is."""
    if os.path.exists(path) and not is_stand_in(path):
        raise BadInput('%s is not a stand-in, or a damaged one, and is not overwritten: move it '
                       'away, or name another folder with --work' % path)
    return is_current(path)


def write(network, path):
    """Writes the network's HDF5 file as keras/engine/topology.py (save_weights) would, and its
    marks."""
    import h5py
    layers = list(arrays(network, recorded.of(network)))
    room = sum(array.nbytes for _, pairs in layers for _, array in pairs) + 2 * 10**6
    with replacing(path, room) as temporary:        # on a full disk HDF5 crashes as it closes
        with h5py.File(temporary, 'w') as f:
            f.attrs['layer_names'] = [layer.encode('ascii') for layer, _ in layers]
            for layer, pairs in layers:
                group = f.create_group(layer)
                group.attrs['weight_names'] = [name.encode('ascii') for name, _ in pairs]
                for name, array in pairs:
                    group.create_dataset(name, data=array)
        digest = array_sha256(temporary)
        with h5py.File(temporary, 'r+') as f:
            f.attrs['stand_in'] = STAND_IN.encode('ascii')
            f.attrs['stand_in_recipe'] = RECIPE
            f.attrs['stand_in_arrays'] = digest.encode('ascii')


def is_stand_in(path):
    """Whether the file says that it is a stand-in, of any recipe.

    False for any other HDF5 file, and for what is not an HDF5 file at all.
    """
    return attribute(path, 'stand_in') == STAND_IN


def is_current(path):
    """Whether the file is this recipe's and its arrays are what was written."""
    if not os.path.exists(path) or attribute(path, 'stand_in') != STAND_IN or \
            attribute(path, 'stand_in_recipe') != RECIPE:
        return False
    try:
        return attribute(path, 'stand_in_arrays') == array_sha256(path)
    except (IOError, OSError, RuntimeError, ValueError, KeyError):     # h5py's, on a torn file
        return False


def attribute(path, name):
    """A root attribute; None if the file lacks it or is not an HDF5 file."""
    import h5py
    try:
        with h5py.File(path, 'r') as f:
            value = f.attrs.get(name)
    except (IOError, OSError):
        return None
    return value.decode('ascii') if isinstance(value, bytes) else value


def array_sha256(path):
    """The sha256 of an HDF5 file's datasets in order of their names: name, shape, type, bytes.

    The files themselves differ from one writing to the next, since HDF5 stores times.  IOError
    where it is not an HDF5 file.
    """
    import h5py
    digest = hashlib.sha256()

    def add(name, item):
        if isinstance(item, h5py.Dataset):
            a = np.ascontiguousarray(item[()])
            a = a.astype(a.dtype.newbyteorder('<'), copy=False)
            digest.update(('%s %s %s\n' % (name, a.shape, a.dtype.str)).encode('utf-8'))
            digest.update(a.tobytes())

    with h5py.File(path, 'r') as f:
        f.visititems(add)
    return digest.hexdigest()


# ---------------------------------------------------------------- the arrays
# Nothing here may use libm or BLAS (log, exp, cos, pow, dot), nor sum floats with np.sum:
# processors differ in how these round.  Division and square root are IEEE 754's.

def arrays(network, measured):
    """Yields each layer's name and [(its weight's name, float32 array)], in Keras's order.

    measured: a recorded.Network.
    """
    rs = np.random.RandomState(SEED)
    for layer, weights in measured.layers:
        shapes = [shape for _, shape in weights]
        if layer == recorded.first(measured.layers):
            values = [first_kernel(measured.filters)] + [np.zeros(s) for s in shapes[1:]]
        elif len(shapes) == 4:      # batch normalization
            values = [np.full(shapes[0], gamma(network, layer)), np.full(shapes[1], beta(layer))]
            values += measured.statistics[layer]
        else:                       # a convolution, or a separable one: kernels, then a bias
            values = [kernel(network, layer, s, rs) if len(s) == 4 else np.zeros(s)
                      for s in shapes]
        values = [np.asarray(value, 'float32') for value in values]
        if layer in measured.scales:
            values = rescaled(values, measured.statistics[layer], measured.scales[layer])
        yield layer, [(name, value) for (name, _), value in zip(weights, values)]


def rescaled(values, statistics, scale):
    """A convolution's [kernel, bias] as if a batch normalization came after it, all float32."""
    mean, variance = statistics
    g = scale / np.sqrt(variance)
    return [values[0] * g, -mean * g]


def noise(shape, rs):
    """Numbers of mean 0 and variance 1, between -3 and 3: sums of three even ones.

    They have the bell's shape, and numpy's own normal numbers have libm's logarithm in them.
    """
    three = rs.random_sample(shape) + rs.random_sample(shape) + rs.random_sample(shape)
    return (three - 1.5) * 2


def first_kernel(filters):
    """(side, side, 3, n) from filters of luminance, (side, side, n) float32.

    ResNet50's, 7 wide, get raw pixels and not [-1, 1]: they are 1/60 as large.
    """
    luminance = np.array([.3, .59, .11]) * (1 / 60. if len(filters) == 7 else 1.)
    return filters.astype('float64')[:, :, None, :] * luminance[:, None]


def kernel(network, name, shape, rs):
    """One layer's kernel, (rows, columns, inputs, outputs) float64."""
    rows, columns, inputs, outputs = shape
    if outputs == 1:            # depthwise: (3, 3, channels, 1)
        return np.abs(noise(shape, rs)) * np.sqrt(2. / (rows * columns))
    fan_in = rows * columns * inputs
    sd = np.sqrt(2. / fan_in)
    into, out = 1. - 2 * (np.arange(inputs) % 2), 1. - 2 * (np.arange(outputs) % 2)
    if name in ALL_POSITIVE_IN[network]:
        into[:] = 1
    elif name in ALL_NEGATIVE_IN:
        into[:] = -1
    if name in ALL_NEGATIVE_OUT:
        out[:] = -1
    pattern = PATTERN[network] * sd / np.sqrt(fan_in) * into[:, None] * out[None]
    return noise(shape, rs) * sd + pattern


def gamma(network, name):
    """The scale that a batch normalization starts with."""
    last, scale = LAST[network]
    g = scale if name in last else 1.
    if network == 'ResNet50' and name.endswith('2c') or \
            name.endswith('sepconv3_bn') or name in BRANCH_ENDS:
        g *= BRANCH
    return g


def beta(name):
    """The offset that a batch normalization starts with."""
    return .5 if name == 'block14_sepconv1_bn' else 0.
