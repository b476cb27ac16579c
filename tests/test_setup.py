# -*- coding: utf-8 -*-
"""host/setup.sh: what it makes is whole or not there, whoever interrupts it and however often."""
from __future__ import print_function

import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest

from conftest import needs_other_users

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
        environment = dict(dict(os.environ, REPRO_HOME=str(self.home), REPRO_ROOT=ROOT,
                                gate=str(self.gate)), **variables)
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
        'look() { echo "${PYTHONPATH-none} ${VIRTUALENV_PIP-none}" >>"$REPRO_HOME/seen"; }\n'
        'made thing a -- look; look\n')
    assert setup.run(script, PYTHONPATH='/mine', VIRTUALENV_PIP='/there')[0] == 0
    assert setup.home.join('seen').readlines() == ['none none\n', '/mine /there\n']


# --------------------------------------------------------------- where packages come from

PIP_CONF = """[global]
index-url = https://mirror.example/simple
use-feature = truststore
progress-bar = raw
target = /elsewhere
user = true
[install]
extra-index-url = https://one.example
    https://two.example
platform = win32
[list]
timeout = 1
"""


def sources(setup, folder, **variables):
    """The PIP_ variables with which a set-up runs pip."""
    folder.join('.config', 'pip').ensure(dir=True).join('pip.conf').write(PIP_CONF)
    settings = dict.fromkeys((k for k in os.environ if k.startswith('PIP_')), '')
    settings.update(variables)
    out = folder.join('out')
    status, err = setup.run(
        'set -euo pipefail; source "$REPRO_ROOT/host/setup.sh"\n'
        'setup_pip %s || exit; env | grep ^PIP_ >%s' % (sys.executable, out),
        HOME=str(folder), XDG_CONFIG_HOME='', **settings)
    return status, err, dict(line.split('=', 1) for line in out.read().splitlines()
                             ) if out.check() else None


def test_of_pips_settings_only_where_packages_come_from_is_taken_over(setup, tmpdir):
    status, err, told = sources(setup, tmpdir, PIP_PROGRESS_BAR='raw', PIP_PLATFORM='win32',
                                PIP_PROXY='http://proxy.example:8080', PIP_CERT='/my/ca')
    assert (status, err) == (0, '')
    assert told == {
        'PIP_INDEX_URL': 'https://mirror.example/simple', 'PIP_CERT': '/my/ca',
        'PIP_EXTRA_INDEX_URL': 'https://one.example https://two.example',
        'PIP_PROXY': 'http://proxy.example:8080', 'PIP_CONFIG_FILE': '/dev/null',
        'PIP_NO_PYTHON_VERSION_WARNING': '1', 'PIP_DISABLE_PIP_VERSION_CHECK': '1',
        'PIP_NO_INPUT': '1'}


def test_without_a_pip_conf_the_variables_alone_count(setup, tmpdir):
    _, _, told = sources(setup, tmpdir, PIP_CONFIG_FILE='/dev/null', PIP_CERT='/my/ca',
                         PIP_INDEX_URL='https://mine.example')
    assert told['PIP_INDEX_URL'] == 'https://mine.example' and 'PIP_EXTRA_INDEX_URL' not in told


def test_a_pip_conf_that_cannot_be_read_is_one_line(setup, tmpdir):
    torn = tmpdir.join('torn.conf')
    torn.write('index-url = https://mirror.example\n')
    status, err, _ = sources(setup, tmpdir, PIP_CONFIG_FILE=str(torn))
    assert status == 3 and err.startswith('set-up: a pip.conf cannot be read (')
    assert err.endswith('): mend it, or set PIP_CONFIG_FILE=/dev/null\n') and err.count('\n') == 1


# --------------------------------------------------------------- surroundings of a set-up

def test_where_no_program_can_be_started(setup):
    """As on a noexec mount; what is mounted so only root may say."""
    script = MAKER + 'chmod() { :; }\nmade thing a -- maker\n'
    status, err = setup.run(script)
    assert (status, err) == (3, 'set-up: no program can be started in %s (mounted noexec?): set '
                             'REPRO_HOME to a folder on another file system\n' % setup.home)
    assert setup.times_made() == 0 and not setup.home.listdir('.try*')


def test_a_folder_mounted_noexec(setup):
    if os.getuid() != 0 or subprocess.call(['unshare', '-m', 'true']):
        pytest.skip('only root may mount')
    setup.home.ensure(dir=True)
    script = MAKER + 'mount -t tmpfs -o noexec none "$REPRO_HOME"; made thing a -- maker\n'
    process = subprocess.Popen(
        ['unshare', '-m', 'bash', '-c', script], stderr=subprocess.PIPE,
        env=dict(os.environ, REPRO_HOME=str(setup.home), REPRO_ROOT=ROOT,
                 gate=str(setup.gate)))
    err = process.communicate()[1]
    assert process.returncode == 3 and 'no program can be started in %s' % setup.home in err


def test_a_path_that_is_no_utf8_is_refused_first(setup, tmpdir):
    home = str(tmpdir) + '/\xcf\xc2\xd4\xd8'
    status, err = setup.run(MAKE, REPRO_HOME=home)
    assert status == 3 and err.count('\n') == 1
    assert 'is not UTF-8, which Python\'s packages need: rename it' in err


@needs_other_users
def test_too_few_processes_are_named_before_anything_looks_stale():
    def as_a_limited_user():
        os.setuid(54321)        # nobody's; so its limit counts nobody else's processes
        resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))

    with open(os.path.join(ROOT, 'host', 'setup.sh')) as f:
        script = 'die() { echo "$2" >&2; exit "$1"; }\n' + f.read() + '\ncan_start_processes\n'
    for limit, status in ((4, 4), (20, 0)):
        process = subprocess.Popen(['bash', '-s'], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                                   cwd='/', preexec_fn=as_a_limited_user)
        err = process.communicate(script)[1]
        assert process.returncode == status, err
        assert not status or err.startswith('fewer than 8 processes at once may be started here')


# --------------------------------------------------------------- a Python without a pip

def test_the_locked_pip_is_fetched_for_a_python_that_has_none(setup, tmpdir):
    """From where pip is set up to take packages, by hash; a wrong one is not taken."""
    fetch = os.path.join(ROOT, 'host', 'python', 'fetch_pip.py')
    wheel = 'pip-20.3.4-py2.py3-none-any.whl'
    tmpdir.join('links').ensure(dir=True).join(wheel).write('another')
    page = tmpdir.join('index', 'pip').ensure(dir=True).join('index.html')
    page.write('<a href="../../files/%s#sha256=0">%s</a>' % (wheel, wheel))
    tmpdir.join('files').ensure(dir=True).join(wheel).write('the wheel')
    requirements = tmpdir.join('first.txt')
    requirements.write('setuptools==1 --hash=sha256:%s\npip==20.3.4 --hash=sha256:%s\n' % (
        '0' * 64, hashlib.sha256('the wheel').hexdigest()))
    environment = dict(os.environ, PIP_FIND_LINKS=str(tmpdir.join('links')), PIP_NO_INDEX='',
                       PIP_INDEX_URL='file://%s' % tmpdir.join('index'), PIP_EXTRA_INDEX_URL='')

    def fetched(**variables):
        process = subprocess.Popen([sys.executable, '-E', fetch, str(requirements),
                                    str(tmpdir.join('pip'))], stderr=subprocess.PIPE,
                                   env=dict(environment, **variables))
        return process.communicate()[1], process.returncode

    err, status = fetched(PIP_NO_INDEX='1')
    assert status == 1 and err.endswith('%s was found nowhere\n' % wheel)
    err, status = fetched()
    assert status == 0 and 'has another hash than the lock' in err
    assert tmpdir.join('pip').listdir() == [tmpdir.join('pip', wheel)]
    assert tmpdir.join('pip', wheel).read() == 'the wheel'


@pytest.mark.skipif('REPRO_CONTAINER' in os.environ, reason='a container has no network')
def test_a_set_up_under_a_chinese_name_with_a_python_that_has_no_pip(setup, tmpdir):
    """The two together, since each real set-up of the tools takes 5 s."""
    with open(os.path.join(os.environ['REPRO_HOME'], 'cpu', 'interpreter')) as f:
        real = f.readline().strip()
    # An interpreter of another prefix, whose library lacks both.
    prefix = tmpdir.join('python')
    library = os.path.join(os.path.dirname(os.path.dirname(real)), 'lib', 'python2.7')
    lib = prefix.join('lib', 'python2.7').ensure(dir=True)
    for name in os.listdir(library):
        if name not in ('ensurepip', 'site-packages', 'dist-packages'):
            os.symlink(os.path.join(library, name), str(lib.join(name)))
    lib.join('site-packages').ensure(dir=True)
    python = prefix.join('bin').ensure(dir=True).join('python2.7')
    shutil.copy(real, str(python))
    script = ('set -euo pipefail\nfor part in setup python/{python27,debian} environment; do\n'
              '    source "$REPRO_ROOT/host/$part.sh"; done\n'
              '! setup_pip_path "$python"; tools_ready "$python"\n')
    home = str(tmpdir) + '/\xe4\xb8\x8b\xe8\xbd\xbd'
    status, err = setup.run(script, REPRO_HOME=home, python=str(python))
    assert status == 0, err
    assert os.path.exists(home + '/tools/lib/virtualenv')
