# -*- coding: utf-8 -*-
"""The work folder: its names, its lock, its atomic writes, and run.json.

The program's current directory is the work folder.  Nothing absolute is ever written into
it, so a folder made by one runtime can be read by every other.  What is unfinished lives in
the hidden folder .repro/.
"""
from __future__ import division, print_function

import contextlib
import errno
import fcntl
import hashlib
import io
import json
import os
import platform
import re
import resource
import sys
import time

HIDDEN = '.repro'
RUN = 'run.json'
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXPECTED = os.path.join(ROOT, 'expected')

# The packages whose versions decide what comes out; run.json carries them, verify asserts them.
PACKAGES = ('keras', 'tensorflow', 'theano', 'h5py', 'numpy', 'scipy', 'pandas', 'scikit-learn',
            'pillow', 'pyyaml', 'six', 'protobuf', 'tqdm', 'pytest')

# Bytes; measured at the peak with batches of 16: Xception 1,309 MB (ResNet50 less), in 2,836 MB of
# addresses.  The head on all of Kaggle's pictures: 1,600 MB, less than the features add.
MEMORY, ADDRESSES = 1400 * 10**6, 1500 * 10**6


class Failure(Exception):
    """What went wrong in one line: what, where, what to do.  `status` is the exit status."""
    status = 1


class WrongUsage(Failure):
    status = 2


class NoRuntime(Failure):
    status = 3


class BadInput(Failure):
    status = 4


class InUse(Failure):
    status = 5


class OtherInputs(Failure):
    """The folder's files were made from other inputs than are there now."""
    status = 5


def make_hidden():
    if not os.path.isdir(HIDDEN):
        os.mkdir(HIDDEN)


def temporary_name(name):
    """A hidden name beside `name`, of this process alone: sweep() knows it for a leftover."""
    folder, base = os.path.split(name)
    return os.path.join(folder, '.%s.%d.part' % (base, os.getpid()))


@contextlib.contextmanager
def replacing(name, room=0):
    """Yields a temporary name in the same folder; renamed to `name` when the block succeeds.

    room: bytes that must fit before the block begins.  HDF5 needs this: when a disk fills up
    under it, it can neither flush nor close, and crashes when the program ends.
    The file is fsync'd before the rename, and the folder after it, so that after a power cut
    `name` is either the old file or the whole new one.  On any exception the temporary file
    goes and `name` is left as it was.
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
    """Flushes a whole file, gives it its name, and flushes that, too."""
    with open(temporary, 'rb') as f:
        os.fsync(f.fileno())
    os.rename(temporary, name)
    handle = os.open(os.path.dirname(name) or '.', os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_room(name, room):
    """Writes `room` zeros to a file and removes it: a full disk is met here, with its errno."""
    if room:
        with open(name, 'wb') as f:
            for begun in range(0, room, 1 << 20):
                f.write(b'\0' * min(1 << 20, room - begun))
            f.flush()
            os.fsync(f.fileno())
        os.remove(name)


def discard(name):
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
    with replacing(name) as temporary:
        with io.open(temporary, 'w', encoding='utf-8') as f:
            text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)
            f.write(text if isinstance(text, type(u'')) else text.decode('utf-8'))


def read_json(name):
    """The parsed file, or raises BadInput naming it."""
    try:
        with io.open(name, encoding='utf-8') as f:
            return json.load(f)
    except (IOError, OSError) as e:
        raise BadInput('%s cannot be read (%s): make it readable, or move it away'
                       % (name, e.strerror))
    except ValueError as e:
        raise BadInput('%s is not JSON (%s): move it away and run again' % (name, e))


def expected(name):
    return read_json(os.path.join(EXPECTED, name))


def digest(name, algorithm):
    """The hexadecimal digest of a file's bytes; algorithm: 'md5' or 'sha256'."""
    state = hashlib.new(algorithm)
    with open(name, 'rb') as f:
        for block in iter(lambda: f.read(1 << 20), b''):
            state.update(block)
    return state.hexdigest()


def sha256(name):
    return digest(name, 'sha256')


def check_kind(kind):
    """OtherInputs when the folder holds a run of another kind: the kinds never mix."""
    other = read_json(RUN).get('kind') if os.path.exists(RUN) else kind
    if other in ('demo', 'real', 'features') and other != kind:
        raise OtherInputs('this work folder (%s) holds a %s run: name another folder with --work'
                          % (os.getcwd(), other))


def begin(kind, **settings):
    """Starts run.json anew: `kind` is 'demo', 'real' or 'features'; settings: what was asked for.

    A folder whose last run was interrupted keeps its finished gap_*.h5 (gap.py decides that by
    their contents); a folder whose last run finished starts over.  The page of the run before
    goes: nobody shall read it as this one's.
    """
    for name in ('report.html', 'report.json'):
        discard(name)
    old = read_json(RUN) if os.path.exists(RUN) else {}
    write_json(RUN, {
        'kind': kind,
        'settings': settings,
        'finished': False,
        'resumes': bool(old) and not old.get('finished', False),
        'machine': machine(),
        'versions': versions(),
        'commit': os.environ.get('REPRO_COMMIT', 'unknown'),
        'runtime': runtime(),
        'steps': [],
    })


def record(step, seconds, files=(), **results):
    """Appends one step's entry; `files` are hashed, so that verify can tell a changed byte.

    A step repeated alone replaces its own earlier entry: run.json describes the files that
    are there now.
    """
    run = read_json(RUN) if os.path.exists(RUN) else {
        'kind': 'steps', 'settings': {}, 'finished': False, 'machine': machine(),
        'versions': versions(), 'commit': os.environ.get('REPRO_COMMIT', 'unknown'),
        'runtime': runtime(), 'steps': []}
    entry = dict(results, step=step, seconds=round(seconds, 2),
                 at=time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()),
                 files=dict((name, sha256(name)) for name in files))
    run['steps'] = [s for s in run['steps'] if s['step'] != step] + [entry]
    write_json(RUN, run)


def runtime():
    """docker, podman or native; in an image run.sh runs natively, and the engine is passed in."""
    return os.environ.get('REPRO_CONTAINER') or os.environ.get('REPRO_RUNTIME', 'unknown')


def finish():
    run = read_json(RUN)
    run['finished'] = True
    write_json(RUN, run)


def entry(run, step):
    """The step's entry of run.json, or {} when the step has not run."""
    for candidate in run.get('steps', ()):
        if candidate['step'] == step:
            return candidate
    return {}


def stand_ins(run):
    """Which of 'pictures', 'weights', 'features' of a run are stand-ins, and not the article's."""
    kinds = set(s.get('weights_are') for s in run.get('steps', ()))
    found = [('pictures', entry(run, 'links').get('data') == 'stand-in'),
             ('weights', 'stand-in' in kinds),
             ('features', entry(run, 'features').get('features_are') == 'stand-in')]
    return [what for what, is_one in found if is_one]


def versions():
    import pkg_resources
    found = {'python': platform.python_version()}
    for name in PACKAGES:
        for candidate in ((name, name + '-gpu') if name == 'tensorflow' else (name,)):
            try:
                found[candidate] = pkg_resources.get_distribution(candidate).version
            except pkg_resources.DistributionNotFound:
                pass
    return found


def machine():
    models = re.findall(r'model name\s*:[ \t]*(.*)', text('/proc/cpuinfo'))
    cores = os.sysconf('SC_NPROCESSORS_ONLN')
    return {'cpu': models[0].strip() if models else '', 'cores': cores,
            'system': platform.platform()}


def free_bytes():
    s = os.statvfs('.')
    return s.f_bavail * s.f_frsize


def check_space(needed, says):
    """BadInput unless the work folder's disk has room for `needed` bytes; says: '... %d MB'."""
    if free_bytes() < needed:
        raise BadInput((says + ' and %d MB are free: make room, or name another folder with '
                        '--work') % (needed // 10**6 + 1, free_bytes() // 10**6))


def free_memory():
    """Bytes that this process may still get: the machine's, a container's or `ulimit -v`'s."""
    limits = [int(word) * 1024 for word in re.findall(r'MemAvailable: *(\d+)',
                                                      text('/proc/meminfo'))]
    for name in ('/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'):
        limits += [int(word) for word in re.findall(r'^\d+', text(name))]
    addresses = resource.getrlimit(resource.RLIMIT_AS)[0]
    if addresses != resource.RLIM_INFINITY:
        limits.append(max(addresses - ADDRESSES, 0))
    return min(limits or [1 << 62])


def text(name):
    """A file's contents, '' where there is none."""
    try:
        with open(name) as f:
            return f.read()
    except (IOError, OSError):
        return ''


def check_memory(pictures):
    """Refuses what would end in an abort of TensorFlow's, or at the hands of the kernel."""
    needed = MEMORY + pictures * 2048 * 4
    if free_memory() < needed:
        raise BadInput('the networks need %d MB of memory and may have %d: end other programs, or '
                       'raise the limit (the container\'s, or ulimit -v)'
                       % (needed // 10**6, free_memory() // 10**6))


def explain(error):
    """A Failure for an operating-system error that a user can mend, or None.

    h5py 2.6 loses errno and reports a full disk as text only, hence the search in the text.
    """
    if isinstance(error, MemoryError):
        return BadInput('no memory was left: %d MB may be had; end other programs, or '
                        'raise the limit' % (free_memory() // 10**6))
    code = getattr(error, 'errno', None)
    said = str(error).lower()
    name = getattr(error, 'filename', None)
    where = ' (%s)' % name if name else ''
    if code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or 'no space left' in said \
            or 'file too large' in said:
        return BadInput('the work folder is full%s: %d MB are free; make room, or name another '
                        'folder with --work' % (where, free_bytes() // 10**6))
    if code in (errno.EROFS, errno.EACCES, errno.EPERM):
        return BadInput('no permission%s: make the work folder writable, or name another folder '
                        'with --work' % where)
    if code and name:
        return BadInput('%s cannot be used (%s): move it away, or name another folder with --work'
                        % (name, error.strerror))
    return None


def say(*words):
    """One line of the program's own on stdout, flushed: in a log it keeps its place."""
    print(*words)
    sys.stdout.flush()
