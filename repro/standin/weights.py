# -*- coding: utf-8 -*-
"""Stand-in weights under the names and in the layout of the files that Keras 1.2.2 fetches.

They are seeded and then calibrated: a deep network with plain random weights either dies out or
explodes, so each batch normalization gets the statistics of one training-phase pass over 16
drawings, whose seeds occur in no train/ and no test/ and whose labels are never looked at.

The kernels are built to pass on one cue, the cats' stripes.  This shows the pipeline, not
recognition.
- The first layer holds Gabor filters of luminance, each without a mean: after its ReLU comes the
  strength of fine contrast, whatever the brightness.
- Every other kernel is He's normal noise (arXiv:1502.01852) plus one common pattern of signs,
  (-1)**channel on both sides.  The noise alone loses that strength on its way through fifty
  layers; the pattern carries it to the end, in half of the features upwards and in half downwards.
- Depthwise kernels are positive, so they blur.
- The last batch normalization of a residual branch starts small, so that the branches add to the
  signal instead of drowning it.
- The last scales are such that the features' standard deviation is near 0.18, what Xception's
  real weights give on photographs.

VGG16 and VGG19 have no batch normalization: the same pass measures what each convolution gives,
and its kernel and bias are rescaled by that.

TensorFlow runs in one thread here, so the number of cores changes nothing.  Every file carries
the root attribute `stand_in`, which says what it is.
"""
from __future__ import division, print_function

import hashlib
import os
import shutil
import subprocess
import time

import numpy as np

from repro import processes
from repro.expected import ROOT
from repro.failures import BadInput, Failure
from repro.folder import HIDDEN, replacing
from repro.networks import TABLE, constructor, weights_path
from repro.standin import pictures

RECIPE = 1      # counts changes of the arrays; files of another recipe are made anew
SEED = 2017     # the article's
STAND_IN = 'seeded stand-in weights, not trained on anything (keras 1.2.2 dogs-vs-cats archive)'
CACHE = 'REPRO_STANDIN_CACHE'

SLOWEST_FIRST = ('Xception', 'VGG19', 'VGG16', 'InceptionV3', 'ResNet50')

# Calibration pictures; 32 cost twice the time and the head learns no better.  VGG takes 2 s a
# picture and has fewer statistics to fill.
PICTURES = {'ResNet50': 16, 'InceptionV3': 16, 'Xception': 16, 'VGG16': 8, 'VGG19': 8}

# How strong the common pattern is beside the noise, by trial.  Without it the cue is lost on the
# way; much stronger, and the features are all but one number.
PATTERN = {'ResNet50': 2.5, 'InceptionV3': 1.5, 'Xception': 1.5, 'VGG16': 1.5, 'VGG19': 1.5}
BRANCH = .15            # gamma at the end of a residual branch
FEATURE_STD = .18       # Xception's real features on photographs: mean .125, std .18

FIRST = {'ResNet50': 'conv1', 'InceptionV3': 'convolution2d_1', 'Xception': 'block1_conv1',
         'VGG16': 'block1_conv1', 'VGG19': 'block1_conv1'}
# Layers whose inputs are all of one sign: what comes out of the first layer's ReLU, and ResNet50's
# second stage, which is made all negative.  ResNet50 pads raw pixels with zeros; the edge that
# this draws round every picture would drown its inside, and so saturates at zero instead.
ALL_POSITIVE_IN = {
    'ResNet50': ('res2a_branch1', 'res2a_branch2a'), 'InceptionV3': ('convolution2d_2',),
    'Xception': ('block1_conv2',), 'VGG16': ('block1_conv2',), 'VGG19': ('block1_conv2',)}
ALL_NEGATIVE_IN = ('res2b_branch2a', 'res2c_branch2a', 'res3a_branch1', 'res3a_branch2a')
ALL_NEGATIVE_OUT = ('res2a_branch1', 'res2a_branch2c', 'res2b_branch2c', 'res2c_branch2c')

# The batch normalizations that features come from, and their gamma, found by trial: it brings the
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
    made anew, or come from the folder that the environment variable REPRO_STANDIN_CACHE names.
    BadInput where a file is no stand-in: it is never overwritten.
    """
    say = report or (lambda line: None)
    if not os.path.isdir('weights'):
        os.mkdir('weights')
    missing = [n for n in networks if not is_there(n, say)]
    if not missing:
        return []
    folder = os.path.join(HIDDEN, 'calibration')
    try:
        draw_calibration(folder, max(PICTURES[n] for n in missing))
        calibrate_all(missing, folder, say)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for n in missing:
        to_cache(n)
    return missing


def is_there(network, say):
    """Whether the stand-in is in weights/, or could be copied there from the cache."""
    path = weights_path(network)
    if os.path.exists(path) and not is_stand_in(path):
        raise BadInput('%s is no stand-in, or a damaged one, and is not overwritten: move it '
                       'away, or name another folder with --work' % path)
    if is_current(path):
        say('%s: stand-in weights are there' % network)
        return True
    cached = in_cache(network)
    if cached and is_current(cached):
        copy(cached, path)
        say('%s: stand-in weights from the cache' % network)
        return True
    return False


def in_cache(network):
    """The path of the network's file in the cache; None where no cache is named."""
    folder = os.environ.get(CACHE)
    return weights_path(network, folder) if folder else None


def to_cache(network):
    """The cache saves time only: one that cannot be written is left alone."""
    cached = in_cache(network)
    if not cached:
        return
    try:
        if not os.path.isdir(os.path.dirname(cached)):
            os.makedirs(os.path.dirname(cached))
        copy(weights_path(network), cached)
    except (IOError, OSError):
        pass


def copy(source, target):
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)


def is_stand_in(path):
    """Whether the file says of itself that it is a stand-in, of any recipe.

    False for any other HDF5 file, and for what is no HDF5 file at all.
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
    """A root attribute; None without it, or where there is no HDF5 file."""
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
    where it is no HDF5 file.
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


# ---------------------------------------------------------------- processes

def draw_calibration(folder, count):
    """Draws `count` pictures, 0.jpg and on, half cats and half dogs, on all cores."""
    if not os.path.isdir(folder):
        os.makedirs(folder)
    pictures.draw_files([(os.path.join(folder, '%d.jpg' % i), i % 2, pictures.SEED_CALIBRATION + i)
                         for i in range(count)], 'drawing for calibration')


def calibrate_all(networks, folder, say):
    """Makes the networks' weights, each in a process of one thread, as many at once as cores."""
    waiting = [n for n in SLOWEST_FIRST if n in networks]
    say('calibrating stand-in weights: %s' % ', '.join(waiting))
    running = []
    try:
        while waiting or running:
            while waiting and len(running) < processes.cores():
                running.append(start(waiting.pop(0), folder))
            time.sleep(.1)
            for job in list(running):
                if job[0].poll() is not None:
                    running.remove(job)
                    finish(job, say)
    finally:
        for process, _, _, log in running:
            process.terminate()
            process.wait()
            log.close()


def start(network, folder):
    """(process, network, start time, log) of `python -m repro.standin one ...`."""
    paths = [ROOT] + [p for p in [os.environ.get('PYTHONPATH')] if p]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(paths), KERAS_BACKEND='tensorflow',
                       OMP_NUM_THREADS='1', TF_CPP_MIN_LOG_LEVEL='2',
                       CUDA_VISIBLE_DEVICES='')     # the same weights on a machine with a GPU
    log = open(os.path.join(HIDDEN, 'weights-%s.log' % network), 'w')
    command = processes.python('repro.standin', 'one', network, folder)
    return (subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT),
            network, time.time(), log)


def finish(job, say):
    """Reports what start() has started and has ended.  BadInput, Failure as it ended."""
    process, network, started, log = job
    log.close()
    if process.returncode == 0:
        os.remove(log.name)
        say('%s: stand-in weights made in %.0f s' % (network, time.time() - started))
        return
    with open(log.name) as f:
        lines = f.read().strip().split('\n')
    failure = BadInput if process.returncode == BadInput.status else Failure
    raise failure('%s: no stand-in weights, %s (see %s)' % (network, lines[-1], log.name))


# ---------------------------------------------------------------- one network
# What follows runs in a process of its own: TensorFlow's session, its threads and Keras's learning
# phase are set for the whole process.

def make_one(network, folder):
    """Makes the network's weights from the drawings in `folder`; returns their array_sha256()."""
    import h5py
    import tensorflow as tf
    from keras import backend as K
    K.set_image_dim_ordering('tf')      # whatever ~/.keras/keras.json says
    K.set_floatx('float32')
    K.set_session(tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=1,
                                                   inter_op_parallelism_threads=1)))
    K.set_learning_phase(1)
    batch_norms = []
    with statistics_into(batch_norms):
        model = build(network)
    seed(network, model)
    x = read(folder, PICTURES[network], TABLE[network].size)
    if batch_norms:
        calibrate(model, batch_norms, x)
    else:
        rescale(model, x)
    if not os.path.isdir('weights'):
        os.mkdir('weights')
    with replacing(weights_path(network)) as temporary:
        model.save_weights(temporary)
        arrays = array_sha256(temporary)
        with h5py.File(temporary, 'r+') as f:
            f.attrs['stand_in'] = STAND_IN.encode('ascii')
            f.attrs['stand_in_recipe'] = RECIPE
            f.attrs['stand_in_arrays'] = arrays.encode('ascii')
    return arrays


def build(network):
    """The article's MODEL(input_tensor=..., include_top=False), without weights."""
    from keras.layers import Input, Lambda
    MODEL, lambda_func = constructor(network)
    x = Input(TABLE[network].size + (3,))
    if lambda_func:
        x = Lambda(lambda_func)(x)
    return MODEL(input_tensor=x, weights=None, include_top=False)


class statistics_into(object):
    """While it lasts, each batch normalization that is built appends two pairs to a list.

    A pair: a moving average's variable, and the tensor of the batch's value.
    """

    def __init__(self, pairs):
        from keras import backend
        self.backend, self.original = backend, backend.moving_average_update

        def update(variable, value, momentum):
            pairs.append((variable, value))
            return self.original(variable, value, momentum)

        self.update = update

    def __enter__(self):
        self.backend.moving_average_update = self.update

    def __exit__(self, *exception):
        self.backend.moving_average_update = self.original


def read(folder, count, size):
    """The drawings as Keras reads them: float32 (count, height, width, 3), 0 to 255."""
    from keras.preprocessing.image import img_to_array, load_img
    return np.array([img_to_array(load_img(os.path.join(folder, '%d.jpg' % i),
                                           target_size=size)) for i in range(count)])


def calibrate(model, batch_norms, x):
    """Sets the moving averages to the batch's values in one training-phase pass over x."""
    from keras import backend as K
    values = K.get_session().run([value for _, value in batch_norms], {model.input: x})
    K.batch_set_value([(variable, v) for (variable, _), v in zip(batch_norms, values)])


def rescale(model, x):
    """Rescales a network without batch normalization as if each convolution had one after it.

    One pass measures mean and variance there; they go into kernel and bias.  The last layer's
    scale gives FEATURE_STD.
    """
    import tensorflow as tf
    from keras import backend as K
    h, moments, layers = model.input, [], []
    for layer in model.layers:
        if layer.__class__.__name__ == 'Convolution2D':
            h = K.conv2d(h, layer.W, border_mode='same', dim_ordering='tf')
            mean, variance = tf.nn.moments(h, [0, 1, 2])
            h = K.relu((h - mean) / K.sqrt(variance))
            moments += [mean, variance]
            layers.append(layer)
        elif layer.__class__.__name__ == 'MaxPooling2D':
            h = layer.call(h)
    values = K.get_session().run(moments + [K.mean(h, axis=[1, 2])], {model.input: x})
    scale = FEATURE_STD / values.pop().std()
    for layer, mean, variance in zip(layers, values[::2], values[1::2]):
        g = (scale if layer is layers[-1] else 1.) / np.sqrt(variance)
        layer.set_weights([layer.get_weights()[0] * g, -mean * g])


def seed(network, model):
    """Sets every weight of the model, in the order of its layers."""
    from keras import backend as K
    rs = np.random.RandomState(SEED)
    pairs = []
    for layer in model.layers:
        if layer.__class__.__name__ == 'BatchNormalization':
            start_values = (gamma(network, layer.name), beta(layer.name), 0., 1.)
            pairs += [(w, np.full(K.int_shape(w), v, 'float32'))
                      for w, v in zip(layer.weights, start_values)]
            continue
        for w in layer.weights:
            pairs.append((w, kernel(network, layer.name, K.int_shape(w), rs).astype('float32')))
    K.batch_set_value(pairs)


def kernel(network, name, shape, rs):
    """One layer's kernel, (rows, columns, inputs, outputs) float64, or its bias of zeros."""
    if len(shape) != 4:
        return np.zeros(shape)
    rows, columns, inputs, outputs = shape
    if outputs == 1:            # depthwise: (3, 3, channels, 1)
        return np.abs(rs.standard_normal(shape)) * np.sqrt(2. / (rows * columns))
    if name == FIRST[network]:
        return gabors(shape, rs)
    fan_in = rows * columns * inputs
    sd = np.sqrt(2. / fan_in)
    into, out = (-1.) ** np.arange(inputs), (-1.) ** np.arange(outputs)
    if name in ALL_POSITIVE_IN[network]:
        into[:] = 1
    elif name in ALL_NEGATIVE_IN:
        into[:] = -1
    if name in ALL_NEGATIVE_OUT:
        out[:] = -1
    pattern = PATTERN[network] * sd / np.sqrt(fan_in) * into[:, None] * out[None]
    return rs.standard_normal(shape) * sd + pattern


def gabors(shape, rs):
    """Gabor filters of luminance, without mean and, when 7 wide, without slope.

    shape: (side, side, 3, filters), side 3 or 7; 7 is ResNet50's, which gets raw pixels and not
    [-1, 1]: its filters are 1/60 as large.
    """
    side, _, _, filters = shape
    wide = side == 7
    r = (side - 1) / 2.
    y, x = np.mgrid[0:side, 0:side] - r
    window = np.exp(-(x ** 2 + y ** 2) / (2 * (1.9 if wide else .9) ** 2))
    luminance = np.array([.3, .59, .11]) * (1 / 60. if wide else 1.)
    out = np.zeros(shape)
    for j in range(filters):
        angle = 7 * np.pi * j / filters
        period = rs.uniform(4.5, 8) if wide else rs.uniform(2.6, 4.)    # in pixels
        phase = rs.uniform(0, 2 * np.pi)
        u = x * np.cos(angle) + y * np.sin(angle)
        f = window * np.cos(2 * np.pi * u / period + (phase if wide else 0))
        f -= window * f.sum() / window.sum()
        if wide:
            for v in (x, y):
                f -= window * v * (f * v).sum() / (window * v * v).sum()
        f /= np.sqrt((f ** 2).sum())
        out[:, :, :, j] = f[:, :, None] * (rs.choice([-1, 1]) * luminance)
    return out


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
