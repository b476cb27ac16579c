# -*- coding: utf-8 -*-
"""OpenVINO through the front door: the same features, in the same order, or a clear refusal."""
from __future__ import division, print_function

import json

import h5py
import numpy as np
import pytest

from conftest import OPENVINO
from repro.engines.equality import F32_BOUND


def test_every_row_is_tf1s_row(openvino_demo):
    folder = openvino_demo[0]
    with h5py.File(str(folder.join('equality_ResNet50.h5')), 'r') as h:
        at, tf1 = h['rows'][()], h['tf1'][()]
    with h5py.File(str(folder.join('gap_ResNet50.h5')), 'r') as h:
        ours = np.concatenate([h['train'][()], h['test'][()]])
        assert h.attrs['engine'] == 'openvino' and h.attrs['precision'] == 'f32'
        assert (h['train'].shape, h['test'].shape) == ((20, 2048), (6, 2048))
    assert at.tolist() == list(range(26))
    rms = np.sqrt((tf1.astype('float64') ** 2).mean())
    assert 0 < np.abs(ours - tf1).max() < F32_BOUND * rms     # 0 would be tf1's own features
    # rows of other pictures are far away: the bound would see a change of order
    assert np.abs(np.roll(ours, 1, axis=0) - tf1).max() > 100 * F32_BOUND * rms


def test_the_output_names_the_engine_and_what_it_was_measured_against(openvino_demo):
    folder, result = openvino_demo
    assert 'engine openvino f32' in result.out and 'not the article\'s' in result.out
    assert '26 pictures through tf1 and the engine' in result.out
    assert 'bound: max abs at most 0.001 of the rms: held' in result.out
    assert '0 decisions flip' in result.out
    steps = dict((s['step'], s) for s in json.loads(folder.join('run.json').read())['steps'])
    gap = steps['gap ResNet50']
    assert gap['equality']['passed'] is True and gap['equality']['pictures'] == 26
    assert gap['workers'] == 3 and gap['threads'] >= 1
    assert steps['submit']['equality']['flips'] == 0
    assert 'gap ResNet50 by openvino f32' in result.out     # verify's row
    assert not folder.join('.repro').listdir('*.part')


def test_features_of_tf1_are_not_kept_for_another_engine(script, run):
    result = script('''
from repro import engines, gap
print gap.is_finished('ResNet50', engines.start('tf1', [])), \\
    gap.is_finished('ResNet50', engines.start('openvino', [], threads=1, workers=1))
''')
    assert result.out == 'False True\n', result.both


def test_bf16_where_the_processor_has_none(openvino_demo, run):
    with open('/proc/cpuinfo') as f:
        flags = f.read()
    if 'amx_bf16' in flags or 'avx512_bf16' in flags:
        pytest.skip('this processor has bf16')
    result = run(*OPENVINO + ('--precision', 'bf16', '--work', openvino_demo[0]))
    assert result.status == 3, result.both
    assert 'this processor has no bf16' in result.err.splitlines()[-1]
    assert '--precision f32' in result.err.splitlines()[-1]


def test_bf16_follows_its_bound_where_the_processor_has_it(tmpdir, run):
    with open('/proc/cpuinfo') as f:
        flags = f.read()
    if 'amx_bf16' not in flags and 'avx512_bf16' not in flags:
        pytest.skip('this processor has no bf16')
    result = run(*OPENVINO + ('--precision', 'bf16', '--work', tmpdir))
    assert result.status == 0, result.both
    assert 'not meaningful on stand-ins): not judged' in result.out


def test_without_the_wheel(openvino_demo, run):
    result = run('exec', '--work', openvino_demo[0], 'env', 'REPRO_ENGINES=', 'python', '-m',
                 'repro', 'gap', '--networks', 'ResNet50', '--engine', 'openvino')
    assert result.status == 3, result.both
    assert 'the engine openvino is not installed here' in result.err.splitlines()[-1]
    assert '--engine tf1 needs nothing' in result.err.splitlines()[-1]


def test_ten_thousand_batches_leak_nothing_and_errors_are_openvinos_own(script):
    result = script('''
import numpy as np
from keras.layers import Convolution2D, GlobalAveragePooling2D, Input
from keras.models import Model
from repro.engines import Refused, openvino_c
from repro.engines.frozen import freeze

def resident():
    with open('/proc/self/statm') as f:
        return int(f.read().split()[1]) * 4096

core = openvino_c.Core()
inputs = Input((8, 8, 3))
model = Model(inputs, GlobalAveragePooling2D()(Convolution2D(4, 3, 3)(inputs)))
freeze(model, 16, 'tiny.pb')
network = openvino_c.Network(core, core.compile('tiny.pb', 'f32', 1), (16, 8, 8, 3), 4)
pixels = np.random.RandomState(0).randint(0, 256, (16, 8, 8, 3)).astype('uint8')
wanted = model.predict_on_batch(pixels.astype('float32'))
for i in range(10500):
    network.start(pixels)
    if i >= 7:      # more than its requests: some wait
        same, got = network.result()
        assert same is pixels and np.allclose(got, wanted, rtol=1e-4, atol=1e-3), i
    if i == 500:
        before = resident()
print 'grew', (resident() - before) // 2**20, 'MiB'
assert np.allclose(network.infer(pixels[:5]), wanted[:5], rtol=1e-4, atol=1e-3)
network.close()
for i in range(20):     # handles of the whole network, too
    openvino_c.Network(core, core.compile('tiny.pb', 'f32', 1), (16, 8, 8, 3), 4).close()
with open('broken.pb', 'wb') as f:
    f.write('this is no graph')
try:
    core.compile('broken.pb', 'f32', 1)
except Refused as e:
    print e
core.close()
''')
    assert result.status == 0, result.both
    grew, refused = result.out[result.out.index('grew'):].split('\n', 1)  # OpenVINO's has lines
    assert int(grew.split()[1]) <= 8, grew
    assert refused.startswith('OpenVINO, ov_core_read_model: ') and 'no message' not in refused
