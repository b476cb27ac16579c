# -*- coding: utf-8 -*-
"""Keras draws from an engine that works ahead: in order, and no exception is lost."""
from __future__ import division, print_function

import h5py
import numpy as np


def test_a_picture_that_breaks_in_the_middle_is_named(script):
    """The check passed, and then the disk lost a picture: Keras's thread must not swallow it."""
    script.folder.join('train', 'dog.3.jpg').write('nothing')
    result = script('''
import sys
from repro import __main__
from repro.engines import equality
equality.SAMPLE = 2
sys.exit(__main__.main(['gap', '--networks', 'ResNet50', '--engine', 'openvino']))
''')
    assert result.status == 4, result.both
    last = result.err.splitlines()[-1]
    assert last.startswith('gap: train2/dog/dog.3.jpg: ') and 'replace the picture' in last
    assert not script.folder.join('.repro').listdir('*.part')


def test_it_goes_on_at_the_batch(script, step):
    """The second of 26 pictures' three batches is not reached; the next run begins with it."""
    folder, kept = script.folder, script.folder.join('kept')
    wanted = folder.join('whole.h5')
    folder.join('gap_ResNet50.h5').move(wanted)
    result = script('''
import sys
from repro import __main__
from repro.engines.flow import Flow
def once(flow, inputs, predict=Flow.predict):
    if flow.collected:
        __main__.interrupt(2, None)
    return predict(flow, inputs)
Flow.predict = once
sys.exit(__main__.main(['gap', '--networks', 'ResNet50', '--engine', 'openvino']))
''', REPRO_COMPILED=kept)
    assert result.status == 130, result.both
    assert 'ResNet50: frozen and compiled in ' in result.out
    assert not folder.join('gap_ResNet50.h5').check()
    result = step(folder, 'gap', '--networks', 'ResNet50', '--engine', 'openvino',
                  before=['env', 'REPRO_COMPILED=%s' % kept])
    assert result.status == 0, result.both
    assert 'ResNet50 resumes after 16 of 26 pictures' in result.out
    assert 'ResNet50: compiled by an earlier run, read in ' in result.out
    arrays = []
    for path in (wanted, folder.join('gap_ResNet50.h5')):
        with h5py.File(str(path), 'r') as h:
            arrays.append([h[name][()] for name in ('train', 'test', 'label')])
    for whole, resumed in zip(*arrays):
        np.testing.assert_array_equal(whole, resumed)
