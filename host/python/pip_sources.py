# -*- coding: utf-8 -*-
"""Where this machine's packages come from: what pip's settings say of it, and nothing else.

    pip_sources.py      prints a line PIP_NAME=VALUE for each setting; or why not, and 1

An old pip fails on current settings (use-feature = truststore, progress-bar = raw), and others
would send packages elsewhere (target, platform).  So host/setup.sh runs every pip without a
pip.conf, and with these variables alone.  Files, sections and their order are pip's
(https://pip.pypa.io/en/stable/topics/configuration/).  Any Python, standard library only.
"""
from __future__ import print_function

import io
import os
import sys
try:
    from configparser import Error, RawConfigParser
except ImportError:         # Python 2
    from ConfigParser import Error, RawConfigParser

SOURCES = ('index-url', 'extra-index-url', 'find-links', 'no-index', 'cert', 'client-cert',
           'trusted-host', 'proxy', 'timeout', 'default-timeout', 'retries', 'cache-dir',
           'no-cache-dir')
SECTIONS = ('global', 'download', 'install')        # a later one beats an earlier one


def files():
    """The pip.conf that pip would read, the one that counts most last."""
    own = os.environ.get('PIP_CONFIG_FILE')
    if own == os.devnull:
        return []
    home = os.path.expanduser('~')
    shared = os.environ.get('XDG_CONFIG_DIRS') or '/etc/xdg'
    names = [os.path.join(folder, 'pip', 'pip.conf') for folder in shared.split(os.pathsep)]
    names += ['/etc/pip.conf', os.path.join(home, '.pip', 'pip.conf'),
              os.path.join(os.environ.get('XDG_CONFIG_HOME') or os.path.join(home, '.config'),
                           'pip', 'pip.conf')]
    return names + ([own] if own else [])


def settings():
    """{name: value} of SOURCES, by the files and then by the variables PIP_<NAME>."""
    chosen = {}
    for name in files():
        if os.path.isfile(name):
            parser = RawConfigParser()
            with io.open(name, encoding='utf-8-sig') as f:
                getattr(parser, 'read_file', getattr(parser, 'readfp', None))(f)
            for section in SECTIONS:
                if parser.has_section(section):
                    chosen.update((key.replace('_', '-'), value)
                                  for key, value in parser.items(section))
    for variable, value in os.environ.items():
        if variable.startswith('PIP_') and value:
            chosen[variable[len('PIP_'):].lower().replace('_', '-')] = value
    return dict((key, chosen[key]) for key in SOURCES if chosen.get(key))


def main():
    try:
        chosen = settings()
    except (Error, IOError, OSError, ValueError) as e:
        print('a pip.conf cannot be read (%s): mend it, or set PIP_CONFIG_FILE=/dev/null'
              % str(e).split('\n')[0])
        return 1
    for key in SOURCES:
        if key in chosen:
            line = 'PIP_%s=%s' % (key.upper().replace('-', '_'), ' '.join(chosen[key].split()))
            # Bytes, so that the locale has no effect.
            getattr(sys.stdout, 'buffer', sys.stdout).write(
                (line if isinstance(line, bytes) else os.fsencode(line)
                 if hasattr(os, 'fsencode') else line.encode('utf-8')) + b'\n')


if __name__ == '__main__':
    sys.exit(main())
