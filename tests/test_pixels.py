# -*- coding: utf-8 -*-
"""Pictures decoded ahead: the right pixels in the right order, and nothing left behind."""
from __future__ import division, print_function

import pytest


@pytest.mark.parametrize('keep', [False, True])
def test_more_batches_than_are_decoded_ahead(script, keep):
    """Twice through them, as two networks go: in order, and with the right pixels."""
    result = script('''
import glob
import numpy as np
from keras.preprocessing.image import img_to_array, load_img
from repro.engines import pixels
from repro.work.folder import make_hidden
size, first = (40, 30), 3
names = sorted(glob.glob('train/*.jpg'))
batches = [[names[i %% 20], names[(7 * i + 1) %% 20]] for i in range(2 * pixels.WINDOW + 9)]
wanted = dict((n, img_to_array(load_img(n, target_size=size))) for n in names)
make_hidden()
ahead = pixels.Batches(batches, size, 3, keep=%r)
for start in (0, first):
    ahead.begin(start)
    for number in range(start, len(batches)):
        got = ahead.get(number)
        for i, name in enumerate(batches[number]):
            assert (got[i] == wanted[name]).all(), (number, name)
        if number %% 5 == 4 or number + 1 == len(batches):      # the engine holds some of them
            ahead.release(number)
ahead.close()
print 'same', len(batches)
''' % keep)
    assert result.out == 'same 73\n', result.both
    assert not script.folder.join('.repro').listdir('*.part')


def test_a_run_that_was_killed_leaves_no_pixels_to_the_next(script):
    """At full size they are 10 GB."""
    result = script('''
import os, signal
from repro.engines import pixels
from repro.work.folder import make_hidden
make_hidden()
batches = pixels.Batches([['train/cat.0.jpg']], (224, 224), 1, keep=True)
batches.begin(0)
batches.get(0)
os.kill(os.getpid(), signal.SIGKILL)
''')
    assert result.status in (-9, 137), result.both      # 137 where a shell stands between
    assert script.folder.join('.repro').listdir('*.part')
    result = script('from repro.work.folder import sweep; sweep()')
    assert result.status == 0, result.both
    assert not script.folder.join('.repro').listdir('*.part')


def test_a_decoder_that_is_killed_is_reported_with_its_pictures(script):
    script.folder.join('before').write(script.folder.join('gap_ResNet50.h5').read('rb'), 'wb')
    result = script('''
import os, signal, sys
from repro import __main__
from repro.engines import pixels
def killed(slots, size, decoder=pixels.decoder):
    process = decoder(slots, size)
    os.kill(process.pid, signal.SIGSTOP)    # before it can answer
    os.kill(process.pid, signal.SIGKILL)
    return process
pixels.decoder = killed
sys.exit(__main__.main(['gap', '--networks', 'ResNet50', '--engine', 'openvino']))
''')
    assert result.status == 4, result.both
    last = result.err.splitlines()[-1]
    assert 'a decoder died over one of train2/cat/cat.0.jpg' in last
    folder = script.folder
    assert folder.join('before').read('rb') == folder.join('gap_ResNet50.h5').read('rb')
