# -*- coding: utf-8 -*-
"""exec --engine tf2: every TensorFlow session of any Keras 1.2.2 program, on a server.

Building stays in this process; training, predicting, and the variables between them are the
server's, until the session ends.  A server that is lost takes the session with it, so the program
ends then, with one line and status 3.  What cannot work on a server says so (docs/servers.md).
"""
from __future__ import print_function

import os
import sys
import threading
import time
import warnings

from repro.engines import servers
from repro.failures import NoRuntime, WrongUsage

PAUSE = 5.      # seconds between two checks that the server still answers
MISSED = 3      # it is lost after so many checks without an answer in servers.ANSWER seconds


def use(engine, servers=(), fast=False):
    """Has the programs that this process becomes use the server; returns a line about it.

    Raises NoRuntime, and WrongUsage where there are several servers.
    """
    from repro.engines import tf2
    if len(servers) > 1:
        raise WrongUsage('exec and shell take one server, which holds the sessions, not %d'
                         % len(servers))
    (address, facts), = tf2.connected(servers, fast).items()
    os.environ['REPRO_SERVER'] = address
    return 'TensorFlow sessions are on the server at %s: %s' % (address, tf2.kind(facts))


def patch(tf, address):
    """Makes `address` the target of every session that gives none; tf: the module tensorflow."""
    from tensorflow.python.client.session import BaseSession
    servers.quiet()
    watch, target_of = Watch(address), 'grpc://' + address
    init = BaseSession.__init__

    def init_on_server(self, target='', graph=None, config=None):
        self.is_watched = not target        # a target that was named, as by the watch, is kept
        init(self, target or target_of, graph, config)

    def watched(method):
        def watched_method(self, *arguments, **options):
            if not self.is_watched:
                return method(self, *arguments, **options)
            with Waiting(watch, self):
                return servers.repeated(method, self, *arguments, **options)
        return watched_method

    BaseSession.__init__ = init_on_server
    BaseSession.run, BaseSession.close = watched(BaseSession.run), watched(BaseSession.close)
    refuse(tf)


class Watch(object):
    """Ends the program when the server is lost in the middle of a run.

    A step of training may take any time, so it has no deadline; meanwhile a thread reads the
    server's facts.  TensorFlow 1.0.1 itself would wait for ever for one that was stopped.
    """

    def __init__(self, address):
        self.address, self.lock = address, threading.Lock()
        self.waiting, self.watched = 0, False

    def count(self, change):
        """Counts one call more, or less, that waits for the server."""
        with self.lock:
            self.waiting += change
            if not self.watched:
                self.watched = True
                servers.in_background(self.look)

    def look(self):
        missed = 0
        while True:
            time.sleep(PAUSE)
            if not self.waiting:
                missed = 0
                continue
            try:
                servers.facts(self.address)
                missed = 0
            except servers.Lost as e:
                missed += 1
                if missed >= MISSED and self.waiting:
                    self.end(e)

    def say(self, why):
        """What a user reads, on the last line."""
        sys.stdout.flush()
        print('run.sh: the server at %s is lost (%s), and with it the session and all that it had '
              'learned: start again' % (self.address, why), file=sys.stderr)
        sys.stderr.flush()

    def end(self, why):
        self.say(why)
        os._exit(NoRuntime.status)      # the main thread is in TensorFlow, which waits for ever


class Waiting(object):
    """A `with` around what waits for the server; SystemExit where that is lost."""

    def __init__(self, watch, session):
        self.watch, self.session = watch, session

    def __enter__(self):
        self.watch.count(1)

    def __exit__(self, kind, error, trace):
        self.watch.count(-1)
        if kind is not None and is_loss(error):
            servers.abandon(self.session)
            self.watch.say(servers.first_line(error))
            sys.exit(NoRuntime.status)


def is_loss(error):
    """Whether TensorFlow's error says that the server, or the session there, is gone."""
    from tensorflow.python.framework import errors
    return isinstance(error, (errors.UnavailableError, errors.AbortedError)) or (
        isinstance(error, errors.UnknownError) and 'grpc' in str(error).lower())


class Unsupported(NotImplementedError):
    """A part of TensorFlow that a server cannot carry out for this process."""


def refuse(tf):
    """Makes what would hang, or would write to the server's disk, raise Unsupported instead."""
    def refused(what, instead):
        def function(*arguments, **options):
            raise Unsupported('%s does not work with --engine tf2: %s' % (what, instead))
        return function

    tf.py_func = refused('tf.py_func', 'the server cannot call this process')
    tf.load_op_library = refused('tf.load_op_library',
                                 'the server has TensorFlow\'s own ops alone')
    files = 'its files would be the server\'s; Keras\'s own model.save and load_weights work'
    tf.train.Saver.save = refused('tf.train.Saver.save', files)
    tf.train.Saver.restore = refused('tf.train.Saver.restore', files)
    warn_of_ctc()


def warn_of_ctc():
    """Keras's K.ctc_decode: a current TensorFlow's results differ from those of 1.0.1."""
    from tensorflow.python.ops import ctc_ops
    decoder = ctc_ops.ctc_beam_search_decoder

    def warning_decoder(*arguments, **options):
        warnings.warn('CTC\'s beam search: a current TensorFlow finds the same sequences and '
                      'gives them other scores than 1.0.1 (docs/servers.md)')
        return decoder(*arguments, **options)

    ctc_ops.ctc_beam_search_decoder = warning_decoder
