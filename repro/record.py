# -*- coding: utf-8 -*-
"""run.json: who writes what into it, and every question that is asked of it.

    begin(kind, **settings)     starts it anew; kind: 'demo', 'real' or 'features'
    append(step, seconds, ...)  one entry for each step, with the sha256 of the files it wrote
    finish()                    last: a run that was interrupted before goes on
"""
from __future__ import print_function

import os
import platform
import time

from repro import machine
from repro.failures import OtherInputs
from repro.folder import discard, read_json, sha256, write_json

RUN = 'run.json'

# The packages whose versions decide what comes out; verify compares them with requirements/.
PACKAGES = ('keras', 'tensorflow', 'theano', 'h5py', 'numpy', 'scipy', 'pandas', 'scikit-learn',
            'pillow', 'pyyaml', 'six', 'protobuf', 'tqdm', 'pytest')


def check_kind(kind):
    """OtherInputs when the folder holds a run of another kind: the kinds never mix."""
    other = read_json(RUN).get('kind') if os.path.exists(RUN) else kind
    if other in ('demo', 'real', 'features') and other != kind:
        raise OtherInputs('this work folder (%s) holds a %s run: name another folder with --work'
                          % (os.getcwd(), other))


def begin(kind, **settings):
    """Starts run.json anew: `kind` is 'demo', 'real' or 'features'; settings: what was asked for.

    A folder whose last run was interrupted keeps its finished gap_*.h5 (gap.py decides that by
    their contents); a folder whose last run finished starts over.  The page of the run before
    goes: nobody shall read it as this one's.
    """
    for name in ('report.html', 'report.json'):
        discard(name)
    old = read_json(RUN) if os.path.exists(RUN) else {}
    write_json(RUN, {
        'kind': kind,
        'settings': settings,
        'finished': False,
        'resumes': bool(old) and not old.get('finished', False),
        'machine': machine.describe(),
        'versions': versions(),
        'commit': os.environ.get('REPRO_COMMIT', 'unknown'),
        'runtime': runtime(),
        'steps': [],
    })


def append(step, seconds, files=(), **results):
    """Appends one step's entry; `files` are hashed, so that verify can tell a changed byte.

    A step repeated alone replaces its own earlier entry: run.json describes the files that
    are there now.
    """
    run = read_json(RUN) if os.path.exists(RUN) else {
        'kind': 'steps', 'settings': {}, 'finished': False, 'machine': machine.describe(),
        'versions': versions(), 'commit': os.environ.get('REPRO_COMMIT', 'unknown'),
        'runtime': runtime(), 'steps': []}
    entry = dict(results, step=step, seconds=round(seconds, 2),
                 at=time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()),
                 files=dict((name, sha256(name)) for name in files))
    run['steps'] = [s for s in run['steps'] if s['step'] != step] + [entry]
    write_json(RUN, run)


def runtime():
    """docker, podman or native; in an image run.sh runs natively, and the engine is passed in."""
    return os.environ.get('REPRO_CONTAINER') or os.environ.get('REPRO_RUNTIME', 'unknown')


def finish():
    run = read_json(RUN)
    run['finished'] = True
    write_json(RUN, run)


def entry(run, step):
    """The step's entry of run.json, or {} when the step has not run."""
    for candidate in run.get('steps', ()):
        if candidate['step'] == step:
            return candidate
    return {}


def stand_ins(run):
    """Which of 'pictures', 'weights', 'features' of a run are stand-ins, and not the article's."""
    kinds = set(s.get('weights_are') for s in run.get('steps', ()))
    found = [('pictures', entry(run, 'links').get('data') == 'stand-in'),
             ('weights', 'stand-in' in kinds),
             ('features', entry(run, 'features').get('features_are') == 'stand-in')]
    return [what for what, is_one in found if is_one]


def versions():
    import pkg_resources
    found = {'python': platform.python_version()}
    for name in PACKAGES:
        for candidate in ((name, name + '-gpu') if name == 'tensorflow' else (name,)):
            try:
                found[candidate] = pkg_resources.get_distribution(candidate).version
            except pkg_resources.DistributionNotFound:
                pass
    return found
