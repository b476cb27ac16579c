# -*- coding: utf-8 -*-
"""./run.sh notebook: the article as notebooks, what they keep, the server, and drawings."""
from __future__ import print_function

import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib2

import pytest

import record_notebooks
from conftest import free_port, needs_index, read, ROOT
from programs import in_front, stand_in_docker
from record_notebooks import lasting, names
from repro import expected

pytestmark = needs_index        # Jupyter is in no archive without --with notebook
KEPT = os.path.join(ROOT, 'notebooks')
NUMBER = re.compile(r'-?\d+\.\d+(?:e[-+]?\d+)?')
# What the demo's numbers may differ by on another machine: expected/demo.json has the reasons.
LOSS, ACCURACY = .001, .08


def printed(book):
    """[(cell's number, the text that it printed or showed)] of a notebook, line by line."""
    lines = []
    for number, cell in enumerate(book['cells']):
        for output in cell.get('outputs', ()):
            text = output.get('text') or output['data'].get('text/plain', [])
            lines += [(number, line.rstrip()) for line in u''.join(text).splitlines()]
    return lines


def locked(name):
    """{package: version} of a lock."""
    with open(os.path.join(ROOT, 'requirements', name)) as f:
        return dict(line.split(' ')[0].lower().split('==') for line in f if '==' in line)


# ------------------------------------------------------------------------- what Jupyter changes

def test_jupyter_replaces_nothing_that_the_article_runs_on():
    pinned = dict(locked('base.txt'), **locked('cpu.txt'))
    assert not set(pinned) & set(locked('notebook.txt'))
    assert locked('notebook.txt')['notebook'] == '5.7.16'


# ------------------------------------------------------------------------ from top to bottom

def run_all(run, folder):
    """Runs the notebooks in a folder; returns them."""
    for name in names():
        result = run('notebook', '--work', folder, '--run', name)
        assert result.status == 0, result.both
        assert 'notebook: %s: cell 1 of ' % name in result.out
    return [lasting(record_notebooks.read(str(folder.join(name)))) for name in names()]


@pytest.fixture(scope='module')
def default(run, demo, tmpdir_factory):
    """(folder, [notebook]) of the notebooks, run on the default demo: its features are kept."""
    folder = tmpdir_factory.mktemp('notebooks').join('work')
    shutil.copytree(str(demo[0]), str(folder), symlinks=True)
    return folder, run_all(run, folder)


def test_they_run_from_top_to_bottom_and_keep_the_demos_files(default, demo):
    folder = default[0]
    for name in ('pred.csv', 'history.json', 'validation.csv', 'model.dot'):
        assert folder.join(name).read('rb') == demo[0].join(name).read('rb'), name
    run = json.loads(read(folder, 'run.json'))
    assert run['kind'] == 'demo' and run['finished']
    assert [s['kept'] for s in run['steps'] if s['step'].startswith('gap ')] == [True] * 3


def test_the_numbers_are_those_on_record(default):
    """expected/demo.json: its log and predictions, as the cells show them, and verify's rows."""
    golden, lines = expected.load('demo.json'), [line for _, line in printed(default[1][2])]
    logs = [map(float, NUMBER.findall(line)) for line in lines if line.startswith('51/51 - loss')]
    assert len(logs) == 16
    for log, seeding in ((logs[:8], 'article'), (logs[8:], 'notebook')):
        for epoch, row in enumerate(log):
            for got, column in zip(row, ('loss', 'acc', 'val_loss', 'val_acc')):
                within = LOSS if column.endswith('loss') else ACCURACY
                assert got == pytest.approx(golden['logs'][seeding][column][epoch], abs=within)
    rows = [line for line in lines if line.endswith('| ok')]
    assert len(rows) > 70 and not [line for line in lines if line.endswith('| FAIL')]
    assert len([line for line in rows if ' features, ' in line]) == 24
    assert lines[-3].endswith(': %d ok, 0 FAIL' % len(rows))


def test_the_articles_numbers_stand_beside(default):
    article = expected.article()
    text = '\n'.join(line for _, line in printed(default[1][2]))
    for row in article['log']:
        assert re.search(' +'.join('%.4f' % v for v in row), text), row
    assert '(25000, 6144)' in text


@pytest.mark.parametrize('number', range(3))
def test_what_is_kept_is_what_a_run_prints(default, number):
    """Numbers within the demo's tolerance; hashes and measured differences are a machine's own."""
    kept = record_notebooks.read(os.path.join(KEPT, names()[number]))
    assert [c['source'] for c in kept['cells']] == [c['source']
                                                    for c in default[1][number]['cells']]
    ours, theirs = comparable(printed(kept)), comparable(printed(default[1][number]))
    for (cell, kept_line), (other, line) in zip(ours, theirs):
        assert (cell, words(kept_line)) == (other, words(line))
        for a, b in zip(NUMBER.findall(kept_line), NUMBER.findall(line)):
            assert float(a) == pytest.approx(float(b), abs=ACCURACY), (kept_line, line)
    assert len(ours) == len(theirs) > 20


def comparable(lines):
    """Without what depends on whether features were kept, and on the machine."""
    apart = (r'sha256|off by|is model.h5|^drew|^drawing|^pictures: |stand-in weights|^gap: gap_|'
             r'^Found |^-+ \|')
    return [(cell, line) for cell, line in lines if not re.search(apart, line)]


def words(line):
    return NUMBER.sub('#', line).split()


def test_what_is_kept_can_be_read_anywhere():
    for name in names():
        with io.open(os.path.join(KEPT, name), encoding='utf-8') as f:
            text = f.read()
        assert len(text) < 400000, name
        assert not re.search(r'/var/|/tmp/|/home/|/root|/opt/|\.native|images/s|\d+s - loss',
                             text), name
        book = json.loads(text)
        assert book == lasting(book), name
        codes = [c for c in book['cells'] if c['cell_type'] == 'code']
        assert [c['execution_count'] for c in codes] == list(range(1, len(codes) + 1))
        assert u'替代' in text and 'stand-ins' in text
        assert not [o for c in codes for o in c['outputs'] if o['output_type'] == 'error']


def test_with_other_parameters_a_cell_extracts(run, tmpdir):
    """In a new folder, on 8 and 4 pictures and one network: as a reader would change the cell."""
    work = tmpdir.join('work')
    result = run('notebook', '--work', work, '--run', 'none.ipynb')
    assert (result.status, result.err) == (
        4, 'notebook: --run none.ipynb is missing in the work folder (there: %s)\n'
        % ', '.join(names()))
    name = names()[0]
    work.join(name).write(work.join(name).read('rb')
                          .replace("'ResNet50', 'InceptionV3', 'Xception'", "'ResNet50'")
                          .replace('TRAIN, TEST = 64, 16', 'TRAIN, TEST = 8, 4'), 'wb')
    books = run_all(run, work)
    steps = dict((s['step'], s) for s in json.loads(read(work, 'run.json'))['steps'])
    assert not steps['gap ResNet50']['kept'] and steps['gap ResNet50']['pictures'] == 12
    assert 'gap InceptionV3' not in steps
    assert printed(books[2])[-3][1].endswith('0 FAIL')
    before = [work.join(n).read('rb') for n in names()]
    result = run('notebook', '--work', work, '--run', 'none.ipynb')
    assert result.out == 'notebook: kept as changed here: %s (remove one to get it anew)\n' % name
    # Those that were only run stay, too.
    assert before == [work.join(n).read('rb') for n in names()]


def test_a_cell_that_fails_is_named(run, tmpdir):
    write(tmpdir, 'mine.ipynb', ['print 6 * 7',
                                 'from repro.notebook import cells; cells.required()'])
    result = run('notebook', '--work', tmpdir, '--run', 'mine.ipynb')
    assert result.status == 1
    assert result.err.splitlines()[-1] == 'notebook: mine.ipynb: cell 2 failed (see above)'
    assert 'there is no run in this folder yet: run 1-preprocessing.ipynb first' in result.err
    outputs = record_notebooks.read(str(tmpdir.join('mine.ipynb')))['cells'][0]['outputs']
    assert outputs[0]['text'] == ['42\n']


def write(folder, name, cells):
    book = {'cells': [{'cell_type': 'code', 'execution_count': None, 'metadata': {}, 'outputs': [],
                       'source': source} for source in cells],
            'metadata': record_notebooks.KERNEL, 'nbformat': 4, 'nbformat_minor': 2}
    record_notebooks.write(str(folder.join(name)), book)


# ---------------------------------------------------------------------- a notebook of one's own

THEIRS = ['''
from keras.models import *
from keras.layers import *
from keras.applications import *
from keras.preprocessing.image import *
import h5py
import numpy as np
''', '''
picture = Input((224, 224, 3))
network = ResNet50(input_tensor=picture, weights='imagenet', include_top=False)
extractor = Model(network.input, GlobalAveragePooling2D()(network.output))
batches = ImageDataGenerator().flow_from_directory('train2', (224, 224), shuffle=False,
                                                   batch_size=16)
found = extractor.predict_generator(batches, batches.nb_sample)
with h5py.File('theirs.h5') as h:
    h.create_dataset('train', data=found)
print found.shape
''', '''
vector = Input(found.shape[1:])
out = Dense(1, activation='sigmoid')(Dropout(0.5)(vector))
small = Model(vector, out)
small.compile(optimizer='adadelta', loss='binary_crossentropy', metrics=['accuracy'])
''', '''
import IPython.display
from keras.utils import visualize_util
graph = visualize_util.model_to_dot(small, show_shapes=True)
IPython.display.SVG(graph.create(prog='dot', format='svg'))
''', '''
%matplotlib inline
import matplotlib.pyplot as plt
plt.plot(small.fit(found, batches.classes, nb_epoch=2, verbose=0).history['loss'])
plt.show()
''']


def test_a_notebook_like_the_authors_runs_drawings_included(run, small):
    before = small.join('gap_ResNet50.h5').read('rb')
    write(small, 'theirs.ipynb', THEIRS)
    result = run('notebook', '--work', small, '--run', 'theirs.ipynb')
    assert result.status == 0, result.both
    cells = record_notebooks.read(str(small.join('theirs.ipynb')))['cells']
    assert '(8, 2048)\n' in u''.join(o.get('text', [''])[0] for o in cells[1]['outputs'])
    drawing = [o for o in cells[3]['outputs'] if 'data' in o][0]['data']['image/svg+xml']
    assert 'dropout_1' in u''.join(drawing) and '2048' in u''.join(drawing)
    assert [o for o in cells[4]['outputs'] if 'image/png' in o.get('data', {})]
    assert small.join('gap_ResNet50.h5').read('rb') == before


def test_a_drawing_of_pixels_is_refused_in_a_line():
    home = os.environ.get('REPRO_HOME', os.path.join(ROOT, '.native'))
    p = subprocess.Popen(['python', os.path.join(ROOT, 'repro', 'notebook', 'dot.py'), '-Tpng'],
                         env=dict(os.environ, REPRO_HOME=home), stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = p.communicate('digraph {a -> b}')
    assert (p.returncode, out) == (4, '')
    assert err.splitlines()[-1] == ('dot: no png of this graph (svg, ps, dot, plain and json are '
                                    'here, png is not)')


# ----------------------------------------------------------------------------------- the server

class Served(object):
    """A `with` around ./run.sh notebook on a free port: its address and its token."""

    def __init__(self, work):
        self.work, self.port = work, free_port()

    def __enter__(self):
        self.process = subprocess.Popen(
            [os.path.join(ROOT, 'run.sh'), 'notebook', '--work', str(self.work), '--port',
             str(self.port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.line = self.process.stdout.readline()
        while self.line and 'token=' not in self.line:
            self.line = self.process.stdout.readline()
        assert self.line, self.process.stderr.read()
        self.token = self.line.split('token=')[1].strip()
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()

    def ask(self, path, token='', host=None, data=None):
        """(status, body) of a request."""
        headers = {'Authorization': 'token ' + token} if token else {}
        if host:
            headers['Host'] = host
        request = urllib2.Request('http://127.0.0.1:%d%s' % (self.port, path), data, headers)
        opener = urllib2.build_opener(urllib2.ProxyHandler({}))
        try:
            answer = opener.open(request, timeout=20)
        except urllib2.HTTPError as e:
            answer = e
        return answer.getcode(), answer.read()


@pytest.fixture
def served(tmpdir):
    with Served(tmpdir.join('work')) as server:
        yield server


def test_who_has_no_token_gets_nothing(served):
    assert served.line == 'notebook: http://127.0.0.1:%d/?token=%s\n' % (served.port, served.token)
    assert len(served.token) == 48
    for token in ('', 'x' * 48):
        assert served.ask('/api/contents', token)[0] == 403
        assert served.ask('/api/kernels', token, data='{}')[0] == 403
    status, body = served.ask('/api/contents', served.token)
    found = [entry['name'] for entry in json.loads(body)['content']]
    assert status == 200 and set(names()) <= set(found) and 'kaggle.ipynb' not in found
    # A page of a stranger's, whose name leads to this machine (DNS rebinding)
    assert served.ask('/api/contents', served.token, host='evil.example')[0] == 403


def test_it_listens_on_loopback_alone(served, run, tmpdir):
    sockets = subprocess.check_output(['cat', '/proc/net/tcp', '/proc/net/tcp6'])
    listening = [line.split()[1] for line in sockets.splitlines()
                 if line.split()[1].endswith(':%04X' % served.port) and line.split()[3] == '0A']
    assert listening == ['0100007F:%04X' % served.port]
    result = run('notebook', '--work', tmpdir.join('other'), '--port', served.port)
    assert (result.status, result.err) == (
        4, 'notebook: port %d is taken: name another with --port\n' % served.port)


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_its_kernels(served, number):
    status, body = served.ask('/api/kernels', served.token, data='{}')
    assert status == 201, body
    for _ in range(100):
        kernels = children(served.process.pid)
        if kernels:
            break
        time.sleep(.1)
    assert len(kernels) == 1
    served.process.send_signal(number)
    assert served.process.wait() == 0
    assert served.process.stdout.read().endswith('notebook: ended, and so are its kernels\n')
    assert not os.path.exists('/proc/%d' % kernels[0])
    with pytest.raises(socket.error):
        socket.create_connection(('127.0.0.1', served.port), 1)
    left = [os.path.join(root, f) for root, _, files in os.walk(str(served.work)) for f in files
            if served.token in open(os.path.join(root, f)).read()]
    assert left == []


def children(pid):
    out = subprocess.Popen(['ps', '-o', 'pid=,args=', '--ppid', str(pid)],
                           stdout=subprocess.PIPE).communicate()[0]
    return [int(line.split()[0]) for line in out.splitlines() if 'ipykernel' in line]


# ----------------------------------------------------------------------------------- containers

def test_in_a_container_one_port_is_published_on_loopback_and_the_walls_stay(run, tmpdir):
    path = in_front(tmpdir)
    stand_in_docker(tmpdir)
    for options, port in (([], 8888), (['--port', 9000], 9000)):
        result = run('notebook', '--dry-run', '--runtime', 'docker', '--work',
                     tmpdir.join('work'), *options, PATH=path)
        assert result.status == 0, result.both
        command = result.out.splitlines()[-1]
        for wall in ('--read-only', '--cap-drop ALL', '--security-opt no-new-privileges',
                     '--user=%d:%d' % (os.getuid(), os.getgid()),
                     '-p 127.0.0.1:%d:%d' % (port, port)):
            assert ' %s ' % wall in command, command
        assert command.count(' -p ') == 1 and command.count('--mount') == 1
        assert '--network' not in command
    result = run('notebook', '--dry-run', '--runtime', 'docker', '--work', tmpdir.join('work'),
                 '--run', 'x.ipynb', PATH=path)
    assert ' --network none ' in result.out and ' -p 127' not in result.out
