# -*- coding: utf-8 -*-
"""docker and podman: the command lines, as --dry-run prints them."""
from __future__ import print_function

import os
import pty
import shlex
import subprocess

import pytest

from programs import in_front, program
from repro import networks

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


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
    chinese = str(tmpdir).decode('utf-8') + u'/\u8d27'
    os.mkdir(chinese.encode('gbk'))
    for folder, words in ((tmpdir.mkdir('a,b'), 'a comma'), ('/tmp', 'would hide'),
                          (chinese.encode('gbk'), 'is not UTF-8')):
        result = run('demo', '--work', folder, '--runtime', 'docker', PATH=path)
        assert result.status == 4 and words in result.err.splitlines()[-1], result.both


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
    ('exec python -m repro weights', False),
    ('exec python -m repro cpu', False),
    ('test', False),
])
@pytest.mark.parametrize('work', ['work', 'x --from y', 'x --features y', 'repro weights y'])
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


def test_a_run_that_is_looked_at_is_mounted_to_be_read(tmpdir, run):
    work = tmpdir.mkdir('work')
    work.join('run.json').write('{}')
    for verb, out, end in (('verify', [], ',readonly'), ('report', [], ''),
                           ('report', ['--out', 'page'], '')):
        result = run(verb, '--dry-run', '--runtime', 'docker', '--work', work, *out, cwd=tmpdir,
                     PATH=stand_in(tmpdir))
        assert 'type=bind,src=%s,dst=%s%s' % (work, work, end) in words(result), result.both
    page = tmpdir.join('page')
    assert 'type=bind,src=%s,dst=%s' % (page, page) in words(result)
    assert words(result)[-1] == '--out=%s' % page and not page.check()


def test_pictures_that_a_run_is_linked_to_are_mounted_to_be_read(tmpdir, run):
    work = tmpdir.mkdir('work')
    work.join('run.json').write('{}')
    for name in ('train', 'test'):
        tmpdir.ensure('data', name, dir=True)
        work.join(name).mksymlinkto('../data/' + name)
    tmpdir.ensure('private', dir=True)
    work.join('sample_submission.csv').mksymlinkto('../private')    # --data makes no such link
    for verb in ('verify', 'report'):
        result = run(verb, '--dry-run', '--runtime', 'docker', '--work', work,
                     PATH=stand_in(tmpdir))
        for name in ('train', 'test'):
            path = tmpdir.join('data', name)
            assert 'type=bind,src=%s,dst=%s,readonly' % (path, path) in words(result), result.both
        assert 'private' not in result.out
    tmpdir.join('data').move(tmpdir.join('elsewhere'))
    result = run('verify', '--dry-run', '--runtime', 'docker', '--work', work,
                 PATH=stand_in(tmpdir))
    assert result.status == 0 and 'elsewhere' not in result.out, result.both


def at_a_terminal(command, environment):
    """(status, output) of a command whose standard streams are a terminal."""
    child, terminal = pty.fork()
    if not child:
        os.execvpe(command[0], command, environment)
    said = ''
    try:
        for part in iter(lambda: os.read(terminal, 1024), ''):
            said += part
    except OSError:     # the end, as Linux tells it
        pass
    return os.WEXITSTATUS(os.waitpid(child, 0)[1]), said


@pytest.mark.parametrize('limit, says', [
    ([], 'killed (status 137), as the kernel does where memory runs out'),
    (['--memory', '200m'], 'more memory than --memory 200m, most likely: allow it more')])
def test_a_container_that_was_killed_is_not_silent(tmpdir, run, limit, says):
    command = ['demo', '--runtime', 'docker', '--work', str(tmpdir.join('work'))] + limit
    path = stand_in(tmpdir)
    program(tmpdir, 'docker', 'case "$*" in "run "*) exit 137;; esac\n')
    result = run(*command, PATH=path)
    assert result.status == 137 and says in result.err.splitlines()[-1], result.both
    status, said = at_a_terminal([os.path.join(ROOT, 'run.sh')] + command,
                                 dict(os.environ, PATH=path))
    assert status == 137 and says in said, said


@pytest.mark.parametrize('reader', ['| head -n 1', '>/dev/full', '>&-'])
def test_a_container_goes_on_when_nobody_reads_it(tmpdir, reader):
    path = stand_in(tmpdir)
    program(tmpdir, 'docker', 'case "$*" in "run "*) seq 200000 || exit 3; exit 77;; esac\n')
    command = ['bash', '-c', '"$0" "$@" %s; exit ${PIPESTATUS[0]}' % reader,
               os.path.join(ROOT, 'run.sh'), 'demo', '--runtime', 'docker', '--work',
               str(tmpdir.join('work'))]
    with open(os.devnull) as nothing:
        assert subprocess.call(command, env=dict(os.environ, PATH=path), stdin=nothing) == 77


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


# --------------------------------------------------------------- TensorFlow servers

def pairs(result, line=-1):
    """The words of a command that a dry run printed, each with the one after it."""
    command = shlex.split(result.out.splitlines()[line].encode('utf-8'))
    return list(zip(command, command[1:] + ['']))


SEALED = [('--cap-drop', 'ALL'), ('--security-opt', 'no-new-privileges'),
          ('--user=65534:65534', '-e')]


def test_a_server_has_its_port_and_nothing_else(tmpdir, run):
    result = run('serve', '--dry-run', '--runtime', 'docker', '--device', 'cpu', '--port', 3333,
                 '--memory', '4g', PATH=stand_in(tmpdir))
    command = pairs(result)
    assert ('-p', '127.0.0.1:3333:3333') in command and ('--memory', '4g') in command
    assert set(SEALED) <= set(command) and '--read-only' in dict(command)
    assert ('--outside', '127.0.0.1') in command and ('--bind', '0.0.0.0') in command
    assert not {'--mount', '-v', '--network', '--gpus'} & set(dict(command))


@pytest.mark.parametrize('runtime', ['docker', 'podman'])
def test_a_run_and_its_own_server_share_a_loopback_and_no_network(tmpdir, run, runtime):
    result = run('demo', '--engine', 'tf2', '--dry-run', '--runtime', runtime, '--work',
                 tmpdir.join('work'), PATH=stand_in(tmpdir))
    assert result.status == 0, result.both
    server, its_run = pairs(result, -2), pairs(result)
    name, = [value for option, value in server if option == '--name']
    assert ('--network', 'none') in server and set(SEALED) <= set(server)
    assert not {'--mount', '-v', '-p'} & set(dict(server))
    assert ('--network', 'container:' + name) in its_run
    assert [value for option, value in its_run if option == '--network'] == ['container:' + name]
    assert ('-e', 'REPRO_SERVERS=127.0.0.1:2222') in its_run


@pytest.mark.parametrize('servers, network', [
    ('10.0.0.7:2222', None), ('10.0.0.7:2222,127.0.0.1:2223', 'host'), ('localhost:22', 'host')])
def test_servers_that_are_named_are_reached_from_a_container(tmpdir, run, servers, network):
    result = run('exec', '--engine', 'tf2', '--servers', servers, '--dry-run', '--runtime',
                 'docker', 'true', PATH=stand_in(tmpdir), cwd=tmpdir.mkdir('here'))
    assert dict(pairs(result)).get('--network') == network, result.both


def test_a_run_with_its_own_server_fetches_nothing(tmpdir, run):
    result = run('cpu', '--engine', 'tf2', '--dry-run', '--runtime', 'docker', '--work',
                 tmpdir.mkdir('work'), PATH=stand_in(tmpdir))
    assert result.status == 4 and './run.sh weights --work' in result.err, result.both
