# -*- coding: utf-8 -*-
"""run.sh: verbs, where options may stand, exec and its statuses, which runtime, clean."""
from __future__ import print_function

import os

import pytest

from programs import in_front, program


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
    ['demo', '--data', '/'], ['demo', '--runtime', 'vm'], ['demo', '--order', 'random'], ['exec'],
    ['demo', '--work'], ['cpu', '--data='], ['clean', '--train', '3'], ['clean', '--dry-run'],
    ['submit', '--networks', 'ResNet50'], ['data', '--memory', '1g'], ['demo', '--yes'],
    ['report', '--article'], ['shell', '--train', '3'],
    ['shell', 'ls'], ['--fly', 'demo'], ['help', '--fly']])
def test_wrong_usage(run, arguments):
    result = run(*arguments)
    assert result.status == 2, result.both
    if arguments:
        assert len(result.err.splitlines()) == 1 and result.err.startswith('run.sh: ')


def test_help_works_where_nothing_is_set_up(run, tmpdir):
    result = run('help', PATH=without_python(tmpdir), REPRO_HOME=tmpdir.join('native'))
    assert result.status == 0 and result.out == run('help').out, result.both
    assert not tmpdir.join('native').check()


def test_mistakes_are_found_before_anything_is_made(run, tmpdir):
    for arguments in ((), ('--seeds', 'many')):
        result = run('demo', '--work', tmpdir.join('work'), '--fly', *arguments,
                     REPRO_HOME=tmpdir.join('native'))
        assert result.status == 2 and result.err.count('\n') == 1, result.both
    result = run('cpu', '--work', tmpdir.join('work'), '--data', tmpdir.join('nowhere'))
    assert result.status == 4
    assert result.err == 'run.sh: --data %s is not a folder\n' % tmpdir.join('nowhere')
    assert tmpdir.listdir() == []


def test_options_may_stand_before_the_verb(run, tmpdir):
    result = run('--work', tmpdir, 'verify')
    assert result.status == 4 and str(tmpdir) in result.err
    result = run('--train', 8, '--no-report', '--seeding=notebook', '--work', tmpdir, 'demo',
                 '--test', 4, '--dry-run')
    assert result.out.rstrip().endswith(
        '/repro demo --train 8 --no-report --seeding=notebook --test 4'), result.both


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
    for own in ([], ['--'], ['--order', 'filesystem'], ['--order=sorted', '--any-weights', '--']):
        result = run('exec', *(own + ['echo', '--work', 'x', '--help', '--', '--order']))
        assert result.out == '--work x --help -- --order\n', result.both


@pytest.mark.parametrize('own', [[], ['--order', 'filesystem']])
def test_exec_is_as_good_as_none(run, tmpdir, own):
    """The command's status, and its signals: none is ignored that was not."""
    tmpdir.join('no-program').write('')
    for command, status in ((['false'], 1), (['sh', '-c', 'kill -9 $$'], -9),
                            (['no-such-program'], 127), ([tmpdir.join('no-program')], 126)):
        result = run('exec', *(own + command))
        assert result.status == status, result.both
    with open('/proc/self/status') as f:
        usual = [line for line in f if line.startswith('SigIgn')][0]
    result = run('exec', *(own + ['grep', 'SigIgn', '/proc/self/status']))
    if own:     # Python, which runs this test, ignores SIGPIPE and SIGXFSZ
        assert int(result.out.split()[1], 16) == int(usual.split()[1], 16) & ~0x1001000
    assert run('exec', *(own + ['bash', '-c', 'echo ${REPRO_ORDER:-none}'])).out == (
        'filesystem\n' if own else 'none\n')


def test_a_folder_of_ones_own_modules_does_not_stop_exec(run, tmpdir):
    for name in ('argparse', 'repro', 'signal', 'json'):
        tmpdir.join(name + '.py').write('raise SystemExit("mine")')
    result = run('exec', '--order', 'sorted', 'echo', 'x', cwd=tmpdir)
    assert (result.status, result.out) == (0, 'x\n'), result.both


def test_a_runtime_that_does_not_work(run, tmpdir):
    # a client without a daemon: `docker info` fails while `docker --version` answers
    program(tmpdir, 'docker', '[ "$1" = --version ]\n')
    result = run('exec', '--runtime', 'docker', 'true', PATH=in_front(tmpdir), REPRO_RUNTIME=None)
    assert result.status == 3
    assert 'docker does not work here' in result.err and 'native' in result.err
    # and by default it is passed over, as is a podman that does not work either
    program(tmpdir, 'podman', 'exit 125\n')
    result = run('exec', 'bash', '-c', 'echo $REPRO_RUNTIME', REPRO_RUNTIME=None,
                 PATH=in_front(tmpdir))
    assert result.out == 'native\n', result.both


def test_dry_run_natively(tmpdir, run):
    result = run('demo', '--dry-run', '--train', 8, '--work', tmpdir.join('work'))
    assert result.status == 0, result.both
    assert result.out.splitlines()[-1].endswith('/repro demo --train 8 ')
    assert not tmpdir.join('work').check()


def without_python(tmpdir):
    """A PATH with all programs of /bin and /usr/bin, but neither Python nor docker and podman."""
    folder = tmpdir.ensure('no-python', dir=True)
    for source in ('/usr/bin', '/bin'):
        for name in os.listdir(source):
            if not name.startswith(('python', 'pypy', 'docker', 'podman')) \
                    and not folder.join(name).check(link=1):
                os.symlink(os.path.join(source, name), str(folder.join(name)))
    return str(folder)


def test_without_any_python_a_container_does_all(run, tmpdir):
    path = without_python(tmpdir)
    program(tmpdir.join('no-python'), 'docker', 'exit 0\n')
    work = tmpdir.mkdir('work')     # in an image, the checkout itself cannot be mounted
    result = run('exec', '--dry-run', '--runtime', 'docker', '--order', 'sorted', 'true',
                 PATH=path, REPRO_HOME=tmpdir.join('native'), cwd=work)
    assert result.out.rstrip().endswith(' --order=sorted -- true'), result.both
    result = run('demo', '--dry-run', '--runtime', 'docker', '--work', work, '--fly', PATH=path,
                 REPRO_HOME=tmpdir.join('native'))
    # the program in the image refuses it
    assert result.out.rstrip().endswith(' -- python -m repro demo --fly'), result.both


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
    path = in_front(tmpdir)
    program(tmpdir, 'podman', 'exit 125\n')
    image, log = 'localhost/dogs-vs-cats-2017-cpu:1', tmpdir.join('log')
    program(tmpdir, 'docker', 'case "$*" in "images "*) printf "%%s\\n" mine:1 %s;;\n'
            'rmi*) echo "$@" >>%s;; esac\n' % (image, log))
    assert run('clean', REPRO_HOME=home, PATH=path).status == 0
    assert log.read() == 'rmi %s\n' % image
    assert [p.basename for p in home.listdir()] == ['precious']
