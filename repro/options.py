# -*- coding: utf-8 -*-
"""Every option of the program: its name, which verbs take it, which values are right.

    python -B -m repro.options VERB ARGUMENT...     says what is wrong with them; 2, or 0
    python -B -m repro.networks VERB ARGUMENT...    the weights files that they ask for, one a line

run.sh asks these before it sets anything up, with any Python that is there, and python -m repro
(__main__.py) parses with it.  Standard library only, Python 2.7 and 3.  What only concerns the
outside (where the run takes place, and within which limits) is run.sh's; an engine's options are
declared in its own file (engines/).
"""
from __future__ import print_function

import argparse
import collections
import os
import sys

from repro import engines, networks
from repro.failures import WrongUsage

RUNS, REAL, COMMANDS = ('demo', 'cpu', 'gpu'), ('cpu', 'gpu'), ('exec', 'shell')
ELSEWHERE = ('kaggle',)         # a real run, on Kaggle's machines
GET = ('get data', 'get weights', 'get features')
STEPS = ('links', 'gap', 'head', 'submit', 'score', 'kernel', 'verify', 'report')
CONVERT = ('convert',)
FORMATS = ('onnx', 'savedmodel', 'openvino', 'keras3')
VERBS = RUNS + ELSEWHERE + GET + STEPS + COMMANDS + CONVERT + ('serve', 'notebook', 'archive')
MULTIPLYING = ('demo', 'cpu', 'gap')    # the verbs that take any engine


# What turns an option's text into its value: functions of the option's name and the text.

def count(option, text):
    if not text.isdigit() or int(text) < 1:
        raise wrong('%s wants a positive number, not %s' % (option, text))
    return int(text)


def text(option, text):
    return text


def port(option, text):
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise wrong('%s wants a number from 1 to 65535, not %s' % (option, text))
    return int(text)


def addresses(option, text):
    """Servers, HOST:PORT with commas between them."""
    asked = text.split(',')
    for address in asked:
        host, _, number = address.rpartition(':')
        if not host or not number.isdigit() or not 1 <= int(number) <= 65535:
            raise wrong('%s wants HOST:PORT, or several with commas, not %s' % (option, text))
    if len(set(asked)) < len(asked):
        raise wrong('%s names a server twice: %s' % (option, text))
    return tuple(asked)


def one_of(values):
    def value(option, text):
        if text not in values:
            raise wrong('%s is %s, not %s' % (option, ' or '.join(values), text))
        return text
    return value


def some_of(names):
    """Names from a list with commas; they come in the order of `names`."""
    def value(option, text):
        asked = text.split(',')
        if not set(asked) <= set(names):
            raise wrong('%s wants names out of %s, not %s' % (option, ','.join(names), text))
        return [name for name in names if name in asked]
    return value


Option = collections.namedtuple('Option', 'name verbs value default variable')
# value: one of the functions above, or None for an option without a value; variable: where
# modules that cannot be given arguments read it (keras_seams.py).  Who sets the variable by hand
# has the same effect.

OPTIONS = [Option(*row) for row in (
    ('--networks', RUNS + ELSEWHERE + GET[1:] + ('gap', 'head', 'submit'), some_of(networks.NAMES),
     list(networks.EXTRACTION), None),
    ('--seeding', RUNS + ELSEWHERE + ('head',), one_of(('article', 'notebook')), 'article', None),
    ('--seeds', RUNS + ELSEWHERE, count, None, None),
    ('--order', RUNS + COMMANDS, one_of(('sorted', 'filesystem')), None, 'REPRO_ORDER'),
    ('--train', ('demo',), count, 64, None),
    ('--test', ('demo',), count, 16, None),
    ('--data', REAL, text, None, None),
    ('--weights', REAL, text, None, None),
    ('--any-weights', REAL + ELSEWHERE + COMMANDS, None, None, 'REPRO_ANY_WEIGHTS'),
    ('--features', ('cpu',), None, None, None),
    ('--gpu-growth', ('gpu',), None, None, 'REPRO_GPU_GROWTH'),
    ('--no-report', RUNS, None, None, 'REPRO_NO_REPORT'),
    ('--from', GET, text, None, None),
    ('--out', ('report',) + CONVERT, text, None, None),
    ('--file', ('score', 'kernel'), text, None, None),
    ('--accelerator', ELSEWHERE, one_of(('NvidiaTeslaP100', 'NvidiaTeslaT4', 'none')),
     'NvidiaTeslaP100', None),
    ('--engine', ELSEWHERE, one_of(tuple(engines.declarations())), None, None),
    ('--to', ('archive',), text, None, None),
    ('--check', ('archive',), text, None, None),
    ('--with', ('archive',), some_of(('weights', 'features', 'data', 'images', 'tf2', 'convert',
                                      'notebook', 'cuda8')), None, None),
    ('--keep', ('archive',), text, None, None),
    ('--shareable', ('archive',), None, None, None),
    ('--to', CONVERT, one_of(FORMATS), None, None),
    ('--model-weights', CONVERT, text, None, None),
    ('--script', CONVERT, text, None, None),
    ('--samples', CONVERT, text, None, None),
    ('--trained-on', CONVERT, one_of(('theano', 'tensorflow')), None, None),
    ('--trust', CONVERT, None, None, None),
    ('--port', ('serve',), port, 2222, None),
    ('--port', ('notebook',), port, 8888, None),
    ('--run', ('notebook',), text, None, None),
    ('--bind', ('serve',), text, '127.0.0.1', None),
    ('--device', ('serve',), one_of(('auto', 'cpu', 'gpu')), 'auto', None),
    ('--fast', ('serve',), None, None, None),
)]


def engines_for(verb):
    """The engines that a verb takes, the default first; none where it takes no --engine.

    An engine whose servers run elsewhere also takes commands, whose Keras sessions they hold, and
    gpu, whose card is the servers' and not CUDA 8's.
    """
    if verb in MULTIPLYING:
        return tuple(engines.declarations())
    if verb in COMMANDS + ('gpu',):
        return tuple(name for name, declared in engines.declarations().items()
                     if name == engines.DEFAULT or declared.get('server'))
    return ()


def engine_options(verb, engine):
    """The Options that an engine declares, of those that the verb takes."""
    for option, keywords in engines.declarations()[engine]['options']:
        if verb not in COMMANDS or keywords.get('session'):
            yield Option(option, (verb,), kind_of(keywords), keywords['default'], None)


def kind_of(keywords):
    """An engine's option as a function of OPTIONS; None for one without a value."""
    if 'choices' in keywords:
        return one_of(keywords['choices'])
    return {bool: None, tuple: addresses, int: count}[type(keywords['default'])]


def options_of(verb, engine=engines.DEFAULT):
    """The Options that a verb takes, with those of this engine."""
    taken = [option for option in OPTIONS if verb in option.verbs]
    if engines_for(verb):
        taken.append(Option('--engine', (verb,), one_of(engines_for(verb)), engines.DEFAULT, None))
        taken += engine_options(verb, engine)
    return taken


def defaults():
    """{option: its default}, by the names that run.json has: networks, seeding, precision, ..."""
    every = [option for option in OPTIONS if set(option.verbs) & set(RUNS + STEPS)]
    for engine in engines.declarations():
        every += options_of('gap', engine)
    return dict((field(o.name), o.default) for o in every if o.default is not None)


def field(option):
    return option.lstrip('-').replace('-', '_')


# ------------------------------------------------------------------------------------- the parser

class Parser(argparse.ArgumentParser):
    """argparse, but that a mistake is a WrongUsage and that options are not abbreviated."""

    def __init__(self):
        argparse.ArgumentParser.__init__(self, add_help=False)
        self.valueless = []

    def error(self, message):
        raise wrong(message)

    def _get_option_tuples(self, option_string):    # Python 2.7 has no allow_abbrev
        return []

    def parse_known_args(self, argv):
        for name in [word.split('=')[0] for word in argv if '=' in word]:
            if name in self.valueless:
                raise wrong('%s takes no value' % name)
        return argparse.ArgumentParser.parse_known_args(self, argv)

    def add(self, name, value, default=None):
        """An option with a value, or without one where value is None."""
        if value is None:
            self.add_argument(name, action='store_true')
            self.valueless.append(name)
            return

        def checked(text):
            if not text:
                raise wrong('%s wants a value' % name)
            return value(name, text)
        # A missing value becomes '', so that checked() says so and not argparse.
        self.add_argument(name, type=checked, default=default, nargs='?', const='')


def wrong(message):
    return WrongUsage('%s (see ./run.sh help)' % message)


def parse(argv):
    """The verb's options, as an argparse.Namespace; raises WrongUsage.

    verb; what: of get; command: of exec, after `--`; model: of convert; options: the engine's, as
    a dict.
    """
    verb, arguments = ' '.join(argv[:1]), list(argv[1:])
    if verb == 'get':
        verb, arguments = ' '.join(argv[:2]), list(argv[2:])
    if verb not in VERBS:
        raise wrong('no verb %s' % verb)
    command = []
    if verb == 'exec' and '--' in arguments:
        at = arguments.index('--')
        arguments, command = arguments[:at], arguments[at + 1:]
    args = parsed(verb, arguments)
    args.verb, _, args.what = verb.partition(' ')
    args.command = command
    if getattr(args, 'features', False) and (args.data or args.weights
                                             or args.engine != engines.DEFAULT):
        raise wrong('--features takes none of --data, --weights and --engine: no picture is '
                    'looked at')
    if verb == 'kaggle' and (args.accelerator, args.engine) == ('NvidiaTeslaT4', 'tf1'):
        raise wrong('CUDA 8, which --engine tf1 wants, does not drive a T4: --engine tf2, or none')
    if verb == 'convert' and not (args.model and args.to):
        raise wrong('convert wants a model file, and --to with one of ' + ', '.join(FORMATS))
    return args


def parsed(verb, arguments):
    """The Namespace of a verb's own options and of those of the engine that is asked for."""
    def by(options):
        parser = Parser()
        for option in options:
            parser.add(option.name, option.value, option.default)
        return parser.parse_known_args(arguments)

    first, _ = by([option for option in options_of(verb) if option.name == '--engine'])
    engine = getattr(first, 'engine', engines.DEFAULT)
    args, unknown = by(options_of(verb, engine))
    if verb in CONVERT:
        args.model = unknown.pop(0) if unknown and not unknown[0].startswith('-') else None
    for word in unknown:
        refuse(verb, word)
    of_engine = engine_options(verb, engine) if engines_for(verb) else ()
    args.options = dict((field(o.name), getattr(args, field(o.name))) for o in of_engine)
    return args


def refuse(verb, word):
    """Raises WrongUsage for a word that the verb does not take, with this engine."""
    option = word.split('=')[0] if word.startswith('-') else word
    for engine in engines_for(verb):
        if option in [o.name for o in engine_options(verb, engine)]:
            raise wrong('%s belongs to --engine %s' % (option, engine))
    raise wrong('%s does not know %s' % (verb.replace('get ', ''), option))


def export(args):
    """Sets the environment variables of the options that have one."""
    for option in OPTIONS:
        value = getattr(args, field(option.name), None) if option.variable else None
        if value:
            os.environ[option.variable] = '1' if value is True else value


if __name__ == '__main__':
    try:
        parse(sys.argv[1:])
    except WrongUsage as e:
        print('run.sh: %s' % e, file=sys.stderr)
        sys.exit(e.status)
