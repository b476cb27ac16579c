# -*- coding: utf-8 -*-
"""python -m repro.standin: pictures and weights without the article's steps.

    pictures [--train N] [--test N]     draws train/ and test/ in the current folder
    weights NETWORK ...                 makes weights/ in the current folder
    features [--train N] [--test N] [NETWORK ...]    makes up gap_*.h5, 25,000 and 12,500 rows
    calibrate NETWORK FILE              measures what is recorded for one (tests/record_standin.py)
"""
from __future__ import print_function

import argparse
import sys

from repro import networks
from repro.console.progress import say
from repro.standin import features, pictures, weights
from repro.system import machine
from repro.work.folder import locked, sweep


def parse(argv):
    """The command line, as the module's docstring has it."""
    parser = argparse.ArgumentParser(prog='python -m repro.standin')
    verbs = parser.add_subparsers(dest='verb')
    drawn = verbs.add_parser('pictures')
    drawn.add_argument('--train', type=int, default=64)
    drawn.add_argument('--test', type=int, default=16)
    made = verbs.add_parser('weights')
    made.add_argument('networks', nargs='+', choices=networks.NAMES)
    made.add_argument('--locked', action='store_true')      # by the step that calls this
    made_up = verbs.add_parser('features')
    made_up.add_argument('--train', type=int, default=25000)
    made_up.add_argument('--test', type=int, default=12500)
    made_up.add_argument('networks', nargs='*')
    measured = verbs.add_parser('calibrate')
    measured.add_argument('network', choices=networks.NAMES)
    measured.add_argument('file')
    return parser.parse_args(argv)


def main(argv):
    args = parse(argv)
    if args.verb == 'calibrate':
        from repro.standin import calibration
        return calibration.main(args.network, args.file)
    if getattr(args, 'locked', False):
        weights.make(args.networks, report=say)
        return
    with locked():
        sweep()
        if args.verb == 'pictures':
            pictures.write(args.train, args.test, report=say)
        elif args.verb == 'features':
            features.write(args.networks or networks.EXTRACTION, args.train, args.test, report=say)
        else:
            weights.make(args.networks, report=say)


if __name__ == '__main__':
    try:
        main(sys.argv[1:])
    except Exception as e:
        failure = machine.explain(e)
        if failure is None:
            raise
        print(failure, file=sys.stderr)
        sys.exit(failure.status)
