# -*- coding: utf-8 -*-
"""requirements/environments.txt: complete, read alike by bash and Python, and the only place.

Also what reads it: which Python an environment needs, and when it is made anew.
"""
from __future__ import print_function, unicode_literals

import glob
import io
import os
import re
import shutil
import subprocess
import sys

import pytest

from programs import program

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(os.path.join(ROOT, 'host'))

import environments  # noqa: E402

ROWS = environments.rows()
BASH = ('set -euo pipefail; for part in setup python/{python27,debian,python3} environment; do '
        'source "$SOURCES/host/$part.sh"; done; ')
# What is pinned by hash and is no package (requirements/*.lock).
OTHER_LOCKS = ['cuda8.lock', 'python27-debs.lock']


def read(*path):
    with io.open(os.path.join(ROOT, *path), encoding='utf-8') as f:
        return f.read()


def shell(script, **variables):
    """(status, stdout, stderr) of bash with the functions that read the table."""
    environment = dict(os.environ, REPRO_ROOT=ROOT, SOURCES=ROOT)
    environment.update((name, str(value)) for name, value in variables.items())
    process = subprocess.Popen(['bash', '-c', BASH + script], env=environment,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate()
    return process.returncode, out.decode('utf-8'), err.decode('utf-8')


# ------------------------------------------------------------------------ complete

def test_each_lock_is_of_one_environment_and_each_has_what_it_is_made_from():
    named = [lock for row in ROWS.values() for lock in row.locks]
    there = [os.path.basename(path)[:-4]
             for path in glob.glob(os.path.join(ROOT, 'requirements', '*.txt'))]
    assert sorted(named) == sorted(set(there) - set(['environments']))
    assert sorted(os.path.basename(path) for path in glob.glob(
        os.path.join(ROOT, 'requirements', '*.lock'))) == OTHER_LOCKS
    for lock in named:
        assert 'Made from %s.in ' % lock in read('requirements', lock + '.txt').splitlines()[0]


def test_each_row_says_what_it_must():
    for row in ROWS.values():
        assert row.locks and row.purpose, row
        assert re.match(r'2\.7$|3\.\d+ unpacked$|3\.\d+\+$|3\.\d+( 3\.\d+)*$', row.pythons), row
        assert not row.on or row.on in ROWS, row
        assert not row.size or re.match(r'\d+\.\d GB$', row.size), row
        if row.pythons.startswith('3.') and not row.pythons.endswith('unpacked'):
            assert row.shows, row


def test_what_needs_an_environment_finds_its_row():
    from repro import engines
    for name, declared in engines.declarations().items():
        if 'lock' in declared:
            assert [lock + '.txt' for lock in ROWS['engines/' + name].locks] == [declared['lock']]
    if os.path.isdir(os.path.join(ROOT, 'benchmarks')):     # images hold none
        sys.path.append(os.path.join(ROOT, 'benchmarks'))
        import peers
        wanted = peers.environments(list(peers.peers(1)))
        assert set('bench-' + name for name in wanted if ':' not in name) == set(
            name for name in ROWS if name.startswith('bench-'))
    from repro.options import FORMATS
    assert [environments.of_format(name) for name in FORMATS] == [
        'convert-onnx', 'tf2', 'convert-openvino', 'convert-keras3']


# ------------------------------------------------------------------------ read alike

def test_bash_and_python_read_the_same_rows():
    fields = ('pythons', 'locks', 'on', 'archive', 'size', 'purpose', 'shows')
    script = ('environment_names; echo; for name in $(environment_names); do '
              'for field in %s; do environment_field "$name" "$field" || exit; echo "|"; done; '
              'environment_needs "$name"; done' % ' '.join(fields))
    status, out, err = shell(script)
    assert status == 0, err
    expected = '\n'.join(ROWS) + '\n\n'
    for row in ROWS.values():
        for value in row[1:]:
            joined = value if not isinstance(value, list) else (
                ',' if value is row.archive else ' ').join(value)
            expected += (joined + '\n' if joined else '') + '|\n'
        expected += ''.join(lock + '\n' for lock in environments.needs(row.name))
    assert out == expected


def test_what_is_in_no_row_is_said():
    status, out, err = shell('environment_field nothing locks')
    assert (status, out, err) == (1, '', '')
    status, out, err = shell('environment_locks nothing')
    assert status == 3
    assert err == 'no environment is called nothing (requirements/environments.txt)\n'


def test_which_python_is_needed_comes_from_the_row(tmpdir):
    assert shell('venv_needs tf2; venv_needs kaggle')[1] == (
        'CPython 3.11 to 3.13 with venv (REPRO_PYTHON3=/path/to/python3; Debian: python3-venv)\n'
        'CPython 3.11 or later with venv (REPRO_PYTHON3=/path/to/python3; Debian: python3-venv)\n')
    home = tmpdir.join('native')
    status, _, err = shell('venv_ready tf2', REPRO_PYTHON3='/bin/true', REPRO_HOME=home)
    assert status == 3 and err.startswith('set-up: tf2 needs a CPython 3.11 to 3.13 with venv')
    assert not home.check()


# ------------------------------------------------------------------------ made anew

@pytest.fixture
def checkout(tmpdir):
    """A REPRO_ROOT whose requirements/ may be changed."""
    shutil.copytree(os.path.join(ROOT, 'requirements'), str(tmpdir.join('root', 'requirements')))
    tmpdir.join('root', 'host').mksymlinkto(os.path.join(ROOT, 'host'))
    return tmpdir.join('root')


def stamps(checkout):
    script = ('for name in cpu convert-onnx convert-keras3; do '
              'mapfile -t inputs < <(environment_inputs "$name" /python); '
              'made_stamp "$name" "${inputs[@]}"; done')
    status, out, err = shell(script, REPRO_ROOT=checkout, REPRO_HOME='/home')
    assert status == 0 and not err, err
    return out.split()


def changed(checkout, name, old, new):
    path = checkout.join('requirements', name)
    text = path.read()
    assert old in text
    path.write(text.replace(old, new))


def test_a_stamp_changes_with_its_own_row_and_locks_and_with_no_other(checkout):
    cpu, onnx, keras3 = stamps(checkout)
    changed(checkout, 'environments.txt', 'keras jax jaxlib', 'keras jax')
    assert [a == b for a, b in zip(stamps(checkout), (cpu, onnx, keras3))] == [True, True, False]
    changed(checkout, 'environments.txt', 'keras jax', 'keras jax jaxlib')
    changed(checkout, 'tf2.txt', 'absl-py', 'absl_py')      # which convert-onnx stands on
    assert [a == b for a, b in zip(stamps(checkout), (cpu, onnx, keras3))] == [True, False, True]
    changed(checkout, 'base.txt', 'Keras==1.2.2', 'Keras==1.2.3')
    assert stamps(checkout)[0] != cpu
    # What it is for and how large change nothing that is made.
    before = stamps(checkout)
    changed(checkout, 'environments.txt', '0.6 GB', '0.7 GB')
    changed(checkout, 'environments.txt', 'convert --to keras3', 'convert to Keras 3 ')
    assert stamps(checkout) == before


def test_an_environment_that_is_added_as_a_row_is_known(checkout, tmpdir):
    table = checkout.join('requirements', 'environments.txt')
    table.write(table.read() + 'toy | 3.11 3.12 3.13 | toy | tf2 | toy | 0.1 GB | a toy | toy\n')
    checkout.join('requirements', 'toy.txt').write('toy==1 --hash=sha256:%s\n' % ('0' * 64))
    status, out, _ = shell('environment_needs toy | xargs; environment_of_lock toy; '
                           'source "$SOURCES/host/archive/archive.sh"; archive_parts | xargs',
                           REPRO_ROOT=checkout)
    assert out.splitlines()[:2] == ['tf2 toy', 'toy'] and out.split()[-1] == 'toy'
    # What fails is one line, and the environment is not there.
    program(tmpdir, 'python3', 'exit 1')
    status, _, err = shell('venv_ready toy', REPRO_ROOT=checkout, REPRO_HOME=tmpdir.join('home'),
                           REPRO_PYTHON3=tmpdir.join('python3'))
    assert status == 3 and 'set-up: toy needs a CPython 3.11 to 3.13' in err


# ------------------------------------------------------------------------ the only place

def files(*patterns):
    return [path for pattern in patterns for path in sorted(glob.glob(os.path.join(ROOT, pattern)))
            if os.path.isfile(path)]


def test_no_program_and_no_lock_lists_pythons_itself():
    pattern = re.compile(r'3\.11(?:,? | to |\.\.)3\.1\d\b')     # not Keras's 3.14, 3.12
    for path in files('run.sh', 'host/*.*', 'host/*/*.*', '.ci/*', 'requirements/*.in',
                      'requirements/*.sh', 'benchmarks/*.py', 'repro/*.py', 'repro/*/*.py',
                      'Dockerfile.*'):
        if path.endswith('.pyc'):
            continue
        with io.open(path, encoding='utf-8') as f:
            assert not pattern.search(f.read()), path


def test_pages_name_the_pythons_of_the_table():
    pythons = ROWS['tf2'].pythons.split()
    assert all(row.pythons.split() == pythons for row in ROWS.values() if ' 3.' in row.pythons)
    found = 0
    for path in files('*.md', 'docs/*.md', 'benchmarks/*.md', 'tests/conftest.py'):
        for bounds in re.findall(r'(3\.1\d) to (3\.1\d)\b', read(path)):
            assert bounds == (pythons[0], pythons[-1]), path
            found += 1
    assert found or not os.path.exists(os.path.join(ROOT, 'docs'))


@pytest.mark.skipif(not os.path.exists(os.path.join(ROOT, 'docs')), reason='images hold no docs/')
def test_the_page_of_environments_shows_the_table():
    begin = '<!-- python3 host/environments.py writes this table -->\n\n'
    shown = read('docs', 'environment.md').partition(begin)[2].partition('\n\n')[0] + '\n'
    assert shown == environments.markdown()


@pytest.mark.skipif(not os.path.exists(os.path.join(ROOT, 'docs')), reason='images hold no docs/')
def test_the_page_of_archives_names_each_part():
    row, = [line for line in read('docs', 'archive.md').splitlines()
            if line.startswith('| packages/ |')]
    for part in environments.parts():
        assert '`%s`' % part in row, part
