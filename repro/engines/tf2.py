# -*- coding: utf-8 -*-
"""A current TensorFlow behind TensorFlow 1.0.1: the frozen network runs on servers, over gRPC.

TensorFlow's own distributed runtime takes a graph of 1.0.1 as it is.  Pictures travel as uint8
and are cast in the graph.  With --servers it uses those that ./run.sh serve started, here or
elsewhere; without, run.sh has started one for this run (host/servers/servers.sh).
"""
import contextlib
import os
import time

import numpy as np

from repro.console.progress import say
from repro.engines import pixels, servers
from repro.engines.flow import Flow
from repro.engines.pool import Pool
from repro.failures import Failure, NoRuntime
from repro.system import processes
from repro.work.folder import HIDDEN, discard, temporary_name

ENGINE = {
    'title': 'TensorFlow',
    'options': (
        ('--servers', {'default': (), 'session': True,
                       'help': 'HOST:PORT,… of ./run.sh serve (without it: one of its own)'}),
        ('--fast', {'default': False, 'session': True,
                    'help': 'TF32 and non-deterministic kernels'}),
        ('--workers', {'default': 0, 'help': 'processes that decode pictures (0: one a core)'}),
    ),
    'server': True,
}

PATIENCE = 60.          # seconds without any of the servers before a run ends
FIRST = 300.            # seconds for a network's first batch: a server may compile kernels for it
LEAST, TIMES = 15., 10.     # a later batch may take TIMES the slowest so far, and LEAST at least


def check(servers=(), fast=False, workers=0):
    """Raises NoRuntime unless the servers answer, and are of one kind."""
    connected(servers, fast)


def connected(addresses, fast):
    """{address: facts} of the servers to use."""
    addresses = addresses or servers.given()
    if not addresses:
        raise NoRuntime('--engine tf2 needs a server: name one with --servers HOST:PORT (./run.sh '
                        'serve starts one)')
    known = servers.all_facts(addresses)
    for address, facts in known.items():
        if facts['fast'] and not fast:
            raise NoRuntime('the server at %s runs with --fast, so it is not as exact: say --fast '
                            'here, too, or start it without' % address)
    return known


def kind(facts):
    """A server's facts in a few words."""
    return 'TensorFlow %s on %s%s' % (facts['tensorflow'], facts['device'],
                                      ', --fast' * facts['fast'])


class Engine(object):
    """The servers and one set of decoded pictures, for all networks of a run."""
    is_reference = False

    def __init__(self, sizes, servers=(), fast=False, workers=0):
        self.known = connected(servers, fast)
        self.patience = PATIENCE if servers else 0.     # the run's own is not started again
        self.workers = workers or processes.cores()
        self.pixels = pixels.Pixels(sizes, self.workers)
        first = list(self.known.values())[0]
        # TF32 is float32 with 10 bits of mantissa, on cards from Ampere on.
        self.precision = 'tf32' if first['fast'] and first['cards'] else 'f32'
        self.origin = {'engine': 'tf2', 'precision': self.precision,
                       'engine_version': first['tensorflow'], 'device': first['device']}
        self.description = 'tf2 %s, %s' % (self.precision, kind(first))
        self.facts = {'workers': self.workers, 'fast': first['fast'], 'served_by': self.known}

    @contextlib.contextmanager
    def attached(self, model, done, made_from, *generators):
        from repro.engines import equality      # imports Keras: seconds
        start = time.time()
        graph, output = frozen_graph(model, done.network)
        sample = equality.Sample(model, generators)

        def prove(server):
            equality.prove_sample(sample, done.network, server.infer, self.precision,
                                  made_from['weights_are'], 'the server at ' + server.address)

        ready = [Server(address, self.known[address], graph, output, prove)
                 for address in sorted(self.known)]
        pool = None
        try:
            for server in ready:
                server.take()
            say('gap: %s: frozen and at %d server%s in %.1f s' % (
                done.network, len(ready), 's'[len(ready) == 1:], time.time() - start))
            pool = Pool(ready, self.patience)
            flow = Flow(self.pixels.of(generators, model.input_shape[1:3]), pool, done.rows)
            model.predict_function = flow.predict
            yield flow.generators(generators)
        finally:
            if pool:
                pool.close()
            for server in ready:
                server.close()

    def close(self):
        self.pixels.close()


class Server(object):
    """One network at one server.

    prove: called with this when the server has the network, before any batch; raises Failure.
    """

    def __init__(self, address, known, graph, output, prove):
        self.address, self.known = address, known
        self.graph, self.output, self.prove = graph, output, prove
        self.session, self.slowest = None, None

    def take(self):
        """Sends the network there, and proves it.  Raises NoRuntime, Failure."""
        try:
            self.connect()
        except servers.Lost as e:
            raise NoRuntime('the server at %s is lost (%s): the same command resumes'
                            % (self.address, e))

    def take_back(self):
        """After it was lost.  Raises Lost; Failure where it is another server than before."""
        known = servers.facts(self.address)
        for key in ('tensorflow', 'device', 'fast'):
            if known[key] != self.known[key]:
                raise Failure('it is another now (%s: %s, was %s)'
                              % (key, known[key], self.known[key]))
        self.connect()

    def connect(self):
        self.close()
        self.session, self.slowest = servers.Session(self.address, self.graph), None
        self.prove(self)

    def infer(self, batch):
        """Features (n, c) float32 of a batch, uint8 (n, height, width, 3).  Raises Lost."""
        n, start = len(batch), time.time()
        if n < pixels.BATCH:        # the graph has that shape
            batch = np.concatenate([batch, np.zeros((pixels.BATCH - n,) + batch.shape[1:], 'u1')])
        limit = FIRST if self.slowest is None else max(LEAST, TIMES * self.slowest)
        features = self.session.run(self.output, {'pixels:0': batch}, limit)
        self.slowest = max(self.slowest or 0., time.time() - start)
        return features[:n]

    def close(self):
        if self.session is not None:
            self.session.close()


def frozen_graph(model, network):
    """(tf.Graph, the name of its output) of a model, frozen."""
    import tensorflow as tf
    from repro.engines.frozen import freeze
    name, definition = temporary_name(os.path.join(HIDDEN, network + '.pb')), tf.GraphDef()
    try:
        freeze(model, pixels.BATCH, name)
        with open(name, 'rb') as f:
            definition.ParseFromString(f.read())
    finally:
        discard(name)
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name='')
    return graph, model.output.op.name + ':0'
