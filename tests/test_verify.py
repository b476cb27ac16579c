# -*- coding: utf-8 -*-
"""verify turns red for one changed byte, and needs no run for the article's own arithmetic."""
from __future__ import print_function

import os

import h5py
import pytest


def flip(path, offset):
    """Changes one byte of a file."""
    with open(str(path), 'r+b') as f:
        f.seek(offset)
        byte = bytearray(f.read(1))
        f.seek(offset)
        f.write(bytearray([byte[0] ^ 1]))


def features_offset(path, name):
    with h5py.File(str(path), 'r') as h:
        return h[name].id.get_offset() + 4 * 100


def test_green_for_the_small_demo_and_says_that_golden_values_are_not_for_it(run, small):
    result = run('verify', '--work', small)
    assert result.status == 0, result.both
    assert ', 0 FAIL' in result.out
    assert 'skipped' in result.out and 'stand-in' in result.out


@pytest.mark.parametrize('dataset', ['train', 'test'])
def test_one_byte_of_a_feature(run, small, dataset):
    path = small.join('gap_Xception.h5')
    flip(path, features_offset(path, dataset))
    result = run('verify', '--work', small)
    assert result.status == 1, result.both
    assert any('gap_Xception.h5' in line and 'FAIL' in line for line in result.out.splitlines())


def test_one_byte_of_pred_csv(run, small):
    path = small.join('pred.csv')
    flip(path, os.path.getsize(str(path)) - 3)
    result = run('verify', '--work', small)
    assert result.status == 1, result.both
    assert any('pred.csv' in line and 'FAIL' in line for line in result.out.splitlines())


def test_a_golden_value_that_is_off(run, demo, tmpdir):
    # the same run against a doctored expectation, in a process of its own
    script = tmpdir.join('doctored.py')
    script.write('\n'.join([
        'from repro import verify, work',
        'real = work.expected',
        'def expected(name):',
        '    value = real(name)',
        '    if name == "demo.json":',
        '        value["features"]["ResNet50"]["first cat"][0] += 0.5',
        '    return value',
        'work.expected = expected',
        'raise SystemExit(verify.main())']))
    result = run('exec', '--work', demo[0], 'python', script)
    assert result.status == 1, result.both
    red = [line for line in result.out.splitlines() if 'FAIL' in line and '|' in line]
    assert len(red) == 1 and 'ResNet50 features, first cat' in red[0]


def test_a_folder_without_a_run(run, tmpdir):
    result = run('verify', '--work', tmpdir)
    assert result.status == 4
    assert 'run.json is missing' in result.err and len(result.err.splitlines()) == 1


def test_the_article_against_itself_needs_no_environment(run, tmpdir):
    # REPRO_HOME is empty and stays empty: no set-up was done
    result = run('verify', '--article', REPRO_HOME=tmpdir)
    assert result.status == 0, result.both
    assert '1.52' in result.out and '85' in result.out
    assert os.listdir(str(tmpdir)) == []
