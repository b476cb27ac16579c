# -*- coding: utf-8 -*-
"""docker and podman: the command lines, as --dry-run prints them."""
from __future__ import print_function

import os
import shlex

import pytest

from programs import in_front, program
from repro import networks


def stand_in(tmpdir, rootless='false'):
    """PATH with a docker and a podman in front that answer and have every image."""
    for name in ('docker', 'podman'):
        program(tmpdir, name, 'case "$*" in *Rootless*) echo %s;; "run "*) exit 77;; esac\n'
                % rootless)
    return in_front(tmpdir)


def words(result):
    """The words of the last command that a dry run printed."""
    return shlex.split(result.out.splitlines()[-1].encode('utf-8'))


def test_dry_run_prints_the_sealed_container_and_runs_nothing(tmpdir, run):
    work = tmpdir.join(u'a: path \u732b')
    result = run('demo', '--dry-run', '--runtime', 'docker', '--memory', '4g', '--pids', 500,
                 '--work', work, PATH=stand_in(tmpdir))
    assert result.status == 0, result.both
    command = result.out.splitlines()[-1]
    for option in ('--network none', '--read-only', '--cap-drop ALL', '--memory 4g',
                   '--security-opt no-new-privileges', '--pids-limit 500', '--init',
                   '--user=%d:%d' % (os.getuid(), os.getgid())):
        assert ' %s ' % option in command, result.both
    assert command.count('--mount') == 1 and '-gpu' not in command
    assert not work.check()


def test_a_folder_that_no_container_can_have(tmpdir, run):
    path = stand_in(tmpdir)
    for folder, words in ((tmpdir.mkdir('a,b'), 'a comma'), ('/tmp', 'would hide')):
        result = run('exec', '--work', folder, '--runtime', 'docker', 'true', PATH=path)
        assert result.status == 4 and words in result.err, result.both


@pytest.mark.parametrize('arguments, has_network', [
    ('demo', False),
    ('cpu', True),
    ('cpu --weights {folder}', False),
    ('cpu --weights={folder}', False),
    ('cpu --features', False),
    ('weights', True),
    ('weights --from {folder}', False),
    ('features', True),
    ('features --from={folder}', False),
    ('verify', False),
    ('report', False),
    ('exec python -m repro get weights', False),
    ('exec python -m repro cpu', False),
    ('test', False),
])
@pytest.mark.parametrize('work', ['work', 'x --from y', 'x --features y', 'repro get weights y'])
def test_only_what_fetches_has_a_network(tmpdir, run, arguments, has_network, work):
    """Whatever the work folder is called: it is decided from what was asked for."""
    folder = tmpdir.mkdir('folder')
    work = tmpdir.mkdir(work)
    work.join('run.json').write('{}')
    arguments = [word.format(folder=folder) for word in arguments.split()]
    result = run(arguments[0], '--dry-run', '--runtime', 'docker', '--work', work,
                 *arguments[1:], PATH=stand_in(tmpdir))
    assert result.status == 0, result.both
    assert ('--network' not in words(result)) == has_network, result.out


@pytest.mark.parametrize('there, arguments, has_network', [
    ('ResNet50 InceptionV3 Xception', [], False),
    ('ResNet50 InceptionV3', [], True),
    ('ResNet50', ['--networks', 'ResNet50'], False),
    ('ResNet50', ['--networks=Xception,ResNet50'], True),
    ('VGG16', ['--networks', 'ResNet50'], True)])
def test_weights_that_are_there_need_no_network(tmpdir, run, there, arguments, has_network):
    for name in there.split():
        tmpdir.join('work', networks.weights_path(name)).write('x', ensure=True)
    result = run('cpu', '--dry-run', '--runtime', 'docker', '--work', tmpdir.join('work'),
                 *arguments, PATH=stand_in(tmpdir))
    assert ('--network' not in words(result)) == has_network, result.both


def test_folders_that_are_named_are_mounted_to_be_read(tmpdir, run):
    data, weights = tmpdir.mkdir('data'), tmpdir.mkdir('a b')
    result = run('cpu', '--dry-run', '--runtime', 'docker', '--work', tmpdir.join('work'),
                 '--data', 'data', '--weights=%s' % weights, PATH=stand_in(tmpdir), cwd=tmpdir)
    for folder in (data, weights):
        assert 'type=bind,src=%s,dst=%s,readonly' % (folder, folder) in words(result)
    assert words(result)[-2:] == ['--data=%s' % data, '--weights=%s' % weights]
    result = run('data', '--from', data, '--work', tmpdir.join('work'), '--runtime', 'docker',
                 PATH=stand_in(tmpdir))
    assert result.status == 77, result.both     # the stand-in's, for whatever it is to run


@pytest.mark.parametrize('work', ['work', 'a --userns=keep-id b'])
@pytest.mark.parametrize('rootless', ['true', 'false'])
def test_podman_without_root_keeps_the_callers_number(tmpdir, run, work, rootless):
    arguments = ['exec', '--runtime', 'podman', '--work', tmpdir.mkdir(work), 'true']
    path = stand_in(tmpdir, rootless)
    result = run(*arguments, PATH=path)
    assert result.status == 77, result.both
    result = run(*['exec', '--dry-run'] + arguments[1:], PATH=path)
    assert ('--userns=keep-id' in words(result)) == (rootless == 'true'), result.both
    assert '--user=%d:%d' % (os.getuid(), os.getgid()) in words(result)


def test_options_of_exec_go_into_the_container(tmpdir, run):
    result = run('exec', '--dry-run', '--runtime', 'docker', '--order', 'filesystem',
                 '--any-weights', 'python', '-c', 'x', PATH=stand_in(tmpdir),
                 cwd=tmpdir.mkdir('here'))
    assert result.out.rstrip().endswith(
        ' exec --order=filesystem --any-weights -- python -c x'), result.both
    result = run('test', '--dry-run', '--runtime', 'docker', '-k', 'yes', '--engine', 'x',
                 PATH=stand_in(tmpdir))
    assert result.out.rstrip().endswith(' test -k yes --engine x'), result.both     # pytest's
    assert ' -v /var/tmp ' in result.out
