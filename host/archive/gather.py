# -*- coding: utf-8 -*-
"""What an archive holds, gathered into DIR/data/; what is there and whole stays.

    gather.py begin --to DIR --commit COMMIT [--with LIST] [--shareable] [--keep WORK]…
        refuses what cannot become an archive; then the kept runs and the project's bundle
    gather.py finish --to DIR --commit COMMIT [--with LIST] [--shareable]
        the packages and the other parts, and seals the bag

Between the two host/archive/archive.sh fetches what set-up's functions fetch: Debian's packages,
CUDA 8 and, with Kaggle's client, the pictures.  Python 3 with requirements/archive.txt.  Each
function makes one part of data/ (KINDS of archive.py).
"""
from __future__ import print_function   # for flake8, which reads Python 2 here

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path += [HERE] + [os.path.join(ROOT, 'host', name) for name in ('', 'python')]      # -I

import archive                                      # noqa: E402
import environments                                 # noqa: E402
import fetch                                        # noqa: E402

# What of a finished run is kept: how it was made, what came out, verify's rows in the report.
RUN = ('run.json', 'history.json', 'pred.csv', 'model.h5', 'report.html', 'report.json')
RUN_IF_THERE = ('validation.csv', 'seeds.json')


class Refused(Exception):
    """One line about the command line or a folder, and the exit status."""

    def __init__(self, line, status=4):
        Exception.__init__(self, line)
        self.status = status


def refuse(to, commit, parts, shareable):
    """Raises Refused where this cannot become an archive of this commit."""
    data = os.path.join(to, 'data')
    if not re.match('[0-9a-f]+$', commit):
        raise Refused('archive needs a clean checkout with its .git, and this one is %s: commit '
                      'first' % commit)
    if own_git('rev-parse', '--is-shallow-repository') != 'false':
        raise Refused('archive needs the whole history, for its bundle: git fetch --unshallow')
    if not os.path.exists(os.path.join(to, 'bagit.txt')) and os.path.exists(to) \
            and os.listdir(to) and not os.path.isdir(data):
        raise Refused('--to %s is not empty and not an archive: name another folder' % to)
    for part in sorted(kind for kind in archive.KINDS if shareable and not archive.KINDS[kind][2]):
        if part in parts:
            raise Refused('--shareable: %s may not be passed on: leave it out of --with' % part, 2)
        if os.path.exists(os.path.join(data, part)):
            raise Refused('--shareable: %s may not be passed on: name another folder'
                          % os.path.join(data, part))


# ------------------------------------------------------------------------------------- the runs

def runs(works, folder):
    """What --keep names, each by its folder's name."""
    names = [os.path.basename(work) for work in works]
    for name in sorted(names):
        if names.count(name) > 1:
            raise Refused('--keep: two folders are called %s: rename one' % name, 2)
    for work, name in zip(works, names):
        keep(work, os.path.join(folder, name))


def keep(work, folder):
    """FOLDER gets a finished run's RUN files; it stays as it is if one of them is missing."""
    try:
        with open(os.path.join(work, 'run.json')) as f:
            finished = json.load(f).get('finished')
    except (OSError, ValueError) as e:
        raise archive.Failure('--keep %s holds no run (run.json: %s)' % (
            work, getattr(e, 'strerror', None) or e))
    missing = [name for name in RUN if not os.path.exists(os.path.join(work, name))]
    if not finished or missing:
        raise archive.Failure('--keep %s is not finished%s: its own command resumes it, and '
                              './run.sh report --work makes its page'
                              % (work, ''.join(', no ' + n for n in missing[:1])))
    shutil.rmtree(folder + '.part', ignore_errors=True)
    os.makedirs(folder + '.part')
    for name in RUN + RUN_IF_THERE:
        if os.path.exists(os.path.join(work, name)):
            shutil.copyfile(os.path.join(work, name), os.path.join(folder + '.part', name))
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(folder + '.part', folder)
    archive.say('with the run in %s' % work)


# ---------------------------------------------------------------------------------- the project

class GitFailed(Refused):
    """With the last line that git said."""


def git(*arguments):
    """What git prints, without the caller's GIT_ variables; raises GitFailed."""
    left_out = subprocess.check_output(['git', 'rev-parse', '--local-env-vars']).decode().split()
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    said = subprocess.run(('git',) + arguments, env=dict(environment, GIT_OPTIONAL_LOCKS='0'),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if said.returncode:
        last = (said.stderr.decode('utf-8', 'replace').splitlines() or [''])[-1]
        raise GitFailed('archive: no git bundle: ' + last)
    return said.stdout.decode('utf-8', 'surrogateescape').strip()


def own_git(*arguments):
    """git on this checkout's own repository, whoever owns it (own_git of host/folders.sh)."""
    return git('--git-dir=%s/.git' % ROOT, '--work-tree=' + ROOT, *arguments)


def is_bundle(path, commit):
    """Whether it is there and whole, and its HEAD is this commit."""
    try:
        own_git('bundle', 'verify', path)
        return commit + ' HEAD' in own_git('bundle', 'list-heads', path).splitlines()
    except GitFailed:
        return False


def bundle(path, commit):
    """HEAD and its history; of one commit always the same bytes."""
    if is_bundle(path, commit):
        return
    with tempfile.TemporaryDirectory(prefix='bundle.', dir=os.environ['REPRO_HOME']) as work:
        open(os.path.join(work, '.repro'), 'w').close()     # if this is killed, clean removes it
        every, repository, made = (os.path.join(work, name) for name in ('all', 'git', 'bundle'))

        def in_clone(*arguments):
            git('-C', repository, '-c', 'pack.threads=1', *arguments)
        own_git('bundle', 'create', every, 'HEAD')
        git('clone', '-q', '--bare', every, repository)
        # Packed again by one thread: a checkout's own packs depend on what was fetched when.
        in_clone('repack', '-q', '-adf')
        in_clone('update-ref', 'refs/heads/main', commit)
        in_clone('symbolic-ref', 'HEAD', 'refs/heads/main')
        in_clone('bundle', 'create', '-q', made, 'HEAD', 'main')
        shutil.move(made, path + '.part')
        os.replace(path + '.part', path)


# --------------------------------------------------------------------------------- the packages

def packages(locks, folder):
    """Every file that these locks allow, by hash, into the folder.

    Files keep the names that the index gives them; those that are whole are not fetched again.
    """
    wanted = {digest: (name, version) for lock in locks
              for name, version, digest in archive.locked(lock)}
    for name in os.listdir(folder):
        if not name.endswith('.part'):
            wanted.pop(fetch.sha256(os.path.join(folder, name)), None)
    places = indexes()
    links = [link_of(places, name, version, digest)
             for digest, (name, version) in sorted(wanted.items(), key=lambda item: item[1])]
    archive.say('%d packages are to come, %d MB'
                % (len(links), sum(link[2] for link in links) // 10**6))
    for number, (filename, url, _size, digest) in enumerate(links, 1):
        archive.say('%d of %d: %s' % (number, len(links), filename))
        try:
            fetch.fetch(url, digest, os.path.join(folder, filename))
        except fetch.Failure as e:
            raise archive.Failure('%s: %s' % (url, e))


def link_of(places, name, version, digest):
    """(filename, url, bytes, sha256) of a package's file, in the machine's indexes or folders."""
    for index in places:
        for package in index(name):
            if (package.digests or {}).get('sha256') == digest:
                return package.filename, package.url, package.size or 0, digest
    for folder in os.environ.get('PIP_FIND_LINKS', '').split():
        if folder.startswith('file://'):
            folder = urllib.parse.unquote(folder[len('file://'):])
        for filename in os.listdir(folder) if os.path.isdir(folder) else ():
            path = os.path.join(folder, filename)
            if filename.lower().startswith(name.lower()[:3]) and fetch.sha256(path) == digest:
                url = 'file://' + urllib.parse.quote(path)
                return filename, url, os.path.getsize(path), digest
    raise archive.Failure('%s %s: no index or folder here has the file with sha256 %s '
                          '(PIP_INDEX_URL, PIP_FIND_LINKS)' % (name, version, digest))


def indexes():
    """For each index that pip is set up for (pip_sources): a function, name → package's files."""
    import pypi_simple
    import requests
    session = requests.Session()
    session.verify = os.environ.get('PIP_CERT') or True
    if os.environ.get('PIP_NO_INDEX', '').lower() not in ('', '0', 'no', 'off', 'false'):
        return []
    places = [os.environ.get('PIP_INDEX_URL') or pypi_simple.PYPI_SIMPLE_ENDPOINT]
    places += os.environ.get('PIP_EXTRA_INDEX_URL', '').split()

    def index(place):
        client = pypi_simple.PyPISimple(place, session=session)

        def files(name):
            try:
                return client.get_project_page(name).packages
            except pypi_simple.NoSuchProjectError:
                return []
            except requests.exceptions.RequestException as e:
                raise archive.Failure('%s cannot be asked for %s (%s): the same command resumes'
                                      % (place, name, type(e).__name__))
        return files
    return [index(place) for place in places if not place.startswith('file:')]


# ---------------------------------------------------------------------------- what --with names

def images(folder):
    """The base that Dockerfile.cpu and .gpu name, or the one in its place, as an OCI layout."""
    if os.path.isfile(os.path.join(folder, 'cpu', 'oci-layout')):
        return
    with open(os.path.join(ROOT, 'Dockerfile.cpu')) as f:
        named = re.search('^ARG BASE=(.*)$', f.read(), re.M).group(1)
    base = os.environ.get('REPRO_BASE') or named
    if not shutil.which('podman') or podman('info'):
        raise Refused('archive: --with images needs a podman that works: it writes OCI layouts', 3)
    made = os.path.join(folder, 'cpu.part')
    os.makedirs(folder, exist_ok=True)
    shutil.rmtree(made, ignore_errors=True)
    if podman('image', 'exists', base) and podman('pull', '-q', base) \
            or podman('save', '-q', '--format', 'oci-dir', '-o', made, base):
        raise Refused('archive: podman cannot save the base image %s' % base, 3)
    os.rename(made, os.path.join(folder, 'cpu'))


def podman(*arguments):
    """Its exit status; podman itself says what is wrong."""
    return subprocess.call(('podman',) + arguments, stdout=subprocess.DEVNULL)


def fetched(part, to):
    """weights or features, by the verb that fetches and checks them; what is there stays."""
    folder, work = os.path.join(to, 'data', part), os.path.join(to, '.gathering')
    if os.path.isdir(folder):
        return
    status = subprocess.call([os.path.join(ROOT, 'run.sh'), part, '--work', work])
    if status:
        sys.exit(status)        # it has said why
    where, beginning, ending = {'weights': (os.path.join(work, 'weights'), '', '.h5'),
                                'features': (work, 'gap_', '.h5')}[part]
    os.makedirs(folder + '.part', exist_ok=True)
    for name in sorted(os.listdir(where)):
        if name.startswith(beginning) and name.endswith(ending):
            shutil.move(os.path.join(where, name), os.path.join(folder + '.part', name))
    os.rename(folder + '.part', folder)
    shutil.rmtree(work, ignore_errors=True)


# ---------------------------------------------------------------------------------- the two steps

def begin(to, commit, parts, shareable, works):
    refuse(to, commit, parts, shareable)
    data = os.path.join(to, 'data')
    try:
        for name in ('packages', 'debs'):
            os.makedirs(os.path.join(data, name), exist_ok=True)
    except OSError:
        raise Refused('--to %s cannot be made or written: name another folder' % to)
    runs(works, os.path.join(data, 'runs'))
    archive.say('of commit %s, into %s; some 260 MB and a minute, more with --with' % (commit, to))
    bundle(os.path.join(data, 'project.bundle'), commit)


def finish(to, commit, parts, shareable, works):
    data = os.path.join(to, 'data')
    packages(environments.needs(*environments.of_part(*parts)), os.path.join(data, 'packages'))
    if 'images' in parts:
        images(os.path.join(data, 'images'))
    for part in ('weights', 'features'):
        if part in parts:
            fetched(part, to)
    archive.bag(to, commit, own_git('show', '-s', '--format=%cs', 'HEAD'), shareable)


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument('step', choices=('begin', 'finish'))
    parser.add_argument('--to', required=True)
    parser.add_argument('--commit', required=True)
    parser.add_argument('--with', dest='parts', default='')
    parser.add_argument('--shareable', action='store_true')
    parser.add_argument('--keep', action='append', default=[])
    args = parser.parse_args(arguments)

    def step(to):
        {'begin': begin, 'finish': finish}[args.step](
            to, args.commit, args.parts.split(','), args.shareable, args.keep)
    try:
        return archive.main({args.step: step}, [args.step, args.to])
    except Refused as e:
        print('run.sh: %s' % e, file=sys.stderr)
        return e.status


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
