# -*- coding: utf-8 -*-
"""python -m repro STEP …: the order of the steps, and what ends them.

Run inside the pinned environment with the work folder as the current directory; run.sh does
both (`./run.sh exec --work DIR python -m repro head --seeding notebook`).
"""
from __future__ import print_function

import argparse
import os
import signal
import sys
import traceback

from repro import engines, machine, record
from repro.failures import BadInput, Failure, WrongUsage
from repro.folder import locked, read_json, sweep
from repro.progress import say

NETWORKS = ('ResNet50', 'InceptionV3', 'Xception', 'VGG16', 'VGG19')
STAND_IN = ('STAND-INS: these pictures are drawn and these weights are seeded, not photographs '
            'and not ImageNet\'s: this shows the pipeline, not recognition.')
REAL_RUN = ('For the real run: ./run.sh cpu --data DIR (or gpu), where DIR holds Kaggle\'s '
            'train/, test/ and sample_submission.csv.')


def some_of(known):
    """A type for argparse: names from a comma-separated list, in the order of `known`."""
    def chosen(text):
        names = text.split(',')
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError('%s is none of %s' % (name, ', '.join(known)))
        return [n for n in known if n in names]
    return chosen


def count(text):
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError('%s is not a positive number' % text)
    return int(text)


class Parser(argparse.ArgumentParser):
    """argparse with this project's manner of failing: one line, exit status 2."""

    def error(self, message):
        raise WrongUsage('%s (see ./run.sh help)' % message)


def parse(argv):
    parser = Parser(prog='python -m repro')
    steps = parser.add_subparsers(dest='step')
    chosen = Parser(add_help=False)
    chosen.add_argument('--networks', type=some_of(NETWORKS), default=list(NETWORKS[:3]))
    chosen.add_argument('--engine', choices=engines.NAMES, default='tf1')
    chosen.add_argument('--precision', choices=engines.PRECISIONS)
    chosen.add_argument('--threads', type=count)
    chosen.add_argument('--workers', type=count)
    seeded = Parser(add_help=False)
    seeded.add_argument('--seeding', choices=('article', 'notebook'), default='article')
    again = Parser(add_help=False)
    again.add_argument('--seeds', type=count)
    demo = steps.add_parser('demo', parents=[chosen, seeded, again])
    demo.add_argument('--train', type=count, default=128)
    demo.add_argument('--test', type=count, default=32)
    real = steps.add_parser('real', parents=[chosen, seeded, again])
    real.add_argument('--features', action='store_true')
    real.add_argument('--data')
    real.add_argument('--weights')
    getting = steps.add_parser('get', parents=[chosen])
    getting.add_argument('what', choices=('data', 'weights', 'features'))
    getting.add_argument('--from', dest='folder')
    steps.add_parser('links')
    steps.add_parser('gap', parents=[chosen])
    steps.add_parser('head', parents=[chosen, seeded])
    steps.add_parser('submit', parents=[chosen])
    scored = steps.add_parser('score')
    scored.add_argument('--file')
    steps.add_parser('verify')
    steps.add_parser('report')
    args = parser.parse_args(argv)
    if hasattr(args, 'engine'):
        args.options = engine_options(args)
    return args


def engine_options(args):
    """The engine asked for, which must be usable here; its options alone are a mistake."""
    given = [n for n in ('precision', 'threads', 'workers') if getattr(args, n)]
    if args.engine == 'tf1' and given:
        raise WrongUsage('--%s belongs to --engine openvino' % given[0])
    options = engines.Options(args.engine, args.precision or 'f32', args.threads or 0,
                              args.workers or 0)
    if options.engine == 'openvino':
        from repro.engines import openvino
        openvino.check(options.precision)
    return options


def allowed_weights(kind):
    allowed = ['stand-in'] if kind == 'demo' else ['article']
    return allowed + ['other', 'stand-in'] * bool(os.environ.get('REPRO_ANY_WEIGHTS'))


def demo(args):
    """The article on the embedded default: draws, seeds, runs the steps, verifies."""
    from repro.standin import pictures, weights
    print(STAND_IN + ' ' + REAL_RUN)
    sys.stdout.flush()
    with locked():
        record.check_kind('demo')
        sweep()
        pictures.write(args.train, args.test, report=say)
        weights.make(args.networks, report=say)
        status = steps(args, 'demo', train=args.train, test=args.test)
    print(STAND_IN + ' ' + REAL_RUN)
    return status


def real(args):
    """The article on the user's own pictures and on the weights that Keras 1.2.2 downloads."""
    if args.features:
        return from_features(args)
    from repro.inputs import data, weights
    with locked():
        record.check_kind('real')
        sweep()
        if args.data:
            data.adopt(args.data)
        if args.weights:
            weights.adopt(args.weights, args.networks, allowed_weights('real'))
        return steps(args, 'real', any_weights=bool(os.environ.get('REPRO_ANY_WEIGHTS')),
                     gpu_growth=bool(os.environ.get('REPRO_GPU_GROWTH')))


def get(args):
    """Fetches what a run needs, or takes it from a folder: checked, and then in its place."""
    from repro.inputs import release, weights, zips
    with locked():
        record.check_kind('features' if args.what == 'features' else 'real')
        sweep()
        if args.what == 'data':
            zips.get(args.folder or zips.ZIPS)
        else:
            {'features': release, 'weights': weights}[args.what].get(args.networks, args.folder)


def steps(args, kind, **settings):
    """links → gap → head → submit → verify; returns verify's exit status.

    All inputs are checked before run.json is begun anew: a run that is refused leaves the
    record of the run before it as it was.
    """
    from repro import links
    from repro.inputs import data, weights
    weights.check(args.networks, allowed_weights(kind))
    found = data.check()
    if kind == 'real' and found['kind'] == 'stand-in' and not settings['any_weights']:
        raise BadInput('train/ and test/ hold the demo\'s drawn stand-ins: name the folder '
                       'of Kaggle\'s pictures with --data (or accept these with '
                       '--any-weights)')
    machine.check_memory(found['train'] + found['test'])
    record.begin(kind, networks=args.networks, seeding=args.seeding, engine=args.options.engine,
                 precision=args.options.precision, **settings)
    links.main(found)
    from repro import gap       # Keras is imported here: seconds
    resumes = read_json(record.RUN)['resumes']
    gap.main(args.networks, allowed_weights(kind), resumes, args.options)
    return from_head_on(args, kind)


def from_features(args):
    """The article from its head on: the folder holds gap_*.h5, and no picture is needed."""
    from repro.inputs import given
    # TensorFlow's jemalloc gives memory back after each batch only to fetch it again: half of the
    # head's time on a virtual machine.  Read when TensorFlow is loaded; changes no value.
    os.environ.setdefault('JEMALLOC_MALLOC_CONF', 'lg_dirty_mult:-1')
    if args.data or args.weights or args.engine != 'tf1':
        raise WrongUsage('--features takes none of --data, --weights and --engine: no '
                         'picture is looked at (see ./run.sh help)')
    with locked():
        record.check_kind('features')
        sweep()
        given.recognise(args.networks)
        features = given.check(args.networks)
        record.begin('features', networks=args.networks, seeding=args.seeding)
        given.main(features, args.networks)
        return from_head_on(args, 'features')


def from_head_on(args, kind):
    """head → submit → (other seeds) → verify → report; returns verify's exit status."""
    from repro import head, seeds, submit, verify
    head.main(args.networks, args.seeding)
    submit.main(args.networks)
    if args.seeds:
        seeds.main(args.networks, args.seeding, args.seeds)
    status = report(verify.main())
    record.finish()       # last: a run whose page was interrupted goes on, and keeps its features
    say('%s: pred.csv, gap_*.h5, model.h5, model.dot, history.json, validation.csv and '
        'run.json are in %s' % (kind, os.getcwd()))
    return status


def report(status):
    """report.html of a run that ended with verify's `status`; returns the run's exit status.

    Whatever fails here, the run's own files are whole, and are said to be.
    """
    if os.environ.get('REPRO_NO_REPORT'):
        return status
    try:
        from repro.report import page
        page.main()
    except Exception as e:
        failure = e if isinstance(e, Failure) else machine.explain(e)
        if failure is None:
            traceback.print_exc()
        print('report: %s. The run itself is whole; ./run.sh report --work DIR makes the page '
              'again' % (failure or e), file=sys.stderr)
        return status or 1
    return status


def one_step(args):
    """A single step on the folder as it is."""
    run = read_json(record.RUN) if os.path.exists(record.RUN) else {}
    if args.step == 'verify':
        from repro import verify
        return verify.main()
    with locked():
        if args.step == 'links':
            from repro import links
            from repro.inputs import data
            links.main(data.check())
        elif args.step == 'gap':
            from repro import gap
            gap.main(args.networks, allowed_weights(run.get('kind')), options=args.options)
        elif args.step == 'head':
            from repro import head
            head.main(args.networks, args.seeding)
        elif args.step == 'submit':
            from repro import submit
            submit.main(args.networks)
        elif args.step == 'score':
            from repro import score
            score.main(args.file)
        elif args.step == 'report':
            from repro.report import page
            return page.main()
    return 0


class Interrupted(KeyboardInterrupt):
    """SIGINT or SIGTERM; `came` outlives code that turns the exception into another."""
    came = False


def interrupt(number, frame):
    Interrupted.came = True
    raise Interrupted


def listen():
    """SIGTERM, a container's stop, ends a run as Ctrl-C does; an ignored SIGINT stays ignored."""
    signal.signal(signal.SIGTERM, interrupt)
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)


def main(argv=None):
    """Returns the exit status (../README.md lists them); one line on stderr when not 0."""
    step = 'repro'
    listen()
    try:
        args = parse(sys.argv[1:] if argv is None else argv)
        step = args.step if args.step not in ('real', 'get', 'score') else 'run.sh'
        return {'demo': demo, 'real': real, 'get': get}.get(args.step, one_step)(args) or 0
    except Failure as e:
        failure = e
    except (Exception, KeyboardInterrupt) as e:
        # TensorFlow 1.0.1 makes an UnboundLocalError of an interruption while it builds a graph
        # (python/framework/errors_impl.py, raise_exception_on_not_ok_status).
        failure = None
        if not Interrupted.came:
            if isinstance(e, (IOError, OSError, RuntimeError, MemoryError)):
                failure = machine.explain(e)
            if failure is None:
                raise
    sys.stdout.flush()
    if Interrupted.came:
        print('%s: interrupted; the same command goes on from what is whole' % step,
              file=sys.stderr)
        return 130
    print('%s: %s' % (step, failure), file=sys.stderr)
    return failure.status


if __name__ == '__main__':
    sys.exit(main())
