# -*- coding: utf-8 -*-
"""What can be measured, what was chosen, and which environments that needs.

    python -B benchmarks/peers.py OPTION...     prints them; 2 and a line for a wrong option

run.sh runs this before it makes anything, with any installed Python: standard library only, Python
2.7 and 3.
"""
from __future__ import print_function

import collections
import os
import sys

sys.path.insert(1, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from repro import options  # noqa: E402
from repro.failures import WrongUsage  # noqa: E402

# environment: the one it runs in; command: the program and its arguments; processes: how many of
# them measure together; chooses: a batch size, by trial; needs_bf16: of the processor; engine:
# which of this program's own must be installed for it.
Peer = collections.namedtuple('Peer', 'environment command processes chooses needs_bf16 engine')


def peers(cores):
    """{name: Peer}, in the order of the table."""
    def peer(environment, command, processes=1, chooses=False, needs_bf16=False, engine=None):
        return Peer(environment, command.split(), processes, chooses, needs_bf16, engine)

    return collections.OrderedDict([
        ('tf1', peer('cpu', 'measure_keras1.py {network} {cores}')),
        ('tf1-best', peer('cpu', 'measure_keras1.py {network} 1 --own-process', cores)),
        ('openvino-f32', peer('cpu', 'measure_keras1.py {network} {cores} --openvino f32',
                              engine='openvino')),
        ('openvino-bf16', peer('cpu', 'measure_keras1.py {network} {cores} --openvino bf16',
                               needs_bf16=True, engine='openvino')),
        ('keras3', peer('keras', 'measure_keras3.py {network} {cores} {batch}')),
        ('keras3-best', peer('keras', 'measure_keras3.py {network} {cores} {batch}',
                             chooses=True)),
        ('pytorch', peer('torch', 'measure_pytorch.py {network} {cores} {batch}', chooses=True)),
        ('pytorch-bf16', peer('torch', 'measure_pytorch.py {network} {cores} {batch} bf16',
                              chooses=True, needs_bf16=True)),
        ('onnxruntime', peer('onnx', 'measure_onnxruntime.py {network} {cores} {batch} '
                             '{network}.onnx', chooses=True)),
    ])


def parse(argv):
    """The options of repro/command_line.txt, and what host/bench.sh hands in."""
    parser = options.parser_of(options.options_of('bench'))
    parser.add_argument('--results', default='.')
    parser.add_argument('--python', action='append', default=[], metavar='ENVIRONMENT=PYTHON')
    with options.help_named('bench'):
        args, unknown = parser.parse_known_args(argv)
        for word in unknown:
            options.refuse('bench', word)
        every = list(peers(1))
        if args.peers == 'all':
            args.peers = every
        else:
            args.peers = options.some_of(every)('--peers', args.peers)
    return args


def environments(chosen):
    """What these peers need besides the pinned environment; sgemm's always.

    For host/bench.sh: names of environments, and engine:NAME for an engine of this program's.
    """
    wanted = [peers(1)[name] for name in chosen]
    names = set(peer.environment for peer in wanted) - set(['cpu'])
    names |= set(['torch'] if 'onnx' in names else [])      # exports the network
    return sorted(set('engine:' + peer.engine for peer in wanted if peer.engine)) + \
        sorted(names) + ['sgemm']


if __name__ == '__main__':
    try:
        print(' '.join(environments(parse(sys.argv[1:]).peers)))
    except WrongUsage as e:
        print('bench: %s' % e, file=sys.stderr)
        sys.exit(e.status)
