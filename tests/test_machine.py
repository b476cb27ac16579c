# -*- coding: utf-8 -*-
"""What the machine must have, and errors of the operating system in words."""
from __future__ import print_function

import errno

import pytest

from repro import machine
from repro.failures import BadInput


def test_memory_and_disk_are_enough_or_named(monkeypatch):
    monkeypatch.setattr(machine, 'free_memory', lambda: 2 * 10**9)
    machine.check_memory(37500)
    monkeypatch.setattr(machine, 'free_memory', lambda: 15 * 10**8)
    machine.check_memory(160)
    with pytest.raises(BadInput) as e:
        machine.check_memory(37500)
    assert 'need 1707 MB of memory and may have 1500' in str(e.value)
    monkeypatch.setattr(machine, 'free_bytes', lambda: 10**9)
    machine.check_space(10**9, 'the features need %d MB')
    with pytest.raises(BadInput) as e:
        machine.check_space(10**9 + 1, 'the features need %d MB')
    assert str(e.value).startswith('the features need 1001 MB and 1000 MB are free')


@pytest.mark.parametrize('files, limit', [
    ({'/proc/meminfo': 'MemTotal: 9 kB\nMemAvailable:    2000000 kB\n'}, 2048000000),
    ({'/proc/meminfo': 'MemAvailable: 2000000 kB\n', '/sys/fs/cgroup/memory.max': '1000\n'}, 1000),
    ({'/proc/meminfo': 'MemAvailable: 2000000 kB\n', '/sys/fs/cgroup/memory.max': 'max\n'},
     2048000000),
    ({'/sys/fs/cgroup/memory/memory.limit_in_bytes': '5000\n'}, 5000)])
def test_the_smallest_limit_of_memory_counts(monkeypatch, files, limit):
    monkeypatch.setattr(machine, 'text', lambda name: files.get(name, ''))
    monkeypatch.setattr(machine.resource, 'getrlimit',
                        lambda which: (machine.resource.RLIM_INFINITY,) * 2)
    assert machine.free_memory() == limit
    monkeypatch.setattr(machine.resource, 'getrlimit', lambda which: (machine.ADDRESSES + 7, 0))
    assert machine.free_memory() == 7


@pytest.mark.parametrize('error, words', [
    (OSError(errno.ENOSPC, 'No space left on device', 'a'), 'the work folder is full (a)'),
    (IOError('Unable to flush file (No space left on device)'), 'the work folder is full'),
    (RuntimeError('File too large'), 'the work folder is full'),
    (OSError(errno.EROFS, 'Read-only file system', 'a'),
     'no permission (a): make the work folder writable'),
    (OSError(errno.EROFS, 'Read-only file system', '/dev/shm/x'),
     'no permission (/dev/shm/x): make /dev/shm writable'),
    (OSError(errno.ENOSPC, 'No space left on device', '/dev/x'), '/dev is full (/dev/x): '),
    (OSError(errno.EROFS, 'Read-only file system'), 'not for the work folder'),
    (OSError(errno.EISDIR, 'Is a directory', 'a'), 'a cannot be used (Is a directory)'),
    (MemoryError(), 'no memory was left')])
def test_errors_that_a_user_can_mend_are_explained(error, words):
    failure = machine.explain(error)
    assert words in str(failure) and failure.status == 4
    is_elsewhere = (getattr(error, 'filename', None) or '').startswith('/')
    assert not (is_elsewhere and ('--work' in str(failure) or 'work folder' in str(failure)))


def test_a_failure_is_its_own_explanation_and_a_bug_has_none():
    failure = BadInput('x')
    assert machine.explain(failure) is failure
    assert machine.explain(RuntimeError('a bug')) is None
    assert machine.explain(OSError(errno.EISDIR, 'without a name')) is None
