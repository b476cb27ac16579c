# -*- coding: utf-8 -*-
"""The limits of the control groups that this process is in: a container's, a batch job's.

A group's limit holds for the groups below it, too, so each one is read, from the process's own up
to the root (Linux's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/).
"""
from __future__ import division

import os
import re


def text(name):
    """A file's contents, '' where there is none."""
    try:
        with open(name) as f:
            return f.read()
    except (IOError, OSError):
        return ''


def folders(controller):
    """The folders of this process's groups, version 1 and 2, its own first."""
    mounted, chains = mounts(controller), []
    for line in text('/proc/self/cgroup').splitlines():
        number, controllers, path = line.split(':', 2)
        version = 2 if number == '0' and not controllers else 1
        if version == 2 or controller in controllers.split(','):
            for point, root in mounted.get(version, ()):
                chains += upwards(point, os.path.relpath(path, root))
    return chains


def mounts(controller):
    """{version: [(mount point, which group is its root)]}."""
    mounted = {}
    for line in text('/proc/self/mountinfo').splitlines():
        fields, _, rest = line.partition(' - ')
        root, point = fields.split(' ')[3:5]
        kind, _, options = rest.split(' ')[:3]
        if kind == 'cgroup2' or kind == 'cgroup' and controller in options.split(','):
            mounted.setdefault(2 if kind == 'cgroup2' else 1, []).append((point, root))
    return mounted


def upwards(point, path):
    """The folder `path` below a mount point, and all between the two.

    The mount point alone where it is not below: a container may see its own group there, under
    the name that it has outside.
    """
    parts = [] if path.startswith('..') or path == '.' else path.split('/')
    return [os.path.join(point, *parts[:n]) for n in range(len(parts), -1, -1)]


def memory():
    """The groups' limits of memory, in bytes."""
    return numbers('memory', 'memory.max', 'memory.limit_in_bytes')


def numbers(controller, *names):
    """Every number in files of these names in the process's groups; `max` is not one."""
    contents = [text(os.path.join(folder, name))
                for folder in folders(controller) for name in names]
    return [int(word) for word in contents if re.match(r'\d+\s*$', word)]


def processes():
    """For each group with a limit, how many more processes and threads it allows."""
    allowed = []
    for folder in folders('pids'):
        limit, current = [text(os.path.join(folder, 'pids.' + name)).strip()
                          for name in ('max', 'current')]
        if limit.isdigit() and current.isdigit():
            allowed.append(int(limit) - int(current))
    return allowed


def cores():
    """How many cores' worth of time each group with a quota allows, as whole numbers."""
    quotas = []
    for folder in folders('cpu'):
        words = text(os.path.join(folder, 'cpu.max')).split() or [
            text(os.path.join(folder, 'cpu.cfs_%s_us' % name)).strip()
            for name in ('quota', 'period')]
        if len(words) == 2 and words[0].isdigit() and words[1].isdigit():
            quotas.append(max(1, -(-int(words[0]) // int(words[1]))))
    return quotas
