# -*- coding: utf-8 -*-
"""Weights and released features: from a server that fails in every way, or from a folder."""
from __future__ import print_function

import hashlib
import os

import h5py
import numpy as np
import pytest

import loopback
from repro import machine
from repro.failures import BadInput, OtherInputs
from repro.inputs import features, fetch, weights

DATA = os.urandom(300000)
WHOLE = [('GET', '/x.h5', None)]


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


# -------------------------------------------------------------------------------- ./run.sh weights

NAME = weights.FILE['Xception']
PATH = '/v0.4/' + NAME


def test_the_addresses_are_those_of_keras():
    from keras.applications import inception_v3, resnet50, vgg16, vgg19, xception
    for network, module in (('ResNet50', resnet50), ('InceptionV3', inception_v3),
                            ('Xception', xception), ('VGG16', vgg16), ('VGG19', vgg19)):
        assert weights.url(network) == module.TF_WEIGHTS_PATH_NO_TOP


def test_weights_that_are_not_the_articles(run, tmpdir):
    work_folder, source = tmpdir.join('work'), tmpdir.mkdir('source')
    source.join(NAME).write('something else')
    with loopback.serve(loopback.files({PATH: 'something else'})) as server:
        options = {'REPRO_WEIGHTS_URL': server.url, 'REPRO_RETRY_PAUSE': '0'}
        for arguments in ([], ['--from', source]):
            result = run('weights', '--networks', 'Xception', '--work', work_folder, *arguments,
                         **options)
            assert result.status == 4 and len(result.err.splitlines()) == 1, result.both
            assert 'not the article\'s b0042744' in result.err
            assert work_folder.join('weights').listdir() == []
        result = run('weights', '--networks', 'VGG16', '--work', work_folder, **options)
        assert result.status == 4 and server.url + '/v0.1/vgg16' in result.err
        assert 'answers 404' in result.err
    result = run('weights', '--networks', 'VGG16', '--work', work_folder, '--from', source)
    assert result.status == 4 and 'vgg16' in result.err and '--from' in result.err


def test_weights_are_fetched_kept_and_recognised(run, tmpdir):
    # nobody has the article's files here: the same program with another expected md5
    script = tmpdir.join('doctored.py')
    script.write('\n'.join([
        'from repro.inputs import weights',
        'weights.MD5[%r] = %r' % (NAME, hashlib.md5(DATA).hexdigest()),
        'from repro.__main__ import main',
        'raise SystemExit(main(["get", "weights", "--networks", "Xception"]))']))
    folder = tmpdir.join('work')
    with loopback.serve(loopback.files({PATH: DATA}, {PATH: ['cut 100']})) as server:
        for word in ('recorded', 'as at first sight'):
            result = run('exec', '--work', folder, 'python', script, REPRO_RETRY_PAUSE='0',
                         REPRO_WEIGHTS_URL=server.url)
            assert result.status == 0 and word in result.out, result.both
        assert server.log == [('GET', PATH, None), ('GET', PATH, 'bytes=100-')]
    assert folder.join('weights', NAME).read('rb') == DATA
    assert folder.join('weights', 'SHA256SUMS').read().split() == [
        hashlib.sha256(DATA).hexdigest(), NAME]


# ------------------------------------------------------------------------------- ./run.sh features

@pytest.fixture(scope='module')
def release(tmpdir_factory):
    """A file of the author's size and shapes, all zeros but one: no network's, and unmarked."""
    path = tmpdir_factory.mktemp('release').join('gap_ResNet50.h5')
    with h5py.File(str(path)) as h:
        h['train'] = np.zeros((25000, 2048), 'float32')
        h['test'] = np.zeros((12500, 2048), 'float32')
        h['label'] = np.arange(25000, dtype='int32') // 12500
        h['test'][5, 5] = 1
    return path


def test_features_of_the_authors_form_are_fetched_and_recognised(run, release, tmpdir):
    folder = tmpdir.join('work')
    whole = release.read('rb')
    assert len(whole) == features.released_size()
    content = {'/gap_ResNet50.h5': whole, '/gap_Xception.h5': whole[:1000]}
    arguments = ['features', '--networks', 'ResNet50', '--work', folder]
    with loopback.serve(loopback.files(content, {'/gap_ResNet50.h5': ['cut 9000000']})) as server:
        options = {'REPRO_FEATURES_URL': server.url, 'REPRO_RETRY_PAUSE': '0'}
        result = run(*arguments, **options)
        assert result.status == 0 and 'recorded' in result.out, result.both
        assert ranges(server.log) == [None, 'bytes=9000000-']
        result = run('features', '--networks', 'Xception', '--work', folder, **options)
        assert result.status == 4 and '1000 bytes, where 307302144' in result.err, result.both
    # one value that is as good as the other: only the sha256 knows
    with h5py.File(str(folder.join('gap_ResNet50.h5')), 'a') as h:
        h['test'][5, 5] = 2
    for again in (arguments, ['cpu', '--features', '--networks', 'ResNet50', '--work', folder]):
        result = run(*again)
        assert result.status == 5 and 'at first sight' in result.err, result.both
    folder.join('gap_ResNet50.h5').remove()
    result = run(*(arguments + ['--from', release.dirpath()]))
    assert result.status == 0 and 'as at first sight' in result.out, result.both


def test_stand_in_features_are_not_taken_for_the_authors(run, release, tmpdir):
    with h5py.File(str(release), 'a') as h:
        h.attrs['stand_in'] = 'x'
    result = run('features', '--networks', 'ResNet50', '--from', release.dirpath(), '--work',
                 tmpdir.join('work'))
    assert result.status == 4 and ('stand-in' in result.err or 'bytes' in result.err), result.both
    assert not tmpdir.join('work', 'gap_ResNet50.h5').check()
