# -*- coding: utf-8 -*-
"""Downloads that resume where they were cut off, and files that are recognised the second time.

What has arrived lies in .repro/; a file gets its own name when it is whole and has been checked.
urllib2 is enough (connection.py): it knows proxies (https_proxy), redirects and TLS;
SSL_CERT_FILE names the machine's certificates (host/environment.sh).  None of the pinned packages
resumes a partial file and checks it before it is renamed.
"""
from __future__ import division, print_function

import os
import re
import shutil
import urlparse

from repro.console.progress import Progress, say
from repro.failures import BadInput, Failure, OtherInputs, WrongUsage
from repro.inputs.connection import Cut, Refused, blocks, insist, position, reply
from repro.system import machine
from repro.work.folder import HIDDEN, absence, discard, make_hidden, replacing, settle, sha256

SUMS = 'SHA256SUMS'     # as sha256sum writes and checks it
BLOCK = 1 << 18
BY_HAND = '--from DIR takes a file that a browser fetched'


def address(variable, default):
    """The address that files come from: a mirror's, from the variable, or the default."""
    value = os.environ.get(variable) or default
    try:
        parts = urlparse.urlsplit(value)
        is_one = parts.scheme in ('http', 'https') and parts.hostname and '@' not in parts.netloc \
            and parts.port != 0
    except ValueError:      # a port that is not a number
        is_one = False
    if not is_one or re.search(r'[\s?#]', value):
        raise WrongUsage('%s=%s is not an address: https:// or http:// comes first, then a host, '
                         'and neither a password nor a space' % (variable, re.sub(
                             '//.*@', '//...@', value)))
    return value.rstrip('/')


def get(url, target, folder, check, size=None):
    """Downloads url to the file target, or copies the file of that name from a folder.

    check(path, what) raises BadInput for a file that is not the right one; what: how messages
    name it.  size: as download() has it.
    """
    source = folder and os.path.join(folder, os.path.basename(target))
    if not source:
        say('%s: from %s' % (os.path.basename(target), url))
        return download(url, target, size, lambda partial: check(partial, url))
    if not os.path.exists(source):
        raise BadInput('%s %s: --from needs a folder that holds it' % (source, absence(source)))
    check(source, source)
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)


def download(url, target, size=None, check=None):
    """Fetches url to the file target, which gets its name when it is whole.  Raises BadInput.

    size: bytes it must have, where that is known.  check(path) may raise BadInput for what
    arrived, which is then removed.
    """
    make_hidden()
    partial = os.path.join(HIDDEN, os.path.basename(target) + '.part')
    try:
        insist(lambda: receive(url, partial, size), lambda: length(partial),
               lambda cut: say('%s: %s; trying again' % (os.path.basename(target), cut)))
    except Refused as e:
        raise BadInput('%s: %s; %s' % (url, e, BY_HAND))
    except Cut as e:
        raise BadInput('%s: %s, %s' % (url, e, (
            'with %d bytes here: the same command resumes from there' % length(partial)
            if length(partial) else
            'and nothing came: the same command tries again, and ' + BY_HAND)))
    try:
        if check:
            check(partial)
    except Failure:
        forget(partial)
        raise
    settle(partial, target)
    discard(partial + '.etag')


def length(partial):
    """How many bytes of the file are here."""
    return os.path.getsize(partial) if os.path.exists(partial) else 0


def forget(partial):
    """Removes what has arrived, so that the next try starts from the beginning."""
    discard(partial)
    discard(partial + '.etag')


def receive(url, partial, size):
    """One connection: appends to the partial file what the server sends.

    Raises Cut, Refused, BadInput.
    """
    offset = length(partial)
    with reply(url, offset, etag_of(partial)) as response:
        if response.getcode() == 416:   # nothing is left to send, or another file is there now
            if response.info().get('Content-Range') == 'bytes */%d' % offset:
                return
            forget(partial)
            raise Cut('the server has no byte %d' % offset)
        offset, total = position(response, offset)
        if size is not None and total not in (None, size):
            raise BadInput('%s: the server has %d bytes, where %d are known to be right'
                           % (url, total, size))
        if total is not None:
            machine.check_space(total - offset, '%d MB are to come')
        write_etag(partial, response)
        store(response, partial, offset, total)
    if total is not None and length(partial) != total:
        raise Cut('the connection was cut at %d of %d bytes' % (length(partial), total))
    if size is not None and length(partial) != size:
        raise Cut('%d bytes came, where %d are known to be right' % (length(partial), size))


def etag_of(partial):
    """The server's name (ETag) for the version that the partial file is of, or ''."""
    if not os.path.exists(partial + '.etag'):
        return ''
    with open(partial + '.etag') as f:
        return f.read().strip()


def write_etag(partial, response):
    """Keeps the ETag of an answer beside the partial file; a weak one names no version."""
    etag = response.info().get('ETag', '')
    with open(partial + '.etag', 'w') as f:
        f.write('' if etag.startswith('W/') else etag)


def store(response, partial, offset, total):
    """Writes what the answer holds into the partial file, from offset on.  Raises Cut."""
    name = os.path.basename(partial)[:-len('.part')]
    with open(partial, 'r+b' if offset else 'wb') as f:
        f.seek(offset)
        f.truncate()
        with Progress(name, total, unit='bytes', done=offset) as progress:
            for block in blocks(response, BLOCK, offset):
                f.write(block)
                progress.add(len(block))


# ------------------------------------------------------------------------ recognised the next time

def recorded(folder):
    """{file name: sha256} of the folder's SHA256SUMS; {} where there is none."""
    path = os.path.join(folder, SUMS)
    if not os.path.exists(path):
        return {}
    with open(path) as f:
        lines = [line.split(None, 1) for line in f.read().splitlines() if line.strip()]
    if any(len(line) != 2 or not re.match('[0-9a-f]{64}$', line[0]) for line in lines):
        raise BadInput('%s is not what sha256sum writes: delete it to record anew' % path)
    return dict((name.lstrip('*').strip(), digest) for digest, name in lines)


def recognise(path):
    """Compares the file with its folder's SHA256SUMS, or records it there at first sight.

    Returns (sha256, whether it was known).  Raises OtherInputs for another file than before.
    """
    folder, name = os.path.split(path)
    known, digest = recorded(folder), sha256(path)
    if known.get(name, digest) != digest:
        raise OtherInputs('%s has sha256 %s..., and at first sight it was %s... (%s): fetch '
                          'it again, or delete its line there to accept it'
                          % (path, digest[:16], known[name][:16],
                             os.path.join(folder, SUMS)))
    if name not in known:
        known[name] = digest
        with replacing(os.path.join(folder, SUMS)) as temporary:
            with open(temporary, 'w') as f:
                f.write(''.join('%s  %s\n' % (known[n], n) for n in sorted(known)))
        return digest, False
    return digest, True
