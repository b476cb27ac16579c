#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""./run.sh serve: a current TensorFlow that a TensorFlow 1.0.1 drives over gRPC, unchanged.

    server.py --port N --bind ADDRESS --device auto|cpu|gpu [--fast] --log FILE [--private]
    server.py --port N --bind ADDRESS --check       prints the address, if both can be used

The server is TensorFlow's own (tf.distribute.Server); around it are a check of the port, of the
cards and of who may connect, and one line on standard output when it is ready.  With --private the
line is for run.sh: `ready PORT FACTS`, the facts as JSON.  What TensorFlow says goes to the log.

Ends on SIGTERM or SIGINT, with 0; with --private only on SIGTERM, and when its parent has ended,
however it did.  In a container, which knows neither its parent nor the address that its port is
published at: --lifeline N, a port on which the run holds one connection to its end, and --outside
ADDRESS.  CPython 3.11 or later; needs requirements/tf2.txt or tf2-gpu.txt and nothing of this
project.
"""
from __future__ import print_function    # for the linter, which is a Python 2.7

import argparse
import ctypes
import errno
import ipaddress
import json
import os
import signal
import socket
import struct
import sys
import threading

FACTS = 100         # the file that clients read the facts from: /proc/self/fd/100
NO_RUNTIME, BAD_INPUT = 3, 4        # docs/statuses.md
ABANDONED = 600.    # seconds without the run's connection, as where its start failed
OPEN = ('serve: TensorFlow has no authentication and runs any graph that it is sent: keep this '
        'port private (an SSH tunnel, WireGuard: docs/servers.md)\n')
ENDING = {signal.SIGTERM, signal.SIGINT}


def options():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument('--port', type=int, required=True)          # 0: any that is free
    parser.add_argument('--bind', required=True)
    parser.add_argument('--outside')
    parser.add_argument('--device', choices=('auto', 'cpu', 'gpu'), default='auto')
    parser.add_argument('--fast', action='store_true')
    parser.add_argument('--log', default='-')                       # -: standard error
    parser.add_argument('--private', action='store_true')
    parser.add_argument('--lifeline', type=int)
    parser.add_argument('--check', action='store_true')
    return parser.parse_args()


def main():
    args, stderr = options(), os.dup(2)
    try:
        if args.private:
            end_with_parent()
            signal.signal(signal.SIGHUP, signal.SIG_IGN)    # a run continues without its terminal
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)    # TensorFlow's threads inherit it
        address = own_address(args.bind)
        check_port(args.port)
        if args.check:
            print(address)
            return 0
        if args.log != '-':
            os.dup2(os.open(args.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666), 2)
        if args.lifeline:
            end_with_connection(args.lifeline)
        settings(args)
        server, known = start(args)
        port = int(server.target.rsplit(':', 1)[1])
        if not address.is_unspecified:
            admit_only(address, port)
        server.start()
    except Refusal as e:
        os.write(stderr, ('serve: %s\n' % e).encode())
        return e.status
    if args.private:
        print('ready', port, json.dumps(known, sort_keys=True), flush=True)
    else:
        print('serve: ready: TensorFlow %(tensorflow)s on %(device)s' % known,
              '(cards: %(cards)d, cores: %(cores)d%%s)' % known % (', --fast' * args.fast),
              'at %s:%d' % (args.outside or args.bind, port), flush=True)
        if not (ipaddress.ip_address(args.outside) if args.outside else address).is_loopback:
            os.write(stderr, OPEN.encode())
    while signal.sigwait(ENDING) == signal.SIGINT and args.private:
        pass        # Ctrl-C is for the run
    return 0


class Refusal(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def end_with_parent():
    """The kernel kills this process, a stopped one too, when its parent has ended."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)     # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        sys.exit(0)


def end_with_connection(port):
    """Ends this process when the one connection on the port closes, or none is made."""
    listening = socket.socket()
    listening.settimeout(ABANDONED)
    listening.bind(('127.0.0.1', port))
    listening.listen()

    def watch():
        try:
            listening.accept()[0].recv(1)       # waits for the end: nobody sends
        except OSError:
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


# ------------------------------------------------------------------------- who may connect

def own_address(text):
    """The ipaddress of --bind; Refusal unless this machine has it."""
    try:
        address = ipaddress.ip_address(socket.getaddrinfo(text, None)[0][4][0].split('%')[0])
        family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        with socket.socket(family) as s:
            s.bind((str(address), 0))
        return address
    except (OSError, UnicodeError) as e:
        raise Refusal(BAD_INPUT, '--bind %s is not an address of this machine (%s): '
                      '0.0.0.0 means all of them' % (text, getattr(e, 'strerror', e)))


def check_port(port):
    """Refusal where another program listens.  gRPC itself would share the port with it."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            with socket.socket(family) as s:
                if family == socket.AF_INET6:
                    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(('', port))
                s.listen()
        except OSError as e:        # other errors, as on a machine without IPv6, do not matter
            if e.errno == errno.EACCES:
                raise Refusal(BAD_INPUT, 'port %d needs root: name one above 1023 with --port'
                              % port)
            if e.errno == errno.EADDRINUSE:
                raise Refusal(BAD_INPUT, 'port %d is taken: name another with --port' % port)


def admit_only(address, port):
    """TensorFlow listens on every address: a filter in the kernel drops what is for others.

    Classic BPF (linux/filter.h).  The network header lies at -0x100000; destination addresses at
    16 in IPv4's, at 24 in IPv6's, where a socket for both sees IPv4's packets as IPv4.
    """
    words = struct.unpack('>%dI' % (len(address.packed) // 4), address.packed)
    offset = 24 if address.version == 6 else 16
    header, drop = -0x100000 & 0xffffffff, 2 + 2 * len(words) + 1
    program = [(0x30, 0, 0, header), (0x74, 0, 0, 4),       # the version: its first four bits
               (0x15, 0, drop - 2, address.version)]
    for i, word in enumerate(words):
        program += [(0x20, 0, 0, header + offset + 4 * i),
                    (0x15, 0, drop - 4 - 2 * i, word)]
    program += [(0x06, 0, 0, 0xffffffff), (0x06, 0, 0, 0)]
    code = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *line) for line in program))
    filters = struct.pack('HP', len(program), ctypes.addressof(code))
    listening = list(listeners(port))
    if not listening:
        raise Refusal(NO_RUNTIME, 'TensorFlow listens nowhere on port %d' % port)
    for s in listening:
        try:
            s.setsockopt(socket.SOL_SOCKET, 26, filters)    # SO_ATTACH_FILTER
        except OSError as e:
            # Linux 6.18 needs root for a filter on TCP.  Loopback is a device, too, and any user
            # may tie a socket to one; then this machine's other addresses work as well.
            if not address.is_loopback:
                raise Refusal(NO_RUNTIME, 'this kernel keeps other addresses out for root alone '
                              '(%s): --bind 0.0.0.0 lets all in, and without --bind only this '
                              'machine, such as the end of an SSH tunnel' % e.strerror)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'lo\0')


def listeners(port):
    """This process's sockets that listen on the port, each once."""
    seen = set()
    for name in os.listdir('/proc/self/fd'):
        try:
            link = os.readlink('/proc/self/fd/' + name)
            if link.startswith('socket:') and link not in seen:
                seen.add(link)
                s = socket.socket(fileno=os.dup(int(name)))
                if s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and \
                        s.getsockname()[1] == port:
                    yield s
        except OSError:         # the listing's own, closed by now; a socket of another kind
            pass


# ------------------------------------------------------------------------- TensorFlow

def settings(args):
    """TensorFlow reads these as it is imported; one that the user has set stays."""
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '1')
    os.environ.setdefault('TF_FORCE_GPU_ALLOW_GROWTH', 'true')
    if args.device == 'cpu':
        os.environ['CUDA_VISIBLE_DEVICES'] = '-1'
    if not args.fast:
        os.environ['NVIDIA_TF32_OVERRIDE'] = '0'        # 10 bits of mantissa for float32's 23
        # cuDNN's deterministic kernels.  TF_DETERMINISTIC_OPS is stricter: on a card it refuses
        # cross-entropy, and so all training that uses it (seen on an H200).
        os.environ['TF_CUDNN_DETERMINISTIC'] = '1'


def start(args):
    """The tf.distribute.Server, not started yet, and its facts()."""
    import tensorflow as tf
    cards = [] if args.device == 'cpu' else tf.config.list_physical_devices('GPU')
    if args.device == 'gpu' and not cards:
        raise Refusal(NO_RUNTIME, 'TensorFlow %s finds no GPU here (its own words: %s): '
                      'use --device cpu' % (tf.__version__, args.log))
    known = facts(tf, args, cards)
    publish(known)
    config = tf.compat.v1.ConfigProto(isolate_session_state=True)   # else by name, for all clients
    try:
        return tf.distribute.Server(
            {'local': ['127.0.0.1:%d' % args.port]}, job_name='local', task_index=0,
            protocol='grpc', config=config, start=False), known
    except tf.errors.OpError as e:
        raise Refusal(NO_RUNTIME, 'TensorFlow does not listen on port %d (%s)'
                      % (args.port, e.message))


def facts(tf, args, cards):
    """What a client learns of this server, and what stands in features made by it."""
    names = [tf.config.experimental.get_device_details(card).get('device_name', 'GPU')
             for card in cards]
    return {'tensorflow': tf.__version__, 'device': ', '.join(sorted(set(names))) or 'cpu',
            'cards': len(cards), 'cores': len(os.sched_getaffinity(0)), 'fast': args.fast}


def publish(known):
    """Puts the facts where a client's graph reads them, tf.read_file('/proc/self/fd/100')."""
    f = os.memfd_create('facts')
    os.write(f, json.dumps(known, sort_keys=True).encode())
    os.dup2(f, FACTS)


if __name__ == '__main__':
    sys.exit(main())
