# -*- coding: utf-8 -*-
"""./run.sh data and submit, with Kaggle's own client against a stand-in for Kaggle."""
from __future__ import print_function

import json
import os
import subprocess

import loopback
import made_up
from conftest import Result
from repro import verify
from repro.console.text import english
from repro.evidence.checks import DIFFERS
from repro.work.folder import read_json
import stand_in_kaggle
from stand_in_kaggle import one_line, TOKEN

kaggle, certificates, client, competition = (
    stand_in_kaggle.kaggle, stand_in_kaggle.certificates, stand_in_kaggle.client,
    stand_in_kaggle.competition)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.join(ROOT, 'host', 'kaggle', 'competition.py')


def program(command, environment, cwd=None):
    """What a program says and how it ends, as a Result."""
    process = subprocess.Popen(command, env=environment, cwd=cwd, stdin=open(os.devnull),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate()
    return Result(process.returncode, out.decode('utf-8'), err.decode('utf-8'))


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
    result = ask('data', '--work', folder, HTTPS_PROXY=None, https_proxy=None,
                 ALL_PROXY='socks5://me:secret@127.0.0.1:9')
    one_line(result, 4, 'all_proxy names a SOCKS proxy, which is not supported here: set '
                        'https_proxy')
    assert 'secret' not in result.both
    tmpdir.join('.kaggle', 'kaggle.json').write(json.dumps(TOKEN).encode('utf-16'), 'wb',
                                                ensure=True)
    one_line(ask('data', '--work', folder, KAGGLE_USERNAME=None, KAGGLE_KEY=None), 4,
             'kaggle.json is UTF-16, as PowerShell writes it: save it as UTF-8')


def test_nobody_who_reads_is_no_reason_to_stop(kaggle, client, tmpdir):
    stand_in, ask = kaggle
    stand_in.files = {'sample_submission.csv': made_up.SAMPLE}      # the zips: 404
    for closing in ('| true', '>&-', '>/dev/full'):
        command = '"$@" %s; exit ${PIPESTATUS[0]}' % closing
        result = program(['bash', '-c', command, 'x', client, '-I', PROGRAM, 'download',
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
    'begins with a byte order mark', 'is not whole JSON (Unterminated string', 'is empty',
    'has no "username"', 'has no "key"', 'is not whole JSON (Expecting value', None,
    'x: the proxy {0} (https_proxy) answers 407 (Proxy Authentication Required): a proxy needs a '
    'login: https_proxy=http://NAME:PASSWORD@HOST:PORT',
    'x: no connection to the proxy 127.0.0.1:9 (https_proxy) (Connection refused): the same '
    'command resumes',
    'x: no connection to a.invalid: the name does not resolve',
    'x: no connection to 127.0.0.1:9 (Connection refused): the same command resumes',
    'x: a web page came instead of Kaggle\'s answer (from www.kaggle.com), as where one has to '
    'sign in: sign in']


def test_each_cause_has_its_line(client, tmpdir):
    with loopback.serve(lambda handler: handler.send(200, '<html>')) as server:
        server.refusal = 407
        result = program([client, '-I', '-c', CAUSES, os.path.dirname(PROGRAM), server.url],
                         dict(os.environ), cwd=str(tmpdir))
    lines = result.out.splitlines()
    assert len(lines) == len(SAID), result.both
    for line, said in zip(lines, SAID):
        said = said and said.format(server.url[len('http://'):])
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
