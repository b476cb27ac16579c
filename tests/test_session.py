# -*- coding: utf-8 -*-
"""exec --engine tf2: other people's Keras 1.2.2 programs, whose sessions a server holds."""
from __future__ import print_function

import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from conftest import needs_servers, ROOT, Server

pytestmark = needs_servers

# The article's head, with its seeds, on made-up features.
HEAD = '''
import json
import numpy as np
np.random.seed(2017)
from sklearn.utils import shuffle
from keras.layers import Dense, Dropout, Input
from keras.models import Model
X, y = np.random.rand(512, 256).astype('float32'), np.arange(512) % 2
X[y == 1, :9] += .2
X, y = shuffle(X, y)
np.random.seed(2017)
input_tensor = Input(X.shape[1:])
x = Dropout(0.5)(input_tensor)
x = Dense(1, activation='sigmoid')(x)
model = Model(input_tensor, x)
model.compile(optimizer='adadelta', loss='binary_crossentropy', metrics=['accuracy'])
history = model.fit(X, y, batch_size=128, nb_epoch=8, validation_split=0.2, verbose=0).history
for name in sorted(history):
    print name, ' '.join('%.4f' % value for value in history[name])
'''
# Two models of other shapes under the same names, one after the other.
TWICE = '''
import numpy as np
from keras import backend as K
from keras.layers import Dense
from keras.models import Sequential
for width in 3, 5:
    model = Sequential([Dense(width, input_dim=width)])
    model.compile('sgd', 'mse')
    model.set_weights([np.eye(width) * width, np.zeros(width)])
    print model.predict(np.ones((1, width)))[0].tolist()
    K.clear_session()
'''
ENDLESS = '''
import sys
import tensorflow as tf
session, one = tf.Session(), tf.ones((200, 200))
y = tf.matmul(one, one)
session.run(y)
print 'running'
sys.stdout.flush()
while True:
    session.run(y)
'''
NAMED = '''
import sys, time
import tensorflow as tf
v = tf.Variable(float(sys.argv[1]), name='v')
session = tf.Session()
session.run(tf.global_variables_initializer())
for i in range(20):
    assert session.run(v) == float(sys.argv[1])
    time.sleep(.1)
'''
REFUSED = '''
import tensorflow as tf
v = tf.Variable(1.)
for attempt in (lambda: tf.py_func(lambda x: x, [v], tf.float32),
                lambda: tf.train.Saver().save(tf.Session(), 'x'),
                lambda: tf.load_op_library('x.so')):
    try:
        attempt()
    except NotImplementedError as e:
        print e
'''


@pytest.fixture(scope='module')
def server():
    with Server() as server:
        yield server


@pytest.fixture
def there(server, run, tmpdir):
    """there(text): a Python program under exec, with its sessions on the server."""
    def on_the_server(text, *options):
        tmpdir.join('program.py').write(text)
        return run('exec', *(options or ('--engine', 'tf2', '--servers', server.address)) + (
            'python', 'program.py'), cwd=tmpdir)
    return on_the_server


def test_the_head_prints_the_same_numbers(there):
    result = there(HEAD)
    assert result.status == 0, result.both
    assert result.out == there(HEAD, '--order', 'sorted').out       # in this process
    assert len(result.out.splitlines()) == 4


def test_the_demos_head_prints_the_same_numbers(server, demo, run, tmpdir):
    """The article's head, trained on the server: both logs, in every digit that Keras prints."""
    work = tmpdir.join('work')
    shutil.copytree(str(demo[0]), str(work), symlinks=True)
    work.join('history.json').remove()
    result = run('exec', '--engine', 'tf2', '--servers', server.address, '--work', work, 'python',
                 '-m', 'repro', 'head')
    assert result.status == 0, result.both
    here, there = (json.loads(folder.join('history.json').read())['logs']
                   for folder in (demo[0], work))
    printed = [['%s %s %.4f' % (seeding, metric, value) for seeding in sorted(logs)
                for metric in sorted(logs[seeding]) for value in logs[seeding][metric]]
               for logs in (here, there)]
    assert printed[0] == printed[1] and len(printed[0]) == 64


def test_nothing_but_the_seam_is_told(there, server):
    told = there(TWICE).err.splitlines()
    assert told[1:] == [
        'run.sh: TensorFlow sessions are on the server at %s: TensorFlow 2.21.0 on cpu'
        % server.address, 'Using TensorFlow backend.']


def test_clear_session_works_as_in_process(there):
    result = there(TWICE)
    assert result.status == 0, result.both
    assert result.out == '[3.0, 3.0, 3.0]\n[5.0, 5.0, 5.0, 5.0, 5.0]\n'


def program(server, text, folder, *arguments):
    folder.join('program.py').write(text)
    return subprocess.Popen(
        [os.path.join(ROOT, 'run.sh'), 'exec', '--engine', 'tf2', '--servers', server.address,
         'python', 'program.py'] + list(arguments),
        cwd=str(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_two_programs_share_no_variable(server, tmpdir):
    """Variables of one name would be one, were the server's sessions not kept apart."""
    programs = [program(server, NAMED, tmpdir, number) for number in ('1', '2')]
    for each in programs:
        assert each.wait() == 0, each.stderr.read()


def test_what_a_server_cannot_do_is_said(there):
    assert there(REFUSED).out.splitlines() == [
        'tf.py_func does not work with --engine tf2: the server cannot call this process',
        'tf.train.Saver.save does not work with --engine tf2: its files would be the server\'s; '
        'Keras\'s own model.save and load_weights work',
        'tf.load_op_library does not work with --engine tf2: the server has TensorFlow\'s own ops '
        'alone']


@pytest.mark.parametrize('number, why', [(signal.SIGKILL, ''), (signal.SIGSTOP, 'no answer')])
def test_a_lost_server_ends_the_program_with_one_line(tmpdir, number, why):
    with Server() as server:
        running = program(server, ENDLESS, tmpdir)
        assert running.stdout.readline() == 'running\n'
        server.process.send_signal(number)
        start = time.time()
        out, err = running.communicate()
        assert running.returncode == 3 and time.time() - start < 90
        last = err.splitlines()[-1]
        assert last.startswith('run.sh: the server at %s is lost (%s' % (server.address, why))
        assert last.endswith('and with it the session and all that it had learned: start again')
        assert 'Traceback' not in err


def test_a_step_that_is_taken_for_a_repeated_one_is_sent_again():
    """What TensorFlow does to one step in 43,000: servers.repeated."""
    import tensorflow as tf
    from repro.engines import servers
    refusals = ['From /job:local/replica:0/task:0:\nThe same RunGraph (Worker) request was '
                'received twice. graph_handle: "9"'] * 2 + ['Session 7 is not found.']

    def run(number):
        if refusals:
            raise tf.errors.AbortedError(None, None, refusals.pop(0))
        return number

    with pytest.raises(tf.errors.AbortedError) as e:
        servers.repeated(run, 7)
    assert 'not found' in str(e.value) and servers.repeated(run, 7) == 7


CTC = '''
import numpy as np
import keras.backend as K
y = np.random.RandomState(2017).rand(1, 6, 4).astype('f4')
for greedy in (True, False):
    sequences, scores = K.ctc_decode(K.variable(y), K.variable([6]), greedy)
    print map(K.eval, sequences)
'''


def test_ctc_finds_the_same_sequences_and_warns_of_the_scores(there):
    result = there(CTC)
    assert result.out == there(CTC, '--order', 'sorted').out, result.both
    assert result.err.count('other scores than 1.0.1') == 1


def test_several_servers_are_no_session(run, server, tmpdir):
    result = run('exec', '--engine', 'tf2', '--servers', server.address + ',127.0.0.1:9', 'true')
    assert (result.status, result.err.splitlines()[-1]) == (
        2, 'run.sh: exec and shell take one server, which holds the sessions, not 2')
