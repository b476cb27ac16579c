# -*- coding: utf-8 -*-
"""run.sh: whose shell it is, where options may stand, exec and its statuses, which runtime."""
from __future__ import print_function

import glob
import io
import os
import re
import signal
import subprocess

import pytest

from conftest import ROOT
from programs import in_front, program

RUN_SH = os.path.join(ROOT, 'run.sh')
# What a caller's shell may export: functions of these names that do nothing, and options.
FUNCTIONS = dict(('BASH_FUNC_%s%%%%' % name, '() { :; }') for name in (
    'cd', 'rm', 'ls', 'find', 'cat', 'dirname', 'readlink', 'mkdir', 'pwd', 'which', 'exec',
    'source', 'unset', 'builtin', 'command', 'echo', 'printf', '['))
SETTINGS = {'SHELLOPTS': 'noglob:noclobber:posix', 'BASHOPTS': 'nullglob:failglob',
            'POSIXLY_CORRECT': '1', 'GLOBIGNORE': '*', 'BASH_COMPAT': '3.2'}
exported = pytest.mark.parametrize('exported', [{}, FUNCTIONS, SETTINGS],
                                   ids=['CDPATH', 'functions', 'settings'])


def ended(command, **options):
    """(status, stdout, stderr) of a command."""
    p = subprocess.Popen(command, stdout=options.pop('stdout', subprocess.PIPE),
                         stderr=subprocess.PIPE, stdin=open(os.devnull), **options)
    out, err = p.communicate()
    return p.returncode, out, err


# ------------------------------------------------------------------------ whose shell it is

@exported
def test_clean_removes_the_run_that_was_named(run, tmpdir, exported):
    for name in ('a', 'b'):
        tmpdir.ensure(name, 'wk', '.repro', dir=True)
        tmpdir.join(name, 'wk', 'pred.csv').write('x')
    result = run('clean', '--work', 'wk', cwd=tmpdir.join('a'), CDPATH=tmpdir.join('b'),
                 **exported)
    assert result.status == 0, result.both
    assert result.out == 'removed the run in %s\n' % tmpdir.join('a', 'wk')
    assert not tmpdir.join('a', 'wk').check() and tmpdir.join('b', 'wk', 'pred.csv').check()


@exported
def test_every_path_is_taken_from_the_callers_folder(run, tmpdir, exported):
    for name in ('a', 'b'):
        tmpdir.ensure(name, 'wk', dir=True)
    options = dict(exported, cwd=tmpdir.join('a'), CDPATH=tmpdir.join('b'))
    result = run('exec', '--work', 'wk', 'pwd', **options)
    assert result.out == '%s\n' % tmpdir.join('a', 'wk'), result.both
    for arguments in (['verify', '--work', 'wk'], ['cpu', '--data', 'wk', '--work', 'new'],
                      ['cpu', '--features', '--work', 'wk']):
        result = run(*arguments, **options)
        assert result.status == 4, result.both
        assert '%s/wk' % tmpdir.join('a') in result.err, result.both
    assert tmpdir.join('b', 'wk').listdir() == []


@pytest.mark.parametrize('option', ['--work', '--data', '--weights', '--from', '--out'])
def test_a_tilde_is_the_callers_home(run, tmpdir, option):
    verb = {'--from': 'weights', '--work': 'verify', '--out': 'report'}.get(option, 'cpu')
    result = run(verb, '%s=~bob/dogs' % option, cwd=tmpdir)
    assert result.status == 2 and result.err == (
        'run.sh: %s ~bob/dogs: only ~/ is understood here: write the path out (or ./~bob/dogs for '
        'a folder of that name)\n' % option)
    dry = ['--dry-run'] * (option == '--out')
    result = run(verb, '%s=~/dogs' % option, *dry, cwd=tmpdir, HOME=tmpdir.join('home'))
    assert '%s/dogs' % tmpdir.join('home') in result.both or option == '--out', result.both
    assert [p.basename for p in tmpdir.listdir()] in ([], ['home'])


def test_by_another_name_and_without_a_home(run, tmpdir):
    tmpdir.join('dogs').mksymlinkto(RUN_SH)
    status, out, err = ended([str(tmpdir.join('dogs')), 'help'], cwd=str(tmpdir))
    assert (status, out, err) == (0, run('help').out.encode('utf-8'), b'')
    assert run('exec', 'true', HOME=None).status == 0


@pytest.mark.parametrize('shell', ['sh', 'dash', 'busybox sh', 'mksh', 'zsh'])
def test_by_another_shell(shell):
    try:
        status, out, err = ended(shell.split() + [RUN_SH, 'fly'])
    except OSError:
        pytest.skip('no %s here' % shell)
    assert (status, out) == (2, b'')
    # An sh that is a bash runs it
    assert err in (b'run.sh: this is a program for bash, not for sh: ./run.sh, or bash run.sh\n',
                   b'run.sh: no verb fly (see ./run.sh help)\n')


@pytest.mark.parametrize('version', ['3.2.57(1)-release', '4.1.2(1)-release'])
def test_an_old_bash_is_refused_in_a_line(version):
    status, out, err = ended(['bash', '-c', 'BASH_VERSION=$1; source "$0" help', RUN_SH, version])
    assert (status, out) == (3, b'')
    assert err == b'run.sh: bash 4.2 or later is needed, and this is %s: put a newer one first ' \
        b'on PATH\n' % version


@pytest.mark.parametrize('system', ['darwin22', 'msys', 'cygwin'])
@pytest.mark.parametrize('shell', ['bash', 'sh'])
def test_elsewhere_than_on_linux_two_docker_commands_do_it(shell, system):
    """As the docs print them; before a newer bash is asked for, which macOS does not have."""
    environment = dict(os.environ, OSTYPE=system)
    for arguments in ((), ('demo',)):
        p = subprocess.Popen([shell, RUN_SH] + list(arguments), env=environment,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = p.communicate()
        assert (p.returncode, out) == (3, b'')
        first, command = err.decode('utf-8').splitlines()
        assert first == ('run.sh: this runs on Linux (x86-64); on a Mac or on Windows, with '
                         'Docker, in this folder:')
        page = os.path.join(ROOT, 'docs', 'containers.md')
        if os.path.exists(page):        # images hold no docs
            with io.open(page, encoding='utf-8') as f:
                assert '\n    %s\n' % command.strip() in f.read()


def test_alone_it_says_what_the_demo_is(run):
    result = run()
    assert result.status == 2
    start = result.out.splitlines()[2:5]
    assert start[0].startswith('Start with ./run.sh demo.') and 'minutes' in ' '.join(start)
    assert 'demo     ' in result.out        # and then the usage


def test_a_clone_whose_git_writes_crlf_has_none(tmpdir, monkeypatch):
    try:
        status, _, err = ended(['git', 'clone', '-q', '-c', 'core.autocrlf=true', ROOT,
                                str(tmpdir.join('clone'))])
    except OSError:
        pytest.skip('no git here')
    if status:
        pytest.skip('not a checkout that can be cloned: %s' % err)
    monkeypatch.chdir(tmpdir.join('clone'))
    for name in ended(['git', 'ls-files', '-z'])[1].split('\0')[:-1]:
        with open(name, 'rb') as f:
            assert name.endswith(('.png', '.bin')) or b'\r' not in f.read(), name


LATER = {   # what bash 4.2 does not know: since when, and what it looks like
    '4.3': r'wait -n|(local|declare) -[a-zA-Z]*n|-v [a-z_]+\[|\[-[0-9]+\]=|unset .*\[-',
    '4.4': r'\$\{[a-zA-Z_@*]+(\[[@*]\])?@[A-Z]\}|(mapfile|readarray) -d|inherit_errexit|local -$',
    '5.0': r'\$\{?(EPOCHSECONDS|EPOCHREALTIME|SRANDOM|BASH_ARGV0)|wait -p|\$\{ |@[kKUuL]\}'}


def test_nothing_in_it_is_of_a_later_bash_than_it_asks_for():
    """Tried with bash 4.2.45 and 4.3.46, too, which are on few machines that run this test."""
    for name in [RUN_SH] + (glob.glob(os.path.join(ROOT, 'host', '*.sh'))
                            + glob.glob(os.path.join(ROOT, 'host', '*', '*.sh'))):
        with open(name) as f:
            for line in f:
                for version, pattern in LATER.items():
                    assert not re.search(pattern, line.split(' # ')[0]), (name, version, line)
    with open(RUN_SH) as f:     # an empty array is unset to `set -u` of 4.2 and 4.3
        assert "case $BASH_VERSION in 4.[23].*) ;; *) set -u" in f.read()


# ------------------------------------------------------------------------ where it prints to

@pytest.mark.parametrize('arguments, status', [
    ('help', 0), ('fly', 2), ('demo --dry-run --work /nowhere', 0)])
def test_streams_that_are_closed(arguments, status):
    for streams in ('>&-', '2>&-', '<&-', '<&- >&- 2>&-'):
        got, _out, err = ended(['bash', '-c', '"$0" %s %s' % (arguments, streams), RUN_SH])
        assert got == status and b'descriptor' not in err, (streams, err)


@pytest.mark.parametrize('arguments', ['help', 'demo --dry-run --work /nowhere'])
def test_a_full_disk_for_a_stdout(arguments):
    with open('/dev/full', 'w') as full:
        status, _, err = ended([RUN_SH] + arguments.split(), stdout=full)
    assert (status, err) == (
        4, b'run.sh: standard output cannot be written: is its disk full?\n')


@pytest.mark.parametrize('action', [signal.SIG_DFL, signal.SIG_IGN])
def test_a_reader_that_has_gone(action):
    reader, writer = os.pipe()
    os.close(reader)
    status, _, err = ended([RUN_SH, 'help'], stdout=writer,
                           preexec_fn=lambda: signal.signal(signal.SIGPIPE, action))
    os.close(writer)
    assert (status, err) == (141 if action == signal.SIG_IGN else -signal.SIGPIPE, b'')


# ------------------------------------------------------------------------ the command line


def test_help_fits_a_window(run):
    result = run('help')
    assert result.status == 0
    assert max(len(line) for line in result.out.splitlines()) <= 96
    for verb in ('gpu', 'cpu', 'demo', 'test', 'verify', 'exec', 'shell', 'clean'):
        assert './run.sh ' + verb in result.out
    assert run('demo', '--help').out == run('help', 'demo').out != result.out


@pytest.mark.parametrize('arguments', [
    ['fly'], [], ['demo', '--fly'], ['demo', '--train', 'many'], ['demo', '--train', '0'],
    ['demo', '--train'], ['cpu', '--seeding', 'mine'], ['cpu', '--networks', 'AlexNet'],
    ['demo', '--memory', 'much'], ['demo', '--pids', '0'], ['demo', '--gpu-growth'],
    ['demo', '--data', '/'], ['demo', '--runtime', 'vm'], ['demo', '--order', 'random'], ['exec'],
    ['demo', '--work'], ['cpu', '--data='], ['clean', '--train', '3'], ['clean', '--dry-run=yes'],
    ['submit', '--yes=no'], ['demo', '--no-report=1'], ['report', '--out'],
    ['verify', '--out', '/'],
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
        '/repro demo --train=8 --no-report --seeding=notebook --test=4'), result.both


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
    assert result.out.splitlines()[-1].endswith('/repro demo --train=8 ')
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
    result = run('demo', '--dry-run', '--runtime', 'docker', '--work', work, '--train=x',
                 PATH=path, REPRO_HOME=tmpdir.join('native'))
    # the program in the image refuses it
    assert result.out.rstrip().endswith(' -- python -m repro demo --train=x'), result.both
    result = run('demo', '--runtime', 'docker', '--work', work, '--fly', PATH=path)
    assert (result.status, result.out) == (2, ''), result.both
    assert result.err == 'run.sh: demo does not know --fly (see ./run.sh help demo)\n'


def test_limits_are_a_containers(run):
    result = run('exec', '--memory', '1g', 'true')
    assert result.status == 2 and 'ulimit' in result.err, result.both
