# -*- coding: utf-8 -*-
"""host/python/python27.sh: which CPython 2.7 is taken, and what is said where there is none."""
from __future__ import print_function

import os
import subprocess

import pytest

from programs import program

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def finder(tmpdir, **variables):
    """The interpreter that host/python/python27.sh finds, with a PATH of our own."""
    environment = {'HOME': str(tmpdir), 'PATH': '%s:/usr/bin:/bin' % tmpdir.join('bin'),
                   'REPRO_ROOT': ROOT, 'REPRO_HOME': str(tmpdir.join('native'))}
    environment.update((k, str(v)) for k, v in variables.items())
    script = ('set -euo pipefail; die() { echo "$2" >&2; exit "$1"; }; '
              'for f in setup python/{python27,debian} environment; do '
              'source "$REPRO_ROOT/host/$f.sh"; done; '
              'python27_find')
    p = subprocess.Popen(['bash', '-c', script], env=environment, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    out, err = p.communicate()
    return p.returncode, out.decode('utf-8').strip(), err.decode('utf-8')


def interpreter(folder, name='python2.7'):
    """A python2.7 that is usable: the one this environment was made from, by another name."""
    with open(os.path.join(os.environ['REPRO_HOME'], 'cpu', 'interpreter')) as f:
        real = f.readline().strip()
    folder.ensure(dir=True)
    return program(folder, name, 'exec -a %s %s "$@"\n' % (real, real)), real


NOT_ONE = 'echo "pyenv: python2.7: command not found" >&2; exit 127\n'


def test_an_interpreter_asked_for_by_name_is_not_passed_over(run, tmpdir):
    missing = tmpdir.join('python2.7')
    result = run('exec', 'true', REPRO_PYTHON27=missing, REPRO_HOME=tmpdir.join('native'))
    assert result.status == 3, result.both
    assert 'REPRO_PYTHON27=%s cannot be used' % missing in result.err
    status, out, err = finder(tmpdir, REPRO_PYTHON27='/bin/true')
    assert status == 3 and 'REPRO_PYTHON27' in err


def test_a_python27_on_path_is_taken(tmpdir):
    _, real = interpreter(tmpdir.join('bin'))
    status, out, err = finder(tmpdir)
    assert (status, out) == (0, real), err


def test_a_shim_without_a_version_is_passed_over_for_pyenvs_own(tmpdir):
    program(tmpdir.mkdir('bin'), 'python2.7', NOT_ONE)
    _, real = interpreter(tmpdir.join('.pyenv/versions/2.7.18/bin'))
    status, out, err = finder(tmpdir)
    assert (status, out) == (0, real), err


# The finder's PATH holds /usr/bin, as an image's base may hold its python2.7 there.
none_in_usr_bin = pytest.mark.skipif(os.path.exists('/usr/bin/python2.7'),
                                     reason='there is a python2.7 in /usr/bin here')


@none_in_usr_bin
def test_conda_makes_one_where_nothing_else_is(tmpdir):
    made, real = interpreter(tmpdir.join('elsewhere'))
    program(tmpdir.mkdir('bin'), 'micromamba',
            'while [ "$1" != -p ]; do shift; done; mkdir -p "$2/bin"\n'
            'cp %s "$2/bin/python2.7"\n' % made)
    status, out, err = finder(tmpdir)
    assert (status, out) == (0, real), err
    assert tmpdir.join('native/conda/env/bin/python2.7').check()
    # the next run takes it, and needs no conda for that
    tmpdir.join('bin/micromamba').remove()
    assert finder(tmpdir) == (0, real, '')
    # what a set-up that was killed has left is not taken
    tmpdir.join('native/conda/stamp').remove()
    program(tmpdir.join('bin'), 'micromamba', 'echo no network; exit 1\n')
    status, out, err = finder(tmpdir, REPRO_DEBS=tmpdir.mkdir('debs'),
                              REPRO_DEBIAN_MIRROR='file:///nowhere')
    assert status == 3 and 'no network' in err


@none_in_usr_bin
def test_with_none_at_all_one_message_names_the_ways(tmpdir):
    # apt names no archive, and the folder of packages is empty
    bin_folder = tmpdir.mkdir('bin')
    for name in ('apt-get', 'conda', 'mamba', 'micromamba'):
        program(bin_folder, name, 'exit 1\n')
    status, out, err = finder(tmpdir, REPRO_DEBS=tmpdir.mkdir('debs'),
                              REPRO_DEBIAN_MIRROR='file:///nowhere')
    assert status == 3 and out == ''
    for way in ('REPRO_PYTHON27', 'pyenv', 'conda', 'Debian', 'docker'):
        assert way in err
    assert err.count('No usable CPython 2.7') == 1
