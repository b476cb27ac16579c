# -*- coding: utf-8 -*-
"""Fetches a file, by its hash: goes on where it was cut off, and shows how far it is.

    fetch.py URL SHA256 FILE [TIMES]

What has arrived lies in FILE.part; it becomes FILE when it is whole and has that SHA256.  TIMES:
so many times the file's size must be free before it begins (default 1), for what is done with it
next.  Proxies and certificates are the environment's (https_proxy, SSL_CERT_FILE).  For what is
fetched before there is an environment (inside one: repro/inputs/fetch.py); any Python, standard
library only.

Exit: 0, 4 after one line on stderr, 130 interrupted.
"""
from __future__ import print_function

import hashlib
import os
import socket
import sys
import time
try:
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen
except ImportError:         # Python 2
    from httplib import HTTPException
    from urllib2 import HTTPError, Request, urlopen

BLOCK = 1 << 13         # a stalled connection loses less than that
TRIES = 5               # connections in a row that bring nothing new
PAUSE = float(os.environ.get('REPRO_RETRY_PAUSE', 2))   # seconds before the second, doubled after
EVERY = 1 if sys.stderr.isatty() else 30                # seconds between two reports
TIMEOUT = 60


class Failure(Exception):
    """One line: what, where, what to do."""


class Cut(Exception):
    """The connection brought less than the whole; another one may go on."""


def length(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def sha256(path):
    state = hashlib.sha256()
    with open(path, 'rb') as f:
        for block in iter(lambda: f.read(1 << 20), b''):
            state.update(block)
    return state.hexdigest()


def answer(url, offset):
    """(what answers, the byte with which it begins, the file's size or None)."""
    request = Request(url, headers={'Range': 'bytes=%d-' % offset} if offset else {})
    try:
        response = urlopen(request, timeout=TIMEOUT)
    except HTTPError as e:
        if e.code == 416:
            return None, offset, offset     # nothing is left to send: the hash will tell
        if e.code < 500 and e.code != 429:
            raise Failure('the server answers %d' % e.code)
        raise Cut('the server answers %d' % e.code)
    size = response.headers.get('Content-Length')
    begins = offset if response.getcode() == 206 else 0
    return response, begins, int(size) + begins if size else None


def check_room(path, left, times):
    """Failure unless `times` the rest of the file is free where it goes."""
    disk = os.statvfs(os.path.dirname(os.path.abspath(path)))
    free = disk.f_bavail * disk.f_frsize
    if free < left * times:
        raise Failure('%d MB are to come, %d MB are needed in all, and %d MB are free: make room'
                      % (left // 10**6, left * times // 10**6, free // 10**6))


def receive(url, partial, times):
    """One connection: appends to the partial file what it brings.  Raises Cut, Failure."""
    response, offset, size = answer(url, length(partial))
    if response is None:
        return
    check_room(partial, (size or offset) - offset, times)
    shown = time.time()
    with open(partial, 'r+b' if offset else 'wb') as f:
        f.seek(offset)
        f.truncate()
        for block in iter(lambda: response.read(BLOCK), b''):
            f.write(block)
            if time.time() - shown >= EVERY:
                shown = time.time()
                report('%s: %d of %s MB' % (os.path.basename(partial)[:-len('.part')],
                                            f.tell() // 10**6, size // 10**6 if size else '?'))
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
    partial, failed, pause = path + '.part', 0, PAUSE
    while True:
        before = length(partial)
        try:
            receive(url, partial, times)
            break
        except (Cut, HTTPException, socket.error, IOError) as e:    # urllib's errors are IOErrors
            if getattr(e, 'filename', None):
                raise Failure('%s: %s' % (e.filename, e.strerror))
            failed = failed + 1 if length(partial) <= before else 1
            if failed >= TRIES:
                raise Failure('%s, with %d MB here: the same command goes on from there'
                              % (getattr(e, 'reason', e), length(partial) // 10**6))
            time.sleep(pause)
            pause = min(2 * pause, 30)
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
        print('fetch: interrupted; the same command goes on from there', file=sys.stderr)
        return 130
    return 0


if __name__ == '__main__':
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
