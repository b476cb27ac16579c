# -*- coding: utf-8 -*-
"""The two things that a run needs of Kaggle, through its own client; each failure is one line.

    competition.py download FOLDER      train.zip, test.zip, sample_submission.csv; goes on where
                                        an earlier call was cut off
    competition.py send CSV RESULT      submits the file unless it was already, waits for the
                                        score, and writes it to RESULT as JSON

Python 3 with requirements/kaggle.txt (host/kaggle.sh).  The client finds the token itself: it
looks in KAGGLE_API_TOKEN, KAGGLE_USERNAME and KAGGLE_KEY, ~/.kaggle/ and KAGGLE_CONFIG_DIR.
Nothing of it is printed or written here.
"""
from __future__ import print_function   # for flake8, which reads Python 2 here

import contextlib
import hashlib
import io
import json
import os
import sys
import threading
import time

COMPETITION = 'dogs-vs-cats-redux-kernels-edition'
PAGE = 'https://www.kaggle.com/c/' + COMPETITION
FILES = ('sample_submission.csv', 'test.zip', 'train.zip')
NEEDED = 1.8e9      # bytes: the zips have 0.8e9, the pictures 0.9e9
PATIENCE = 600      # seconds to wait for a score; Kaggle takes some seconds
EVERY = float(os.environ.get('REPRO_RETRY_PAUSE', 5))   # seconds between two looks


class Failure(Exception):
    """One line: what, where, what to do."""


def client():
    """Kaggle's API, signed in: importing the package does that, or raises SystemExit."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            import kaggle
    except (SystemExit, ValueError):
        raise Failure('no Kaggle token was found: make one on kaggle.com (Settings, API) and put '
                      'kaggle.json into ~/.kaggle, or its values into KAGGLE_USERNAME and '
                      'KAGGLE_KEY (or KAGGLE_API_TOKEN); or fetch the zips with a browser and '
                      'use ./run.sh data --from DIR')
    return kaggle.api


def explained(error, asked):
    """The one line for an error of requests, which the client hands on."""
    status = getattr(getattr(error, 'response', None), 'status_code', None)
    if status == 401:
        return '%s: Kaggle refuses the token (401): make a new one on kaggle.com (Settings, API)' \
            % asked
    if status == 403:
        return '%s: Kaggle refuses (403): accept the competition\'s rules first, on %s/rules' % (
            asked, PAGE)
    if status is not None:
        return '%s: Kaggle answers %d (%s)' % (asked, status, str(error)[:120])
    return '%s: Kaggle cannot be reached, or was cut off (%s): the same command goes on' % (
        asked, type(error).__name__)


@contextlib.contextmanager
def size_reported(path):
    """A line a minute with the file's size so far, where there is no terminal for a bar."""
    done = threading.Event()

    def report():
        while not done.wait(60):
            if os.path.exists(path):
                print('%s: %d MB' % (os.path.basename(path), os.path.getsize(path) // 10**6),
                      file=sys.stderr)
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
    print('data: from Kaggle %.1f GB are to come, %.1f GB are here; with the pictures unpacked '
          '1.8 GB are needed, and %.1f are free' % (0.8, here / 1e9, free / 1e9), flush=True)
    if free + here < NEEDED:
        raise Failure('data: 1.8 GB are needed and %.1f are free: make room, or name another '
                      'folder with --work' % (free / 1e9))
    api = client()
    for name in FILES:
        with size_reported(os.path.join(folder, name)), contextlib.redirect_stdout(sys.stderr):
            attempt(name, api.competition_download_file, COMPETITION, name, path=folder,
                    quiet=not sys.stderr.isatty())
        print('data: %s: %d bytes' % (name, os.path.getsize(os.path.join(folder, name))))


def attempt(asked, function, *arguments, **options):
    """What the function returns; Failure for what requests or the client raise."""
    import requests
    try:
        return function(*arguments, **options)
    except requests.exceptions.RequestException as e:
        raise Failure(explained(e, asked))
    except ValueError as e:
        raise Failure('%s: %s: the same command begins again' % (asked, str(e).splitlines()[0]))


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
        print('submit: this very pred.csv was sent on %s already: not sent again'
              % earlier[0].date)
    else:
        with contextlib.redirect_stdout(sys.stderr):
            answer = attempt('submit', api.competition_submit, path, name, COMPETITION, quiet=True)
        if not answer.ref and 'success' not in answer.message.lower():
            raise Failure('submit: Kaggle did not take pred.csv (%s)' % answer.message[:120])
        print('submit: sent; waiting for the score')
    score = wait(api, name)
    with open(result + '.part', 'w') as f:
        json.dump(score, f)
        f.flush()
        os.fsync(f.fileno())
    os.rename(result + '.part', result)


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
            print('submit: waiting for %d s' % (reported - start), file=sys.stderr)
        time.sleep(EVERY)
    raise Failure('submit: no score after %d s: the same command waits again and sends nothing'
                  % PATIENCE)


def main(arguments):
    try:
        {'download': download, 'send': send}[arguments[0]](*arguments[1:])
    except Failure as e:
        failure = str(e)
    except OSError as e:
        failure = '%s (%s)' % (e.strerror or type(e).__name__, e.filename or 'no file')
    except KeyboardInterrupt:
        print('run.sh: interrupted; the same command goes on', file=sys.stderr)
        return 130
    else:
        return 0
    print('run.sh: ' + failure, file=sys.stderr)
    return 4


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
