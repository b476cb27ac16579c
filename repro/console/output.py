# -*- coding: utf-8 -*-
"""Standard output and error: what happens to a verb when nobody reads them any more.

A pipe's reader ends (`demo | head -1`), a terminal hangs up, a log's disk is full.  A run
continues without them, since its files are what counts, and says so where it still can.  verify
has no other output: it ends with its reader, and fails where the disk is full.
"""
from __future__ import print_function

import errno
import os
import signal
import sys

from repro.failures import BadInput


def prepare(is_read):
    """is_read: whether the verb's output is all that it makes (verify)."""
    open_closed()
    if is_read:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        sys.stdout = Stream(sys.stdout, refuse)
    else:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        sys.stdout = Stream(sys.stdout, go_on)
    sys.stderr = Stream(sys.stderr, lambda error: None)


def open_closed():
    """Opens what the caller closed (>&-): else the next file that is opened is standard output."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)      # the lowest that is free


def refuse(error):
    raise BadInput('standard output cannot be written (%s): send it elsewhere' % error.strerror)


def go_on(error):
    why = 'nobody reads' if error.errno == errno.EPIPE else error.strerror
    print('run.sh: standard output is lost (%s), and this continues without it' % why,
          file=sys.stderr)


class Stream(object):
    """A standard stream that leads to /dev/null after its first failed write.

    lost: called with that write's IOError.
    """

    def __init__(self, stream, lost):
        self.stream, self.lost = stream, lost

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def write(self, text):
        if isinstance(text, type(u'')):     # in any locale
            text = text.encode('utf-8')
        self.attempt(self.stream.write, text)

    def flush(self):
        self.attempt(self.stream.flush)

    def attempt(self, function, *arguments):
        try:
            function(*arguments)
        except IOError as e:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.stream.fileno())
            os.close(nowhere)
            self.lost(e)
