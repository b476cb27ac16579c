# -*- coding: utf-8 -*-
"""数据预处理 (data preprocessing): train/, test/ → train2/cat, train2/dog, test2/test.

The article: "our files are named type.num.jpg, such as cat.0.jpg, but Keras's
ImageDataGenerator needs the classes in different folders ... we create symbolic links".
The links are relative, as the article's are, and are rebuilt on each run.

Departures from the listing: its `rmrf_mkdir` deletes any file or folder of that name; this one
first makes sure that it holds links only.
"""
from __future__ import print_function

import errno
import os
import shutil
import time

from repro.console.progress import say
from repro.failures import BadInput, OtherInputs
from repro.inputs import data
from repro.work import record
from repro.work.folder import HIDDEN, make_hidden, temporary_name


def check_file_system():
    """BadInput where the work folder's file system has no symbolic links (exFAT, vboxsf, SMB).

    A run checks this before its first hour.  Which error it gets depends on the file system.
    """
    make_hidden()
    probe = temporary_name(os.path.join(HIDDEN, 'link'))
    try:
        os.symlink('nowhere', probe)
    except OSError as e:
        if e.errno in (errno.ENOSPC, errno.EDQUOT, errno.EEXIST):
            raise
        raise BadInput('the file system of this work folder (%s) has no symbolic links, and the '
                       'article makes one for each picture: name a folder on another with --work, '
                       'such as /var/tmp/dogs' % os.getcwd())
    os.remove(probe)


def rmrf_mkdir(dirname):
    """Remakes a folder of links, empty; BadInput when it holds anything but folders and links."""
    if os.path.lexists(dirname):
        for path in walk_files(dirname):
            if not os.path.islink(path):
                raise BadInput('%s is not a link but a file of yours, so %s is not deleted: '
                               'move it away' % (path, dirname))
        if os.path.islink(dirname):
            os.remove(dirname)
        else:
            shutil.rmtree(dirname)
    os.mkdir(dirname)


def walk_files(dirname):
    """The paths below dirname, or dirname itself, that are not folders; links are not followed."""
    if os.path.islink(dirname) or not os.path.isdir(dirname):
        yield dirname
        return
    for root, folders, files in os.walk(dirname):
        for name in files + [f for f in folders if os.path.islink(os.path.join(root, f))]:
            yield os.path.join(root, name)


def link():
    """The article's links; returns how many cats and dogs there are."""
    check_file_system()
    train_filenames = data.names('train')
    train_cat = [x for x in train_filenames if x[:3] == 'cat']
    train_dog = [x for x in train_filenames if x[:3] == 'dog']

    rmrf_mkdir('train2')
    os.mkdir('train2/cat')
    os.mkdir('train2/dog')

    rmrf_mkdir('test2')
    os.symlink('../test/', 'test2/test')

    for filename in train_cat:
        os.symlink('../../train/' + filename, 'train2/cat/' + filename)

    for filename in train_dog:
        os.symlink('../../train/' + filename, 'train2/dog/' + filename)

    return len(train_cat), len(train_dog)


def check():
    """OtherInputs unless train2/ and test2/, which Keras reads, are train/ and test/.

    train/ and test/ are checked, and recorded as the source of the features.
    """
    wanted = {'train2': ['cat', 'dog'], 'test2': ['test']}
    for folder, classes in wanted.items():
        if not os.path.isdir(folder) or folders_in(folder) != classes:
            raise OtherInputs('%s/ is missing, or holds other folders than %s: run the step links '
                              'again' % (folder, ' and '.join(classes)))
    train = data.names('train')
    pairs = [('test2/test', 'test')]
    for animal in ('cat', 'dog'):
        names = [x for x in train if x[:3] == animal]
        if data.names('train2/' + animal) != names:
            raise OtherInputs('train2/%s/ holds other pictures than train/: run the step links '
                              'again' % animal)
        pairs += [('train2/%s/%s' % (animal, x), 'train/' + x) for x in names]
    for path, source in pairs:
        if not (os.path.exists(path) and os.path.samefile(path, source)):
            raise OtherInputs('%s is not %s: move %s/ away and run the step links again'
                              % (path, source, path.split('/')[0]))


def folders_in(folder):
    """The names of the folders in a folder, links to folders among them, sorted."""
    return sorted(n for n in os.listdir(folder) if os.path.isdir(os.path.join(folder, n)))


def main(pictures):
    """pictures: what data.check() returned."""
    start = time.time()
    cats, dogs = link()
    say('links: train2/cat %d, train2/dog %d, test2/test %d' % (cats, dogs, pictures['test']))
    for line in data.distance(pictures):
        say('links: ' + line)
    record.append('links', time.time() - start, cats=cats, dogs=dogs, test=pictures['test'],
                  data=pictures['kind'])
