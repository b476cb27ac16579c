# -*- coding: utf-8 -*-
"""A stand-in for Kaggle: the endpoints that the pinned client asks, and sessions that run kernels.

Fixtures of test_competition.py and test_kernels.py: `kaggle` is (stand-in, a front door that
leads to it).  The client asks the addresses that it always asks, with TLS; its proxy (HTTPS_PROXY)
and its CA (REQUESTS_CA_BUNDLE) are the test's.
"""
from __future__ import print_function

import base64
import json
import os
import subprocess

import pytest

import loopback
import made_up

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOSTS = ['api.kaggle.com', 'www.kaggle.com', 'storage.googleapis.com']
TOKEN = {'KAGGLE_USERNAME': 'somebody', 'KAGGLE_KEY': 'a-secret-key'}
STORAGE = 'https://storage.googleapis.com/'


class Kaggle(object):
    """What it holds, what it was asked, and how it answers.

    session: what becomes of a pushed kernel, a function of its text that returns a Session;
    pushes: what SaveKernel was asked; answer: what it says besides.
    """

    def __init__(self, files):
        self.files, self.faults, self.refusal, self.packed = dict(files), {}, 0, {}
        self.asked, self.submissions, self.pending, self.score = [], [], 1, '0.04150'
        self.pushes, self.answer, self.session, self.running = [], {}, None, None

    def __call__(self, handler):
        name = handler.path.split('?')[0].rsplit('/', 1)[1]
        self.asked.append(name)
        if not handler.path.startswith('/v1/'):         # storage.googleapis.com
            if handler.command == 'PUT':
                self.uploaded = handler.body
                return handler.send(200, '{}')
            held = dict(self.files, **(self.running.outputs() if self.running else {}))
            return loopback.files({'/' + n: d for n, d in held.items()}, self.faults)(handler)
        right = 'Basic ' + base64.b64encode('%(KAGGLE_USERNAME)s:%(KAGGLE_KEY)s' % TOKEN)
        if self.refusal or handler.headers.get('Authorization') != right:
            return self.no(handler, self.refusal or 401)
        getattr(self, name)(handler, json.loads(handler.body or '{}'))

    def tell(self, handler, value, status=200):
        handler.send(status, json.dumps(value), Content_Type='application/json')

    def no(self, handler, status):
        self.tell(handler, {'code': status, 'message': 'no'}, status)

    # competitions.CompetitionApiService

    def DownloadDataFile(self, handler, asked):
        if asked['fileName'] not in self.files:
            return self.no(handler, 404)
        name = self.packed.get(asked['fileName'], asked['fileName'])
        handler.send(302, '', Location=STORAGE + name)

    def StartSubmissionUpload(self, handler, asked):
        self.tell(handler, {'token': 't', 'createUrl': STORAGE + 'up/load'})

    def CreateSubmission(self, handler, asked):
        self.submissions.append(asked['submissionDescription'])
        self.tell(handler, {'message': 'Successfully submitted', 'ref': 7})

    def ListSubmissions(self, handler, asked):
        status = 'COMPLETE' if self.pending <= 0 else 'PENDING'
        self.pending -= bool(self.submissions)
        self.tell(handler, {'submissions': [
            {'ref': 7, 'date': '2026-01-01T00:00:00.0Z', 'description': d, 'status': status,
             'publicScore': self.score, 'privateScore': self.score} for d in self.submissions]})

    # kernels.KernelsApiService

    def SaveKernel(self, handler, asked):
        self.pushes.append(asked)
        answer = dict({'url': 'https://www.kaggle.com/code/' + asked['slug'],
                       'versionNumber': len(self.pushes)}, **self.answer)
        if not answer.get('error'):
            self.running = self.session(asked['text'])
        self.tell(handler, answer)

    def GetKernelSessionStatus(self, handler, asked):
        if not self.running:
            return self.no(handler, 404)
        state, message = self.running.state()
        self.tell(handler, {'status': state, 'failureMessage': message})

    def ListKernelSessionOutput(self, handler, asked):
        """Two files a page."""
        names = sorted(self.running.outputs())
        first = int(asked.get('pageToken') or 0)
        self.tell(handler, {
            'files': [{'fileName': n, 'url': STORAGE + n} for n in names[first:first + 2]],
            'log': self.running.log(),
            'nextPageToken': str(first + 2) if names[first + 2:] else ''})


class Session(object):
    """A session that leaves these files at once, once it was asked `looks` times for its state."""

    def __init__(self, files=None, log='', ends=('COMPLETE', ''), looks=2):
        self.files, self.text, self.ends, self.looks = files or {}, log, ends, looks

    def state(self):
        self.looks -= 1
        return ('QUEUED' if self.looks > 0 else 'RUNNING', '') if self.looks >= 0 else self.ends

    def outputs(self):
        return self.files if self.looks < 0 else {}

    def log(self):
        """As Kaggle keeps it."""
        return json.dumps([{'stream_name': 'stdout', 'time': 0.1, 'data': line + '\n'}
                           for line in self.text.splitlines()])


@pytest.fixture(scope='module')
def competition():
    return made_up.competition()


@pytest.fixture(scope='module')
def certificates(tmpdir_factory):
    return loopback.certificates(str(tmpdir_factory.mktemp('ca')), HOSTS)


@pytest.fixture(scope='session')
def client():
    """Kaggle's client, installed before the test's proxy stands between; its Python."""
    if os.environ.get('REPRO_CONTAINER'):
        pytest.skip('the client runs outside a container, and inside is no index to fetch it')
    script = ('set -euo pipefail; '
              'for f in setup python/{python27,debian,python3} environment kaggle/kaggle; do '
              'source "$REPRO_ROOT/host/$f.sh"; done; kaggle_ready')
    subprocess.check_call(['bash', '-c', script], env=dict(os.environ, REPRO_ROOT=ROOT))
    return os.path.join(os.environ['REPRO_HOME'], 'kaggle', 'bin', 'python')


@pytest.fixture
def kaggle(run, client, certificates, competition, tmpdir):
    """(stand-in, a front door that leads to it)."""
    stand_in = Kaggle(competition)

    def ask(*arguments, **options):
        return run(*arguments, **dict(settings, **options))
    with loopback.serve(stand_in, certificates) as server:
        settings = dict(
            TOKEN, HTTPS_PROXY=server.url, https_proxy=server.url, NO_PROXY='', no_proxy='',
            REQUESTS_CA_BUNDLE=certificates['ca'], HOME=str(tmpdir), REPRO_RETRY_PAUSE='0.1',
            KAGGLE_CONFIG_DIR=None, KAGGLE_API_TOKEN=None)
        ask.environment = dict((k, v) for k, v in dict(os.environ, **settings).items() if v)
        yield stand_in, ask


def one_line(result, status, *words):
    """Holds that a command ended with this status and one line that has these words."""
    lines = [line for line in result.err.splitlines() if not line.startswith('run.sh: file names')]
    assert result.status == status and len(lines) == 1, result.both
    for word in words:
        assert word in lines[0], result.both
