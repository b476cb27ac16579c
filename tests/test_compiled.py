# -*- coding: utf-8 -*-
"""Compiled networks are kept for the next run, by what decides them."""


def test_compiled_networks_are_kept_by_what_decides_them(script, tmpdir):
    result = script('''
import glob, os, time
import numpy as np
from keras.layers import Convolution2D, GlobalAveragePooling2D, Input
from keras.models import Model
from repro import engines
from repro.engines import compiled
from repro.work.folder import make_hidden
make_hidden()
inputs = Input((8, 8, 3))
model = Model(inputs, GlobalAveragePooling2D()(Convolution2D(4, 3, 3)(inputs)))
images = np.random.RandomState(0).randint(0, 256, (16, 8, 8, 3)).astype('uint8')
wanted = model.predict_on_batch(images.astype('float32'))

def kept():
    return glob.glob(os.environ['REPRO_COMPILED'] + '/*')

def features(threads=1, **origin):
    engine = engines.start('openvino', [], threads=threads, workers=1)
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
