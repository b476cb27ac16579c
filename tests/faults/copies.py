# -*- coding: utf-8 -*-
"""A folder with one row's fault in it, and what is in a folder."""
from __future__ import print_function

import fnmatch
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


class Skipped(Exception):
    """This machine cannot make the fault: mounting, for one, is root's."""


def copy(source, work):
    """Copies a run's folder; its weights, which no fault changes in place, as hard links."""
    def linked(folder, names):
        return names if folder == os.path.join(source, 'weights') else []
    shutil.copytree(source, work, symlinks=True, ignore=linked)
    for name in os.listdir(os.path.join(source, 'weights')):
        os.link(os.path.join(source, 'weights', name), os.path.join(work, 'weights', name))


def make(row, work, new):
    """Makes the fault; returns the environment that its snippet leaves."""
    script = 'set -e; source "$0"; cd "$work"; %s\nenv -0 >"$new.env"' % row.made
    environment = dict(os.environ, work=work, new=new)
    program = subprocess.Popen(['bash', '-c', script.encode('utf-8'), HERE + '/prelude.sh'],
                               env=environment, preexec_fn=os.setsid, stdin=open(os.devnull),
                               stdout=open(os.devnull, 'w'), stderr=subprocess.STDOUT)
    status = program.wait()
    if status == 77:
        raise Skipped(row.made)
    assert status == 0, 'could not be made: %s' % row.made
    with open(new + '.env') as f:
        left = dict(line.split('=', 1) for line in f.read().split('\0') if '=' in line)
    os.remove(new + '.env')
    return left, program.pid


def unmount(folder):
    """Takes down what make() has mounted below a folder."""
    with open('/proc/mounts') as f:
        mounted = [line.split()[1] for line in f]
    for place in mounted:
        if place.startswith(folder + os.sep):
            subprocess.check_call(['umount', place])


def contents(folder):
    """{path: what tells it from another} of everything below, but for the lock and the HOME."""
    states = {}
    for root, folders, names in os.walk(folder):
        for name in folders + names:
            path = os.path.join(root, name)
            name = os.path.relpath(path, folder)
            if not fnmatch.fnmatch(name, 'work/.repro/lock') and 'home' not in name.split(os.sep):
                states[name] = state(path)
    return states


def state(path):
    if os.path.islink(path):
        return os.readlink(path)
    if os.path.isfile(path) and os.path.getsize(path) < 10**7:
        with open(path, 'rb') as f:
            return f.read()
    return os.path.isdir(path) or os.stat(path).st_ino


def changed(before, after):
    return sorted(n for n in set(before) | set(after) if before.get(n) != after.get(n))
