# -*- coding: utf-8 -*-
"""TensorFlow servers (./run.sh serve, host/servers/) as a TensorFlow 1.0.1 client meets them.

A session's target is grpc://HOST:PORT, and nothing else of a program changes.  What needs care is
a server that ends, or that stops without ending (a hung card, SIGSTOP): the client of 1.0.1 then
waits for ever, whether it makes, runs or closes a session.  So every wait here has a limit, and a
session whose server is lost is left behind and never closed.
"""
from __future__ import division, print_function

import ctypes
import json
import os
import socket
import sys
import threading

from repro.failures import NoRuntime

FACTS = '/proc/self/fd/100'     # where host/servers/server.py has put them
ANSWER = 10.                    # seconds in which a server that works has told its facts
CHATTER = 'Invalid entry in accept encoding metadata'
TAKEN_FOR_ANOTHER = 'request was received twice'


class Lost(Exception):
    """A server does not answer, or not as one of ours; its text says how."""


def facts(address):
    """What the server says of itself (host/servers/server.py, facts()), a dict.  Raises Lost."""
    import tensorflow as tf
    reach(address)
    with tf.Graph().as_default() as graph:
        text = tf.read_file(FACTS)
    session = Session(address, graph)
    try:
        return json.loads(session.run(text, timeout=ANSWER))
    except Lost as e:
        if not session.lost:        # it answered: another program's TensorFlow
            raise Lost('it is not a server of ./run.sh serve (%s)' % e)
        raise
    finally:
        session.close()


def reach(address):
    """Raises Lost unless something listens there.  A TensorFlow session would try for ever."""
    host, _, port = address.rpartition(':')
    try:
        socket.create_connection((host.strip('[]'), int(port)), ANSWER).close()
    except (socket.error, UnicodeError) as e:
        raise Lost(getattr(e, 'strerror', None) or str(e))


class Session(object):
    """A tf.Session on a server, with a limit on every wait.

    lost: whether the server stopped answering; the session is then left behind.
    """

    def __init__(self, address, graph):
        import tensorflow as tf
        self.errors, self.options = tf.errors, tf.RunOptions
        self.made = self.lost = False
        quiet()
        self.session = tf.Session('grpc://' + address, graph=graph)

    def run(self, fetches, feed=None, timeout=ANSWER):
        """session.run; raises Lost, after little more than `timeout` seconds at the latest."""
        options = self.options(timeout_in_ms=int(timeout * 1000))
        try:
            # The deadline does not hold for the first run, which makes the session on the server.
            if self.made:
                value = repeated(self.session.run, fetches, feed, options)
            else:
                value = within(timeout, repeated, self.session.run, fetches, feed, options)
            self.made = True
            return value
        except (Late, self.errors.DeadlineExceededError):
            self.lost = True
            raise Lost('no answer in %.0f s' % timeout)
        except self.errors.OpError as e:
            self.lost = not isinstance(e, refusals(self.errors))
            raise Lost(first_line(e))

    def close(self):
        """Closes it on the server, too, where there is one."""
        if not self.lost and self.made:
            try:
                return within(ANSWER, self.session.close)
            except Exception:       # lost at this moment
                pass
        abandon(self.session)


def repeated(run, *arguments, **options):
    """session.run(...), once more where the server mistook it for an earlier one.

    A current TensorFlow numbers each step at random and refuses a number that is among its last
    100,000 (recent_request_ids.h).  Each step's thread seeds a generator of its own, with 32 bits,
    so that one step in 43,000 is refused: 4 of 280,219 were.  Nothing of it was executed; with a
    card, whose server splits a graph in two, nothing of the part that was refused.
    """
    import tensorflow as tf
    while True:
        try:
            return run(*arguments, **options)
        except tf.errors.AbortedError as e:
            if TAKEN_FOR_ANOTHER not in str(e):
                raise


def refusals(errors):
    """The errors by which a working server refuses a graph: it can be used again."""
    return (errors.NotFoundError, errors.InvalidArgumentError, errors.UnimplementedError,
            errors.PermissionDeniedError, errors.ResourceExhaustedError)


def first_line(error):
    """A TensorFlow error's message, shortened; of gRPC's own, which are JSON, what happened."""
    text = error.message or type(error).__name__
    try:
        told = json.loads(text)
        text = told.get('os_error') or told['description']
    except (ValueError, KeyError, AttributeError):
        pass
    return text.split('\n')[0][:200]


def abandon(session):
    """Leaves a tf.Session behind: closing it, as its end would, waits for the lost server."""
    session._closed, session._session = True, None


class Late(Exception):
    pass


def within(seconds, function, *arguments):
    """function(*arguments), in a thread that is left behind after so many seconds: then Late."""
    outcome = {}

    def call():
        try:
            outcome['value'] = function(*arguments)
        except Exception:
            outcome['error'] = sys.exc_info()

    in_background(call).join(seconds)
    if 'error' in outcome:
        kind, error, trace = outcome['error']
        raise error
    if 'value' not in outcome:
        raise Late()
    return outcome['value']


def in_background(function, *arguments):
    """Runs function in a thread that does not keep the program alive; returns the thread."""
    thread = threading.Thread(target=function, args=arguments)
    thread.daemon = True
    thread.start()
    return thread


def all_facts(addresses):
    """{address: facts} of servers that may share the work; NoRuntime names one that may not."""
    known = {}
    for address in addresses:
        try:
            known[address] = facts(address)
        except Lost as e:
            raise NoRuntime('the server at %s cannot be used: %s (./run.sh serve starts one)'
                            % (address, e))
        mine, first = known[address], known[addresses[0]]
        for key in ('tensorflow', 'device', 'fast'):
            if mine.get(key) != first.get(key):
                raise NoRuntime('the servers at %s and %s differ (%s: %s, %s): name servers of '
                                'one kind' % (addresses[0], address, key, first.get(key),
                                              mine.get(key)))
    return known


def quiet():
    """Keeps a line of gRPC's, two for each connection, off standard error; once a process.

    TensorFlow 1.0.1's gRPC prints it through C's stderr, and no setting of it hides that one line
    alone.  Python's own sys.stderr is another stream.
    """
    if not QUIET:
        QUIET.append(True)
        libc = ctypes.CDLL(None)
        libc.popen.restype = ctypes.c_void_p
        # A group of its own: Ctrl-C, and a terminal that hangs up, are for the run.
        stream = libc.popen(("trap '' INT HUP; exec grep --line-buffered -av %r >&2"
                             % CHATTER).encode(), b'w')
        if stream:
            libc.setvbuf.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int,
                                     ctypes.c_size_t]
            libc.setvbuf(stream, None, 1, 0)        # _IOLBF
            ctypes.c_void_p.in_dll(libc, 'stderr').value = stream


QUIET = []


def given():
    """run.sh's own servers, from the environment: for a user who named none."""
    hold_on()
    return tuple(a for a in os.environ.get('REPRO_SERVERS', '').split(',') if a)


def hold_on():
    """Opens a connection; its end stops this run's own server, where that is in a container.

    It stays open for as long as this process, the programs that it becomes, or a child lives.
    """
    address = os.environ.pop('REPRO_LIFELINE', None)
    if address:
        host, port = address.split(':')
        LIFELINE.append(socket.create_connection((host, int(port)), ANSWER))


LIFELINE = []
