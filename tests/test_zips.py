# -*- coding: utf-8 -*-
"""Zips from Kaggle: nothing but the competition's pictures comes out of them, and all of those."""
from __future__ import print_function

import zipfile

import pytest

import made_up
from repro.failures import BadInput
from repro.inputs import data, zips
from repro.work.folder import make_hidden


def test_zips_that_the_user_has(run, tmpdir):
    source, folder = tmpdir.mkdir('source'), tmpdir.join('work')
    result = run('data', '--from', source, '--work', folder)
    assert result.status == 4 and 'train.zip is missing' in result.err, result.both
    with zipfile.ZipFile(str(source.join(zips.COMPETITION + '.zip')), 'w') as z:
        for name, contents in made_up.competition().items():
            z.writestr(name, contents if name != 'train.zip' else
                       made_up.zipped(data.wanted('train') - {'cat.7.jpg'}))
    result = run('data', '--from', source, '--work', folder)
    assert result.status == 4 and len(result.err.splitlines()) == 1, result.both
    assert 'train.zip lacks 1 of' in result.err and 'cat.7.jpg' in result.err
    assert not folder.join('train').check() and not folder.join('test').check()


def lone(name=zips.SUBMISSION, data='id,label\n1,0.5\n'):
    return made_up.zipped([name], data=data)


@pytest.mark.parametrize('name', ['sample_submission.csv.zip', 'sample_submission.csv'])
def test_a_lone_csv_is_unpacked_whatever_kaggle_calls_it(tmpdir, monkeypatch, name):
    monkeypatch.chdir(tmpdir)
    source = tmpdir.mkdir('source')
    for contents, words in ((lone('other.csv'), 'holds no sample_submission.csv'),
                            (lone(data='0' * 2 * 10**6), 'of a likely size')):
        source.join(name).write(contents, 'wb')
        with pytest.raises(BadInput) as e:
            zips.take_submission(str(source))
        assert words in str(e.value)
    source.join(name).write(lone(), 'wb')
    zips.take_submission(str(source))
    assert tmpdir.join(zips.SUBMISSION).read() == 'id,label\n1,0.5\n'
    assert sorted(p.basename for p in tmpdir.listdir()) == [zips.SUBMISSION, 'source']


@pytest.mark.parametrize('at, value, words', [
    (6, b'\1\0', 'encrypted, password required'), (8, b'\x09\0', 'Python 2.7 does not know')])
def test_a_zip_that_cannot_be_read_says_why(tmpdir, at, value, words):
    whole = lone()
    for mark, offset in ((b'PK\3\4', at), (b'PK\1\2', at + 2)):      # both of its headers
        offset += whole.index(mark)
        whole = whole[:offset] + value + whole[offset + 2:]
    tmpdir.join('x.csv.zip').write(whole, 'wb')
    with pytest.raises(BadInput) as e:
        zips.unpacked_submission(str(tmpdir.join('x.csv.zip')))
    assert words in str(e.value) and 'whole' not in str(e.value)


def small(folder, names=('cat.0.jpg', 'cat.1.jpg', 'dog.0.jpg', 'dog.1.jpg'), **changed):
    folder.join('train.zip').write(made_up.zipped(names, 'train/', **changed), 'wb')
    return str(folder.join('train.zip')), 'train', data.wanted('train', 4)


@pytest.mark.filterwarnings('ignore:Duplicate name')
@pytest.mark.parametrize('name, words', [
    ('../cat.9.jpg', 'would leave the folder'), ('/etc/cat.9.jpg', 'would leave the folder'),
    ('..\\cat.9.jpg', 'would leave the folder'), ('cat.2.jpg', 'which the competition\'s does'),
    ('train/cat.0.jpg', 'twice'), ('cow.0.jpg', 'which the competition\'s does not')])
def test_names_that_the_competition_does_not_have(tmpdir, name, words):
    path, part, names = small(tmpdir)
    with zipfile.ZipFile(path, 'a') as z:
        z.writestr(name, 'x')
    with pytest.raises(BadInput) as e:
        zips.check_zip(path, part, names)
    assert words in str(e.value)


def test_a_link_a_bomb_and_a_zip_that_is_none(tmpdir):
    path, part, names = small(tmpdir, ['cat.0.jpg', 'cat.1.jpg', 'dog.0.jpg'])
    link = zipfile.ZipInfo('train/dog.1.jpg')
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, 'a') as z:
        z.writestr(link, '/etc/passwd')
    with pytest.raises(BadInput) as e:
        zips.check_zip(path, part, names)
    assert 'is a link' in str(e.value)

    small(tmpdir, ['cat.0.jpg', 'cat.1.jpg', 'dog.0.jpg'])
    with zipfile.ZipFile(path, 'a', zipfile.ZIP_DEFLATED) as z:
        z.writestr('train/dog.1.jpg', b'\0' * (zips.PICTURE_LIMIT + 1))
    with pytest.raises(BadInput) as e:
        zips.check_zip(path, part, names)
    assert 'would unpack to 20 MB' in str(e.value)

    page = '<!DOCTYPE html><title>Sign in'
    for text in ('', 'not a zip', tmpdir.join('train.zip').read('rb')[:-40], page):
        tmpdir.join('train.zip').write(text, 'wb')
        with pytest.raises(BadInput) as e:
            zips.check_zip(path, part, names)
        assert 'not a whole zip file' in str(e.value)
        assert ('it is a web page: sign in' in str(e.value)) == (text == page)


def test_bytes_that_are_not_what_the_zip_announces(tmpdir, monkeypatch):
    monkeypatch.chdir(tmpdir)
    make_hidden()
    path, part, names = small(tmpdir)
    entries = zips.check_zip(path, part, names)
    whole = tmpdir.join('train.zip').read('rb')
    at = whole.index(made_up.jpeg())
    tmpdir.join('train.zip').write(whole[:at + 30] + b'\xff\xfe' + whole[at + 32:], 'wb')
    with pytest.raises(BadInput) as e:
        zips.unpack(path, part, entries)
    assert 'Bad CRC-32' in str(e.value) and 'cat.0.jpg' in str(e.value)
    # a zip that announces less than comes
    tmpdir.join('train.zip').write(whole, 'wb')
    entries['cat.0.jpg'].file_size -= 1
    with pytest.raises(BadInput) as e:
        zips.unpack(path, part, entries)
    assert 'damaged' in str(e.value)


def test_unpacking_goes_on_and_mends_what_a_power_cut_left(tmpdir, monkeypatch):
    monkeypatch.chdir(tmpdir)
    make_hidden()
    path, part, names = small(tmpdir)
    there = tmpdir.join('.repro').mkdir('train')
    there.join('cat.0.jpg').write(made_up.jpeg(), 'wb')
    there.join('cat.1.jpg').write(b'\0' * len(made_up.jpeg()), 'wb')
    there.join('dog.0.jpg').write('', 'wb')
    there.join('cat.0.jpg').setmtime(1000000000)
    zips.unpack(path, part, zips.check_zip(path, part, names))
    assert sorted(p.basename for p in there.listdir()) == sorted(names)
    assert all(p.read('rb') == made_up.jpeg() for p in there.listdir())
    assert there.join('cat.0.jpg').mtime() == 1000000000    # not written again


def test_pictures_that_cannot_be_decoded_are_named(tmpdir, monkeypatch):
    monkeypatch.chdir(tmpdir)
    make_hidden()
    path, part, names = small(tmpdir, **{'dog.0.jpg': 'no picture',
                                         'cat.1.jpg': made_up.jpeg()[:200]})
    zips.unpack(path, part, zips.check_zip(path, part, names))
    with pytest.raises(BadInput) as e:
        zips.check_pictures(part)
    assert '2 of 4 pictures' in str(e.value)
    assert 'train/cat.1.jpg, train/dog.0.jpg' in str(e.value)
