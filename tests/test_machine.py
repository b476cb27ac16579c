# -*- coding: utf-8 -*-
"""What the machine must have, and errors of the operating system in words."""
from __future__ import print_function

import errno
import os
import subprocess
import sys
import threading

import pytest

from repro.system import cgroups, machine, processes
from conftest import needs_other_users, ROOT
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


MOUNTS = '30 1 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup2 rw,nsdelegate\n'
MOUNTS_1 = ('31 30 0:27 / /cg/memory rw - cgroup cgroup rw,memory\n'
            '32 30 0:28 /docker/a /cg/pids rw - cgroup cgroup rw,pids\n'
            '33 30 0:29 / /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n')
JOB = '/sys/fs/cgroup/slurm/job_7/'


def pretend(monkeypatch, files):
    """The program reads these files of the machine, and no others."""
    for module in (machine, cgroups):
        monkeypatch.setattr(module, 'text', lambda name: files.get(name, ''))


@pytest.mark.parametrize('files, limit', [
    ({}, 2048000000),
    ({'/sys/fs/cgroup/memory.max': '1000\n'}, 1000),
    ({'/sys/fs/cgroup/memory.max': 'max\n'}, 2048000000),
    # a batch job's: its own group has none, the one above it has
    ({JOB + 'step_0/memory.max': 'max\n', JOB + 'memory.max': '3000\n'}, 3000),
    ({JOB + 'step_0/memory.max': '2000\n', JOB + 'memory.max': '3000\n'}, 2000),
    # of another job, below the same root
    ({'/sys/fs/cgroup/slurm/job_8/memory.max': '5\n'}, 2048000000)])
def test_the_smallest_limit_of_memory_counts(monkeypatch, files, limit):
    pretend(monkeypatch, dict(files, **{
        '/proc/meminfo': 'MemTotal: 9 kB\nMemAvailable:    2000000 kB\n',
        '/proc/self/cgroup': '0::/slurm/job_7/step_0\n', '/proc/self/mountinfo': MOUNTS}))
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
def test_errors_that_a_user_can_mend_are_explained(monkeypatch, tmpdir, error, words):
    monkeypatch.chdir(tmpdir)      # a work folder that can be written, as an image's own is not
    failure = machine.explain(error)
    assert words in str(failure) and failure.status == 4
    is_elsewhere = (getattr(error, 'filename', None) or '').startswith('/')
    assert not (is_elsewhere and ('--work' in str(failure) or 'work folder' in str(failure)))


def test_a_failure_is_its_own_explanation_and_a_bug_has_none():
    failure = BadInput('x')
    assert machine.explain(failure) is failure
    assert machine.explain(RuntimeError('a bug')) is None
    assert machine.explain(OSError(errno.EISDIR, 'without a name')) is None


def test_groups_of_version_1(monkeypatch):
    pretend(monkeypatch, {
        '/proc/self/mountinfo': MOUNTS_1,
        '/proc/self/cgroup': '9:memory:/a/b\n8:pids:/docker/a/c\n7:cpu,cpuacct:/x\n0::/\n',
        '/cg/memory/a/memory.limit_in_bytes': '4000\n',
        '/cg/memory/memory.limit_in_bytes': '9223372036854771712\n',
        '/cg/pids/c/pids.max': 'max\n', '/cg/pids/c/pids.current': '3\n',
        '/cg/pids/pids.max': '20\n', '/cg/pids/pids.current': '15\n',
        '/cg/cpu/x/cpu.cfs_quota_us': '150000\n', '/cg/cpu/x/cpu.cfs_period_us': '100000\n',
        '/cg/cpu/cpu.cfs_quota_us': '-1\n', '/cg/cpu/cpu.cfs_period_us': '100000\n'})
    assert sorted(cgroups.memory()) == [4000, 9223372036854771712]
    assert cgroups.processes() == [5]
    assert cgroups.cores() == [2]


def test_a_quota_of_time_is_a_number_of_cores(monkeypatch):
    files = {'/proc/self/mountinfo': MOUNTS, '/proc/self/cgroup': '0::/\n'}
    pretend(monkeypatch, files)
    every = processes.cores()
    for quota, cores in (('max 100000', every), ('50000 100000', 1), ('100000 100000', 1),
                         ('99900000 100000', every)):
        files['/sys/fs/cgroup/cpu.max'] = quota + '\n'
        assert processes.cores() == cores


def test_too_few_threads_are_named_before_the_first_hour(monkeypatch):
    monkeypatch.setattr(machine, 'free_threads', lambda: 5)
    monkeypatch.setattr(processes, 'cores', lambda: 2)
    with pytest.raises(BadInput) as e:
        machine.check_memory(1)
    assert str(e.value) == ('10 processes and threads are needed and 5 may be started: raise the '
                            'limit (ulimit -u, or the job\'s or container\'s: --pids)')


@pytest.mark.parametrize('free, setting', [(machine.MEMORY_KEPT - 1, None),
                                           (machine.MEMORY_KEPT, machine.KEPT)])
def test_memory_is_kept_between_batches_where_there_is_enough(monkeypatch, free, setting):
    monkeypatch.delenv('JEMALLOC_MALLOC_CONF', raising=False)
    monkeypatch.setattr(machine, 'free_memory', lambda: free)
    machine.keep_memory(0)
    assert os.environ.get('JEMALLOC_MALLOC_CONF') == setting
    monkeypatch.setenv('JEMALLOC_MALLOC_CONF', 'mine')
    machine.keep_memory(0)
    assert os.environ['JEMALLOC_MALLOC_CONF'] == 'mine'


def test_a_thread_that_cannot_be_started_is_a_line():
    failure = machine.explain(threading.ThreadError('can\'t start new thread'))
    assert failure.status == 4
    assert 'may be started (can\'t start new thread): raise' in str(failure)
    failure = machine.explain(OSError(errno.EAGAIN, 'Resource temporarily unavailable'))
    assert 'may be started (Resource temporarily unavailable)' in str(failure)


@needs_other_users
def test_a_users_own_limit_counts(script_as_nobody):
    assert int(script_as_nobody('print machine.threads_of(65534)')) >= 1
    assert int(script_as_nobody(
        'machine.resource.setrlimit(machine.resource.RLIMIT_NPROC, (7, 7))\n'
        'print machine.free_threads()')) < 7


@pytest.fixture
def script_as_nobody():
    """script_as_nobody(text): what Python prints as uid 65534."""
    def run(text):
        return subprocess.check_output(
            [sys.executable, '-c',
             'import os; from repro.system import machine; os.setuid(65534)\n' + text],
            env=dict(os.environ, PYTHONPATH=ROOT))
    return run
