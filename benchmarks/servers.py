# -*- coding: utf-8 -*-
"""./run.sh bench servers: what TensorFlow servers give, and what the client can feed.

Runs in the pinned Python 2.7 environment with a work folder as the current directory.  All
measure on this machine's cores, client and servers together, and take turns for several rounds.
With --device gpu the servers multiply on its card, and TensorFlow 1.0.1 still on its cores:

- each network on TensorFlow 1.0.1 and on one server: decoded pictures, then JPEG files;
- two servers with a core each against one with a core, decoded pictures;
- the client alone, against a graph that costs a server nothing: the wire, and decoding;
- training a small convnet in process and under exec --engine tf2 (train_cifar10.py).

Pictures are drawn and weights seeded, as in bench.py: speed depends on neither.
"""
from __future__ import division, print_function

import collections
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(1, ROOT)

import bench  # noqa: E402
import observe  # noqa: E402
import servers_table  # noqa: E402
import table  # noqa: E402
from repro import gap, options  # noqa: E402
from repro.console import output  # noqa: E402
from repro.console.progress import say  # noqa: E402
from repro.engines import pixels, pool, servers, tf2  # noqa: E402
from repro.failures import Failure  # noqa: E402
from repro.system.processes import cores as usable_cores  # noqa: E402
from repro.work.folder import locked  # noqa: E402

RUN_SH = os.path.join(ROOT, 'run.sh')


# ---------------------------------------------------------------- servers

def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def served(device, *cores):
    """The addresses of one server for each of `cores`: those it may use, as taskset has them."""
    started, addresses = [], []
    try:
        for those in cores:
            port = free_port()
            started.append(subprocess.Popen(
                ['taskset', '-c', those, RUN_SH, 'serve', '--runtime', 'native', '--device',
                 device, '--port', str(port)], stdout=subprocess.PIPE, close_fds=True))
            addresses.append('127.0.0.1:%d' % port)
        for process in started:
            assert process.stdout.readline().startswith('serve: ready'), 'no server'
        yield addresses
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
            process.wait()


@contextlib.contextmanager
def network_at(addresses, graph, output_name):
    """A Pool over the servers, which have this graph."""
    connected = [tf2.Server(a, servers.facts(a), graph, output_name, lambda server: None)
                 for a in addresses]
    for server in connected:
        server.take()
    ahead = pool.Pool(connected, tf2.PATIENCE)
    try:
        yield ahead
    finally:
        ahead.close()
        for server in connected:
            server.close()


def all_cores():
    return ','.join(map(str, allowed()))


def allowed():
    """The numbers of the cores that this process may use."""
    text = observe.fields('/proc/self/status')['Cpus_allowed_list']
    spans = [span.split('-') for span in text.split(',')]
    return [n for span in spans for n in range(int(span[0]), int(span[-1]) + 1)]


# ---------------------------------------------------------------- one measurement each: images/s

def alone(predict, batch, seconds):
    import worker
    images, took = worker.measure(predict, batch, len(batch), seconds)
    return images / took


def pooled(ahead, batch, seconds):
    """Decoded pictures, as many batches under way as the servers take."""
    under_way = pool.IN_FLIGHT * len(ahead.servers) + 1
    for _ in range(under_way):
        ahead.start(batch)
    for _ in range(under_way):
        ahead.result()
        ahead.start(batch)
    images, start = 0, time.time()
    while time.time() - start < seconds:
        ahead.result()
        ahead.start(batch)
        images += len(batch)
    rate = images / (time.time() - start)
    for _ in range(under_way):
        ahead.result()
    return rate


def of_files(files, count):
    count = int(max(count, 1) + pixels.BATCH - 1) // pixels.BATCH * pixels.BATCH
    start = time.time()
    files(count)
    return count / (time.time() - start)


# ---------------------------------------------------------------- what is measured

def networks(names, args):
    """{network: {tf1, server: {network, files: [images/s]}}}."""
    import measure_keras1
    rates = {}
    for name in names:
        batch = decoded(name)
        predict, files, _ = measure_keras1.tf1(name, usable_cores(), False)
        model, size = measure_keras1.build(name), gap.CALLS[name][1]
        rates[name] = of = dict((who, {'network': [], 'files': []}) for who in ('tf1', 'server'))
        with served(args.device, all_cores()) as addresses:
            with network_at(addresses, *tf2.frozen_graph(model, name)) as ahead:
                on_server = measure_keras1.through(model, size, usable_cores(), ahead)
                for _ in range(args.rounds):
                    of['tf1']['network'].append(alone(predict, batch.astype('f4'), args.seconds))
                    of['server']['network'].append(pooled(ahead, batch, args.seconds))
                    for who, through in (('tf1', files), ('server', on_server)):
                        each = of[who]
                        each['files'].append(
                            of_files(through, each['network'][-1] * args.seconds))
        for who in ('tf1', 'server'):
            say('bench: %s, %s: %.2f images/s alone, %.2f from files' % (
                name, who, table.median(of[who]['network']), table.median(of[who]['files'])))
    return rates


def decoded(name):
    import worker
    return worker.pictures(worker.side(name), pixels.BATCH, 'uint8')


def two_against_one(name, args):
    """{one, two: [images/s]} with servers that have a core each."""
    import measure_keras1
    graph = tf2.frozen_graph(measure_keras1.build(name), name)
    rates, cores, batch = collections.OrderedDict(), [str(c) for c in allowed()], decoded(name)
    for who, those in (('one', cores[:1]), ('two', cores[:2])):
        with served('cpu', *those) as addresses:
            with network_at(addresses, *graph) as ahead:
                rates[who] = [pooled(ahead, batch, args.seconds) for _ in range(args.rounds)]
        say('bench: %s at %s server(s) of one core: %.2f images/s' % (
            name, who, table.median(rates[who])))
    return rates


def costs_nothing(size):
    """(graph, output): three of each picture's pixels, for no work at all."""
    import tensorflow as tf
    with tf.Graph().as_default() as graph:
        batch = tf.placeholder(tf.uint8, (pixels.BATCH,) + size + (3,), name='pixels')
        tf.cast(batch[:, 0, 0, :], tf.float32, name='corner')
    return graph, 'corner:0'


def client(args):
    """{pixels a side: {wire, decoders: {n: [images/s]}}} against a graph that costs nothing."""
    import measure_keras1
    rates = {}
    for name in ('ResNet50', 'InceptionV3'):
        size, batch = gap.CALLS[name][1], decoded(name)
        with served(args.device, all_cores()) as addresses:
            with network_at(addresses, *costs_nothing(size)) as ahead:
                of = {'wire': [pooled(ahead, batch, args.seconds) for _ in range(args.rounds)],
                      'decoders': {}}
                model = measure_keras1.build(name)      # its predict_function is replaced
                for workers in sorted({1, usable_cores()}):
                    files = measure_keras1.through(model, size, workers, ahead)
                    files(64)
                    of['decoders'][str(workers)] = [of_files(files, 100 * args.seconds)
                                                    for _ in range(args.rounds)]
        rates[str(size[0])] = of
        say('bench: the client alone, %d pixels: %.0f images/s over the wire; from files %s' % (
            size[0], table.median(of['wire']), ', '.join(
                '%.0f with %s' % (table.median(r), servers_table.plural(int(n), 'decoder'))
                for n, r in sorted(of['decoders'].items()))))
    return rates


def training(args):
    """({in process, server: [what train_cifar10.py printed]}, and with sgd once; the server's
    facts)."""
    runs = {'in process': [], 'server': [], 'in process, sgd': [], 'server, sgd': []}
    with served(args.device, all_cores()) as (address,):
        known = servers.facts(address)
        for number in range(args.rounds):
            for optimizer in ('', 'sgd')[:2 if number == 0 else 1]:
                for who, where in (('in process', []),
                                   ('server', ['--engine', 'tf2', '--servers', address])):
                    runs[who + ', sgd' * bool(optimizer)].append(train(where, optimizer))
    for who in ('in process', 'server'):
        say('bench: training, %s: %.0f images/s' % (who, servers_table.trained(runs, who)))
    return runs, known


def train(where, optimizer):
    command = [RUN_SH, 'exec', '--runtime', 'native'] + where + [
        'python', os.path.join(HERE, 'train_cifar10.py')] + [optimizer] * bool(optimizer)
    with open(os.devnull, 'w') as nowhere:
        return json.loads(subprocess.check_output(command, stderr=nowhere).splitlines()[-1])


# ---------------------------------------------------------------- the run

def parse(argv):
    parser = options.parser_of(options.options_of('.bench-servers'))
    parser.add_argument('--results', default='.')
    with options.help_named('bench'):
        args, unknown = parser.parse_known_args(argv)
        for word in unknown:
            options.refuse('bench servers', word)
    return args


def main(argv):
    try:
        args = parse(argv)
        output.prepare(False)
        with locked():
            bench.write(measure(args, args.networks), args.results,
                        servers_table.PREFIX[args.device], servers_table.markdown)
        return 0
    except Failure as e:
        print('bench: %s' % e, file=sys.stderr)
        return e.status


def measure(args, names):
    """The run's result, as results/servers-*.json holds it."""
    bench.prepare(sorted(set(names) | {'ResNet50', 'InceptionV3'}))
    result = {'begun': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()),
              'commit': os.environ.get('REPRO_COMMIT', 'unknown'),
              'machine': observe.describe(usable_cores()),
              'warning': observe.not_idle(usable_cores()),
              'options': {'rounds': args.rounds, 'seconds': args.seconds}}
    result['training'], result['server'] = training(args)
    result['networks'] = networks(names, args)
    if args.device == 'cpu':
        result['pair network'], result['pair'] = names[0], two_against_one(names[0], args)
    result['client'] = client(args)
    return result


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
