# -*- coding: utf-8 -*-
"""The pictures: train/cat.N.jpg, train/dog.N.jpg, test/N.jpg, sample_submission.csv.

Kaggle's "Dogs vs. Cats Redux" has 25,000 and 12,500 of them.  Any number runs, and the output
says how far it is from the article's.  A bad name or file is named here, before hours of
extraction.
"""
from __future__ import print_function

import codecs
import csv
import hashlib
import os
import re
import warnings

from PIL import Image

from repro.console.progress import Progress
from repro.failures import BadInput, OtherInputs
from repro.standin.pictures import is_drawn
from repro.work import listing, record
from repro.work.folder import absence, discard, sha256

TRAIN, TEST = 25000, 12500      # the article, 猫狗大战 (the competition)
# Pictures that Keras would leave out in silence (repro/work/listing.py)
SKIPPED = ('.gif', '.tif', '.tiff', '.webp', '.jp2', '.heic', '.ppm', '.jfif', '.jpe')
# The listing compares x[:3] == 'cat' as it stands, so Cat.0.jpg would silently be left out.
TRAIN_NAME = re.compile(r'^(cat|dog)\.(\d+)\.[a-zA-Z]+$')
TEST_NAME = re.compile(r'^(\d+)\.[a-zA-Z]+$')
# Pixels: above MOST, Pillow 4.0.0 itself warns of a bomb; on a side below LEAST nothing is seen.
MOST, LEAST = Image.MAX_IMAGE_PIXELS, 8


def adopt(folder):
    """Links train, test and sample_submission.csv of `folder` into the work folder.

    The links are relative.  BadInput where the work folder has such a file of its own;
    OtherInputs where it holds a run on another folder's pictures.
    """
    if not os.path.isdir(folder):
        raise BadInput('--data %s is not a folder' % folder)
    for name in ('train', 'test', 'sample_submission.csv'):
        source = os.path.join(folder, name)
        if not os.path.exists(source):
            raise BadInput('%s %s: --data needs a folder with train/, test/ and '
                           'sample_submission.csv' % (source, absence(source)))
        if os.path.exists(name) and os.path.samefile(name, source):
            continue
        if os.path.lexists(name) and not os.path.islink(name):
            raise BadInput('%s is in the work folder already, and is not the one in %s: '
                           'name another folder with --work' % (name, folder))
        if os.path.exists(name) and os.path.exists(record.RUN):
            raise OtherInputs('this work folder holds a run on the pictures of %s: name '
                              'another folder with --work, or remove that run with '
                              './run.sh clean --work DIR' % os.path.dirname(
                                       os.path.realpath(name)))
        discard(name)
        os.symlink(os.path.relpath(os.path.realpath(source), os.path.realpath('.')), name)


def names(folder):
    """The names of the pictures in a folder of the work folder.  Raises BadInput."""
    require(folder, os.path.isdir)
    return listing.names(folder)


def require(name, is_there=os.path.exists):
    """BadInput unless train/, test/ or sample_submission.csv is in the work folder."""
    if is_there(name):
        return
    if os.path.islink(name):
        raise BadInput('%s %s: put it back there, or lead the link to where it is now '
                       '(ln -sfn DIR/%s %s)' % (name, absence(name), name, name))
    if '.' in name:
        raise BadInput('%s is missing in the work folder: it comes with the competition\'s '
                       'data' % name)
    raise BadInput('%s/ is missing in the work folder (%s): ./run.sh data gets the '
                   'competition\'s pictures, or name their folder with --data'
                   % (name, os.getcwd()))


def numbered(count):
    """1.jpg, 10.jpg, 100.jpg, ...: the competition's names of `count` test pictures, sorted."""
    return sorted('%d.jpg' % i for i in range(1, count + 1))


def wanted(folder, train=TRAIN, test=TEST):
    """The competition's names of train/ or test/, as a set."""
    if folder == 'test':
        return set(numbered(test))
    return set('%s.%d.jpg' % (a, i) for a in ('cat', 'dog') for i in range(train // 2))


def check():
    """Checks names and files; returns a dict.  Raises BadInput, naming one file.

    train, test: how many; kind: 'stand-in' when any picture is drawn, 'complete' when the names
    are exactly the competition's 25,000 and 12,500, else 'partial'; odd: {what: [path, ...]} of
    pictures that Keras does not take as they are.
    """
    for folder in ('train', 'test'):
        require(folder, os.path.isdir)
    train, test = names('train'), names('test')
    for name in train:
        if not TRAIN_NAME.match(name):
            raise BadInput('train/%s: not a name like cat.0.jpg or dog.0.jpg; rename it or '
                           'move it away' % name)
    for animal in ('cat', 'dog'):
        if not any(n.startswith(animal) for n in train):
            raise BadInput('train/ holds no %s: pictures named %s.0.jpg, %s.1.jpg, ... are '
                           'missing' % (animal, animal, animal))
    for name in test:
        if not TEST_NAME.match(name):
            raise BadInput('test/%s: not a name like 1.jpg; rename it or move it away' % name)
    if not test:
        raise BadInput('test/ holds no picture: 1.jpg, 2.jpg, ... are missing')
    check_skipped()
    check_submission(test)
    drawn, odd = 0, {}
    paths = ['train/' + n for n in train] + ['test/' + n for n in test]
    with Progress('checking', len(paths)) as progress:
        for path in paths:
            for what in check_picture(path):
                odd.setdefault(what, []).append(path)
            drawn += is_drawn(path)
            progress.add(1)
    return {'train': len(train), 'test': len(test), 'kind': kind(train, test, drawn), 'odd': odd}


def check_skipped():
    """BadInput for pictures that Keras would silently leave out, or take for test pictures."""
    for folder, form in (('train', TRAIN_NAME), ('test', TEST_NAME)):
        for name in sorted(os.listdir(folder)):
            path = folder + '/' + name
            if form.match(name) and name.lower().endswith(SKIPPED):
                raise BadInput('%s: Keras 1.2.2 reads jpg, png and bmp, and would leave it '
                               'out in silence: convert it or move it away' % path)
            if folder == 'test' and not os.path.islink(path) and listing.count(path):
                raise BadInput('%s is a folder, and Keras would take its pictures for more '
                               'of the test set: move it away' % path)


def kind(train, test, drawn):
    """'stand-in', 'complete' or 'partial'; train, test: names; drawn: how many are drawings."""
    if drawn:
        return 'stand-in'
    if set(train) == wanted('train') and set(test) == wanted('test'):
        return 'complete'
    return 'partial'


def check_picture(path):
    """Decodes the whole picture, as Keras's load_img will; returns what is odd about it, in words.

    Keras 1.2.2 reads pictures in a thread and loses its exception: hours later predict_generator
    would fail on a batch that is None, without naming the picture.  Decoding takes 2 ms a picture.
    """
    if not os.path.isfile(path):
        raise BadInput('%s is not a file that can be read: replace it or move it away' % path)
    try:
        # Pillow's own warnings name no picture.
        with open(path, 'rb') as f, warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter('always')
            image = Image.open(f)
            check_form(path, image)
            image.convert('RGB')
            return list(oddities(image)) + list(complaints(warned))
    except (BadInput, MemoryError):
        raise
    except Exception as e:      # Pillow raises IOError, SyntaxError, struct.error, ValueError, ...
        raise BadInput('%s is not a picture that can be decoded (%s): replace it or move it '
                       'away' % (path, re.sub(' <open file .*>', '', str(e))))


def check_form(path, image):
    """BadInput, before decoding, for too many or few pixels, or what Pillow would turn white."""
    width, height = image.size
    if width * height > MOST:
        raise BadInput('%s has %d x %d pixels, over the %d that are taken: make it smaller'
                       % (path, width, height, MOST))
    if min(width, height) < LEAST:
        raise BadInput('%s has %d x %d pixels, too few to show anything: replace it or move '
                       'it away' % (path, width, height))
    if image.mode[0] in 'IF':
        raise BadInput('%s has 16 bits a pixel or more, which Keras\'s load_img clips at 255 '
                       '(it turns white): convert it to 8 bits' % path)


def oddities(image):
    """What Keras silently does to a picture, one phrase each."""
    if image.mode != 'RGB':
        yield '%s, converted to RGB as Keras does' % {
            'L': 'grey', '1': 'black and white', 'P': 'with a palette',
            'RGBA': 'transparent', 'LA': 'transparent'}.get(image.mode, image.mode)
    if is_turned(image):
        yield 'turned by an EXIF note, which Keras does not read: taken as it lies'
    if getattr(image, 'is_animated', False):
        yield 'animated: its first frame is taken'


def complaints(warned):
    """What Pillow warned of, one phrase each, without what differs from picture to picture."""
    for sentence in set(re.split('[.;,\n]', str(w.message))[0] for w in warned
                        if w.category is not Image.DecompressionBombWarning):   # check_form's
        yield 'Pillow warns "%s", and they are taken as it decodes them' % sentence


def is_turned(image):
    """Whether an EXIF note says that the picture is to be turned."""
    try:
        exif = image._getexif() if 'exif' in image.info else None
    except Exception:       # a note that cannot be read turns nothing
        return False
    return bool(exif) and exif.get(0x0112, 1) != 1


def check_submission(test):
    """BadInput unless each test picture N has id N in row N: the article writes by row number.

    test: the pictures' names.  Returns how many rows there are.

    The labels must not all be whole numbers, as in the first competition's file (2013; the
    article's own has 0.5).  pandas makes a column of integers of them, into which the article's
    set_value writes each prediction cut to 0.  The file is refused, not repaired, so that a run
    reads what the article's program read; one command sets the labels to 0.5.
    """
    name = 'sample_submission.csv'
    require(name)
    rows = read_submission(name)
    if not rows or rows[0] != ['id', 'label']:
        raise BadInput('%s: the first line is not id,label: take the competition\'s own'
                       % name)
    for i, row in enumerate(rows[1:], 1):
        if len(row) != 2 or row[0] != str(i):
            raise BadInput('%s: line %d should hold id %d, and holds %s: the article writes '
                           'predictions by row number' % (name, i + 1, i, ','.join(row)))
        if not re.match(r'^[01](\.\d*)?$', row[1]):
            raise BadInput('%s: line %d has %r where a probability should be: take the '
                           'competition\'s own' % (name, i + 1, row[1]))
    if len(rows) > 1 and not any('.' in label for _id, label in rows[1:]):
        raise BadInput('%s: all labels are whole numbers, so pandas would cut each prediction '
                       'to 0: make them 0.5 with sed -i \'s/,[01]/,0.5/\' %s' % (name, name))
    ids = sorted(int(TEST_NAME.match(n).group(1)) for n in test)
    for i, j in zip(ids, ids[1:]):
        if i == j:
            raise BadInput('test/ holds two pictures with number %d' % i)
    if ids[0] < 1 or ids[-1] > len(rows) - 1:
        odd = ids[0] if ids[0] < 1 else ids[-1]
        raise BadInput('%s: test/%d has no row (the file has %d ids)'
                       % (name, odd, len(rows) - 1))
    return len(rows) - 1


def read_submission(name):
    """The file's rows.  A byte order mark is skipped, as pandas does.  Raises BadInput."""
    try:
        with open(name, 'rb') as f:
            text = f.read()
        if text.startswith(codecs.BOM_UTF8):
            text = text[len(codecs.BOM_UTF8):]
        return list(csv.reader(text.splitlines()))
    except (IOError, csv.Error) as e:
        raise BadInput('%s cannot be read (%s): take the competition\'s own'
                       % (name, getattr(e, 'strerror', None) or e))


def fingerprint():
    """A sha256 over the names and contents of all pictures: which set a features file is from.

    Contents, not times: a copied folder holds the same set; a folder with one picture replaced by
    another of the same size does not.  All of Kaggle's pictures take 5 s the first time and 0.3 s
    after that: within a process a file is read again only if its times, size or inode changed.
    """
    digest = hashlib.sha256()
    for folder in ('train', 'test'):
        for name in names(folder):
            path = folder + '/' + name
            digest.update('%s %s\n' % (path, content(path)))
    return digest.hexdigest()


CONTENTS = {}       # path: (inode, size and times, sha256)


def content(path):
    """The sha256 of a picture's bytes, computed once for as long as the file is not changed."""
    s = os.stat(path)
    stat = s.st_ino, s.st_size, s.st_mtime, s.st_ctime
    if CONTENTS.get(path, (None,))[0] != stat:
        CONTENTS[path] = stat, sha256(path)
    return CONTENTS[path][1]


def distance(pictures):
    """Lines that say what these pictures are, and how far from the article's.

    pictures: what check() returned.
    """
    for what, paths in sorted(pictures['odd'].items()):
        yield '%d of the pictures (%s%s): %s' % (
            len(paths), paths[0], ', ...' if len(paths) > 1 else '', what)
    if pictures['kind'] == 'stand-in':
        yield 'the pictures are stand-ins: drawn by this program, not photographs'
    elif pictures['kind'] == 'complete':
        yield 'the names are exactly the competition\'s 25,000 and 12,500'
        return
    yield '%d of the article\'s 25,000 training pictures, %d of its 12,500 test pictures' % (
        pictures['train'], pictures['test'])
