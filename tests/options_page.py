# -*- coding: utf-8 -*-
"""docs/options.md, from the table of the command line (repro/command_line.txt):

    ./run.sh exec python tests/options_page.py
"""
from __future__ import print_function

import io
import os

from repro import engines, expected, options

PAGE = os.path.join(expected.ROOT, 'docs', 'options.md')
HEAD = u'''# All verbs and options

Made by `tests/options_page.py` from `repro/command_line.txt` and from what the engines in
`repro/engines/` declare: change it there. `./run.sh help VERB` says it of one verb, with examples.

'''


def page():
    """The page's text."""
    lines = [u'| verb | what it does | work folder |', u'|---|---|---|']
    for name, _, work, _, summary in options.rows('verb'):
        folder = {'-': u'', 'here': u'the current folder'}.get(work, u'`%s`' % work)
        lines.append(u'| `%s` | %s | %s |' % (name, summary, folder))
    lines += [u'', u'| option | with | default | what it says |', u'|---|---|---|---|']
    for name, value, _, verbs, default, _, variable, text in options.rows('option'):
        shown = [verb for verb in options.VERBS if verb in verbs.split()]
        if '.bench-servers' in verbs.split():
            shown.append('bench servers')
        if shown:
            lines.append(row(name, value, u'all' if len(shown) == len(options.VERBS) - 1
                             else u', '.join(shown), default.strip('()'), text, variable))
    for engine, declared in engines.declarations().items():
        for name, keywords in declared['options']:
            default = keywords['default'] or u''
            lines.append(row(name, {tuple: 'LIST', bool: ''}.get(type(keywords['default']), 'N')
                             if 'choices' not in keywords else 'WHICH', u'--engine ' + engine,
                             default, keywords['help']))
    steps = [u'| `%s` | %s |' % (name, text) for name, text in options.rows('step')]
    lines += [u'', u'Steps of the program alone, `./run.sh exec --work DIR python -m repro STEP`:',
              u'', u'| step | what it does |', u'|---|---|'] + steps
    return HEAD + u'\n'.join(lines) + u'\n'


def row(name, value, verbs, default, text, variable=''):
    shown = u'`%s`' % (name + (u' ' + value if value else u''))
    text = text.decode('utf-8') if isinstance(text, bytes) else text
    return u'| %s | %s | %s | %s |' % (
        shown, verbs, default, text + (u' (`%s`)' % variable if variable else u''))


if __name__ == '__main__':
    with io.open(PAGE, 'w', encoding='utf-8') as f:
        f.write(page())
