# -*- coding: utf-8 -*-
"""The page's two languages: a Text in English, as it was said, and in Chinese, from zh_CN.po.

zh_CN.po is a gettext catalogue; its msgid is the English sentence with its {fields}.  On the page
a sentence is markup (<b>, <code>), and the values that fill its fields are escaped.
tests/test_language.py holds sentences and catalogue against each other, and
tests/update_catalogue.py brings new sentences into the catalogue.
"""
from __future__ import unicode_literals

import io
import os

import jinja2
from babel.messages import pofile

from repro.console.text import Listed, Text, english, plain

CATALOGUE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'zh_CN.po')
ENGLISH, CHINESE = 'en', 'zh-CN'
BETWEEN = {ENGLISH: '; ', CHINESE: '；'}    # the Texts of a Listed
COMMA = {ENGLISH: ', ', CHINESE: '、'}      # the items of a list that fills a field
BOTH = ' ｜ '               # between the languages of an attribute; page.js takes one of them
_translations = {}


def catalogue():
    """zh_CN.po, a babel.messages.Catalog.  IOError where it is missing."""
    with io.open(CATALOGUE, 'rb') as f:
        return pofile.read_po(f, locale='zh_CN')


def translation(sentence):
    """The Chinese of an English sentence, fields and all; the sentence where there is none."""
    if not _translations:
        _translations.update((message.id, message.string) for message in catalogue())
    return _translations.get(sentence) or sentence


def in_language(language, value):
    """A Text or Listed as markup in one language; any other value as it is."""
    if isinstance(value, Listed):
        return jinja2.Markup(BETWEEN[language]).join(
            in_language(language, text) for text in value.texts)
    if not isinstance(value, Text):
        return plain(value)
    sentence = plain(value.sentence)
    if language == CHINESE:
        sentence = translation(sentence)
    return jinja2.Markup(sentence).format(**dict(
        (name, filled(language, field)) for name, field in value.values.items()))


def filled(language, value):
    """What fills a field: the items of a list with commas between them, or in_language()."""
    if isinstance(value, (list, tuple)):
        return jinja2.Markup(COMMA[language]).join(in_language(language, item) for item in value)
    return in_language(language, value)


def html(value):
    """A Text or Listed as markup with both languages, of which page.css shows one.

    Any other value as it is: this is also what Jinja2 calls for everything that page.html prints.
    """
    if not isinstance(value, (Text, Listed)):
        return plain(value)
    return jinja2.Markup('<span lang="en">%s</span><span lang="zh-CN">%s</span>') % (
        in_language(ENGLISH, value), in_language(CHINESE, value))


def attribute(text):
    """A Text in both languages for an attribute: English ｜ Chinese, unicode without markup."""
    return BOTH.join(in_language(language, text).striptags() for language in (ENGLISH, CHINESE))


def records(numbers):
    """The numbers of the page as JSON can hold them: each Text is its English and its parts."""
    if isinstance(numbers, Text):
        return {'english': english(numbers), 'sentence': plain(numbers.sentence),
                'values': records(numbers.values)}
    if isinstance(numbers, Listed):
        return {'english': english(numbers), 'texts': records(numbers.texts)}
    if isinstance(numbers, dict):
        return dict((key, records(value)) for key, value in numbers.items())
    if isinstance(numbers, (list, tuple)):
        return [records(value) for value in numbers]
    return plain(numbers)


def texts(numbers):
    """The numbers of report.json with their Texts again: what records() was given."""
    if isinstance(numbers, list):
        return [texts(value) for value in numbers]
    if not isinstance(numbers, dict):
        return numbers
    if 'english' not in numbers:
        return dict((key, texts(value)) for key, value in numbers.items())
    if 'texts' in numbers:
        return Listed(texts(numbers['texts']))
    return Text(numbers['sentence'], texts(numbers['values']))
