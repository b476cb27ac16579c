# -*- coding: utf-8 -*-
"""Models of strangers, built without --trust: none of their code runs (safe_loading.py)."""
from __future__ import print_function

import json

import pytest

import strange_models
from conftest import front_door

# Longer, by hand: see tests/strange_models.py.
MUTATIONS = 400


def strange(folder, *arguments):
    """What tests/strange_models.py prints, in the folder."""
    result = front_door('exec', 'python', strange_models.__file__.replace('.pyc', '.py'), folder,
                        *arguments)
    assert result.status == 0, result.both
    return json.loads(result.out.splitlines()[-1])


@pytest.fixture(scope='module')
def outcomes(tmpdir_factory):
    """{name of a shape: [exit status, lines on stderr, whether its code ran]}, without --trust."""
    return strange(tmpdir_factory.mktemp('untrusted'))


@pytest.mark.parametrize('name', sorted(strange_models.SHAPES))
def test_no_code_of_a_file_runs_without_trust(outcomes, name):
    status, lines, ran = outcomes[name]
    assert not ran and status == 4, lines
    said = [line for line in lines if line != 'convert: model.json into Keras 1.2.2'
            and line != 'Using TensorFlow backend.']
    assert len(said) == 1 and said[0].startswith('convert: '), lines
    if name in strange_models.RUN or name in strange_models.BESIDE:
        assert 'loading model.json runs code that lies in it (the functions of ' in said[0]
        assert said[0].endswith('): add --trust if you trust where it is from')


def test_with_trust_their_code_runs(tmpdir):
    """Else the test above would show nothing."""
    found = strange(tmpdir, '--trust')
    assert [name for name in sorted(strange_models.RUN) if not found[name][2]] == []


def test_nothing_runs_in_hundreds_of_mutations(tmpdir):
    found = strange(tmpdir, '--fuzz', MUTATIONS)
    # With trust, the watch sees a Lambda's code come and run.
    assert {'func_load', 'loads', 'code_of_a_stranger', 'mkdir'} <= set(found['control'])
    assert found['faults'] == []
    assert sum(found['found'].values()) == MUTATIONS
    for outcome in 'built', 'code refused', 'not built':
        assert found['found'][outcome] > MUTATIONS / 20, found['found']


def test_models_of_everyone_are_built_as_with_trust(tmpdir):
    """Every other one: all of them take a minute."""
    found = strange(tmpdir, '--public', 2)
    assert len(found) > 55
    for name, (without, trusted) in found.items():
        if name in ('Lambda', 'Merge, a function'):
            assert '--trust' in without and trusted.startswith('{')
        elif name in ('any_length', 'volumes'):     # nor does Keras 1.2.2 itself read them back
            assert without == trusted and not trusted.startswith('{')
        else:
            assert without == trusted and trusted.startswith('{'), (name, without)


PUT_BACK = '''
import inspect, json, sys
import keras
from keras.utils import layer_utils
from repro.conversion import safe_loading

def names():
    return dict((module.__name__ + '.' + name, id(value))
                for module in list(sys.modules.values()) if inspect.ismodule(module)
                for owner in [module] + [c for c in vars(module).values() if inspect.isclass(c)]
                for name, value in vars(owner).items()
                if name in ('from_config', 'func_load', 'get_from_module', 'loads', 'load',
                            '_GLOBAL_CUSTOM_OBJECTS'))

import cPickle, marshal, pickle, yaml
before, seen = names(), {}
try:
    with safe_loading.closed('x'):
        seen = names()
        1 / 0
except ZeroDivisionError:
    pass
print(json.dumps([sorted(n for n in before if before[n] != seen[n]), before == names()]))
'''


def test_everything_is_put_back(tmpdir):
    result = front_door('exec', 'python', '-c', PUT_BACK)
    replaced, same = json.loads(result.out.splitlines()[-1])
    assert same
    for name in ('keras.utils.generic_utils.func_load', 'keras.layers.core.func_load',
                 'keras.engine.topology.func_load', 'keras.utils.layer_utils.func_load',
                 'keras.activations.get_from_module', 'marshal.loads', 'cPickle.loads'):
        assert name in replaced


DEFINED = '''
import importlib, inspect, json
from repro.conversion import safe_loading
print(json.dumps([[sorted(names.split()), sorted(
    name for name, value in vars(importlib.import_module('keras.' + module)).items()
    if getattr(value, '__module__', '') == 'keras.' + module)]
    for module, names in safe_loading.FUNCTIONS.values()]))
'''


def test_all_that_keras_defines_may_be_named():
    """What a new version adds would be missed here, and not by the user."""
    result = front_door('exec', 'python', '-c', DEFINED)
    for allowed, defined in json.loads(result.out.splitlines()[-1]):
        assert set(defined) - set(allowed) <= {'get', 'get_fans'}
        assert set(allowed) <= set(defined)
