# -*- coding: utf-8 -*-
"""./run.sh data and submit, with Kaggle's own client against a stand-in for Kaggle.

The client asks the addresses that it always asks, with TLS; its proxy (HTTPS_PROXY) and its CA
(REQUESTS_CA_BUNDLE) are the test's.
"""
from __future__ import print_function

import base64
import io
import json
import os
import subprocess
import zipfile

import pytest
from PIL import Image

import loopback
from repro import record, score, verify
from repro.failures import BadInput
from repro.folder import make_hidden, read_json
from repro.inputs import data, zips

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOSTS = ['api.kaggle.com', 'www.kaggle.com', 'storage.googleapis.com']
SERVICE = '/v1/competitions.CompetitionApiService/'
TOKEN = {'KAGGLE_USERNAME': 'somebody', 'KAGGLE_KEY': 'a-secret-key'}
SAMPLE = 'id,label\n' + ''.join('%d,0.5\n' % i for i in range(1, 12501))


def jpeg():
    picture = io.BytesIO()
    Image.new('RGB', (8, 8)).save(picture, 'JPEG', quality=1)
    return picture.getvalue()


def zipped(names, folder='', data=jpeg(), **changed):
    """The bytes of a zip; changed: {name: bytes}."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, 'w') as z:
        for name in sorted(names):
            z.writestr(folder + name, changed.get(name, data))
    return held.getvalue()


@pytest.fixture(scope='module')
def competition():
    """{file name: bytes}: the competition's 37,500 names, each picture of 8 x 8 pixels."""
    found = dict((part + '.zip', zipped(data.wanted(part), part + '/')) for part in
                 ('train', 'test'))
    return dict(found, **{'sample_submission.csv': SAMPLE})


@pytest.fixture(scope='module')
def certificates(tmpdir_factory):
    return loopback.certificates(str(tmpdir_factory.mktemp('ca')), HOSTS)


@pytest.fixture(scope='module', autouse=True)
def client():
    """Kaggle's client is installed before the test's proxy stands between."""
    if os.environ.get('REPRO_CONTAINER'):
        pytest.skip('the client runs outside a container, and inside is no index to fetch it')
    script = ('set -euo pipefail; '
              'for f in setup python27 debian environment python3 kaggle; do '
              'source "$REPRO_ROOT/host/$f.sh"; done; kaggle_ready')
    subprocess.check_call(['bash', '-c', script], env=dict(os.environ, REPRO_ROOT=ROOT))


class Kaggle(object):
    """The stand-in: what it holds, what it was asked, and how it answers."""

    def __init__(self, files):
        self.files, self.faults, self.refusal = files, {}, 0
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
        handler.send(302, '', Location='https://storage.googleapis.com/' + asked['fileName'])

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
        return run(*arguments, **dict(dict(
            TOKEN, HTTPS_PROXY=server.url, https_proxy=server.url, NO_PROXY='', no_proxy='',
            REQUESTS_CA_BUNDLE=certificates['ca'], HOME=tmpdir, REPRO_RETRY_PAUSE='0.1',
            KAGGLE_CONFIG_DIR=None, KAGGLE_API_TOKEN=None), **options))
    with loopback.serve(stand_in, certificates) as server:
        yield stand_in, ask


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
    one_line(ask('data', '--work', folder, REQUESTS_CA_BUNDLE=None), 4, 'cannot be reached')
    assert not folder.join('train').check()

    # an earlier call was killed in the middle of a file; this one is cut off once, too
    folder.join('.repro', 'zips', 'train.zip').write(stand_in.files['train.zip'][:500], 'wb',
                                                     ensure=True)
    stand_in.faults = {'/test.zip': ['cut 1000']}
    result = ask('data', '--work', folder)
    assert result.status == 0, result.both
    assert len(folder.join('train').listdir()) == 25000
    assert len(folder.join('test').listdir()) == 12500
    assert folder.join('sample_submission.csv').read() == SAMPLE
    assert folder.join('train', 'dog.12499.jpg').read('rb') == jpeg()
    assert not folder.join('.repro', 'zips').check() and not folder.join('run.json').check()
    assert TOKEN['KAGGLE_KEY'] not in result.both
    # and the second time nothing is asked of anybody
    stand_in.asked = []
    result = ask('data', '--work', folder)
    assert result.status == 0 and 'were there already' in result.out, result.both
    assert stand_in.asked == []


def test_zips_that_the_user_has(run, competition, tmpdir):
    source, folder = tmpdir.mkdir('source'), tmpdir.join('work')
    one_line(run('data', '--from', source, '--work', folder), 4, 'train.zip is missing')
    with zipfile.ZipFile(str(source.join(zips.COMPETITION + '.zip')), 'w') as z:
        for name, contents in competition.items():
            z.writestr(name, contents if name != 'train.zip' else
                       zipped(data.wanted('train') - {'cat.7.jpg'}))
    one_line(run('data', '--from', source, '--work', folder), 4, 'train.zip', 'lacks 1 of',
             'cat.7.jpg')
    assert not folder.join('train').check() and not folder.join('test').check()


def small(folder, names=('cat.0.jpg', 'cat.1.jpg', 'dog.0.jpg', 'dog.1.jpg'), **changed):
    folder.join('train.zip').write(zipped(names, 'train/', **changed), 'wb')
    return str(folder.join('train.zip')), 'train', data.wanted('train', 4)


@pytest.mark.filterwarnings('ignore:Duplicate name')
@pytest.mark.parametrize('name, words', [
    ('../cat.9.jpg', 'would leave the folder'), ('/etc/cat.9.jpg', 'would leave the folder'),
    ('..\\cat.9.jpg', 'would leave the folder'), ('cat.2.jpg', 'which the competition\'s does'),
    ('train/cat.0.jpg', 'twice'), ('cow.0.jpg', 'which the competition\'s does not')])
def test_names_that_the_competition_does_not_have(tmpdir, name, words):
    path, part, names = small(tmpdir)
    with zipfile.ZipFile(path, 'a') as z:
        z.writestr(name, 'x')
    with pytest.raises(BadInput) as e:
        zips.check_zip(path, part, names)
    assert words in str(e.value)


def test_a_link_a_bomb_and_a_zip_that_is_none(tmpdir):
    path, part, names = small(tmpdir, ['cat.0.jpg', 'cat.1.jpg', 'dog.0.jpg'])
    link = zipfile.ZipInfo('train/dog.1.jpg')
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, 'a') as z:
        z.writestr(link, '/etc/passwd')
    with pytest.raises(BadInput) as e:
        zips.check_zip(path, part, names)
    assert 'is a link' in str(e.value)

    small(tmpdir, ['cat.0.jpg', 'cat.1.jpg', 'dog.0.jpg'])
    with zipfile.ZipFile(path, 'a', zipfile.ZIP_DEFLATED) as z:
        z.writestr('train/dog.1.jpg', b'\0' * (zips.PICTURE_LIMIT + 1))
    with pytest.raises(BadInput) as e:
        zips.check_zip(path, part, names)
    assert 'would unpack to 20 MB' in str(e.value)

    for text in ('', 'not a zip', tmpdir.join('train.zip').read('rb')[:-40]):
        tmpdir.join('train.zip').write(text, 'wb')
        with pytest.raises(BadInput) as e:
            zips.check_zip(path, part, names)
        assert 'not a whole zip file' in str(e.value)


def test_bytes_that_are_not_what_the_zip_announces(tmpdir, monkeypatch):
    monkeypatch.chdir(tmpdir)
    make_hidden()
    path, part, names = small(tmpdir)
    entries = zips.check_zip(path, part, names)
    whole = tmpdir.join('train.zip').read('rb')
    at = whole.index(jpeg())
    tmpdir.join('train.zip').write(whole[:at + 30] + b'\xff\xfe' + whole[at + 32:], 'wb')
    with pytest.raises(BadInput) as e:
        zips.unpack(path, part, entries)
    assert 'cat.0.jpg' in str(e.value) and ('damaged' in str(e.value) or 'CRC' in str(e.value))
    # a zip that announces less than comes
    tmpdir.join('train.zip').write(whole, 'wb')
    entries['cat.0.jpg'].file_size -= 1
    with pytest.raises(BadInput) as e:
        zips.unpack(path, part, entries)
    assert 'damaged' in str(e.value)


def test_unpacking_goes_on_and_mends_what_a_power_cut_left(tmpdir, monkeypatch):
    monkeypatch.chdir(tmpdir)
    make_hidden()
    path, part, names = small(tmpdir)
    there = tmpdir.join('.repro').mkdir('train')
    there.join('cat.0.jpg').write(jpeg(), 'wb')
    there.join('cat.1.jpg').write(b'\0' * len(jpeg()), 'wb')
    there.join('dog.0.jpg').write('', 'wb')
    there.join('cat.0.jpg').setmtime(1000000000)
    zips.unpack(path, part, zips.check_zip(path, part, names))
    assert sorted(p.basename for p in there.listdir()) == sorted(names)
    assert all(p.read('rb') == jpeg() for p in there.listdir())
    assert there.join('cat.0.jpg').mtime() == 1000000000    # not written again


def test_pictures_that_cannot_be_decoded_are_named(tmpdir, monkeypatch):
    monkeypatch.chdir(tmpdir)
    make_hidden()
    path, part, names = small(tmpdir, **{'dog.0.jpg': 'no picture', 'cat.1.jpg': jpeg()[:200]})
    zips.unpack(path, part, zips.check_zip(path, part, names))
    with pytest.raises(BadInput) as e:
        zips.check_pictures(part)
    assert '2 of 4 pictures' in str(e.value)
    assert 'train/cat.1.jpg, train/dog.0.jpg' in str(e.value)


# --------------------------------------------------------------------------------- ./run.sh submit

def finished_run(folder, **changes):
    """What a full real run leaves, as far as submit looks at it."""
    with folder.as_cwd():
        folder.join('pred.csv').write(SAMPLE.replace('0.5', '0.995'))
        record.begin('features', seeding='article')
        record.append('features', 0, features_are='unmarked', cats=12500, dogs=12500, test=12500)
        record.append('submit', 0, ['pred.csv'], **dict(
            {'rows': 12500, 'predicted': 12500, 'validation': {'log_loss_clipped': 0.0169}},
            **changes))
    return folder


def test_the_score_is_waited_for_kept_and_compared(kaggle, tmpdir):
    stand_in, ask = kaggle
    folder = finished_run(tmpdir.mkdir('work'))
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
    assert [r[3] for r in rows] == [verify.DIFFERS] * 2 and '0.04150' in rows[0][2]


@pytest.mark.parametrize('change, words', [
    ({'predicted': 60}, '60 of the competition\'s 12500'), (None, 'has not predicted'),
    ('byte', 'not what the run wrote'), ('stand-in', 'on stand-ins')])
def test_what_is_not_sent(run, tmpdir, change, words):
    folder = finished_run(tmpdir.mkdir('work'), **(change if isinstance(change, dict) else {}))
    with folder.as_cwd():
        if change is None:
            record.begin('features')
        elif change == 'byte':
            folder.join('pred.csv').write('x', 'a')
        elif change == 'stand-in':
            record.append('features', 0, features_are='stand-in')
    one_line(run('submit', '--yes', '--work', folder), 4, words)


@pytest.mark.parametrize('value, words', [
    (0.04141, 'the article\'s to the last digit; level with place 20'),
    (0.03, 'before place 1 (0.03302)'), (0.035, 'between places 1 (0.03302) and 20 (0.04141)'),
    (0.06, 'between places 20 (0.04141) and 131'), (0.5, 'after place 131 (0.06127) of 1,314')])
def test_the_place_a_score_would_have_had(value, words):
    assert words in score.compared(value)
