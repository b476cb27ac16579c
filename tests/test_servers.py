# -*- coding: utf-8 -*-
"""./run.sh serve: who may connect, how it ends, and the private server of a run."""
from __future__ import print_function

import os
import re
import signal
import socket
import subprocess
import time

import pytest

import network
from conftest import free_port, needs_other_users, needs_servers, ROOT, Server
from programs import in_front, program

pytestmark = needs_servers


def connects(host, port):
    try:
        socket.create_connection((host, port), 1).close()
        return True
    except socket.error:
        return False


@pytest.fixture(scope='module')
def server():
    with Server() as server:
        yield server


def test_it_says_what_it_is_and_where(server):
    assert re.match(r'serve: ready: TensorFlow 2\.21\.0 on cpu \(cards: 0, cores: \d+\) at '
                    r'127\.0\.0\.1:%d\n$' % server.port, server.line)


def test_only_its_own_address_can_connect(server):
    """TensorFlow itself listens on every address."""
    assert connects('127.0.0.1', server.port)
    assert not connects('127.0.0.2', server.port)
    assert not connects('::1', server.port)


# Listens as an ordinary user, on a port that it prints, for the address that it is given, if any.
LISTENING = '''
import ipaddress, os, socket, sys
sys.path.insert(0, sys.argv[1])
import server
os.setgroups([])
os.setuid(65534)
s = socket.socket(socket.AF_INET6)
s.bind(('', 0))
s.listen()
if sys.argv[2:]:
    try:
        server.admit_only(ipaddress.ip_address(sys.argv[2]), s.getsockname()[1])
    except server.Refusal as e:
        sys.exit(print(str(e), flush=True))
print(s.getsockname()[1], flush=True)
sys.stdin.read()
'''
CONNECTS = 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 1)'


@pytest.fixture
def listening(tmpdir):
    """listening(address, ...): its first line of output, a port or a refusal."""
    started = []

    def listen(*addresses):
        started.append(subprocess.Popen(
            ['python3', '-c', LISTENING, os.path.join(ROOT, 'host', 'servers')] + list(addresses),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        return started[-1].stdout.readline().strip()
    yield listen
    for process in started:
        process.communicate('')


@needs_other_users
@pytest.mark.skipif('not __import__("network").can_be_made()',
                    reason='this user can make no network namespace, or has no ip')
def test_no_root_is_needed_to_keep_others_out(request, listening):
    if network.outside(request):
        return
    with network.cable(1) as end:
        def reach(host, port, before=()):
            with open(os.devnull, 'w') as nowhere:
                return not subprocess.call(list(before) + ['python3', '-c', CONNECTS, host, port],
                                           stderr=nowhere)
        everyone, ours = listening(), listening('127.0.0.1')
        assert reach(end.here, everyone, end.before)
        assert reach('127.0.0.1', ours) and not reach(end.here, ours, end.before)
        theirs = listening(end.here)
        if theirs.isdigit():        # where the kernel lets an ordinary user filter TCP
            assert reach(end.here, theirs, end.before) and not reach('127.0.0.1', theirs)
        else:
            assert theirs.startswith('this kernel keeps other addresses out for root alone (')


def test_a_port_that_is_taken_is_refused(server, run):
    result = run('serve', '--device', 'cpu', '--port', server.port)
    assert (result.status, result.err) == (
        4, 'serve: port %d is taken: name another with --port\n' % server.port)


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to(number):
    with Server('--bind', '0.0.0.0') as server:
        assert connects('127.0.0.2', server.port)
        server.process.send_signal(number)
        assert server.process.wait() == 0
        assert server.process.stderr.read() == (
            'serve: TensorFlow has no authentication and runs any graph that it is sent: keep '
            'this port private (an SSH tunnel, WireGuard: docs/servers.md)\n')


@pytest.mark.parametrize('arguments, status, says', [
    (('--bind', '203.0.113.7'), 4, 'serve: --bind 203.0.113.7 is not an address of this machine '
     '(Cannot assign requested address): 0.0.0.0 means all of them\n'),
    (('--port', '0'), 2, 'run.sh: --port needs a number from 1 to 65535, not 0 '
     '(see ./run.sh help serve)\n'),
    (('--runtime', 'rkt'), 2, 'run.sh: --runtime is docker, podman or native, not rkt\n')])
def test_what_it_cannot_do_is_one_line(run, arguments, status, says):
    result = run('serve', '--device', 'cpu', *arguments)
    assert (result.status, result.err) == (status, says)


def test_without_a_card_no_gigabytes_are_fetched(run, tmpdir):
    tmpdir.join('nvidia-smi').write('#!/bin/sh\necho "No devices were found"; exit 6\n')
    tmpdir.join('nvidia-smi').chmod(0o755)
    for path, why in ((tmpdir, 'nvidia-smi finds no usable GPU (No devices were found)'),
                      ('/nowhere', 'no NVIDIA driver (there is no nvidia-smi here)')):
        result = run('serve', '--device', 'gpu', PATH='%s:%s' % (path, os.environ['PATH']))
        if 'nvidia-smi here' in why and result.status == 0:
            pytest.skip('this machine has a card')
        assert (result.status, result.err) == (3, 'run.sh: %s: --device cpu needs none\n' % why)


def test_servers_that_do_not_answer_are_named(run, tmpdir):
    silent = socket.socket()
    silent.bind(('127.0.0.1', 0))
    silent.listen(5)
    listening = silent.getsockname()[1]
    with ClosedPort() as closed:
        for port, why in ((closed.port, 'Connection refused'), (listening, 'no answer in 10 s')):
            result = run('demo', '--engine', 'tf2', '--servers', '127.0.0.1:%d' % port,
                         '--work', tmpdir)
            assert result.status == 3
            assert result.err.splitlines()[-1] == (
                'demo: the server at 127.0.0.1:%d cannot be used: %s (./run.sh serve starts one)'
                % (port, why))


class ClosedPort(object):
    """A port that is held, so that nobody else gets it, and on which nobody listens."""

    def __enter__(self):
        self.socket = socket.socket()
        self.socket.bind(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        return self

    def __exit__(self, *exception):
        self.socket.close()


def test_servers_of_two_kinds_are_refused(server, run, tmpdir):
    with Server('--fast') as fast:
        for servers, says in (
                ((fast,), 'the server at %s runs with --fast, so it is not as exact: say --fast '
                 'here, too, or start it without' % fast.address),
                ((server, fast), 'the servers at %s and %s differ (fast: False, True): name '
                 'servers of one kind' % (server.address, fast.address))):
            result = run('demo', '--engine', 'tf2', '--work', tmpdir, '--servers',
                         ','.join(s.address for s in servers))
            assert (result.status, result.err.splitlines()[-1]) == (3, 'demo: ' + says)


def servers_of(process):
    """The pids of host/servers/server.py whose parent is this process."""
    told = subprocess.Popen(['ps', '-o', 'pid=,args=', '--ppid', str(process.pid)],
                            stdout=subprocess.PIPE).communicate()[0]
    return [int(line.split()[0]) for line in told.splitlines() if 'host/servers/server.py' in line]


def ends(pid):
    for _ in range(50):
        try:
            with open('/proc/%d/stat' % pid) as f:
                if f.read().rpartition(')')[2].split()[0] == 'Z':
                    return True
        except IOError:
            return True
        time.sleep(.1)
    return False


@pytest.mark.parametrize('stopped', [False, True])
def test_a_private_server_ends_with_a_run_that_is_killed(tmpdir, stopped):
    run = subprocess.Popen(
        [os.path.join(ROOT, 'run.sh'), 'exec', '--engine', 'tf2', 'sleep', '99'],
        cwd=str(tmpdir), stderr=subprocess.PIPE)
    while 'sessions are on the server' not in run.stderr.readline():
        assert run.poll() is None
    pid, = servers_of(run)
    if stopped:
        os.kill(pid, signal.SIGSTOP)
    run.kill()
    run.wait()
    assert ends(pid)


def test_gpu_names_the_way_to_cards_of_today(run, tmpdir):
    tmpdir.join('nvidia-smi').write('#!/bin/sh\necho "NVIDIA GeForce RTX 4090, 8.9, GPU-1"\n')
    tmpdir.join('nvidia-smi').chmod(0o755)
    path = '%s:%s' % (tmpdir, os.environ['PATH'])
    result = run('gpu', '--work', tmpdir.join('work'), PATH=path)
    assert result.status == 3
    assert './run.sh gpu --engine tf2' in result.err
    result = run('gpu', '--engine', 'tf2', '--dry-run', '--work', tmpdir.join('work'), PATH=path)
    assert result.status == 0, result.both
    assert '--device gpu' in result.out and 'tf2-gpu' in result.out


# --------------------------------------------------------------- the tunnel of docs/servers.md

def ssh_works():
    with open(os.devnull, 'w') as nowhere:
        return os.getuid() == 0 and os.path.exists('/usr/sbin/sshd') and \
            not subprocess.call(['sh', '-c', 'command -v ssh ssh-keygen'], stdout=nowhere)


@pytest.fixture
def sshd(tmpdir):
    """The options of an ssh that logs in at an sshd of this machine's loopback."""
    for name in ('host', 'user'):
        subprocess.check_call(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f',
                               str(tmpdir.join(name))])
    port = free_port()
    if not os.path.isdir('/run/sshd'):
        os.mkdir('/run/sshd')
    process = subprocess.Popen(
        ['/usr/sbin/sshd', '-D', '-e', '-f', '/dev/null', '-h', str(tmpdir.join('host')), '-p',
         str(port), '-o', 'ListenAddress=127.0.0.1', '-o', 'StrictModes=no', '-o',
         'AuthorizedKeysFile=%s' % tmpdir.join('user.pub'), '-o', 'PidFile=none'],
        stderr=subprocess.PIPE)
    while 'listening' not in process.stderr.readline():
        assert process.poll() is None
    yield ['-p', str(port), '-i', str(tmpdir.join('user')), '-o', 'StrictHostKeyChecking=no', '-o',
           'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR', '-o',
           'ExitOnForwardFailure=yes', '-F', 'none']
    process.terminate()
    process.wait()


@pytest.mark.skipif('not __import__("test_servers").ssh_works()', reason='no sshd, or no root')
def test_a_tunnel_leads_to_a_server_that_listens_on_loopback_alone(server, sshd, run, tmpdir):
    port = free_port()
    tunnel = subprocess.Popen(['ssh', '-N', '-L', '%d:127.0.0.1:%d' % (port, server.port)] + sshd +
                              ['127.0.0.1'])
    try:
        while not connects('127.0.0.1', port):
            assert tunnel.poll() is None
            time.sleep(.1)
        result = run('exec', '--engine', 'tf2', '--servers', '127.0.0.1:%d' % port, 'python', '-c',
                     'import keras.backend as K; print K.eval(K.variable(21.)) * 2')
        assert result.out == '42.0\n', result.both
    finally:
        tunnel.kill()
        tunnel.wait()
    result = run('exec', '--engine', 'tf2', '--servers', '127.0.0.1:%d' % port, 'true')
    assert result.status == 3 and 'Connection refused' in result.err


# --------------------------------------------------------------- docs/servers/slurm.sh

# Slurm's commands for one node, which is this machine.
SRUN = r'''
while [ "${1#--}" != "$1" ]; do
    case $1 in --output=*) out=${1#--output=};; esac
    shift
done
SLURMD_NODENAME=localhost exec "$@" >"${out/\%N/localhost}" 2>&1
'''


def test_the_slurm_example_runs_on_one_node(small, tmpdir):
    script = os.path.join(ROOT, 'docs', 'servers', 'slurm.sh')
    if not os.path.exists(script):
        pytest.skip('images hold no docs')
    program(tmpdir, 'srun', SRUN)
    program(tmpdir, 'scontrol', 'echo localhost\n')
    work = tmpdir.join('real')
    p = subprocess.Popen(
        [script, '--any-weights', '--networks', 'ResNet50', '--weights',
         str(small.join('weights'))], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=dict(os.environ, PATH=in_front(tmpdir), DATA=str(small), WORK=str(work), DEVICE='cpu',
                 PORT=str(free_port()), SLURM_JOB_NODELIST='localhost', SLURM_CPUS_PER_TASK='1',
                 REPRO_NO_REPORT='1'))
    out = p.communicate()[0]
    assert p.returncode == 0, out
    assert work.join('pred.csv').check() and 'through tf1 and the server at localhost:' in out
    assert not [name for name in os.listdir(ROOT) if name.startswith('servers.')]
