# -*- coding: utf-8 -*-
"""The page's two languages: every sentence has its Chinese, and both say the same fields."""
from __future__ import unicode_literals

import ast
import io
import json
import os
import re
import string

import jinja2
import pytest

import update_catalogue
from conftest import ROOT
from repro.console.text import Listed, _
from repro.report import language

REPRO = os.path.join(ROOT, 'repro')
CATALOGUE = dict((message.id, message.string) for message in language.catalogue() if message.id)
SAME = ('sha256 {digest}',)         # words that are the same in Chinese


def fields(sentence):
    """[(name, format)] of a sentence's fields, sorted."""
    return sorted((name, form, how) for _text, name, form, how
                  in string.Formatter().parse(sentence) if name is not None)


def named(sentence):
    return set(name for name, _form, _how in fields(sentence))


# --------------------------------------------------------------------------------- the catalogue

def test_every_sentence_has_its_chinese_and_no_other_has():
    """tests/update_catalogue.py adds the missing ones, to be filled in, and removes the others."""
    sentences = [sentence for sentence, _file in update_catalogue.sentences()]
    assert len(sentences) > 400
    assert [s for s in sentences if not CATALOGUE.get(s)] == []
    assert [s for s in CATALOGUE if s not in sentences] == []


def test_both_languages_have_the_same_fields_in_the_same_formats():
    assert [s for s in CATALOGUE if fields(s) != fields(CATALOGUE[s])] == []


def test_both_languages_have_the_same_markup_and_all_of_it_is_closed():
    for sentence, chinese in CATALOGUE.items():
        tags = re.findall('<[^>]*>', sentence)
        assert tags == re.findall('<[^>]*>', chinese), sentence
        assert not re.search('[<&]', re.sub('<(b|code)>[^<]*</\\1>', '', sentence)), sentence


def test_what_has_words_is_translated_into_chinese():
    for sentence, chinese in CATALOGUE.items():
        if re.search('[A-Za-z]{2}', re.sub('{[^}]*}', '', sentence)) and sentence not in SAME:
            assert re.search('[\u4e00-\u9fff]', chinese), sentence


def test_chinese_sentences_have_chinese_punctuation():
    assert [c for c in CATALOGUE.values() if re.search('[\u4e00-\u9fff][,:;(]', c)] == []
    assert [c for c in CATALOGUE.values() if re.search('[,:;]\\s*[\u4e00-\u9fff]', c)] == []


def test_new_sentences_are_found_in_python_and_in_templates(tmpdir):
    tmpdir.join('a.py').write('from repro.console.text import _\n\n'
                              'x = {"a": _("it is\\n" \'new, {n}\', n=1)}\nx._\n')
    tmpdir.join('b.html').write("{% macro m(x) %}{{ _('so '\n    'is this', **x) }}{% endmacro %}"
                                "{{ {true: _(\"it's {a:.1%}\", a=1)}.get(b)|attribute }}")
    assert update_catalogue.sentences(str(tmpdir)) == [
        ('it is\nnew, {n}', 'a.py'), ('so is this', 'b.html'), ("it's {a:.1%}", 'b.html')]


# ------------------------------------------------------------------------------- the values given

def python_calls():
    """(file, sentence, names of the values) of each _('…', name=…) in repro/, but not of **."""
    for folder, _folders, names in os.walk(REPRO):
        for name in names:
            if name.endswith('.py'):
                with io.open(os.path.join(folder, name), 'rb') as f:
                    tree = ast.parse(f.read(), str(name))
                for node in ast.walk(tree):
                    if isinstance(node, ast.Call) and getattr(node.func, 'id', '') == '_' \
                            and isinstance(node.args[0], ast.Str) and node.kwargs is None:
                        yield name, node.args[0].s, set(k.arg for k in node.keywords)


def template_calls():
    folder = os.path.join(REPRO, 'report')
    with io.open(os.path.join(folder, 'page.html'), encoding='utf-8') as f:
        tree = jinja2.Environment().parse(f.read())
    for node in tree.find_all(jinja2.nodes.Call):
        if getattr(node.node, 'name', '') == '_' and node.dyn_kwargs is None:
            yield 'page.html', node.args[0].value, set(k.key for k in node.kwargs)


def test_each_sentence_is_given_the_values_of_its_fields():
    """A sentence with fields and without values is a pattern, whose user gives them."""
    calls = list(python_calls()) + list(template_calls())
    assert len(calls) > 400
    assert [(name, sentence) for name, sentence, values in calls
            if values and values != named(sentence)] == []


# ------------------------------------------------------------------------ Texts in both languages

def test_a_text_is_shown_in_both_languages():
    assert language.html(_('Show all {n} rows', n=77)) == (
        '<span lang="en">Show all 77 rows</span><span lang="zh-CN">显示全部 77 行</span>')
    assert language.html(_('taken for a {what}', what=_('cat'))) == (
        '<span lang="en">taken for a cat</span><span lang="zh-CN">判为猫</span>')
    assert language.html(Listed([_('missing'), _('not done')])) == (
        '<span lang="en">missing; not done</span><span lang="zh-CN">缺失；未完成</span>')
    assert language.html('gap_ResNet50.h5') == 'gap_ResNet50.h5' and language.html(.5) == .5


def test_an_attribute_has_both_languages_and_no_markup():
    text = _('<b>{why}</b>: <code>{name}</code>, {p:.1%} dog', why=_('the most certain cat'),
             name='cat.1.jpg', p=.25)
    assert language.attribute(text) == (
        'the most certain cat: cat.1.jpg, 25.0% dog ｜ 置信度最高的猫：cat.1.jpg，狗 25.0%')


@pytest.mark.parametrize('name', ['<i>&', b'<i>&', '猫<i>&'.encode('utf-8')])
def test_values_are_escaped_and_sentences_are_markup(name):
    shown = language.html(_('<b>{why}</b>: <code>{name}</code>, {p:.1%} dog', why='', name=name,
                            p=0))
    assert shown.count('&lt;i&gt;&amp;</code>') == 2 and '<i>' not in shown


def test_what_has_no_chinese_yet_stays_english():
    assert language.html(_('nobody ever said {what}', what='this')).count(
        'nobody ever said this') == 2


def test_texts_survive_report_json():
    numbers = {'a': [1, .5, None, 'x'], 'why': Listed([_('missing'), 'y']),
               'text': _('taken for a {what}', what=_('cat'))}
    records = json.loads(json.dumps(language.records(numbers)))
    assert records['text']['english'] == 'taken for a cat'
    assert records['why']['english'] == 'missing; y'
    assert language.texts(records) == numbers
