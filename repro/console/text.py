# -*- coding: utf-8 -*-
"""Sentences that are said in more than one place: on the console in English, on the page in both.

    _('{n} of {of} pictures', n=3, of=8)

is a Text: an English sentence with named fields (str.format's) and their values.  It passes
between modules as it is, and whoever shows it formats it: english(text) here, both languages in
repro/report/language.py, where the Chinese of the same sentence is looked up in
repro/report/zh_CN.po.  Nothing reads a formatted sentence again.

Standard library only, Python 2.7 and 3.
"""


class Text(object):
    """sentence: English, with named fields; values: what goes into them, Texts among them."""

    def __init__(self, sentence, values):
        self.sentence, self.values = sentence, values

    def __eq__(self, other):
        return isinstance(other, Text) and self.__dict__ == other.__dict__

    def __ne__(self, other):
        return not self == other

    __hash__ = None

    def __repr__(self):
        return '_(%r, **%r)' % (self.sentence, self.values)


class Listed(object):
    """Several Texts, one after the other: '; ' between them in English, '；' in Chinese."""

    def __init__(self, texts):
        self.texts = list(texts)

    def __eq__(self, other):
        return isinstance(other, Listed) and self.texts == other.texts

    def __ne__(self, other):
        return not self == other

    __hash__ = None


def _(sentence, **values):
    """Marks the sentence for the catalogue (its name is gettext's), and takes the values along."""
    return Text(sentence, values)


def english(said):
    """The English of a Text or Listed, unicode; any other value as it prints."""
    if isinstance(said, Text):
        return plain(said.sentence).format(**dict(
            (name, filled(value)) for name, value in said.values.items()))
    if isinstance(said, Listed):
        return u'; '.join(english(text) for text in said.texts)
    return u'%s' % (plain(said),)


def filled(value):
    """What str.format gets for a value: text of a Text and of a list, a number stays one."""
    if isinstance(value, (list, tuple)):
        return u', '.join(english(item) for item in value)
    return english(value) if isinstance(value, (Text, Listed)) else plain(value)


def plain(value):
    """Python 2's bytes, of a file name or an error, as text; all else as it is."""
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else value
