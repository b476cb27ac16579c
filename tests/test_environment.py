# -*- coding: utf-8 -*-
"""The pinned environment: the versions of the card, and nothing of the user's inside it."""
from __future__ import print_function

import json
import os

import pkg_resources
import pytest

from programs import in_front, program

CARD = {'keras': '1.2.2', 'tensorflow': '1.0.1', 'theano': '0.8.2', 'h5py': '2.6.0',
        'numpy': '1.12.0', 'scipy': '0.18.1', 'pandas': '0.19.2', 'scikit-learn': '0.18.1',
        'pillow': '4.0.0', 'pytest': '4.6.11'}
LOCKS = ('base.txt', os.environ.get('REPRO_VARIANT', 'cpu') + '.txt')


@pytest.mark.parametrize('name', sorted(CARD))
def test_version_of_the_card(name):
    assert pkg_resources.get_distribution(name).version == CARD[name]


def test_tensorflow_gpu_is_locked_at_the_same_version():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with open(os.path.join(root, 'requirements', 'gpu.txt')) as f:
        assert 'tensorflow-gpu==1.0.1 ' in f.read().replace('\\\n', ' ')


def test_every_package_that_is_there_is_locked():
    from repro.verify import pinned
    locked = dict((k.replace('_', '-'), v) for k, v in pinned(*LOCKS).items())
    for d in pkg_resources.working_set:
        name = d.project_name.lower().replace('_', '-')
        if name in ('pip', 'setuptools', 'wheel', 'python', 'argparse', 'wsgiref'):
            continue
        assert locked.get(name) == d.version, name


def test_the_versions_print(run):
    result = run('exec', 'python', '-c',
                 'import keras, tensorflow; print keras.__version__, tensorflow.__version__')
    assert result.status == 0, result.both
    assert result.out == '1.2.2 1.0.1\n'


def test_the_users_own_settings_change_nothing(run, tmpdir):
    home = tmpdir.mkdir('home')
    home.mkdir('.keras').join('keras.json').write(json.dumps(
        {'backend': 'theano', 'image_dim_ordering': 'th', 'floatx': 'float64', 'epsilon': 1e-3}))
    home.join('.theanorc').write('[global]\nfloatX = float16\ndevice = gpu\n')
    planted = home.mkdir('.local').mkdir('lib').mkdir('python2.7').mkdir('site-packages')
    planted.join('planted.py').write('')
    path = tmpdir.mkdir('path')
    path.join('numpy.py').write('raise SystemExit("the planted numpy")\n')
    script = ('import os, json, keras; from keras import backend as K; import numpy\n'
              'try:\n    import planted; leaks = True\nexcept ImportError:\n    leaks = False\n'
              'print json.dumps([K.backend(), K.image_dim_ordering(), K.floatx(), K.epsilon(),'
              ' leaks, os.path.expanduser("~")])')
    result = run('exec', 'python', '-c', script, HOME=home, PYTHONPATH=path,
                 KERAS_BACKEND='theano', THEANORC=home.join('.theanorc'))
    assert result.status == 0, result.both
    backend, ordering, floatx, epsilon, leaks, home_inside = json.loads(result.out)
    assert (backend, ordering, floatx, epsilon) == ('tensorflow', 'tf', 'float32', 1e-7)
    assert not leaks and home_inside != str(home)


def test_gpu_memory_grows_on_request_only(run):
    script = ('from keras import backend as K\n'
              'for _ in range(2):\n'
              '    print K.get_session()._config.gpu_options.allow_growth,\n'
              '    K.clear_session()')
    assert run('exec', 'python', '-c', script).out == 'False False\n'
    result = run('exec', 'python', '-c', script, REPRO_GPU_GROWTH=1)
    assert result.out == 'True True\n', result.both


def test_a_suite_of_somebody_elses_runs(run, tmpdir):
    suite = tmpdir.mkdir('suite')
    suite.join('test_dense.py').write('\n'.join([
        'import numpy as np',
        'from keras.models import Sequential',
        'from keras.layers import Dense',
        'def test_fits():',
        '    model = Sequential([Dense(1, input_dim=3)])',
        '    model.compile("sgd", "mse")',
        '    model.fit(np.ones((4, 3)), np.ones(4), nb_epoch=1, verbose=0)',
        'def test_fails():',
        '    assert False']))
    result = run('exec', 'python', '-m', 'pytest', 'suite', cwd=tmpdir)
    assert result.status == 1 and '1 failed, 1 passed' in result.out, result.both


def test_keras_never_sees_the_theano_of_the_user(run):
    result = run('exec', 'python', '-c',
                 'import theano; print theano.config.floatX, theano.config.base_compiledir')
    assert result.status == 0, result.both
    floatx, compiledir = result.out.split(None, 1)
    assert floatx == 'float64' and not compiledir.startswith(os.path.expanduser('~/.theano'))


def test_what_is_not_taken_over_is_said(run):
    # In an image the run.sh outside says it.
    result = run('exec', 'sh', '-c', 'echo "$MPLBACKEND $PYTHONPATH"', PYTHONPATH='/mine',
                 MPLBACKEND='TkAgg', REPRO_CONTAINER=None)
    assert result.out == 'Agg \n'      # so that a plot needs no display
    assert result.err.splitlines()[1:] == [
        'run.sh: not taken over from your shell: PYTHONPATH, MPLBACKEND (exec env NAME=VALUE … '
        'sets one)'.decode('utf-8')]
    assert len(run('exec', 'true', REPRO_CONTAINER=None).err.splitlines()) == 1
    assert run('exec', 'env', 'MPLBACKEND=svg', 'sh', '-c', 'echo $MPLBACKEND').out == 'svg\n'


@pytest.mark.parametrize('text, is_python', [('#!/usr/bin/python3\n', True),
                                             ('#!/bin/sh\necho mine\n', False)])
def test_a_program_of_another_python_is_said_to_be_one(run, tmpdir, text, is_python):
    program = tmpdir.join('ipython')
    program.write(text)
    program.chmod(0o755)
    result = run('exec', 'ipython', PATH='%s:%s' % (tmpdir, os.environ['PATH']))
    said = ('run.sh: ipython is not in the environment: this is %s, with a Python and packages of '
            'its own' % program)
    assert (said in result.err) == is_python, result.both


def test_looking_at_the_article_imports_nothing_of_the_callers(run, tmpdir):
    for name in ('json.py', 'usercustomize.py', 'sitecustomize.py'):
        tmpdir.join(name).write('raise SystemExit("the caller\'s")\n')
    result = run('verify', '--article', PYTHONPATH=tmpdir, PYTHONHOME='/nowhere')
    assert result.status == 0, result.both


def test_a_command_sees_the_callers_own_variables(run):
    """Options stand in shell variables of such names; what changes Python or Keras stays out."""
    script = ('import json, os\nprint json.dumps(dict((k, os.environ.get(k)) for k in ('
              '"DATA", "WORK", "SECONDS_A_STEP", "TF_ENABLE_X", "KERAS_BACKEND", "GIVEN", '
              '"PASSED", "name", "settings", "VERB")))')
    variables = {'DATA': '/x y', 'WORK': '/y', 'SECONDS_A_STEP': '3', 'TF_ENABLE_X': '1',
                 'KERAS_BACKEND': 'theano', 'PASSED': 'a b', 'name': 'x', 'settings': 'y'}
    result = run('exec', '--runtime', 'native', '--env', 'GIVEN=a=b', '--env=DATA', 'python', '-c',
                 script, **variables)
    assert json.loads(result.out) == {
        'DATA': '/x y', 'WORK': '/y', 'SECONDS_A_STEP': '3', 'TF_ENABLE_X': None,
        'KERAS_BACKEND': None, 'GIVEN': 'a=b', 'VERB': None, 'PASSED': 'a b', 'name': 'x',
        'settings': 'y'}, result.both


@pytest.mark.parametrize('given, says', [
    ('1x', 'run.sh: --env needs NAME or NAME=VALUE, not 1x'),
    ('NOBODY_HAS_IT', 'run.sh: --env NOBODY_HAS_IT: your shell exports no variable of that name')])
def test_what_env_cannot_hand_in_is_named(run, given, says):
    result = run('exec', '--env', given, 'true')
    assert (result.status, result.err) == (2, says + '\n')


def test_what_env_may_not_hand_in_is_said(run):
    result = run('exec', '--runtime', 'native', '--env', 'PYTHONPATH=/mine', 'sh', '-c',
                 'echo "$PYTHONPATH"', REPRO_CONTAINER=None)
    assert (result.status, result.out) == (0, '\n')
    assert result.err.splitlines()[1] == (
        'run.sh: --env: left out, as they change Python or its packages: PYTHONPATH (exec env '
        u'NAME=VALUE … sets one)')


@pytest.mark.skipif('REPRO_CONTAINER' in os.environ, reason='a container starts no other')
def test_a_container_gets_what_env_names_and_no_more(run, tmpdir):
    program(tmpdir, 'podman', 'true\n')
    result = run('exec', '--runtime', 'podman', '--dry-run', '--env', 'DATA', '--env', 'GIVEN=1',
                 'true', DATA='/x', OTHER='/y', PATH=in_front(tmpdir))
    words = result.out.splitlines()[-1]
    assert ' -e DATA=/x ' in words and ' -e GIVEN=1 ' in words, result.both
    assert 'OTHER' not in words
