# -*- coding: utf-8 -*-
"""Fetches a file, by its hash: resumes where it was cut off, and shows how far it is.

    fetch.py URL SHA256 FILE [TIMES]

What has arrived lies in FILE.part; it becomes FILE when it is whole and has that SHA256.  TIMES:
how many times the file's size must be free before it begins (default 1): unpacking it needs room,
too.  Proxies and certificates are the environment's (https_proxy, SSL_CERT_FILE).  For what is
fetched before there is an environment (inside one: repro/inputs/fetch.py); any Python, standard
library only.  repro/inputs/connection.py explains what goes wrong.

Exit: 0, 4 after one line on stderr, 130 interrupted.
"""
from __future__ import print_function

import hashlib
import os
import sys
import time

sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from repro.inputs.connection import Cut, Refused, blocks, insist, position, reply   # noqa: E402

BLOCK = 1 << 13         # a stalled connection loses less than that
EVERY = 1 if sys.stderr.isatty() else 30                # seconds between two reports


class Failure(Exception):
    """One line: what, where, what to do."""


def length(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def sha256(path):
    state = hashlib.sha256()
    with open(path, 'rb') as f:
        for block in iter(lambda: f.read(1 << 20), b''):
            state.update(block)
    return state.hexdigest()


def check_room(path, left, times):
    """Failure unless `times` the rest of the file is free where it goes."""
    disk = os.statvfs(os.path.dirname(os.path.abspath(path)))
    free = disk.f_bavail * disk.f_frsize
    if free < left * times:
        raise Failure('%d MB are to come, %d MB are needed in all, and %d MB are free: make room'
                      % (left // 10**6, left * times // 10**6, free // 10**6))


def receive(url, partial, times):
    """One connection: appends to the partial file what it brings.  Raises Cut, Refused, Failure.

    A web page is accepted only where the file is one: else it is a network's page to sign in.
    """
    name, at = os.path.basename(partial)[:-len('.part')], length(partial)
    with reply(url, at, is_page=name.endswith('.html')) as response:
        if response.getcode() == 416:       # nothing is left to send: the hash decides
            return
        offset, size = position(response, at)
        check_room(partial, (size or offset) - offset, times)
        shown = time.time()
        with open(partial, 'r+b' if offset else 'wb') as f:
            f.seek(offset)
            f.truncate()
            for block in blocks(response, BLOCK, offset):
                f.write(block)
                if time.time() - shown >= EVERY:
                    shown = time.time()
                    report('%s: %d of %s MB' % (name, f.tell() // 10**6,
                                                size // 10**6 if size else '?'))
            f.flush()
            os.fsync(f.fileno())
    if size is not None and length(partial) != size:
        raise Cut('the connection was cut at %d of %d bytes' % (length(partial), size))


def report(text):
    if sys.stderr.isatty():
        sys.stderr.write('\r\033[K%s' % text)
        sys.stderr.flush()
    else:
        print(text, file=sys.stderr)


def fetch(url, digest, path, times=1):
    """The file at path, whole and with this SHA256.  Raises Failure."""
    if os.path.exists(path) and sha256(path) == digest:
        return
    partial = path + '.part'
    try:
        insist(lambda: receive(url, partial, times), lambda: length(partial))
    except Refused as e:
        raise Failure(str(e))
    except EnvironmentError as e:
        raise Failure('%s: %s' % (e.filename or partial, e.strerror or e))
    except Cut as e:
        raise Failure('%s, with %d MB here: the same command resumes from there'
                      % (e, length(partial) // 10**6))
    if sha256(partial) != digest:
        os.remove(partial)
        raise Failure('this is not the file that was pinned: its sha256 is not %s' % digest)
    os.rename(partial, path)


def main(url, digest, path, times=1):
    try:
        fetch(url, digest, path, float(times))
    except (Failure, EnvironmentError) as e:
        print('fetch: %s: %s' % (url, e), file=sys.stderr)
        return 4
    except KeyboardInterrupt:
        print('fetch: interrupted; the same command resumes from there', file=sys.stderr)
        return 130
    return 0


if __name__ == '__main__':
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
