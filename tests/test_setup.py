# -*- coding: utf-8 -*-
"""host/setup.sh: what it makes is whole or not there, whoever interrupts it and however often."""
from __future__ import print_function

import os
import signal
import subprocess
import time

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Makes a folder in three steps, as the real makers do: a file, a download that takes its time, a
# file.  $gate: a file that the second step waits for.
MAKER = r'''
set -euo pipefail
source "$REPRO_ROOT/host/setup.sh"
maker() {
    echo one >"$REPRO_HOME/thing/first"
    setup_stage 'fetching it' wait_for_gate || return 3
    echo two >"$REPRO_HOME/thing/last"
    echo made >>"$REPRO_HOME/count"
}
wait_for_gate() { until [ -e "$gate" ]; do sleep .05; done; }
'''
MAKE = MAKER + 'made thing "${input:-a}" -- maker\n'


class Setup(object):
    """Set-ups in a $REPRO_HOME of their own."""

    def __init__(self, tmpdir):
        self.home, self.gate = tmpdir.join('home'), tmpdir.join('gate')
        self.thing = self.home.join('thing')

    def start(self, script=MAKE, **variables):
        environment = dict(os.environ, REPRO_HOME=str(self.home), REPRO_ROOT=ROOT,
                           gate=str(self.gate), **variables)
        return subprocess.Popen(['bash', '-c', script], env=environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, preexec_fn=os.setsid)

    def run(self, script=MAKE, **variables):
        """(status, stderr) of a set-up that need not wait."""
        self.gate.ensure()
        process = self.start(script, **variables)
        err = process.communicate()[1].decode('utf-8')
        return process.returncode, err

    def times_made(self):
        count = self.home.join('count')
        return len(count.readlines()) if count.check() else 0


@pytest.fixture
def setup(tmpdir):
    return Setup(tmpdir)


def wait_until(condition):
    end = time.time() + 30
    while not condition():
        assert time.time() < end
        time.sleep(.02)


def killed(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_it_is_made_once_and_again_when_an_input_changes(setup):
    assert setup.run()[0] == 0
    assert sorted(p.basename for p in setup.thing.listdir()) == [
        '.repro', 'first', 'last', 'stamp']
    assert setup.run() == (0, '') and setup.times_made() == 1
    assert setup.run(input='b')[0] == 0 and setup.times_made() == 2
    assert setup.run(input='@requirements/cpu.txt')[0] == 0 and setup.times_made() == 3
    assert setup.run(input='@requirements/cpu.txt') == (0, '')
    status, err = setup.run(input='@no/such/file')
    assert status != 0 and setup.times_made() == 3, err


def test_killed_while_it_makes_it_is_not_made_and_the_next_run_makes_it(setup):
    process = setup.start()
    wait_until(setup.thing.join('first').check)
    killed(process)
    assert not setup.thing.join('stamp').check()
    status, err = setup.run()
    assert status == 0 and 'fetching it' in err and setup.times_made() == 1
    assert setup.thing.join('last').check()


def test_killed_while_it_makes_it_anew_the_old_stamp_is_gone(setup):
    assert setup.run()[0] == 0
    setup.gate.remove()
    process = setup.start(input='b')
    wait_until(lambda: not setup.thing.join('last').check())
    wait_until(setup.thing.join('first').check)
    killed(process)
    # neither the new one nor, though its stamp would fit, the old one
    assert not setup.thing.join('stamp').check()
    assert setup.run(input='a')[0] == 0 and setup.times_made() == 2


@pytest.mark.parametrize('command', ['mkdir', 'find', 'sync', 'mv', 'rm'])
def test_killed_at_each_command_of_its_own(setup, command):
    """The shell dies as it calls the command: the stamp fits a whole folder or is not there."""
    assert setup.run()[0] == 0
    dying = MAKER + '%s() { kill -KILL $BASHPID; }\nmade thing b -- maker\n' % command
    status, err = setup.run(dying)
    assert status != 0, err
    whole = setup.thing.join('stamp').check() and setup.thing.join('last').check()
    assert whole or not setup.thing.join('stamp').check()
    before = setup.times_made()
    assert setup.run(input='b')[0] == 0 and setup.times_made() == before + 1
    assert setup.thing.join('last').check()


def test_what_fails_is_not_made_and_says_why(setup):
    script = MAKER + 'made thing a -- setup_stage "fetching it" sh -c "echo no such host; exit 7"'
    status, err = setup.run(script)
    assert status == 3 and 'no such host' in err and 'logs/setup-thing.log' in err
    assert not setup.thing.join('stamp').check()
    assert setup.run()[0] == 0


def test_two_at_once_the_second_waits_and_finds_it_made(setup):
    first = setup.start()
    wait_until(setup.thing.join('first').check)
    second = setup.start()
    line = second.stderr.readline().decode('utf-8')
    assert 'another run is setting up' in line and setup.times_made() == 0
    setup.gate.ensure()
    first.communicate()
    second.communicate()
    assert (first.returncode, second.returncode) == (0, 0) and setup.times_made() == 1


def test_a_part_of_a_set_up_does_not_wait_for_the_whole(setup):
    script = MAKER + ('outer() { made thing a -- maker && : >"$REPRO_HOME/outer/file"; }\n'
                      'made outer a -- outer\n')
    assert setup.run(script)[0] == 0
    assert setup.home.join('outer', 'stamp').check() and setup.thing.join('stamp').check()


def test_a_foreign_folder_is_not_taken(setup):
    setup.thing.ensure('precious')
    status, err = setup.run()
    assert status == 3 and 'was not made by this program' in err
    assert [p.basename for p in setup.thing.listdir()] == ['precious']


def test_an_empty_folder_is_taken(setup):
    setup.thing.ensure(dir=True)
    assert setup.run()[0] == 0 and setup.times_made() == 1


def test_a_home_that_cannot_be_written(setup, tmpdir):
    tmpdir.join('home').write('a file')
    status, err = setup.run()
    assert status == 3 and 'cannot write in' in err


def test_a_dry_run_makes_nothing(setup):
    script = 'DRY_RUN=1\n' + MAKE
    assert setup.run(script) == (0, '')
    assert not setup.home.check()


def test_the_users_python_settings_stay_out_of_a_set_up_and_stay_as_they_were(setup):
    script = MAKER + (
        'look() { echo "${PYTHONPATH-none} ${PIP_TARGET-none}" >>"$REPRO_HOME/seen"; }\n'
        'made thing a -- look; look\n')
    assert setup.run(script, PYTHONPATH='/mine', PIP_TARGET='/there')[0] == 0
    assert setup.home.join('seen').readlines() == ['none none\n', '/mine /there\n']
