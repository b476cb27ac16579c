# -*- coding: utf-8 -*-
"""The stand-ins: the same bytes everywhere, and nothing that is taken for the real thing."""
from __future__ import print_function

import hashlib
import io
import os
import pickle
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pytest
from PIL import Image

from repro import expected, features, networks
from repro.failures import BadInput
from repro.standin import calibration, features as made_up, pictures, recorded, weights
from repro.standin.drawing import SIZES
from repro.system import processes


@pytest.fixture
def here(tmpdir):
    with tmpdir.as_cwd():
        yield tmpdir


@pytest.mark.parametrize('cls, seed, sha256', [
    (0, pictures.SEED_TRAIN, '3676a3ff6e66516b3dd103771eb6aaae'),
    (1, pictures.SEED_TRAIN + 1, '720aad8fa7f05fa798a81b633dcc7cd1'),
    (0, pictures.SEED_TRAIN + 2, '37083b5a49c9da4206e04acab315341c'),
    (1, pictures.SEED_TRAIN + 3, '5264e68d6552e71153de2ceaf5461efc')])
def test_a_seed_gives_the_same_bytes_everywhere(cls, seed, sha256):
    # recorded from RECIPE 1; expected/demo.json holds one sha256 of all of the demo's pictures
    jpeg = pictures.encode(cls, seed)
    assert hashlib.sha256(jpeg).hexdigest()[:32] == sha256
    assert Image.open(io.BytesIO(jpeg)).size in SIZES


def test_a_drawing_says_what_it_is(here):
    pictures.write(2, 1)
    assert pictures.is_drawn('train/cat.0.jpg') and pictures.is_drawn('test/1.jpg')
    assert pictures.is_drawing_of('train/cat.0.jpg', pictures.SEED_TRAIN)
    assert not pictures.is_drawing_of('train/cat.0.jpg', pictures.SEED_TRAIN + 1)
    Image.open('train/cat.0.jpg').save('again.jpg')
    assert not pictures.is_drawn('again.jpg')
    whole = here.join('train', 'cat.0.jpg').read('rb')
    here.join('train', 'cat.0.jpg').write(whole[:-1], 'wb')
    assert not pictures.is_drawing_of('train/cat.0.jpg', pictures.SEED_TRAIN)


def test_what_is_drawn_is_kept_and_the_rest_is_drawn(here):
    assert pictures.write(4, 2) == {'drawn': 6, 'kept': 0, 'removed': 0}
    assert pictures.write(4, 2) == {'drawn': 0, 'kept': 6, 'removed': 0}
    dog = here.join('train', 'dog.1.jpg').read('rb')
    here.join('train', 'dog.1.jpg').remove()
    assert pictures.write(4, 1) == {'drawn': 1, 'kept': 4, 'removed': 1}
    assert here.join('train', 'dog.1.jpg').read('rb') == dog
    assert here.join('sample_submission.csv').read() == 'id,label\n1,0.5\n'
    here.join('test', '2.jpg').write('mine')
    with pytest.raises(BadInput):
        pictures.write(4, 1)
    assert here.join('test', '2.jpg').read() == 'mine'


def test_classes_are_balanced_and_in_no_order():
    classes = [pictures.test_class(n) for n in range(1, 201)]
    assert sum(classes) == 100
    assert all(a != b for a, b in zip(classes[::2], classes[1::2]))
    assert 30 < sum(classes[::2]) < 70
    seeds = [seed for _, _, seed in pictures.plan(25000, 12500)]
    assert len(set(seeds)) == 37500 and max(seeds) < pictures.SEED_CALIBRATION


def test_weights_that_are_no_stand_ins_are_never_overwritten(here):
    path = here.mkdir('weights').join(networks.TABLE['ResNet50'].weights)
    path.write('of the user')
    assert not weights.is_stand_in(str(path)) and not weights.is_current(str(path))
    with pytest.raises(BadInput):
        weights.make(['ResNet50'])
    assert path.read() == 'of the user'


def test_a_damaged_or_older_stand_in_is_not_taken(here):
    with h5py.File('w.h5', 'w') as h:
        h['layer/kernel'] = np.arange(6.)
        h.attrs['stand_in'] = weights.STAND_IN
        h.attrs['stand_in_recipe'] = weights.RECIPE
    arrays = weights.array_sha256('w.h5')
    with h5py.File('w.h5', 'a') as h:
        h.attrs['stand_in_arrays'] = arrays
    assert weights.is_stand_in('w.h5') and weights.is_current('w.h5')
    with h5py.File('w.h5', 'a') as h:
        h['layer/kernel'][3] = 7
    assert weights.is_stand_in('w.h5') and not weights.is_current('w.h5')
    with h5py.File('w.h5', 'a') as h:
        h['layer/kernel'][3] = 3
        h.attrs['stand_in_recipe'] = weights.RECIPE - 1
    assert not weights.is_current('w.h5')


def test_the_recipe_knows_every_network():
    for facts in (calibration.PICTURES, weights.PATTERN, weights.ALL_POSITIVE_IN):
        assert sorted(facts) == sorted(networks.NAMES)
    assert sorted(weights.LAST) == sorted(networks.EXTRACTION)      # VGG has no normalization


# The arrays' hashes (array_sha256); expected/demo.json has those of the demo's networks.
VGG = {'VGG16': '7a4f919563f831129077a38320dd6c22a5fa86cf072ec41f97f5d55cb02e542c',
       'VGG19': 'db1772f2bb689e1cddc7244c98cda8bbe3792c8afe26c882b1ffc4b9cc0550a6'}
SHA256 = dict(expected.load('demo.json')['weights'], **VGG)
# Another processor's arithmetic, as far as one can be asked for it: libm without FMA and AVX2 (by
# glibc's names before and after 2.33), other kernels of OpenBLAS, one core.
OTHERS = [{}, {'GLIBC_TUNABLES': 'glibc.cpu.hwcaps=-AVX2_Usable,-FMA_Usable,-AVX512F_Usable,'
                                 '-AVX2,-FMA,-FMA4,-AVX512F', 'OPENBLAS_CORETYPE': 'Nehalem',
               'OMP_NUM_THREADS': '1'}]


@pytest.mark.parametrize('network', networks.NAMES)
def test_the_weights_are_the_same_bits_on_every_processor(network, here):
    for variables in OTHERS if network in networks.EXTRACTION else OTHERS[:1]:
        path = here.join('weights', networks.TABLE[network].weights)
        subprocess.check_output(processes.python('repro.standin', 'weights', network),
                                env=dict(os.environ, **variables))
        assert weights.array_sha256(str(path)) == SHA256[network], variables
        path.remove()


@pytest.mark.parametrize('network', ['ResNet50', 'VGG16'])
def test_keras_writes_the_same_layout(network, here):
    """Names, order and shapes of the layers and of their weights, as Keras 1.2.2 saves them."""
    weights.make([network])
    program = ('import sys; from repro.networks import constructor; '
               'constructor(sys.argv[1])[0](weights=None, include_top=False).save_weights("k.h5")')
    subprocess.check_output([sys.executable, '-c', program, network], stderr=subprocess.STDOUT)

    def layout(name):
        with h5py.File(name, 'r') as h:
            return [(layer, [(w, h[layer][w].shape, h[layer][w].dtype)
                             for w in h[layer].attrs['weight_names']])
                    for layer in h.attrs['layer_names']]
    assert layout('weights/' + networks.TABLE[network].weights) == layout('k.h5')


def test_the_record_is_what_is_measured_here(here):
    """Within 8 bits of mantissa, and what another processor's rounding does in 50 layers."""
    subprocess.check_output(processes.python('repro.standin', 'calibrate', 'ResNet50', 'fresh'),
                            stderr=subprocess.STDOUT)
    fresh = recorded.Network(*pickle.loads(here.join('fresh').read('rb')))
    record = recorded.of('ResNet50')
    np.testing.assert_allclose(record.filters, fresh.filters, rtol=0, atol=1e-6)
    assert sorted(record.statistics) == sorted(fresh.statistics)
    for layer, (mean, variance) in fresh.statistics.items():
        np.testing.assert_allclose(record.statistics[layer][1], variance, rtol=5e-3)
        worst = np.abs(record.statistics[layer][0] - mean).max()
        assert worst <= 5e-3 * max(np.abs(mean).max(), np.sqrt(variance.max())), layer


def test_a_record_that_was_changed_is_refused(monkeypatch, tmpdir):
    for name in (recorded.BINARY, recorded.NAMES):
        shutil.copy(os.path.join(expected.EXPECTED, name), str(tmpdir))
    monkeypatch.setattr(expected, 'EXPECTED', str(tmpdir))
    assert len(recorded.of('VGG16').statistics) == 13
    data = tmpdir.join(recorded.BINARY).read('rb')
    tmpdir.join(recorded.BINARY).write(data[:-1] + '\0', 'wb')
    with pytest.raises(BadInput) as e:
        recorded.of('VGG16')
    assert 'is not the file that was recorded' in str(e.value)


def test_rounding_to_16_bits():
    numbers = np.array([1, -1.00390625, 1.0078125, 1.004, 3e38, 1e-30, 0], 'float32')
    again = recorded.widened(recorded.shortened(numbers))
    assert again.tolist()[:4] == [1, -1, 1.0078125, 1.0078125]
    np.testing.assert_allclose(again, numbers, rtol=2. ** -8)


def test_features_are_made_up_alike_and_say_so(here):
    first = here.mkdir('first')
    with first.as_cwd():
        made_up.write(['ResNet50', 'InceptionV3'], 12, 6)
    made_up.write(['ResNet50', 'InceptionV3'], 12, 6)
    for network in ('ResNet50', 'InceptionV3'):
        f = features.check(network, without_pictures=True)
        assert features.kind(f.attributes) == 'stand-in'
        assert f.blocks == features.describe(network, str(first.join(f.path))).blocks
