# -*- coding: utf-8 -*-
"""run.sh's own behaviour: verbs, options, the search for a Python 2.7, the GPU preflight."""
from __future__ import print_function

import os
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def program(folder, name, text):
    path = folder.join(name)
    path.write('#!/bin/bash\n' + text)
    path.chmod(0o755)
    return path


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


def finder(tmpdir, **variables):
    """The interpreter that host/python27.sh finds, with a PATH of our own."""
    environment = {'HOME': str(tmpdir), 'PATH': '%s:/usr/bin:/bin' % tmpdir.join('bin'),
                   'REPRO_ROOT': ROOT, 'REPRO_HOME': str(tmpdir.join('native'))}
    environment.update((k, str(v)) for k, v in variables.items())
    script = ('set -euo pipefail; die() { echo "$2" >&2; exit "$1"; }; '
              'for f in python27 debian environment; do source "$REPRO_ROOT/host/$f.sh"; done; '
              'python27_find')
    p = subprocess.Popen(['bash', '-c', script], env=environment, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    out, err = p.communicate()
    return p.returncode, out.decode('utf-8').strip(), err.decode('utf-8')


def interpreter(folder, name='python2.7'):
    """A python2.7 that is usable: the one this environment was made from, by another name."""
    real = os.path.join(os.environ['REPRO_HOME'], 'cpu', 'stamp')
    with open(real) as f:
        real = f.read().splitlines()[1]
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
    found, real = interpreter(tmpdir.join('elsewhere'))
    program(tmpdir.mkdir('bin'), 'micromamba',
            'while [ "$1" != -p ]; do shift; done; mkdir -p "$2/bin"\n'
            'cp %s "$2/bin/python2.7"\n' % found)
    tmpdir.ensure('native/logs', dir=True)
    status, out, err = finder(tmpdir, SETUP_LOG=tmpdir.join('native/logs/log'))
    assert (status, out) == (0, real), err
    assert tmpdir.join('native/conda/env/bin/python2.7').check()


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


@pytest.mark.parametrize('capability, usable', [
    ('2.1', False), ('3.0', True), ('3.7', True), ('5.2', True), ('6.1', True), ('6.2', False),
    ('7.0', False), ('8.0', False), ('9.0', False), ('12.0', False), ('N/A', False)])
def test_gpu_preflight_knows_what_cuda_8_can_drive(tmpdir, run, capability, usable):
    program(tmpdir, 'nvidia-smi', 'echo "Some Card, %s"\n' % capability)
    result = run('gpu', '--work', tmpdir.join('work'),
                 PATH='%s:%s' % (tmpdir, os.environ['PATH']))
    assert result.status == 3, result.both      # natively CUDA 8 itself is missing here, too
    line, = result.err.splitlines()
    assert ('libcudart.so.8.0' in line) == usable
    assert ('Some Card, %s' % capability in line) != usable
    assert not tmpdir.join('work').check()


@pytest.mark.parametrize('text', ['exit 9\n', 'echo garbage\n', 'true\n'])
def test_gpu_preflight_with_a_driver_that_is_no_help(tmpdir, run, text):
    program(tmpdir, 'nvidia-smi', text)
    result = run('gpu', PATH='%s:%s' % (tmpdir, os.environ['PATH']))
    assert result.status == 3 and len(result.err.splitlines()) == 1, result.both
    assert './run.sh cpu' in result.err


def test_gpu_preflight_takes_the_one_usable_card_of_two(tmpdir, run):
    program(tmpdir, 'nvidia-smi', 'echo "New Card, 9.0"; echo "Old Card, 3.7"\n')
    result = run('gpu', PATH='%s:%s' % (tmpdir, os.environ['PATH']))
    assert 'libcudart.so.8.0' in result.err


def test_gpu_preflight_goes_by_the_name_where_the_driver_tells_no_capability(tmpdir, run):
    # drivers up to 470, the last for Kepler
    for card, usable in (('Tesla K80', True), ('GeForce GTX 1080 Ti', True), ('Tesla M40', True),
                         ('Quadro P4000', True), ('NVIDIA TITAN Xp', True), ('Tesla M2090', False),
                         ('Tesla V100-SXM2-16GB', False), ('GeForce GTX 1650', False),
                         ('NVIDIA TITAN V', False), ('NVIDIA A100-PCIE-40GB', False)):
        program(tmpdir, 'nvidia-smi', 'case $* in *compute_cap*) exit 2;; esac\n'
                'echo "%s, GPU-1"\n' % card)
        result = run('gpu', PATH='%s:%s' % (tmpdir, os.environ['PATH']))
        assert ('libcudart.so.8.0' in result.err) == usable, card + result.both


def stand_in_docker(tmpdir, runtimes='runc'):
    """A docker whose daemon answers and which has every image; PATH with it in front."""
    program(tmpdir, 'docker', 'case "$*" in *Runtimes*) echo %s;; "run "*) exit 77;; esac\n'
            % runtimes)
    return '%s:%s' % (tmpdir, os.environ['PATH'])


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


def test_gpu_in_a_container_wants_the_toolkit(tmpdir, run):
    program(tmpdir, 'nvidia-smi', 'echo "New, 9.0, GPU-a"; echo "Old Card, 3.7, GPU-b"\n')
    arguments = ['gpu', '--runtime', 'docker', '--dry-run', '--work', tmpdir.join('work')]
    result = run(*arguments, PATH=stand_in_docker(tmpdir))
    assert result.status == 3 and 'no NVIDIA runtime' in result.err, result.both
    result = run(*arguments, PATH=stand_in_docker(tmpdir, 'nvidia'))
    assert ' --gpus all ' in result.out and 'CUDA_VISIBLE_DEVICES=GPU-b ' in result.out


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
