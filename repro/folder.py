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

from repro.failures import BadInput, InUse

HIDDEN = '.repro'


def make_hidden():
    """Makes .repro/ unless it is there."""
    if not os.path.isdir(HIDDEN):
        os.mkdir(HIDDEN)


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
    with open(temporary, 'rb') as f:
        os.fsync(f.fileno())
    os.rename(temporary, name)
    handle = os.open(os.path.dirname(name) or '.', os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_room(name, room):
    """Writes `room` zeros to a file and removes it, so that a full disk fails here, with errno."""
    if room:
        with open(name, 'wb') as f:
            for offset in range(0, room, 1 << 20):
                f.write(b'\0' * min(1 << 20, room - offset))
            f.flush()
            os.fsync(f.fileno())
        os.remove(name)


def absence(path):
    """What a message says of a path where nothing can be found: why, in words."""
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
    with open(os.path.join(HIDDEN, 'lock'), 'w') as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except IOError as e:
            if e.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            raise InUse('another run is using this work folder: wait for it, or name another '
                        'folder with --work')
        yield


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
    except ValueError as e:
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
