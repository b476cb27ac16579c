# -*- coding: utf-8 -*-
"""The work folder: its lock, files that are replaced as a whole, and what a killed run leaves.

The program's current directory is the work folder.  No absolute path is ever written into it, so
a folder made by one runtime can be read by every other.  Unfinished files lie in .repro/.
"""
from __future__ import division, print_function

import contextlib
import errno
import fcntl
import hashlib
import io
import json
import os
import sys

from repro.failures import BadInput, InUse

HIDDEN = '.repro'
LOCK = os.path.join(HIDDEN, 'lock')
BUSY = errno.EAGAIN, errno.EACCES


def enter():
    """Prepares this process for any verb in this work folder.  BadInput if its path is not UTF-8.

    matplotlib, which pandas imports, needs the path as text.
    """
    os.environ['REPRO_WORK'] = os.getcwd()
    try:
        os.getcwd().decode('utf-8')
    except UnicodeDecodeError:
        raise BadInput('the work folder\'s path is not UTF-8 (%s): rename it, or name another '
                       'folder with --work' % os.getcwd().decode('utf-8', 'replace'))
    try:
        os.getcwdu()
    except UnicodeDecodeError:      # the locale is not UTF-8: CentOS 7 has no C.UTF-8
        os.getcwdu = lambda: u'.'


def make_hidden(folder='.'):
    """Makes .repro/ in the folder unless it is there; returns its path."""
    hidden = os.path.normpath(os.path.join(folder, HIDDEN))
    if not os.path.isdir(hidden):
        os.mkdir(hidden)
    return hidden


def temporary_name(name):
    """A hidden name beside `name`, of this process alone; sweep() removes files of such names."""
    folder, base = os.path.split(name)
    return os.path.join(folder, '.%s.%d.part' % (base, os.getpid()))


@contextlib.contextmanager
def replacing(name, room=0):
    """Yields a temporary name in the same folder; renamed to `name` when the block succeeds.

    room: bytes that must fit before the block begins.  HDF5 needs this: when the disk fills up
    while it writes, it can neither flush nor close, and crashes when the program ends.
    The file is fsync'd before the rename, and the folder after it, so that after a power cut
    `name` is either the old file or the whole new one.  On any exception the temporary file is
    removed and `name` is left as it was.  Written by hand, since HDF5 needs a name where
    atomicwrites gives an open file.
    """
    temporary = temporary_name(name)
    discard(temporary)
    try:
        make_room(temporary, room)
        yield temporary
        settle(temporary, name)
    except BaseException:
        discard(temporary)
        raise


def settle(temporary, name):
    """Renames a whole file to `name`; both the file and its new name are on the disk then."""
    flush_at(temporary)
    os.rename(temporary, name)
    flush_at(os.path.dirname(name) or '.')


def flush(handle):
    """fsync, if there is one: network file systems may have none, above all for folders."""
    try:
        os.fsync(handle)
    except OSError as e:
        if e.errno not in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
            raise


def flush_at(path, how=flush):
    """Puts a file or a folder on the disk; how: a function of its open handle."""
    handle = os.open(path, os.O_RDONLY)
    try:
        how(handle)
    finally:
        os.close(handle)


def make_room(name, room):
    """Writes `room` zeros to a file and removes it, so that a full disk fails here, with errno."""
    if room:
        with open(name, 'wb') as f:
            for offset in range(0, room, 1 << 20):
                f.write(b'\0' * min(1 << 20, room - offset))
            f.flush()
            flush(f.fileno())
        os.remove(name)


def absence(path):
    """Why a path cannot be opened, in words, for a message."""
    try:
        os.stat(path)
    except OSError as e:
        if os.path.islink(path):
            return 'is a link that leads nowhere (to %s)' % os.readlink(path)
        if e.errno not in (errno.ENOENT, errno.ENOTDIR):
            return 'cannot be looked at (%s)' % e.strerror
    return 'is missing'


def discard(name):
    """Removes the file if it is there."""
    try:
        os.remove(name)
    except OSError as e:
        if e.errno != errno.ENOENT:
            raise


def sweep():
    """Removes the temporary files that a killed run left beside the files they were meant for."""
    for folder in ('.', HIDDEN, 'weights', 'train', 'test'):
        if os.path.isdir(folder) and not os.path.islink(folder):
            for name in os.listdir(folder):
                if name.startswith('.') and name.endswith('.part'):
                    os.remove(os.path.join(folder, name))


@contextlib.contextmanager
def locked():
    """Holds the folder's lock: a second run in the same folder is refused, not mixed in.

    The kernel drops an flock with its process, so a killed run leaves no stale lock.
    """
    make_hidden()
    with open(LOCK, 'w') as f:
        fault = not_locked(f, fcntl.LOCK_EX)
        if fault and fault.errno in BUSY:
            raise InUse('another run is using this work folder: wait for it, or name another '
                        'folder with --work')
        if fault:
            print('run.sh: this file system has no locks (%s): do not start a second run in this '
                  'work folder' % fault.strerror, file=sys.stderr)
        yield


def check_idle():
    """InUse while a run is active in the folder.  Writes nothing: it may be read-only."""
    try:
        f = open(LOCK)
    except IOError:     # no run was ever here
        return
    with f:
        fault = not_locked(f, fcntl.LOCK_SH)
    if fault and fault.errno in BUSY:
        raise InUse('a run is active in this work folder: wait for its end')


def not_locked(f, how):
    """Takes the lock, or returns the error: of BUSY, or of a file system that has no locks."""
    try:
        fcntl.flock(f, how | fcntl.LOCK_NB)
    except IOError as e:
        return e


def write_json(name, value):
    """Replaces the file `name` by value as JSON: UTF-8, keys sorted."""
    with replacing(name) as temporary:
        with io.open(temporary, 'w', encoding='utf-8') as f:
            text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)
            f.write(text if isinstance(text, type(u'')) else text.decode('utf-8'))


def read_json(name):
    """The parsed file.  Raises BadInput, naming it."""
    try:
        with io.open(name, encoding='utf-8') as f:
            return json.load(f)
    except (IOError, OSError) as e:
        raise BadInput('%s cannot be read (%s): make it readable, or move it away'
                       % (name, e.strerror))
    except (RuntimeError, ValueError) as e:     # the first: it is nested too deeply
        raise BadInput('%s is not JSON (%s): move it away and run again' % (name, e))


def digest(name, algorithm):
    """The hexadecimal digest of a file's bytes; algorithm: 'md5' or 'sha256'."""
    state = hashlib.new(algorithm)
    with open(name, 'rb') as f:
        for block in iter(lambda: f.read(1 << 20), b''):
            state.update(block)
    return state.hexdigest()


def sha256(name):
    """The sha256 of a file's bytes, hexadecimal."""
    return digest(name, 'sha256')
