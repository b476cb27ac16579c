# -*- coding: utf-8 -*-
"""An engine is one file: what it declares is all that run.sh and the parser know of it."""
from __future__ import print_function

import json
import os
import shutil
import subprocess
import sys

import h5py
import pytest

from conftest import ROOT
from repro import engines

# An engine of a file of its own: TensorFlow 1.0.1's features, once more, with an option.
TOY = '''# -*- coding: utf-8 -*-
import contextlib
from repro.engines import tf1

ENGINE = {
    'title': 'Toy 1.0',
    'options': (('--marbles', {'default': 7, 'help': 'how many'}),
                ('--precision', {'choices': ('f8',), 'default': 'f8'})),
    'lock': 'toy.txt',
    'files': r'toy/.*[.]so$',
}


def check(marbles, precision):
    pass


class Engine(tf1.Engine):
    is_reference = False

    def __init__(self, sizes, marbles, precision):
        self.origin = {'engine': 'toy', 'precision': precision, 'engine_version': '1.0'}
        self.description, self.facts = 'toy %s' % precision, {'marbles': marbles}

    @contextlib.contextmanager
    def attached(self, model, done, made_from, *generators):
        from repro.engines import equality
        equality.prove(model, done.network, generators, model.predict_on_batch, 'f32', 'stand-in')
        yield generators
'''


@pytest.fixture
def house(tmpdir):
    """A copy of the program with that file, and nothing else, added."""
    house = tmpdir.mkdir('house')
    shutil.copy(os.path.join(ROOT, 'run.sh'), str(house))
    for name in ('host', 'requirements'):
        os.symlink(os.path.join(ROOT, name), str(house.join(name)))
    shutil.copytree(os.path.join(ROOT, 'repro'), str(house.join('repro')),
                    ignore=shutil.ignore_patterns('*.pyc', '__pycache__'))
    house.join('repro', 'engines', 'toy.py').write(TOY)
    return house


def answer(house, *arguments):
    """(output, status) of the copy's run.sh, whose Python must not be this environment's.

    That one imports this checkout's program as it starts (repro.pth).
    """
    here = os.path.dirname(sys.executable)
    path = [p for p in os.environ['PATH'].split(os.pathsep) if p != here]
    p = subprocess.Popen([str(house.join('run.sh'))] + list(arguments), stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, env=dict(os.environ, PATH=':'.join(path)))
    return p.communicate()[0].decode('utf-8'), p.returncode


def test_the_parser_knows_an_engine_by_its_file(house, tmpdir):
    work = str(tmpdir.join('work'))
    out, status = answer(house, 'demo', '--dry-run', '--work', work, '--engine', 'toy',
                         '--marbles', '3', '--precision', 'f8')
    assert status == 0, out
    assert out.rstrip().endswith('/repro demo --engine=toy --marbles=3 --precision=f8')
    for arguments, says in (
            (('--engine', 'none'), '--engine is tf1 or openvino or tf2 or toy, not none'),
            (('--marbles', '3'), '--marbles belongs to --engine toy'),
            (('--engine', 'openvino', '--marbles', '3'), '--marbles belongs to --engine toy'),
            (('--engine', 'toy', '--threads', '3'), '--threads belongs to --engine openvino'),
            (('--engine', 'toy', '--precision', 'f32'), '--precision is f8, not f32'),
            (('--engine', 'toy', '--marbles', '0'), '--marbles needs a positive number, not 0')):
        out, status = answer(house, 'demo', '--dry-run', '--work', work, *arguments)
        assert status == 2 and says in out, out


def test_the_shell_learns_what_an_engine_needs(house):
    def ask(*arguments):
        return subprocess.check_output(
            [sys.executable, '-B', '-m', 'repro.ask'] + list(arguments),
            env=dict(os.environ, PYTHONPATH=str(house))).decode('utf-8')

    assert ask('engines') == 'tf1\nopenvino\ntf2\ntoy\n'
    assert ask('engine', 'toy') == (
        'title Toy 1.0\nserver no\nlock toy.txt\nfiles toy/.*[.]so$\n')
    assert ask('engine', 'tf1') == 'title TensorFlow 1.0.1\nserver no\n'
    assert 'server yes\n' in ask('engine', 'tf2')
    assert 'lock openvino.txt\n' in ask('engine', 'openvino')


def test_a_network_is_extracted_by_the_engine_of_that_file(house, small, run):
    result = run('exec', '--work', small, 'env', 'PYTHONPATH=%s' % house, 'python', '-m', 'repro',
                 'gap', '--networks', 'ResNet50', '--engine', 'toy', '--marbles', 3)
    assert result.status == 0, result.both
    assert 'gap: engine toy f8: not the article\'s' in result.out
    assert '12 pictures through tf1 and the engine' in result.out
    with h5py.File(str(small.join('gap_ResNet50.h5')), 'r') as h:
        assert (h.attrs['engine'], h.attrs['precision']) == ('toy', 'f8')
    steps = json.loads(small.join('run.json').read())['steps']
    assert [s['marbles'] for s in steps if s['step'] == 'gap ResNet50'] == [3]


def test_every_engine_declares_what_is_asked_of_it():
    for name, declaration in engines.declarations().items():
        assert set(declaration) - {'lock', 'files', 'server'} == {'title', 'options'}, name
        assert ('lock' in declaration) == ('files' in declaration), name
        for option, keywords in declaration['options']:
            assert set(keywords) - {'choices', 'session'} == {'default', 'help'}, option
        if 'lock' in declaration:
            assert os.path.exists(os.path.join(ROOT, 'requirements', declaration['lock']))
    assert list(engines.declarations())[0] == engines.DEFAULT
