# -*- coding: utf-8 -*-
"""The file order is the author's on every file system, and the raw one when asked for."""
from __future__ import print_function

import os
import shutil
import tempfile

import pytest

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


def test_the_two_file_systems_do_list_differently(run, tmpdir):
    if not os.access('/dev/shm', os.W_OK):
        pytest.skip('no /dev/shm to write to')
    memory = tempfile.mkdtemp(dir='/dev/shm')
    try:
        raw = [listed(run, f, '--order', 'filesystem')[0] for f in (str(tmpdir), memory)]
    finally:
        shutil.rmtree(memory)
    if raw[0] == raw[1]:
        pytest.skip('both file systems list alike here')
    assert sorted(raw[0]) == sorted(raw[1])


def test_the_order_is_said_once_in_the_output(demo):
    said = [line for line in demo[1].out.splitlines() if 'order' in line and 'gap:' in line]
    assert len(said) == 1 and 'sorted' in said[0] and 'author' in said[0]
