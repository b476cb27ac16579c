# -*- coding: utf-8 -*-
"""./run.sh kaggle, with Kaggle's own client against a stand-in for Kaggle.

One test really runs what is pushed: as root in a bare Debian, with a read-only input in Kaggle's
layout.  Kaggle itself and its cards are not tried here.
"""
from __future__ import print_function

import ast
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import threading
from distutils.spawn import find_executable

import pytest

from conftest import needs_index, needs_other_users
from programs import in_front, program
import stand_in_kaggle
from stand_in_kaggle import one_line, ROOT, Session

kaggle, certificates, client = (stand_in_kaggle.kaggle, stand_in_kaggle.certificates,
                                stand_in_kaggle.client)
KAGGLE = os.path.join(ROOT, 'host', 'kaggle')
QUICK = ('--networks', 'ResNet50', '--any-weights')
DATA = 'competitions/dogs-vs-cats-redux-kernels-edition'    # below /kaggle/input


@pytest.fixture(scope='module')
def competition():
    return {}


def asked_of(text):
    """What a pushed kernel's last line hands to main()."""
    call = ast.parse(text.encode('utf-8')).body[-1].value
    return ast.literal_eval(call.args[0])


def leaves(folder=None, status='done', **facts):
    """A session that leaves the run in this folder, as host/kaggle/session.py would."""
    def session(text):
        push = asked_of(text)['id']
        files = {}
        if folder is not None:
            run = json.loads(folder.join('run.json').read())
            run['kind'] = 'real'
            names = [n for step in run['steps'] for n in step['files']]
            files = dict((n, folder.join(n).read('rb')) for n in names)
            files['run.json'] = json.dumps(run)
        if status == 'unfinished':
            files['unfinished.tar'] = 'a tar'
        files['outputs.json'] = json.dumps(dict({
            'id': push, 'status': status, 'exit': 0, 'said': '', 'stack': {
                'command': ['gpu', '--engine', 'tf2'], 'cards': 'Tesla T4', 'why': 'it is newer'},
            'files': dict((n, hashlib.sha256(d).hexdigest()) for n, d in files.items())},
            **facts))
        return Session(files, 'kernel: push %s\nthe last line' % push)
    return session


def test_what_would_be_pushed(run, tmpdir):
    result = run('kaggle', '--dry-run', '--accelerator', 'none', '--work', tmpdir.join('work'),
                 HOME=tmpdir)
    assert result.status == 0, result.both
    assert 'accelerator: none' in result.out and 'would push' in result.out, result.both
    assert not tmpdir.join('work').check()
    assert 'engine: by the card' in result.out and '--networks=ResNet50,' in result.out
    one_line(run('kaggle', '--accelerator', 'NvidiaTeslaT4', '--engine', 'tf1'), 2, 'drive a T4')
    one_line(run('kaggle', '--accelerator', 'A100'), 2, '--accelerator is NvidiaTeslaP100 or')
    one_line(run('kaggle', '--data', tmpdir), 2, 'kaggle does not know --data')


def test_from_nothing_to_a_verified_run(kaggle, small_demo, tmpdir):
    stand_in, ask = kaggle
    work = tmpdir.join('work')
    stand_in.session = leaves(small_demo[0])
    stand_in.faults = {'/gap_Xception.h5': ['cut 100000']}      # resumes where it was cut off
    result = ask('kaggle', *QUICK + ('--work', work))
    assert result.status == 0, result.both
    pushed, = stand_in.pushes
    assert pushed['slug'] == 'somebody/dogs-vs-cats-2017' and pushed['isPrivate']
    assert pushed['kernelType'] == 'script' and pushed['enableInternet'] and pushed['enableGpu']
    assert pushed['machineShape'] == 'NvidiaTeslaP100' and not pushed.get('kernelDataSources')
    assert pushed['competitionDataSources'] == ['dogs-vs-cats-redux-kernels-edition']
    asked = asked_of(pushed['text'])
    assert asked['arguments'] == ['--networks=ResNet50', '--seeding=article', '--any-weights']
    assert asked['engine'] == '' and not asked['goes_on'] and len(pushed['text']) < 10**6
    for words in ('pushed, version 1: https://www.kaggle.com/code/somebody/dogs-vs-cats-2017',
                  'kaggle: queued for 0 min', 'kaggle: running for 0 min', 'the last line',
                  'cards: Tesla T4; gpu --engine tf2, since it is newer', ' 0 FAIL',
                  'next: ./run.sh submit --work %s' % work):
        assert words in result.out, result.both
    record = json.loads(work.join('run.json').read())
    push = record['steps'][-1]
    assert record['kind'] == 'kaggle' and push['step'] == 'push' and push['ended'] == 'done'
    assert push['kernel'] == 'somebody/dogs-vs-cats-2017' and push['id'] == asked['id']
    assert work.join('pred.csv').read() == small_demo[0].join('pred.csv').read()
    assert [p.basename for p in work.join('.repro', 'kernel', 'outputs').listdir()] == [
        'session.log']

    result = ask('verify', '--work', work)
    assert result.status == 0 and 'verify: kaggle run' in result.out, result.both
    one_line(ask('cpu', '--work', work, '--data', small_demo[0], '--any-weights'), 5,
             'holds a kaggle run')
    # stand-ins are not sent; and a page can be made again without the pictures
    one_line(ask('submit', '--yes', '--work', work), 4, 'this run is on stand-ins')
    work.join('report.html').check() and work.join('report.html').remove()
    result = ask('report', '--work', work)
    assert result.status == 0, result.both
    assert './run.sh kaggle --accelerator NvidiaTeslaP100' in work.join('report.html').read()


@pytest.mark.parametrize('answer, words', [
    ({'error': 'Maximum weekly GPU quota of 30.00 hours reached.'},
     ['used up for this week', '--accelerator none']),
    ({'error': 'Maximum batch GPU session count of 2 reached.'},
     ['session count', 'end one on kaggle.com, or wait']),
    ({'error': 'Invalid machine shape'}, ['--accelerator NvidiaTeslaT4, or none']),
    ({'error': 'Phone verification is required to use the internet'}, ['verify your phone']),
    ({'error': 'Something\nelse'}, ['("Something else")']),
    ({'invalidCompetitionSources': ['dogs-vs-cats-redux-kernels-edition']},
     ['accept the competition\'s rules first'])])
def test_what_kaggle_refuses_is_one_line(kaggle, tmpdir, answer, words):
    stand_in, ask = kaggle
    stand_in.answer, stand_in.session = answer, lambda text: None
    one_line(ask('kaggle', '--work', tmpdir.join('work')), 4, *words)
    assert not tmpdir.join('work', 'run.json').check()


def test_an_account_that_may_not(kaggle, tmpdir):
    stand_in, ask = kaggle
    folder = tmpdir.join('work')
    one_line(ask('kaggle', '--work', folder, KAGGLE_USERNAME=None, KAGGLE_KEY=None), 4,
             'no Kaggle token', 'notebooks/kaggle.ipynb')
    stand_in.running = Session(looks=9)         # of another checkout
    one_line(ask('kaggle', '--work', folder), 4, 'is queued already', 'cancel it')
    stand_in.running, stand_in.refusal = None, 429
    one_line(ask('kaggle', '--work', folder), 4, '(429)')
    assert stand_in.pushes == []


@pytest.mark.parametrize('session, status, words', [
    (lambda text: Session(ends=('ERROR', 'Your notebook exceeded the quota')), 4,
     ['ended as error ("Your notebook exceeded the quota": your hours']),
    (lambda text: Session(ends=('CANCEL_ACKNOWLEDGED', '')), 4,
     ['ended as cancel acknowledged and left nothing: see https://www.kaggle.com/code/']),
    (leaves(status='failed', said='this session has no internet: verify your phone'), 4,
     ['the run on Kaggle failed: this session has no internet: verify', 'session.log'])])
def test_a_session_that_fails(kaggle, tmpdir, session, status, words):
    stand_in, ask = kaggle
    stand_in.session = session
    one_line(ask('kaggle', '--work', tmpdir.join('work')), status, *words)
    # and the same command pushes anew
    stand_in.session = leaves(status='failed', said='again')
    one_line(ask('kaggle', '--work', tmpdir.join('work')), 4, 'failed: again')
    assert len(stand_in.pushes) == 2


def test_an_output_that_is_another(kaggle, small_demo, tmpdir):
    stand_in, ask = kaggle
    stand_in.session = leaves(small_demo[0])
    for fault, said in (('size 50', 'not the file that was'), ('page', 'a web page came instead')):
        stand_in.faults = {'/pred.csv': [fault] * 2}
        one_line(ask('kaggle', '--work', tmpdir.join('work')), 4, 'pred.csv', said)
        assert not tmpdir.join('work', 'pred.csv').check()
    stand_in.faults = {}
    result = ask('kaggle', '--work', tmpdir.join('work'))       # the rest is fetched, not pushed
    assert result.status == 0 and len(stand_in.pushes) == 1, result.both


def test_interrupted_it_follows_again(kaggle, small_demo, tmpdir):
    stand_in, ask = kaggle
    stand_in.session = leaves(small_demo[0])
    endless = Session(looks=10**6)
    session, stand_in.session = stand_in.session, lambda text: endless
    command = [os.path.join(ROOT, 'run.sh'), 'kaggle', '--work', str(tmpdir.join('work'))]
    process = subprocess.Popen(
        command, env=ask.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: (os.setsid(), signal.signal(signal.SIGINT, signal.SIG_DFL)))
    while b'queued' not in process.stdout.readline():
        assert process.poll() is None
    one_line(ask('kaggle', '--work', tmpdir.join('work')), 5, 'another ./run.sh kaggle')
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130 and 'the same command follows it again' in err, err
    push = json.loads(tmpdir.join('work', 'run.json').read())['steps'][0]
    assert push['url'] == 'https://www.kaggle.com/code/somebody/dogs-vs-cats-2017'
    stand_in.running = session(stand_in.pushes[0]['text'])
    result = ask('kaggle', '--work', tmpdir.join('work'))
    assert result.status == 0 and 'kaggle: following https://www' in result.out, result.both
    assert len(stand_in.pushes) == 1


def test_a_session_that_ends_at_its_limit_goes_on_in_the_next(kaggle, small_demo, tmpdir):
    stand_in, ask = kaggle
    stand_in.session = leaves(status='unfinished')
    result = ask('kaggle', '--work', tmpdir.join('work'))
    assert result.status == 130 and 'the same command resumes from there' in result.out, \
        result.both
    stand_in.session = leaves(small_demo[0])
    result = ask('kaggle', '--work', tmpdir.join('work'))
    assert result.status == 0, result.both
    assert stand_in.pushes[1]['kernelDataSources'] == ['somebody/dogs-vs-cats-2017']


# ---------------------------------------------------------------------- host/kaggle/session.py

SEARCH = r'''
import sys
sys.path.insert(0, sys.argv[1])
import session
session.INPUT = sys.argv[2]
try:
    print(session.pictures())
except session.Failure as e:
    print(e)
'''


@pytest.mark.parametrize('names, wanted', [
    (['a/b/train/x', 'a/b/test/x', 'a/b/sample_submission.csv'], "('--data', '{0}/a/b')"),
    (['c/train.zip', 'c/test.zip', 'c/sample_submission.csv.zip'], "('--from', '{0}/c')"),
    (['d/train.zip'], 'no pictures are mounted below {0}: accept the competition')])
def test_it_finds_the_pictures_wherever_they_are_mounted(client, tmpdir, names, wanted):
    for name in names:
        tmpdir.ensure('input', *name.split('/'))
    said = subprocess.check_output([client, '-I', '-B', '-c', SEARCH, KAGGLE,
                                    str(tmpdir.join('input'))])
    assert said.decode().startswith(wanted.format(tmpdir.join('input')))


STACK = r'''
import sys
sys.path.insert(0, sys.argv[1])
import session
session.SOURCE = sys.argv[2]
asked = {'engine': sys.argv[3]}
its = session.stack(asked)
print(its['command'][0], its['command'][2], its['cards'], '|', its['why'])
'''


@pytest.mark.parametrize('card, engine, wanted', [
    ('Tesla P100-PCIE-16GB, 6.0', '', 'gpu tf1 Tesla P100-PCIE-16GB | CUDA 8 drives it'),
    ('Tesla T4, 7.5', '', 'gpu tf2 Tesla T4 | run.sh: CUDA 8 has kernels for compute capability'),
    ('Tesla T4, 7.5', 'openvino', 'cpu openvino Tesla T4 | --engine openvino was given'),
    (None, '', 'cpu openvino  | there is no card here')])
def test_it_takes_the_stack_that_the_card_allows(client, tmpdir, card, engine, wanted):
    if card:
        program(tmpdir, 'nvidia-smi', 'case $* in *=name,compute_cap*) echo "%s, GPU-1";; '
                '*) echo "%s";; esac\n' % (card, card.split(',')[0]))
    said = subprocess.check_output(
        [client, '-I', '-B', '-c', STACK, KAGGLE, ROOT, engine],
        env=dict(os.environ, PATH=in_front(tmpdir)))
    assert said.decode().startswith(wanted)


class Machine(object):
    """A bare Debian with a Python 3 in a folder, in which pushed kernels run, as on Kaggle."""

    def __init__(self, root):
        self.root = root

    def session(self, text, until=None):
        """A Session that runs the kernel; its outputs are what lies in /kaggle/working.

        until: it is stopped when a file of this name lies in the run's folder.
        """
        for folder in ('kaggle/working', 'tmp/dogs-vs-cats-2017/work'):
            shutil.rmtree(str(self.root.join(folder)), ignore_errors=True)
        working = self.root.ensure('kaggle', 'working', dir=True)
        self.root.ensure('kaggle', 'src', 'script.py').write(text.encode('utf-8'), 'wb')
        return Running(self.root, working, until)

    def mount_outputs(self):
        """The last session's outputs are the next one's input."""
        shutil.copytree(str(self.root.join('kaggle', 'working')),
                        str(self.root.join('kaggle', 'input', 'notebooks', 'somebody', 'it')))


class Running(Session):
    ENTER = r'''
set -e
mount --bind "$1/kaggle/input" "$1/kaggle/input"
mount -o remount,ro,bind "$1/kaggle/input"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
exec chroot "$1" env -i HOME=/root PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${@:2}" \
    bash -c 'cd /kaggle/working && exec python3 /kaggle/src/script.py'
'''

    def __init__(self, root, working, until):
        Session.__init__(self)
        self.working, self.text, self.until = working, '', until and root.join(
            'tmp', 'dogs-vs-cats-2017', 'work', until)
        sources = ['%s=%s' % pair for pair in os.environ.items()
                   if pair[0].startswith('PIP_') or pair[0].lower().endswith('_proxy')]
        self.process = subprocess.Popen(
            ['unshare', '--mount', '--pid', '--fork', 'bash', '-c', self.ENTER, 'x',
             str(root)] + sources, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        for line in iter(self.process.stdout.readline, b''):
            self.text += line.decode('utf-8', 'replace')
        self.process.wait()

    def state(self):
        if self.until and self.until.check():
            self.until = None
            pid = self.process.pid      # its one child is the namespace's first process
            with open('/proc/%d/task/%d/children' % (pid, pid)) as f:
                os.kill(int(f.read()), signal.SIGTERM)
        if self.thread.is_alive():
            return 'RUNNING', ''
        return ('ERROR', '') if self.process.returncode else ('COMPLETE', '')

    def outputs(self):
        if self.thread.is_alive():
            return {}
        return dict((p.basename, p.read('rb')) for p in self.working.listdir() if p.isfile())


@pytest.fixture(scope='module')
def machine(tmpdir_factory, small_demo):
    """As Kaggle's, but for its card, its other packages, and how many pictures are mounted."""
    if not find_executable('debootstrap'):
        pytest.skip('no debootstrap is here to make a bare Debian')
    root = tmpdir_factory.mktemp('machine')
    script = ('source "$1/host/python/debian.sh"; for a in $(debian_archives); do rm -rf "$2"/*; '
              'debootstrap --variant=minbase --include=python3,ca-certificates bookworm "$2" "$a" '
              '&& exit; done; exit 1')
    subprocess.check_output(['bash', '-c', script, 'x', ROOT, str(root)],
                            stderr=subprocess.STDOUT)
    # Where this machine's packages come from, they come from there, too.
    for name in ('etc/apt', 'etc/pip.conf', 'etc/resolv.conf', 'etc/hosts',
                 'etc/ssl/certs/ca-certificates.crt'):
        if os.path.exists('/' + name):
            subprocess.check_call(['cp', '-rLT', '/' + name, str(root.join(name))])
    competition, others = root.join('kaggle', 'input', DATA), root.join('kaggle', 'input', 'w')
    for name in ('train', 'test'):
        shutil.copytree(str(small_demo[0].join(name)), str(competition.join(name)))
    small_demo[0].join('sample_submission.csv').copy(competition.join('sample_submission.csv'))
    shutil.copytree(str(small_demo[0].join('weights')), str(others))
    root.ensure('kaggle', 'src', dir=True)
    yield Machine(root)
    shutil.rmtree(str(root))


@needs_other_users
@needs_index
def test_a_pushed_kernel_is_run(kaggle, machine, tmpdir):
    """From nothing to a verified work folder; on the way, a session that ends before its run."""
    stand_in, ask = kaggle
    stand_in.session = lambda text: machine.session(text, until='gap_ResNet50.h5')
    work = tmpdir.join('work')
    options = QUICK + ('--accelerator', 'none', '--work', work)
    result = ask('kaggle', *options)
    assert result.status == 130, result.both + stand_in.running.text
    assert 'cards: none; cpu --engine openvino, since there is no card here' in result.out

    machine.mount_outputs()
    stand_in.session = machine.session
    result = ask('kaggle', *options)
    assert result.status == 0, result.both + stand_in.running.text
    assert 'resuming from the session before: /kaggle/input/' in stand_in.running.text
    assert ' 0 FAIL' in result.out and 'pictures: stand-in, weights: stand-in' in result.out
    record = json.loads(work.join('run.json').read())
    extraction, = [s for s in record['steps'] if s['step'] == 'gap ResNet50']
    assert extraction['kept'], extraction
    head = subprocess.check_output(['git', '--git-dir', ROOT + '/.git', 'rev-parse',
                                    'HEAD']).decode().strip()
    assert record['kind'] == 'kaggle' and record['commit'].replace('-dirty', '') == head
    assert work.join('report.html').check() and work.join('pred.csv').check()


def cells(name, of='code'):
    """The source of a notebook's cells of a type."""
    with io.open(os.path.join(ROOT, 'notebooks', name), encoding='utf-8') as f:
        notebook = json.load(f)
    assert notebook['nbformat'] == 4
    return [u''.join(cell['source']) for cell in notebook['cells'] if cell['cell_type'] == of]


@needs_other_users
@needs_index
def test_the_notebook_does_the_same(machine):
    """Its cells, but for the last, which shows the page; with the checkout as a data set."""
    checkout = machine.root.ensure('kaggle', 'input', 'datasets', 'this', dir=True)
    subprocess.check_call(['bash', '-c', 'git --git-dir=.git --work-tree=. ls-files -z | '
                           'tar --null -T - -c | tar -x -C "$0"', str(checkout)], cwd=ROOT)
    checkout.join('run.sh').chmod(0o644)
    source = cells('kaggle.ipynb')
    assert source[0] == u"REPOSITORY = ''" and 'report.html' in source[-1]
    text = u'\n'.join(source[:-1]).replace(
        u"'arguments': []",
        u"'arguments': ['--networks=ResNet50', '--any-weights', '--no-report']")
    session = machine.session(text)
    session.thread.join()
    left = json.loads(session.outputs()['outputs.json'])
    assert left['status'] == 'done' and left['id'] == 'notebook', session.text
    assert 'pred.csv' in left['files'] and ' 0 FAIL' in session.text
