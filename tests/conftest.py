# -*- coding: utf-8 -*-
"""The front door and the runs that several tests look at.

`demo` is one default demo, made through ./run.sh and shared by all tests that read it; `small`
is a demo of 8 and 4 pictures for tests that change things or run other programs.
"""
from __future__ import print_function

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys

import pytest

try:
    from urllib import unquote
except ImportError:
    from urllib.parse import unquote

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Result(object):
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def both(self):
        return 'status %d\n%s\n%s' % (self.status, self.out, self.err)


def encoded(value):
    """Bytes for the command line; py.path's own str() dies of non-ASCII names in Python 2."""
    value = getattr(value, 'strpath', value)
    return value.encode('utf-8') if isinstance(value, type(u'')) else str(value)


def front_door(*arguments, **options):
    """./run.sh with these arguments.  cwd: a folder; other options are environment variables.

    A value of None removes the variable.  The page of a run takes as long as a small demo: only
    runs whose page is looked at make one.
    """
    cwd = options.pop('cwd', None)
    environment = dict(os.environ, REPRO_NO_REPORT='1')
    for name, value in options.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = encoded(value)
    program = subprocess.Popen([os.path.join(ROOT, 'run.sh')] + [encoded(a) for a in arguments],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               stdin=open(os.devnull), env=environment, cwd=cwd and encoded(cwd))
    out, err = program.communicate()
    return Result(program.returncode, out.decode('utf-8'), err.decode('utf-8'))


@pytest.fixture(scope='session')
def run():
    return front_door


@pytest.fixture(scope='session')
def demo(tmpdir_factory):
    """(folder, Result) of a default demo; tests must leave the folder as it is."""
    folder = tmpdir_factory.mktemp('demo')
    result = front_door('demo', '--work', folder, REPRO_NO_REPORT=None)
    return folder, result


@pytest.fixture(scope='session')
def small_demo(tmpdir_factory):
    """(folder, Result) of a demo with 8 and 4 pictures; tests must leave it as it is."""
    folder = tmpdir_factory.mktemp('small')
    result = front_door('demo', '--train', 8, '--test', 4, '--work', folder)
    assert result.status == 0, result.both
    return folder, result


def read(folder, name):
    with io.open(str(folder.join(name)), encoding='utf-8') as f:
        return f.read()


@pytest.fixture(scope='session')
def page(demo):
    """The default demo's report.html."""
    return read(demo[0], 'report.html')


@pytest.fixture(scope='session')
def numbers(demo):
    """The default demo's report.json."""
    return json.loads(read(demo[0], 'report.json'))


def features_run(folder, train, test):
    """(report.json, report.html) of a run on stand-in features, with two other seeds."""
    from repro.standin import features
    with folder.as_cwd():
        features.write(['ResNet50', 'InceptionV3', 'Xception'], train, test)
    result = front_door('cpu', '--features', '--seeds', 2, '--work', folder, REPRO_NO_REPORT=None)
    assert result.status == 0, result.both
    return json.loads(read(folder, 'report.json')), read(folder, 'report.html')


@pytest.fixture(scope='session')
def without_pictures(tmpdir_factory):
    """(folder, report.json, report.html) of such a run with 1,000 and 300 pictures."""
    folder = tmpdir_factory.mktemp('features')
    return (folder,) + features_run(folder, 1000, 300)


@pytest.fixture
def small(small_demo, tmpdir):
    """A copy of the small demo's folder, to be changed at will."""
    copy = str(tmpdir.join('work'))
    shutil.copytree(str(small_demo[0]), copy, symlinks=True)
    return tmpdir.join('work')


# By OpenVINO, 20 and 6 pictures: all batches but the first are short, and the equality sample is
# all of them.
OPENVINO = ('demo', '--networks', 'ResNet50', '--train', 20, '--test', 6, '--engine', 'openvino')


@pytest.fixture(scope='session')
def openvino_demo(tmpdir_factory):
    """(folder, Result) of a small demo by OpenVINO; tests must leave it as it is."""
    folder = tmpdir_factory.mktemp('openvino')
    result = front_door(*OPENVINO + ('--workers', 3, '--work', folder))
    assert result.status == 0, result.both
    return folder, result


@pytest.fixture
def script(openvino_demo, tmpdir):
    """script(text): runs Python code in a copy of OpenVINO's demo; the copy is `.folder`."""
    def run_script(text, **variables):
        tmpdir.join('script.py').write(text)
        return front_door('exec', '--work', run_script.folder, 'python', tmpdir.join('script.py'),
                          **variables)
    run_script.folder = tmpdir.join('work')
    shutil.copytree(str(openvino_demo[0]), str(run_script.folder), symlinks=True)
    return run_script


def can_become_another_user():
    """Root alone does not suffice: a container takes the capability from it."""
    return not subprocess.call([sys.executable, '-c', 'import os; os.setuid(65534)'],
                               stderr=open(os.devnull, 'w'))


needs_other_users = pytest.mark.skipif('not __import__("conftest").can_become_another_user()',
                                       reason='this user cannot become another')


def servers_can_start():
    """Whether a TensorFlow server can be had: an image has no Python 3, an archive no TensorFlow
    unless it was made with it."""
    result = front_door('serve', '--device', 'cpu', '--dry-run')
    return result.status == 0 and (packages_can_come() or in_archive('tensorflow_cpu-'))


needs_servers = pytest.mark.skipif('not __import__("conftest").servers_can_start()',
                                   reason='no CPython 3.11 to 3.13 is here, or no TensorFlow 2')


def packages_can_come():
    """Whether an index may be asked: ./run.sh --archive DIR test has none."""
    return not os.environ.get('PIP_NO_INDEX')


def in_archive(prefix):
    """Whether the folder in an index's place has such a file."""
    folder = unquote(os.environ.get('PIP_FIND_LINKS', '').replace('file://', ''))
    return os.path.isdir(folder) and any(n.startswith(prefix) for n in os.listdir(folder))


needs_index = pytest.mark.skipif('not __import__("conftest").packages_can_come()',
                                 reason='it fetches what an archive holds only on demand')


class Server(object):
    """A `with` around ./run.sh serve on the processor, on a port that was free.

    host: where it is reached; before: a command that is put before it.
    """

    def __init__(self, *options, **others):
        self.options = list(options)
        self.host, self.before = others.get('host', '127.0.0.1'), others.get('before', [])

    def start(self, port=None):
        """Starts it, again on its old port if there is one."""
        self.port = port or free_port()
        self.address = '%s:%d' % (self.host, self.port)
        self.process = subprocess.Popen(
            self.before + [os.path.join(ROOT, 'run.sh'), 'serve', '--device', 'cpu', '--port',
                           str(self.port)] + self.options,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.line = self.process.stdout.readline().decode('utf-8')
        assert self.line.startswith('serve: ready'), self.process.stderr.read()
        return self

    __enter__ = start

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def free_port():
    s = socket.socket()
    s.bind(('', 0))
    try:
        return s.getsockname()[1]
    finally:
        s.close()


@pytest.fixture(scope='session')
def step():
    """step(folder, 'head', ..., before=['env', ...]): one step of the program in a work folder."""
    def run_step(folder, *arguments, **options):
        command = options.get('before', []) + ['python', '-m', 'repro'] + list(arguments)
        return front_door('exec', '--work', folder, *command)
    return run_step


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    item.has_failed = report.failed or getattr(item, 'has_failed', False)


@pytest.fixture(autouse=True)
def folder_goes_with_its_test(request):
    """A copy of a demo is 300 MB, and 100 tests make one: it stays only where a test failed."""
    folder = request.getfixturevalue('tmpdir') if 'tmpdir' in request.fixturenames else None
    yield
    if folder is not None and not request.node.has_failed:
        shutil.rmtree(str(folder), ignore_errors=True)
