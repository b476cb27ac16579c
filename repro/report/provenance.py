# -*- coding: utf-8 -*-
"""Section 10: what exactly ran, where, for how long, and the commands to repeat it."""
from __future__ import division, print_function

import collections

from repro import engines, record
from repro import options as program
from repro.text import _

# Names that stand for folders, since no path is recorded.
FOLDERS = collections.OrderedDict((
    ('WORK', _('WORK, for the run')),
    ('DIR', _('DIR, with train/, test/ and sample_submission.csv')),
    ('WEIGHTS', _("WEIGHTS, with the networks' files whose md5 are below"))))
WORK_WITH_FEATURES = _('WORK, with the gap_*.h5 whose sha256 are below')


def verb(run):
    """The command of run.sh with its folders; another one than the article's weights is named."""
    if record.has_given_features(run):
        return 'cpu --features --work WORK'
    if run['kind'] == 'demo':
        return 'demo --work WORK'
    words = ['gpu' if 'tensorflow-gpu' in run['versions'] else 'cpu', '--data DIR --work WORK']
    if record.weights_are(run) not in ([], ['article']):
        words.append('--weights WEIGHTS')
    return ' '.join(words)


def options(run):
    """The options that were not left at their defaults: what was asked for, or what steps kept."""
    settings, defaults = run['settings'], program.defaults()
    for field in ('train', 'test', 'seeding', 'networks', 'engine'):
        value = settings.get(field, defaults[field])
        if value != defaults[field]:
            yield '--%s %s' % (field, ','.join(value) if field == 'networks' else value)
    engine = engines.declarations()[settings.get('engine', engines.DEFAULT)]
    for option, _keywords in engine['options']:
        field = program.field(option)
        used = [settings[field]] if field in settings else record.values(run, field)
        if len(used) == 1 and used[0] != defaults[field]:
            yield '%s %s' % (option, used[0])
    if record.order(run) == 'filesystem':
        yield '--order filesystem'
    if record.entry(run, 'seeds'):
        yield '--seeds %d' % record.entry(run, 'seeds')['runs']
    for option in ('any_weights', 'gpu_growth'):
        if settings.get(option):
            yield '--' + option.replace('_', '-')


def single_steps(run):
    """The steps of a folder where each one was run alone, one command each."""
    for step in run['steps']:
        words = step['step'].split()
        if words[0] in ('links', 'gap', 'head', 'submit'):
            words[1:] = ['--networks ' + n for n in words[1:]]
            words += ['--seeding notebook'] * (step.get('seeding') == 'notebook')
            yield './run.sh exec --work WORK python -m repro ' + ' '.join(words)


def commands(run):
    """The commands of this run; a folder of yours has a name of FOLDERS."""
    if run['kind'] in record.WHOLE:
        made = [' '.join(['./run.sh ' + verb(run)] + list(options(run)))]
    else:
        made = list(single_steps(run))
    return ['git checkout ' + run['commit'].replace('-dirty', '')] + made + [
        './run.sh verify --work WORK', './run.sh report --work WORK']


def folders(run):
    """[Text] about each folder that the commands name."""
    words = ' '.join(commands(run)).split()
    texts = dict(FOLDERS, WORK=WORK_WITH_FEATURES) if record.has_given_features(run) else FOLDERS
    return [texts[name] for name in FOLDERS if name in words]


def section(run):
    steps = [{'step': s['step'], 'seconds': s['seconds'], 'at': s['at'],
              'files': sorted(s['files'].items())} for s in run['steps']]
    weights = [{'network': network, 'md5': s['weights'], 'are': s.get('weights_are')}
               for network, s in record.extractions(run) if s.get('weights')]
    return {'commit': run['commit'], 'runtime': run['runtime'], 'machine': run['machine'],
            'versions': run['versions'], 'settings': run['settings'], 'kind': run['kind'],
            'steps': steps, 'weights': weights, 'commands': commands(run), 'folders': folders(run),
            'seconds': sum(s['seconds'] for s in steps)}, {}
