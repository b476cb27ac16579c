# -*- coding: utf-8 -*-
"""The two things that a run needs of Kaggle, through its own client; each failure is one line.

    competition.py download FOLDER      train.zip, test.zip, sample_submission.csv (or that with
                                        .zip); resumes where an earlier call was cut off
    competition.py send CSV RESULT      submits the file unless it was already, waits for the
                                        score, and writes it to RESULT as JSON

Python 3 with requirements/kaggle.txt (host/kaggle/kaggle.sh).  The client finds the token itself:
it looks in KAGGLE_API_TOKEN, KAGGLE_USERNAME and KAGGLE_KEY, ~/.kaggle/ and KAGGLE_CONFIG_DIR.
Nothing of it is printed or written here.
"""
from __future__ import print_function   # for flake8, which reads Python 2 here

import codecs
import contextlib
import errno
import hashlib
import io
import json
import os
import sys
import threading
import time
import zipfile

# -I leaves it out: the checkout
sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from repro.inputs import connection                 # noqa: E402

COMPETITION = 'dogs-vs-cats-redux-kernels-edition'
PAGE = 'https://www.kaggle.com/c/' + COMPETITION
FILES = ('sample_submission.csv', 'test.zip', 'train.zip')
NEEDED = 1.8e9      # bytes: the zips have 0.8e9, the pictures 0.9e9
PATIENCE = 600      # seconds to wait for a score; Kaggle takes some seconds
EVERY = float(os.environ.get('REPRO_RETRY_PAUSE', 5))   # seconds between two looks
NEW_TOKEN = 'make a new one on kaggle.com (Settings, API)'
BY_HAND = 'fetch the zips with a browser and use ./run.sh data --from DIR'
ANSWERS = {
    401: 'Kaggle refuses the token (401): ' + NEW_TOKEN,
    403: 'Kaggle refuses (403): accept the competition\'s rules first, on %s/rules' % PAGE,
    404: 'Kaggle has no such thing (404): ' + BY_HAND,
    429: 'Kaggle was asked too often (429): wait some minutes, and the same command resumes'}


class Failure(Exception):
    """One line: what, where, what to do."""


def say(text, stream=None):
    """Prints a line; if nobody can read it any more, the work continues without it."""
    stream = stream or sys.stdout
    try:
        print(text, file=stream, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def write(path, text):
    """A file of this text, whole or not there."""
    with open(path + '.part', 'w', encoding='utf-8') as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
    os.rename(path + '.part', path)


# ---------------------------------------------------------------------------------- the token

def client(instead=BY_HAND):
    """Kaggle's API, signed in: importing the package does that, or raises SystemExit.

    instead: what can be done without an account.
    """
    import requests
    check_proxy('the token')
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            import kaggle
    except requests.exceptions.RequestException as e:
        raise Failure(explained(e, 'the token'))
    except (SystemExit, ValueError):
        raise Failure(without_token(instead))
    return kaggle.api


def without_token(instead):
    """Why the client has no token, in one line that holds nothing of a token."""
    home = os.path.expanduser('~/.kaggle')
    for name in ('access_token', 'access_token.txt'):
        if os.environ.get('KAGGLE_API_TOKEN') or os.path.exists(os.path.join(home, name)):
            return 'Kaggle does not know the token in %s: %s' % (
                'KAGGLE_API_TOKEN' if os.environ.get('KAGGLE_API_TOKEN')
                else os.path.join(home, name), NEW_TOKEN)
    if not os.path.exists(home):        # as the client looks for it
        home = os.path.join(os.environ.get('XDG_CONFIG_HOME') or os.path.expanduser('~/.config'),
                            'kaggle')
    path = os.path.join(os.environ.get('KAGGLE_CONFIG_DIR') or home, 'kaggle.json')
    wrong = fault(path)
    if wrong:
        return '%s %s; or %s' % (path, wrong, NEW_TOKEN)
    for name, other in (('USERNAME', 'KEY'), ('KEY', 'USERNAME')):
        if 'KAGGLE_' + name in os.environ and 'KAGGLE_' + other not in os.environ:
            return 'KAGGLE_%s is set and KAGGLE_%s is not: a token is both' % (name, other)
    return ('no Kaggle token was found: make one on kaggle.com (Settings, API) and put '
            'kaggle.json into ~/.kaggle, or its values into KAGGLE_USERNAME and KAGGLE_KEY (or '
            'KAGGLE_API_TOKEN); or ' + instead)


def fault(path):
    """What is wrong with a kaggle.json and what to do, '' where nothing is or no file is there."""
    try:
        with open(path, 'rb') as f:
            text = f.read()
    except OSError as e:
        if e.errno == errno.ENOENT:
            return 'is a link that leads nowhere: put the file there' * os.path.islink(path)
        return 'cannot be read (%s): make it a file of yours (chmod 600)' % e.strerror
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return 'is UTF-16, as PowerShell writes it: save it as UTF-8'
    if text.startswith(codecs.BOM_UTF8):
        return 'begins with a byte order mark: save it as UTF-8 without one'
    if not text.strip():
        return 'is empty: download it again'
    try:
        value = json.loads(text.decode('utf-8'))
    except ValueError as e:
        return 'is not whole JSON (%s): download it again' % e
    missing = [k for k in ('username', 'key') if not (isinstance(value, dict) and value.get(k))]
    return 'has no "%s": download it again' % missing[0] if missing else ''


# --------------------------------------------------------------------------------- what went wrong

def check_proxy(request):
    """Failure where the proxy to Kaggle cannot be used, before its libraries try."""
    try:
        connection.check_proxy(PAGE)
    except connection.Refused as e:
        raise Failure('%s: %s' % (request, e))


def explained(error, request):
    """The one line for an error of requests or urllib3, which the client hands on."""
    import requests
    response, url = getattr(error, 'response', None), url_of(error)
    if response is not None and response.status_code in ANSWERS:
        return '%s: %s' % (request, ANSWERS[response.status_code])
    if response is not None and response.status_code >= 400:
        fault = connection.refused('Kaggle', response.status_code, response.reason or '')
    elif isinstance(error, requests.exceptions.JSONDecodeError):
        fault = connection.web_page(url, 'Kaggle\'s answer')
    else:
        fault = connection.explained(url, error)
    return '%s: %s%s' % (request, fault, ': the same command resumes'
                         if isinstance(fault, connection.Cut) else '')


def url_of(error):
    """The URL of the request that failed, if the error has it; else Kaggle's."""
    return getattr(getattr(error, 'request', None), 'url', None) or PAGE


@contextlib.contextmanager
def size_reported(path):
    """A line a minute with the file's size so far, where there is no terminal for a bar."""
    done = threading.Event()

    def report():
        while not done.wait(60):
            if os.path.exists(path):
                say('%s: %d MB' % (os.path.basename(path), os.path.getsize(path) // 10**6),
                    sys.stderr)
    if not sys.stderr.isatty():
        threading.Thread(target=report, daemon=True).start()
    try:
        yield
    finally:
        done.set()


def download(folder):
    here = sum(os.path.getsize(os.path.join(folder, n)) for n in os.listdir(folder))
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    say('data: from Kaggle %.1f GB are to come, %.1f GB are here; with the pictures unpacked '
        '1.8 GB are needed, and %.1f are free' % (0.8, here / 1e9, free / 1e9))
    if free + here < NEEDED:
        raise Failure('data: 1.8 GB are needed and %.1f are free: make room, or name another '
                      'folder with --work' % (free / 1e9))
    api = client()
    for name in FILES:
        with size_reported(os.path.join(folder, name)), contextlib.redirect_stdout(sys.stderr):
            attempt(name, api.competition_download_file, COMPETITION, name, path=folder,
                    quiet=not sys.stderr.isatty())
        path = arrived(folder, name)
        say('data: %s: %d bytes' % (os.path.basename(path), os.path.getsize(path)))


def arrived(folder, name):
    """The path of what came: Kaggle may pack a lone CSV.  Failure if something else came instead.

    That is removed: the client would take it for the whole file the next time, too.
    """
    for path in (os.path.join(folder, name), os.path.join(folder, name + '.zip')):
        if os.path.exists(path):
            break
    else:
        raise Failure('%s: something else came, as from a network that asks for a sign-in: '
                      'sign in, or %s' % (name, BY_HAND))
    with open(path, 'rb') as f:
        is_page = f.read(512).lstrip().startswith(b'<')
    if is_page or (path.endswith('.zip') and not zipfile.is_zipfile(path)):
        os.remove(path)
        raise Failure('%s: %s came instead, and was removed: the same command fetches it again'
                      % (name, 'a web page' if is_page else 'a broken zip'))
    return path


def attempt(request, function, *arguments, **options):
    """What the function returns; Failure for what requests or the client raise."""
    import requests
    import urllib3
    check_proxy(request)
    try:
        return function(*arguments, **options)
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as e:
        raise Failure(explained(e, request))
    except KeyError as e:       # the client needs a Content-Length
        raise Failure('%s: the answer has no %s: does a proxy take it away? Else %s'
                      % (request, e, BY_HAND))
    except ValueError as e:
        raise Failure('%s: %s: the same command begins again' % (request, str(e).splitlines()[0]))


def description(path):
    """What a submission is called: the same file always gets the same name."""
    with open(path, 'rb') as f:
        return 'dogs-vs-cats-2017 sha256 %s' % hashlib.sha256(f.read()).hexdigest()[:16]


def submissions(api, name):
    """The account's submissions of that description, the newest first."""
    return [s for s in attempt('submissions', api.competition_submissions, COMPETITION) or []
            if s.description == name]


def send(path, result):
    api, name = client(), description(path)
    earlier = [s for s in submissions(api, name) if s.status.name != 'ERROR']
    if earlier:
        say('submit: this very pred.csv was sent on %s already: not sent again' % earlier[0].date)
    else:
        with contextlib.redirect_stdout(sys.stderr):
            answer = attempt('submit', api.competition_submit, path, name, COMPETITION, quiet=True)
        if not answer.ref and 'success' not in answer.message.lower():
            raise Failure('submit: Kaggle did not take pred.csv (%s)' % answer.message[:120])
        say('submit: sent; waiting for the score')
    score = wait(api, name)
    write(result, json.dumps(score))


def wait(api, name):
    """{'public', 'private', 'date', 'description'}, the scores as text, as Kaggle writes them."""
    start = reported = time.time()
    while time.time() - start < PATIENCE:
        for newest in submissions(api, name)[:1]:
            if newest.status.name == 'ERROR':
                raise Failure('submit: Kaggle could not score pred.csv (%s)'
                              % (newest.error_description or 'no reason given'))
            if newest.status.name == 'COMPLETE':
                return {'public': newest.public_score, 'private': newest.private_score,
                        'date': str(newest.date), 'description': name}
        if time.time() - reported >= 60:
            reported = time.time()
            say('submit: waiting for %d s' % (reported - start), sys.stderr)
        time.sleep(EVERY)
    raise Failure('submit: no score after %d s: the same command waits again and sends nothing'
                  % PATIENCE)


def of_system(error, folder):
    """The one line for an error of the operating system's."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return '%s is full: make room, or name another folder with --work' % (
            error.filename or folder)
    # without a number it comes from requests: a missing file of certificates
    return '%s%s' % (error.strerror or error, ' (%s)' % error.filename if error.filename else '')


def main(verbs, arguments):
    """Carries out one of `verbs`, {name: function}; returns the exit status."""
    sys.stderr = sys.stderr or open(os.devnull, 'w')    # None where the caller closed it
    try:
        verbs[arguments[0]](*arguments[1:])
    except Failure as e:
        failure = str(e)
    except OSError as e:
        failure = of_system(e, os.path.dirname(arguments[-1]))
    except KeyboardInterrupt:
        say('run.sh: interrupted; the same command resumes', sys.stderr)
        return 130
    else:
        return 0
    say('run.sh: ' + failure, sys.stderr)
    return 4


if __name__ == '__main__':
    sys.exit(main({'download': download, 'send': send}, sys.argv[1:]))
