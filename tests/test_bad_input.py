# -*- coding: utf-8 -*-
"""Bad input: one line that names the file, the exit status of the design, nothing half-written."""
from __future__ import print_function

import os
import subprocess
import sys

import h5py
import pytest


def refused(result, status, *words):
    """One line of the program's on stderr, with these words, and this exit status."""
    ours = ('run.sh: file names', 'Using TensorFlow', 'stand-in weights')
    lines = [line for line in result.err.splitlines() if not line.startswith(ours)]
    assert result.status == status, result.both
    assert len(lines) == 1, result.both
    for word in words:
        assert word in lines[0], result.both


def leftovers(folder):
    return [os.path.join(root, n) for root, _, names in os.walk(str(folder)) for n in names
            if n.endswith('.part')]


@pytest.mark.parametrize('name', ['train', 'test'])
def test_a_folder_that_is_missing(small, step, name):
    small.join(name).move(small.join('elsewhere'))
    refused(step(small, 'links'), 4, name + '/ is missing')


@pytest.mark.parametrize('animal', ['cat', 'dog'])
def test_a_class_without_pictures(small, step, animal):
    for path in small.join('train').listdir(animal + '.*'):
        path.remove()
    refused(step(small, 'links'), 4, 'no ' + animal)


@pytest.mark.parametrize('name', ['train/cow.1.jpg', 'train/cat.jpg', 'train/cat.x.jpg',
                                  'test/one.jpg', u'test/\u732b.jpg'])
def test_a_name_that_does_not_parse(small, step, name):
    small.join(name.split('/')[0], '1.jpg' if name[:4] == 'test' else 'cat.0.jpg').copy(
        small.join(name))
    refused(step(small, 'links'), 4, name)


def test_a_file_that_is_no_picture(small, step):
    small.join('train/cat.1.jpg').write('not a picture')
    refused(step(small, 'links'), 4, 'train/cat.1.jpg')


def test_an_empty_file(small, step):
    small.join('test/2.jpg').write('')
    refused(step(small, 'links'), 4, 'test/2.jpg')


def test_a_picture_that_is_cut_off(small, step):
    path = small.join('train/dog.1.jpg')
    whole = path.read('rb')
    path.write(whole[:len(whole) // 2], 'wb')
    refused(step(small, 'links'), 4, 'train/dog.1.jpg', 'truncated')


@pytest.mark.parametrize('text, word', [
    ('id,label\n1,0.5\n2,0.5\n', 'has no row'),                         # too short
    ('id,label\n2,0.5\n1,0.5\n3,0.5\n4,0.5\n', 'line 2'),               # another order
    ('id,label\n1,0.5\n1,0.5\n3,0.5\n4,0.5\n', 'line 3'),               # a duplicate
    ('id;label\n1;0.5\n2;0.5\n3;0.5\n4;0.5\n', 'first line'),           # another delimiter
    ('', 'first line'),
])
def test_a_sample_submission_with_other_ids(small, step, text, word):
    small.join('sample_submission.csv').write(text)
    before = small.join('pred.csv').read('rb')
    refused(step(small, 'submit'), 4, 'sample_submission.csv', word)
    assert small.join('pred.csv').read('rb') == before


def test_more_rows_than_pictures_is_no_fault(small, step):
    small.join('sample_submission.csv').write(
        'id,label\n' + ''.join('%d,0.5\n' % i for i in range(1, 8)))
    result = step(small, 'submit')
    assert result.status == 0, result.both
    assert '3 rows' in result.out
    assert small.join('pred.csv').read().splitlines()[-1] == '7,0.5'


def test_features_of_another_shape(small, step):
    with h5py.File(str(small.join('gap_Xception.h5')), 'a') as h:
        del h['train']
        h.create_dataset('train', data=[[1., 2.]] * 8)
    refused(step(small, 'head'), 4, 'gap_Xception.h5', '(8, 2)')


def test_features_of_another_set_of_pictures(small, step):
    with h5py.File(str(small.join('gap_InceptionV3.h5')), 'a') as h:
        h.attrs['picture_set'] = b'0' * 64
    refused(step(small, 'head'), 5, 'gap_InceptionV3.h5', 'another set of pictures')


def test_pictures_that_changed_after_the_features(small, step):
    small.join('train/cat.0.jpg').copy(small.join('train/cat.9.jpg'))
    refused(step(small, 'head'), 5, 'another set of pictures')


def test_features_that_are_missing_or_cut_off(small, step):
    path = small.join('gap_ResNet50.h5')
    whole = path.read('rb')
    path.write(whole[:1000], 'wb')
    refused(step(small, 'head'), 4, 'gap_ResNet50.h5')
    path.remove()
    refused(step(small, 'head'), 4, 'gap_ResNet50.h5 is missing')


def damage(path):
    with open(str(path), 'r+b') as f:
        f.truncate(5000)


@pytest.mark.parametrize('network, name', [('Xception', 'xception'), ('ResNet50', 'resnet50')])
def test_weights_with_a_wrong_md5(run, small, tmpdir, network, name):
    path = small.join('weights', name + '_weights_tf_dim_ordering_tf_kernels_notop.h5')
    damage(path)
    work = tmpdir.join('real')
    refused(run('cpu', '--data', small, '--weights', small.join('weights'), '--networks', network,
                '--work', work), 4, path.basename, 'md5')
    assert not work.join('gap_%s.h5' % network).check()


def test_weights_that_cannot_be_downloaded(run, small, tmpdir):
    work = tmpdir.join('real')
    result = run('cpu', '--data', small, '--networks', 'ResNet50', '--work', work, '--any-weights',
                 https_proxy='http://127.0.0.1:9', HTTPS_PROXY='http://127.0.0.1:9')
    refused(result, 4, 'resnet50', 'could not be downloaded', '--weights')
    assert work.join('weights').listdir() == []


def test_stand_in_weights_are_refused_in_a_real_run(run, small, tmpdir):
    refused(run('cpu', '--data', small, '--weights', small.join('weights'), '--work',
                tmpdir.join('real')), 4, 'stand-in')


def test_drawn_pictures_are_refused_in_a_real_run(run, small, tmpdir):
    refused(run('cpu', '--data', small, '--work', tmpdir.join('real')), 4, 'stand-ins', '--data')


def test_a_refused_run_leaves_the_record_of_the_one_before(run, small):
    before = small.join('run.json').read()
    refused(run('cpu', '--work', small), 5, 'holds a demo run')
    small.join('test/one.jpg').write('mine')
    refused(run('demo', '--train', 8, '--test', 4, '--work', small), 4, 'test/one.jpg')
    assert small.join('run.json').read() == before


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


def test_a_read_only_work_folder(run, tmpdir):
    # root may write anywhere; a path below a file is unwritable for root too
    tmpdir.join('file').write('')
    result = run('demo', '--work', tmpdir.join('file', 'work'))
    refused(result, 4, 'file/work')


def test_a_full_work_folder(small, step):
    """The file-size limit stands in for a full disk: the write fails in the middle."""
    before = small.join('model.h5').read('rb')
    result = step(small, 'head')  # a first run that works, as the control
    assert result.status == 0, result.both
    limited = ['bash', '-c', 'ulimit -f 8; trap "" XFSZ; exec "$@"', 'limited']
    result = step(small, 'head', before=limited)
    assert result.status == 4, result.both
    assert 'full' in result.err
    assert len(small.join('model.h5').read('rb')) == len(before)
    assert leftovers(small) == []


def test_a_disk_that_cannot_hold_the_features(run, small, tmpdir):
    """A real full disk, where the tests may mount one."""
    disk = tmpdir.mkdir('disk')
    if subprocess.call(['mount', '-t', 'tmpfs', '-o', 'size=4m', 'none', str(disk)],
                       stderr=open(os.devnull, 'w')) != 0:
        pytest.skip('only root may mount a small disk')
    try:
        result = run('demo', '--train', 8, '--test', 4, '--work', disk.join('work'))
        assert result.status == 4 and 'full' in result.err.splitlines()[-1], result.both
        assert leftovers(disk) == []
    finally:
        subprocess.check_call(['umount', str(disk)])


def test_two_runs_in_one_folder(run, small):
    hold = ('import fcntl, sys, time; f = open(sys.argv[1], "w"); fcntl.flock(f, fcntl.LOCK_EX); '
            'print("held"); sys.stdout.flush(); time.sleep(600)')
    holder = subprocess.Popen([sys.executable, '-c', hold, str(small.join('.repro', 'lock'))],
                              stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b'held\n'
        refused(run('demo', '--train', 8, '--test', 4, '--work', small), 5, 'another run')
    finally:
        holder.kill()
        holder.wait()
