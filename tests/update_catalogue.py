# -*- coding: utf-8 -*-
"""Brings repro/report/zh_CN.po up to date with the sentences in repro/.

    ./run.sh exec --runtime native python tests/update_catalogue.py

A new sentence gets an entry with an empty msgstr, to be filled in by hand; an entry whose sentence
is gone goes, too.  Entries stand in the order of the files and of the sentences in them, without
line numbers, so that nothing else changes.  Prints what was added and removed.
"""
from __future__ import print_function, unicode_literals

import collections
import io
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from babel.messages import extract, pofile                              # noqa: E402
from babel.messages.catalog import Catalog                              # noqa: E402

from repro import expected                                              # noqa: E402
from repro.report import language                                       # noqa: E402

METHODS = [('**.py', 'python'), ('**.html', 'jinja2')]
OPTIONS = {'**.html': {'silent': 'false'}}      # a template that can't be parsed is an error
HEADER = '''# The Chinese of the page.  msgid is the English sentence in repro/, word for word, with its
# {fields}; every field stands in the Chinese, too, with the same format.
# tests/update_catalogue.py adds what is new.
msgid ""
msgstr ""
"Language: zh_CN\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

'''


def sentences(folder=os.path.join(expected.ROOT, 'repro')):
    """[(sentence, file)]: what stands in _('…') in a folder, each once, file by file."""
    places = collections.OrderedDict()
    for name, _line, sentence, _comments, _context in extract.extract_from_dir(
            folder, METHODS, OPTIONS, keywords={'_': None}):
        places.setdefault(sentence, name)
    return list(places.items())


def main():
    old = dict((message.id, message.string) for message in language.catalogue() if message.id)
    new, catalogue = [sentence for sentence, _file in sentences()], Catalog(locale='zh_CN')
    for sentence in new:
        # Babel takes "70 % means" for a printf format and would mark it as one.
        catalogue.add(sentence, old.get(sentence, '')).flags.discard('python-format')
    with io.open(language.CATALOGUE, 'wb') as f:
        f.write(HEADER.encode('utf-8'))
        pofile.write_po(f, catalogue, width=0, no_location=True, omit_header=True)
    for sentence in sorted(set(old) - set(new)):
        print('gone:', repr(sentence))
    for sentence in new:
        if not old.get(sentence):
            print('lacks its Chinese:', repr(sentence))


if __name__ == '__main__':
    main()
