# -*- coding: utf-8 -*-
"""Section 10: what exactly ran, where, for how long, and the commands to repeat it."""
from __future__ import division, print_function

DEFAULTS = {'networks': ['ResNet50', 'InceptionV3', 'Xception'], 'seeding': 'article',
            'train': 128, 'test': 32, 'engine': 'tf1', 'precision': 'f32'}
VERBS = {'demo': 'demo', 'real': 'cpu --data DIR', 'features': 'cpu --features'}


def commands(run):
    """The commands of this run; a folder of yours stands as DIR, since no path is recorded."""
    settings, words = run['settings'], []
    for option in ('train', 'test', 'seeding', 'networks', 'engine', 'precision'):
        value = settings.get(option, DEFAULTS[option])
        if value != DEFAULTS[option]:
            words.append('--%s %s' % (option, ','.join(value) if option == 'networks' else value))
    if settings.get('any_weights'):
        words.append('--any-weights')
    verb = VERBS.get(run['kind'], 'exec')
    return ['git checkout ' + run['commit'].replace('-dirty', ''),
            ' '.join(['./run.sh', verb, '--work WORK'] + words),
            './run.sh verify --work WORK', './run.sh report --work WORK']


def section(run):
    steps = [{'step': s['step'], 'seconds': s['seconds'], 'at': s['at'],
              'files': sorted(s['files'].items())} for s in run['steps']]
    weights = [{'network': s['step'][4:], 'md5': s['weights'], 'are': s.get('weights_are')}
               for s in run['steps'] if s['step'].startswith('gap ') and s.get('weights')]
    return {'commit': run['commit'], 'runtime': run['runtime'], 'machine': run['machine'],
            'versions': run['versions'], 'settings': run['settings'], 'kind': run['kind'],
            'steps': steps, 'weights': weights, 'commands': commands(run),
            'seconds': sum(s['seconds'] for s in steps)}, {}
