# -*- coding: utf-8 -*-
"""The file order is the author's on every file system, and the raw one when asked for.

The weights that Keras downloads: test_fetching.py and the faults table; GPU memory:
test_environment.py.
"""
from __future__ import print_function

import os
import shutil
import tempfile
import types

import pytest

from repro import keras_seams

SCRIPT = ('from keras.preprocessing.image import *\n'
          'g = ImageDataGenerator().flow_from_directory("train2", (8, 8), shuffle=False)\n'
          'open("names", "w").write(" ".join(g.filenames))\n')
NUMBERS = (1, 10, 100, 1000, 10000, 10001, 2, 20, 3, 30, 300, 3000)


def listed(run, folder, *options):
    os.makedirs(os.path.join(folder, 'train2', 'cat'))
    for i in reversed(NUMBERS):
        open(os.path.join(folder, 'train2', 'cat', 'cat.%d.jpg' % i), 'w').close()
    result = run('exec', '--work', folder, *(list(options) + ['python', '-c', SCRIPT]))
    assert result.status == 0, result.both
    with open(os.path.join(folder, 'names')) as f:
        return f.read().split(), ['cat/' + n for n in os.listdir(
            os.path.join(folder, 'train2', 'cat'))]


@pytest.fixture(params=['disk', 'memory'])
def folder(request, tmpdir):
    """A folder on the disk, and one in /dev/shm (tmpfs lists names in reverse of creation)."""
    if request.param == 'disk':
        yield str(tmpdir)
        return
    if not os.access('/dev/shm', os.W_OK):
        pytest.skip('no /dev/shm to write to')
    made = tempfile.mkdtemp(dir='/dev/shm')
    yield made
    shutil.rmtree(made)


def test_names_come_sorted_as_strings(run, folder):
    names, raw = listed(run, folder)
    assert names == ['cat/cat.%d.jpg' % i for i in NUMBERS]     # the article's own listing


def test_the_raw_order_when_asked_for(run, folder):
    names, raw = listed(run, folder, '--order', 'filesystem')
    assert names == raw


def test_a_file_system_that_lists_backwards(monkeypatch, tmpdir):
    """Sorted through Keras's own module, raw where that was asked for."""
    for name in ('b', 'a', 'c'):
        tmpdir.join(name).write('')
    walk, listdir = os.walk, os.listdir
    monkeypatch.setattr(os, 'walk', lambda top, **options: (
        (root, folders, sorted(files, reverse=True)) for root, folders, files in walk(top)))
    monkeypatch.setattr(os, 'listdir', lambda path: sorted(listdir(path), reverse=True))
    for order, names in (('sorted', ['a', 'b', 'c']), ('filesystem', ['c', 'b', 'a'])):
        monkeypatch.setenv('REPRO_ORDER', order)
        image = types.ModuleType(str('image'))
        image.os = os
        keras_seams.sort_names(image)
        assert list(image.os.walk(str(tmpdir)))[0][2] == names
        assert image.os.listdir(str(tmpdir)) == names
        assert image.os.path is os.path


def test_the_order_is_said_once_in_the_output(demo):
    said = [line for line in demo[1].out.splitlines() if 'order' in line and 'gap:' in line]
    assert len(said) == 1 and 'sorted' in said[0] and 'author' in said[0]
