# -*- coding: utf-8 -*-
"""An archive of what this project depends on: a BagIt bag (RFC 8493) with an RO-Crate inside.

    archive.py check DIR    every hash, and what the archive can rebuild

bag() describes and seals what gather.py has put into DIR/data/.  Python 3 with
requirements/archive.txt (host/archive/archive.sh).  What is in data/: KINDS.
"""
from __future__ import print_function   # for flake8, which reads Python 2 here

import datetime
import json
import os
import re
import subprocess
import sys
import tarfile
import urllib.parse
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
# -I leaves them out
sys.path += [os.path.join(os.path.dirname(HERE), name) for name in ('', 'kaggle', 'python')]

import competition                                  # noqa: E402
import environments                                 # noqa: E402
import fetch                                        # noqa: E402
from environments import LOCKS                      # noqa: E402

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
# What an RO-Crate of finished runs conforms to: https://www.researchobject.org/workflow-run-crate
PROFILES = ('https://w3id.org/ro/wfrun/process/0.5', 'https://w3id.org/ro/wfrun/workflow/0.5',
            'https://w3id.org/workflowhub/workflow-ro-crate/1.0')


def rebuilds():
    """What is rebuilt from which of data/'s parts and locks, and the part of --with that brings
    them: [(what, parts, locks, part)]."""
    every = environments.rows()
    yield 'this project: git clone DIR/data/project.bundle', ('project.bundle',), (), ''
    yield 'a Python 2.7 where there is none', ('debs',), (), ''
    yield 'cpu, with your pictures alone', ('weights',), environments.needs('cpu'), 'weights'
    yield 'data, from the archive', ('data',), (), 'data'
    yield 'cpu --features', ('features',), environments.needs('cpu'), 'features'
    in_images = ['cpu'] + [name for name, row in every.items()
                           if name.startswith('engines/') or 'images' in row.archive]
    yield '--runtime podman', ('images',), environments.needs(*in_images), 'images'
    for row in every.values():
        takes = [row.name] if row.pythons == '2.7' else ['cpu', row.name]
        for part in row.archive[:1]:
            # CUDA 8 is a part of data/, too.
            yield (row.purpose, (part,) if part in KINDS else (), environments.needs(*takes),
                   '' if part == environments.ALWAYS else part)


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
    for name in os.listdir(folder):     # of the last seal: without them it is not a bag
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
    """Prints every file that is not as it was, and the table; 1 if there is such a file.

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
    present = {('data/' + path).encode(sys.getfilesystemencoding(), 'surrogateescape')
               for path in payload(folder)}
    faults += ['%s is not part of it' % shown(path)
               for path in sorted(present - {path.encode() for path in entries})]
    if not faults and oxum != '%d.%d' % (payload_size(folder), len(entries)):
        faults.append('bag-info.txt is damaged: its Payload-Oxum is not that of data/')
    for fault in faults:
        say(fault)
    say('of commit %s' % commit)
    print('%-52s | %s' % ('what', 'can be rebuilt'))
    for row in rebuilds():
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
    """A stranger's name, bytes, as one line in which a terminal finds no commands."""
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


def main(steps, arguments):
    """Exit status of one of these steps; what is wrong is a line on stderr."""
    try:
        return steps[arguments[0]](*arguments[1:])
    except Failure as e:
        print('run.sh: archive: %s' % e, file=sys.stderr)
        return 4
    except OSError as e:
        print('run.sh: archive: %s: %s' % (e.filename or arguments[-1], e.strerror or e),
              file=sys.stderr)
        return 4
    except KeyboardInterrupt:
        print('run.sh: interrupted; the same command resumes', file=sys.stderr)
        return 130


if __name__ == '__main__':
    sys.exit(main({'check': check}, sys.argv[1:]))
