# -*- coding: utf-8 -*-
"""The work folder: a file is the old one or the whole new one, and one run at a time."""
from __future__ import print_function

import errno
import fcntl
import os
import subprocess
import sys

import pytest

from repro.failures import BadInput, InUse
from repro.work import folder


@pytest.fixture
def here(tmpdir):
    with tmpdir.as_cwd():
        yield tmpdir


def names(here):
    return sorted(p.basename for p in here.listdir())


def test_a_file_is_replaced_when_it_is_whole(here):
    here.join('a').write('old')
    with folder.replacing('a', room=3 << 20) as temporary:
        assert not os.path.exists(temporary)        # the room was tried, and given back
        with open(temporary, 'w') as f:
            f.write('new')
        assert here.join('a').read() == 'old' and len(names(here)) == 2
    assert here.join('a').read() == 'new' and names(here) == ['a']


@pytest.mark.parametrize('error', [ValueError, KeyboardInterrupt])
def test_a_file_stays_as_it_was_when_something_fails(here, error):
    here.join('a').write('old')
    with pytest.raises(error):
        with folder.replacing('a') as temporary:
            with open(temporary, 'w') as f:
                f.write('half')
            raise error
    assert here.join('a').read() == 'old' and names(here) == ['a']


def test_room_that_is_not_there_fails_before_the_block(here, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, 'No space left on device')
    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(OSError):
        with folder.replacing('a', room=10):
            assert False, 'the block was entered'
    assert names(here) == []


def test_what_a_killed_run_left_is_swept_and_nothing_else(here):
    here.mkdir('train')
    here.mkdir('elsewhere').join('.b.1.part').write('of another program')
    here.join('test').mksymlinkto(here.join('elsewhere'))       # a user's folder: not looked into
    for name in ('a', '.hidden', 'c.part'):
        here.join(name).write('')
    for name in ('.a.1.part', 'train/.cat.0.jpg.7.part'):
        here.join(name).write('')
    folder.sweep()
    assert names(here) == ['.hidden', 'a', 'c.part', 'elsewhere', 'test', 'train']
    assert here.join('train').listdir() == [] and here.join('elsewhere', '.b.1.part').check()


def test_a_second_run_is_refused_until_the_first_has_ended(here):
    second = [sys.executable, '-c', 'from repro.work import folder\nwith folder.locked(): pass']
    environment = dict(os.environ, PYTHONPATH=os.path.dirname(os.path.dirname(folder.__file__)))
    with folder.locked():
        program = subprocess.Popen(second, env=environment, stderr=subprocess.PIPE)
        assert 'InUse' in program.communicate()[1] and program.returncode == 1
        with pytest.raises(InUse):
            with folder.locked():
                pass
    assert subprocess.call(second, env=environment) == 0


def refusing(number):
    def refuse(*_):
        raise IOError(number, os.strerror(number))
    return refuse


@pytest.mark.parametrize('number', [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_said_to_be_one_and_used(here, monkeypatch, capsys, number):
    monkeypatch.setattr(fcntl, 'flock', refusing(number))
    with folder.locked():
        pass
    said = capsys.readouterr().err
    assert said.count('\n') == 1 and 'has no locks (%s)' % os.strerror(number) in said
    folder.check_idle()
    assert capsys.readouterr().err == ''


@pytest.mark.parametrize('number', [errno.EAGAIN, errno.EACCES])
def test_a_lock_that_is_taken_is_another_run(here, monkeypatch, number):
    folder.make_hidden()
    open(folder.LOCK, 'w').close()
    monkeypatch.setattr(fcntl, 'flock', refusing(number))
    for looked_at in (folder.locked().__enter__, folder.check_idle):
        with pytest.raises(InUse):
            looked_at()


def test_a_folder_that_nobody_uses_is_idle_and_stays_as_it_is(here):
    folder.check_idle()
    assert names(here) == []
    with folder.locked():
        with pytest.raises(InUse) as e:
            folder.check_idle()
    assert 'a run is active' in str(e.value)
    folder.check_idle()


@pytest.mark.parametrize('number', [errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_fsync_is_used(here, monkeypatch, number):
    def refuse(handle):
        raise OSError(number, os.strerror(number))
    monkeypatch.setattr(os, 'fsync', refuse)
    with folder.replacing('a', room=10) as temporary:
        with open(temporary, 'w') as f:
            f.write('whole')
    assert here.join('a').read() == 'whole' and names(here) == ['a']


def test_json_is_utf_8_and_sorted(here):
    value = {u'b': u'\u732b', u'a': [1, 2.5, None]}
    folder.write_json('x.json', value)
    assert folder.read_json('x.json') == value
    text = here.join('x.json').read('rb').decode('utf-8')
    assert u'\u732b' in text and text.index('"a"') < text.index('"b"')


def test_json_that_cannot_be_read_is_named(here):
    here.join('x.json').write('{"a"')
    with pytest.raises(BadInput) as e:
        folder.read_json('x.json')
    assert 'x.json is not JSON' in str(e.value)
    with pytest.raises(BadInput) as e:
        folder.read_json('y.json')
    assert 'y.json cannot be read' in str(e.value)


def test_digests(here):
    here.join('a').write('abc')
    # FIPS 180-2 and RFC 1321
    assert folder.sha256('a').startswith('ba7816bf8f01cfea414140de5dae2223')
    assert folder.digest('a', 'md5') == '900150983cd24fb0d6963f7d28e17f72'
