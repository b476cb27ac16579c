# -*- coding: utf-8 -*-
"""./run.sh archive, and runs from an archive alone: no network, and no Python 2.7."""
from __future__ import print_function

import json
import os
import random
import shutil
import signal
import subprocess
import time
import urllib

import pytest

from conftest import front_door, needs_index
import stand_in_kaggle

kaggle, certificates, client, competition = (
    stand_in_kaggle.kaggle, stand_in_kaggle.certificates, stand_in_kaggle.client,
    stand_in_kaggle.competition)

pytestmark = needs_index
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DEMO = ('demo', '--networks', 'ResNet50', '--train', '8', '--test', '4')


def git(*arguments):
    """What git says of this checkout, whoever owns it."""
    return subprocess.check_output(
        ('git', '--git-dir=%s/.git' % ROOT, '--work-tree=' + ROOT) + arguments,
        stderr=open(os.devnull, 'w')).decode().strip()


def no_archive():
    """Why none can be made here, if so."""
    if os.environ.get('REPRO_CONTAINER'):
        return 'an image holds no .git, and has no index'
    try:
        if git('status', '--porcelain', '--untracked-files=no'):
            return 'this checkout differs from its commit'
        if git('rev-parse', '--is-shallow-repository') != 'false':
            return 'this checkout has not its whole history'
    except (OSError, subprocess.CalledProcessError):
        return 'no git, or no repository, is here'
    if subprocess.call(['unshare', '-nm', 'true'], stderr=open(os.devnull, 'w')):
        return 'no namespace without a network can be made here'


@pytest.fixture(scope='module')
def networked(tmpdir_factory):
    """The folder of that demo, on this machine as it is."""
    reason = no_archive()
    if reason:
        pytest.skip(reason)
    folder = tmpdir_factory.mktemp('networked').join('a demo')
    result = front_door(*DEMO + ('--work', folder), REPRO_NO_REPORT=None)
    assert result.status == 0, result.both
    return folder


@pytest.fixture(scope='module')
def bag(networked, tmpdir_factory):
    """An archive with that run; tests must leave it as it is."""
    folder = tmpdir_factory.mktemp('archive').join('the bag')
    result = front_door('archive', '--to', folder, '--keep', networked, REPRO_RUNTIME=None)
    assert result.status == 0, result.both
    yield folder
    shutil.rmtree(str(folder))


@pytest.fixture
def copy(bag, tmpdir):
    """Another one with the same files, to be damaged: each is a link to the bag's."""
    subprocess.check_call(['cp', '-al', str(bag), str(tmpdir.join('bag'))])
    return tmpdir.join('bag')


def hashes(folder):
    return folder.join('manifest-sha256.txt').read()


def written(path, data):
    """A new file in the place of a link, whose other names stay as they were."""
    path.remove()
    path.write(data, 'wb')


def unlinked(copy):
    """What `archive` writes in place would else be written into the bag, too."""
    for path in [copy.join('data', 'ro-crate-metadata.json'), copy.join('bag-info.txt')]:
        written(path, path.read('rb'))


def test_it_is_a_bag_and_a_crate(bag, tmpdir):
    python = os.path.join(os.environ['REPRO_HOME'], 'archive', 'bin', 'python')
    subprocess.check_call([python, '-W', 'ignore', '-m', 'bagit', '--validate', '--quiet',
                           str(bag)])
    crate = json.loads(bag.join('data', 'ro-crate-metadata.json').read())
    files = dict((urllib.unquote(e['@id']), e) for e in crate['@graph'] if 'File' in e['@type'])
    payload = [line.split('  data/')[1] for line in hashes(bag).splitlines()]
    assert sorted(files) == sorted(name for name in payload if name != 'ro-crate-metadata.json')
    keras = [e for name, e in files.items() if name.startswith('packages/Keras-1.2.2')]
    assert keras[0]['identifier'] == 'pkg:pypi/Keras@1.2.2' and keras[0]['license'] == 'MIT'
    assert all(e['sha256'] in hashes(bag) and e['license'] for e in files.values())

    action, = [e for e in crate['@graph'] if e['@type'] == 'CreateAction']
    assert action['instrument'] == {'@id': 'project.bundle'}
    made = json.loads(bag.join('data', 'runs', 'a demo', 'run.json').read())
    assert action['name'].endswith('of commit ' + made['commit'])
    assert {'@id': 'runs/a%20demo/pred.csv'} in action['result']

    script = ('set -euo pipefail; for f in setup environment python/python3; do '
              'source "$REPRO_ROOT/host/$f.sh"; done; venv_ready crate "$1"')
    base = subprocess.check_output([python, '-c', 'import sys; print(sys._base_executable)'])
    environment = dict(os.environ, REPRO_ROOT=ROOT)
    subprocess.check_call(['bash', '-c', script, 'x', base.decode().strip()], env=environment)
    tmpdir.join('crate').mksymlinkto(bag.join('data'))     # the validator needs no space in a path
    subprocess.check_call([
        os.path.join(os.environ['REPRO_HOME'], 'crate', 'bin', 'python'),
        os.path.join(ROOT, 'tests', 'valid_crate.py'), str(tmpdir.join('crate')), 'ro-crate-1.1',
        'workflow-run-crate'],
        cwd=str(tmpdir), env=dict(environment, HOME=str(tmpdir)))


READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'


def offline(bag, checkout, *arguments, **variables):
    """(status, what it says) of a restored checkout's run.sh, in a network of no interface, with
    the archive on a read-only mount."""
    environment = ['%s=%s' % pair for pair in variables.items()]
    program = subprocess.Popen(
        ['unshare', '-nm', 'sh', '-c', READ_ONLY, str(bag), 'env', '-i', 'REPRO_RUNTIME=native']
        + environment
        + [str(checkout.join('run.sh'))] + [str(a) for a in arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    out = program.communicate()[0].decode('utf-8')
    return program.returncode, out


@pytest.mark.parametrize('has_python27', [True, False])
def test_a_demo_without_a_network(bag, networked, tmpdir, has_python27):
    """From the archive alone; with the machine's Python 2.7, and without one."""
    checkout = tmpdir.join('checkout')
    subprocess.check_call(['git', 'clone', '-q', str(bag.join('data', 'project.bundle')),
                           str(checkout)])
    variables = {'HOME': tmpdir, 'PATH': '/usr/bin:/bin', 'PYENV_ROOT': '/nowhere'}
    if has_python27:
        variables = {'HOME': os.path.expanduser('~'), 'PATH': os.environ['PATH'],
                     'REPRO_PYTHON27': subprocess.check_output(
                         ['head', '-n', '1', os.path.join(os.environ['REPRO_HOME'], 'cpu',
                                                          'interpreter')]).decode().strip()}
    work = tmpdir.join('work')
    status, out = offline(bag, checkout, '--archive', bag, *DEMO + ('--no-report', '--work', work),
                          **variables)
    assert status == 0 and ' 0 FAIL' in out, out
    assert ('unpacking it' in out) != has_python27, out
    status, out = offline(bag, checkout, 'verify', '--archive', bag, '--work', work, **variables)
    assert status == 0, out
    assert work.join('pred.csv').read() == networked.join('pred.csv').read()
    if has_python27:
        status, out = offline(bag, checkout, 'test', '--archive', bag, 'tests/test_head.py',
                              'tests/test_networks.py', 'tests/test_tf2.py', **variables)
        assert status == 0 and 'or no TensorFlow 2' in out and ' passed' in out, out


def test_what_is_damaged_or_missing_is_named_before_anything_starts(bag, copy):
    names = sorted(line.split('  ')[1] for line in hashes(bag).splitlines())
    digests = dict(line.split('  ')[::-1] for line in hashes(bag).splitlines())
    chance = random.Random(2017)
    for name in chance.sample(names, 20):
        path = copy.join(*name.split('/'))
        whole = path.read('rb')
        at = chance.randrange(len(whole))
        flipped = chr(ord(whole[at:at + 1]) ^ 1 << chance.randrange(8))
        written(path, whole[:at] + flipped + whole[at + 1:])
        result = front_door('--archive', copy, 'exec', 'python', '-c', 'print "started"')
        line, = result.err.splitlines()
        assert result.status == 4 and 'started' not in result.out, result.both
        assert name in line and 'is damaged' in line and digests[name] in line, line
        written(path, whole)
    copy.join('data', 'project.bundle').remove()
    result = front_door('--archive', copy, 'exec', 'true')
    assert result.status == 4 and 'data/project.bundle is missing' in result.err, result.both
    # One that is missing hides none that is damaged.
    package = [name for name in names if 'numpy-1.12.0' in name][0]
    written(copy.join(*package.split('/')), b'damaged')
    written(copy.join(*[n for n in names if 'patchelf' in n][0].split('/')), b'damaged')
    result = front_door('archive', '--check', copy)
    assert result.status == 1, result.both
    assert 'archive: data/project.bundle is missing: its sha256 was ' in result.out
    assert 'archive: %s is damaged: its sha256 was %s' % (package, digests[package]) in result.out
    rows = table(result.out)
    assert rows['demo, test, cpu with your pictures and weights'] == 'no: numpy==1.12.0'
    assert rows['a Python 2.7 where there is none'] == 'no: debs'
    assert rows['this project: git clone DIR/data/project.bundle'] == 'no: project.bundle'
    assert '3 of ' in result.out.splitlines()[-1]
    result = front_door('--archive', copy.join('data'), 'exec', 'true')
    assert result.status == 4, result.both
    assert 'is not an archive of ./run.sh archive' in result.err


def test_an_archive_of_another_commit_is_said(bag, copy):
    about = copy.join('bag-info.txt').read('rb')
    commit = git('rev-parse', 'HEAD')
    written(copy.join('bag-info.txt'), about.replace(commit.encode(), b'0' * 40))
    sums = subprocess.check_output(['sha256sum', 'bag-info.txt', 'bagit.txt',
                                    'manifest-sha256.txt'], cwd=str(copy))
    written(copy.join('tagmanifest-sha256.txt'), sums)
    result = front_door('--archive', copy, 'exec', 'python', '-c', 'print "started"')
    assert result.status == 0 and result.out == 'started\n', result.both
    assert 'the archive is of commit 000000000000, and this checkout is ' + commit[:12] \
        in result.err


def table(out):
    """{what: answer} of archive --check."""
    rows = dict(line.rsplit(' | ', 1) for line in out.splitlines() if ' | ' in line)
    return dict((what.strip(), answer) for what, answer in rows.items())


def test_what_it_can_rebuild(bag):
    result = front_door('archive', '--check', bag)
    assert result.status == 0 and 'each as it was' in result.out, result.both
    rows = table(result.out)
    assert rows['demo, test, cpu with your pictures and weights'] == 'yes'
    assert rows['a Python 2.7 where there is none'] == rows['--engine openvino'] == 'yes'
    assert rows['serve, --engine tf2 on a processor'] == 'no: made without it (--with tf2)'
    assert rows['cpu --features'] == 'no: made without it (--with features)'
    result = front_door('--archive', bag, 'notebook', '--dry-run')
    assert result.status == 4 and 'it was made without --with notebook' in result.err, result.both


def test_interrupted_twenty_times_it_is_the_same(bag, networked, tmpdir):
    """Killed at seeded moments; the packages come from the first archive, to be quick."""
    again, chance = tmpdir.join('again'), random.Random(2017)
    settings = {'PIP_NO_INDEX': '1', 'PIP_CONFIG_FILE': os.devnull,
                'PIP_FIND_LINKS': 'file://' + str(bag.join('data', 'packages')).replace(
                    ' ', '%20'), 'REPRO_DEBS': None}
    environment = dict((k, v) for k, v in dict(os.environ, **settings).items() if v)
    for _ in range(20):
        program = subprocess.Popen([os.path.join(ROOT, 'run.sh'), 'archive', '--to', str(again),
                                    '--keep', str(networked)],
                                   env=environment, preexec_fn=os.setsid,
                                   stdout=open(os.devnull, 'w'), stderr=subprocess.STDOUT)
        time.sleep(chance.uniform(.3, 4))
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()
    result = front_door('archive', '--to', again, '--keep', networked, **settings)
    assert result.status == 0, result.both
    assert hashes(again) == hashes(bag)
    assert sorted(p.basename for p in again.listdir()) == sorted(p.basename for p in bag.listdir())


def test_what_may_not_be_passed_on(bag, copy):
    copy.ensure('data', 'cuda8', 'cuda.run')
    result = front_door('archive', '--to', copy, '--shareable')
    assert result.status == 4 and 'may not be passed on' in result.err, result.both
    copy.join('data', 'cuda8').remove()
    unlinked(copy)
    result = front_door('archive', '--to', copy, '--shareable')
    assert result.status == 0, result.both
    left = json.loads(copy.join('data', 'left-out.json').read())
    with open(os.path.join(ROOT, 'requirements', 'cuda8.lock')) as f:
        lock = f.read()
    assert len(left) == 3 and all(one['source'] for one in left)
    assert sum(one['sha256'] is not None and one['sha256'] in lock for one in left) == 2
    result = front_door('archive', '--to', copy, '--with', 'cuda8', '--shareable')
    assert result.status == 2 and 'leave it out of --with' in result.err, result.both


def test_pictures_are_gathered_once_and_unpacked_from_there(bag, copy, kaggle, tmpdir):
    """From a stand-in for Kaggle, whose pictures are made up."""
    stand_in, ask = kaggle
    unlinked(copy)
    result = ask('archive', '--to', copy, '--with', 'data')
    assert result.status == 0, result.both
    stand_in.asked = []
    result = ask('archive', '--to', copy, '--with', 'data')
    assert result.status == 0 and stand_in.asked == [], result.both
    result = ask('--archive', copy, 'data', '--work', tmpdir.join('work'))
    assert result.status == 0 and stand_in.asked == [], result.both
    assert len(tmpdir.join('work', 'train').listdir()) == 25000
    rows = front_door('archive', '--check', copy).out
    assert [r for r in rows.splitlines() if r.startswith('data, from')][0].endswith('| yes')


def test_a_run_that_cannot_be_kept_is_refused_before_anything_is_fetched(bag, tmpdir):
    for name in ('one', 'two'):
        tmpdir.ensure(name, 'demo', 'run.json').write('{"finished": false}')
    unfinished = tmpdir.join('one', 'demo')
    for runs, words in (([tmpdir], 'holds no run'), ([unfinished], 'is not finished'),
                        ([unfinished, tmpdir.join('two', 'demo')], 'two folders are called demo')):
        options = sum((['--keep', one] for one in runs), [])
        result = front_door('archive', '--to', tmpdir.join('bag'), *options)
        assert result.status in (2, 4) and words in result.err, result.both
        assert not tmpdir.join('bag', 'data', 'packages').listdir()


def test_wrong_usage(tmpdir):
    for arguments, words in (([], 'needs --to DIR'), (['--with', 'everything'], 'needs names out'),
                             (['--to', tmpdir, '--data', tmpdir], 'does not know --data')):
        result = front_door('archive', *arguments)
        assert result.status == 2 and words in result.err, result.both
    tmpdir.join('something').write('')
    result = front_door('archive', '--to', tmpdir)
    assert result.status in (3, 4) and len(result.err.splitlines()) >= 1, result.both
    assert tmpdir.join('something').check()
