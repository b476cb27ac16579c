# -*- coding: utf-8 -*-
"""host/archive/bag.sh: what of a stranger's archive is accepted.  Tiny bags, made by hand."""
from __future__ import print_function

import hashlib
import os
import random
import re
import shutil
import subprocess
from distutils.spawn import find_executable

import pytest

from conftest import front_door, needs_index

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOST = os.path.join(ROOT, 'host', 'archive')
COMMIT = 'c0ffee' + '0' * 34
DECLARATION = b'BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n'
NOTHING = hashlib.sha256(b'').hexdigest().encode()
PYTHON3 = find_executable('python3')
# Each of these is a file's name like any other, and would do something as a program's text.
ODD = [b'$(touch canary)', b'`touch canary`', b';touch canary;', b"';touch canary;'",
       b'";touch canary;"', b'x,,;1e touch canary #', b'a[$(touch canary)]', b'| touch canary',
       b'&& touch canary', b'*', b'[', b']', b'?', b'[!a]*', b'-', b'--help', b'-e', b'-c', b'.x',
       b'..x', b'x..', b'%s%n%d', b'100%', b'a%3a1.deb', b'x: FAILED', b'two  spaces', b' first',
       b'~', b'$HOME', b'&amp;', b'#', b'@', b'!', b'{a,b}', u'Gruß an alle'.encode('utf-8'),
       u'猫と犬'.encode('utf-8'), u'\U0001f415'.encode('utf-8')]
# None of these is.
HOSTILE = [
    b'x,,;1e touch canary #', b'$(touch canary)', b'`touch canary`', b'data', b'data/', b'',
    b'/etc/passwd', b'../data/x', b'data/../../x', b'data/../data/x', b'data/..', b'data/./x',
    b'data//x', b'data/x/', b'data/x/.', b'./data/x', b' data/x', b'*data/x', b'-', b'--help',
    b'DATA/x', b'data\\x', b'data/x\\ny', b'data/x\\', b'data/%0Ax', b'data/%0dx', b'data/%25',
    b'data/x ', b'data/x\r', b'\rdata/x', b'data/\x1b[2Jx', b'data/\x1b]0;title\x07',
    b'data/x\x00y', b'data/\x00', b'data/\x7f', b'data/\x08x', b'data/\tx', b'data/\xc2\x9b2Jx',
    b'data/\x9b2Jx', b'data/\xff', b'data/\xc0\xaf', b'data/\xed\xa0\x80',
    b'data/\xe2\x80\xaegnp.x', b'data/\xe2\x80\xa8x', b'data/\xef\xbb\xbfx',
    b'data/' + b'\x1b[31m' * 500, b'data/' + b'x' * 5000,
    b'data/' + b'\x00' * 500000]


class Bag(object):
    """A bag in a folder; files that are added to data/ are empty unless said."""

    def __init__(self, folder):
        self.folder, self.lines, self.about = str(folder), [], None
        os.makedirs(os.path.join(self.folder, 'data'))

    def path(self, name=b''):
        return os.path.join(self.folder.encode(), name)

    def write(self, name, content=b''):
        if not os.path.isdir(os.path.dirname(self.path(name))):
            os.makedirs(os.path.dirname(self.path(name)))
        with open(self.path(name), 'wb') as f:
            f.write(content)

    def add(self, name, content=b''):
        self.write(name, content)
        self.lists(name, hashlib.sha256(content).hexdigest().encode())

    def lists(self, name, digest=NOTHING):
        self.lines.append(digest + b'  ' + name + b'\n')

    def seal(self, declaration=DECLARATION, commit=COMMIT.encode(), oxum=None, tags=b''):
        """What is in data/ now is what Payload-Oxum counts."""
        if oxum is None:
            names = [os.path.join(top, name) for top, _, names in os.walk(self.path(b'data'))
                     for name in names if os.path.isfile(os.path.join(top, name))]
            sizes = [os.path.getsize(n) for n in names if not os.path.islink(n)]
            oxum = ('%d.%d' % (sum(sizes), len(sizes))).encode()
        self.write(b'manifest-sha256.txt', b''.join(self.lines))
        self.write(b'bagit.txt', declaration)
        self.write(b'bag-info.txt', b'External-Identifier: ' + commit + b'\nPayload-Oxum: ' + oxum
                   + b'\n')
        self.seal_tags(tags)

    def seal_tags(self, more=b'', but=None):
        names = [b'manifest-sha256.txt', b'bagit.txt', b'bag-info.txt']
        self.write(b'tagmanifest-sha256.txt', b''.join(
            hashlib.sha256(open(self.path(name), 'rb').read()).hexdigest().encode() + b' ' + name
            + b'\n' for name in names if name != but) + more)


@pytest.fixture
def bag(tmpdir):
    made = Bag(tmpdir.join('bag'))
    made.add(b'data/one', b'1')
    return made


def ended(command, cwd):
    """(status, stdout, stderr), bytes; 124 where it took longer than 20 s."""
    program = subprocess.Popen(['timeout', '20'] + command, cwd=str(cwd), stdin=open(os.devnull),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = program.communicate()
    return program.returncode, out, err


def used(bag, cwd):
    """--archive of a verb that would set an environment up."""
    return ended([os.path.join(ROOT, 'run.sh'), '--archive', bag.folder, 'exec', 'true'], cwd)


def checked(bag, cwd):
    """archive --check, but for its environment, which it does not need."""
    return ended([PYTHON3, '-I', '-B', os.path.join(HOST, 'archive.py'), 'check', bag.folder], cwd)


def whole(bag, cwd):
    return ended(['bash', '-p', '-euc', 'source "$0"; bag_whole "$1"',
                  os.path.join(HOST, 'bag.sh'), bag.folder], cwd)


def one_line(err):
    """Whether this is one line, and nothing that a terminal obeys is in it."""
    return err.endswith(b'\n') and not re.search(b'[\x00-\x1f\x7f]', err[:-1]) \
        and u'\x9b' not in err.decode('utf-8')


def refused(bag, cwd, *words):
    """It is refused by --archive and --check alike, and no program of its names has run."""
    for way in (used, checked)[:2 if PYTHON3 else 1]:
        status, out, err = way(bag, cwd)
        nothing_ran(bag, cwd)
        assert status == 4 and one_line(err) and not out, (way, status, out, err)
        assert all(word.encode('utf-8') in err for word in words), err


def nothing_ran(bag, cwd):
    for folder in (str(cwd), bag.folder, ROOT):
        assert not [name for name in os.listdir(folder) if name.startswith('canary')]


def test_a_name_is_not_a_command(tmpdir):
    """GNU sed's `e`, as it was: an archive that is right, but its one file is missing."""
    bag = Bag(tmpdir.join('bag'))
    bag.lists(b'x,,;1e touch canary #', b'0' * 64)
    bag.seal()
    refused(bag, tmpdir, 'manifest-sha256.txt, line 1, is not a sha256')


@pytest.mark.parametrize('name', HOSTILE, ids=lambda name: repr(name)[:40])
def test_what_is_not_a_plain_path_is_refused(bag, tmpdir, name):
    """Named in the second line; and in the list of tag files, where data/ may not be either."""
    bag.lists(name)
    bag.seal()
    refused(bag, tmpdir, 'manifest-sha256.txt, line 2, ')
    if name not in (b'x,,;1e touch canary #', b'DATA/x'):       # those may be a tag file's
        bag.lines.pop()
        bag.seal(tags=NOTHING + b'  ' + name + b'\n')
        status, out, err = whole(bag, tmpdir)
        assert status == 4 and b'tagmanifest-sha256.txt, line 4, ' in err and one_line(err), err


def test_odd_names_are_names(tmpdir):
    """Files that are called so are hashed, found and found damaged like others."""
    bag = Bag(tmpdir.join('bag'))
    for number, name in enumerate(ODD):
        bag.add(b'data/' + name, b'%d' % number)
        bag.add(b'data/in a folder ' + name + b'/' + name, name)
    bag.seal()
    assert whole(bag, tmpdir) == (0, COMMIT.encode() + b'\n', b'')
    status, out, err = used(bag, tmpdir)
    assert status == 4 and b'the archive lacks a file that requirements/' in err, err
    if PYTHON3:
        status, out, err = checked(bag, tmpdir)
        assert status == 0 and b'each as it was' in out, (out, err)
    for name in ODD:
        path = b'data/' + name
        bag.write(path, b'damaged')
        status, out, err = whole(bag, tmpdir)
        assert status == 4 and path + b' is damaged: its sha256 was ' in err and one_line(err), err
        bag.write(path, b'%d' % ODD.index(name))
    for name in ODD:
        path = b'data/' + name
        os.rename(bag.path(path), bag.path(b'aside'))
        status, out, err = whole(bag, tmpdir)
        assert status == 4 and path + b' is missing: its sha256 was ' in err and one_line(err), err
        os.rename(bag.path(b'aside'), bag.path(path))
    assert whole(bag, tmpdir)[0] == 0
    nothing_ran(bag, tmpdir)


def test_forms_of_lines(bag, tmpdir):
    for line in (b'', b'x', b'# data/x', NOTHING, NOTHING + b'  ', NOTHING + b' data/x',
                 NOTHING + b' *data/x', NOTHING + b'   data/x', NOTHING + b'\tdata/x',
                 b'\\' + NOTHING + b'  data/x\\n', NOTHING[1:] + b'  data/x',
                 NOTHING.upper() + b'  data/x', b'g' * 64 + b'  data/x', b'\xef\xbb\xbf' + NOTHING
                 + b'  data/x', b'SHA256 (data/x) = ' + NOTHING):
        bag.lines[1:] = [line + b'\n']
        bag.seal()
        status, out, err = whole(bag, tmpdir)
        assert status == 4 and b'line 2, is not a sha256' in err and one_line(err), (line, err)
    for again in (bag.lines[0], NOTHING + b'  data/one\n'):
        bag.lines[1:] = [again]
        bag.seal()
        refused(bag, tmpdir, 'line 2, lists it again')
    bag.lines[1:] = []
    bag.seal(tags=NOTHING + b'  data/one\n')
    refused(bag, tmpdir, 'is in data/')


def link(target):
    return lambda path: os.symlink(str(target), path)


@pytest.mark.parametrize('is_listed', [True, False])
@pytest.mark.parametrize('kind', ['endless', 'outside', 'inside', 'nowhere', 'folder', 'pipe'])
def test_what_is_no_file_is_not_opened(bag, tmpdir, kind, is_listed):
    outside = tmpdir.ensure('outside', 'secret')
    name = b'data/z/secret' if kind == 'folder' else b'data/z'
    {'endless': link('/dev/zero'), 'outside': link(outside), 'inside': link('one'),
     'nowhere': link('nowhere'), 'folder': link(outside.dirpath()), 'pipe': os.mkfifo}[kind](
         bag.path(b'data/z'))
    if is_listed:
        bag.lists(name, hashlib.sha256(b'1' if kind == 'inside' else b'').hexdigest().encode())
    bag.seal()
    refused(bag, tmpdir, 'data/z is ', 'not a file' if kind == 'pipe' else 'a link')


@pytest.mark.parametrize('name', [b'manifest-sha256.txt', b'tagmanifest-sha256.txt', b'bagit.txt',
                                  b'bag-info.txt'])
def test_its_own_files_are_files(bag, tmpdir, name):
    bag.seal()
    os.rename(bag.path(name), bag.path(b'aside'))
    for make in (link('/dev/zero'), link('aside'), os.mkfifo, os.mkdir):
        make(bag.path(name))
        refused(bag, tmpdir, name.decode())
        (os.rmdir if make == os.mkdir else os.remove)(bag.path(name))
    refused(bag, tmpdir, name.decode())
    with open(bag.path(name), 'wb') as f:
        f.truncate(1 << 40)
    refused(bag, tmpdir, name.decode() + ' is larger')


def test_tag_files_are_files(bag, tmpdir):
    tmpdir.ensure('outside', 'about')
    os.symlink(str(tmpdir.join('outside')), bag.path(b'notes'))
    bag.seal(tags=NOTHING + b'  notes/about\n')
    refused(bag, tmpdir, 'notes is a link')
    os.remove(bag.path(b'notes'))
    os.mkdir(bag.path(b'notes'))
    os.mkfifo(bag.path(b'notes/about'))
    refused(bag, tmpdir, 'notes/about is not a file')
    os.remove(bag.path(b'notes/about'))
    assert b'notes/about is missing' in whole(bag, tmpdir)[2]
    bag.write(b'notes/about')
    assert whole(bag, tmpdir)[0] == 0


def test_data_is_a_folder(bag, tmpdir):
    bag.seal()
    os.rename(bag.path(b'data'), str(tmpdir.join('elsewhere')))
    refused(bag, tmpdir, 'no folder data')
    os.symlink(str(tmpdir.join('elsewhere')), bag.path(b'data'))
    refused(bag, tmpdir, 'data is a link')


def test_a_file_with_no_end_is_not_hashed(bag, tmpdir):
    bag.add(b'data/holes')
    with open(bag.path(b'data/holes'), 'wb') as f:
        f.truncate(1 << 42)
    bag.seal()
    refused(bag, tmpdir, 'more than 68719476736 bytes')


def test_what_it_says_of_itself(bag, tmpdir):
    bag.seal()
    assert whole(bag, tmpdir) == (0, COMMIT.encode() + b'\n', b'')
    for commit in (b'\x1b]0;title\x07' + COMMIT.encode(), b'', b'unknown', b'C0FFEE0', b'c0ffee0 ',
                   b'c0ffee0\nExternal-Identifier: c0ffee1', b'c0ffee0\x00', b'c0ffee0\r'):
        bag.seal(commit=commit)
        refused(bag, tmpdir, 'External-Identifier')
    for oxum in (b'', b'x[$(touch canary)].1', b'1', b'-1.1', b'1.1.1', b'1.1\nPayload-Oxum: 1.1'):
        bag.seal(oxum=oxum)
        refused(bag, tmpdir, 'Payload-Oxum')
    for oxum in (b'2.1', b'1.2', b'01.1'):
        bag.seal(oxum=oxum)
        status, out, err = whole(bag, tmpdir)
        assert status == 4 and b'Payload-Oxum is not that of data/, 1.1' in err, err
        if PYTHON3:
            status, out, err = checked(bag, tmpdir)
            assert status == 1 and b'Payload-Oxum is not that of data/' in out, out
    for declaration in (b'', DECLARATION.replace(b'UTF-8', b'UTF-7'), DECLARATION[1:],
                        DECLARATION + b'More: \x1b[2J\n', DECLARATION.replace(b'0.97', b'0.95'),
                        b'\xef\xbb\xbf' + DECLARATION):
        bag.seal(declaration=declaration)
        refused(bag, tmpdir, 'bagit.txt does not declare')
    bag.seal(declaration=DECLARATION.replace(b'0.97', b'1.0'))
    assert whole(bag, tmpdir)[0] == 0
    for name in (b'manifest-sha256.txt', b'bagit.txt', b'bag-info.txt'):
        bag.seal_tags(but=name)
        refused(bag, tmpdir, 'tagmanifest-sha256.txt does not list ' + name.decode())
    for name in (b'fetch.txt', b'manifest-md5.txt', b'tagmanifest-sha512.txt',
                 b'manifest-\x1b[2J.txt'):
        bag.seal()
        bag.write(name, b'file:///etc/passwd - data/p')
        refused(bag, tmpdir, 'is in no archive of ./run.sh archive')
        os.remove(bag.path(name))


def test_files_that_are_not_listed_are_refused(bag, tmpdir):
    bag.write(b'data/packages/pip\x1b[2J.whl')
    bag.seal()
    status, out, err = used(bag, tmpdir)
    assert status == 4 and b'is not part of it' in err and one_line(err), err
    if PYTHON3:
        status, out, err = checked(bag, tmpdir)
        assert status == 1 and b'is not part of it' in out and b'\x1b' not in out + err, out
    bag = Bag(tmpdir.join('empty'))
    bag.write(b'data/evil')
    bag.seal()
    assert b'data/evil is not part of it' in used(bag, tmpdir)[2]


@needs_index
def test_check_by_the_front_door(bag, tmpdir):
    bag.seal()
    result = front_door('archive', '--check', bag.folder)
    assert result.status == 0 and 'each as it was' in result.out, result.both
    os.symlink('/dev/zero', bag.path(b'data/zero'))
    result = front_door('archive', '--check', bag.folder)
    assert result.status == 4 and result.err.endswith('data/zero is a link\n'), result.both


def mutated(chance, lines):
    """A manifest with one to three changes."""
    lines = list(lines)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(lines))
        line = lines[at]
        cut = chance.randrange(len(line))
        word = chance.choice(ODD + HOSTILE + [b'\n', b'/', b'..', b'\\', b'  ', NOTHING])
        lines[at] = chance.choice([
            lambda: line[:cut] + word + line[cut:], lambda: line[:cut] + line[cut + 1:],
            lambda: line + line, lambda: b'', lambda: line[:66] + word + b'\n',
            lambda: line[:71] + word + b'\n',
            lambda: line[:cut] + chr(chance.randrange(256)) + line[cut + 1:],
            lambda: line.rstrip(b'\n')])() or b'\n'
    return b''.join(lines)


def is_plain(line):
    """As host/archive/bag.sh has it, in other words."""
    match = re.match(b'([0-9a-f]{64})  (data/.+)$', line, re.S)
    if not match or len(match.group(2)) > 1024 \
            or re.search(br'[\x00-\x1f\x7f\\]|%0[AaDd]|%25| $', match.group(2)):
        return False
    try:
        text = match.group(2).decode('utf-8')
    except UnicodeDecodeError:
        return False
    text = re.sub(u'[\ud800-\udbff][\udc00-\udfff]', u'', text)     # Python's may be narrow
    return not re.search(u'[\x80-\x9f\u061c\ud800-\udfff\u2028-\u202e\u2066-\u2069\ufeff\u200e'
                         u'\u200f]', text) \
        and not set(text.split(u'/')) & set([u'', u'.', u'..'])


def test_three_hundred_seeded_manifests(tmpdir):
    """More by hand: ./run.sh exec env BAG_FUZZ=10000 python -m pytest tests/test_bag.py."""
    chance, bags = random.Random(2017), []
    for number in range(int(os.environ.get('BAG_FUZZ', 300))):
        bag = Bag(tmpdir.join('bag%d' % number))
        for name in chance.sample(ODD, 3):
            bag.lists(b'data/' + name)
        bag.lines = [mutated(chance, bag.lines)]
        bag.seal()
        bags.append(bag)
    seen = dict.fromkeys(['0', '4'], 0)
    while bags:
        some, bags = bags[:100], bags[100:]
        status, out, err = ended(
            ['bash', '-p', '-uc', 'source "$0"; for bag; do (bag_plain "$bag") 2>"$bag/err"; echo '
             '$?; done', os.path.join(HOST, 'bag.sh')] + [b.folder for b in some], tmpdir)
        assert status == 0 and not err, (status, err)
        for bag, answer in zip(some, out.decode().splitlines()):
            lines = b''.join(bag.lines).split(b'\n')
            lines = lines[:-1] if lines[-1] == b'' else lines
            names = [line[66:] for line in lines]
            right = all(is_plain(line) for line in lines) and len(set(names)) == len(names)
            said = open(bag.path(b'err'), 'rb').read()
            assert answer == ('0' if right else '4'), (lines, said)
            assert said == b'' if right else one_line(said), said
            seen[answer] += 1
            nothing_ran(bag, tmpdir)
            shutil.rmtree(bag.folder)
    assert min(seen.values()) > 20, seen
