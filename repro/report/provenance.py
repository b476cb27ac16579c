# -*- coding: utf-8 -*-
"""Section 10: what exactly ran, where, for how long, and the commands to repeat it."""
from __future__ import division, print_function

import collections

from repro import engines, options as program
from repro.console.text import _
from repro.work import record

# Names that stand for folders, since no path is recorded: the option, and what is in it.
FOLDERS = collections.OrderedDict((
    ('DIR', ('--data', _('DIR, with train/, test/ and sample_submission.csv'))),
    ('WORK', ('--work', _('WORK, for the run'))),
    ('WEIGHTS', ('--weights', _("WEIGHTS, with the networks' files whose md5 are below")))))
WORK_WITH_FEATURES = _('WORK, with the gap_*.h5 whose sha256 are below')


def verb(run):
    """(the verb of run.sh, the FOLDERS it is given); weights are named if not the article's."""
    if record.has_given_features(run):
        return 'cpu --features', ['WORK']
    if run['kind'] == 'demo':
        return 'demo', ['WORK']
    if run['kind'] == 'kaggle':
        return 'kaggle --accelerator ' + record.entry(run, 'push')['accelerator'], ['WORK']
    is_articles = record.weights_are(run) in ([], ['article'])
    by_card = 'tensorflow-gpu' in run['versions'] or record.values(run, 'device') not in (
        [], ['cpu'])
    return ('gpu' if by_card else 'cpu',
            ['DIR', 'WORK'] + ['WEIGHTS'] * (not is_articles))


def options(run):
    """The options that are not at their defaults, from the settings or from the steps."""
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
            yield option if used[0] is True else '%s %s' % (option, used[0])
    if record.order(run) == 'filesystem':
        yield '--order filesystem'
    if record.entry(run, 'seeds'):
        yield '--seeds %d' % record.entry(run, 'seeds')['runs']
    for option in ('any_weights', 'gpu_growth'):
        if settings.get(option):
            yield '--' + option.replace('_', '-')


def single_steps(run):
    """The steps of a folder where each one was run alone, one command each."""
    networks = dict((s['step'], network) for network, s in record.extractions(run))
    for s in run['steps']:
        words = ['./run.sh exec --work WORK python -m repro', s['step']]
        if s['step'] in networks:
            words[1:] = ['gap', '--networks', networks[s['step']]]
        elif s['step'] not in ('links', 'head', 'submit'):
            continue
        yield ' '.join(words + ['--seeding notebook'] * (s.get('seeding') == 'notebook'))


def commands(run):
    """The commands of this run; a folder of yours has a name of FOLDERS."""
    made = list(single_steps(run))
    if run['kind'] in record.WHOLE:
        name, folders = verb(run)
        made = [' '.join(['./run.sh', name] + ['%s %s' % (FOLDERS[folder][0], folder)
                                               for folder in folders] + list(options(run)))]
    return ['git checkout ' + run['commit'].replace('-dirty', '')] + made + [
        './run.sh verify --work WORK', './run.sh report --work WORK']


def folders_named(run):
    """[Text] about each folder that the commands name."""
    names = verb(run)[1] if run['kind'] in record.WHOLE else ['WORK']
    return [WORK_WITH_FEATURES if name == 'WORK' and record.has_given_features(run)
            else FOLDERS[name][1] for name in sorted(names, key=('WORK', 'DIR', 'WEIGHTS').index)]


def section(run):
    steps = [{'step': s['step'], 'seconds': s['seconds'], 'at': s['at'],
              'files': sorted(s['files'].items())} for s in run['steps']]
    weights = [{'network': network, 'md5': s['weights'], 'are': s.get('weights_are')}
               for network, s in record.extractions(run) if s.get('weights')]
    return {'commit': run['commit'], 'runtime': run['runtime'], 'machine': run['machine'],
            'versions': run['versions'], 'settings': run['settings'], 'kind': run['kind'],
            'steps': steps, 'weights': weights, 'commands': commands(run),
            'folders': folders_named(run), 'seconds': sum(s['seconds'] for s in steps)}, {}
