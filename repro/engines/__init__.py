# -*- coding: utf-8 -*-
"""Who multiplies: the engines behind the one call that Keras's predict_generator makes.

predict_generator calls predict_on_batch, which calls `model.predict_function` if that is set
already (keras/engine/training.py, 1.2.2).  An engine sets it, and nothing else of the article's
program changes: Keras 1.2.2 still builds the network, loads the weights and names the files.

An engine is one module of this package; the module's name is the engine's.  It declares itself in
a literal ENGINE at its top, which is read without importing the module, so that the parser and
run.sh can read it with any Python:

    title           its name in print
    options         the options that it adds: (name, {'default', ...}).  `choices` are its values;
                    without them the default tells: a number, False for one without a value, () for
                    servers, HOST:PORT,...  `session`: exec and shell take it, too
    server          True where it needs a server (host/servers/servers.sh)
    lock, files     where something must be installed for it: a lock in requirements/, and which
                    files of that wheel go to $REPRO_ENGINES/<engine> (a regular expression for
                    re.match)

and it defines

    check(**options)            raises NoRuntime where it cannot work
    Engine(sizes, **options)    sizes: the image sizes of the networks to come, (height, width)
        origin                  what features files say of it: HDF5 attributes
        description             the same in one line
        facts                   what else run.json says of it
        is_reference            whether the others are compared with it
        attached(model, done, made_from, *generators)
            a context: sets model.predict_function, and yields the generators to draw from in
            place of these.  done: the network's Journal, with the whole batches that an
            interrupted run left; made_from: gap.origin's dict
        close()
"""
import ast
import collections
import glob
import importlib
import io
import os

DEFAULT = 'tf1'


class Refused(RuntimeError):
    """An engine's library refused; the message is its own."""


def declarations():
    """{engine: its ENGINE}, the default first and then by name."""
    declared = {}
    for path in glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), '*.py')):
        declaration = declaration_in(path)
        if declaration is not None:
            declared[os.path.basename(path)[:-len('.py')]] = declaration
    return collections.OrderedDict(
        (name, declared[name]) for name in sorted(declared, key=lambda n: (n != DEFAULT, n)))


def declaration_in(path):
    """The ENGINE of a module's source, None where it has none."""
    with io.open(path, encoding='utf-8') as f:
        source = f.read()
    if '\nENGINE = {' in source:
        for statement in ast.parse(source.encode('utf-8')).body:
            if isinstance(statement, ast.Assign) and \
                    getattr(statement.targets[0], 'id', '') == 'ENGINE':
                return ast.literal_eval(statement.value)


def title(name):
    """An engine's name in print."""
    return declarations()[name]['title']


def check(name, **options):
    """Raises NoRuntime where this engine cannot work."""
    importlib.import_module('repro.engines.' + name).check(**options)


def start(name, sizes, **options):
    """The Engine of this name, for networks with images of these sizes."""
    return importlib.import_module('repro.engines.' + name).Engine(sizes, **options)
