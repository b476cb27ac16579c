# -*- coding: utf-8 -*-
"""README.md and README.zh-CN.md say the same to a terminal."""
from __future__ import unicode_literals

import io
import os
import re

import pytest

from conftest import ROOT

NAMES = ('README.md', 'README.zh-CN.md')
pytestmark = pytest.mark.skipif(not os.path.exists(os.path.join(ROOT, NAMES[0])),
                                reason='images hold no README.md')


def read(name):
    with io.open(os.path.join(ROOT, name), encoding='utf-8') as f:
        return f.read()


def blocks(text):
    """The lines of all code blocks, without what is a comment there."""
    lines = re.findall(r'^ {4}(.*)$', text, re.M)
    lines = [re.sub(r'(^|\s+)# .*$', '', line).rstrip() for line in lines]
    return [line for line in lines if line]


def test_both_have_the_same_command_blocks():
    english, chinese = (blocks(read(name)) for name in NAMES)
    assert len(english) > 15
    assert english == chinese


def test_both_have_the_same_sections_tables_and_pictures():
    for pattern in (r'^(#+) ', r'^(\|)', r'!\[[^]]*\]\(([^)]*)\)'):
        english, chinese = (re.findall(pattern, read(name), re.M) for name in NAMES)
        assert english == chinese, pattern


def test_each_links_to_the_other_and_to_nothing_that_is_not_there():
    for name, other in zip(NAMES, reversed(NAMES)):
        links = re.findall(r'\]\(([^)#]+)\)', read(name))
        assert other in links
        for link in links:
            assert link.startswith('https://') or os.path.exists(os.path.join(ROOT, link)), link
