# -*- coding: utf-8 -*-
"""Drawn pictures in Kaggle's layout, for runs without Kaggle's images.

    train/cat.0.jpg  train/dog.0.jpg  ...     numbered from 0, half and half
    test/1.jpg ...                            numbered from 1, no class in the name
    sample_submission.csv                     id,label with 0.5 in every row
    standin_truth.csv                         id,label of test/; no step reads it

Cats are striped, dogs are not: this shows the pipeline, not recognition (drawing.py says how).

Every file says what it is in a JPEG comment right after its first two bytes, so that no drawing
can be taken for a photograph: is_drawn(path).
"""
from __future__ import division, print_function

import hashlib
import io
import os
import struct
import time

import numpy as np

from repro.console.progress import Progress
from repro.failures import BadInput, WrongUsage
from repro.standin.drawing import draw
from repro.system import processes
from repro.work.folder import HIDDEN, make_hidden, read_json, replacing, sha256, write_json
from repro.work.listing import is_picture

RECIPE = 1      # counts changes of what a seed looks like; older drawings are drawn anew
COMMENT = 'drawn stand-in, not a photograph (keras 1.2.2 dogs-vs-cats archive)'
MANIFEST = os.path.join(HIDDEN, 'drawn.json')
SUBMISSION = 'sample_submission.csv'
TRUTH = 'standin_truth.csv'

QUALITY = 90    # with 4:2:0 chroma, like Kaggle's

# First seeds: three ranges that stay apart for all of Kaggle's 25,000 and 12,500.
SEED_TRAIN, SEED_TEST, SEED_CALIBRATION = 2017000000, 2017100000, 2017200000


def encode(cls, seed):
    """draw(cls, seed) as a JPEG file's bytes, with the comment.

    The comment is put in by hand, right after the start-of-image marker: Pillow 4.0.0 cannot
    write one.
    """
    f = io.BytesIO()
    draw(cls, seed).save(f, 'JPEG', quality=QUALITY, subsampling=2)
    jpeg = f.getvalue()
    return jpeg[:2] + segment(seed) + jpeg[2:]


def segment(seed):
    """The bytes of the comment segment (ITU T.81, B.2.4.5): marker, length, text."""
    text = ('%s; recipe %d, seed %d' % (COMMENT, RECIPE, seed)).encode('ascii')
    return b'\xff\xfe' + struct.pack('>H', len(text) + 2) + text


def first_bytes(path, count):
    """The file's first `count` bytes, or all if it has fewer."""
    with open(path, 'rb') as f:
        return f.read(count)


def is_drawn(path):
    """Whether the file is one of our drawings, of this recipe or another.

    Reads the first bytes only.  IOError where there is no such file.
    """
    return first_bytes(path, 6 + len(COMMENT))[6:] == COMMENT.encode('ascii')


def is_drawing_of(path, seed):
    """Whether `path` is this recipe's drawing from `seed`, to its last byte."""
    wanted = segment(seed)
    if not os.path.exists(path) or first_bytes(path, 2 + len(wanted))[2:] != wanted:
        return False
    with open(path, 'rb') as f:
        f.seek(-2, os.SEEK_END)
        return f.read() == b'\xff\xd9'


def test_class(number):
    """0 (cat) or 1 (dog) for test/<number>.jpg: of 1 and 2, of 3 and 4, ... one is a cat.

    A coin for each pair says which: the classes are balanced, in no order, and do not depend on
    the number of pictures.
    """
    pair, second = divmod(number - 1, 2)
    return int(np.random.RandomState(SEED_TEST + pair).randint(2)) ^ second


def plan(train, test):
    """[(name, class, seed)]: which drawing is which file."""
    files = []
    for i in range((train + 1) // 2):
        files.append(('train/cat.%d.jpg' % i, 0, SEED_TRAIN + 2 * i))
        if 2 * i + 1 < train:
            files.append(('train/dog.%d.jpg' % i, 1, SEED_TRAIN + 2 * i + 1))
    for n in range(1, test + 1):
        files.append(('test/%d.jpg' % n, test_class(n), SEED_TEST + n))
    return files


def write(train, test, report=None):
    """Draws train/ and test/ and writes both lists, in the current folder.

    train: pictures in train/, at least 2; when odd, one more cat than dogs.  test: pictures in
    test/, at least 1.  report: called with one line of text at the start and at the end.  Returns
    the counts {'drawn', 'kept', 'removed'}.  Raises WrongUsage, and BadInput naming a file that
    is not drawn: such a file is never touched.

    What is there already is kept, so a second call draws nothing, a call after an interruption
    draws the rest, and other counts draw or remove the difference.
    """
    if train < 2 or test < 1:
        raise WrongUsage('the demo needs at least 2 training and 1 test pictures, not %d '
                         'and %d' % (train, test))
    say = report or (lambda line: None)
    files = plan(train, test)
    known = read_manifest()
    if is_complete(files, known):
        say('pictures: %d for training and %d for testing are drawn already' % (train, test))
        return {'drawn': 0, 'kept': len(files), 'removed': 0}
    start = time.time()
    surplus = check_folder(files, known)
    for name in surplus:
        os.remove(name)
    missing = [f for f in files if not is_drawing_of(f[0], f[2]) or
               known.get(f[0], {}).get('bytes', os.path.getsize(f[0])) != os.path.getsize(f[0])]
    if missing:
        say('drawing %d pictures (%d are there)' % (len(missing), len(files) - len(missing)))
    hashes = dict(draw_files(missing, 'drawing'))
    table = {}
    for name, _, _ in files:
        table[name] = {'bytes': os.path.getsize(name), 'sha256': hashes.get(name) or
                       known.get(name, {}).get('sha256') or sha256(name)}
    for name, text in lists(test).items():
        with replacing(name) as temporary:
            with open(temporary, 'wb') as f:
                f.write(text)
    make_hidden()
    write_json(MANIFEST, {'recipe': RECIPE, 'train': train, 'test': test, 'files': table})
    if missing:
        say('drew %d pictures in %.0f s' % (len(missing), time.time() - start))
    return {'drawn': len(missing), 'kept': len(files) - len(missing), 'removed': len(surplus)}


def lists(test):
    """{name: bytes} of Kaggle's sample submission and of the truth beside it."""
    rows = ['%d,0.5' % n for n in range(1, test + 1)]
    truth = ['%d,%d' % (n, test_class(n)) for n in range(1, test + 1)]
    return {SUBMISSION: '\n'.join(['id,label'] + rows + ['']).encode('ascii'),
            TRUTH: '\n'.join(['id,label'] + truth + ['']).encode('ascii')}


def read_manifest():
    """{name: {'bytes', 'sha256'}} of the last complete call; {} where none had this recipe."""
    if not os.path.exists(MANIFEST):
        return {}
    try:
        manifest = read_json(MANIFEST)
    except BadInput:        # it only saves time: without it the files are read
        return {}
    return manifest['files'] if manifest.get('recipe') == RECIPE else {}


def listing(folder):
    """The pictures in train/ or test/, with the folder before their names."""
    if not os.path.isdir(folder):
        return []
    return ['%s/%s' % (folder, n) for n in os.listdir(folder) if is_picture(n)]


def is_complete(files, known):
    """Whether exactly these files are there, by names and sizes."""
    names = set(f[0] for f in files)
    if set(known) != names or set(listing('train') + listing('test')) != names:
        return False
    if any(os.path.getsize(n) != known[n]['bytes'] for n in names):
        return False
    for name, text in lists(sum(n.startswith('test/') for n in names)).items():
        if not os.path.exists(name) or first_bytes(name, len(text) + 1) != text:
            return False
    return True


def check_folder(files, known):
    """Makes train/ and test/; returns the surplus drawings.

    Raises BadInput for a file that is not drawn.
    """
    for folder in ('train', 'test'):
        if not os.path.isdir(folder):
            os.mkdir(folder)
    present = listing('train') + listing('test')
    for name in sorted(present):
        # an empty file is what a power cut leaves of a drawing
        if not os.path.isfile(name) or os.path.getsize(name) and not is_drawn(name):
            raise BadInput('%s is not a drawing: drawn pictures are not mixed with others, '
                           'name another folder with --work' % name)
    if os.path.exists(SUBMISSION) and not known and not os.path.exists(TRUTH) and not present:
        raise BadInput('%s belongs to other pictures: name another folder with --work'
                       % SUBMISSION)
    return sorted(set(present) - set(f[0] for f in files))


def draw_files(files, label):
    """Draws each (name, class, seed) to its file, on all cores; returns [(name, sha256)].

    The list is in any order; the number of processes changes nothing in the files.
    """
    done = []
    if not files:
        return done
    with Progress(label, len(files)) as bar, processes.workers(len(files)) as mapped:
        for result in mapped(draw_file, files):
            done.append(result)
            bar.add(1)
    return done


def draw_file(task):
    """Draws one (name, class, seed); returns (name, sha256)."""
    name, cls, seed = task
    jpeg = encode(cls, seed)
    with replacing(name) as temporary:
        with open(temporary, 'wb') as f:
            f.write(jpeg)
    return name, hashlib.sha256(jpeg).hexdigest()
