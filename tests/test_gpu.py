# -*- coding: utf-8 -*-
"""host/container/gpu.sh: which cards CUDA 8 can drive, and how a container gets one.

That a container really uses the libraries that it gets is seen in .ci/containers.
"""
from __future__ import print_function

import glob
import os
import re
import time
from distutils.spawn import find_executable

import pytest

from programs import in_front, program, stand_in_docker

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@pytest.mark.parametrize('capability, usable', [
    ('2.1', False), ('3.0', True), ('3.7', True), ('5.2', True), ('6.1', True), ('6.2', False),
    ('7.0', False), ('8.0', False), ('9.0', False), ('12.0', False), ('N/A', False)])
def test_knows_what_cuda_8_can_drive(tmpdir, run, capability, usable):
    program(tmpdir, 'nvidia-smi', 'echo "Some Card, %s"\n' % capability)
    result = run('gpu', '--dry-run', '--work', tmpdir.join('work'), PATH=in_front(tmpdir))
    assert result.status == (0 if usable else 3), result.both
    assert ('/cuda8' in result.out) == usable
    assert ('here is Some Card, %s' % capability in result.err) != usable
    assert not tmpdir.join('work').check()


@pytest.mark.parametrize('text, words', [
    ('exit 9\n', 'finds no usable GPU (it failed)'), ('echo garbage\n', 'here is garbage'),
    ('true\n', 'lists no GPU'),
    ('echo Failed to initialize NVML: Driver/library version mismatch\n'
     'echo NVML library version: 535.54 >&2\nexit 18\n',
     '(Failed to initialize NVML: Driver/library version mismatch NVML library version: 535.54)'),
    ('exec sleep 20\n', 'does not answer within 1 s: is the driver stuck?')])
def test_a_driver_that_is_no_help(tmpdir, run, text, words):
    program(tmpdir, 'nvidia-smi', text)
    before = time.time()
    result = run('gpu', PATH=in_front(tmpdir), REPRO_GPU_PATIENCE='1')
    assert time.time() - before < 15
    assert result.status == 3 and len(result.err.splitlines()) == 1, result.both
    assert words in result.err and './run.sh cpu' in result.err


@pytest.mark.skipif(find_executable('nvidia-smi'), reason='this machine has a driver')
def test_no_driver(run):
    result = run('gpu')
    assert result.status == 3 and 'no NVIDIA driver' in result.err, result.both


def test_takes_the_one_usable_card_of_two(tmpdir, run):
    program(tmpdir, 'nvidia-smi', 'echo "New Card, 9.0"; echo "Old Card, 3.7"\n')
    result = run('gpu', '--dry-run', PATH=in_front(tmpdir))
    assert '/cuda8' in result.out, result.both


def test_goes_by_the_name_where_the_driver_tells_no_capability(tmpdir, run):
    # drivers up to 470, the last for Kepler
    for card, usable in (('Tesla K80', True), ('GeForce GTX 1080 Ti', True), ('Tesla M40', True),
                         ('Quadro P4000', True), ('NVIDIA TITAN Xp', True), ('Tesla M2090', False),
                         ('Tesla V100-SXM2-16GB', False), ('GeForce GTX 1650', False),
                         ('NVIDIA TITAN V', False), ('NVIDIA A100-PCIE-40GB', False)):
        program(tmpdir, 'nvidia-smi', 'case $* in *compute_cap*) exit 2;; esac\n'
                'echo "%s, GPU-1"\n' % card)
        result = run('gpu', '--dry-run', PATH=in_front(tmpdir))
        assert ('/cuda8' in result.out) == usable, card + result.both
        assert (card + ' (its driver tells no compute capability)' in result.err) != usable


def test_docker_wants_the_toolkit(tmpdir, run):
    program(tmpdir, 'nvidia-smi', 'echo "New, 9.0, GPU-a"; echo "Old Card, 3.7, GPU-b"\n')
    arguments = ['gpu', '--runtime', 'docker', '--dry-run', '--work', tmpdir.join('work')]
    result = run(*arguments, PATH=stand_in_docker(tmpdir))
    assert result.status == 3 and 'no NVIDIA runtime' in result.err, result.both
    result = run(*arguments, PATH=stand_in_docker(tmpdir, 'nvidia'))
    assert ' --gpus all ' in result.out and 'CUDA_VISIBLE_DEVICES=GPU-b ' in result.out


@pytest.mark.parametrize('capability', ['3.7', '6.1'])
def test_podman_wants_a_description_of_the_gpu(tmpdir, run, capability):
    if glob.glob('/etc/cdi/*') + glob.glob('/var/run/cdi/*'):   # .ci/containers makes one, too
        pytest.skip('this machine describes devices for containers')
    program(tmpdir, 'podman', 'true\n')
    program(tmpdir, 'nvidia-smi', 'echo "Old Card, %s, GPU-1"\n' % capability)
    result = run('gpu', '--runtime', 'podman', '--dry-run', PATH=in_front(tmpdir))
    assert result.status == 3 and 'podman has no CDI description' in result.err, result.both


def test_the_lock_names_cuda_and_then_cudnn():
    """Dockerfile.gpu reads its two lines in this order."""
    with open(os.path.join(ROOT, 'requirements', 'cuda8.lock')) as f:
        cuda, cudnn = [line for line in f if not line.startswith('#')]
    assert re.match('[0-9a-f]{64} https?://.*/cuda_8.0.61_375.26_linux-run$', cuda)
    assert re.match('[0-9a-f]{64} https?://.*/cudnn-8.0-linux-x64-v5.1.tgz$', cudnn)
