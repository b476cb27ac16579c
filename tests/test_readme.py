# -*- coding: utf-8 -*-
"""What README.md, README.zh-CN.md, docs/ and their neighbours say is there, is there.

The two READMEs say the same to a terminal, and stay short enough to be read to the end.
"""
from __future__ import unicode_literals

import glob
import io
import os
import re
import subprocess

import pytest

from conftest import ROOT
from repro import expected
from repro.evidence import reruns
from repro.work import record

NAMES = ('README.md', 'README.zh-CN.md')
LINES, WORDS = 140, 1600
pytestmark = pytest.mark.skipif(not os.path.exists(os.path.join(ROOT, NAMES[0])),
                                reason='images hold no README.md')
PAGES = sorted(os.path.relpath(path, ROOT) for pattern in ('*.md', 'docs/*.md', 'benchmarks/*.md')
               for path in glob.glob(os.path.join(ROOT, pattern)))
# Folders of this repository; what a span names below others (work/, .native/) need not be there.
FOLDERS = ('repro', 'host', 'tests', 'expected', 'requirements', 'benchmarks', 'docs', '.ci',
           '.github')


def read(name):
    with io.open(os.path.join(ROOT, name), encoding='utf-8') as f:
        return f.read()


def blocks(text):
    """The lines of all code blocks, without what is a comment there."""
    lines = re.findall(r'^ {4}(.*)$', text, re.M)
    lines = [re.sub(r'(^|\s+)# .*$', '', line).rstrip() for line in lines]
    return [line for line in lines if line]


def anchors(text):
    """What GitHub makes of the headings: lower case, words joined by hyphens."""
    headings = re.findall(r'^#+ (.*)$', text, re.M)
    return [re.sub(r'[^\w -]', '', h.lower(), flags=re.U).replace(' ', '-') for h in headings]


def variables(text):
    return set(re.findall(r'REPRO_[A-Z][A-Z0-9_]*', text))


@pytest.mark.parametrize('name', NAMES)
def test_a_readme_is_read_to_its_end(name):
    text = read(name)
    assert len(text.splitlines()) <= LINES
    assert len(text.split()) <= WORDS       # as `wc -w` counts them


def test_both_have_the_same_command_blocks():
    english, chinese = (blocks(read(name)) for name in NAMES)
    assert len(english) > 15
    assert english == chinese


@pytest.mark.parametrize('pattern', [r'^(#+) ', r'^(\|)', r'!\[[^]]*\]\(([^)]*)\)'])
def test_both_have_the_same_sections_tables_and_pictures(pattern):
    english, chinese = (re.findall(pattern, read(name), re.M) for name in NAMES)
    assert english == chinese


def test_both_name_the_same_files_and_options():
    english, chinese = (set(re.findall(r'`((?:repro|tests|expected|host|--)[^`]*)`', read(name)))
                        for name in NAMES)
    assert english == chinese


def test_the_readmes_numbers_of_the_rerun_heads_are_those_of_expected():
    """val_acc, val_loss and score of the nine; each README has its own words between them."""
    records = reruns.comparable()
    assert len(records) == 9
    spreads = [reruns.spread(8, column, reruns.values(8, column, records))
               for column in ('val_acc', 'val_loss')]
    wanted = ['%.4f' % value for s in spreads for value in (s.least, s.most, s.middle)]
    scores = [r['kaggle_score'] for r in records if r.get('kaggle_score')]
    assert len(scores) == 5
    wanted += ['%.4f' % min(scores), '%.4f' % max(scores)]
    for name in NAMES:
        cells = [line.split('|')[-2] for line in read(name).splitlines()
                 if re.match(r'\| (val_acc|val_loss|Kaggle)', line)]
        found = [number for cell in cells for number in re.findall(r'0\.\d{4}', cell)]
        assert found == wanted, name


def test_the_readmes_numbers_of_the_article_are_those_of_expected():
    article = expected.article()
    accuracies = [row[3] for row in article['log']]
    for name in NAMES:
        rows = dict(re.findall(r'^\| (val_acc|val_loss|Kaggle)[^|]*\| ([^|]*)', read(name), re.M))
        assert re.findall(r'0\.\d{4}', rows['val_acc']) == [
            '%.4f' % max(accuracies), '%.4f' % accuracies[-1]]
        assert rows['val_loss'].strip() == '%.4f' % article['log'][-1][2]
        assert '%.5f' % article['kaggle_score'] in rows['Kaggle']


def test_the_port_table_says_the_same_in_both_languages():
    """docs/ports.md; in Chinese a section of docs/zh-CN.md."""
    english = re.findall(r'^\|.*', read('docs/ports.md'), re.M)
    section, = re.findall(r'^## 移植会改变什么\n(.*?)^## ', read('docs/zh-CN.md'), re.M | re.S)
    chinese = re.findall(r'^\|.*', section, re.M)
    assert len(english) == len(chinese) == 9
    for one, other in zip(english[2:], chinese[2:]):
        assert numbers(one) == numbers(other), one
    for name, page in zip(NAMES, ('docs/ports.md', 'docs/zh-CN.md#移植会改变什么')):
        assert '](%s)' % page in read(name)


def numbers(text):
    return sorted(re.findall(r'\d(?:[\d,.]*\d)?(?:e-\d+)?', text))


def test_each_links_to_the_other():
    for name, other in zip(NAMES, reversed(NAMES)):
        assert '](%s)' % other in read(name)


@pytest.mark.parametrize('page', PAGES)
def test_links_lead_to_files_and_headings_that_are_there(page):
    for link in re.findall(r'\]\(([^)\s]+)\)', read(page)):
        if link.startswith('https://'):
            continue
        path, _, anchor = link.partition('#')
        target = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
        assert os.path.exists(os.path.join(ROOT, target)), link
        assert not anchor or anchor in anchors(read(target)), link


@pytest.mark.parametrize('page', [p for p in PAGES if p != 'CHANGELOG.md'])
def test_files_that_are_named_are_there(page):
    for span in re.findall(r'`([^`\s]+/[^`\s]*)`', read(page)):
        # NAME and X stand for what the reader puts there.
        if span.split('/')[0] in FOLDERS and not re.search(r'\b(NAME|test_X|X)\.', span):
            assert glob.glob(os.path.join(ROOT, span)), span


def test_every_page_can_be_reached_from_the_readmes():
    reached, to_do = set(), list(NAMES)
    while to_do:
        page = to_do.pop()
        if page not in reached:
            reached.add(page)
            for link in re.findall(r'\]\(([^)#\s]+\.md)[^)]*\)', read(page)):
                if not link.startswith('https://'):
                    to_do.append(os.path.normpath(os.path.join(os.path.dirname(page), link)))
    assert reached >= set(p for p in PAGES if p.startswith('docs/'))


def test_docs_name_the_variables_that_the_code_reads():
    code = ''.join(read(os.path.relpath(path, ROOT)) for pattern in (
        'run.sh', 'host/*.sh', 'host/*/*.sh', 'host/*/*.py', 'repro/*.py', 'repro/*/*.py')
        for path in glob.glob(os.path.join(ROOT, pattern)))
    # The Dockerfiles' arguments are named without REPRO_ (host/container/container.sh).
    arguments = set('REPRO_' + name for variant in ('cpu', 'gpu', 'serve') for name in re.findall(
        r'^ARG ([A-Z_0-9]+)', read('Dockerfile.' + variant), re.M))
    there = variables(code) | arguments | variables(read('tests/test_keras.py'))
    assert variables(code) <= variables(read('docs/environment.md'))
    for page in PAGES:
        if page != 'CHANGELOG.md':
            assert variables(read(page)) <= there, page


def test_docs_name_the_statuses_that_the_program_ends_with():
    rows = re.findall(r'^\| (\d+) \|', read('docs/statuses.md'), re.M)
    defined = set(re.findall(r'^    status = (\d+)', read('repro/failures.py'), re.M))
    assert set(rows) == defined | {'0', '130'}


def test_docs_name_the_kinds_of_a_run():
    row, = re.findall(r'^\| kind \|(.*)', read('docs/formats.md'), re.M)
    assert set(re.findall(r'`([a-z]+)`', row)) == set(record.WHOLE) | {'steps'}


def test_docs_name_the_engines_options():
    rows = set(re.findall(r'^\| `(--[a-z-]+)', read('docs/engines.md'), re.M))
    told = subprocess.check_output([os.path.join(ROOT, 'run.sh'), 'help', 'demo']).decode('utf-8')
    assert rows and rows <= set(re.findall(r'--[a-z-]+', told))
