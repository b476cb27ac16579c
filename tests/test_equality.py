# -*- coding: utf-8 -*-
"""An engine whose features are not TensorFlow 1.0.1's ends the run, and so does another order."""
from __future__ import division, print_function

import h5py
import numpy as np
import pytest

from repro.engines import equality
from repro.failures import Failure


def features(rows):
    """float32 (rows, 50), as features are: most of them 0 to 1, some 0."""
    values = np.random.RandomState(0).uniform(-.2, 1, (rows, 50)).astype('float32')
    return values.clip(min=0)


def test_differences_are_held_against_the_bound_of_the_precision():
    tf1 = features(8)
    rms = np.sqrt((tf1.astype('float64') ** 2).mean())
    for part, passed in ((.5e-3, True), (2e-3, False)):
        engine = tf1.copy()
        engine[3, 7] += part * rms
        differences = equality.compare(tf1, engine)
        assert abs(differences['max_abs_over_rms'] - part) < 1e-5
        assert equality.judge(dict(differences), 'f32', 'article')['passed'] is passed
        assert equality.judge(dict(differences), 'bf16', 'article')['passed'] is True
        assert equality.judge(dict(differences), 'bf16', 'stand-in')['passed'] is None
    other = equality.compare(tf1, np.roll(tf1, 1, axis=0))
    assert equality.judge(other, 'bf16', 'article')['passed'] is False


def test_rows_in_another_order_are_noticed(tmpdir):
    values, at = features(30), equality.rows(30)
    with tmpdir.as_cwd():
        with h5py.File(equality.filename('ResNet50'), 'w') as h:
            h['rows'], h['engine'] = at, values[at]
        for written, right in ((values, True), (np.roll(values, 1, axis=0), False)):
            with h5py.File('gap_ResNet50.h5', 'w') as h:
                h['train'], h['test'] = written[:20], written[20:]
            if right:
                equality.check_rows('ResNet50')
            else:
                with pytest.raises(Failure) as failure:
                    equality.check_rows('ResNet50')
                assert 'its rows are in another order than the pictures' in str(failure.value)


def test_past_the_bound_it_stops(script):
    result = script('''
import sys
from repro import __main__, gap
from repro.engines import equality
equality.F32_BOUND = 1e-12
sys.exit(__main__.main(['gap', '--networks', 'ResNet50', '--engine', 'openvino']))
''')
    assert result.status == 1, result.both
    assert 'NOT held' in result.out
    assert result.err.splitlines()[-1] == (
        'gap: ResNet50: the features from the engine are not those of TensorFlow 1.0.1: use it in '
        'full precision, or --engine tf1')
    assert not script.folder.join('.repro').listdir('*.part')
