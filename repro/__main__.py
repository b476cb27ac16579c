# -*- coding: utf-8 -*-
"""python -m repro VERB …: the order of the steps, and what ends them.

Run inside the pinned environment with the work folder as the current directory; run.sh does
both (`./run.sh exec --work DIR python -m repro head --seeding notebook`).  command_line.txt has
every verb's options.
"""
from __future__ import print_function

import sys

if __name__ == '__main__':
    del sys.path[0]     # the work folder, or this one: a csv.py there is not Python's own

import errno
import importlib
import os
import signal
import traceback

from repro import engines, keras_seams, options
from repro.console import output
from repro.console.progress import say
from repro.failures import BadInput, Failure
from repro.report import summary
from repro.system import machine
from repro.work import record
from repro.work.folder import check_idle, enter, locked, sweep


def is_set(variable):
    """Whether an option's environment variable is set: by options.export, or by the caller."""
    return bool(os.environ.get(variable))


def demo(args):
    """The article on the embedded default: draws, seeds, runs the steps, verifies."""
    from repro import links
    from repro.standin import pictures, weights
    summary.demo_begins(args)
    with locked():
        record.check_kind('demo')
        sweep()
        links.check_file_system()
        machine.check_memory(args.train + args.test)    # the stand-in weights need it, too
        pictures.write(args.train, args.test, report=say)
        weights.make(args.networks, report=say)
        return steps(args, 'demo', train=args.train, test=args.test)


def cpu(args):
    """The article on the user's own pictures and on the weights that Keras 1.2.2 downloads."""
    from repro import links
    from repro.inputs import data, weights
    with locked():
        record.check_kind('real')
        sweep()
        links.check_file_system()
        if args.data:
            data.adopt(args.data)
        if args.weights:
            weights.adopt(args.weights, args.networks, weights.allowed('real'))
        return steps(args, 'real', any_weights=is_set('REPRO_ANY_WEIGHTS'),
                     gpu_growth=is_set('REPRO_GPU_GROWTH'))


def gpu(args):
    """The same: the environment decides which TensorFlow runs."""
    if is_set('REPRO_GPU_GROWTH'):
        print('run.sh: GPU memory as it is needed (--gpu-growth); the article took all of it',
              file=sys.stderr)
    return cpu(args)


def get(args):
    """Fetches what a run needs, or takes it from a folder; checks it and puts it in its place."""
    from repro.inputs import release, weights, zips
    folder = getattr(args, 'from')
    with locked():
        record.check_kind('features' if args.verb == 'features' else 'real')
        sweep()
        if args.verb == 'data':
            zips.get(folder or zips.ZIPS)
        else:
            {'features': release, 'weights': weights}[args.verb].get(args.networks, folder)


def kaggle(args):
    """The same on Kaggle's machines: writes the request to them."""
    from repro import kaggle
    with locked():
        kaggle.prepare(args)


def steps(args, kind, **settings):
    """links → gap → head → submit → verify; returns verify's exit status.

    All inputs are checked before run.json is started anew: a run that is refused leaves the
    record of the run before it as it was.
    """
    from repro import links
    from repro.inputs import data, weights
    weights.check(args.networks, weights.allowed(kind))
    pictures = data.check()
    if kind == 'real' and pictures['kind'] == 'stand-in' and not settings['any_weights']:
        raise BadInput('train/ and test/ hold the demo\'s drawn stand-ins: name the folder '
                       'of Kaggle\'s pictures with --data (or accept these with '
                       '--any-weights)')
    machine.check_memory(pictures['train'] + pictures['test'])
    machine.keep_memory(pictures['train'] + pictures['test'])
    record.begin(kind, networks=args.networks, seeding=args.seeding, engine=args.engine,
                 precision=args.options.get('precision', 'f32'), **settings)
    links.main(pictures)
    from repro import gap       # Keras is imported here: seconds
    gap.main(args.networks, weights.allowed(kind), record.read()['resumes'],
             args.engine, args.options)
    return from_head_on(args, kind)


def from_features(args):
    """The article from its head on: the folder holds gap_*.h5, and no picture is needed."""
    from repro.inputs import given
    machine.keep_memory(0)      # half of the head's time
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
    rows = verify.table()
    status = report(verify.status(rows))
    record.finish()       # last: a run whose page was interrupted resumes, and keeps its features
    summary.run_ends(kind, rows)
    return status


def report(status):
    """report.html of a run that ended with verify's `status`; returns the run's exit status.

    If this fails, the run's own files are still whole, and the message says so.
    """
    if is_set('REPRO_NO_REPORT'):
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


# One step on the folder as it is.

def links_step(args):
    from repro import links
    from repro.inputs import data
    links.main(data.check())


def gap_step(args):
    from repro import gap
    from repro.inputs import weights
    gap.main(args.networks, weights.allowed(record.read().get('kind')), engine=args.engine,
             options=args.options)


def head_step(args):
    from repro import head
    head.main(args.networks, args.seeding)


def submit_step(args):
    from repro import submit
    submit.main(args.networks)


def score_step(args):
    from repro import score
    score.main(args.file)


def kernel_step(args):
    from repro import kaggle
    return kaggle.take(args.file)


def convert(args):
    from repro.conversion import exchange       # imports Keras: seconds
    exchange.main(args)


def report_step(args):
    from repro.report import page
    return page.main(args.out or '.')


STEPS = {'links': links_step, 'gap': gap_step, 'head': head_step, 'submit': submit_step,
         'score': score_step, 'kernel': kernel_step, 'report': report_step}
RUNS = {'demo': demo, 'cpu': cpu, 'gpu': gpu, 'kaggle': kaggle, 'data': get, 'weights': get,
        'features': get, 'convert': convert}
SPEAKS_AS = dict.fromkeys(('cpu', 'gpu', 'kaggle', 'data', 'weights', 'features', 'score',
                           'kernel'), 'run.sh')


def run(args):
    """Carries out a verb; returns its exit status, None for 0."""
    if args.verb == 'verify':
        from repro import verify
        check_idle()
        return verify.main()
    keras_seams.check_settings()
    if getattr(args, 'engine', None) and args.verb != 'kaggle':     # there it is the kernel's
        engines.check(args.engine, **args.options)
    if getattr(args, 'features', False):
        return from_features(args)
    if args.verb in RUNS:
        return RUNS[args.verb](args)
    if getattr(args, 'out', None):      # then the folder is only read, as by verify
        return report_step(args)
    if args.verb in STEPS:
        with locked():
            return STEPS[args.verb](args)
    return other(args)


def other(args):
    """A verb that is a module of its own: its main(args), which returns the exit status."""
    if not os.path.exists(os.path.join(os.path.dirname(__file__), args.verb + '.py')):
        raise options.wrong('no verb %s' % args.verb)
    return importlib.import_module('repro.' + args.verb).main(args)


def become(command):
    """exec: this process becomes the command, with signals set as by a shell."""
    for name in ('SIGPIPE', 'SIGXFSZ'):         # Python ignores them, and exec would keep that
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    try:
        os.execvp(command[0], command)
    except OSError as e:
        print('run.sh: %s: %s' % (command[0], e.strerror), file=sys.stderr)
        return 127 if e.errno == errno.ENOENT else 126      # a shell's statuses


def use_server(args):
    """exec --engine: any Python that the command starts has its Keras sessions on the server."""
    from repro.engines import session
    listen()
    print('run.sh: ' + session.use(args.engine, **args.options), file=sys.stderr)


class Interrupted(KeyboardInterrupt):
    """SIGINT or SIGTERM; `came` stays set where other code turns this into another exception."""
    came = False


def interrupt(number, frame):
    Interrupted.came = True
    # Python drops what is raised in a __del__ (TensorFlow 1.0.1's Session has one), and continues.
    while frame:
        if frame.f_code.co_name == '__del__':
            signal.setitimer(signal.ITIMER_REAL, .1)    # once more, a little later
            return
        frame = frame.f_back
    raise Interrupted


def listen():
    """SIGTERM, a container's stop, ends a run as Ctrl-C does; an ignored SIGINT stays ignored."""
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGALRM, interrupt)
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)


def main(argv=None):
    """Returns the exit status (../docs/statuses.md lists them); one line on stderr when not 0."""
    speaker = 'run.sh'
    try:
        args = options.parse(sys.argv[1:] if argv is None else argv)
        options.export(args)        # before Keras is imported (keras_seams.py)
        if args.verb == 'exec':
            if args.engine != engines.DEFAULT:
                use_server(args)
            return become(args.command)
        enter()
        output.prepare(args.verb == 'verify')
        listen()
        speaker = SPEAKS_AS.get(args.verb, args.verb)
        status = run(args) or 0
        sys.stdout.flush()
        return status
    except Failure as e:
        failure = e
    except (Exception, KeyboardInterrupt) as e:
        # TensorFlow 1.0.1 makes an UnboundLocalError of an interruption while it builds a graph
        # (python/framework/errors_impl.py, raise_exception_on_not_ok_status).
        failure = None
        if not Interrupted.came:
            if isinstance(e, machine.ERRORS):
                failure = machine.explain(e)
            if failure is None:
                raise
    sys.stdout.flush()
    if Interrupted.came:
        print('%s: interrupted; the same command resumes' % speaker, file=sys.stderr)
        return 130
    print('%s: %s' % (speaker, failure), file=sys.stderr)
    return failure.status


if __name__ == '__main__':
    sys.exit(main())
