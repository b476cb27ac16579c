# -*- coding: utf-8 -*-
"""run.json: what is written into it, and the answers that are read from it."""
from __future__ import print_function

import hashlib

import pytest

from repro.failures import BadInput, OtherInputs
from repro.work import record

RUN = {'kind': 'real', 'settings': {'networks': ['ResNet50', 'Xception'], 'seeding': 'notebook'},
       'steps': [
           {'step': 'links', 'cats': 3, 'dogs': 2, 'test': 4, 'data': 'complete', 'files': {}},
           {'step': 'gap ResNet50', 'weights_are': 'article', 'order': 'sorted', 'engine': 'tf1',
            'files': {'gap_ResNet50.h5': 'r'}},
           {'step': 'gap Xception', 'weights_are': 'other', 'order': 'sorted',
            'engine': 'openvino', 'precision': 'f32', 'equality': {'passed': True},
            'files': {'gap_Xception.h5': 'x'}},
           {'step': 'head', 'networks': ['Xception', 'ResNet50'],
            'files': {'model.h5': 'm', 'history.json': 'h'}}]}


@pytest.fixture
def folder(tmpdir):
    with tmpdir.as_cwd():
        yield tmpdir


def test_a_run_from_its_start_to_its_end(folder):
    assert record.read() == {}
    with pytest.raises(BadInput):
        record.required()
    folder.join('report.html').write('of the run before')
    record.begin('demo', train=8)
    assert not folder.join('report.html').check()
    run = record.required()
    assert (run['kind'], run['settings'], run['finished']) == ('demo', {'train': 8}, False)
    assert not run['resumes'] and run['versions']['keras'] == '1.2.2'
    folder.join('a').write('one')
    record.append('head', 1.234, ['a'], networks=['VGG16'])
    entry = record.entry(record.read(), 'head')
    assert (entry['seconds'], entry['networks']) == (1.23, ['VGG16'])
    assert entry['files'] == {'a': hashlib.sha256('one').hexdigest()}
    record.begin('demo')
    assert record.read()['resumes']         # the run before was not finished
    record.finish()
    assert record.read()['finished']
    record.begin('demo')
    assert not record.read()['resumes']


def test_a_step_repeated_replaces_its_entry(folder):
    record.append('links', 1, cats=1)
    record.append('head', 2)
    record.append('links', 3, cats=2)
    run = record.read()
    assert run['kind'] == 'steps'
    assert [(s['step'], s['seconds']) for s in run['steps']] == [('head', 2), ('links', 3)]


def test_kinds_do_not_mix(folder):
    record.check_kind('demo')
    record.append('links', 1)
    record.check_kind('demo')       # steps run alone may become a whole run
    record.begin('real')
    record.check_kind('real')
    with pytest.raises(OtherInputs):
        record.check_kind('demo')
    folder.join('run.json').write('{')
    with pytest.raises(BadInput):
        record.check_kind('demo')


def test_answers_about_a_run():
    assert record.extractions(RUN) == [('ResNet50', RUN['steps'][1]),
                                       ('Xception', RUN['steps'][2])]
    assert [network for network, _ in record.by_other_engines(RUN)] == ['Xception']
    assert record.entry(RUN, record.step_of('ResNet50')) is RUN['steps'][1]
    assert record.networks(RUN) == ['Xception', 'ResNet50']
    assert record.seeding(RUN) == 'notebook'
    assert record.data(RUN)['cats'] == 3 and not record.has_given_features(RUN)
    assert record.files(RUN) == [('gap_ResNet50.h5', 'r'), ('gap_Xception.h5', 'x'),
                                 ('history.json', 'h'), ('model.h5', 'm')]
    assert (record.order(RUN), record.engine(RUN)) == ('sorted', 'mixed')
    assert record.weights_are(RUN) == ['article', 'other'] and record.stand_ins(RUN) == []


def test_answers_where_nothing_was_run():
    for run in ({}, {'steps': []}):
        assert (record.extractions(run), record.networks(run), record.files(run)) == ([], [], [])
        assert (record.seeding(run), record.data(run), record.entry(run, 'head')) == (None, {}, {})
        assert (record.order(run), record.engine(run)) == ('mixed', 'tf1')


@pytest.mark.parametrize('steps, engine', [
    ([{'engine': 'tf1'}, {'engine': 'tf1'}], 'tf1'),
    ([{'engine': 'openvino', 'precision': 'bf16'}, {}], 'openvino bf16'),
    ([{'engine': 'openvino', 'precision': 'bf16'}, {'engine': 'tf1'}], 'mixed')])
def test_the_engine_is_one_or_mixed(steps, engine):
    assert record.engine({'steps': [dict(s, step='gap X') for s in steps]}) == engine


@pytest.mark.parametrize('entry, what', [
    ({'step': 'links', 'data': 'stand-in'}, 'pictures'),
    ({'step': 'gap X', 'weights_are': 'stand-in'}, 'weights'),
    ({'step': 'features', 'features_are': 'stand-in'}, 'features')])
def test_stand_ins_are_named(entry, what):
    assert record.stand_ins({'steps': [entry]}) == [what]
