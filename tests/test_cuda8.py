# -*- coding: utf-8 -*-
"""host/container/cuda8.sh, host/python/fetch.py: CUDA 8's libraries without a container.

NVIDIA's archives are stand-ins here (.ci/standin/cuda8), in their layout; their libraries compute
nothing.  The image's: .ci/containers.
"""
from __future__ import print_function

import hashlib
import os
import signal
import subprocess
import time
from distutils.spawn import find_executable

import pytest

import loopback
from conftest import front_door
from programs import in_front, program

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STAND_IN = os.path.join(ROOT, '.ci', 'standin', 'cuda8')
LIBRARIES = ['libcublas.so.8.0', 'libcudart.so.8.0', 'libcudnn.so.5', 'libcufft.so.8.0',
             'libcurand.so.8.0']
pytestmark = pytest.mark.skipif(
    not (os.path.exists(STAND_IN) and find_executable('makeself') and find_executable('gcc')),
    reason='the stand-ins of NVIDIA\'s archives want makeself and gcc')


@pytest.fixture(scope='module')
def archives(tmpdir_factory):
    folder = tmpdir_factory.mktemp('archives')
    subprocess.check_call([STAND_IN, str(folder)])
    return folder


@pytest.fixture
def host(archives, tmpdir):
    """host(): ./run.sh gpu natively, on a stand-in for a P100 and with archives from a server.

    host.faults: of the server, as loopback has them; host.log: what it was asked.
    """
    content = dict(('/' + name, archives.join(name).read('rb')) for name in
                   ('cuda.run', 'cudnn.tgz'))
    program(tmpdir, 'nvidia-smi', 'echo "Tesla P100-PCIE-16GB, 6.0, GPU-1"\n')
    # Its driver finds no device.
    tmpdir.mkdir('driver').join('libcuda.so.1').write(archives.join('libcuda.so.1').read('rb'),
                                                      'wb')

    def gpu(*options, **variables):
        return front_door('gpu', '--runtime', 'native', '--work', tmpdir.join('run'),
                          *options, **dict(settings, **variables))
    gpu.faults = {}
    with loopback.serve(loopback.files(content, gpu.faults)) as server:
        gpu.log = server.log
        settings = {
            'PATH': in_front(tmpdir), 'REPRO_HOME': tmpdir.join('home'), 'no_proxy': '127.0.0.1',
            'LD_LIBRARY_PATH': tmpdir.join('driver'), 'REPRO_RETRY_PAUSE': '0.1',
            'REPRO_CUDA_URL': server.url + '/cuda.run',
            'REPRO_CUDNN_URL': server.url + '/cudnn.tgz',
            'REPRO_CUDA_SHA256': hashlib.sha256(content['/cuda.run']).hexdigest(),
            'REPRO_CUDNN_SHA256': hashlib.sha256(content['/cudnn.tgz']).hexdigest()}
        gpu.settings = settings
        yield gpu


def test_what_cannot_be_fetched_is_named_and_goes_on(host, tmpdir):
    result = host(REPRO_CUDA_SHA256='0' * 64)
    assert result.status == 3, result.both
    first, licence, last = result.err.splitlines()
    assert 'not on the loader\'s path: libcudart.so.8.0, libcublas' in first and '1.5 GB' in first
    assert 'licences hold' in licence
    assert 'cuda.run: this is not the file that was pinned: its sha256 is not 000' in last
    archives = tmpdir.join('home', 'cuda8', 'archives')
    assert not archives.listdir()

    host.faults['/cuda.run'] = ['claims %d' % 10**15]
    result = host()
    assert result.status == 3 and 'are free: make room' in result.err, result.both

    host.faults['/cuda.run'] = ['cut 5000'] + ['cut 0'] * 9
    result = host()
    assert result.status == 3 and 'the same command resumes from there' in result.err, result.both
    assert archives.join('cuda.run.part').size() == 5000

    del host.log[:], host.faults['/cuda.run']
    host.faults['/cudnn.tgz'] = ['404']
    result = host()
    assert result.status == 3 and 'cudnn.tgz: the server answers 404' in result.err, result.both
    assert host.log == [('GET', '/cuda.run', 'bytes=5000-'), ('GET', '/cudnn.tgz', None)]
    assert not tmpdir.join('home', 'gpu').check()


def test_a_killed_fetch_goes_on(host, tmpdir):
    """What has arrived is not asked for again."""
    partial = tmpdir.join('home', 'cuda8', 'archives', 'cuda.run.part')
    host.faults['/cuda.run'] = ['stalls 16384']
    command = [os.path.join(ROOT, 'run.sh'), 'gpu', '--runtime', 'native', '--work',
               str(tmpdir.join('run'))]
    environment = dict(os.environ, **dict((k, str(v)) for k, v in host.settings.items()))
    process = subprocess.Popen(command, env=environment, stderr=open(os.devnull, 'w'),
                               preexec_fn=os.setsid)
    while not (partial.check() and partial.size() == 16384):
        assert process.poll() is None
        time.sleep(.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    host.faults['/cuda.run'], host.faults['/cudnn.tgz'] = [], ['404']
    del host.log[:]
    result = host()
    assert result.status == 3 and 'cudnn.tgz: the server answers 404' in result.err, result.both
    assert host.log[0] == ('GET', '/cuda.run', 'bytes=16384-')


def test_tensorflow_opens_what_was_fetched(host, small_demo, tmpdir):
    if os.environ.get('REPRO_CONTAINER'):
        pytest.skip('a container has no index to install tensorflow-gpu from')
    given = str(small_demo[0])
    arguments = ['--networks', 'ResNet50', '--data', given, '--weights', given + '/weights',
                 '--any-weights']
    result = host(*arguments, TF_CPP_MIN_LOG_LEVEL='0')
    assert result.status == 0, result.both
    for name in LIBRARIES:
        if name != 'libcudart.so.8.0':      # linked, not opened
            assert 'successfully opened CUDA library %s locally' % name in result.both, name
    assert 'CUDA_ERROR_NO_DEVICE' in result.both
    folder = tmpdir.join('home', 'cuda8')
    names = sorted(path.basename for path in folder.join('lib64').listdir())
    assert [n for n in names if n in LIBRARIES] == LIBRARIES
    assert all(n.startswith(tuple(LIBRARIES)) for n in names)
    assert not folder.join('archives').check()
    del host.log[:]
    result = host('--dry-run', *arguments)
    assert 'cuda8/lib64' in result.out and not host.log, result.both
    assert 'loader\'s path' not in result.err


def test_the_loaders_own_cuda_8_comes_first(host, archives, tmpdir):
    own = tmpdir.mkdir('cuda')
    for name in LIBRARIES:
        own.join(name).write('')
    result = host('--dry-run', LD_LIBRARY_PATH=own)
    assert result.status == 0 and 'cuda8' not in result.both, result.both
    own.join('libcudnn.so.5').remove()
    result = host('--dry-run', LD_LIBRARY_PATH=own)
    assert 'would make' in result.out and 'LD_LIBRARY_PATH=%s:' % own in result.out, result.both
