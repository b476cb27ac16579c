# -*- coding: utf-8 -*-
"""总结 (summary): does the folder hold what the article, or the recorded demo, says?

Reads run.json, the files it names and expected/; writes nothing.  Each check is a record
(repro/evidence/checks.py); table() prints them: check | expected | got | verdict; the status is 1
when any verdict is FAIL.  The demo's recorded values, the article's log and the predictions have
their checks in repro/evidence/: golden.py, log.py, predictions.py.
"""
from __future__ import division, print_function

import os
import re
import sys

from repro import engines, expected, features, score, seeds
from repro.console import table as columns
from repro.console.text import _, english
from repro.engines import equality
from repro.evidence import golden, log, predictions
from repro.evidence.checks import (DIFFERS, FAIL, MISSING, OK, SKIPPED, UNREADABLE, check, judged)
from repro.failures import BadInput
from repro.work import listing, record
from repro.work.folder import sha256

SCORES = {'public': _('Kaggle\'s public score'), 'private': _('Kaggle\'s private score')}


def check_files(run):
    """Every file is byte for byte what its step wrote."""
    for name, digest in record.files(run):
        got = sha256(name) if os.path.exists(name) else None
        yield check('file', name, _('sha256 {digest}', digest=digest[:16]),
                    got[:16] if got else MISSING, judged(got == digest), file=name)


def pinned(*locks):
    """{package: version} of these locks of requirements/."""
    versions = {}
    for lock in locks:
        with open(os.path.join(expected.ROOT, 'requirements', lock)) as f:
            for line in f:
                match = re.match(r'([A-Za-z0-9._-]+)==([^ \\]+)', line)
                if match:
                    versions[match.group(1).lower()] = match.group(2)
    return versions


def version(package, wanted, got, is_right):
    return check('version', _('version of {package}', package=package), wanted, got,
                 judged(is_right))


def check_versions(run):
    """The versions that this run used, against requirements/."""
    locked = pinned('base.txt', 'cpu.txt', 'gpu.txt')
    for name, got in sorted(run['versions'].items()):
        if name == 'python':
            yield version(name, '2.7', got, got.startswith('2.7.'))
        else:
            yield version(name, locked.get(name, _('not locked')), got, got == locked.get(name))


def check_steps(run):
    before = ['links'] + [record.step_of(n) for n in run['settings'].get('networks', ())]
    if record.has_given_features(run):
        before = ['features']
    for step in before + ['head', 'submit']:
        if not record.entry(run, step):
            yield check('step', _('step {step}', step=step), _('done'), _('not done'), FAIL)


def check_links(run):
    links = record.entry(run, 'links')
    if links and record.pictures_are_here(run):
        for folder, n in (('train2/cat', 'cats'), ('train2/dog', 'dogs'), ('test2/test', 'test')):
            got = listing.count(folder) if os.path.isdir(folder) else MISSING
            yield check('links', _('pictures in {folder}', folder=folder), links[n], got,
                        judged(got == links[n]))


def check_features(run):
    """Shapes, types and labels of gap_*.h5: (n, 2048) float32, cat 0 then dog 1."""
    pictures = record.data(run)
    for network in run['settings'].get('networks', ()):
        name = features.filename(network)
        if not pictures or not os.path.exists(name):
            continue
        try:
            got = features.describe(network)
        except BadInput as e:
            yield check('features file', name, _('three arrays'), str(e), FAIL)
            continue
        wanted = features.wanted(network, pictures['cats'] + pictures['dogs'], pictures['test'])
        form = dict((part, (got.shapes.get(part), got.dtypes.get(part))) for part in wanted)
        yield check('features', _('{file} train, test', file=name), shapes(wanted), shapes(form),
                    judged(all(form[part] == wanted[part] for part in ('train', 'test'))))
        yield check('features', _('{file} values', file=name), _('finite'),
                    _('finite') if got.is_finite else _('nan or inf'), judged(got.is_finite))
        yield check('features', _('{file} label', file=name),
                    _('{cats} times 0, then {dogs} times 1', cats=pictures['cats'],
                      dogs=pictures['dogs']),
                    _('{cats} and {dogs}', cats=got.cats, dogs=got.dogs),
                    judged(got.is_sorted and (got.cats, got.dogs) == (pictures['cats'],
                                                                      pictures['dogs'])))


def shapes(form):
    """(128, 2048) (32, 2048) float32; form: {dataset: (shape, dtype)}."""
    return '%s %s %s' % (form['train'][0], form['test'][0], form['train'][1])


def check_equality(run):
    """What another engine than tf1 measured before it was used, against its bound."""
    for name, used in sorted(set((entry['engine'], entry['engine_version'])
                                 for _network, entry in record.by_other_engines(run))):
        lock = engines.declarations()[name].get('lock')
        locked = pinned(lock).get(name) if lock else None
        got = used.split('-')[0]    # the build's number follows
        if locked:
            yield version(name, locked, got, got == locked)
    for network, entry in record.by_other_engines(run):
        measured = entry['equality']
        yield check('engine', _('gap {network} by {engine}', network=network,
                                engine=record.engine_of(entry)), equality.bound_of(measured),
                    _('max abs {largest:.1e} of the rms, smallest cosine {cosine:.6f}',
                      largest=measured['max_abs_over_rms'], cosine=measured['smallest_cosine']),
                    {True: OK, False: FAIL, None: SKIPPED}[measured['passed']])
    measured = record.entry(run, 'submit').get('equality')
    if measured:
        yield check('decisions', _('decisions with tf1\'s features of the sample'),
                    _('none flips'),
                    _('{flips} of {pictures} flip, log loss changes by {log_loss_change:.1e}',
                      **measured), DIFFERS if measured['flips'] else OK)


def check_score(run):
    """Kaggle's score of this pred.csv, if it was submitted, beside the article's."""
    article = expected.article()['kaggle_score']
    entry, wanted = record.entry(run, 'score'), '%.5f' % article
    if entry and entry['pred_csv'] != record.entry(run, 'submit').get('files', {}).get('pred.csv'):
        yield check('score', _('Kaggle\'s score'), wanted, _('of another pred.csv'), SKIPPED)
        return
    for kind, got in score.scores(run):
        yield check('score', SCORES[kind], wanted,
                    _('{score}: {compared}', score=got, compared=score.compared(float(got))),
                    OK if float(got) == article else DIFFERS, score=got)


def checks(run, among=None):
    """Every Check of a run, in the article's order.  among: as seeds.checks has it."""
    for part in (check_steps, check_files, check_versions, check_links, check_features,
                 check_equality, predictions.checks):
        for row in part(run):
            yield row
    is_demo = run['kind'] == 'demo'
    for what, rows in (
            (_('golden values') if is_demo else _('the article\'s log'),
             golden.checks(run) if is_demo else log.checks(run)),
            (seeds.NAME, seeds.checks(run, log.is_comparable(run), among)),
            (_('Kaggle\'s score'), check_score(run))):
        for row in until_unreadable(what, rows):
            yield row


def until_unreadable(what, rows):
    """The Checks; where a file cannot be read, a FAIL in place of those that need it.

    check_files says which file was changed; the table continues, so that all of it is seen.
    """
    try:
        for row in rows:
            yield row
    except UNREADABLE as e:
        yield check('unreadable', what, _('readable'), str(e), FAIL)


def about(run):
    """What the table is about, stand-ins named."""
    given = record.entry(run, 'features')
    if given:
        what = 'features run, no pictures, features: ' + given['features_are']
    else:
        what = '%s run, pictures: %s, weights: %s, engine: %s' % (
            run['kind'], record.entry(run, 'links').get('data', 'none'),
            ', '.join(record.weights_are(run)) or 'none', record.engine(run))
    return '%s, seeding %s, %s on %s (%s cores), commit %s' % (
        what, record.seeding(run), run['runtime'], run['machine']['cpu'],
        run['machine']['cores'], run['commit'][:12])


COLOURS = {OK: '\033[32m', FAIL: '\033[31m', DIFFERS: '\033[33m', SKIPPED: '\033[2m'}


def show(rows):
    """Prints Checks as an aligned table, at most 36 characters in a middle column."""
    headings = (u'check', u'expected', u'got', u'verdict')
    cells = [tuple(map(english, (r.what, r.expected, r.got, r.verdict))) for r in rows]
    widths = columns.fitted([headings] + cells, (46, 36, 36, 8))
    for line in columns.lines([headings, tuple(u'-' * w for w in widths)], widths, u' | '):
        print(line)
    for row, cell in zip(rows, cells):
        for line in columns.lines([cell], widths, u' | '):
            print(COLOURS[row.verdict] + line + '\033[0m' if sys.stdout.isatty() else line)


def table():
    """Prints the table, and the line of its counts; returns its rows."""
    run = record.required()
    print('verify: ' + about(run))
    among = []
    rows = list(checks(run, among))
    show(rows)
    for line in seeds.said(among):
        print(line)
    print('verify: ' + counts(rows))
    sys.stdout.flush()
    return rows


def counts(rows):
    """How many rows have each verdict, in words."""
    numbers = [(v, sum(r.verdict == v for r in rows)) for v in (OK, DIFFERS, SKIPPED, FAIL)]
    return ', '.join('%d %s' % (n, v) for v, n in numbers if n or v == FAIL)


def status(rows):
    """The exit status: 1 when any verdict is FAIL."""
    return 1 if any(r.verdict == FAIL for r in rows) else 0


def main():
    """Prints the table; returns the exit status."""
    return status(table())
