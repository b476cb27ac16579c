# -*- coding: utf-8 -*-
"""Remakes the outputs that notebooks/ keeps, from a default demo: a maintainer's command.

    ./run.sh exec --runtime native python tests/record_notebooks.py

Runs them one after the other in a new folder, which goes afterwards, through ./run.sh notebook
--run (some minutes), and keeps their outputs without progress bars and times.  Hashes and measured
differences in them are this machine's; tests/test_notebooks.py passes over those.
"""
from __future__ import print_function

import glob
import io
import json
import os
import re
import shutil
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KERNEL = {'kernelspec': {'display_name': 'Python 2', 'language': 'python', 'name': 'python2'},
          'language_info': {'name': 'python'}}
CHANGES = (         # what is another each time, and what is kept of it
    (r' \[=+\] - \d+s', ''),                           # Keras's bar, and its seconds
    (r'; [\d.]+ s, [\d.]+ images/s', ''),
    (r'(drew \d+ pictures) in \d+ s', r'\1'),
    (r'\w+: \d+ of \d+ pictures, .* left\n', ''))       # a line a minute


def names():
    """The notebooks, in the order in which they are run."""
    return sorted(os.path.basename(path)
                  for path in glob.glob(os.path.join(ROOT, 'notebooks', '[0-9]*.ipynb')))


def read(path):
    with io.open(path, encoding='utf-8') as f:
        return json.load(f)


def write(path, book):
    text = json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True, separators=(',', ': '))
    with io.open(path, 'w', encoding='utf-8') as f:
        f.write(text + u'\n')


def lasting(book):
    """The notebook with what lasts of its outputs."""
    for cell in book['cells']:
        cell['metadata'] = {}
        if cell['cell_type'] == 'code':
            cell['outputs'] = [o for o in merged(cell['outputs']) if o.get('text', True)]
    return dict(book, metadata=KERNEL)


def merged(outputs):
    """The outputs: what was printed, as one, what went to stderr, as one, then all others.

    Which of the two streams comes first is chance.
    """
    whole = []
    for name in ('stdout', 'stderr'):
        pieces = [u''.join(o['text']) for o in outputs if o.get('name') == name]
        if pieces:
            whole.append({'name': name, 'output_type': 'stream',
                          'text': printed(u''.join(pieces)).splitlines(True)})
    return whole + [o for o in outputs if o['output_type'] != 'stream']


def printed(text):
    """What a terminal shows of this text at last, without what changes each time."""
    lines = []
    for line in text.split(u'\n'):
        shown = u''
        for part in re.split(u'[\b\r]+', line):     # Keras goes back to the line's start
            shown = part + shown[len(part):]
        lines.append(shown.rstrip(u' '))
    text = u'\n'.join(lines)
    for pattern, kept in CHANGES:
        text = re.sub(pattern, kept, text)
    return text


def main():
    folder = tempfile.mkdtemp(dir='/var/tmp')
    for name in names():
        subprocess.check_call([os.path.join(ROOT, 'run.sh'), 'notebook', '--runtime', 'native',
                               '--work', folder, '--run', name])
    for name in names():
        write(os.path.join(ROOT, 'notebooks', name), lasting(read(os.path.join(folder, name))))
        print('recorded notebooks/' + name)
    shutil.rmtree(folder)


if __name__ == '__main__':
    main()
