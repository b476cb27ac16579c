# -*- coding: utf-8 -*-
"""Tests in a network namespace of their own, and others that a cable joins with it."""
from __future__ import print_function

import contextlib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INSIDE = 'REPRO_TEST_NETWORK'
CABLE = '''
set -e
ip link set lo up
ip link add near{n} type veth peer name far netns {pid}
ip address add 10.77.{n}.1/24 dev near{n}
ip link set near{n} up
nsenter -t {pid} -n sh -c "ip link set lo up; ip address add 10.77.{n}.2/24 dev far
    ip link set far up"
'''


def can_be_made():
    with open(os.devnull, 'w') as nowhere:
        return not subprocess.call(['unshare', '-n', 'ip', 'link', 'add', 'near', 'type', 'veth',
                                    'peer', 'name', 'far'], stdout=nowhere, stderr=nowhere)


def outside(request):
    """Runs this test once more, in a pytest in a new namespace; False in there."""
    if INSIDE in os.environ:
        return False
    subprocess.check_call(['unshare', '-n', sys.executable, '-m', 'pytest', '-q', '-p',
                           'no:cacheprovider', request.node.nodeid],
                          env=dict(os.environ, **{INSIDE: '1'}), cwd=ROOT)
    return True


class End(object):
    """The far end of a cable: `here` and `there` are the addresses, `before` leads there."""

    def __init__(self, number, pid):
        self.here, self.there = '10.77.%d.1' % number, '10.77.%d.2' % number
        self.before = ['nsenter', '-t', str(pid), '-n']


@contextlib.contextmanager
def cable(number):
    """The End of a cable to a new namespace; see set_link."""
    holder = subprocess.Popen(['unshare', '-n', 'sh', '-c', 'echo; exec sleep 600'],
                              stdout=subprocess.PIPE)
    holder.stdout.readline()
    try:
        subprocess.check_call(['sh', '-c', CABLE.format(n=number, pid=holder.pid)])
        yield End(number, holder.pid)
    finally:
        holder.kill()
        holder.wait()


def set_link(number, state):
    """Puts a cable `down` or `up`."""
    subprocess.check_call(['ip', 'link', 'set', 'near%d' % number, state])
