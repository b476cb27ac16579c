# -*- coding: utf-8 -*-
"""./run.sh bench: this program's engines and its peers measured in one run, taking turns.

Runs in the pinned Python 2.7 environment with a work folder as the current directory; each
peer is a program of its own (measure_*.py), in its own environment, that keeps running through
all rounds and sleeps while another has its turn (worker.py).  In each round each peer predicts
decoded pictures from memory for some seconds (the network alone), and then does the same
with JPEG files.  results/ gets the numbers as JSON and as a Markdown table (table.py).

Speed does not depend on what the pictures show or on what the weights were trained on: the
pictures are the demo's drawn ones, the weights seeded.
"""
from __future__ import division, print_function

import collections
import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.dirname(HERE))

import observe  # noqa: E402
import table  # noqa: E402
from peers import parse, peers  # noqa: E402
from repro import engines  # noqa: E402
from repro.console import output  # noqa: E402
from repro.console.progress import say  # noqa: E402
from repro.failures import Failure  # noqa: E402
from repro.standin import pictures, weights  # noqa: E402
from repro.system import machine  # noqa: E402
from repro.system.processes import cores as usable_cores  # noqa: E402
from repro.work import record  # noqa: E402
from repro.work.folder import HIDDEN, locked, replacing, sweep, write_json  # noqa: E402

BATCH = 16                      # the article's
BATCHES = (8, 16, 32, 64)       # where a peer may choose
TRAIN, TEST = 64, 2             # drawn pictures; train2/'s are decoded again and again
PAUSE = .5                      # seconds for the peer before to fall asleep
OTHERS = .05                    # of the processor: what others may use in a measurement


# ---------------------------------------------------------------- what can be measured here

def left_out(chosen, pythons, cores):
    """{peer: why it cannot be measured here}."""
    reasons = {}
    for name in chosen:
        peer = peers(cores)[name]
        if peer.engine and not installed(peer.engine):
            reasons[name] = '%s is not installed here' % engines.title(peer.engine)
        elif peer.needs_bf16 and not observe.has_bf16():
            reasons[name] = 'this processor has no bf16 arithmetic (amx_bf16, avx512_bf16)'
        elif any(e not in pythons for e in {'cpu': (), 'onnx': ('onnx', 'torch')}.get(
                peer.environment, (peer.environment,))):
            reasons[name] = 'its environment is not there'
    return reasons


def installed(engine):
    """Whether host/engines.sh has made this engine's folder; the stamp comes last."""
    return os.path.exists(os.path.join(os.environ['REPRO_ENGINES'], engine, 'stamp'))


# ---------------------------------------------------------------- the same inputs for all

def prepare(names):
    """train2/ with the drawn pictures, weights/, and the decoded pictures-<side>.npy."""
    import numpy as np
    from keras.preprocessing.image import img_to_array, load_img
    from repro import links
    import worker
    record.check_kind('bench')
    sweep()
    pictures.write(TRAIN, TEST, report=say)
    weights.make(names, report=say)
    links.link()
    files = worker.image_files()
    for side in sorted(set(worker.side(n) for n in names)):
        decoded = np.array([img_to_array(load_img(n, target_size=(side, side))) for n in files])
        with replacing(worker.PICTURES % side) as name:
            with open(name, 'wb') as f:
                np.save(f, decoded.astype('uint8'))


def export(network, pythons, cores):
    """network.onnx for ONNX Runtime, by PyTorch; → why not, or ''."""
    if os.path.exists(network + '.onnx'):
        os.remove(network + '.onnx')    # it may be of other versions
    name = os.path.join(HIDDEN, 'export-%s.log' % network)
    with open(name, 'w') as log:
        status = subprocess.call(
            [pythons['torch'], os.path.join(HERE, 'measure_pytorch.py'), network, str(cores),
             'export', network + '.onnx'], stdout=log, stderr=log, env=environment())
    return 'PyTorch could not export it: %s' % last_line(name) if status else ''


# ---------------------------------------------------------------- the measured programs

def environment():
    """Without thread counts and kernels that were chosen for something else."""
    return dict((k, v) for k, v in os.environ.items() if not k.startswith(('OMP_', 'OPENBLAS_')))


def start(python, arguments, log):
    """A measuring program, running; stderr goes to the file `log`."""
    with open(log, 'w') as f:
        command = [python, os.path.join(HERE, arguments[0])] + arguments[1:]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=f, env=environment(), universal_newlines=True,
                                   close_fds=True)     # else none ends when its own stdin does
    process.log = log
    return process


def receive(process):
    """Its next line of JSON; Failure when it has ended instead."""
    line = process.stdout.readline()
    if not line:
        process.wait()
        raise Failure('it ended with status %s: %s' % (process.returncode,
                                                       last_line(process.log)))
    return json.loads(line)


def last_line(log):
    with open(log) as f:
        lines = f.read().strip().splitlines()
    return '%s (%s)' % (lines[-1] if lines else 'no message', log)


def ask(processes, **task):
    """The task to all of them at once → their answers as one, and what others used meanwhile."""
    time.sleep(PAUSE)
    before, start_time = observe.clocks(), time.time()
    for process in processes:
        process.stdin.write(json.dumps(task) + '\n')
        process.stdin.flush()
    answers = [receive(process) for process in processes]
    after, elapsed = observe.clocks(), time.time() - start_time
    others = (after[0] - before[0] - after[1] + before[1]) / elapsed / usable_cores()
    return answers, max(0., round(others, 3))


@contextlib.contextmanager
def running():
    """A list for processes that end with the block, however it ends."""
    processes = []
    try:
        yield processes
    finally:
        for process in processes:
            if process.poll() is None:
                process.terminate()
        for process in processes:
            process.wait()


class Measured(object):
    """One peer on one network: its processes, and what they measured."""

    def __init__(self, name, network, batch, pythons, processes):
        self.name, self.batch, self.rates = name, batch, []
        peer = peers(usable_cores())[name]
        log = os.path.join(HIDDEN, 'bench-%s-%s.log' % (name, network))
        arguments = [a.format(network=network, cores=usable_cores(), batch=batch)
                     for a in peer.command]
        self.processes = [start(pythons[peer.environment], arguments, log)
                          for _ in range(peer.processes)]
        processes += self.processes
        start_time = time.time()
        facts = [receive(p) for p in self.processes]
        self.entry = dict(facts[0], batch=batch, processes=len(facts), network=[], files=[],
                          start_seconds=round(time.time() - start_time, 1), memory_mib=0)
        del self.entry['ready']

    def measure(self, seconds):
        """One turn: the network alone, then from files, for about as long."""
        rate = self.turn('network', batch=self.batch, seconds=seconds)
        self.rates.append(rate)
        each = rate * seconds / len(self.processes)
        images = int(math.ceil(each / self.batch)) * self.batch
        return rate, self.turn('files', batch=self.batch, images=images)

    def turn(self, what, **task):
        answers, others = ask(self.processes, what=what, **task)
        rate = sum(a['images'] / a['seconds'] for a in answers)
        self.entry[what].append({'images': sum(a['images'] for a in answers),
                                 'seconds': round(max(a['seconds'] for a in answers), 3),
                                 'images_per_second': round(rate, 3), 'others': others})
        memory = sum(a['memory_mib'] for a in answers)
        self.entry['memory_mib'] = max(self.entry['memory_mib'], int(round(memory)))
        return rate


def best_batch(name, network, pythons, seconds):
    """(batch, {batch: images/s}): each size tried once, in processes that end with the trial."""
    trials = collections.OrderedDict()
    for batch in BATCHES:
        with running() as processes:
            trial = Measured(name, network, batch, pythons, processes)
            trials[batch] = round(trial.turn('network', batch=batch, seconds=seconds), 2)
    return max(trials, key=trials.get), trials


# ---------------------------------------------------------------- the run

def measure_network(network, args, chosen, result, sgemm):
    """All peers on one network, round by round; one that fails is left out."""
    failed = result['failed']
    with running() as processes:
        measured = []
        for name in chosen:
            start_time = time.time()
            try:
                measured.append(ready(name, network, args, processes))
            except Failure as e:
                failed['%s, %s' % (name, network)] = str(e)
                say('bench: %s: %s is left out: %s' % (network, name, e))
                continue
            say('bench: %s: %s is ready after %.0f s, batches of %d' % (
                network, name, time.time() - start_time, measured[-1].batch))
        for number in range(1, args.rounds + 1):
            measure_sgemm(sgemm, result)
            for one in list(measured):
                try:
                    alone, files = one.measure(args.seconds)
                except Failure as e:
                    failed['%s, %s' % (one.name, network)] = str(e)
                    measured.remove(one)
                    say('bench: %s: %s is left out: %s' % (network, one.name, e))
                    continue
                others = max(t[-1]['others'] for t in (one.entry['network'], one.entry['files']))
                noise = '; others used %d %%' % (100 * others) if others > OTHERS else ''
                say('bench: %s, round %d of %d: %s: %.2f images/s alone, %.2f from files%s'
                    % (network, number, args.rounds, one.name, alone, files, noise))
        result['networks'][network] = dict((m.name, m.entry) for m in measured)


def ready(name, network, args, processes):
    """The peer's program, started and ready; Failure when it does not get that far."""
    peer, pythons = peers(usable_cores())[name], args.pythons
    if peer.environment == 'onnx':
        refusal = export(network, pythons, usable_cores())
        if refusal:
            raise Failure(refusal)
    if not peer.chooses:
        return Measured(name, network, BATCH, pythons, processes)
    batch, trials = best_batch(name, network, pythons, args.seconds / 2)
    measured = Measured(name, network, batch, pythons, processes)
    measured.entry['trials'] = trials
    return measured


def measure_sgemm(sgemm, result):
    if sgemm is None:
        return
    (answer,), others = ask([sgemm])
    for key, value in answer.items():
        result['sgemm'].setdefault(key, []).append(round(value, 1))
    result['sgemm'].setdefault('others', []).append(others)


def start_sgemm(pythons, processes, result):
    """The program that measures the yardstick, or None without its environment."""
    if 'sgemm' not in pythons:
        return None
    sgemm = start(pythons['sgemm'], ['measure_sgemm.py', str(usable_cores())],
                  os.path.join(HIDDEN, 'bench-sgemm.log'))
    processes.append(sgemm)
    facts = receive(sgemm)
    result['sgemm'] = dict((k, facts[k]) for k in ('kernel', 'versions', 'threads'))
    say('bench: sgemm: numpy %s, OpenBLAS kernels for %s' % (facts['versions']['numpy'],
                                                             facts['kernel']))
    return sgemm


def bench(args):
    """→ the run's result, as results/*.json holds it."""
    cores = usable_cores()
    args.pythons = dict(p.split('=', 1) for p in args.python)
    missing = left_out(args.peers, args.pythons, cores)
    for name in args.peers:
        if name in missing:
            say('bench: %s is left out: %s' % (name, missing[name]))
    args.pythons['cpu'] = sys.executable
    chosen = [n for n in args.peers if n not in missing]
    if not chosen:
        raise Failure('nothing is left to measure')
    prepare(args.networks)
    warning = observe.not_idle(cores)
    if warning:
        say('bench: WARNING: %s, and these numbers are not for the record' % warning)
    start_time = time.time()
    result = {'begun': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()), 'warning': warning,
              'commit': os.environ.get('REPRO_COMMIT', 'unknown'),
              'machine': observe.describe(cores), 'load_average': os.getloadavg(),
              'options': {'rounds': args.rounds, 'seconds': args.seconds},
              'pictures': '%d drawn stand-ins' % TRAIN, 'weights': 'seeded stand-ins',
              'sgemm': {}, 'networks': {}, 'failed': {}, 'left_out': missing}
    with running() as processes:
        sgemm = start_sgemm(args.pythons, processes, result)
        for network in args.networks:
            measure_network(network, args, chosen, result, sgemm)
    result['seconds'] = round(time.time() - start_time)
    result['disturbed'] = disturbed(result)
    return result


def disturbed(result):
    """How many of the measurements were made while others used the processor, and of how many."""
    shares = [turn['others'] for entries in result['networks'].values()
              for entry in entries.values() for what in ('network', 'files')
              for turn in entry[what]] + result['sgemm'].get('others', [])
    return [sum(share > OTHERS for share in shares), len(shares)]


def write(result, folder, prefix='', markdown=table.markdown):
    """results/<prefix><when>.json and .md, which is printed, too."""
    if not os.path.isdir(folder):
        os.makedirs(folder)
    name = os.path.join(folder, prefix + result['begun'].replace(':', ''))
    text = markdown(result)
    write_json(name + '.json', result)
    with replacing(name + '.md') as temporary:
        with open(temporary, 'wb') as f:
            f.write(text.encode('utf-8'))
    say(text.encode('utf-8'))
    say('bench: %s.json and .md' % name)


def main(argv):
    for number in (signal.SIGINT, signal.SIGTERM):      # a job in the background ignores them
        signal.signal(number, signal.default_int_handler)
    try:
        args = parse(argv)
        output.prepare(False)
        with locked():
            result = bench(args)
        write(result, args.results)
        return 1 if result['failed'] else 0
    except Failure as e:
        failure = e
    except KeyboardInterrupt:
        print('bench: interrupted; nothing was written', file=sys.stderr)
        return 130
    except (IOError, OSError) as e:
        failure = machine.explain(e)
        if failure is None:
            raise
    sys.stdout.flush()
    print('bench: %s' % failure, file=sys.stderr)
    return failure.status


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
