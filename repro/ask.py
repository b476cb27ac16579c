# -*- coding: utf-8 -*-
"""Answers the shell's questions about the program, in any Python: standard library, 2.7 and 3.

    ask.py options VERB ARGUMENT...     says what is wrong with them; status 2 or 0
    ask.py weights VERB ARGUMENT...     the weights files that they need, one a line
    ask.py kaggle COMMIT ARGUMENT...    what a push would ask of Kaggle, as JSON
    ask.py engines                      the engines' names, one a line
    ask.py engine NAME                  lines: title TEXT, server yes|no, and where something must
                                        be installed: lock FILE, files REGEX

python -B -m repro.ask, by host/python/python3.sh (ask_program), before anything is set up.
"""
from __future__ import print_function

import json
import sys

from repro import engines
from repro.failures import WrongUsage


def options(*arguments):
    from repro import options
    options.parse(arguments)


def weights(*arguments):
    from repro import networks, options
    for name in options.parse(arguments).networks:
        print(networks.TABLE[name].weights)


def kaggle(commit, *arguments):
    from repro import kaggle, options
    print(json.dumps(kaggle.request_for(options.parse(('kaggle',) + arguments), commit)))


def engine_names():
    print('\n'.join(engines.declarations()))


def engine(name):
    declared = engines.declarations().get(name)
    if declared is None:
        raise WrongUsage('no engine %s (%s)' % (name, ', '.join(engines.declarations())))
    print('title', declared['title'])
    print('server', 'yes' if declared.get('server') else 'no')
    for key in ('lock', 'files'):
        if key in declared:
            print(key, declared[key])


QUESTIONS = {'options': options, 'weights': weights, 'kaggle': kaggle, 'engines': engine_names,
             'engine': engine}

if __name__ == '__main__':
    try:
        QUESTIONS[sys.argv[1]](*sys.argv[2:])
    except WrongUsage as e:
        print('run.sh: %s' % e, file=sys.stderr)
        sys.exit(e.status)
