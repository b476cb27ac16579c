# -*- coding: utf-8 -*-
"""Features that are there already: gap_*.h5 without the pictures they are of.

The article: "if you don't want to compute the feature vectors yourself, you can download the
exported files here".  With them the head trains in seconds, on a laptop, without a picture.
Which row is which test picture is known without the pictures, too: the author's rows are
1.jpg, 10.jpg, 100.jpg, ... (repro/keras_seams.py), so N rows are the names 1.jpg to N.jpg sorted as
strings.
"""
from __future__ import division, print_function

import os
import shutil
import time

import h5py
import numpy as np

from repro import expected, record
from repro.failures import BadInput
from repro.folder import replacing
from repro.progress import say
from repro.inputs import data, fetch

RELEASE = 'https://github.com/ypwhs/dogs_vs_cats/releases/download/gap'     # the author's
BLOCK = 1000    # rows read at once: 8 MB
# What a network ends in decides what its averages can be (keras/applications/*.py, 1.2.2).
# InceptionV3's blocks end in a batch normalization after the relu, so only its are signed.
NOT_NEGATIVE = ('ResNet50', 'Xception', 'VGG16', 'VGG19')


def url(network):
    """Where the author released it; REPRO_FEATURES_URL names a mirror of the release."""
    return '%s/gap_%s.h5' % (os.environ.get('REPRO_FEATURES_URL', RELEASE).rstrip('/'), network)


def get(networks, folder=None):
    """Fetches the author's gap_*.h5, or takes them from a folder; each file is checked.

    The author published no checksum: a sha256 is recorded at first sight and compared later.
    Raises BadInput, OtherInputs.
    """
    for network in networks:
        name = 'gap_%s.h5' % network
        if os.path.exists(name):
            check_release(name, network, name)
        elif folder:
            take(os.path.join(folder, name), network)
        else:
            say('features: %s' % url(network))
            fetch.download(url(network), name, size=released_size(), check=lambda partial:
                           check_release(partial, network, url(network)))
        digest, known = fetch.recognise(name)
        say('features: %s: 25,000 and 12,500 rows of 2,048, 12,500 labels each, values as '
            'the network can give; sha256 %s, %s' % (
                     name, digest[:16], 'as at first sight' if known else 'recorded'))


def released_size():
    """Bytes of each of the author's files, as listed by people who downloaded them."""
    return expected.values(expected.load('article.json'))['feature_file_size']


def take(source, network):
    if not os.path.exists(source):
        raise BadInput('%s is missing in the folder that --from names' % source)
    check_release(source, network, source)
    with replacing(os.path.basename(source)) as temporary:
        shutil.copyfile(source, temporary)


def check_release(path, network, what):
    """BadInput unless the file can be the author's: size, shapes, types, labels, values."""
    if os.path.getsize(path) != released_size():
        raise BadInput('%s has %d bytes, and the author\'s has %d' % (
            what, os.path.getsize(path), released_size()))
    try:
        with h5py.File(path, 'r') as h:
            found, is_a = check_file(what, network, h), kind(h.attrs)
    except (IOError, OSError) as e:
        raise BadInput('%s is not a whole HDF5 file (%s)' % (what, e))
    if (found['cats'], found['dogs'], found['test']) != (data.TRAIN // 2, data.TRAIN // 2,
                                                         data.TEST) or is_a != 'unmarked':
        raise BadInput('%s holds %d cats, %d dogs and %d test rows (%s), and the author\'s '
                       '12,500 each' % (what, found['cats'], found['dogs'], found['test'],
                                        is_a))


def recognise(networks):
    """OtherInputs when a file is another than the one that SHA256SUMS knows, if it does."""
    for name in ('gap_%s.h5' % n for n in networks):
        if name in fetch.recorded('.'):
            fetch.recognise(name)


def kind(attributes):
    """'stand-in', 'extracted' (by this program), 'other', or 'unmarked', as the author's are."""
    if 'stand_in' in attributes or attributes.get('weights_are') == 'stand-in':
        return 'stand-in'
    if 'weights' not in attributes:
        return 'unmarked'
    return 'extracted' if attributes['weights_are'] == 'article' else 'other'


def check(networks):
    """Returns {'kind', 'cats', 'dogs', 'test', 'engines'} of the folder's gap_*.h5.  Raises BadInput.

    What the files must have in common is the head's own check (repro/head.py).
    """
    kinds, engines = [], set()
    for network in networks:
        name = 'gap_%s.h5' % network
        if not os.path.exists(name):
            raise BadInput('%s is missing in the work folder (%s): ./run.sh features fetches '
                           'the author\'s, or put there what an earlier run extracted'
                           % (name, os.getcwd()))
        try:
            with h5py.File(name, 'r') as h:
                found = check_file(name, network, h)
                kinds.append(kind(h.attrs))
                if 'engine' in h.attrs:
                    engines.add(' '.join(h.attrs[k] for k in ('engine', 'precision')
                                         if h.attrs.get(k)))
                if h.attrs.get('order', 'sorted') != 'sorted':
                    raise BadInput('%s was extracted in the file system\'s order: without '
                                   'the pictures nobody knows which row is which' % name)
        except (IOError, OSError) as e:
            raise BadInput('%s is not a whole HDF5 file (%s): fetch or extract it again'
                           % (name, e))
    worst = [k for k in ('stand-in', 'other', 'unmarked', 'extracted') if k in kinds][0]
    return dict(found, kind=worst, engines=sorted(engines))


def check_file(name, network, h):
    """Shapes, types, labels and values of one file; returns its counts.  Raises BadInput."""
    channels = 512 if network.startswith('VGG') else 2048
    for key, dtype, shape in (('train', 'float32', (channels,)), ('test', 'float32', (channels,)),
                              ('label', 'int', ())):
        if key not in h:
            raise BadInput('%s has no dataset %s: it is not what write_gap writes'
                           % (name, key))
        if not h[key].dtype.name.startswith(dtype) or h[key].shape[1:] != shape:
            raise BadInput('%s: %s is %s %s, where %s (n%s) is wanted' % (
                name, key, h[key].dtype, h[key].shape, dtype, ', %d' % channels if shape else ''))
    label = h['label'][()]
    cats, dogs = int((label == 0).sum()), int((label == 1).sum())
    if len(label) != len(h['train']):
        raise BadInput('%s: %d labels for %d rows of train' % (name, len(label),
                                                               len(h['train'])))
    if not cats or not dogs or label.tolist() != [0] * cats + [1] * dogs:
        raise BadInput('%s: the labels are not cats (0) and then dogs (1), as '
                       'flow_from_directory numbers them' % name)
    for key in ('train', 'test'):
        check_values(name, network, key, h[key])
    return {'cats': cats, 'dogs': dogs, 'test': len(h['test'])}


def check_values(name, network, key, dataset):
    """Every value is finite, and not negative where the network ends in a relu."""
    for begun in range(0, len(dataset), BLOCK):
        least, most = span(dataset[begun:begun + BLOCK])
        if not np.isfinite([least, most]).all():
            raise BadInput('%s: %s holds nan or inf in rows %d to %d'
                           % (name, key, begun, min(begun + BLOCK, len(dataset)) - 1))
        if network in NOT_NEGATIVE and least < 0:
            raise BadInput('%s: %s holds %g in rows %d to %d, and %s ends in a relu: no '
                           'average of it is negative' % (
                                    name, key, least, begun,
                                    min(begun + BLOCK, len(dataset)) - 1, network))


def span(values):
    """(least, most); nan if there is any, since numpy's min and max hand it on."""
    return values.min(), values.max()


def make_submission(rows):
    """sample_submission.csv as Kaggle's: ids 1 to N, label 0.5; True when it was not there."""
    if os.path.exists('sample_submission.csv'):
        return False
    with replacing('sample_submission.csv') as name:
        with open(name, 'w') as f:
            f.write('id,label\n' + ''.join('%d,0.5\n' % i for i in range(1, rows + 1)))
    return True


def distance(found):
    """Lines that say what these features are, and how far from the article's."""
    if found['kind'] == 'stand-in':
        yield 'the features are stand-ins, of no photograph: this shows the head, not recognition'
    elif found['kind'] == 'other':
        yield 'the features are of other weights than the article\'s'
    elif found['kind'] == 'unmarked':
        yield 'the files do not say what made them, as the author\'s own do not'
    if found['engines'] not in ([], ['tf1']):
        yield 'extracted by another engine than the article\'s: ' + ', '.join(found['engines'])
    train = found['cats'] + found['dogs']
    if (train, found['test']) != (data.TRAIN, data.TEST):
        yield '%d of the article\'s 25,000 training rows, %d of its 12,500 test rows' % (
            train, found['test'])


def main(found, networks):
    """found: what check() returned."""
    begun = time.time()
    say('features: %s: %d cats, %d dogs, %d test rows, taken as 1.jpg to %d.jpg sorted as '
        'strings' % (', '.join(networks), found['cats'], found['dogs'], found['test'],
                     found['test']))
    for line in distance(found):
        say('features: ' + line)
    if make_submission(found['test']):
        say('features: no sample_submission.csv here: one with Kaggle\'s rows (id, 0.5) '
            'was made')
    record.append('features', time.time() - begun, ['gap_%s.h5' % n for n in networks],
                  cats=found['cats'], dogs=found['dogs'], test=found['test'],
                  features_are=found['kind'], features_by=found['engines'], order='sorted')
