# -*- coding: utf-8 -*-
"""A run on Kaggle's machines: the request to the kernel, what was pushed, and what came back.

.repro/kernel/ is shared with the outside (host/kaggle/push.py), which talks to Kaggle:

    asked.json      the request to host/kaggle/session.py; written here
    pushed.json     what was pushed; kept until its outputs have been taken
    outputs/        its outputs, each file checked by its hash; outputs.json comes last

run.json is of the kind 'kaggle' from the push on.  When the kernel's own run.json has come, it
takes its place, with that kind and with the entry of the push.
"""
from __future__ import print_function

import os
import uuid

FOLDER = os.path.join('.repro', 'kernel')
ASKED, PUSHED = os.path.join(FOLDER, 'asked.json'), os.path.join(FOLDER, 'pushed.json')
HOURS = float(os.environ.get('REPRO_KAGGLE_HOURS', 12))     # a session's limit


def request_for(args, commit):
    """The request to host/kaggle/session.py, by the verb's options; commit: the packed one."""
    words = ['--networks=' + ','.join(args.networks), '--seeding=' + args.seeding]
    if args.seeds:
        words.append('--seeds=%d' % args.seeds)
    if args.any_weights:
        words.append('--any-weights')
    return {'id': uuid.uuid4().hex[:12], 'commit': commit, 'arguments': words,
            'engine': args.engine or '', 'accelerator': args.accelerator, 'hours': HOURS,
            'goes_on': False}


def prepare(args):
    """Before a push: writes asked.json, unless a session runs already; run.json then says so."""
    from repro.console.progress import say
    from repro.work import record
    from repro.work.folder import read_json, write_json
    record.check_kind('kaggle')
    if os.path.exists(PUSHED):
        if record.entry(record.read(), 'push').get('id') != read_json(PUSHED)['id']:
            record.begin('kaggle')
        note(read_json(PUSHED), read_json(ASKED))
        say('kaggle: following %s' % read_json(PUSHED)['url'])
        return
    request = request_for(args, os.environ.get('REPRO_COMMIT', 'unknown'))
    request['goes_on'] = record.entry(record.read(), 'push').get('ended') == 'unfinished'
    if request['goes_on']:
        say('kaggle: resuming from the session before, which ended at its limit')
    write_json(ASKED, request)


def note(pushed, request, **facts):
    """The push's entry in run.json."""
    from repro.work import record
    record.append('push', 0, kernel=pushed['kernel'], version=pushed['version'],
                  url=pushed['url'], id=pushed['id'], accelerator=request['accelerator'],
                  arguments=request['arguments'], **facts)


def take(folder):
    """After the session: puts its outputs into place; returns verify's exit status, or 130.

    Raises BadInput where the run failed there, or where a file is not what its run.json says.
    """
    from repro.console.progress import say
    from repro.failures import BadInput
    from repro.work import record
    from repro.work.folder import discard, read_json, write_json
    left, pushed, request = [read_json(name) for name in (
        os.path.join(folder, 'outputs.json'), PUSHED, ASKED)]
    stack = left['stack']
    if stack:
        say('kaggle: cards: %s; %s, since %s' % (stack['cards'] or 'none',
                                                 ' '.join(stack['command']), stack['why']))
    if left['status'] == 'done':
        run = read_json(os.path.join(folder, 'run.json'))
        place(folder, run)
        write_json(record.RUN, dict(run, kind='kaggle'))
    note(pushed, request, ended=left['status'], said=left['said'], stack=stack)
    discard(PUSHED)
    for name in os.listdir(folder):
        if name != 'session.log':
            discard(os.path.join(folder, name))
    if left['status'] == 'failed':
        raise BadInput('the run on Kaggle failed: %s (its log: %s)' % (
            left['said'], os.path.join(folder, 'session.log')))
    if left['status'] == 'unfinished':
        say('kaggle: the session ended at its limit: the same command resumes from there')
        return 130
    return look()


def place(folder, run):
    """Moves the outputs into the work folder; BadInput unless each is what the run wrote."""
    from repro.failures import BadInput
    from repro.work import record
    from repro.work.folder import settle, sha256
    for name, digest in record.files(run):
        path = os.path.join(folder, name)
        if os.path.basename(name) != name or not os.path.exists(path) or sha256(path) != digest:
            raise BadInput('%s did not come from Kaggle as its run wrote it: see the kernel\'s '
                           'page' % name)
    for name in [name for name, _ in record.files(run)] + ['report.html', 'report.json']:
        if os.path.exists(os.path.join(folder, name)):
            settle(os.path.join(folder, name), name)


def look():
    """Verifies here, and says what to type next; returns verify's exit status."""
    from repro import verify
    from repro.report import summary
    rows = verify.table()
    summary.run_ends('kaggle', rows)
    return verify.status(rows)
