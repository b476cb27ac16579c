# -*- coding: utf-8 -*-
"""./run.sh data and submit, with Kaggle's own client against a stand-in for Kaggle.

The client asks the addresses that it always asks, with TLS; its proxy (HTTPS_PROXY) and its CA
(REQUESTS_CA_BUNDLE) are the test's.
"""
from __future__ import print_function

import base64
import json
import os
import subprocess

import pytest

import loopback
import made_up
from conftest import Result
from repro import verify
from repro.checks import DIFFERS
from repro.folder import read_json
from repro.text import english

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOSTS = ['api.kaggle.com', 'www.kaggle.com', 'storage.googleapis.com']
PROGRAM = os.path.join(ROOT, 'host', 'competition.py')
SERVICE = '/v1/competitions.CompetitionApiService/'
TOKEN = {'KAGGLE_USERNAME': 'somebody', 'KAGGLE_KEY': 'a-secret-key'}


@pytest.fixture(scope='module')
def competition():
    return made_up.competition()


@pytest.fixture(scope='module')
def certificates(tmpdir_factory):
    return loopback.certificates(str(tmpdir_factory.mktemp('ca')), HOSTS)


@pytest.fixture(scope='module', autouse=True)
def client():
    """Kaggle's client is installed before the test's proxy stands between."""
    if os.environ.get('REPRO_CONTAINER'):
        pytest.skip('the client runs outside a container, and inside is no index to fetch it')
    script = ('set -euo pipefail; for f in setup python27 debian environment python3 kaggle; do '
              'source "$REPRO_ROOT/host/$f.sh"; done; kaggle_ready')
    subprocess.check_call(['bash', '-c', script], env=dict(os.environ, REPRO_ROOT=ROOT))


class Kaggle(object):
    """The stand-in: what it holds, what it was asked, and how it answers."""

    def __init__(self, files):
        self.files, self.faults, self.refusal, self.packed = dict(files), {}, 0, {}
        self.asked, self.submissions, self.pending, self.score = [], [], 1, '0.04150'

    def __call__(self, handler):
        name = handler.path.split('?')[0].rsplit('/', 1)[1]
        self.asked.append(name)
        if not handler.path.startswith(SERVICE):        # storage.googleapis.com
            if handler.command == 'PUT':
                self.uploaded = handler.body
                return handler.send(200, '{}')
            return loopback.files({'/' + n: d for n, d in self.files.items()},
                                  self.faults)(handler)
        right = 'Basic ' + base64.b64encode('%(KAGGLE_USERNAME)s:%(KAGGLE_KEY)s' % TOKEN)
        if self.refusal or handler.headers.get('Authorization') != right:
            status = self.refusal or 401
            return self.tell(handler, {'code': status, 'message': 'no'}, status)
        getattr(self, name)(handler, json.loads(handler.body or '{}'))

    def tell(self, handler, value, status=200):
        handler.send(status, json.dumps(value), Content_Type='application/json')

    def DownloadDataFile(self, handler, asked):
        if asked['fileName'] not in self.files:
            return self.tell(handler, {'code': 404, 'message': 'no'}, 404)
        name = self.packed.get(asked['fileName'], asked['fileName'])
        handler.send(302, '', Location='https://storage.googleapis.com/' + name)

    def StartSubmissionUpload(self, handler, asked):
        self.tell(handler, {'token': 't', 'createUrl': 'https://storage.googleapis.com/up/load'})

    def CreateSubmission(self, handler, asked):
        self.submissions.append(asked['submissionDescription'])
        self.tell(handler, {'message': 'Successfully submitted', 'ref': 7})

    def ListSubmissions(self, handler, asked):
        status = 'COMPLETE' if self.pending <= 0 else 'PENDING'
        self.pending -= bool(self.submissions)
        self.tell(handler, {'submissions': [
            {'ref': 7, 'date': '2026-01-01T00:00:00.0Z', 'description': d, 'status': status,
             'publicScore': self.score, 'privateScore': self.score} for d in self.submissions]})


@pytest.fixture
def kaggle(run, certificates, competition, tmpdir):
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


def python():
    """The client's Python."""
    return os.path.join(os.environ['REPRO_HOME'], 'kaggle', 'bin', 'python')


def program(command, environment, cwd=None):
    """What a program says and how it ends, as a Result."""
    process = subprocess.Popen(command, env=environment, cwd=cwd, stdin=open(os.devnull),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate()
    return Result(process.returncode, out.decode('utf-8'), err.decode('utf-8'))


def one_line(result, status, *words):
    lines = [line for line in result.err.splitlines() if not line.startswith('run.sh: file names')]
    assert result.status == status and len(lines) == 1, result.both
    for word in words:
        assert word in lines[0], result.both


def test_from_the_account_to_the_pictures_in_their_place(kaggle, tmpdir):
    stand_in, ask = kaggle
    folder = tmpdir.join('work')
    one_line(ask('data', '--work', folder, KAGGLE_USERNAME=None, KAGGLE_KEY=None), 4,
             'no Kaggle token', '--from DIR')
    one_line(ask('data', '--work', folder, KAGGLE_KEY='another'), 4, 'refuses the token (401)')
    stand_in.refusal = 403
    one_line(ask('data', '--work', folder), 4, '(403)', 'accept the competition\'s rules')
    stand_in.refusal = 0
    one_line(ask('data', '--work', folder, REQUESTS_CA_BUNDLE=None), 4,
             'certificate is not trusted here')
    # Kaggle packs a lone CSV; and a network may want one to sign in
    stand_in.packed = {'sample_submission.csv': 'sample_submission.csv.zip'}
    stand_in.files['sample_submission.csv.zip'] = made_up.zipped(
        ['sample_submission.csv'], data=made_up.SAMPLE)
    stand_in.faults = {'/sample_submission.csv.zip': ['page']}
    one_line(ask('data', '--work', folder), 4, 'sample_submission.csv: a web page came instead')
    assert not folder.join('train').check()

    # an earlier call was killed in the middle of a file; this one is cut off once, too
    folder.join('.repro', 'zips', 'train.zip').write(stand_in.files['train.zip'][:500], 'wb',
                                                     ensure=True)
    stand_in.faults = {'/test.zip': ['cut 1000']}
    result = ask('data', '--work', folder)
    assert result.status == 0, result.both
    assert len(folder.join('train').listdir()) == 25000
    assert len(folder.join('test').listdir()) == 12500
    assert folder.join('sample_submission.csv').read() == made_up.SAMPLE
    assert folder.join('train', 'dog.12499.jpg').read('rb') == made_up.jpeg()
    assert not folder.join('.repro', 'zips').check() and not folder.join('run.json').check()
    assert TOKEN['KAGGLE_KEY'] not in result.both
    # and the second time nothing is asked of anybody
    stand_in.asked = []
    result = ask('data', '--work', folder)
    assert result.status == 0 and 'were there already' in result.out, result.both
    assert stand_in.asked == []


def test_a_socks_proxy_and_a_token_that_is_none(kaggle, tmpdir):
    _, ask = kaggle
    folder = tmpdir.join('work')
    one_line(ask('data', '--work', folder, HTTPS_PROXY=None, https_proxy=None,
                 ALL_PROXY='socks5://me:secret@127.0.0.1:9'), 4,
             'a SOCKS proxy is not supported here: set https_proxy')
    tmpdir.join('.kaggle', 'kaggle.json').write(json.dumps(TOKEN).encode('utf-16'), 'wb',
                                                ensure=True)
    one_line(ask('data', '--work', folder, KAGGLE_USERNAME=None, KAGGLE_KEY=None), 4,
             'kaggle.json is UTF-16, as PowerShell writes it: save it as UTF-8')


def test_nobody_who_reads_is_no_reason_to_stop(kaggle, tmpdir):
    stand_in, ask = kaggle
    stand_in.files = {'sample_submission.csv': made_up.SAMPLE}      # the zips: 404
    for closing in ('| true', '>&-', '>/dev/full'):
        command = '"$@" %s; exit ${PIPESTATUS[0]}' % closing
        result = program(['bash', '-c', command, 'x', python(), '-I', PROGRAM, 'download',
                          str(tmpdir.ensure('zips', dir=True))], ask.environment)
        assert result.status == 4 and len(result.err.splitlines()) == 1, result.both
        assert 'test.zip: Kaggle has no such thing (404)' in result.err
        tmpdir.join('zips').remove()


# In the client's Python: what competition.py makes of files and of errors that really happen.
CAUSES = r'''
import os, sys, requests
sys.path.insert(0, sys.argv[1])
import competition
good = '{"username": "me", "key": "k"}'
for text in ('\ufeff' + good, good[:15], '', '[1]', '{"username": "me"}', 'token', good):
    with open('kaggle.json', 'wb') as f:
        f.write(text.encode('utf-8'))
    print(competition.fault('kaggle.json'))
for name in [n for n in os.environ if n.lower().endswith('_proxy')]:
    del os.environ[name]
for variable, value, url in (
        ('https_proxy', sys.argv[2], 'https://a.invalid'),
        ('https_proxy', 'http://127.0.0.1:9', 'https://a.invalid'),
        ('no_proxy', '', 'https://a.invalid'), ('no_proxy', '', 'http://127.0.0.1:9'),
        ('no_proxy', '', sys.argv[2] + '/json')):
    os.environ[variable] = value
    try:
        requests.get(url).json()
    except requests.exceptions.RequestException as e:
        print(competition.explained(e, 'x'))
    del os.environ[variable]
'''
SAID = [
    'begins with a byte order mark', 'is no whole JSON (Unterminated string', 'is empty',
    'has no "username"', 'has no "key"', 'is no whole JSON (Expecting value', None,
    'x: the proxy answers 407 Proxy Authentication Required: does it want https_proxy=http://NAME',
    'x: the proxy that https_proxy names cannot be reached (Connection refused): is it right?',
    'x: nobody here knows Kaggle\'s name',
    'x: Kaggle cannot be reached, or was cut off (Connection refused): the same command goes on',
    'x: not Kaggle answers but a web page']


def test_each_cause_has_its_line(tmpdir):
    with loopback.serve(lambda handler: handler.send(200, '<html>')) as server:
        server.refusal = 407
        result = program([python(), '-I', '-c', CAUSES, os.path.dirname(PROGRAM), server.url],
                         dict(os.environ), cwd=str(tmpdir))
    lines = result.out.splitlines()
    assert len(lines) == len(SAID), result.both
    for line, said in zip(lines, SAID):
        assert line.startswith(said) if said else not line, line


# --------------------------------------------------------------------------------- ./run.sh submit

def test_the_score_is_waited_for_kept_and_compared(kaggle, tmpdir):
    stand_in, ask = kaggle
    folder = made_up.finished_run(tmpdir.mkdir('work'))
    one_line(ask('submit', '--work', folder), 2, 'asks before it sends', '--yes')
    assert stand_in.submissions == []
    stand_in.refusal = 403
    one_line(ask('submit', '--yes', '--work', folder), 4, '(403)', 'rules')
    stand_in.refusal, stand_in.pending = 0, 2
    result = ask('submit', '--yes', '--work', folder)
    assert result.status == 0, result.both
    assert stand_in.uploaded == folder.join('pred.csv').read('rb')
    assert 'public score 0.04150; 0.00009 worse than the article\'s 0.04141' in result.out
    assert 'between places 20 (0.04141) and 131 (0.06127) of 1,314' in result.out
    text = folder.join('run.json').read()
    assert json.loads(text)['steps'][-1]['public'] == '0.04150'
    assert TOKEN['KAGGLE_KEY'] not in text + result.both and 'somebody' not in text
    # the same file again: it is known, nothing is sent
    result = ask('submit', '--yes', '--work', folder)
    assert result.status == 0 and 'not sent again' in result.out, result.both
    assert len(stand_in.submissions) == 1
    with folder.as_cwd():
        rows = list(verify.check_score(read_json('run.json')))
    assert [r.verdict for r in rows] == [DIFFERS] * 2
    assert english(rows[0].got).startswith('0.04150: ')


def test_what_may_not_be_sent_is_not_sent(run, tmpdir):
    """One reason through the front door; the others: test_score.py."""
    folder = made_up.finished_run(tmpdir.mkdir('work'), predicted=60)
    one_line(run('submit', '--yes', '--work', folder), 4, '60 of the competition\'s 12500')
