# -*- coding: utf-8 -*-
"""Batches over several servers: whatever happens to these, the same features in the same order."""
from __future__ import print_function

import contextlib
import random
import select
import signal
import socket
import threading
import time

import numpy as np
import pytest

import network
from conftest import needs_servers, Server
from repro.engines import pool, servers, tf2
from repro.failures import Failure, NoRuntime

SEED, FAULTS, BATCHES = 2017, 20, 24


# ------------------------------------------------------------------- servers that are made up

class MadeUp(object):
    """A server whose features are a batch's sum; `fate` is called with its batch's number."""

    def __init__(self, name, fate=lambda count: None, back=lambda: None):
        self.address, self.fate, self.take_back = name, fate, back
        self.count = 0

    def infer(self, batch):
        self.count += 1
        self.fate(self.count)
        return batch.sum(axis=1)


@pytest.fixture
def soon(monkeypatch):
    monkeypatch.setattr(pool, 'RETRY', .02)


def through(servers, patience=5., count=BATCHES):
    """What comes out of a pool for batches 0, 1, 2, ..., in its order."""
    p = pool.Pool(servers, patience)
    batches = [np.full((2, 3), i) for i in range(count)]
    try:
        for batch in batches:
            p.start(batch)
        for wanted in batches:
            batch, features = p.result()
            assert batch is wanted
            yield features
    finally:
        p.close()


def lose(*numbers):
    def fate(count):
        if count in numbers:
            raise servers.Lost('number %d' % count)
    return fate


def test_results_come_in_the_order_of_the_batches(soon):
    def slow(count):
        time.sleep(.03)
    one, two = MadeUp('slow', slow), MadeUp('fast')
    assert [f[0] for f in through([one, two])] == [3 * i for i in range(BATCHES)]
    assert one.count < two.count        # whoever is free


def test_a_lost_servers_batches_are_the_others_and_it_comes_back(soon, capsys):
    one, two = MadeUp('one', lose(2, 3)), MadeUp('two', lambda count: time.sleep(.02))
    assert [f[0] for f in through([one, two])] == [3 * i for i in range(BATCHES)]
    out = capsys.readouterr().out
    assert 'gap: the server at one is lost (number 2): the others take its batches' in out
    assert 'gap: the server at one is back' in out and one.count > 3


def test_a_server_that_is_another_now_is_not_used_again(soon, capsys):
    def back():
        raise Failure('it is another now')
    one, two = MadeUp('one', lose(1, 2), back), MadeUp('two', lambda count: time.sleep(.02))
    assert len(list(through([one, two]))) == BATCHES
    assert 'the server at one is not used any more: it is another now' in capsys.readouterr().out
    assert one.count <= 2


def test_with_none_left_it_ends(soon):
    def back():
        raise servers.Lost('still')
    start = time.time()
    with pytest.raises(NoRuntime) as e:
        list(through([MadeUp('one', lose(*range(99)), back)], patience=.2))
    assert str(e.value) == ('no server answers any more (one: number 1): the same command resumes '
                            'where it stopped')
    assert time.time() - start < 5


def test_a_fault_of_the_program_is_raised(soon):
    def wrong(count):
        raise ZeroDivisionError('here')
    with pytest.raises(ZeroDivisionError):
        list(through([MadeUp('one', wrong)]))


# ------------------------------------------------------------------- real ones

class Link(object):
    """A port of this machine whose bytes go to another; it can be cut."""

    def __init__(self, port):
        self.to, self.cut = port, False
        self.listening = socket.socket()
        self.listening.bind(('127.0.0.1', 0))
        self.listening.listen(20)
        self.address = '127.0.0.1:%d' % self.listening.getsockname()[1]
        in_thread(self.accept)

    def accept(self):
        while True:
            near = self.listening.accept()[0]
            if not self.cut:
                in_thread(self.carry, near)

    def carry(self, near):
        far = socket.create_connection(('127.0.0.1', self.to))
        while True:
            for end in select.select([near, far], [], [], .2)[0]:
                data = '' if self.cut else end.recv(65536)
                if not data:
                    near.close()
                    far.close()
                    return
                (far if end is near else near).sendall(data)
            if self.cut:        # as a cable that is pulled: nothing more comes, and no word of it
                while self.cut:
                    time.sleep(.05)


def in_thread(function, *arguments):
    thread = threading.Thread(target=quietly, args=(function,) + arguments)
    thread.daemon = True
    thread.start()


def quietly(function, *arguments):
    try:
        function(*arguments)
    except (IOError, OSError, socket.error):
        pass


def small_graph():
    """(graph, output): something to multiply, on uint8 (16, 16, 16, 3)."""
    import tensorflow as tf
    with tf.Graph().as_default() as graph:
        pixels = tf.placeholder(tf.uint8, (16, 16, 16, 3), 'pixels')
        kernel = tf.constant(np.random.RandomState(0).rand(3, 3, 3, 8), tf.float32)
        maps = tf.nn.relu(tf.nn.conv2d(tf.cast(pixels, tf.float32), kernel, [1, 1, 1, 1], 'SAME'))
        tf.reduce_mean(maps, [1, 2], name='features')
    return graph, 'features:0'


@pytest.fixture
def hasty(monkeypatch):
    """Limits of seconds where a run has those of tens of seconds."""
    monkeypatch.setattr(pool, 'RETRY', .2)
    monkeypatch.setattr(tf2, 'LEAST', 1.5)
    monkeypatch.setattr(servers, 'ANSWER', 2.)


def survived(addresses, faults, wanted_faults):
    """The names of the faults, which happened one after the other while batches went through.

    addresses: of three servers; each fault is a function.  Asserts that no byte has changed.
    """
    chance, done = random.Random(SEED), []
    graph, output = small_graph()
    batches = [np.random.RandomState(i).randint(0, 256, (16, 16, 16, 3)).astype('uint8')
               for i in range(BATCHES)]
    known = servers.facts(addresses[0])
    ready = [tf2.Server(address, known, graph, output, lambda server: None)
             for address in addresses]
    for server in ready:
        server.take()
    wanted = [ready[0].infer(batch).tobytes() for batch in batches]
    p = pool.Pool(ready, 60.)
    while len(done) < wanted_faults:
        fault = chance.choice(faults)
        thread = threading.Thread(target=fault, args=(chance,))
        thread.start()
        while thread.is_alive():
            for batch in batches:
                p.start(batch)
            got = [p.result()[1].tobytes() for _ in batches]
            assert got == wanted, (fault.__name__, done)
        thread.join()
        done.append(fault.__name__)
    p.close()
    for server in ready:
        server.close()
    return done


@needs_servers
def test_twenty_faults_change_no_byte(hasty, capsys):
    """kill -9 and a restart, SIGSTOP, a cut link, and a slow server, one after the other."""
    with Server() as one, Server() as two, Server() as three:
        link = Link(three.port)

        def kill(chance):
            victim = chance.choice([one, two])
            victim.process.kill()
            victim.process.wait()
            victim.start(victim.port)

        def stop(chance):
            victim = chance.choice([one, two, three])
            victim.process.send_signal(signal.SIGSTOP)
            time.sleep(chance.uniform(.1, 3))
            victim.process.send_signal(signal.SIGCONT)

        def cut(chance):
            link.cut = True
            time.sleep(chance.uniform(.1, 3))
            link.cut = False

        def slow(chance):
            for _ in range(20):
                three.process.send_signal(signal.SIGSTOP)
                time.sleep(.05)
                three.process.send_signal(signal.SIGCONT)
                time.sleep(.02)

        done = survived([one.address, two.address, link.address], [kill, stop, stop, cut, slow],
                        FAULTS)
    assert len(done) == FAULTS and set(done) == {'kill', 'stop', 'cut', 'slow'}, done
    out = capsys.readouterr().out
    assert out.count(' is lost (') >= 5 and out.count(' is back') >= 5, out


# ------------------------------------------------------------------- in networks of their own

@contextlib.contextmanager
def cabled(number):
    """A Server at the far end of a cable."""
    with network.cable(number) as end:
        with Server('--bind', end.there, host=end.there, before=end.before) as server:
            yield server


@needs_servers
@pytest.mark.skipif('not __import__("network").can_be_made()',
                    reason='this user can make no network namespace, or has no ip')
def test_links_that_go_down_change_no_byte(request, hasty, capsys):
    """Each server in a network namespace of its own, and so is this test."""
    if network.outside(request):
        return

    def down(chance):
        numbers = chance.sample([1, 2, 3], chance.choice([1, 1, 2, 3]))
        for number in numbers:
            network.set_link(number, 'down')
        time.sleep(chance.uniform(.5, 4))
        for number in numbers:
            network.set_link(number, 'up')

    with cabled(1) as one, cabled(2) as two, cabled(3) as three:
        assert len(survived([s.address for s in (one, two, three)], [down], 6)) == 6
    out = capsys.readouterr().out
    assert out.count(' is lost (') >= 3 and out.count(' is back') >= 3, out
