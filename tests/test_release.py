# -*- coding: utf-8 -*-
"""./run.sh features: the author's gap_*.h5, from a server or a folder, and nothing else."""
from __future__ import print_function

import os

import h5py
import numpy as np
import pytest

import loopback
from repro.failures import BadInput
from repro.inputs import release


@pytest.fixture(scope='module')
def released(tmpdir_factory):
    """A file of the author's size and shapes, all zeros but one: no network's, and unmarked."""
    path = tmpdir_factory.mktemp('release').join('gap_ResNet50.h5')
    with h5py.File(str(path)) as h:
        h['train'] = np.zeros((25000, 2048), 'float32')
        h['test'] = np.zeros((12500, 2048), 'float32')
        h['label'] = np.arange(25000, dtype='int32') // 12500
        h['test'][5, 5] = 1
    return path


def test_features_of_the_authors_form_are_fetched_and_recognised(run, released, tmpdir):
    folder = tmpdir.join('work')
    whole = released.read('rb')
    assert len(whole) == release.size()
    content = {'/gap_ResNet50.h5': whole, '/gap_Xception.h5': whole[:1000]}
    arguments = ['features', '--networks', 'ResNet50', '--work', folder]
    with loopback.serve(loopback.files(content, {'/gap_ResNet50.h5': ['cut 9000000']})) as server:
        options = {'REPRO_FEATURES_URL': server.url, 'REPRO_RETRY_PAUSE': '0'}
        result = run(*arguments, **options)
        assert result.status == 0 and 'recorded' in result.out, result.both
        assert [asked for _, _, asked in server.log] == [None, 'bytes=9000000-']
        result = run('features', '--networks', 'Xception', '--work', folder, **options)
        assert result.status == 4 and '1000 bytes, where 307302144' in result.err, result.both
    # one value that is as good as the other: only the sha256 knows
    with h5py.File(str(folder.join('gap_ResNet50.h5')), 'a') as h:
        h['test'][5, 5] = 2
    for again in (arguments, ['cpu', '--features', '--networks', 'ResNet50', '--work', folder]):
        result = run(*again)
        assert result.status == 5 and 'at first sight' in result.err, result.both
    folder.join('gap_ResNet50.h5').remove()
    result = run(*(arguments + ['--from', released.dirpath()]))
    assert result.status == 0 and 'as at first sight' in result.out, result.both


def test_stand_in_features_are_not_taken_for_the_authors(released, monkeypatch):
    # of the right size, too, so that nothing but the file's own word tells them apart
    with h5py.File(str(released), 'a') as h:
        h.attrs['stand_in'] = 'x'
    monkeypatch.setattr(release, 'size', lambda: os.path.getsize(str(released)))
    with pytest.raises(BadInput) as e:
        release.check(str(released), 'ResNet50', 'it')
    assert 'it holds 12500 cats, 12500 dogs and 12500 test rows (stand-in)' in str(e.value)
