# -*- coding: utf-8 -*-
"""./run.sh notebook: Jupyter in the work folder, on notebooks/ of this project and on any others.

    notebook.py [--port N]      serves the folder to this machine's browsers, until a signal
    notebook.py --run NAME      runs one notebook top to bottom, by nbconvert; its outputs stay

Run by host/notebook.sh, with Jupyter's packages on the path.  Whoever has the address with its
token can run anything as this user.  So the server listens on loopback alone; in a container on
every address there, of which one port is published on this machine's loopback.  Its kernels are
reached by sockets in a private folder, and not by ports.
"""
from __future__ import absolute_import, print_function

import sys

if __name__ == '__main__':
    del sys.path[0]     # this folder, whose notebook.py is not Jupyter's

import atexit
import binascii
import errno
import glob
import os
import shutil
import signal
import socket
import tempfile
import uuid

from nbconvert.preprocessors import CellExecutionError, ExecutePreprocessor
from nbconvert.preprocessors.execute import DeadKernelError
import nbformat
from nbformat.sign import NotebookNotary
from notebook.notebookapp import NotebookApp
from notebook.services.kernels.kernelmanager import MappingKernelManager
from tornado.ioloop import IOLoop
from traitlets.config import Config

from repro import expected, options
from repro.console.progress import say
from repro.failures import BadInput, Failure
from repro.system import machine
from repro.work.folder import (HIDDEN, absence, enter, make_hidden, read_json, replacing, sha256,
                               write_json)

NOTEBOOKS = os.path.join(expected.ROOT, 'notebooks')
COPIED = os.path.join(HIDDEN, 'notebooks.json')     # {name: sha256 of what was copied}
LOG = os.path.join(HIDDEN, 'kernels.log')           # what kernels print outside their cells
LOOPBACK = '127.0.0.1'


# ------------------------------------------------------------------------------- the notebooks

def bring():
    """Copies notebooks/ into the work folder, but not over a file that was changed or run there.

    kaggle.ipynb stays out: it is for Kaggle's machines.  What is copied counts as trusted, so
    that Jupyter shows its drawings.
    """
    copied, kept = read_json(COPIED) if os.path.exists(COPIED) else {}, []
    make_hidden()
    for source in sorted(glob.glob(os.path.join(NOTEBOOKS, '[0-9]*.ipynb'))):
        name = os.path.basename(source)
        here = sha256(name) if os.path.exists(name) else None
        if here in (None, copied.get(name)):
            with replacing(name) as temporary:
                shutil.copyfile(source, temporary)
            copied[name] = sha256(source)
            NotebookNotary().sign(nbformat.read(name, 4))
        elif cells(name) != cells(source):
            kept.append(name)
    write_json(COPIED, copied)
    if kept:
        say('notebook: kept as changed here: %s (remove one to get it anew)' % ', '.join(kept))


def cells(path):
    """[(type, source)] of a notebook's cells; None where it is not a notebook."""
    try:
        return [(cell.cell_type, cell.source) for cell in nbformat.read(path, 4).cells]
    except Exception:       # nbformat raises several kinds
        return None


# ---------------------------------------------------------------------------------- the server

class Kernels(MappingKernelManager):
    """Jupyter's kernels, whose output outside the cells goes to LOG."""

    def start_kernel(self, kernel_id=None, path=None, **options):
        return super(Kernels, self).start_kernel(kernel_id, path, stderr=log(), **options)


class Server(NotebookApp):
    """Jupyter's server, which SIGINT ends at once, without a prompt."""

    def init_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.told_to_end)

    def told_to_end(self, number, frame):
        loop = IOLoop.current()
        loop.add_callback_from_signal(loop.stop)


def serve(port):
    """Serves the work folder until a signal; then its kernels end, too."""
    inside = bool(os.environ.get('REPRO_CONTAINER'))
    ip = '0.0.0.0' if inside else LOOPBACK
    check_port(ip, port)
    token = binascii.hexlify(os.urandom(24)).decode('ascii')
    server = Server(
        config=transport(), kernel_manager_class=Kernels, ip=ip, port=port, port_retries=0,
        token=token, open_browser=False, log_level='ERROR', notebook_dir=os.getcwdu(),
        allow_root=True, allow_password_change=False,
        allow_remote_access=False)      # by any other name than localhost: a stranger's page
    server.initialize([])
    say('notebook: http://%s:%d/?token=%s' % (LOOPBACK, port, token))
    say('notebook: open that address in a browser; Ctrl-C here ends it and its kernels')
    server.start()
    say('notebook: ended, and so are its kernels')


def check_port(ip, port):
    """BadInput unless the server can listen there."""
    s = socket.socket()
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((ip, port))
        s.listen(1)
    except socket.error as e:
        if e.errno == errno.EADDRINUSE:
            raise BadInput('port %d is taken: name another with --port' % port)
        raise BadInput('port %d cannot be used (%s): name another with --port'
                       % (port, e.strerror))
    finally:
        s.close()


# ------------------------------------------------------------------------- without a browser

class Runner(ExecutePreprocessor):
    """Says which code cell it is at; its kernel's output outside the cells goes to LOG."""

    def start_new_kernel(self, **options):
        return super(Runner, self).start_new_kernel(stderr=log(), **options)

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == 'code':
            self.at += 1
            say('notebook: %s: cell %d of %d' % (self.name, self.at, self.cells))
        return super(Runner, self).preprocess_cell(cell, resources, index)


def run(name):
    """Runs a notebook of the work folder from top to bottom; its outputs are kept in it.

    Returns the exit status: 1 where a cell failed.
    """
    if not os.path.isfile(name):
        raise BadInput('--run %s %s in the work folder (there: %s)' % (
            name, absence(name), ', '.join(sorted(glob.glob('*.ipynb')))))
    try:
        book = nbformat.read(name, 4)
    except Exception as e:      # nbformat raises several kinds
        raise BadInput('--run %s is not a notebook (%s)' % (name, str(e).split('\n')[0]))
    runner = Runner(config=transport(), timeout=-1, startup_timeout=300, kernel_name='python2')
    runner.name, runner.at, failure = name, 0, None
    runner.cells = sum(cell.cell_type == 'code' for cell in book.cells)
    try:
        runner.preprocess(book, {'metadata': {'path': os.path.dirname(name) or '.'}})
    except CellExecutionError as e:
        failure = str(e).rstrip()
        failure += '\nnotebook: %s: cell %d failed (see above)' % (name, runner.at)
    except DeadKernelError:
        failure = ('notebook: %s: the kernel ended in cell %d: out of memory, most likely (its '
                   'log: %s)' % (name, runner.at, LOG))
    finally:
        with replacing(name) as temporary:
            nbformat.write(book, temporary)
        NotebookNotary().sign(book)
    if failure:
        print(failure, file=sys.stderr)
    else:
        say('notebook: done; its outputs are in %s' % os.path.abspath(name))
    return 1 if failure else 0


# ------------------------------------------------------------------------------------- the door

def prepare():
    """Puts a running server's files, its token among them, in a folder that is removed with it."""
    folder = tempfile.mkdtemp(prefix='notebook.')
    atexit.register(shutil.rmtree, folder, True)
    os.environ['JUPYTER_RUNTIME_DIR'] = folder


def transport():
    """Jupyter's setting for sockets that are files in that folder, as far as its path allows."""
    fits = len(os.environ['JUPYTER_RUNTIME_DIR']) + len('/kernel-%s-ipc-1' % uuid.uuid4()) < 108
    return Config({'KernelManager': {'transport': 'ipc' if fits else 'tcp'}})


def log():
    return open(LOG, 'ab')


def end(number, frame):
    raise KeyboardInterrupt


def main(argv=None):
    """Returns the exit status; one line on stderr when not 0."""
    try:
        args = options.parse(['notebook'] + (sys.argv[1:] if argv is None else argv))
        enter()
        prepare()
        signal.signal(signal.SIGTERM, end)
        bring()
        if args.run:
            return run(args.run)
        return serve(args.port)
    except (Failure,) + machine.ERRORS as e:
        failure = machine.explain(e)
        if failure is None:
            raise
        print('notebook: %s' % failure, file=sys.stderr)
        return failure.status
    except KeyboardInterrupt:
        print('notebook: interrupted', file=sys.stderr)
        return 130


if __name__ == '__main__':
    sys.exit(main())
