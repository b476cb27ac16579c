# -*- coding: utf-8 -*-
"""What requirements/environments.txt says, for Python 2.7 and 3; standard library only.

    python host/environments.py     prints it as the table of docs/environment.md

The file's head says what its columns are.  host/environment.sh reads it where there is no Python.
"""
from __future__ import print_function

import collections
import io
import os

LOCKS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'requirements')
TABLE = os.path.join(LOCKS, 'environments.txt')
ALWAYS = 'always'       # in `archive`

# All are strings, '' where the table has `-`; locks, archive and shows are lists of strings.
Environment = collections.namedtuple(
    'Environment', 'name pythons locks on archive size purpose shows')


def rows():
    """{name: Environment}, in the table's order."""
    table = collections.OrderedDict()
    with io.open(TABLE, encoding='utf-8') as f:
        for line in f:
            if '|' in line and not line.startswith('#'):
                cells = [cell.strip() for cell in line.split('|')]
                row = Environment(*['' if cell == '-' else cell for cell in cells])
                table[row.name] = row._replace(
                    locks=row.locks.split(), shows=row.shows.split(),
                    archive=[part for part in row.archive.split(',') if part])
    return table


def chain(name):
    """The Environments that this one stands on, the lowest first, then itself."""
    row = rows()[name]
    return (chain(row.on) if row.on else []) + [row]


def needs(*names):
    """Every lock that is needed to make these, each once, in the order of installation."""
    locks = []
    for name in names:
        made = chain(name)
        # Environments of Python 2.7 are made with tools, whose pip also fetches what is unpacked.
        if made[-1].pythons == '2.7' or made[-1].pythons.endswith('unpacked'):
            made = chain('tools') + made
        locks += [lock for row in made for lock in row.locks]
    return list(collections.OrderedDict.fromkeys(locks))


def parts():
    """The parts of `archive --with` that bring an environment."""
    named = [part for row in rows().values() for part in row.archive if part != ALWAYS]
    return list(collections.OrderedDict.fromkeys(named))


def of_part(*chosen):
    """The names of the environments that an archive made with these parts holds."""
    return [row.name for row in rows().values() if set(row.archive) & set(chosen + (ALWAYS,))]


def modules(name):
    """What is imported to show that it works, with what it stands on; top-level packages."""
    return [word.partition('.')[0] for row in chain(name) for word in row.shows
            if word != 'pip' and '=' not in word]


def of_format(name):
    """The name of the environment in which convert makes this format."""
    return 'convert-' + name if 'convert-' + name in rows() else 'tf2'


def markdown():
    """The table of docs/environment.md, with its line ends."""
    lines = [u'| folder | for | Python | on | size |', u'|---|---|---|---|---|']
    for row in rows().values():
        lines.append(u'| %s |' % u' | '.join(
            cell or u'–' for cell in (row.name, row.purpose, row.pythons, row.on, row.size)))
    return u'\n'.join(lines) + u'\n'


if __name__ == '__main__':
    print(markdown(), end='')
