# -*- coding: utf-8 -*-
"""The program's options, by the table command_line.txt: which verb takes which, with which values.

run.sh asks this before it sets anything up (ask.py), and python -m repro (__main__.py) parses with
it.  Standard library only, Python 2.7 and 3.
"""
from __future__ import print_function

import argparse
import collections
import contextlib
import io
import os

from repro import engines, networks
from repro.failures import WrongUsage

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'command_line.txt')
RUNS, COMMANDS = ('demo', 'cpu', 'gpu'), ('exec', 'shell')


# What turns an option's text into its value: functions of the option's name and the text.

def count(option, text):
    if not text.isdigit() or int(text) < 1:
        raise WrongUsage('%s needs a positive number, not %s' % (option, text))
    return int(text)


def seconds(option, text):
    """A number above 0, with or without decimals."""
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < 10**6:
        raise WrongUsage('%s needs a positive number, not %s' % (option, text))
    return value


def text(option, text):
    return text


def port(option, text):
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise WrongUsage('%s needs a number from 1 to 65535, not %s' % (option, text))
    return int(text)


def addresses(option, text):
    """Servers, HOST:PORT with commas between them."""
    servers = text.split(',')
    for address in servers:
        host, _, number = address.rpartition(':')
        if not host or not number.isdigit() or not 1 <= int(number) <= 65535:
            raise WrongUsage('%s needs HOST:PORT, or several with commas, not %s' % (option, text))
    if len(set(servers)) < len(servers):
        raise WrongUsage('%s names a server twice: %s' % (option, text))
    return tuple(servers)


def one_of(values):
    def value(option, text):
        if text not in values:
            raise WrongUsage('%s is %s, not %s' % (option, ' or '.join(values), text))
        return text
    return value


def some_of(names):
    """Names from a list with commas; they come in the order of `names`."""
    def value(option, text):
        chosen = text.split(',')
        if not set(chosen) <= set(names):
            raise WrongUsage('%s needs names out of %s, not %s' % (option, ','.join(names), text))
        return [name for name in names if name in chosen]
    return value


# ------------------------------------------------------------------------------------- the table

# The first word of a row's kind: a function of the words behind it, which gives one of the above.
KINDS = {
    'flag': lambda *_: None,
    'count': lambda *_: count,
    'seconds': lambda *_: seconds,
    'port': lambda *_: port,
    'addresses': lambda *_: addresses,
    'text': lambda *_: text,
    'folder': lambda *_: text,
    'path': lambda *_: text,
    'choice': lambda *values: one_of(values),
    'names': lambda *names: some_of(names),
    'networks': lambda *_: some_of(networks.NAMES),
    'engine': lambda *words: one_of(engines_that(words)),
}

Option = collections.namedtuple('Option', 'name verbs value default variable')
# verbs: which take it, the program's own steps with a dot before them; value: a function as above,
# or None for an option without a value; variable: where modules that cannot be given arguments
# read it (keras_seams.py).  Setting the variable by hand has the same effect.


def rows(kind):
    """The columns of the table's rows of a kind: verb, step, option or status."""
    with io.open(TABLE, encoding='utf-8') as f:
        for line in f:
            columns = [str(c.strip()) if is_ascii(c) else c.strip() for c in line.split('|')]
            if line.startswith(kind + ' |'):
                yield columns[1:]


def default_of(name, value, column):
    """The default as if typed; None where there is none, or where it is said in words."""
    return value(name, column) if value and column and not column.startswith('(') else None


def is_ascii(column):
    """In Python 2 such a column becomes bytes, as names are there."""
    return all(ord(letter) < 128 for letter in column)


def read_options():
    """The Options that are the program's, in the table's order."""
    for name, _, kind, verbs, default, to, variable, _ in rows('option'):
        if to != 'shell':
            words = kind.split()
            value = KINDS[words[0]](*words[1:])
            yield Option(name, tuple(verbs.split()), value, default_of(name, value, default),
                         variable or None)


def engines_that(words):
    """The engines of a row's kind: `engine` alone, or `engine there`, is any; `engine with …`
    those that have a server, and the default.

    An engine with servers also serves exec and shell, whose Keras sessions its servers hold, and
    gpu, where the servers' card need not be one of CUDA 8.
    """
    return tuple(name for name, declared in engines.declarations().items()
                 if 'with' not in words or name == engines.DEFAULT or declared.get('server'))


VERBS, STEPS = [tuple(row[0] for row in rows(kind)) for kind in ('verb', 'step')]
OPTIONS = list(read_options())
FORMATS, = [tuple(row[2].split()[1:]) for row in rows('option')
            if (row[0], row[3]) == ('--to', 'convert')]


def takes(verb, option):
    """A step's name is in the table with a dot; submit is a step here and a verb of run.sh's."""
    return '.' + verb in option.verbs if verb in STEPS else verb in option.verbs


def options_of(verb, engine=engines.DEFAULT):
    """The Options that a verb takes, with those of this engine."""
    taken = [option for option in OPTIONS if takes(verb, option)]
    return taken + (engine_options(verb, engine) if engine in engines_for(verb) else [])


def engines_for(verb):
    """The engines whose options a verb takes, the default first; () where it takes none."""
    for name, _, kind, verbs, _, _, _, _ in rows('option'):
        if name == '--engine' and {verb, '.' + verb} & set(verbs.split()):
            return () if kind == 'engine there' else engines_that(kind.split()[1:])
    return ()


def engine_options(verb, engine):
    """An engine's own Options that the verb takes."""
    return [Option(name, (verb,), kind_of(keywords), keywords['default'], None)
            for name, keywords in engines.declarations()[engine]['options']
            if verb not in COMMANDS or keywords.get('session')]


def kind_of(keywords):
    """What turns the text of an engine's option into its value; None for one without a value."""
    if 'choices' in keywords:
        return one_of(keywords['choices'])
    return {bool: None, tuple: addresses, int: count}[type(keywords['default'])]


def defaults():
    """{option: its default}, by run.json's names: networks, seeding, precision, ..."""
    every = [o for verb in RUNS + STEPS for o in OPTIONS if takes(verb, o)]
    for engine in engines.declarations():
        every += options_of('gap', engine)
    return dict((field(o.name), o.default) for o in every if o.default is not None)


def field(option):
    return option.lstrip('-').replace('-', '_')


# ------------------------------------------------------------------------------------- the parser

class Parser(argparse.ArgumentParser):
    """argparse, but a mistake raises WrongUsage, and options cannot be abbreviated."""

    def __init__(self):
        argparse.ArgumentParser.__init__(self, add_help=False)
        self.valueless = []

    def error(self, message):
        raise WrongUsage(message)

    def _get_option_tuples(self, option_string):    # Python 2.7 has no allow_abbrev
        return []

    def parse_known_args(self, argv):
        for name in [word.split('=')[0] for word in argv if '=' in word]:
            if name in self.valueless:
                raise WrongUsage('%s takes no value' % name)
        return argparse.ArgumentParser.parse_known_args(self, argv)

    def add(self, name, value, default=None):
        """An option with a value, or without one where value is None."""
        if value is None:
            self.add_argument(name, action='store_true')
            self.valueless.append(name)
            return

        def checked(text):
            if not text:
                raise WrongUsage('%s needs a value' % name)
            return value(name, text)
        # A missing value becomes '', so that checked() says so and not argparse.
        self.add_argument(name, type=checked, default=default, nargs='?', const='')


def wrong(message, verb=''):
    """The WrongUsage that names the help of the verb, or of all where it has none (a step)."""
    return WrongUsage('%s (see ./run.sh help%s)' % (message, ' ' + verb if verb in VERBS else ''))


@contextlib.contextmanager
def help_named(verb):
    """A WrongUsage inside it gets the help of the verb behind its message."""
    try:
        yield
    except WrongUsage as e:
        raise wrong(e, verb)


def parse(argv):
    """The verb's options, as an argparse.Namespace; raises WrongUsage.

    verb; command: of exec, after `--`; model: of convert; options: the engine's, as a dict.
    """
    verb, arguments = ' '.join(argv[:1]), list(argv[1:])
    if verb not in VERBS + STEPS:
        raise wrong('no verb %s' % verb)
    with help_named(verb):
        return parsed_with_command(verb, arguments)


def parsed_with_command(verb, arguments):
    """parse(), of a verb or step that exists."""
    command = []
    if verb == 'exec' and '--' in arguments:
        at = arguments.index('--')
        arguments, command = arguments[:at], arguments[at + 1:]
    args = parsed(verb, arguments)
    args.verb, args.command = verb, command
    if getattr(args, 'features', False) and (args.data or args.weights
                                             or args.engine != engines.DEFAULT):
        raise WrongUsage('--features takes none of --data, --weights and --engine: it reads no '
                         'pictures')
    if verb == 'kaggle' and (args.accelerator, args.engine) == ('NvidiaTeslaT4', 'tf1'):
        raise WrongUsage('CUDA 8, which --engine tf1 needs, does not drive a T4: --engine tf2, or '
                         'none')
    if verb == 'convert' and not (args.model and args.to):
        raise WrongUsage('convert needs a model file, and --to with one of ' + ', '.join(FORMATS))
    return args


def parsed(verb, arguments):
    """The Namespace of a verb's own options and of the chosen engine's."""
    chosen, _ = parser_of([o for o in options_of(verb) if o.name == '--engine']).parse_known_args(
        arguments)
    engine = getattr(chosen, 'engine', engines.DEFAULT)
    args, unknown = parser_of(options_of(verb, engine)).parse_known_args(arguments)
    if verb == 'convert':
        args.model = unknown.pop(0) if unknown and not unknown[0].startswith('-') else None
    for word in unknown:
        refuse(verb, word)
    of_engine = engine_options(verb, engine) if engines_for(verb) else ()
    args.options = dict((field(o.name), getattr(args, field(o.name))) for o in of_engine)
    return args


def parser_of(options):
    """The Parser of these Options."""
    parser = Parser()
    for option in options:
        parser.add(option.name, option.value, option.default)
    return parser


def refuse(verb, word):
    """Raises WrongUsage for a word that the verb does not take, with this engine."""
    option = word.split('=')[0] if word.startswith('-') else word
    for engine in engines_for(verb):
        if option in [o.name for o in engine_options(verb, engine)]:
            raise WrongUsage('%s belongs to --engine %s' % (option, engine))
    raise WrongUsage('%s does not know %s' % (verb, option))


def export(args):
    """Sets the environment variables of the options that have one."""
    for option in OPTIONS:
        value = getattr(args, field(option.name), None) if option.variable else None
        if value:
            os.environ[option.variable] = '1' if value is True else value
