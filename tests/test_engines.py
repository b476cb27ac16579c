# -*- coding: utf-8 -*-
"""Another engine: the same features, in the same order, or a clear refusal."""
from __future__ import division, print_function

import json
import shutil

import h5py
import numpy as np
import pytest

# 20 and 6 pictures: every batch but the first is short, and the equality sample is all of them.
DEMO = ('demo', '--networks', 'ResNet50', '--train', 20, '--test', 6, '--engine', 'openvino')


@pytest.fixture(scope='module')
def finished(tmpdir_factory, run):
    """(folder, Result) of a small demo by OpenVINO; tests must leave it as it is."""
    folder = tmpdir_factory.mktemp('engine')
    result = run(*DEMO + ('--workers', 3, '--work', folder))
    assert result.status == 0, result.both
    return folder, result


@pytest.fixture
def script(finished, tmpdir, run):
    """script(text): runs Python code in a copy of the finished folder; the copy is `.folder`."""
    def run_script(text, **variables):
        tmpdir.join('script.py').write(text)
        return run('exec', '--work', run_script.folder, 'python', tmpdir.join('script.py'),
                   **variables)
    run_script.folder = tmpdir.join('work')
    shutil.copytree(str(finished[0]), str(run_script.folder), symlinks=True)
    return run_script


def test_every_row_is_tf1s_row(finished):
    folder = finished[0]
    with h5py.File(str(folder.join('equality_ResNet50.h5')), 'r') as h:
        at, tf1 = h['rows'][()], h['tf1'][()]
    with h5py.File(str(folder.join('gap_ResNet50.h5')), 'r') as h:
        ours = np.concatenate([h['train'][()], h['test'][()]])
        assert h.attrs['engine'] == 'openvino' and h.attrs['precision'] == 'f32'
        assert (h['train'].shape, h['test'].shape) == ((20, 2048), (6, 2048))
    assert at.tolist() == list(range(26))
    rms = np.sqrt((tf1.astype('float64') ** 2).mean())
    assert 0 < np.abs(ours - tf1).max() < 1e-3 * rms     # 0 would be tf1's own features
    # rows of other pictures are far away: the bound would see a change of order
    assert np.abs(np.roll(ours, 1, axis=0) - tf1).max() > 100 * 1e-3 * rms


def test_the_output_names_the_engine_and_what_it_was_measured_against(finished):
    folder, result = finished
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
from repro import gap
from repro.folder import make_hidden, sweep
from repro.engines import Options, seam
print gap.is_finished('ResNet50', seam.Tf1()), \\
    gap.is_finished('ResNet50', seam.engine(Options('openvino', 'f32', 1, 1), []))
''')
    assert result.out == 'False True\n', result.both


def test_compiled_networks_are_kept_by_what_decides_them(script, tmpdir):
    result = script('''
import glob, os, time
import numpy as np
from keras.layers import Convolution2D, GlobalAveragePooling2D, Input
from keras.models import Model
from repro.folder import make_hidden
from repro.engines import Options, compiled, seam
make_hidden()
inputs = Input((8, 8, 3))
model = Model(inputs, GlobalAveragePooling2D()(Convolution2D(4, 3, 3)(inputs)))
images = np.random.RandomState(0).randint(0, 256, (16, 8, 8, 3)).astype('uint8')
wanted = model.predict_on_batch(images.astype('float32'))

def kept():
    return glob.glob(os.environ['REPRO_COMPILED'] + '/*')

def features(threads=1, **origin):
    engine = seam.engine(Options('openvino', 'f32', threads, 1), [])
    network = engine.compile(model, 'tiny', dict(engine.origin, picture_set=time.time(), **origin))
    got = network.infer(images)
    assert np.allclose(got, wanted, rtol=1e-4, atol=1e-3)
    network.close()
    print 'kept', len(kept())
    return got

made = features(weights='a')
assert (features(weights='a') == made).all()        # of other pictures, which do not matter
with open(kept()[0], 'r+b') as f:
    f.truncate(1000)
features(weights='a')
features(weights='b')
features(weights='a', threads=2)
compiled.KEPT = 2
features(weights='c')
features(weights='a', threads=2)                    # among the two used last
os.environ['REPRO_COMPILED'] = 'run.json/kept'      # where nothing can be kept
features(weights='a')
''', REPRO_COMPILED=tmpdir.join('a folder', 'kept'))
    assert result.status == 0, result.both
    said = ' '.join(line.split(' in ')[0] for line in result.out.splitlines()
                    if not line.startswith('Converted'))
    new, old = 'gap: tiny: frozen and compiled', 'gap: tiny: compiled by an earlier run, read'
    assert said == ' '.join([new, 'kept 1', old, 'kept 1', new, 'kept 1', new, 'kept 2', new,
                             'kept 3', new, 'kept 2', old, 'kept 2', new, 'kept 0'])


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
        'gap: ResNet50: the engine\'s features are not those of TensorFlow 1.0.1: use '
        '--precision f32 or --engine tf1')
    assert not script.folder.join('.repro').listdir('*.part')


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
from repro.engines import seam
def once(flow, inputs, predict=seam.Flow.predict):
    if flow.collected:
        __main__.interrupt(2, None)
    return predict(flow, inputs)
seam.Flow.predict = once
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


@pytest.mark.parametrize('keep', [False, True])
def test_more_batches_than_are_decoded_ahead(script, keep):
    """Twice through them, as two networks go: in order, and with the right pixels."""
    result = script('''
import glob
import numpy as np
from keras.preprocessing.image import img_to_array, load_img
from repro.folder import make_hidden
from repro.engines import pixels
size, first = (40, 30), 3
names = sorted(glob.glob('train/*.jpg'))
batches = [[names[i %% 20], names[(7 * i + 1) %% 20]] for i in range(2 * pixels.WINDOW + 9)]
wanted = dict((n, img_to_array(load_img(n, target_size=size))) for n in names)
make_hidden()
ahead = pixels.Batches(batches, size, 3, keep=%r)
for begun in (0, first):
    ahead.begin(begun)
    for number in range(begun, len(batches)):
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
from repro.folder import make_hidden
from repro.engines import pixels
make_hidden()
batches = pixels.Batches([['train/cat.0.jpg']], (224, 224), 1, keep=True)
batches.begin(0)
batches.get(0)
os.kill(os.getpid(), signal.SIGKILL)
''')
    assert result.status in (-9, 137), result.both      # 137 where a shell stands between
    assert script.folder.join('.repro').listdir('*.part')
    result = script('from repro.folder import sweep; sweep()')
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


def test_bf16_where_the_processor_has_none(finished, run):
    with open('/proc/cpuinfo') as f:
        flags = f.read()
    if 'amx_bf16' in flags or 'avx512_bf16' in flags:
        pytest.skip('this processor has bf16')
    result = run(*DEMO + ('--precision', 'bf16', '--work', finished[0]))
    assert result.status == 3, result.both
    assert 'this processor has no bf16' in result.err.splitlines()[-1]
    assert '--precision f32' in result.err.splitlines()[-1]


def test_bf16_follows_its_bound_where_the_processor_has_it(tmpdir, run):
    with open('/proc/cpuinfo') as f:
        flags = f.read()
    if 'amx_bf16' not in flags and 'avx512_bf16' not in flags:
        pytest.skip('this processor has no bf16')
    result = run(*DEMO + ('--precision', 'bf16', '--work', tmpdir))
    assert result.status == 0, result.both
    assert 'not meaningful on stand-ins): not judged' in result.out


def test_without_the_wheel(finished, run):
    result = run('exec', '--work', finished[0], 'env', 'REPRO_OPENVINO=', 'python', '-m', 'repro',
                 'gap', '--networks', 'ResNet50', '--engine', 'openvino')
    assert result.status == 3, result.both
    assert 'the engine openvino is not installed here' in result.err.splitlines()[-1]
    assert '--engine tf1 needs nothing' in result.err.splitlines()[-1]


def test_options_of_an_engine_want_that_engine(run, tmpdir):
    for arguments in (('--precision', 'bf16'), ('--threads', 2), ('--workers', 2)):
        result = run('demo', '--work', tmpdir, *arguments)
        assert result.status == 2, result.both
        assert '%s belongs to --engine openvino' % arguments[0] in result.err
    for arguments in (('--engine', 'tf2'), ('--engine', 'openvino', '--precision', 'f16'),
                      ('--engine', 'openvino', '--threads', 0)):
        assert run('demo', '--work', tmpdir, *arguments).status == 2


def test_ten_thousand_batches_leak_nothing_and_errors_are_openvinos_own(script):
    result = script('''
import numpy as np
from keras.layers import Convolution2D, GlobalAveragePooling2D, Input
from keras.models import Model
from repro.engines import openvino
from repro.engines.frozen import freeze

def resident():
    with open('/proc/self/statm') as f:
        return int(f.read().split()[1]) * 4096

core = openvino.Core()
inputs = Input((8, 8, 3))
model = Model(inputs, GlobalAveragePooling2D()(Convolution2D(4, 3, 3)(inputs)))
freeze(model, 16, 'tiny.pb')
network = openvino.Network(core, core.compile('tiny.pb', 'f32', 1), (16, 8, 8, 3), 4)
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
    openvino.Network(core, core.compile('tiny.pb', 'f32', 1), (16, 8, 8, 3), 4).close()
with open('broken.pb', 'wb') as f:
    f.write('this is no graph')
try:
    core.compile('broken.pb', 'f32', 1)
except openvino.Failed as e:
    print e
core.close()
''')
    assert result.status == 0, result.both
    grew, refused = result.out[result.out.index('grew'):].split('\n', 1)  # OpenVINO's has lines
    assert int(grew.split()[1]) <= 8, grew
    assert refused.startswith('OpenVINO, ov_core_read_model: ') and 'no message' not in refused
