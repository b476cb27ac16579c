# -*- coding: utf-8 -*-
"""Reads expected/: what should come out, each value with its source.

Standard library only, Python 2.7 and 3: the claims are checked where nothing is installed.
"""
import io
import json
import os

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXPECTED = os.path.join(ROOT, 'expected')


def load(name):
    """Contents of expected/<name>, a JSON file.  IOError and ValueError as json has them."""
    with io.open(os.path.join(EXPECTED, name), encoding='utf-8') as f:
        return json.load(f)


def values(article):
    """{item: value} over all sections of article.json; sections share no item name."""
    return dict((item, fact['value'])
                for section in article['sections'].values() for item, fact in section.items())


def article():
    """values() of expected/article.json: what the article and its author's records state."""
    return values(load('article.json'))
