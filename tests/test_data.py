# -*- coding: utf-8 -*-
"""Pictures that are not the article's, and are taken and named (those refused: tests/faults)."""
from __future__ import print_function

import struct

import pytest
from PIL import Image

import made_up
from repro.evidence import predictions
from repro.failures import BadInput
from repro.inputs import data
from repro.work import record

TRAIN = ['cat.0.jpg', 'cat.1.jpg', 'dog.0.jpg']


@pytest.fixture
def folder(tmpdir):
    """Three training and two test pictures, and their sample_submission.csv."""
    with tmpdir.as_cwd():
        for part, names in (('train', TRAIN), ('test', ['1.jpg', '2.jpg'])):
            for name in names:
                tmpdir.join(part, name).write(made_up.jpeg(), 'wb', ensure=True)
        tmpdir.join('sample_submission.csv').write('id,label\n1,0.5\n2,0.5\n')
        yield tmpdir


def test_any_number_of_pictures_is_taken_and_its_distance_told(folder):
    pictures = data.check()
    assert pictures == {'train': 3, 'test': 2, 'kind': 'partial', 'odd': {}}
    assert list(data.distance(pictures)) == [
        '3 of the article\'s 25,000 training pictures, 2 of its 12,500 test pictures']


def test_what_keras_silently_does_is_told(folder):
    Image.new('L', (20, 20)).save('train/cat.1.jpg')
    pictures = data.check()
    assert pictures['odd'] == {'grey, converted to RGB as Keras does': ['train/cat.1.jpg']}
    assert '1 of the pictures (train/cat.1.jpg): grey' in next(data.distance(pictures))


def with_segment(marker, body):
    """The bytes of a picture with one more segment after its first two bytes."""
    jpeg = made_up.jpeg()
    return jpeg[:2] + marker + struct.pack('>H', len(body) + 2) + body + jpeg[2:]


def test_what_pillow_warns_of_is_told_with_the_pictures_name(folder, recwarn):
    # an EXIF note whose 9,999 bytes are not there; an index without entries
    note = b'Exif\0\0II*\0' + struct.pack('<IHHHIII', 8, 1, 0x9286, 7, 9999, 0x7000, 0)
    index = b'MPF\0MM\0*' + struct.pack('>IHHHIII', 8, 1, 0xb000, 7, 4, 0x30313030, 0)
    folder.join('train', 'cat.0.jpg').write(with_segment(b'\xff\xe1', note), 'wb')
    folder.join('train', 'cat.1.jpg').write(with_segment(b'\xff\xe1', note), 'wb')
    folder.join('test', '2.jpg').write(with_segment(b'\xff\xe2', index), 'wb')
    lines = list(data.distance(data.check()))
    assert lines[:2] == [
        '1 of the pictures (test/2.jpg): Pillow warns "Image appears to be a malformed MPO file", '
        'and they are taken as it decodes them',
        '2 of the pictures (train/cat.0.jpg, ...): Pillow warns "Possibly corrupt EXIF data", '
        'and they are taken as it decodes them']
    assert list(recwarn) == []


@pytest.mark.parametrize('name', ['train', 'test', 'sample_submission.csv'])
def test_a_link_that_leads_nowhere_says_where(folder, name):
    folder.join(name).move(folder.join('other'))
    folder.join(name).mksymlinkto('../data/' + name)
    with pytest.raises(BadInput) as e:
        data.check()
    assert str(e.value) == ('%s is a link that leads nowhere (to ../data/%s): put it back there, '
                            'or lead the link to where it is now (ln -sfn DIR/%s %s)'
                            % ((name,) * 4))
    if name == 'test':      # and verify, which looks for pred.csv's rows there
        record.begin('real')
        record.append('submit', 0, networks=[], rows=2)
        row, = predictions.checks(record.read())
        assert row.what == 'test/' and row.got == str(e.value)
    folder.mkdir('new')
    with pytest.raises(BadInput) as e:
        data.adopt(str(folder))
    assert 'is a link that leads nowhere' in str(e.value)


@pytest.mark.parametrize('name', ['cat.2.gif', 'dog.7.webp'])
def test_what_keras_would_silently_leave_out_is_refused(folder, name):
    folder.join('train', name).write('x')
    with pytest.raises(BadInput) as e:
        data.check()
    assert 'train/%s: Keras 1.2.2 reads jpg, png and bmp' % name in str(e.value)


def test_names_are_sorted_as_strings(folder):
    assert data.numbered(12)[:5] == ['1.jpg', '10.jpg', '11.jpg', '12.jpg', '2.jpg']
    assert data.names('train') == TRAIN
    assert len(data.wanted('train')) == data.TRAIN and len(data.wanted('test')) == data.TEST


def test_the_fingerprint_is_of_names_and_contents(folder):
    before = data.fingerprint()
    folder.join('train', 'cat.0.jpg').setmtime(1000000000)
    assert data.fingerprint() == before
    whole = folder.join('train', 'cat.0.jpg').read('rb')
    folder.join('train', 'cat.0.jpg').write(whole[:-1] + b'x', 'wb')     # of the same size
    changed = data.fingerprint()
    assert changed != before
    folder.join('train', 'cat.0.jpg').write(whole, 'wb')
    folder.join('train', 'cat.1.jpg').rename(folder.join('train', 'cat.2.jpg'))
    assert data.fingerprint() not in (before, changed)


def test_any_weights_are_accepted_when_asked_for_and_named(run, small, tmpdir):
    work = tmpdir.join('real')
    result = run('cpu', '--data', small, '--weights', small.join('weights'), '--work', work,
                 '--any-weights', '--networks', 'ResNet50')
    assert result.status == 0, result.both
    assert 'gap: ResNet50, weights: stand-in' in result.out
    assert 'verify: real run, pictures: stand-in, weights: stand-in' in result.out
    assert '8 of the article\'s 25,000 training pictures' in result.out
    assert 'skipped' in result.out
    assert work.join('pred.csv').check()
    # and another folder's pictures do not replace what was made of these
    before, other = work.join('pred.csv').read(), tmpdir.mkdir('other')
    for name in ('train', 'test', 'sample_submission.csv'):
        other.join(name).mksymlinkto(small.join(name))
    other.join('train').remove()
    other.mkdir('train')
    result = run('cpu', '--data', other, '--work', work, '--any-weights', '--networks', 'ResNet50')
    assert result.status == 5, result.both
    assert 'holds a run on the pictures of %s' % small in result.err.splitlines()[-1]
    assert work.join('pred.csv').read() == before
