# -*- coding: utf-8 -*-
"""Section 1 of the page: the verdict and the answers, decided from records."""
from __future__ import unicode_literals

import pytest

from repro import expected, verify
from repro.console.text import english
from repro.evidence import log as article_log
from repro.evidence import reruns
from repro.evidence.checks import FAIL, OK, check
from repro.report import verdict
from repro.work.folder import write_json

ARTICLE = expected.article()
BROKEN = check('file', 'pred.csv', 'a', 'b', FAIL)


def article_run(tmpdir, log, ten):
    """The checks of a run on the article's inputs whose log and first ten rows are given."""
    run = {'kind': 'real', 'steps': [
        {'step': 'links', 'data': 'complete', 'cats': 12500, 'dogs': 12500, 'test': 12500,
         'files': {}},
        {'step': 'gap ResNet50', 'weights_are': 'article', 'order': 'sorted', 'files': {}},
        {'step': 'head', 'networks': ARTICLE['concatenation_order'], 'files': {}}]}
    columns = dict((c, [row[i] for row in log]) for i, c in enumerate(reruns.COLUMNS))
    with tmpdir.as_cwd():
        write_json('history.json', {'logs': {'article': columns, 'notebook': columns}})
        with open('pred.csv', 'w') as f:
            f.write('id,label\n' + ''.join('%d,%s\n' % row for row in enumerate(ten, 1)))
        return list(article_log.checks(run))


def answered(run, rows):
    """{question: (state, why)} in English."""
    return dict((english(question), (state, english(why)))
                for question, state, why in verdict.answers(run, rows))


def test_reproduced_is_digit_for_digit(tmpdir):
    rows = article_run(tmpdir, ARTICLE['log'], ARTICLE['first_ten'])
    assert verdict.of(rows) == ('reproduced', None)
    answers = answered({'kind': 'real', 'steps': []}, rows)
    assert answers['The training log, to four decimals'] == (
        'yes', '8 of 8 epochs digit for digit.')
    assert answers['The first ten rows of the submission'] == ('yes', 'All ten are equal.')
    log = [row[:] for row in ARTICLE['log']]
    log[7][2] += .0001
    one_off = article_run(tmpdir, log, ARTICLE['first_ten'])
    assert verdict.of(one_off)[0] == 'differences'
    assert answered({'kind': 'real', 'steps': []}, one_off)[
        'The training log, to four decimals'] == (
            'differs', '7 of 8 epochs digit for digit with the better seeding.')
    assert verdict.of(article_run(tmpdir, ARTICLE['log'], [.5] * 10))[0] == 'differences'
    assert verdict.of(rows + [BROKEN])[0] == 'failed'


def test_a_result_outside_the_spread_is_no_broken_file(tmpdir):
    rows = article_run(tmpdir, [[.7, .5, .7, .5] for _row in ARTICLE['log']], ARTICLE['first_ten'])
    run = {'kind': 'features', 'steps': []}
    assert verdict.of(rows)[0] == 'failed'
    assert english(verdict.explained(run, rows, 'failed')).startswith(
        'The files are what the steps wrote, but the result is not the article\'s')
    assert english(verdict.explained(run, rows + [BROKEN], 'failed')).startswith(
        'Something in the folder is not what it should be')


def test_an_incomparable_run_says_why(tmpdir):
    run = {'kind': 'demo', 'steps': [
        {'step': 'links', 'data': 'stand-in', 'cats': 4, 'dogs': 4, 'test': 4, 'files': {}},
        {'step': 'gap ResNet50', 'weights_are': 'stand-in', 'order': 'sorted', 'files': {}},
        {'step': 'head', 'networks': ['ResNet50'], 'files': {}}]}
    code, why = verdict.of(list(article_log.checks(run)))
    assert code == 'not comparable'
    assert english(why) == ('8 of 25,000 and 4 of 12,500 pictures; weights: stand-in; '
                            'networks: ResNet50')


def by_openvino(precision='f32', passed=True):
    """A finished run's record, whose one network another engine computed."""
    equality = {'pictures': 32, 'max_abs_over_rms': 2e-6, 'smallest_cosine': 1., 'passed': passed,
                'measure': 'max_abs_over_rms', 'bound': 1e-3}
    return {'kind': 'real', 'settings': {'engine': 'openvino', 'precision': precision,
                                         'networks': ['ResNet50']}, 'commit': 'c',
            'versions': {}, 'steps': [
                {'step': 'gap ResNet50', 'engine': 'openvino', 'precision': precision,
                 'engine_version': '2026.4.1-22982', 'equality': equality, 'files': {},
                 'threads': 2, 'workers': 3}]}


@pytest.mark.parametrize('precision, passed', [('f32', True), ('bf16', None)])
def test_another_engine_is_never_called_the_articles_program(precision, passed):
    run = by_openvino(precision, passed)
    rows = [verify.version(package, '1', '1', True) for package in ('keras', 'openvino')]
    name = 'OpenVINO 2026.4.1 ' + precision
    engine = verdict.other_engine(run)
    assert (engine['name'], engine['passed'], engine['largest']) == (name, passed, 2e-6)
    lead = english(verdict.lead(run, rows))
    assert name in lead and 'exact' not in lead
    assert 'another engine' in english(verdict.explained(run, rows, 'not comparable'))
    answers = answered(run, rows)
    state, why = answers['The program runs as listed']
    assert state == 'differs' and name + ' multiplied in the networks' in why
    state, why = answers['Its versions']
    assert state == 'differs' and why.startswith('1 of 1 packages are the pinned ones')
    assert name in why


def test_what_the_files_do_not_say_is_not_claimed():
    files = {'gap_ResNet50.h5': 'a' * 64}
    assert verdict.unmarked({'steps': [
        {'step': 'features', 'features_are': 'unmarked', 'files': files}]}) == files
    assert verdict.unmarked({'steps': [
        {'step': 'features', 'features_are': 'stand-in', 'files': files}]}) == {}
    assert verdict.features_by({'steps': [
        {'step': 'features', 'features_by': ['openvino bf16', 'tf1']}]}) == ['openvino bf16']


def test_a_changed_file_and_a_missing_step_are_a_no():
    run = {'kind': 'demo', 'steps': [], 'settings': {}}
    rows = [check('file', 'model.h5', 'a', 'a', OK), BROKEN] + list(verify.check_steps(run))
    answers = answered(run, rows)
    assert answers['The files are what the steps wrote'] == (
        'no', 'Only 1 of 2: something was changed afterwards.')
    assert answers['The program runs as listed'][0] == 'no'
