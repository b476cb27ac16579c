# -*- coding: utf-8 -*-
"""Processes of our own: nothing of a work folder runs in them, and none is indispensable."""
from __future__ import print_function

import errno
import os
import threading

import pytest

from repro.system import processes

# What is imported by Python as it starts, by its -m, by our steps, and by what they use.
MODULES = ('sitecustomize', 'usercustomize', 'runpy', 'pkgutil', 'os', 'argparse', 'json', 'csv',
           'struct', 'tempfile', 'random', 'numpy', 'h5py', 'PIL', 'keras', 'tensorflow',
           'pandas', 'matplotlib', 'jinja2', 'repro')


@pytest.fixture
def trap(tmpdir):
    """A folder where each of these modules notes in `sprung` that it was imported."""
    folder, sprung = tmpdir.mkdir('work'), tmpdir.join('sprung')
    for name in MODULES:
        text = 'open(%r, "a").write("%s ")\n' % (str(sprung), name)
        folder.join(name + '.py').write(text)
        folder.join(name, '__init__.py').write(text, ensure=True)
    return folder, lambda: sprung.read() if sprung.check() else ''


def test_a_work_folder_full_of_modules(run, trap):
    folder, sprung = trap
    demo = ['demo', '--networks', 'ResNet50', '--train', '2', '--test', '1', '--work', folder]
    for arguments, status in (
            (demo, 0), (['verify', '--work', folder], 0), (['report', '--work', folder], 0),
            (['exec', '--work', folder, 'python', '-m', 'repro', 'submit', '--networks',
              'ResNet50'], 0),
            (['submit', '--yes', '--work', folder], 4), (['verify', '--article'], 0)):
        result = run(*arguments, cwd=folder, REPRO_NO_REPORT=None)
        assert result.status == status, result.both
        assert sprung() == '', ' '.join(map(str, arguments))
    # exec keeps Python's own rule: what a user starts finds the modules beside it
    assert run('exec', '--work', folder, 'python', '-c', 'import csv').status == 0
    assert sprung() == 'csv '


def test_the_processes_that_decode(run, trap):
    folder, sprung = trap
    folder.join('slots').write('')
    result = run('exec', '--work', folder, 'python', '-c', 'import sys; del sys.path[0]\n'
                 'from repro.engines import pixels\n'
                 'decoder = pixels.decoder("slots", (8, 8))\n'
                 'print(decoder.communicate(\'[0, 0, ["nowhere"]]\\n\')[0])\n')
    assert result.out.startswith('[0, "nowhere: '), result.both
    assert sprung() == ''


@pytest.mark.parametrize('error', [
    OSError(errno.EROFS, 'Read-only file system'), OSError(errno.ENOSPC, 'No space left'),
    OSError(errno.EAGAIN, 'Resource temporarily unavailable'), OSError(errno.EACCES, 'no'),
    threading.ThreadError("can't start new thread"), ImportError('no semaphores')])
def test_without_processes_this_one_works(monkeypatch, error):
    """A /dev/shm that is read-only or full, a limit of processes."""
    def refuse(*_):
        raise error
    monkeypatch.setattr(processes.multiprocessing, 'Pool', refuse)
    monkeypatch.setattr(processes, 'cores', lambda: 4)
    with processes.workers(3) as mapped:
        assert list(mapped(os.path.basename, ['a/b', 'c', 'd'])) == ['b', 'c', 'd']
