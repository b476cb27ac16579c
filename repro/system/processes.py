# -*- coding: utf-8 -*-
"""Processes of our own: work spread over the cores, and modules run apart.

None of them outlives the run.
"""
from __future__ import print_function

import contextlib
import functools
import multiprocessing
import os
import signal
import sys
import threading
import time

from repro.system import cgroups

# A module, as `python -m` runs it.
RUN = ('import sys; del sys.path[0]; import runpy; '
       'runpy.run_module(sys.argv.pop(1), None, "__main__", True)')


def python(module, *arguments):
    """The command of a process that runs a module of ours.

    `python -m` would put the current folder first on sys.path: a csv.py that lies in a work
    folder would be taken for Python's own, and run.
    """
    return [sys.executable, '-c', RUN, module] + list(arguments)


def cores():
    """How many cores this process may use, by its affinity mask and by its job's quotas."""
    try:
        with open('/proc/self/status') as f:
            masks = [line.split()[1] for line in f if line.startswith('Cpus_allowed:')]
        allowed = bin(int(masks[0].replace(',', ''), 16)).count('1')
    except (IOError, IndexError, ValueError):
        allowed = multiprocessing.cpu_count()
    return min([allowed] + cgroups.cores())


@contextlib.contextmanager
def workers(tasks):
    """Yields a map that spreads `tasks` tasks over the cores; its results come in any order.

    It is a plain map where one process is enough, or where no others can be started: without
    shared semaphores (/dev/shm is missing, read-only or full), or at the limit of processes.
    """
    pool = None
    if min(cores(), tasks) > 1:
        try:
            pool = multiprocessing.Pool(min(cores(), tasks), follow, (os.getpid(),))
        except (ImportError, OSError, threading.ThreadError):
            pass
    if pool is None:
        yield lambda function, items: (function(i) for i in items)
        return
    try:
        yield lambda function, items: interruptible(
            pool.imap_unordered(functools.partial(stoppable, function), items))
    finally:
        pool.terminate()
        pool.join()


def interruptible(results):
    """The results of a pool; in Python 2, only a wait with a timeout can be interrupted."""
    while True:
        try:
            yield results.next(timeout=1e6)
        except StopIteration:
            return


def stoppable(function, item):
    """function(item) in one of the pool's processes, where SIGTERM raises SystemExit.

    So a file that is half written is removed (folder.replacing).  Between two items SIGTERM ends
    the process at once: an exception there would also leave the `with` blocks of the parent, which
    the fork has copied, and run their clean-up.
    """
    signal.signal(signal.SIGTERM, leave)
    try:
        return function(item)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def leave(*_):
    sys.exit(1)


def follow(parent):
    """Ends this process when its parent has ended; leaves Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def watch():
        while os.getppid() == parent:
            time.sleep(.5)
        os._exit(1)

    thread = threading.Thread(target=watch)
    thread.daemon = True
    thread.start()
