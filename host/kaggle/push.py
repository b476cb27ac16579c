# -*- coding: utf-8 -*-
"""A run on Kaggle's machines, through Kaggle's own client; each failure is one line.

    push.py account                  whether there is one
    push.py pack REQUEST FOLDER      the kernel of session.py and this checkout, as kernels_push
                                     needs it; no client and no network is needed
    push.py push FOLDER RESULT       pushes it, and writes what was pushed to RESULT as JSON
    push.py follow PUSHED FOLDER     waits for its end, and fetches its outputs into FOLDER

REQUEST, RESULT and PUSHED are JSON files: session.py describes a request; pushed is {'kernel':
'user/slug', 'version', 'url', 'id'}.  Python 3 with requirements/kaggle.txt (kaggle.sh).
"""
from __future__ import print_function   # for flake8, which reads Python 2 here

import base64
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [HERE, os.path.join(os.path.dirname(HERE), 'python')]      # -I leaves them out

import competition                                  # noqa: E402
import fetch                                        # noqa: E402
from competition import attempt, Failure, say, write        # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
# What a run needs of the checkout.  Not the demo's weights: with them a kernel would be twice as
# large.
PACKED = ('run.sh', 'setup.cfg', 'host', 'repro', 'requirements', 'expected')
NOT_PACKED = ('expected/standin.bin',)
LIMIT = 10**6       # bytes of a kernel; our own bound, since Kaggle's is not documented
TITLE, SLUG = 'Dogs vs Cats 2017', 'dogs-vs-cats-2017'
EVERY = float(os.environ.get('REPRO_RETRY_PAUSE', 20))      # seconds between two looks
REPORT = 600        # seconds between two lines while nothing changes
SHOWN = 12          # of the log's last lines
OUTPUTS = 'outputs.json'        # as host/kaggle/session.py writes it
# What Kaggle answers to a push that it does not take, by words in it, and what to do then.  The
# text about sessions is quoted in kaggle-cli issue 185; the others are guessed.
REFUSALS = (
    ('quota', 'your hours of this accelerator are used up for this week: wait for the next one, '
              'or --accelerator none'),
    ('session count', 'as many of your sessions run as may: end one on kaggle.com, or wait'),
    ('accelerator|machine', 'this accelerator is no longer given: --accelerator NvidiaTeslaT4, '
                            'or none'),
    ('internet|phone', 'verify your phone number on kaggle.com (Settings): without it no session '
                       'has internet'))


def account():
    """Kaggle's API, signed in."""
    return competition.client('copy notebooks/kaggle.ipynb to kaggle.com and run it there')


# ------------------------------------------------------------------------------------------ pack

def files():
    """What is packed: the files that git tracks, whoever owns them; else all that are here."""
    command = ['git', '--git-dir=%s/.git' % ROOT, '--work-tree=' + ROOT, 'ls-files', '-z']
    try:
        listed = subprocess.run(command + list(PACKED), cwd=ROOT, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        listed = b''
    names = [name for name in os.fsdecode(listed).split('\0') if name]
    if not names:
        names = [os.path.relpath(os.path.join(folder, name), ROOT) for part in PACKED
                 for folder, _, here in os.walk(os.path.join(ROOT, part))
                 for name in here if not name.endswith('.pyc')] + list(PACKED[:2])
    return sorted(name for name in names if name not in NOT_PACKED)


def packed(commit):
    """The checkout as text: a tar.xz in base 85.  The same commit always gives the same."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode='w:xz', preset=9) as t:
        for name in files():
            with open(os.path.join(ROOT, name), 'rb') as f:
                add(t, name, f.read(), os.access(os.path.join(ROOT, name), os.X_OK))
        add(t, '.commit', commit.encode() + b'\n', False)
    return base64.b85encode(archive.getvalue()).decode()


def add(archive, name, data, executable):
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o755 if executable else 0o644
    archive.addfile(member, io.BytesIO(data))


def script(request):
    """The kernel's text: host/kaggle/session.py, and the line that calls it."""
    with open(os.path.join(HERE, 'session.py'), encoding='utf-8') as f:
        text = f.read()
    text += '\n\nmain(%r, %r)\n' % (request, packed(request['commit']))
    if len(text) > LIMIT:
        raise Failure('kaggle: the kernel has %d bytes, over the %d that it may have: push a '
                      'clean checkout' % (len(text), LIMIT))
    return text


def pack(request, folder):
    request = read(request)
    os.makedirs(folder, exist_ok=True)
    text = script(request)
    write(os.path.join(folder, 'kernel.py'), text)
    write(os.path.join(folder, 'asked.json'), json.dumps(request))
    say('kaggle: packed commit %s: one private script of %d KB, "%s" (%s), with the pictures and '
        'internet' % (request['commit'], len(text) // 1000, TITLE, SLUG))
    say('kaggle: accelerator: %s; engine: %s; the run\'s options: %s' % (
        request['accelerator'], request['engine'] or 'by the card that is there',
        ' '.join(request['arguments'])))


def metadata(request, user):
    """kernel-metadata.json, as kernels_push reads it."""
    kernel = '%s/%s' % (user, SLUG)
    return {'id': kernel, 'title': TITLE, 'code_file': 'kernel.py', 'language': 'python',
            'kernel_type': 'script', 'is_private': True, 'enable_internet': True,
            'enable_gpu': request['accelerator'] != 'none', 'enable_tpu': False,
            'competition_sources': [competition.COMPETITION], 'dataset_sources': [],
            'kernel_sources': [kernel] if request['goes_on'] else [], 'model_sources': []}


# ------------------------------------------------------------------------------------------ push

def push(folder, result):
    api, request = account(), read(os.path.join(folder, 'asked.json'))
    user = api.get_config_value(api.CONFIG_NAME_USER)
    about = metadata(request, user)
    running = state(api, about['id'])
    if running and running.status.name in ('QUEUED', 'RUNNING'):
        raise Failure('kaggle: a session of %s is %s already, and was not pushed from here: wait '
                      'for it, or cancel it on https://www.kaggle.com/code/%s'
                      % (about['id'], running.status.name.lower(), about['id']))
    write(os.path.join(folder, 'kernel-metadata.json'), json.dumps(about))
    accelerator = None if request['accelerator'] == 'none' else request['accelerator']
    with contextlib.redirect_stdout(sys.stderr):
        answer = attempt('kaggle', api.kernels_push, folder, str(int(request['hours'] * 3600)),
                         accelerator)
    refuse(answer)
    write(result, json.dumps({'kernel': about['id'], 'version': answer.version_number,
                              'url': answer.url, 'id': request['id']}))
    say('kaggle: pushed, version %s: %s' % (answer.version_number, answer.url))


def refuse(answer):
    """Failure for a push that Kaggle did not take, or took without the competition's data."""
    if competition.COMPETITION in (answer.invalid_competition_sources or ()):
        raise Failure('kaggle: ' + competition.ANSWERS[403])
    if answer.error:
        said = ' '.join(answer.error.split())[:200]
        raise Failure('kaggle: Kaggle did not take it ("%s")%s' % (said, remedy(said)))


def remedy(said):
    return next((': ' + what for words, what in REFUSALS if re.search(words, said.lower())), '')


def state(api, kernel):
    """What Kaggle says of the kernel's last session; None where there is no such kernel."""
    import requests
    try:
        return api.kernels_status(kernel)
    except requests.exceptions.HTTPError as e:
        if e.response is not None and e.response.status_code in (403, 404):
            return None
        raise Failure(competition.explained(e, 'kaggle'))
    except requests.exceptions.RequestException as e:
        raise Failure(competition.explained(e, 'kaggle'))


# ---------------------------------------------------------------------------------------- follow

def follow(pushed, folder):
    import requests
    api, pushed = account(), read(pushed)
    # fetch.py trusts the same certificates as the client.
    os.environ['SSL_CERT_FILE'] = os.environ.get('REQUESTS_CA_BUNDLE') or requests.certs.where()
    try:
        session = wait(api, pushed)
    except KeyboardInterrupt:
        say('kaggle: the session continues there; the same command follows it again', sys.stderr)
        raise SystemExit(130)
    listed, log, facts = left(api, pushed, session)
    lines = said_by(log, pushed['id'])
    for line in lines[-SHOWN:]:
        say('kaggle:   ' + line)
    os.makedirs(folder, exist_ok=True)
    for name, digest in sorted(facts['files'].items()):
        fetch_output(listed, name, digest, os.path.join(folder, name), pushed)
    write(os.path.join(folder, 'session.log'), '\n'.join(lines) + '\n')
    write(os.path.join(folder, OUTPUTS), json.dumps(facts))


def left(api, pushed, session):
    """({name: url} of the outputs, the log, outputs.json, made up if the session left none)."""
    for _ in range(3):      # they may be listed some moments after the end
        listed, log = outputs(api, pushed['kernel'])
        facts = described(listed, pushed)
        if facts:
            return listed, log, facts
        time.sleep(EVERY)
    said = 'the session ended as %s%s and left nothing: see %s' % (
        session.status.name.lower().replace('_', ' '), because(session), pushed['url'])
    return listed, log, {'id': pushed['id'], 'status': 'failed', 'said': said, 'stack': {},
                         'files': {}}


def because(session):
    """Kaggle's own reason in brackets, and what to do where that is known."""
    said = ' '.join((session.failure_message or '').split())[:200]
    return ' ("%s"%s)' % (said, remedy(said)) if said else ''


def wait(api, pushed):
    """The session's last state; a line whenever it changes, and one every ten minutes."""
    start, before, reported, shown = time.time(), None, 0, ''
    while True:
        session = attempt('kaggle', api.kernels_status, pushed['kernel'])
        name = session.status.name
        if name not in ('QUEUED', 'RUNNING', 'NEW_SCRIPT', 'CANCEL_REQUESTED'):
            say('kaggle: %s after %s' % (name.lower().replace('_', ' '), minutes(start)))
            return session
        line = latest(api, pushed) if name == 'RUNNING' else ''
        if name != before or line != shown or time.time() - reported >= REPORT:
            before, reported, shown = name, time.time(), line
            say('kaggle: %s for %s%s' % (name.lower().replace('_', ' '), minutes(start),
                                         line and ': ' + line))
        time.sleep(EVERY)


def minutes(start):
    return '%d min' % ((time.time() - start) // 60)


def latest(api, pushed):
    """The log's last line while the session runs; '' where Kaggle gives none yet."""
    try:
        lines = said_by(outputs(api, pushed['kernel'])[1], pushed['id'])
    except Failure:
        return ''
    return lines[-1] if lines else ''


def said_by(log, push):
    """The log's lines if it is this push's, [] for that of an earlier one.

    log: text, or the JSON list of {'stream_name', 'time', 'data'} that Kaggle keeps.
    """
    try:
        log = ''.join(part.get('data', '') for part in json.loads(log))
    except (TypeError, ValueError, AttributeError):
        log = log or ''
    return [line.rstrip() for line in log.splitlines() if line.strip()] if push in log else []


def outputs(api, kernel):
    """({name: url} of the kernel's outputs, its log)."""
    from kagglesdk.kernels.types.kernels_api_service import ApiListKernelSessionOutputRequest
    listed, log, token = {}, '', None
    with api.build_kaggle_client() as kaggle:
        while True:
            request = ApiListKernelSessionOutputRequest()
            request.user_name, request.kernel_slug = kernel.split('/')
            if token:
                request.page_token = token
            answer = attempt('kaggle', kaggle.kernels.kernels_api_client
                             .list_kernel_session_output, request)
            listed.update((item.file_name, item.url) for item in answer.files)
            log = log or answer.log
            token = answer.next_page_token
            if not token:
                return listed, log


def described(listed, pushed):
    """outputs.json of this push; None where the session left none, or another push's."""
    import requests

    def got():
        answer = requests.get(listed[OUTPUTS], timeout=60)
        answer.raise_for_status()
        return answer.json()
    if OUTPUTS not in listed:
        return None
    facts = attempt(OUTPUTS, got)
    return facts if facts['id'] == pushed['id'] else None


def fetch_output(listed, name, digest, path, pushed):
    """One output into its file, by its hash; resumes where an earlier call was cut off."""
    if name not in listed or os.path.basename(name) != name:
        raise Failure('kaggle: %s is named in the session\'s %s and is not among its outputs: see '
                      '%s' % (name, OUTPUTS, pushed['url']))
    try:
        fetch.fetch(listed[name], digest, path)
    except fetch.Failure as e:
        raise Failure('kaggle: %s: %s' % (name, e))


# ------------------------------------------------------------------------------------------- main

def read(path):
    with open(path, encoding='utf-8') as f:
        return json.load(f)


if __name__ == '__main__':
    sys.exit(competition.main({'account': account, 'pack': pack, 'push': push, 'follow': follow},
                              sys.argv[1:]))
