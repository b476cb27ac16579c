# -*- coding: utf-8 -*-
"""run.sh's own behaviour: verbs, options, runtimes."""
from __future__ import print_function

import os

import pytest

from programs import program, stand_in_docker


def test_help_fits_a_screen(run):
    result = run('help')
    assert result.status == 0
    assert len(result.out.splitlines()) <= 40
    for verb in ('gpu', 'cpu', 'demo', 'test', 'verify', 'exec', 'shell', 'clean'):
        assert './run.sh ' + verb in result.out
    assert run('demo', '--help').out == result.out


@pytest.mark.parametrize('arguments', [
    ['fly'], [], ['demo', '--fly'], ['demo', '--train', 'many'], ['demo', '--train', '0'],
    ['demo', '--train'], ['cpu', '--seeding', 'mine'], ['cpu', '--networks', 'AlexNet'],
    ['demo', '--memory', 'much'], ['demo', '--pids', '0'], ['demo', '--gpu-growth'],
    ['demo', '--data', '/'], ['demo', '--runtime', 'vm'], ['demo', '--order', 'random'], ['exec']])
def test_wrong_usage(run, arguments):
    result = run(*arguments)
    assert result.status == 2, result.both
    if arguments:
        assert len(result.err.splitlines()) == 1 and result.err.startswith('run.sh: ')


def test_options_may_stand_before_the_verb(run, tmpdir):
    result = run('--work', tmpdir, 'verify')
    assert result.status == 4 and str(tmpdir) in result.err


def test_exec_runs_in_the_named_folder_and_passes_the_status_on(run, tmpdir):
    work = tmpdir.join(u'a folder \u732b')
    result = run('exec', '--work', work, 'python', '-c',
                 'import os, sys; print os.getcwd(); sys.exit(7)')
    assert result.status == 7, result.both
    assert result.out == u'%s\n' % work.strpath


def test_exec_without_a_folder_runs_where_the_caller_is(run, tmpdir):
    result = run('exec', 'python', '-c', 'import os; print os.getcwd()', cwd=tmpdir)
    assert result.out == '%s\n' % tmpdir
    assert tmpdir.listdir() == []


def test_exec_passes_options_of_the_command_on(run):
    assert run('exec', 'echo', '--work', 'x', '--help').out == '--work x --help\n'


def test_a_runtime_that_does_not_work(run, tmpdir):
    # a client without a daemon: `docker info` fails while `docker --version` answers
    program(tmpdir, 'docker', '[ "$1" = --version ]\n')
    path = '%s:%s' % (tmpdir, os.environ['PATH'])
    result = run('exec', '--runtime', 'docker', 'true', PATH=path, REPRO_RUNTIME=None)
    assert result.status == 3
    assert 'docker does not work here' in result.err and 'native' in result.err
    # and by default it is passed over
    result = run('exec', 'bash', '-c', 'echo $REPRO_RUNTIME', REPRO_RUNTIME=None,
                 PATH='%s:%s' % (tmpdir, without_podman(tmpdir)))
    assert result.out == 'native\n', result.both


def without_podman(tmpdir):
    """PATH, with a podman in front that does not work either."""
    program(tmpdir, 'podman', 'exit 125\n')
    return os.environ['PATH']


def test_dry_run_prints_the_sealed_container_and_runs_nothing(tmpdir, run):
    work = tmpdir.join(u'a: path \u732b')
    result = run('demo', '--dry-run', '--runtime', 'docker', '--memory', '4g', '--pids', 500,
                 '--work', work, PATH=stand_in_docker(tmpdir))
    assert result.status == 0, result.both
    command = result.out.splitlines()[-1]
    for option in ('--network none', '--read-only', '--cap-drop ALL', '--memory 4g',
                   '--security-opt no-new-privileges', '--pids-limit 500', '--init',
                   '--user=%d:%d' % (os.getuid(), os.getgid())):
        assert ' %s ' % option in command, result.both
    assert command.count('--mount') == 1 and '-gpu' not in command
    assert not work.check()


def test_dry_run_natively(tmpdir, run):
    result = run('demo', '--dry-run', '--train', 8, '--work', tmpdir.join('work'))
    assert result.status == 0, result.both
    assert result.out.splitlines()[-1].endswith('python -m repro demo --train 8 ')
    assert not tmpdir.join('work').check()


def test_a_folder_that_no_container_can_have(tmpdir, run):
    path = stand_in_docker(tmpdir)
    for folder, words in ((tmpdir.mkdir('a,b'), 'a comma'), ('/tmp', 'would hide')):
        result = run('exec', '--work', folder, '--runtime', 'docker', 'true', PATH=path)
        assert result.status == 4 and words in result.err, result.both


def test_limits_are_a_containers(run):
    result = run('exec', '--memory', '1g', 'true')
    assert result.status == 2 and 'ulimit' in result.err, result.both


def test_clean_removes_only_what_was_made_here(run, small, tmpdir):
    other = tmpdir.mkdir('other')
    other.join('precious').write('x')
    result = run('clean', '--work', other)
    assert result.status == 4 and other.join('precious').check()
    small.join('notes.txt').write('mine')
    assert run('clean', '--work', small).status == 0
    assert [p.basename for p in small.listdir()] == ['notes.txt']
    home = tmpdir.mkdir('home')
    home.mkdir('cpu')
    home.join('precious').write('x')
    # and no image of this machine's: this docker has one, and says which it is told to remove
    path = stand_in_docker(tmpdir)
    program(tmpdir, 'podman', 'exit 125\n')
    image, log = 'localhost/dogs-vs-cats-2017-cpu:1', tmpdir.join('log')
    program(tmpdir, 'docker', 'case "$*" in "images "*) printf "%%s\\n" mine:1 %s;;\n'
            'rmi*) echo "$@" >>%s;; esac\n' % (image, log))
    assert run('clean', REPRO_HOME=home, PATH=path).status == 0
    assert log.read() == 'rmi %s\n' % image
    assert [p.basename for p in home.listdir()] == ['precious']
