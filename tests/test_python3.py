# -*- coding: utf-8 -*-
"""host/python/python3.sh: which Python 3 is taken for what runs beside the article."""
from __future__ import print_function

import os
import subprocess
from distutils.spawn import find_executable

import pytest

from programs import program

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def shell(tmpdir, command, **variables):
    """(status, stdout) of a function of host/python/python3.sh, with a PATH of our own."""
    environment = {'HOME': str(tmpdir), 'PATH': '%s:/usr/bin:/bin' % tmpdir.join('bin'),
                   'REPRO_ROOT': ROOT, 'REPRO_HOME': str(tmpdir.join('native'))}
    environment.update((k, str(v)) for k, v in variables.items())
    script = 'set -euo pipefail; source "$REPRO_ROOT/host/python/python3.sh"; ' + command
    process = subprocess.Popen(['/bin/bash', '-c', script], env=environment,
                               stdout=subprocess.PIPE)
    out = process.communicate()[0].decode('utf-8').strip()
    return process.returncode, out


wants_python3 = pytest.mark.skipif(not find_executable('python3'), reason='no python3 here')


@wants_python3
def test_one_that_is_asked_for_by_name_is_taken_or_none(tmpdir):
    python = find_executable('python3')
    assert shell(tmpdir, 'python3_find 3.0', REPRO_PYTHON3=python)[0] == 0
    assert shell(tmpdir, 'python3_find 3.0', REPRO_PYTHON3='/bin/true') == (1, '')
    assert shell(tmpdir, 'python3_find 3.0', REPRO_PYTHON3=tmpdir.join('none')) == (1, '')


@wants_python3
@pytest.mark.parametrize('bounds, fits', [
    ('3.0', True), ('3.98', False), ('3.0 3.97', True), ('3.0 3.1', False)])
def test_it_must_lie_within_the_bounds(tmpdir, bounds, fits):
    python = find_executable('python3')
    status, path = shell(tmpdir, 'python3_find ' + bounds, REPRO_PYTHON3=python)
    assert (status == 0) == fits == bool(path)


def test_a_shim_that_does_not_start_is_passed_over(tmpdir):
    tmpdir.ensure('bin', dir=True)
    for name in ['python3'] + ['python3.%d' % minor for minor in range(11, 20)]:
        program(tmpdir.join('bin'), name, 'echo "pyenv: no version is chosen" >&2; exit 127\n')
    status, path = shell(tmpdir, 'python3_find 3.0')
    assert str(tmpdir) not in path


def test_any_python_will_do_for_the_standard_library(tmpdir):
    program(tmpdir.ensure('native/cpu/bin', dir=True), 'python', 'exit 0\n')
    assert shell(tmpdir, 'any_python', PATH='') == (0, str(tmpdir.join('native/cpu/bin/python')))
    assert shell(tmpdir, 'any_python', PATH='', REPRO_HOME=tmpdir) == (1, '')
