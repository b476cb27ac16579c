# -*- coding: utf-8 -*-
"""One network's batches over several servers: each goes to a free one, results in order.

A server that is lost gives its batches back, and the others take them; when it answers again, and
its features are right again, it is used again.  Every batch is the same 16 pictures wherever it is
multiplied, so which server took which batch, and how often, changes no byte of the features.
"""
from __future__ import print_function

import collections
import sys
import threading
import time

import six

from repro.console.progress import say
from repro.engines.servers import Lost, in_background
from repro.failures import Failure, NoRuntime

IN_FLIGHT = 2       # batches at each server: one is multiplied while the other is on its way
RETRY = 2.          # seconds between two tries to reach a server that was lost


class Pool(object):
    """What Flow calls a network: start(batch), and result() in the order of the starts.

    servers: each has address; infer(batch) → features, which raises Lost; and take_back(), which
    raises Lost while it does not answer, and Failure when its features are wrong.
    patience: seconds without any server after which result() raises NoRuntime.
    """

    def __init__(self, servers, patience):
        self.patience, self.changed = patience, threading.Condition()
        self.batches, self.features = {}, {}            # by number
        self.waiting, self.started, self.collected = collections.deque(), 0, 0
        self.lost = {}                                  # {server: why}
        self.alone, self.failure, self.closed = None, None, False
        self.servers = servers
        for server in servers:
            for _ in range(IN_FLIGHT):
                in_background(self.serve, server)

    # ------------------------------------------------------------------- Flow's side

    def start(self, batch):
        with self.changed:
            self.batches[self.started] = batch
            self.waiting.append(self.started)
            self.started += 1
            self.changed.notify_all()

    def result(self):
        """(batch, features) of the next batch.  Raises NoRuntime, Failure, what infer raised."""
        number = self.collected
        with self.changed:
            while number not in self.features:
                if self.failure is not None:
                    six.reraise(*self.failure)
                if self.alone is not None and time.time() - self.alone > self.patience:
                    raise NoRuntime('no server answers any more (%s): the same command resumes '
                                    'where it stopped' % '; '.join(
                                        '%s: %s' % (s.address, why)
                                        for s, why in self.lost.items()))
                self.changed.wait(1.)       # only a wait with a timeout can be interrupted
            self.collected += 1
            return self.batches.pop(number), self.features.pop(number)

    def close(self):
        """Nothing more is sent.  Does not wait for what is on its way."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    # ------------------------------------------------------------------- a server's side

    def serve(self, server):
        """Sends the server one batch after the other, until close()."""
        try:
            number = self.next_for(server)
            while number is not None:
                try:
                    features = server.infer(self.batches[number])
                except Lost as e:
                    self.give_back(number, server, e)
                else:
                    with self.changed:
                        self.features[number] = features
                        self.changed.notify_all()
                number = self.next_for(server)
        except Exception:       # a fault of the program: result() raises it
            self.fail()

    def next_for(self, server):
        """Waits for a batch for this server and returns its number; None after close()."""
        with self.changed:
            while not self.closed and (server in self.lost or not self.waiting):
                self.changed.wait(60.)
            return None if self.closed else self.waiting.popleft()

    def give_back(self, number, server, error):
        """Puts the batch first in the queue again, and starts trying to reach the server."""
        with self.changed:
            self.waiting.appendleft(number)
            if server not in self.lost and not self.closed:
                self.lost[server] = str(error)
                if len(self.lost) == len(self.servers):
                    self.alone = time.time()
                say('gap: the server at %s is lost (%s)%s' % (
                    server.address, error,
                    '' if self.alone else ': the others take its batches'))
                in_background(self.look_for, server)
            self.changed.notify_all()

    def look_for(self, server):
        """Tries to reach the server until it is back, or is not to be used any more."""
        while not self.closed:
            time.sleep(RETRY)
            try:
                server.take_back()
            except Lost:
                continue
            except Failure as e:
                say('gap: the server at %s is not used any more: %s' % (server.address, e))
                with self.changed:
                    self.lost[server] = str(e)
                return
            except Exception:
                return self.fail()
            say('gap: the server at %s is back' % server.address)
            with self.changed:
                del self.lost[server]
                self.alone = None
                self.changed.notify_all()
            return

    def fail(self):
        with self.changed:
            self.failure = sys.exc_info()
            self.changed.notify_all()
