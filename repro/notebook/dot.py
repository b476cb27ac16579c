# -*- coding: utf-8 -*-
"""dot, as pydot calls it for Keras's model_to_dot: dot -Tsvg [FILE], a graph in, a drawing out.

Graphviz itself draws: its libraries lie in $REPRO_HOME/notebook/graphviz, out of a wheel
(requirements/graphviz.in), and are called here without their command, which the wheel lacks.
Only its core is loaded, which measures text by built-in tables: a drawing is the same on every
machine.  So there are svg, ps, dot, plain, json and the like, but nothing made of pixels.
"""
from __future__ import print_function

import ctypes
import glob
import os
import sys

FOLDER = os.path.join(os.environ.get('REPRO_HOME', ''), 'notebook', 'graphviz')
PLUGINS = ('gvplugin_dot_layout', 'gvplugin_core')


class Builtin(ctypes.Structure):
    """lt_symlist_t of Graphviz's types.h: a plugin's name and its library."""
    _fields_ = [('name', ctypes.c_char_p), ('address', ctypes.c_void_p)]


def library(name):
    """The library, for the next ones to find its symbols.  The wheel's names end in hashes."""
    pattern = os.path.join(FOLDER, 'lib%s-*.so*' % name)
    for path in glob.glob(pattern):
        return ctypes.CDLL(path, ctypes.RTLD_GLOBAL)
    raise OSError('%s: no such file' % pattern)


def context(gvc):
    """A GVC_t with the PLUGINS as built-in ones: no configuration file is looked for."""
    builtins = (Builtin * (len(PLUGINS) + 1))()     # ended by one of nulls
    for builtin, plugin in zip(builtins, PLUGINS):
        builtin.name = (plugin + '_LTX_library').encode('ascii')
        symbol = ctypes.c_char.in_dll(library(plugin), plugin + '_LTX_library')
        builtin.address = ctypes.addressof(symbol)
    gvc.gvContextPlugins.restype = ctypes.c_void_p
    return ctypes.c_void_p(gvc.gvContextPlugins(builtins, 0))


def draw(source, form):
    """The graph `source`, in the DOT language, laid out by dot, in this form; bytes.

    None where it is not a graph, or Graphviz's core lacks the form; then Graphviz has said why.
    """
    graphs, gvc = [library(name) for name in ('cdt', 'cgraph', 'gvc')][1:]
    at = context(gvc)
    graphs.agmemread.restype = ctypes.c_void_p
    graph = ctypes.c_void_p(graphs.agmemread(source))
    if not graph or gvc.gvLayout(at, graph, b'dot') != 0:
        return None
    drawn, length = ctypes.c_void_p(), ctypes.c_size_t()
    if gvc.gvRenderData(at, graph, form, ctypes.byref(drawn), ctypes.byref(length)) != 0:
        return None
    return ctypes.string_at(drawn, length.value)


def main(arguments):
    """Returns the exit status; one line on stderr when not 0."""
    forms = [a[2:] for a in arguments if a.startswith('-T')]
    names = [a for a in arguments if not a.startswith('-')]
    if len(forms) != 1 or len(names) > 1 or len(arguments) > len(forms) + len(names):
        print('dot: only dot -TFORM [FILE] is here, not %s' % ' '.join(arguments), file=sys.stderr)
        return 2
    with open(names[0] if names else '/dev/stdin', 'rb') as f:
        source = f.read()
    try:
        drawn = draw(source, forms[0].encode('ascii'))
    except OSError as e:        # of the libraries it needs, libexpat and libz are the machine's
        print('dot: Graphviz cannot be loaded: %s' % e, file=sys.stderr)
        return 3
    if drawn is None:
        print('dot: no %s of this graph (svg, ps, dot, plain and json are here, png is not)'
              % forms[0], file=sys.stderr)
        return 4
    sys.stdout.write(drawn)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
