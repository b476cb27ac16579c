# -*- coding: utf-8 -*-
"""Paths that are not ASCII, as half of this article's readers have them, work in every verb."""
from __future__ import print_function

import shutil

import h5py
import pytest

import made_up
from repro import failures, networks
from repro.failures import BadInput
from repro.inputs import zips
from repro.system import machine

ONE = ['--networks', 'ResNet50']


@pytest.fixture
def folder(small_demo, tmpdir):
    """A copy of the small demo, in a folder of a Chinese name."""
    copy = tmpdir.mkdir(u'\u732b\u72d7\u5927\u6218').join(u'\u6f14\u793a')
    shutil.copytree(str(small_demo[0]), copy.strpath.encode('utf-8'), symlinks=True)
    return copy


def last_line(result, status):
    assert result.status == status and 'Traceback' not in result.err, result.both
    return result.err.splitlines()[-1]


def test_a_demo_verify_and_report_with_a_temporary_folder_of_that_kind(run, folder):
    temporary = folder.mkdir(u'\u4e34\u65f6')
    for arguments in (['demo', '--train', 8, '--test', 4] + ONE, ['verify'], ['report']):
        result = run(*(arguments + ['--work', folder]), TMPDIR=temporary)
        assert result.status == 0, result.both
    assert folder.join('report.html').check()


def test_a_folder_of_another_kind_of_run_is_named(run, folder):
    said = last_line(run('cpu', '--work', folder), 5)
    assert folder.strpath in said and 'holds a demo run' in said
    said = last_line(run('cpu', '--features', '--work', folder), 5)
    assert 'holds a demo run' in said


def test_data_weights_and_from(run, folder, tmpdir):
    real = tmpdir.join(u'\u771f')
    arguments = ['cpu', '--data', folder, '--work', real] + ONE
    assert 'stand-ins' in last_line(run(*arguments), 4)
    said = last_line(run('--weights', folder.join('weights'), *arguments), 4)
    assert folder.strpath in said and 'is a stand-in' in said
    said = last_line(run('--weights', folder, *arguments), 4)
    assert folder.strpath in said and 'is missing' in said
    said = last_line(run('data', '--from', folder, '--work', real.join(u'\u6570\u636e')), 4)
    assert folder.strpath in said and 'train.zip is missing' in said


def test_the_last_steps_where_the_locale_is_not_utf_8(run, folder):
    """CentOS 7 has no C.UTF-8: Python takes file names for ASCII then, and pandas would die."""
    folder.join('pred.csv').remove()
    for name in ('head', 'submit'):
        result = run('exec', '--work', folder, 'env', '-u', 'PYTHONIOENCODING', 'LC_ALL=C',
                     'python', '-m', 'repro', name)
        assert result.status == 0, result.both
    assert folder.join('pred.csv').check()


def test_the_page_says_why_it_has_no_heat_maps(run, folder):
    with h5py.File(folder.join('weights', networks.TABLE['Xception'].weights).strpath
                   .encode('utf-8'), 'w') as h:
        h.attrs['stand_in'] = 'empty'
    said = last_line(run('report', '--work', folder), 1)
    assert said.startswith('report: the page lacks its heat maps (Xception: '), said
    assert folder.join('report.html').check() and folder.join('report.json').check()


def test_messages_that_mix_text_and_paths(tmpdir):
    folder = tmpdir.mkdir(u'\u732b')
    with folder.as_cwd():
        error = OSError(28, 'No space left on device', u'gap_ResNet50.h5')
        assert str(machine.explain(error)).startswith('the work folder is full (gap_ResNet50.h5)')
        error = OSError(13, 'Permission denied', u'/\u732b/x')
        assert str(machine.explain(error)).endswith(
            '(/\xe7\x8c\xab/x): make /\xe7\x8c\xab writable')
    assert str(failures.BadInput(u'\u732b')) == '\xe7\x8c\xab'
    folder.join('train.zip').write(made_up.zipped([u'\u732b.jpg']), 'wb')
    path = folder.join('train.zip').strpath.encode('utf-8')
    with pytest.raises(BadInput) as e:
        zips.check_zip(path, 'train', set(['cat.0.jpg']))
    assert str(e.value).startswith(path + ' holds \xe7\x8c\xab.jpg')
