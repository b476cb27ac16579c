# -*- coding: utf-8 -*-
"""An archive of what this project stands on: a BagIt bag (RFC 8493) with an RO-Crate inside.

    archive.py packages LOCK… FOLDER    fetches every file that requirements/LOCK allows, by hash
    archive.py run WORK FOLDER          copies what a finished run says of itself into FOLDER
    archive.py bag DIR COMMIT DATE [shareable]   describes and seals DIR, with all in its data/
    archive.py check DIR                every hash, and what the archive can rebuild

Python 3 with requirements/archive.txt (host/archive/archive.sh).  What is in data/: KINDS.
"""
from __future__ import print_function   # for flake8, which reads Python 2 here

import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.parse
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(os.path.dirname(HERE), room) for room in ('kaggle', 'python')]    # -I

import competition                                  # noqa: E402
import fetch                                        # noqa: E402

LOCKS = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'requirements')
TITLE = 'Dogs vs. Cats, 2017, on its own versions'
# folder or file in data/: (what it is, its licence, whether it may be passed on)
KINDS = {
    'project.bundle': ('this project, as a git bundle: git clone project.bundle', 'MIT', True),
    'packages': ('a package of requirements/', '', True),
    'debs': ('a package of Debian 11, for a private Python 2.7', 'free by Debian\'s guidelines',
             True),
    'cuda8': ('NVIDIA\'s archive of CUDA 8 or cuDNN 5.1', 'NVIDIA\'s licence agreements', False),
    'images': ('a base image of the Dockerfiles, an OCI layout', 'its packages\' own', True),
    'weights': ('ImageNet weights that Keras 1.2.2 downloads', 'their authors\'', True),
    'features': ('the features that the article\'s author released', 'their author\'s', True),
    'data': ('the competition\'s pictures', 'the competition\'s rules', False),
    'runs': ('what a finished run of this project left', 'CC0-1.0', True),
    'left-out.json': ('what may not be passed on, by hash and source', 'MIT', True)}
# What of a finished run is kept: how it was made, what came out, verify's rows in the report.
RUN = ('run.json', 'history.json', 'pred.csv', 'model.h5', 'report.html', 'report.json')
RUN_IF_THERE = ('validation.csv', 'seeds.json')
# What an RO-Crate of finished runs conforms to: https://www.researchobject.org/workflow-run-crate
PROFILES = ('https://w3id.org/ro/wfrun/process/0.5', 'https://w3id.org/ro/wfrun/workflow/0.5',
            'https://w3id.org/workflowhub/workflow-ro-crate/1.0')
# What is rebuilt from which of data/'s parts and locks, and the part of --with that brings them.
PINNED = ('tools', 'base', 'cpu')
REBUILDS = (
    ('this project: git clone DIR/data/project.bundle', ('project.bundle',), ()),
    ('demo, test, cpu with your pictures and weights', (), PINNED),
    ('a Python 2.7 where there is none', ('debs',), ()),
    ('--engine openvino', (), PINNED + ('openvino',)),
    ('cpu, with your pictures alone', ('weights',), PINNED, 'weights'),
    ('data, from the archive', ('data',), (), 'data'),
    ('cpu --features', ('features',), PINNED, 'features'),
    ('--runtime podman', ('images',), PINNED + ('openvino', 'notebook', 'graphviz'), 'images'),
    ('notebook', (), PINNED + ('notebook', 'graphviz'), 'notebook'),
    ('serve, --engine tf2 on a processor', (), PINNED + ('tf2',), 'tf2'),
    ('convert, into every format', (),
     PINNED + ('tf2', 'convert-onnx', 'convert-openvino', 'convert-keras3'), 'convert'),
    ('gpu on a card of CUDA 8, natively', ('cuda8',), ('tools', 'base', 'gpu'), 'cuda8'))


class Failure(Exception):
    """One line: what, where, what to do."""


def say(text):
    print('archive: ' + text, flush=True)


# --------------------------------------------------------------------------------- the packages

def locked(lock):
    """[(package, version, sha256)] of requirements/LOCK.txt."""
    with open(os.path.join(LOCKS, lock + '.txt')) as f:
        for line in f:
            match = re.match(r'([A-Za-z0-9._-]+)==(\S+)', line)
            for digest in re.findall('sha256:([0-9a-f]{64})', line) if match else ():
                yield match.group(1), match.group(2), digest


def packages(*arguments):
    """Files keep the names that the index gives them; those that are whole are not asked for."""
    locks, folder = arguments[:-1], arguments[-1]
    wanted = {digest: (name, version) for lock in locks for name, version, digest in locked(lock)}
    for name in os.listdir(folder):
        if not name.endswith('.part'):
            wanted.pop(fetch.sha256(os.path.join(folder, name)), None)
    places = indexes()
    links = [link_of(places, name, version, digest)
             for digest, (name, version) in sorted(wanted.items(), key=lambda item: item[1])]
    say('%d packages are to come, %d MB' % (len(links), sum(link[2] for link in links) // 10**6))
    for number, (filename, url, _size, digest) in enumerate(links, 1):
        say('%d of %d: %s' % (number, len(links), filename))
        try:
            fetch.fetch(url, digest, os.path.join(folder, filename))
        except fetch.Failure as e:
            raise Failure('%s: %s' % (url, e))


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
    raise Failure('%s %s: no index or folder here has the file with sha256 %s (PIP_INDEX_URL, '
                  'PIP_FIND_LINKS)' % (name, version, digest))


def indexes():
    """What asks an index for a package's files, for each that pip is set up for (pip_sources)."""
    import pypi_simple
    import requests
    session = requests.Session()
    session.verify = os.environ.get('PIP_CERT') or True
    if os.environ.get('PIP_NO_INDEX', '').lower() not in ('', '0', 'no', 'off', 'false'):
        return []
    places = [os.environ.get('PIP_INDEX_URL') or pypi_simple.PYPI_SIMPLE_ENDPOINT]
    places += os.environ.get('PIP_EXTRA_INDEX_URL', '').split()

    def asks(place):
        client = pypi_simple.PyPISimple(place, session=session)

        def files(name):
            try:
                return client.get_project_page(name).packages
            except pypi_simple.NoSuchProjectError:
                return []
            except requests.exceptions.RequestException as e:
                raise Failure('%s cannot be asked for %s (%s): the same command goes on'
                              % (place, name, type(e).__name__))
        return files
    return [asks(place) for place in places if not place.startswith('file:')]


# ------------------------------------------------------------------------------------- the runs

def run(work, folder):
    """FOLDER gets a finished run's RUN files; it stays as it is where they are not all there."""
    try:
        with open(os.path.join(work, 'run.json')) as f:
            finished = json.load(f).get('finished')
    except (OSError, ValueError) as e:
        raise Failure('--keep %s holds no run (run.json: %s)' % (
            work, getattr(e, 'strerror', None) or e))
    missing = [name for name in RUN if not os.path.exists(os.path.join(work, name))]
    if not finished or missing:
        raise Failure('--keep %s is not finished%s: its own command goes on, and ./run.sh report '
                      '--work makes its page' % (work, ''.join(', no ' + n for n in missing[:1])))
    shutil.rmtree(folder + '.part', ignore_errors=True)
    os.makedirs(folder + '.part')
    for name in RUN + RUN_IF_THERE:
        if os.path.exists(os.path.join(work, name)):
            shutil.copyfile(os.path.join(work, name), os.path.join(folder + '.part', name))
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(folder + '.part', folder)
    say('with the run in %s' % work)


# -------------------------------------------------------------------------------------- the bag

def payload(folder):
    """The payload's files, sorted; paths below data/."""
    data = os.path.join(folder, 'data')
    return sorted(os.path.relpath(os.path.join(top, name), data)
                  for top, _, names in os.walk(data) for name in names)


def payload_size(folder):
    """Bytes of all the payload's files."""
    return sum(os.path.getsize(os.path.join(folder, 'data', name)) for name in payload(folder))


def licence_of(path):
    """The licence that a package's own metadata names."""
    try:
        if path.endswith(('.whl', '.zip')):
            with zipfile.ZipFile(path) as z:
                texts = [z.read(n).decode('utf-8', 'replace') for n in z.namelist()
                         if n.endswith(('.dist-info/METADATA', 'PKG-INFO'))]
        else:
            with tarfile.open(path) as t:
                texts = [t.extractfile(m).read().decode('utf-8', 'replace') for m in t
                         if m.name.count('/') == 1 and m.name.endswith('PKG-INFO')]
    except (OSError, zipfile.BadZipFile, tarfile.TarError) as e:
        raise Failure('%s cannot be read (%s): remove it, and the same command fetches it again'
                      % (path, e))
    for pattern in (r'^License-Expression: (.+)$', r'^Classifier: License :: (.+)$',
                    r'^License: (.+)$'):
        licences = [m for text in texts[:1] for m in re.findall(pattern, text, re.M)]
        if licences and licences[0].strip() != 'UNKNOWN':
            return licences[0].strip()[:100]
    return 'as its own files say'


def purl(kind, name):
    """Where it came from, as a package URL: no host is named, since hosts change."""
    base = os.path.basename(name)
    if kind == 'debs':
        package, version = base.split('_')[:2]
        return 'pkg:deb/debian/%s@%s' % (package, version.replace('%3a', ':'))
    if kind == 'packages':
        match = re.match(r'(.+?)-(\d[^-]*?)(-.*\.whl|\.tar\.gz|\.zip)$', base)
        return 'pkg:pypi/%s@%s' % match.group(1, 2)


def describe(folder, commit, date):
    """data/ro-crate-metadata.json: a Workflow RO-Crate, and with runs a Workflow Run Crate."""
    from rocrate.model import ComputationalWorkflow
    from rocrate.rocrate import ROCrate
    crate = ROCrate(version='1.1')      # which the profiles are made for
    crate.name, crate.license = TITLE, 'https://spdx.org/licenses/MIT'
    crate.description = ('What commit %s of this project needs to run its 2017 article, and the '
                         'project itself. Each file\'s own licence is named with it.' % commit)
    crate.datePublished = datetime.datetime.fromisoformat(date)
    files = {}
    for name in payload(folder):
        if name == 'ro-crate-metadata.json':
            continue
        kind, path = name.split('/')[0], os.path.join(folder, 'data', name)
        what, licence, may_pass = KINDS[kind]
        about = {'name': os.path.basename(name), 'description': what, 'sha256': fetch.sha256(path),
                 'contentSize': str(os.path.getsize(path)),
                 'license': licence or licence_of(path),
                 'conditionsOfAccess': 'may be passed on' if may_pass else 'not to be passed on'}
        identifier = purl(kind, name)
        if identifier:
            about['identifier'] = identifier
        if kind == 'project.bundle':
            files[name] = crate.add_workflow(path, name, main=True, cls=ComputationalWorkflow,
                                             lang=language(crate), properties=about)
        else:
            files[name] = crate.add_file(path, name, properties=about)
    runs = sorted({name.split('/')[1] for name in files if name.startswith('runs/')})
    crate.root_dataset['conformsTo'] = [
        profile(crate, address) for address in (PROFILES if runs else PROFILES[-1:])]
    for name in runs:
        describe_run(crate, folder, name, files)
    crate.metadata.write(os.path.join(folder, 'data'))


def language(crate):
    from rocrate.model import ComputerLanguage
    return crate.add(ComputerLanguage(
        crate, identifier='https://www.python.org/download/releases/2.7/',
        properties={'name': 'Python', 'version': '2.7', 'url': 'https://www.python.org/'}))


def profile(crate, address):
    from rocrate.model import CreativeWork
    name, version = address.split('/')[-2:]
    return crate.add(CreativeWork(crate, address, properties={
        '@type': ['CreativeWork', 'Profile'], 'name': name, 'version': version}))


def describe_run(crate, folder, name, files):
    """The run data/runs/NAME as a CreateAction: the project made its files, then and there."""
    prefix = 'runs/%s/' % name
    with open(os.path.join(folder, 'data', prefix + 'run.json')) as f:
        made = json.load(f)
    times = [step['at'] for step in made['steps'] if step.get('at')]
    action = '#run-' + urllib.parse.quote(name)
    crate.add_action(crate.mainEntity, identifier=action, properties={
        'name': 'a run of the kind %s, of commit %s' % (made['kind'], made['commit']),
        'startTime': min(times), 'endTime': max(times),
        'actionStatus': 'http://schema.org/CompletedActionStatus'},
        result=[files[path] for path in sorted(files) if path.startswith(prefix)])


def left_out(folder):
    """data/left-out.json: what a shareable archive does not hold, and where it is."""
    with open(os.path.join(LOCKS, 'cuda8.lock')) as f:
        archives = [line.split() for line in f if not line.startswith('#')]
    left = [{'what': KINDS['cuda8'][0], 'sha256': digest, 'source': url}
            for digest, url in archives]
    left.append({'what': KINDS['data'][0], 'sha256': None,
                 'source': 'https://www.kaggle.com/c/' + competition.COMPETITION})
    with open(os.path.join(folder, 'data', 'left-out.json'), 'w') as f:
        json.dump(left, f, indent=1, sort_keys=True)


def bag(folder, commit, date, shareable=''):
    import bagit
    if shareable:
        left_out(folder)
    for name in payload(folder):
        if name.endswith('.part'):
            os.remove(os.path.join(folder, 'data', name))
    describe(folder, commit, date)
    for name in os.listdir(folder):     # of the seal before; without all of it this is no bag
        if name.endswith('.txt'):
            os.remove(os.path.join(folder, name))
    with open(os.path.join(folder, 'bagit.txt'), 'w') as f:
        f.write('BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n')
    sealed = bagit.Bag(folder)
    sealed.algorithms = ['sha256']
    sealed.info.update({'External-Description': TITLE, 'External-Identifier': commit,
                        'Source-Organization': 'dogs-vs-cats-2017'})
    sealed.save(manifests=True)
    say('%s: %d files, %d MB, of commit %s' % (
        folder, len(payload(folder)), payload_size(folder) // 10**6, commit))
    say('from it alone: git clone %s/data/project.bundle project && project/run.sh --archive %s '
        'demo' % (folder, folder))


def check(folder):
    """Prints every file that is not as it was, and the table; 1 where there is one.

    4 after a line of host/archive/bag.sh, which says what is accepted before a file is opened.
    """
    said = subprocess.run(['bash', '-p', '-c', 'source "$0" && bag_plain "$1" && bag_about "$1"',
                           os.path.join(HERE, 'bag.sh'), folder], stdout=subprocess.PIPE)
    if said.returncode:
        return said.returncode
    commit, oxum = said.stdout.decode().split()
    tags, entries = listed(folder, 'tagmanifest-sha256.txt'), listed(folder, 'manifest-sha256.txt')
    faults, held = [], set()
    for path, digest in sorted(list(tags.items()) + list(entries.items())):
        file = os.path.join(os.fsencode(folder), path.encode())
        if not os.path.isfile(file):
            faults.append('%s is missing: its sha256 was %s' % (path, digest))
        elif fetch.sha256(file) != digest:
            faults.append('%s is damaged: its sha256 was %s' % (path, digest))
        else:
            held.add(digest)
    there = {('data/' + path).encode(sys.getfilesystemencoding(), 'surrogateescape')
             for path in payload(folder)}
    faults += ['%s is no part of it' % shown(path)
               for path in sorted(there - {path.encode() for path in entries})]
    if not faults and oxum != '%d.%d' % (payload_size(folder), len(entries)):
        faults.append('bag-info.txt is damaged: its Payload-Oxum is not that of data/')
    for fault in faults:
        say(fault)
    say('of commit %s' % commit)
    print('%-52s | %s' % ('what', 'can be rebuilt'))
    for row in REBUILDS:
        print('%-52s | %s' % (row[0], lacking(entries, held, *row[1:]) or 'yes'))
    if faults:
        say('%d of %d files are not as they were, and --archive refuses it: the command that made '
            'it fetches what can be fetched again' % (len(faults), len(tags) + len(entries)))
    else:
        say('%d files, each as it was' % (len(tags) + len(entries)))
    return 1 if faults else 0


def listed(folder, manifest):
    """{path: sha256} of a manifest that host/archive/bag.sh has accepted."""
    with open(os.path.join(folder, manifest), encoding='utf-8') as f:
        return {line[65:].rstrip('\n').lstrip(' '): line[:64] for line in f}


def shown(path):
    """A stranger's name, bytes, in a form that no terminal obeys, on one line."""
    text = path.decode('utf-8', 'surrogateescape')
    return text if text.isprintable() else repr(text)


def lacking(known, held, parts, locks, option=''):
    """What of these parts of data/ and locks is not there, or not whole: 'no: …', or ''."""
    of_part = {part: {digest for path, digest in known.items()
                      if (path + '/').startswith('data/%s/' % part)} for part in parts}
    wanted = [row for lock in locks for row in locked(lock)]
    if not all(of_part.values()) or option and {row[2] for row in wanted} - set(known.values()):
        return 'no: made without it' + (' (--with %s)' % option if option else '')
    lost = [part for part in parts if of_part[part] - held]
    names = ['%s==%s' % row[:2] for row in wanted if row[2] not in held]
    lost += names[:3] + ['…'] * (len(names) > 3)
    return 'no: ' + ', '.join(lost) if lost else ''


def main(arguments):
    try:
        steps = {'packages': packages, 'run': run, 'bag': bag, 'check': check}
        return steps[arguments[0]](*arguments[1:])
    except Failure as e:
        print('run.sh: archive: %s' % e, file=sys.stderr)
        return 4
    except OSError as e:
        print('run.sh: archive: %s: %s' % (e.filename or arguments[-1], e.strerror or e),
              file=sys.stderr)
        return 4
    except KeyboardInterrupt:
        print('run.sh: interrupted; the same command goes on', file=sys.stderr)
        return 130


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
