# -*- coding: utf-8 -*-
"""Who reads the output may go away: a run goes on, verify ends, and neither with a traceback."""
from __future__ import print_function

import os
import pty
import signal
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HEAD = ['exec', '--work', '{}', 'python', '-m', 'repro', 'head', '--networks', 'ResNet50']
VERIFY = ['verify', '--work', '{}']


def shell(text, arguments, folder):
    """(status, what came on stdout and stderr) of a line of bash; $@ is ./run.sh and arguments."""
    command = [os.path.join(ROOT, 'run.sh')] + [a.format(folder) for a in arguments]
    program = subprocess.Popen(['bash', '-c', 'set -o pipefail; ' + text, 'bash'] + command,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = program.communicate()
    lines = [line for line in err.splitlines() if not line.startswith(('run.sh: file names',
                                                                       'Using TensorFlow'))]
    return program.returncode, out, lines


def test_verify_ends_quietly_with_its_reader(small):
    status, out, err = shell('"$@" | head -n 1', VERIFY, small)
    assert out.startswith('verify: demo run') and err == []
    assert shell('"$@" | true', VERIFY, small)[2] == []


def test_verify_without_an_output_answers_with_its_status(small):
    assert shell('"$@" >&-', VERIFY, small) == (0, '', [])
    small.join('pred.csv').write('x', 'a')
    assert shell('"$@" >&- 2>&-', VERIFY, small) == (1, '', [])


def test_a_message_that_nobody_reads_leaves_the_status(tmpdir):
    for where in ('2>&-', '>&- 2>&-', '2>/dev/full'):
        assert shell('"$@" %s' % where, VERIFY, tmpdir) == (4, '', []), where


def test_verify_on_a_full_disk_fails_in_one_line(small):
    status, out, err = shell('"$@" >/dev/full', VERIFY, small)
    assert status == 4 and len(err) == 1, err
    assert 'standard output cannot be written (No space left on device)' in err[0]


@pytest.mark.parametrize('where, says', [
    ('| head -n 1', 'nobody reads'), ('>/dev/full', 'No space left on device'), ('>&-', '')])
def test_a_step_goes_on_without_its_output(small, where, says):
    small.join('model.h5').remove()
    status, out, err = shell('"$@" %s' % where, HEAD, small)
    assert status == 0 and small.join('model.h5').check(), err
    assert len(err) == bool(says) and says in ''.join(err), err
    assert small.join('.repro', 'lock').read() == ''    # no output went into a file


def test_a_step_that_fails_says_so_by_its_status(small):
    small.join('gap_ResNet50.h5').write('')
    for where in ('| head -n 1', '>/dev/full', '>&- 2>&-', '>/dev/full 2>&1'):
        status, out, err = shell('"$@" %s' % where, HEAD, small)
        assert status == 4 and 'Traceback' not in ''.join(err), (where, err)


def test_a_terminal_that_hangs_up(small):
    """Its line is cut (SIGHUP), and what is written to it then fails (EIO)."""
    small.join('model.h5').remove()
    child, terminal = pty.fork()
    if child == 0:
        os.execv(os.path.join(ROOT, 'run.sh'), ['run.sh'] + [a.format(small) for a in HEAD])
    said = ''
    while 'head: features of' not in said:
        said += os.read(terminal, 1000)
    os.close(terminal)
    assert os.waitpid(child, 0)[1] == 0
    assert small.join('model.h5').check()
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
