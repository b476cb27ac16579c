# -*- coding: utf-8 -*-
"""Downloads from a server that fails in every way, and files that are recognised."""
from __future__ import print_function

import hashlib
import os

import pytest

import loopback
from repro import machine
from repro.failures import BadInput, OtherInputs
from repro.inputs import fetch

DATA = os.urandom(300000)


@pytest.fixture
def here(tmpdir, monkeypatch):
    monkeypatch.chdir(tmpdir)
    monkeypatch.setattr(fetch, 'PAUSE', 0)
    return tmpdir


@pytest.fixture(scope='module')
def certificates(tmpdir_factory):
    return loopback.certificates(str(tmpdir_factory.mktemp('ca')), ['localhost'])


def get(faults, size=None, check=None, **options):
    """The server's log after a download of /x.h5 to x.h5 with these faults."""
    with loopback.serve(loopback.files({'/x.h5': DATA, '/y.h5': DATA}, {'/x.h5': faults},
                                       **options)) as server:
        fetch.download(server.url + '/x.h5', 'x.h5', size, check)
        return server.log


def whole(folder):
    return folder.join('x.h5').read('rb') == DATA and folder.join('.repro').listdir() == []


def ranges(log):
    return [r for _, _, r in log]


@pytest.mark.parametrize('faults, wanted', [
    ([], [None]),
    (['cut 1000'], [None, 'bytes=1000-']),
    (['cut 1000', 'cut 5', 'cut 0', '503', 'cut 1'],
     [None] + ['bytes=%d-' % n for n in (1000, 1005, 1005, 1005, 1006)]),
    (['cut 1000', 'no ranges'], [None, 'bytes=1000-']),             # begins again by itself
    (['cut 1000', 'other range'], [None, 'bytes=1000-', 'bytes=1000-']),
    (['429', '500'], [None] * 3),
    (['no length'], [None])])
def test_goes_on_where_it_was_cut_off(here, faults, wanted):
    assert ranges(get(faults)) == wanted
    assert whole(here)


def test_follows_a_redirect_and_keeps_the_range(here):
    here.mkdir('.repro').join('x.h5.part').write(DATA[:77], 'wb')
    log = get(['redirect /y.h5'])
    assert log == [('GET', '/x.h5', 'bytes=77-'), ('GET', '/y.h5', 'bytes=77-')]
    assert whole(here)


def test_another_version_on_the_server_is_not_mixed_in(here):
    with pytest.raises(BadInput):
        get(['cut 1000'] + ['503'] * 9, etag='"old"')
    assert here.join('.repro', 'x.h5.part').size() == 1000
    assert ranges(get([], etag='"new"')) == ['bytes=1000-'] and whole(here)


def test_what_came_whole_before_a_crash_is_not_fetched_again(here):
    here.mkdir('.repro').join('x.h5.part').write(DATA, 'wb')
    assert ranges(get([])) == ['bytes=%d-' % len(DATA)] and whole(here)
    here.join('.repro').join('x.h5.part').write(DATA + 'more', 'wb')
    assert ranges(get([])) == ['bytes=%d-' % (len(DATA) + 4), None] and whole(here)


@pytest.mark.parametrize('faults, words', [
    (['404'], 'answers 404'),
    (['403'], 'answers 403'),
    (['size 5'], 'has 5 bytes, where 300000 are known to be right'),
    (['size 300001'], 'has 300001 bytes'),
    (['503'] * 9, 'answers 503'),
    (['cut 10'] + ['cut 0'] * 9, 'with 10 bytes here: the same command goes on'),
    (['redirect /nowhere.h5'], 'answers 404')])
def test_one_line_for_what_cannot_be_mended(here, faults, words):
    with pytest.raises(BadInput) as e:
        get(faults, size=len(DATA))
    assert words in str(e.value) and '\n' not in str(e.value)
    assert not here.join('x.h5').check()


def test_nobody_listens(here):
    with pytest.raises(BadInput) as e:
        fetch.download('http://127.0.0.1:9/x.h5', 'x.h5')
    assert 'no connection' in str(e.value) and 'refused' in str(e.value)


def test_what_is_refused_is_thrown_away(here):
    def check(path):
        raise BadInput('not this one')
    with pytest.raises(BadInput):
        get([], check=check)
    assert here.listdir() == [here.join('.repro')] and here.join('.repro').listdir() == []


def test_more_than_the_disk_holds(here, monkeypatch):
    monkeypatch.setattr(machine, 'free_bytes', lambda: 1000)
    with pytest.raises(BadInput) as e:
        get([])
    assert 'are free: make room' in str(e.value)


def test_tls_with_a_certificate_that_is_trusted_and_one_that_is_not(here, certificates,
                                                                    monkeypatch):
    with loopback.serve(loopback.files({'/x.h5': DATA}), certificates, https=True) as server:
        monkeypatch.setenv('SSL_CERT_FILE', certificates['ca'])
        fetch.download(server.url + '/x.h5', 'x.h5')
        assert whole(here)
        for ca, host in ((os.devnull, 'localhost'), (certificates['ca'], '127.0.0.1')):
            monkeypatch.setenv('SSL_CERT_FILE', ca)
            with pytest.raises(BadInput) as e:
                fetch.download(server.url.replace('localhost', host) + '/x.h5', 'x.h5')
            assert 'certificate is not trusted' in str(e.value)


def test_a_file_is_recognised_or_refused_the_second_time(here):
    here.join('a').write('one')
    assert fetch.recognise('a') == (hashlib.sha256('one').hexdigest(), False)
    assert fetch.recognise('a')[1]
    here.join('b').write('two')
    fetch.recognise('b')
    assert here.join('SHA256SUMS').read() == ''.join(
        '%s  %s\n' % (hashlib.sha256(t).hexdigest(), n) for n, t in (('a', 'one'), ('b', 'two')))
    here.join('a').write('1')
    with pytest.raises(OtherInputs):
        fetch.recognise('a')
    here.join('SHA256SUMS').write('mine')
    with pytest.raises(BadInput):
        fetch.recognise('a')
