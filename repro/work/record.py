# -*- coding: utf-8 -*-
"""run.json: what each step writes into it, and the questions that it answers.

A run has a kind ('demo', 'real', 'features', 'kaggle' where it was made on Kaggle's machines, or
'steps' where each step was run alone), the
chosen settings, machine, versions, commit, runtime, and one entry for each step:

    step, seconds, at, files    in every entry; files: {name: sha256} of what the step wrote
    links       cats, dogs, test: how many pictures; data: 'stand-in', 'partial' or 'complete'
    features    cats, dogs, test: how many rows; features_are (repro/features.py, kind),
                features_by: the engines that the files name; order
    gap NAME    shapes, pictures, kept, resumed_after; picture_set, weights (md5), weights_are
                ('article', 'stand-in' or 'other'), order, versions, engine; and of another engine
                than tf1 its precision, engine_version, threads, workers and equality
    head        seeding, seeds, networks (in the order of concatenation), features, validated
    submit      networks, rows, predicted, validation; equality, of another engine than tf1
    seeds       seeding, runs
    push        kernel, version, url, id, accelerator, arguments; ended, said, stack (session.py)
    score       public, private, sent, pred_csv (sha256)

begin() starts it anew, append() adds an entry, finish() comes last.  All other functions but
check_kind() answer a question about a run, as read() returns it.
"""
from __future__ import print_function

import os
import platform
import time

from repro.failures import BadInput, OtherInputs
from repro.networks import NAMES
from repro.system import machine
from repro.work.folder import discard, read_json, sha256, write_json

RUN = 'run.json'
WHOLE = ('demo', 'real', 'features', 'kaggle')      # the kinds of a run through all steps

# The packages whose versions decide the results; verify compares them with requirements/.
PACKAGES = ('keras', 'tensorflow', 'theano', 'h5py', 'numpy', 'scipy', 'pandas', 'scikit-learn',
            'pillow', 'pyyaml', 'six', 'protobuf', 'tqdm', 'pytest')


# ------------------------------------------------------------------------------------- writing it

def begin(kind, **settings):
    """Starts run.json anew: `kind` is one of WHOLE; settings: the chosen options.

    A folder whose last run was interrupted keeps its finished gap_*.h5 (gap.py decides that by
    their contents); a folder whose last run finished starts over.  The page of the run before
    is removed, so that it is not mistaken for the new run's.
    """
    for name in ('report.html', 'report.json'):
        discard(name)
    before = read()
    write_json(RUN, new(kind, settings, bool(before) and not before.get('finished', False)))


def new(kind, settings, resumes=False):
    """A run without entries.  resumes: whether it continues one that was interrupted."""
    return {'kind': kind, 'settings': settings, 'finished': False, 'resumes': resumes,
            'machine': machine.describe(), 'versions': versions(),
            'commit': os.environ.get('REPRO_COMMIT', 'unknown'), 'runtime': runtime(),
            'steps': []}


def append(step, seconds, files=(), **results):
    """Appends one step's entry; `files` are hashed, so that verify can tell a changed byte.

    A step repeated alone replaces its own earlier entry: run.json describes the files that
    are there now.
    """
    run = read() or new('steps', {})
    added = dict(results, step=step, seconds=round(seconds, 2),
                 at=time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()),
                 files=dict((name, sha256(name)) for name in files))
    run['steps'] = [s for s in run['steps'] if s['step'] != step] + [added]
    write_json(RUN, run)


def finish():
    write_json(RUN, dict(read(), finished=True))


def runtime():
    """docker, podman or native; in an image run.sh runs natively, and the runtime is passed in."""
    return os.environ.get('REPRO_CONTAINER') or os.environ.get('REPRO_RUNTIME', 'unknown')


def versions():
    """{package: version} of Python and of PACKAGES; tensorflow-gpu is a package of its own."""
    import pkg_resources
    installed = {'python': platform.python_version()}
    for name in PACKAGES + ('tensorflow-gpu',):
        try:
            installed[name] = pkg_resources.get_distribution(name).version
        except pkg_resources.DistributionNotFound:
            pass
    return installed


# ----------------------------------------------------------------------------- questions about it

def read():
    """The run in the work folder, {} where there is none.  Raises BadInput."""
    return read_json(RUN) if os.path.exists(RUN) else {}


def required():
    """The run in the work folder.  Raises BadInput, also where there is none."""
    if not os.path.exists(RUN):
        raise BadInput('run.json is missing in the work folder: no run was made there '
                       '(./run.sh demo makes one)')
    return read_json(RUN)


def check_kind(kind):
    """OtherInputs when the folder holds a run of another kind: the kinds never mix."""
    other = read().get('kind')
    if other in WHOLE and other != kind:
        raise OtherInputs('this work folder (%s) holds a %s run: name another folder with --work'
                          % (os.getcwd(), str(other)))


def entry(run, step):
    """The step's entry, or {} when the step has not run."""
    for candidate in run.get('steps', ()):
        if candidate['step'] == step:
            return candidate
    return {}


def step_of(network):
    """The step that extracts a network's features, as run.json names it: 'gap ResNet50'."""
    return 'gap ' + network


def extractions(run):
    """[(network, entry)] of the networks whose features this run extracted."""
    extracted = dict((step_of(network), network) for network in NAMES)
    return [(extracted[s['step']], s) for s in run.get('steps', ()) if s['step'] in extracted]


def by_other_engines(run):
    """extractions() by another engine than tf1 whose equality was measured."""
    return [(network, s) for network, s in extractions(run)
            if s.get('engine', 'tf1') != 'tf1' and 'equality' in s]


def values(run, key):
    """The values of this key in the entries that have it, each once, sorted."""
    return sorted(set(s[key] for s in run.get('steps', ()) if s.get(key)))


def networks(run):
    """The networks in the order of the head's inputs, or the chosen ones without a head yet."""
    return entry(run, 'head').get('networks') or run.get('settings', {}).get('networks', [])


def seeding(run):
    """Which seeding gave model.h5: 'article' or 'notebook'; None before the head's step."""
    return run.get('settings', {}).get('seeding', entry(run, 'head').get('seeding'))


def has_given_features(run):
    """Whether the run started from existing gap_*.h5, without pictures."""
    return run.get('kind') == 'features'


def pictures_are_here(run):
    """Whether the work folder holds the pictures; not those of a run on Kaggle's machines."""
    return run.get('kind') not in ('features', 'kaggle')


def data(run):
    """The entry with the counts of cats, dogs and test pictures: links, or features; {}."""
    return entry(run, 'links') or entry(run, 'features')


def files(run):
    """[(name, sha256)] of all files that steps wrote, in the order of the steps."""
    return [pair for s in run.get('steps', ()) for pair in sorted(s['files'].items())]


def order(run):
    """The order of file names at extraction: 'sorted', 'filesystem', or 'mixed'."""
    orders = values(run, 'order')
    return orders[0] if len(orders) == 1 else 'mixed'


def engine_of(facts):
    """'tf1', or another engine with its precision; facts: an entry, or a file's attributes."""
    return ' '.join(filter(None, (facts['engine'], facts.get('precision'))))


def engine(run):
    """engine_of() all networks; 'mixed' when they differ."""
    engines = set(engine_of(s) for s in run.get('steps', ()) if 'engine' in s)
    return engines.pop() if len(engines) == 1 else 'mixed' if engines else 'tf1'


def weights_are(run):
    """The kinds of weights that networks were extracted with: [] or e.g. ['article']."""
    return values(run, 'weights_are')


def stand_ins(run):
    """Which of 'pictures', 'weights', 'features' of a run are stand-ins, and not the article's."""
    answers = [('pictures', entry(run, 'links').get('data') == 'stand-in'),
               ('weights', 'stand-in' in weights_are(run)),
               ('features', entry(run, 'features').get('features_are') == 'stand-in')]
    return [what for what, is_one in answers if is_one]
