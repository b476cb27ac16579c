# -*- coding: utf-8 -*-
"""The machine's processor, memory and disk: what there is, and whether it is enough."""
from __future__ import division

import errno
import os
import platform
import re
import resource
import threading

from repro.failures import BadInput, Failure
from repro.networks import WIDEST
from repro.system import cgroups, processes
from repro.system.cgroups import text

# Bytes, measured at the peak with batches of 16: Xception takes 1,309 MB (ResNet50 less), in
# 2,836 MB of address space.  The head on all of Kaggle's pictures: 1,600 MB, less than the
# features add.
MEMORY, ADDRESSES = 1400 * 10**6, 1500 * 10**6
# With KEPT, the demo's three networks take 2,480 MB.
MEMORY_KEPT, KEPT = 2800 * 10**6, 'lg_dirty_mult:-1,narenas:1'

# What explain() looks at.
ERRORS = IOError, OSError, RuntimeError, MemoryError, threading.ThreadError


def describe():
    """What run.json says of the machine: {'cpu', 'cores', 'system'}."""
    models = re.findall(r'model name\s*:[ \t]*(.*)', text('/proc/cpuinfo'))
    cores = os.sysconf('SC_NPROCESSORS_ONLN')
    return {'cpu': models[0].strip() if models else '', 'cores': cores,
            'system': platform.platform()}


def free_bytes(folder='.'):
    """How many bytes a folder's disk, by default the work folder's, has left for this user."""
    s = os.statvfs(folder)
    return s.f_bavail * s.f_frsize


def check_space(needed, message):
    """BadInput unless the work folder's disk has room for `needed` bytes.

    message: the first half of what it says, such as 'the features need %d MB'.
    """
    if free_bytes() < needed:
        raise BadInput((message + ' and %d MB are free: make room, or name another folder with '
                        '--work') % (needed // 10**6 + 1, free_bytes() // 10**6))


def free_memory():
    """Bytes that this process may still get: the machine's, a job's or `ulimit -v`'s."""
    limits = [int(word) * 1024 for word in re.findall(r'MemAvailable: *(\d+)',
                                                      text('/proc/meminfo'))]
    limits += cgroups.memory()
    addresses = resource.getrlimit(resource.RLIMIT_AS)[0]
    if addresses != resource.RLIM_INFINITY:
        limits.append(max(addresses - ADDRESSES, 0))
    return min(limits or [1 << 62])


def check_memory(pictures):
    """BadInput where TensorFlow would abort, or the kernel would kill it, for lack of memory.

    It may take MEMORY, and one network's float32 features of so many pictures.
    """
    check_threads()
    needed = MEMORY + 4 * pictures * WIDEST
    if free_memory() < needed:
        raise BadInput('the networks need %d MB of memory and may have %d: end other programs, or '
                       'raise the limit (the container\'s, or ulimit -v)'
                       % (needed // 10**6, free_memory() // 10**6))


def check_threads():
    """BadInput where TensorFlow would abort because it can't start its threads.

    It starts one for each core in each of three pools; Keras starts some for its queues.
    """
    needed, allowed = 4 + 3 * processes.cores(), free_threads()
    if allowed < needed:
        raise BadInput(TOO_FEW % ('%d processes and threads are needed and %d may be started'
                                  % (needed, allowed)))


def keep_memory(pictures):
    """Has TensorFlow keep its memory between batches, where there is enough of it.

    Its jemalloc gives memory back after each batch only to fetch it again, which on a virtual
    machine was a quarter to a third of an extraction's time (68.7 s against 50.8 for Xception on
    80 pictures).  It changes no value.  TensorFlow reads the variable when it is loaded.
    """
    if free_memory() >= MEMORY_KEPT + 4 * pictures * WIDEST:
        os.environ.setdefault('JEMALLOC_MALLOC_CONF', KEPT)


TOO_FEW = '%s: raise the limit (ulimit -u, or the job\'s or container\'s: --pids)'


def free_threads():
    """How many more processes and threads this process may start, as far as can be known."""
    limits = cgroups.processes()
    soft = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    if soft != resource.RLIM_INFINITY and os.getuid() != 0:     # it does not hold for root
        limits.append(soft - threads_of(os.getuid()))
    return min(limits or [1 << 22])


def threads_of(user):
    """How many threads a user has in all."""
    count = 0
    for name in os.listdir('/proc'):
        status = text('/proc/%s/status' % name) if name.isdigit() else ''
        if re.search(r'^Uid:\t%d\b' % user, status, re.M):
            count += int(re.search(r'^Threads:\t(\d+)', status, re.M).group(1))
    return count


def explain(error):
    """A Failure as it is, or one for a system error that a user can mend; else None.

    h5py 2.6 loses errno: its message alone tells that the disk is full.
    """
    if isinstance(error, Failure):
        return error
    if isinstance(error, MemoryError):
        return BadInput('no memory was left: %d MB may be had; end other programs, or '
                        'raise the limit' % (free_memory() // 10**6))
    code = getattr(error, 'errno', None)
    message = str(error).lower()
    if isinstance(error, threading.ThreadError) or code == errno.EAGAIN:
        return BadInput(TOO_FEW % ('no more processes or threads may be started (%s)'
                                   % (error.strerror if code else error)))
    name = as_bytes(getattr(error, 'filename', None))
    where = ' (%s)' % name if name else ''
    folder, path, instead = place(name)
    if code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or 'no space left' in message \
            or 'file too large' in message:
        return BadInput('%s is full%s: %d MB are free; make room%s'
                        % (folder, where, free_bytes(path) // 10**6, instead))
    if code in (errno.EROFS, errno.EACCES, errno.EPERM):
        if not name and os.access('.', os.W_OK):
            return BadInput('no permission (%s), and the system does not say for what: not for '
                            'the work folder, which can be written' % error.strerror)
        return BadInput('no permission%s: make %s writable%s' % (where, folder, instead))
    if code and name:
        return BadInput('%s cannot be used (%s): move it away%s' % (name, error.strerror, instead))
    return None


def as_bytes(name):
    """A file's name as bytes, as Python 2 has paths, so that a message can hold both."""
    return name.encode('utf-8') if isinstance(name, type(u'')) else name


def place(name):
    """How a message names the folder of a file, its path, and what else may be done.

    name: None where the system does not tell it; the file then counts as in the work folder.
    """
    work = os.path.join(os.getcwd(), '')
    folder = os.path.dirname(os.path.join(work, name)) if name else work
    if os.path.join(folder, '').startswith(work):
        return 'the work folder', '.', ', or name another folder with --work'
    return folder, folder, ''
