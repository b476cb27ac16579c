# -*- coding: utf-8 -*-
"""Kaggle's zips → train/, test/, sample_submission.csv, all checked before they get these names.

A folder must hold train.zip, test.zip and sample_submission.csv, or the one zip with the three in
it that Kaggle's "Download All" gives.  A file fetched by itself may come as X.csv.zip, or as a zip
named X.csv: Kaggle packs it.  Nothing but the competition's own names comes out of a
zip, so no path can lead elsewhere.  Pictures are unpacked into .repro/ and moved when all are
there and each has been decoded with the pinned Pillow.  A picture that is in .repro/ already,
with the zip's size and CRC, is not unpacked again.
"""
from __future__ import division, print_function

import contextlib
import ctypes
import os
import shutil
import stat
import time
import zipfile
import zlib

from repro.console.progress import Progress, say
from repro.failures import BadInput
from repro.inputs import data
from repro.system import machine, processes
from repro.work.folder import HIDDEN, absence, flush_at, replacing

COMPETITION = 'dogs-vs-cats-redux-kernels-edition'
SUBMISSION = 'sample_submission.csv'
ZIPS = os.path.join(HIDDEN, 'zips')    # where ./run.sh data downloads to (run.sh)
# The competition's pictures are 0.9 GB in all, the largest of them below 0.1 MB.
PICTURE_LIMIT, TOTAL_LIMIT = 20 * 10**6, 4 * 10**9
INNER_LIMIT = 2 * 10**9         # train.zip is 0.6 GB
SUBMISSION_LIMIT = 10**6        # sample_submission.csv is 0.1 MB


def is_there(part):
    """Whether train/ or test/ holds exactly the competition's pictures."""
    return os.path.isdir(part) and set(data.names(part)) == data.wanted(part)


def get(folder):
    """Takes what is not in the work folder yet from the zips in `folder`.  Raises BadInput."""
    start = time.time()
    missing = [part for part in ('train', 'test') if not is_there(part)]
    for part in missing:
        if os.path.lexists(part):
            raise BadInput('%s is in the work folder already, and is not the competition\'s '
                           '%d pictures: move it away, or name another folder with --work'
                           % (part, len(data.wanted(part))))
    if missing or not os.path.exists(SUBMISSION):
        folder = with_inner_zips(folder)
        zips = dict((part, find(folder, part + '.zip')) for part in missing)
        checked = dict((part, check_zip(path, part, data.wanted(part)))
                       for part, path in zips.items())
        take_submission(folder)
        check_space(checked)
        for part in missing:
            unpack(zips[part], part, checked[part])
            check_pictures(part)
            os.rename(hidden(part), part)
    data.check_submission(data.names('test'))
    shutil.rmtree(ZIPS, ignore_errors=True)     # what was downloaded; a user's own zips stay
    say('data: train/ %d and test/ %d pictures, exactly the competition\'s names; %s; %.0f s'
        % (len(data.wanted('train')), len(data.wanted('test')),
           'each unpacked with its CRC and decoded with Pillow' if missing else
           'they were there already', time.time() - start))


def hidden(part):
    """Where train/ or test/ is unpacked."""
    return os.path.join(HIDDEN, part)


def find(folder, *names):
    """The path of the first of these files that is in the folder.  Raises BadInput."""
    paths = [os.path.join(folder, name) for name in names]
    for path in paths:
        if os.path.exists(path):
            return path
    raise BadInput('%s %s: needed are train.zip, test.zip and %s, or %s.zip'
                   % (paths[0], absence(paths[0]), SUBMISSION, COMPETITION))


@contextlib.contextmanager
def opened(path):
    """Yields the zip.  Raises BadInput, naming it, for anything wrong in it."""
    try:
        with open(path, 'rb') as f, zipfile.ZipFile(f) as z:
            yield z
    except NotImplementedError as e:
        raise BadInput('%s is packed in a way that Python 2.7 does not know (%s): unpack it, and '
                       'pack it again with zip' % (path, e))
    except RuntimeError as e:       # zipfile's, for a file with a password
        raise BadInput('%s cannot be unpacked (%s): take the competition\'s own' % (path, e))
    except (zipfile.BadZipfile, zipfile.LargeZipFile, zlib.error, EOFError) as e:
        if is_web_page(path):
            e = 'it is a web page: sign in to Kaggle first'
        raise BadInput('%s is not a whole zip file (%s): delete it and download it again'
                       % (path, e))


def is_web_page(path):
    """Whether a page was saved in place of the file, as where one has to sign in."""
    with open(path, 'rb') as f:
        return f.read(512).lstrip().startswith(b'<')


def with_inner_zips(folder):
    """The folder with train.zip and test.zip, which may have to come out of the outer zip."""
    outer = os.path.join(folder, COMPETITION + '.zip')
    if os.path.exists(os.path.join(folder, 'train.zip')) or not os.path.exists(outer):
        return folder
    if not os.path.isdir(ZIPS):
        os.makedirs(ZIPS)
    with opened(outer) as z:
        entries = dict((i.filename, i) for i in z.infolist())
        for name in ('train.zip', 'test.zip', SUBMISSION):
            if name not in entries or entries[name].file_size > INNER_LIMIT:
                raise BadInput('%s holds no %s of a likely size' % (outer, name))
            target = os.path.join(ZIPS, name)
            if not os.path.exists(target) or crc(target) != entries[name].CRC:
                with replacing(target, entries[name].file_size) as temporary:
                    with z.open(entries[name]) as source, open(temporary, 'wb') as f:
                        shutil.copyfileobj(source, f, 1 << 20)      # checks the CRC at the end
    return ZIPS


def crc(path):
    """The CRC-32 of a file's bytes, as zips hold it."""
    value = 0
    with open(path, 'rb') as f:
        for block in iter(lambda: f.read(1 << 20), b''):
            value = zlib.crc32(block, value)
    return value & 0xffffffff


def check_zip(path, part, names):
    """{name: ZipInfo} of exactly these names, with or without the folder's before them.

    Raises BadInput.
    """
    entries = {}
    with opened(path) as z:
        for info in z.infolist():
            if info.filename != part + '/':
                name = check_entry(path, part, info, names)
                if name in entries:
                    raise BadInput('%s holds %s twice' % (path, name))
                entries[name] = info
    missing = sorted(names - set(entries))
    if missing:
        raise BadInput('%s lacks %d of the competition\'s %d pictures: %s%s' % (
            path, len(missing), len(names), ', '.join(missing[:3]), ', ...' * (len(missing) > 3)))
    if sum(i.file_size for i in entries.values()) > TOTAL_LIMIT:
        raise BadInput('%s would unpack to more than %d GB, and the competition\'s to less '
                       'than 1: not unpacked' % (path, TOTAL_LIMIT // 10**9))
    return entries


def check_entry(path, part, info, names):
    """The picture's name of a zip's entry.  Raises BadInput for what can't be one."""
    name = machine.as_bytes(info.filename)      # beside a path, in a message
    if name.startswith('/') or '\\' in name or '..' in name.split('/'):
        raise BadInput('%s: %s would leave the folder: not unpacked' % (path, name))
    if stat.S_ISLNK(info.external_attr >> 16):
        raise BadInput('%s: %s is a link, not a picture: not unpacked' % (path, name))
    if name.startswith(part + '/'):
        name = name[len(part) + 1:]
    if name not in names:
        raise BadInput('%s holds %s, which the competition\'s does not' % (path, name))
    if info.file_size > PICTURE_LIMIT:
        raise BadInput('%s: %s would unpack to %d MB, and no picture of the competition '
                       'has 1: not unpacked' % (path, name, info.file_size // 10**6))
    if info.flag_bits & 1:
        raise BadInput('%s: %s is encrypted' % (path, name))
    return name


def take_submission(folder):
    """Copies sample_submission.csv into the work folder, or unpacks it, unless it is there."""
    if os.path.exists(SUBMISSION):
        return
    path = find(folder, SUBMISSION, SUBMISSION + '.zip')
    with replacing(SUBMISSION) as temporary:
        if zipfile.is_zipfile(path) or path.endswith('.zip'):
            with open(temporary, 'wb') as f:
                f.write(unpacked_submission(path))
        else:
            shutil.copyfile(path, temporary)


def unpacked_submission(path):
    """The bytes of sample_submission.csv in a zip of its own.  Raises BadInput."""
    with opened(path) as z:
        entries = [i for i in z.infolist() if os.path.basename(i.filename) == SUBMISSION]
        if len(entries) != 1 or entries[0].file_size > SUBMISSION_LIMIT:
            raise BadInput('%s holds no %s of a likely size: take the competition\'s own'
                           % (path, SUBMISSION))
        return read(z, path, entries[0])


def check_space(checked):
    """BadInput unless the disk holds what is still to be unpacked; checked: {part: entries}."""
    needed = sum(i.file_size for entries in checked.values() for i in entries.values())
    needed -= sum(os.path.getsize(os.path.join(hidden(p), n)) for p in checked
                  if os.path.isdir(hidden(p)) for n in os.listdir(hidden(p)))
    say('data: %d MB to unpack, %d MB are free; some minutes'
        % (needed // 10**6 + 1, machine.free_bytes() // 10**6))
    machine.check_space(needed, 'the pictures need %d MB')


def unpack(path, part, entries):
    """Unpacks the zip's pictures into .repro/, unless they are there already.  Raises BadInput."""
    if not os.path.isdir(hidden(part)):
        os.mkdir(hidden(part))
    with opened(path) as z, Progress('unpacking ' + part, len(entries)) as progress:
        for name, info in sorted(entries.items()):
            target = os.path.join(hidden(part), name)
            if not is_whole(target, info):
                picture = read(z, path, info)
                with open(target, 'wb') as f:
                    f.write(picture)
            progress.add(1)
    flush_at(hidden(part), ctypes.CDLL(None).syncfs)    # all 25,000 at once; Python 2.7 lacks it


def is_whole(target, info):
    """Whether the file is there with the size and the CRC of the zip's entry."""
    return (os.path.exists(target) and os.path.getsize(target) == info.file_size
            and crc(target) == info.CRC)


def read(z, path, info):
    """One file's bytes.  BadInput where their number or CRC is another than announced."""
    with z.open(info) as f:
        contents = f.read(info.file_size + 1)
    if len(contents) != info.file_size or zlib.crc32(contents) & 0xffffffff != info.CRC:
        raise BadInput('%s: %s is damaged (its size or CRC is another than announced): '
                       'download it again' % (path, machine.as_bytes(info.filename)))
    return contents


def fault(path):
    """(path, what is wrong with the picture, or '')."""
    try:
        data.check_picture(path)
    except BadInput as e:
        return path, str(e)
    return path, ''


def check_pictures(part):
    """Decodes each picture once, on all cores.  Raises BadInput, naming the broken ones."""
    paths = [os.path.join(hidden(part), n) for n in sorted(os.listdir(hidden(part)))]
    broken = []
    with Progress('decoding ' + part, len(paths)) as progress, \
            processes.workers(len(paths)) as mapped:
        for path, reason in mapped(fault, paths):
            progress.add(1)
            if reason:
                broken.append(os.path.join(part, os.path.basename(path)))
    if broken:
        broken.sort()
        raise BadInput('%d of %d pictures in %s.zip cannot be decoded: %s%s; nothing of it '
                       'was taken' % (len(broken), len(paths), part, ', '.join(broken[:5]),
                                      ', ...' * (len(broken) > 5)))
