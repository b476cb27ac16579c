# -*- coding: utf-8 -*-
"""What runs on Kaggle: this program on the card that is there, beside the competition's pictures.

host/kaggle/push.py pushes this file as a private script kernel, with one line after its end:
main(request, source).  notebooks/kaggle.ipynb calls it with a checkout instead.

    request     {'id', 'commit', 'arguments': of the run, 'engine': or '' for the card's,
                 'accelerator', 'hours': when the session ends}
    source      the checkout's files, a tar.xz in base 85

It leaves in /kaggle/working, the kernel's outputs:

    outputs.json        {'id', 'status': 'done', 'unfinished' or 'failed', 'exit', 'said': the
                        run's last line on stderr, 'stack': {'command', 'cards', 'why'},
                        'files': {name: sha256}}
    run.json, report.html, report.json and each file that run.json names, of a run that is done
    unfinished.tar      the work folder of one that is not: the next push resumes from there

It may count on root, Ubuntu 22.04 and a CPython 3, and nothing else.  Standard library only.
"""
from __future__ import print_function   # for flake8, which reads Python 2 here

import base64
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time

INPUT, OUTPUT = '/kaggle/input', '/kaggle/working'
OURS = '/tmp/dogs-vs-cats-2017'         # no output: set-up, source, and the work folder
SOURCE, WORK = OURS + '/source', OURS + '/work'
OUTPUTS, UNFINISHED = 'outputs.json', 'unfinished.tar'
MARGIN = 0.4        # hours kept for the end: what is unfinished is packed and copied
# Of a work folder, what the next session makes again: links to the input, and the run's own HOME.
LEFT_OUT = ('train', 'test', 'train2', 'test2', 'sample_submission.csv', 'weights',
            '.repro/home', '.repro/lock')


ENDS = threading.Event()        # set by SIGTERM: the session is being stopped


class Failure(Exception):
    """One line: what, where, what to do."""


def say(text):
    print('kernel: ' + text, flush=True)


# ---------------------------------------------------------------------------------- what is here

def unpack(source, checkout):
    """The checkout, from the text that the push made of it, or from a folder of the input."""
    os.makedirs(SOURCE, exist_ok=True)
    if checkout:
        shutil.copytree(checkout, SOURCE, symlinks=True, dirs_exist_ok=True)
        os.chmod(SOURCE + '/run.sh', 0o755)     # a data set's files are not executable
        return
    with tarfile.open(fileobj=io.BytesIO(base64.b85decode(source)), mode='r:xz') as t:
        t.extractall(SOURCE)


def folders():
    """(path, names) of each folder of the input, but not inside train/ and test/."""
    for folder, names, files in os.walk(INPUT, followlinks=True):
        yield folder, set(names) | set(files)
        names[:] = sorted(n for n in names if n not in ('train', 'test'))


def pictures():
    """('--data' or '--from', folder): the competition's, unpacked or zipped, wherever they are."""
    for folder, names in folders():
        if 'sample_submission.csv' in names and {'train', 'test'} <= names:
            return '--data', folder
        if {'train.zip', 'test.zip'} <= names:
            return '--from', folder
    raise Failure('no pictures are mounted below %s: accept the competition\'s rules on its page, '
                  'and see that it is among the inputs' % INPUT)


def weights(networks):
    """The folder of the input that holds these networks' weights files, or None.

    networks: the run's option --networks in a list, or [] for the default.
    """
    answer = subprocess.run(
        ['python3', '-B', '-m', 'repro.ask', 'weights', 'cpu'] + networks, cwd=SOURCE,
        stdout=subprocess.PIPE, universal_newlines=True, check=True)
    wanted = set(answer.stdout.split())
    return next((folder for folder, names in folders() if wanted <= names), None)


def earlier():
    """The work folder of the session before, packed, or None."""
    for folder, names in folders():
        if UNFINISHED in names:
            return os.path.join(folder, UNFINISHED)


def cards():
    """The names of NVIDIA's cards, '' where there are none."""
    try:
        answer = subprocess.run(['nvidia-smi', '--query-gpu=name', '--format=csv,noheader'],
                                stdout=subprocess.PIPE, universal_newlines=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ''
    return ', '.join(answer.stdout.split('\n')).strip(', ') if answer.returncode == 0 else ''


def stack(request):
    """{'command': [verb, options], 'cards', 'why'}: what multiplies here.

    The request's engine; else the article's own CUDA 8 if the card is old enough, which run.sh
    knows; else the card by a current TensorFlow; else the processor, by OpenVINO.
    """
    names, engine = cards(), request['engine']
    verb = 'gpu' if names and engine != 'openvino' else 'cpu'
    if engine:
        why = '--engine %s was given' % engine
    elif not names:
        engine, why = 'openvino', 'there is no card here, and TensorFlow 1.0.1 would take hours'
    else:
        drives = subprocess.run(['./run.sh', 'gpu', '--runtime', 'native', '--dry-run', '--work',
                                 WORK], cwd=SOURCE, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, universal_newlines=True)
        engine = 'tf1' if drives.returncode == 0 else 'tf2'
        why = ('CUDA 8 drives it: the article\'s own stack' if drives.returncode == 0
               else drives.stderr.strip().split('\n')[-1])
    return {'command': [verb, '--engine', engine], 'cards': names, 'why': why}


# ------------------------------------------------------------------------------------- the run

class Run(object):
    """./run.sh with what it says passed on.

    said: the last line on stderr; is_stopped: whether it was told to end before its time.
    """

    def __init__(self, *arguments):
        self.said, self.is_stopped = '', False
        say('./run.sh ' + ' '.join(arguments))
        self.process = subprocess.Popen(
            ['./run.sh'] + list(arguments), cwd=SOURCE, stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE, universal_newlines=True, errors='replace',
            start_new_session=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            print(line, end='', flush=True)
            self.said = line.strip() or self.said

    def wait(self, until=None):
        """The exit status; at the time `until`, or when the session is stopped, it gets SIGINT."""
        while self.process.poll() is None:
            if not self.is_stopped and (ENDS.is_set() or until and time.time() > until):
                say('the session ends: the run stops here')
                self.is_stopped = True
                os.killpg(self.process.pid, signal.SIGINT)
            time.sleep(.2)
        self.reader.join(10)
        return self.process.returncode


def prepare(request):
    """What the run is given, as options; fetches weights and unpacks pictures where it must."""
    option, folder = pictures()
    if option == '--from':
        to_its_end('data', '--from', folder, '--work', OURS + '/data')
        folder = OURS + '/data'
    given = ['--data', folder]
    networks = [a for a in request['arguments'] if a.startswith('--networks=')]
    held = weights(networks)
    if held:
        return given + ['--weights', held]
    to_its_end('weights', '--work', OURS + '/weights', *networks)
    return given + ['--weights', OURS + '/weights/weights']


def to_its_end(*arguments):
    """Runs ./run.sh to its end; Failure with its last line if it fails."""
    run = Run(*arguments)
    if run.wait():
        raise Failure(run.said)


def without_network(said):
    """The reason where nothing can be fetched: the kernel has no internet."""
    try:
        socket.getaddrinfo('www.kaggle.com', 443)
    except OSError:
        return ('this session has no internet: verify your phone number on kaggle.com (Settings), '
                'and push again (%s)' % said)
    return said


# ---------------------------------------------------------------------------------- the outputs

def digests(names):
    """{name: sha256} of outputs, by the checkout's own fetch.py, which is there if they are."""
    if not names:
        return {}
    sys.path.append(SOURCE + '/host/python')
    import fetch
    return {name: fetch.sha256(os.path.join(OUTPUT, name)) for name in names}


def finished():
    """The names of what a run that is done leaves, as its run.json has them."""
    with open(os.path.join(WORK, 'run.json'), encoding='utf-8') as f:
        run = json.load(f)
    names = {name for step in run['steps'] for name in step['files']}
    return sorted(names) + [n for n in ('run.json', 'report.html', 'report.json')
                            if os.path.exists(os.path.join(WORK, n))]


def pack():
    """unfinished.tar: the work folder, without what the next session makes again."""
    def without_left_out(member):
        return None if os.path.normpath(member.name) in LEFT_OUT else member
    with tarfile.open(os.path.join(OUTPUT, UNFINISHED), 'w') as t:
        t.add(WORK, '.', filter=without_left_out)
    return [UNFINISHED]


def leave(request, **facts):
    """Writes outputs.json last: what it names is there."""
    names = []
    if facts['status'] == 'done':
        names = finished()
        for name in names:
            shutil.copyfile(os.path.join(WORK, name), os.path.join(OUTPUT, name))
    elif facts['status'] == 'unfinished':
        names = pack()
    facts.update(files=digests(names), id=request['id'])
    temporary = os.path.join(OUTPUT, OUTPUTS + '.part')
    with open(temporary, 'w') as f:
        json.dump(facts, f, indent=1, sort_keys=True)
    os.rename(temporary, os.path.join(OUTPUT, OUTPUTS))


def main(request, source='', checkout=''):
    """Ends the kernel with status 1 where the run failed, which Kaggle then shows as an error."""
    start = time.time()
    signal.signal(signal.SIGTERM, lambda number, frame: ENDS.set())
    say('push %s, commit %s' % (request['id'], request['commit']))
    facts = {'status': 'failed', 'exit': 4, 'said': '', 'stack': {}}
    os.environ.update(REPRO_RUNTIME='native', REPRO_HOME=OURS + '/home')
    try:
        unpack(source, checkout)
        facts['stack'] = stack(request)
        say('cards: %(cards)s; %(command)s, since %(why)s' % dict(
            facts['stack'], cards=facts['stack']['cards'] or 'none',
            command=' '.join(facts['stack']['command'])))
        os.makedirs(WORK, exist_ok=True)
        before = earlier()
        if before:
            say('resuming from the session before: ' + before)
            with tarfile.open(before) as t:
                t.extractall(WORK)
        verb, given = facts['stack']['command'], prepare(request)
        run = Run(*verb + request['arguments'] + given + ['--work', WORK])
        facts['exit'] = run.wait(start + (request['hours'] - MARGIN) * 3600)
        facts['said'] = run.said
        if facts['exit'] == 0 or run.is_stopped:
            facts['status'] = 'unfinished' if facts['exit'] else 'done'
    except Failure as e:
        facts['said'] = str(e)
    if facts['status'] == 'failed':
        facts['said'] = without_network(facts['said'])
        say('failed: ' + facts['said'])
    leave(request, **facts)
    say('%s after %d minutes' % (facts['status'], (time.time() - start) // 60))
    if facts['status'] == 'failed':
        raise SystemExit(1)
