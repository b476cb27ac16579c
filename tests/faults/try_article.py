# -*- coding: utf-8 -*-
"""What the article's own program does with each fault of the table.

    ./run.sh exec --work DIR python /path/to/tests/faults/try_article.py [WORD ...]

DIR: a small demo's folder (./run.sh demo --train 8 --test 4).  WORD: only rows whose part and
fault hold it.  The listing runs as it stands, but with ResNet50 alone where it extracts: from
the links on for faults of data and images, from the features on for CSV and features.  What it
prints is where faults_table.py's last column is from.
"""
from __future__ import print_function

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import copies       # noqa: E402
import faults_table as table     # noqa: E402

LINKS = '''
import os
import shutil
train_filenames = os.listdir('train')
train_cat = filter(lambda x:x[:3] == 'cat', train_filenames)
train_dog = filter(lambda x:x[:3] == 'dog', train_filenames)
def rmrf_mkdir(dirname):
    if os.path.exists(dirname):
        shutil.rmtree(dirname)
    os.mkdir(dirname)
rmrf_mkdir('train2')
os.mkdir('train2/cat')
os.mkdir('train2/dog')
rmrf_mkdir('test2')
os.symlink('../test/', 'test2/test')
for filename in train_cat:
    os.symlink('../../train/'+filename, 'train2/cat/'+filename)
for filename in train_dog:
    os.symlink('../../train/'+filename, 'train2/dog/'+filename)
'''
GAP = '''
from keras.models import *
from keras.layers import *
from keras.applications import *
from keras.preprocessing.image import *
import h5py
def write_gap(MODEL, image_size, lambda_func=None):
    width = image_size[0]
    height = image_size[1]
    input_tensor = Input((height, width, 3))
    x = input_tensor
    if lambda_func:
        x = Lambda(lambda_func)(x)
    base_model = MODEL(input_tensor=x, weights='imagenet', include_top=False)
    model = Model(base_model.input, GlobalAveragePooling2D()(base_model.output))
    gen = ImageDataGenerator()
    train_generator = gen.flow_from_directory("train2", image_size, shuffle=False,
                                              batch_size=16)
    test_generator = gen.flow_from_directory("test2", image_size, shuffle=False,
                                             batch_size=16, class_mode=None)
    train = model.predict_generator(train_generator, train_generator.nb_sample)
    test = model.predict_generator(test_generator, test_generator.nb_sample)
    with h5py.File("gap_%s.h5"%MODEL.func_name) as h:
        h.create_dataset("train", data=train)
        h.create_dataset("test", data=test)
        h.create_dataset("label", data=train_generator.classes)
write_gap(%s)
'''
HEAD = '''
import h5py
import numpy as np
from sklearn.utils import shuffle
np.random.seed(2017)
X_train = []
X_test = []
for filename in [%s]:
    with h5py.File(filename, 'r') as h:
        X_train.append(np.array(h['train']))
        X_test.append(np.array(h['test']))
        y_train = np.array(h['label'])
X_train = np.concatenate(X_train, axis=1)
X_test = np.concatenate(X_test, axis=1)
X_train, y_train = shuffle(X_train, y_train)
from keras.models import *
from keras.layers import *
np.random.seed(2017)
input_tensor = Input(X_train.shape[1:])
x = Dropout(0.5)(input_tensor)
x = Dense(1, activation='sigmoid')(x)
model = Model(input_tensor, x)
model.compile(optimizer='adadelta', loss='binary_crossentropy', metrics=['accuracy'])
model.fit(X_train, y_train, batch_size=128, nb_epoch=8, validation_split=0.2, verbose=0)
y_pred = model.predict(X_test, verbose=0)
y_pred = y_pred.clip(min=0.005, max=0.995)
import pandas as pd
from keras.preprocessing.image import *
df = pd.read_csv("sample_submission.csv")
gen = ImageDataGenerator()
test_generator = gen.flow_from_directory("test2", (224, 224), shuffle=False,
                                         batch_size=16, class_mode=None)
for i, fname in enumerate(test_generator.filenames):
    index = int(fname[fname.rfind('/')+1:fname.rfind('.')])
    df.set_value(index-1, 'label', y_pred[i])
df.to_csv('pred.csv', index=None)
'''
ALL = '"gap_ResNet50.h5", "gap_Xception.h5", "gap_InceptionV3.h5"'
# Keras's own get_file, without repro/keras_seams.py
RAW = 'import sys; sys.meta_path[:] = []\n'


def listing(row):
    if row.part in ('data', 'images'):
        return 'import os\nif os.path.exists("gap_ResNet50.h5"): os.remove("gap_ResNet50.h5")\n' \
            + LINKS + GAP.replace('%s)\n', 'ResNet50, (224, 224))\n') \
            + HEAD % '"gap_ResNet50.h5"'
    if row.part == 'weights':
        call = 'Xception, (299, 299)' if 'Xception' in row.fault else 'ResNet50, (224, 224)'
        return RAW + GAP.replace('%s)\n', call + ')\n')
    return HEAD % ALL


def attempt(row, source):
    """Runs the listing with the row's fault -> lines that say what came of it."""
    folder = tempfile.mkdtemp()
    work, new = os.path.join(folder, 'work'), os.path.join(folder, 'new')
    copies.copy(source, work)
    os.remove(os.path.join(work, 'pred.csv'))
    left, group = {}, 0
    try:
        left, group = copies.make(row, work, new)
        left = dict(left, HOME=os.path.join(work, '.repro', 'home'))
        models = os.path.join(left['HOME'], '.keras', 'models')     # where Keras looks for weights
        if not os.path.lexists(models):
            os.symlink('../../../weights', models)
        program = subprocess.Popen([sys.executable, '-c', listing(row)], cwd=work, env=left,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        clock = threading.Timer(150, program.kill)
        clock.start()
        out, err = program.communicate()
        clock.cancel()
        yield 'status %s%s' % (program.returncode, ' (hangs)' * (program.returncode == -9))
        for line in out.splitlines()[:4]:
            yield line
        for line in [e for e in err.splitlines() if e[:1] not in ('', ' ')][-4:]:
            yield line[:300]
        name = os.path.join(work, 'pred.csv')
        if os.path.exists(name):
            with open(name) as f:
                yield 'pred.csv: ' + repr(f.read())
    finally:
        if group:
            try:
                os.killpg(group, signal.SIGKILL)
            except OSError:
                pass
        copies.unmount(folder)
        shutil.rmtree(folder)


def main(words):
    source = os.getcwd()
    for row in table.ROWS:
        if row.part != 'environment' and all(w in row.part + ', ' + row.fault for w in words):
            print(u'== %s: %s'.encode('utf-8') % (row.part, row.fault.encode('utf-8')))
            for line in attempt(row, source):
                print('   ' + line)
            sys.stdout.flush()


if __name__ == '__main__':
    main(sys.argv[1:])
