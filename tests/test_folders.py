# -*- coding: utf-8 -*-
"""The folders from outside: read-only, without links, whose commit it is, and clean."""
from __future__ import print_function

import os
import shutil
import subprocess
import sys

import pytest

from conftest import front_door, ROOT
from programs import in_front, program

HERE = os.path.dirname(os.path.abspath(__file__))
SHELL = 'set -eu; REPRO_ROOT=$1; source "$0"; commit; commit_source'


# ------------------------------------------------------------------------------ read-only

@pytest.fixture
def read_only(without_pictures, tmpdir):
    """A run's folder that cannot be written, by nobody or by this user; and what is in it."""
    folder = tmpdir.join('archive')
    shutil.copytree(str(without_pictures[0]), str(folder), symlinks=True)
    shutil.rmtree(str(folder.join('.repro')))
    if os.getuid():
        folder.chmod(0o555)
    else:
        mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0"'
        if subprocess.call(['bash', '-c', mount, str(folder)], stderr=open(os.devnull, 'w')):
            pytest.skip('nothing can be mounted here, and root writes everywhere')
    yield folder
    if os.getuid():
        folder.chmod(0o755)
    else:
        subprocess.check_call(['umount', str(folder)])


def test_a_run_that_cannot_be_written_can_be_looked_at(run, read_only, tmpdir):
    before = sorted(os.listdir(str(read_only)))
    result = run('verify', '--work', read_only)
    assert result.status == 0 and ', 0 FAIL' in result.out, result.both
    result = run('exec', '--work', read_only, 'sh', '-c',
                 'touch $HOME/.keras/x && echo $REPRO_WORK')
    assert result.out == '%s\n' % read_only, result.both
    result = run('report', '--work', read_only)
    assert result.status == 4 and result.err == (
        'run.sh: %s is not writable: name another folder with --work, or one for the page alone '
        'with --out\n' % read_only)
    result = run('report', '--work', read_only, '--out', 'page', cwd=tmpdir)
    assert result.status == 0, result.both
    assert sorted(os.listdir(str(tmpdir.join('page')))) == ['report.html', 'report.json']
    assert sorted(os.listdir(str(read_only))) == before


def test_a_run_that_cannot_be_written_does_not_go_on(run, read_only):
    for arguments in (['cpu', '--features'], ['exec', 'python', '-m', 'repro', 'head']):
        result = run(arguments[0], '--work', read_only, *arguments[1:])
        assert result.status == 4, result.both
        assert 'writable' in result.err.splitlines()[-1], result.both


def test_looking_writes_nothing(run, small):
    shutil.rmtree(str(small.join('.repro')))
    before = sorted(os.listdir(str(small)))
    assert run('verify', '--work', small).status == 0
    assert sorted(os.listdir(str(small))) == before


# ------------------------------------------------------------------------------ without links

def without_links(*arguments):
    """front_door() where no symbolic link can be made."""
    p = subprocess.Popen([sys.executable, HERE + '/without_links.py', ROOT + '/run.sh'] +
                         [str(a) for a in arguments], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, stdin=open(os.devnull))
    out, err = p.communicate()
    return p.returncode, out, [line for line in err.splitlines()
                               if not line.startswith(('run.sh: file names', 'Using Tensor'))]


def test_what_needs_no_link_works_without(small, without_pictures, tmpdir):
    status, out, err = without_links('verify', '--work', small)
    assert (status, err) == (0, []), (out, err)
    for name in os.listdir(str(without_pictures[0])):
        if name.startswith('gap_'):
            shutil.copy(str(without_pictures[0].join(name)), str(tmpdir.ensure('new', dir=True)))
    status, out, err = without_links('cpu', '--features', '--work', tmpdir.join('new'))
    assert (status, err) == (0, []), (out, err)


@pytest.mark.parametrize('command', [
    'demo --work {new}', 'cpu --data {small} --work {new}',
    'exec --work {small} python -m repro links'])
def test_what_needs_links_says_so_at_once(small, tmpdir, command):
    status, out, err = without_links(*command.format(small=small, new=tmpdir.join('new')).split())
    assert status == 4 and len(err) == 1, (out, err)
    assert 'has no symbolic links' in err[0] and '--work, such as /var/tmp/dogs' in err[0]
    assert small.join('train2', 'cat').check(dir=1)
    if 'new' in command:        # and a run that was refused can be cleaned away
        assert not tmpdir.join('new', 'train').check()
        result = front_door('clean', '--work', tmpdir.join('new'))
        assert result.status == 0 and not tmpdir.join('new').check(), result.both


# ------------------------------------------------------------------------------ whose commit

@pytest.fixture
def git(tmpdir):
    """git(folder, argument, …) → what it prints."""
    def call(folder, *arguments):
        return subprocess.check_output(
            ['git', '-C', str(folder), '-c', 'user.name=x', '-c', 'user.email=x@y', '-c',
             'init.defaultBranch=main'] + list(arguments), stderr=subprocess.STDOUT).strip()
    try:
        call(tmpdir, '--version')
    except OSError:
        pytest.skip('no git here')
    return call


def committed(git, folder):
    """A repository with one commit, from a public address; its commit."""
    folder.ensure('run.sh').write(folder.basename)
    git(folder, 'init', '-q')
    git(folder, 'add', '.')
    git(folder, 'commit', '-qm', 'x')
    git(folder, 'remote', 'add', 'origin', 'https://example.org/' + folder.basename)
    return git(folder, 'rev-parse', 'HEAD')


def answers(checkout, **variables):
    """[commit, source] by host/folders.sh's own account."""
    return subprocess.check_output(
        ['bash', '-c', SHELL, ROOT + '/host/folders.sh', str(checkout)],
        env=dict(dict(os.environ, REPRO_CONTAINER=''), **variables)).splitlines()


def test_only_the_checkouts_own_git_answers(git, tmpdir):
    own = committed(git, tmpdir.mkdir('own'))
    committed(git, tmpdir.mkdir('other'))
    here, other = tmpdir.join('own'), str(tmpdir.join('other'))
    right = [own, 'https://example.org/own']
    assert answers(here) == right
    for variables in ({'GIT_DIR': other + '/.git'}, {'GIT_DIR': other + '/.git',
                                                     'GIT_WORK_TREE': other},
                      {'GIT_INDEX_FILE': other + '/.git/index'}, {'GIT_CONFIG_COUNT': '9'},
                      {'GIT_COMMON_DIR': other + '/.git'}, {'GIT_DIR': '/nowhere'}):
        assert answers(here, **variables) == right, variables
    here.join('run.sh').write('changed')
    assert answers(here, GIT_DIR=other + '/.git') == [own + '-dirty', right[1]]
    inside = tmpdir.join('other').mkdir('unpacked')     # of somebody else's repository
    assert answers(inside) == ['unknown', 'unknown']


def test_a_worktree_a_packed_reference_and_no_git(git, tmpdir):
    own = committed(git, tmpdir.mkdir('own'))
    here, tree = tmpdir.join('own'), tmpdir.join('tree')
    git(here, 'worktree', 'add', '-q', '-b', 'side', str(tree))
    git(here, 'pack-refs', '--all')
    program(tmpdir.mkdir('bin'), 'git', 'exit 127')
    for folder in (here, tree):
        assert answers(folder)[0] == own
        assert answers(folder, PATH=in_front(tmpdir.join('bin')))[0] == own
    git(tree, 'checkout', '-q', '--detach')
    assert answers(tree, PATH=in_front(tmpdir.join('bin')))[0] == own


@pytest.mark.skipif(os.getuid(), reason='only root can give a folder away')
def test_a_checkout_of_another_user(git, tmpdir):
    own = committed(git, tmpdir.mkdir('own'))
    subprocess.check_call(['chown', '-R', '65534', str(tmpdir.join('own'))])
    assert answers(tmpdir.join('own')) == [own, 'https://example.org/own']


def test_a_container_records_what_was_said_outside(tmpdir):
    assert answers(tmpdir, REPRO_CONTAINER='podman', REPRO_COMMIT='abc')[0] == 'abc'


def test_the_front_door_records_the_checkouts_own_commit(run, git, tmpdir):
    committed(git, tmpdir.mkdir('other'))
    said = [run('exec', '--work', tmpdir, 'bash', '-c', 'echo $REPRO_COMMIT', **variables).out
            for variables in ({}, {'GIT_DIR': tmpdir.join('other', '.git')})]
    assert said[0] == said[1] and said[0].strip()


# ------------------------------------------------------------------------------ clean

def test_clean_says_first_what_it_would_remove(run, small, tmpdir):
    before = sorted(os.listdir(str(small)))
    result = run('clean', '--work', small, '--dry-run')
    assert result.status == 0, result.both
    lines = result.out.splitlines()
    assert set(lines) > set('would remove %s' % small.join(n) for n in ('train', 'pred.csv'))
    assert all(os.path.lexists(line[len('would remove '):]) for line in lines)
    assert sorted(os.listdir(str(small))) == before
    home = tmpdir.mkdir('home')
    home.ensure('cpu', '.repro')
    program(tmpdir, 'podman', 'exit 125\n')
    program(tmpdir, 'docker', 'case "$*" in "images "*) echo localhost/dogs-vs-cats-2017-cpu:1;; '
            'rmi*) exit 1;; esac\n')
    result = run('clean', '--dry-run', REPRO_HOME=home, PATH=in_front(tmpdir))
    assert result.out == 'would remove %s\nwould remove localhost/dogs-vs-cats-2017-cpu:1\n' \
        % home.join('cpu')
    assert home.join('cpu').check()


def test_what_a_run_keeps_beside_the_environment_bears_the_mark(tmpdir):
    """Matplotlib's list of fonts lies in home/, though HOME is the work folder's own."""
    folder = tmpdir.join('kept')
    subprocess.check_call(
        ['bash', '-c', 'source "$0/host/setup.sh"; source "$0/host/environment.sh"\n'
         'environment_run cpu "$1" true', ROOT, str(tmpdir.join('work'))],
        env=dict(os.environ, REPRO_HOME=str(folder), REPRO_ROOT=ROOT))
    assert folder.join('home', '.repro').check(), folder.listdir()


def test_clean_finishes_a_run_that_was_refused(run, tmpdir):
    assert run('cpu', '--work', tmpdir.join('new')).status == 4
    assert run('clean', '--work', tmpdir.join('new')).status == 0
    assert tmpdir.listdir() == []


def test_clean_removes_only_what_was_made_here(run, small, tmpdir):
    other = tmpdir.mkdir('other')
    other.join('precious').write('x')
    result = run('clean', '--work', other)
    assert result.status == 4 and other.join('precious').check()
    small.join('notes.txt').write('mine')
    assert run('clean', '--work', small).status == 0
    assert [p.basename for p in small.listdir()] == ['notes.txt']
    home = tmpdir.mkdir('home')
    home.ensure('cpu', '.repro')
    home.ensure('engines', 'openvino', '.repro')
    home.join('precious').write('x')
    # the user's own, by names of this program's; a work folder; a link to an environment
    for name in (('archive', 'notes'), ('logs', 'log'), ('run', '.repro', 'lock')):
        home.ensure(*name)
    home.join('link').mksymlinkto(tmpdir.ensure('elsewhere', '.repro').dirpath())
    home.join('lock').write('mine')
    # and no image of this machine's: this docker has one, and says which it is told to remove
    path = in_front(tmpdir)
    program(tmpdir, 'podman', 'exit 125\n')
    image, log = 'localhost/dogs-vs-cats-2017-cpu:1', tmpdir.join('log')
    program(tmpdir, 'docker', 'case "$*" in "images "*) printf "%%s\\n" mine:1 %s;;\n'
            'rmi*) echo "$@" >>%s;; esac\n' % (image, log))
    result = run('clean', REPRO_HOME=home, PATH=path)
    assert result.status == 0
    assert log.read() == 'rmi %s\n' % image
    assert sorted(p.basename for p in home.listdir()) == [
        'archive', 'engines', 'link', 'lock', 'logs', 'precious', 'run']
    assert not home.join('engines').listdir() and tmpdir.join('elsewhere', '.repro').check()
    assert 'left in %s, since it does not have this program\'s mark: archive ' % home \
        in result.out
    shutil.rmtree(str(home))
    home.ensure('cpu', '.repro')
    home.ensure('lock')
    home.join('precious').write('x')
    assert run('clean', REPRO_HOME=home, PATH=path).status == 0
    assert [p.basename for p in home.listdir()] == ['precious']
