# -*- coding: utf-8 -*-
"""Downloads from a server that fails in every way, and files that are recognised."""
from __future__ import print_function

import contextlib
import hashlib
import os
import socket
import subprocess
import sys
from distutils.spawn import find_executable

import pytest

import loopback
from repro import networks
from repro.failures import BadInput, OtherInputs, WrongUsage
from repro.inputs import connection, fetch
from repro.system import machine

DATA = os.urandom(300000)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@pytest.fixture
def here(tmpdir, monkeypatch):
    monkeypatch.chdir(tmpdir)
    monkeypatch.setattr(connection, 'PAUSE', 0)
    for name in list(os.environ):
        if name.lower().endswith('_proxy'):
            monkeypatch.delenv(name)
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
    (['404'], 'answers 404 (Not Found): no such file is there'),
    (['403'], 'answers 403 (Forbidden): it refuses'),
    (['401'], 'answers 401 (Unauthorized): it needs a login'),
    (['429'] * 9, 'answers 429 (too many requests), and nothing came'),
    (['redirect /x.h5'] * 99, 'leads in a circle'),
    (['redirect file:///etc/passwd'], 'to no web address'),
    (['page'], 'a web page came instead of the file (from 127.0.0.1'),
    (['cut 10', 'page'], 'a web page came'),
    (['size 5'], 'has 5 bytes, where 300000 are known to be right'),
    (['size 300001'], 'has 300001 bytes'),
    (['503'] * 9, 'answers 503'),
    (['cut 10'] + ['cut 0'] * 9, 'with 10 bytes here: the same command resumes'),
    (['redirect /nowhere.h5'], 'answers 404')])
def test_one_line_for_what_cannot_be_mended(here, faults, words):
    with pytest.raises(BadInput) as e:
        get(faults, size=len(DATA))
    assert words in str(e.value) and '\n' not in str(e.value)
    assert not here.join('x.h5').check()


def test_a_web_page_costs_nothing_of_what_has_come(here):
    with pytest.raises(BadInput):
        get(['cut 1000', 'page'])
    assert here.join('.repro', 'x.h5.part').size() == 1000
    assert ranges(get([])) == ['bytes=1000-'] and whole(here)


@contextlib.contextmanager
def nobody():
    """HOST:PORT where nobody listens."""
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    yield '127.0.0.1:%d' % s.getsockname()[1]
    s.close()


@contextlib.contextmanager
def silence():
    """HOST:PORT of something that never answers."""
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    s.listen(9)
    yield '127.0.0.1:%d' % s.getsockname()[1]
    s.close()


@pytest.mark.parametrize('peer, url, words', [
    (nobody(), 'http://{}/x.h5', 'no connection to {} (Connection refused), and nothing came'),
    (nobody(), 'http://a.invalid/x.h5', 'no connection to a.invalid: the name does not resolve'),
    (silence(), 'http://{}/x.h5', 'was silent for'),
    (loopback.says(''), 'http://{}/x.h5', 'no connection to {} (No status line'),
    (loopback.says('SSH-2.0-x\r\n'), 'http://{}/x.h5', 'is not a web server'),
    (loopback.says('HTTP/1.1 400 no\r\n\r\n'), 'https://{}/x.h5',
     'does not speak TLS: is it http://')])
def test_each_way_not_to_be_there_has_its_line(here, monkeypatch, peer, url, words):
    monkeypatch.setattr(connection, 'SILENCE', .1)
    with peer as place, pytest.raises(BadInput) as e:
        fetch.download(url.format(place), 'x.h5')
    assert words.format(place) in str(e.value) and '\n' not in str(e.value)
    assert here.join('.repro').listdir() == []


@pytest.mark.parametrize('variable, value, url, words', [
    ('https_proxy', 'socks5://me:secret@{}', 'https://a.invalid/x.h5',
     'https_proxy names a SOCKS proxy, which is not supported here: set https_proxy'),
    ('ALL_PROXY', 'socks5h://{}', 'https://a.invalid/x.h5', 'all_proxy names a SOCKS proxy'),
    ('https_proxy', 'http://me:sec/ret@{}', 'https://a.invalid/x.h5',
     'https_proxy is not the address of an HTTP proxy'),
    ('http_proxy', 'socks4://{}', 'http://a.invalid/x.h5', 'http_proxy names a SOCKS proxy'),
    ('https_proxy', 'http://me:secret@{}', 'https://a.invalid/x.h5',
     'the proxy {} (https_proxy) answers 407 (Proxy Authentication Required): a proxy needs a'),
    ('http_proxy', 'http://{}', 'http://a.invalid/x.h5', 'answers 407'),
    ('https_proxy', 'http://p.invalid:3128', 'https://a.invalid/x.h5',
     'no connection to the proxy p.invalid:3128 (https_proxy): the name does not resolve'),
    ('ALL_PROXY', 'http://127.0.0.1:9', 'https://a.invalid/x.h5',
     'no connection to the proxy 127.0.0.1:9 (all_proxy) (Connection refused)')])
def test_a_proxy_that_does_not_help_is_named(here, monkeypatch, variable, value, url, words):
    with loopback.serve(lambda handler: handler.send(407, 'no')) as server:
        server.refusal = 407
        place = server.url[len('http://'):]
        monkeypatch.setenv(variable, value.format(place))
        with pytest.raises(BadInput) as e:
            fetch.download(url, 'x.h5')
    assert words.format(place) in str(e.value) and 'secret' not in str(e.value)
    assert '\n' not in str(e.value)


def test_a_proxy_for_everything_is_used_and_exceptions_hold(here, monkeypatch):
    with loopback.serve(loopback.files({'http://a.invalid/x.h5': DATA})) as server:
        monkeypatch.setenv('ALL_PROXY', server.url)
        fetch.download('http://a.invalid/x.h5', 'x.h5')
        assert whole(here)
    monkeypatch.setenv('ALL_PROXY', 'socks5://127.0.0.1:9')
    monkeypatch.setenv('no_proxy', '127.0.0.1')
    get([])
    assert whole(here)


@pytest.mark.parametrize('value', [
    'mirror.example/x', 'mirror.example:8080/x', 'http:///x', 'https://h:80a/x',
    'https://me:secret@h/x', 'https://h/a b', 'ftp://h/x', 'file:///x'])
def test_a_mirror_that_is_no_address(monkeypatch, value):
    monkeypatch.setenv('REPRO_X_URL', value)
    with pytest.raises(WrongUsage) as e:
        fetch.address('REPRO_X_URL', 'https://h')
    assert 'REPRO_X_URL=' in str(e.value) and 'secret' not in str(e.value)


@pytest.mark.parametrize('verb', ['weights', 'features'])
def test_a_mirror_is_looked_at_before_anything_is_asked(run, tmpdir, verb):
    result = run(verb, '--work', tmpdir.join('work'),
                 **{'REPRO_%s_URL' % verb.upper(): 'mirror.example/x'})
    assert result.status == 2 and len(result.err.splitlines()) == 1, result.both
    assert 'URL=mirror.example/x is not an address' in result.err


def test_a_disk_that_fills_up_keeps_what_has_come(run, tmpdir):
    work, name = tmpdir.mkdir('work'), networks.TABLE['Xception'].weights
    with loopback.serve(loopback.files({'/v0.4/' + name: DATA})) as server:
        result = run('exec', '--work', work, 'bash', '-c', 'ulimit -f 200; trap "" XFSZ; '
                     'exec python -m repro weights --networks Xception',
                     REPRO_WEIGHTS_URL=server.url, no_proxy='127.0.0.1')
    assert result.status == 4 and 'is full' in result.err.splitlines()[-1], result.both
    assert 'Traceback' not in result.err
    assert work.join('.repro', name + '.part').size() == 200 * 1024


# ------------------------------------------------------------------------- before an environment

PROGRAM = os.path.join(ROOT, 'host', 'python', 'fetch.py')
PYTHONS = [p for p in (sys.executable, find_executable('python3')) if p]


def fetched(python, url, name='x.h5', **environment):
    """(status, stderr) of host/python/fetch.py in the current folder."""
    clean = dict((k, v) for k, v in os.environ.items() if not k.lower().endswith('_proxy'))
    process = subprocess.Popen(
        [python, '-B', PROGRAM, url, hashlib.sha256(DATA).hexdigest(), name],
        env=dict(clean, REPRO_RETRY_PAUSE='0', **environment), stderr=subprocess.PIPE)
    _, err = process.communicate()
    return process.returncode, err.decode('utf-8')


@pytest.mark.parametrize('python', PYTHONS)
@pytest.mark.parametrize('faults, wanted', [
    (['cut 1000'], [None, 'bytes=1000-']),
    (['cut 1000', 'other range'], [None, 'bytes=1000-', 'bytes=1000-']),
    (['429', '500', 'no length'], [None] * 3)])
def test_any_python_goes_on_where_it_was_cut_off(here, python, faults, wanted):
    with loopback.serve(loopback.files({'/x.h5': DATA}, {'/x.h5': faults[:]})) as server:
        assert fetched(python, server.url + '/x.h5') == (0, '')
        assert ranges(server.log) == wanted
    assert here.join('x.h5').read('rb') == DATA


@pytest.mark.parametrize('python', PYTHONS)
@pytest.mark.parametrize('faults, words', [
    (['404'], 'answers 404 (Not Found): no such file is there'),
    (['redirect /x.h5'] * 99, 'leads in a circle'),
    (['redirect file:///etc/passwd'], 'to no web address'),
    (['page'], 'a web page came instead of the file (from 127.0.0.1'),
    (['503'] * 9, 'answers 503'),
    (['cut 10'] + ['cut 0'] * 9, 'with 0 MB here: the same command resumes from there')])
def test_any_python_says_the_same_of_a_server(here, python, faults, words):
    with loopback.serve(loopback.files({'/x.h5': DATA}, {'/x.h5': faults[:]})) as server:
        status, err = fetched(python, server.url + '/x.h5')
    assert status == 4 and words in err and err.count('\n') == 1, err
    assert not here.join('x.h5').check()


@pytest.mark.parametrize('python', PYTHONS)
@pytest.mark.parametrize('peer, url, words', [
    (nobody, 'http://{}/x.h5', 'no connection to {} (Connection refused)'),
    (nobody, 'http://a.invalid/x.h5', 'no connection to a.invalid: the name does not resolve'),
    (lambda: loopback.says('SSH-2.0-x\r\n'), 'http://{}/x.h5', 'is not a web server'),
    (lambda: loopback.says('HTTP/1.1 400 no\r\n\r\n'), 'https://{}/x.h5',
     'does not speak TLS: is it http://')])
def test_any_python_says_the_same_of_what_is_not_there(here, python, peer, url, words):
    with peer() as place:
        status, err = fetched(python, url.format(place))
    assert status == 4 and words.format(place) in err and err.count('\n') == 1, err


@pytest.mark.parametrize('python', PYTHONS)
@pytest.mark.parametrize('variable, value, words', [
    ('https_proxy', 'socks5://me:secret@{}', 'https_proxy names a SOCKS proxy'),
    ('ALL_PROXY', 'socks5h://me:secret@{}', 'all_proxy names a SOCKS proxy'),
    ('https_proxy', 'http://me:sec/ret@{}', 'https_proxy is not the address of an HTTP proxy'),
    ('https_proxy', 'me:secret@{}x', 'https_proxy is not the address of an HTTP proxy'),
    ('https_proxy', 'http:/me:secret@{}', 'https_proxy is not the address of an HTTP proxy'),
    ('https_proxy', 'http://me:secret@{}',
     'the proxy {} (https_proxy) answers 407 (Proxy Authentication Required): a proxy needs a'),
    ('https_proxy', 'http://me:secret@127.0.0.1:9',
     'no connection to the proxy 127.0.0.1:9 (https_proxy) (Connection refused)')])
def test_any_python_names_a_proxy_and_not_its_password(here, python, variable, value, words):
    with loopback.serve(lambda handler: handler.send(407, 'no')) as server:
        server.refusal = 407
        place = server.url[len('http://'):]
        status, err = fetched(python, 'https://a.invalid/x.h5', **{variable: value.format(place)})
    assert status == 4 and words.format(place) in err and err.count('\n') == 1, err
    assert 'sec' not in err.replace('second', '')


@pytest.mark.parametrize('python', PYTHONS)
def test_any_python_trusts_the_ca_that_is_named(here, certificates, python):
    with loopback.serve(loopback.files({'/x.h5': DATA}), certificates, https=True) as server:
        url = server.url + '/x.h5'
        for ca, address, words in (
                (os.devnull, url, 'the server\'s certificate is not trusted here'),
                (certificates['ca'], url.replace('localhost', '127.0.0.1'),
                 'certificate is not trusted here: it is another host\'s')):
            status, err = fetched(python, address, SSL_CERT_FILE=ca)
            assert status == 4 and words in err and err.count('\n') == 1, err
        assert fetched(python, url, SSL_CERT_FILE=certificates['ca']) == (0, '')


@pytest.mark.parametrize('python', PYTHONS)
def test_a_file_that_is_a_web_page_is_taken(here, python):
    def answer(handler):
        handler.send(200, DATA, Content_Type='text/html')
    with loopback.serve(answer) as server:
        assert fetched(python, server.url + '/report.html', 'report.html') == (0, '')
    assert here.join('report.html').read('rb') == DATA


# ----------------------------------------------------------------------------------- what has come

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
