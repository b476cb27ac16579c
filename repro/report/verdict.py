# -*- coding: utf-8 -*-
"""Section 1: what was reproduced, what was not, and why; the tables of verify and of the article.

Nothing is judged here that verify.py or article.py has not judged: their rows are sorted into
one verdict and eight questions.
"""
from __future__ import division, print_function

from repro import article, verify, work

REPRODUCED, DIFFERS, APART, FAILED = 'reproduced', 'differences', 'not comparable', 'failed'
CLASSES = {verify.OK: 'ok', verify.FAIL: 'fail', verify.DIFFERS: 'differs',
           verify.SKIPPED: 'skipped'}


def of(rows):
    """The verdict, and verify's reason when the run can't be compared with the article.

    rows: verify's (check, expected, got, verdict).
    """
    reasons = [row[2] for row in rows if row[0] == 'the article\'s log' and row[3] != verify.OK]
    whole = [row[3] for row in rows if row[0].endswith(', whole log')]
    beside = [row[3] for row in rows if row[0] == 'first ten rows of pred.csv']
    if any(row[3] == verify.FAIL for row in rows):
        return FAILED, '; '.join(reasons)
    if not whole:
        return APART, '; '.join(reasons)
    if verify.OK in whole and verify.DIFFERS not in beside:
        return REPRODUCED, ''
    return DIFFERS, ''


def all_of(rows, starts):
    """(how many rows begin so, how many of them are not ok)."""
    found = [row[3] for row in rows if row[0].startswith(starts)]
    return len(found), sum(v not in (verify.OK, verify.SKIPPED) for v in found)


def answers(run, rows):
    """[(question, state, values)]: keys of texts.py; state: yes, no, differs, open.

    open: this run can't tell; the question's text says why.
    """
    kind = 'features' if run['kind'] == 'features' else 'all'
    missing = all_of(rows, 'step ')[0]
    yield 'ran.' + kind, 'no' if missing else 'yes', {}
    n, wrong = all_of(rows, 'version of ')
    yield 'versions', 'no' if wrong else 'yes', {'n': n - wrong, 'of': n}
    files, changed = files_of(run, rows)
    yield 'files', 'no' if changed else 'yes', {'n': files - changed, 'of': files}
    yield features_answer(run, rows)
    whole = [row for row in rows if row[0].endswith(', whole log')]
    if whole:
        best = max(int(row[2].split()[0]) for row in whole)
        yield 'log', 'yes' if best == 8 else 'differs', {'n': best}
    else:
        yield 'log.apart', 'open', {}
    beside = [row for row in rows if row[0] == 'first ten rows of pred.csv']
    yield (('ten', 'yes' if beside[0][3] == verify.OK else 'differs', {}) if beside
           else ('ten.apart', 'open', {}))
    scores = [row for row in rows if row[0].startswith('Kaggle\'s ')
              and row[3] in (verify.OK, verify.DIFFERS)]
    if scores:
        same = any(row[3] == verify.OK for row in scores)
        yield 'score', 'yes' if same else 'differs', {
            'score': ', '.join(row[2].split(':')[0] for row in scores)}
    else:
        yield 'score.apart', 'open', {}


def files_of(run, rows):
    names = set(name for step in run['steps'] for name in step['files'])
    found = [row[3] for row in rows if row[0] in names]
    return len(found), found.count(verify.FAIL)


def features_answer(run, rows):
    """Recorded values beside the demo's features; shapes and labels beside anybody's."""
    n, wrong = all_of([r for r in rows if ' features, ' in r[0]], '')
    if n:
        return 'features.golden', 'no' if wrong else 'yes', {'n': n - wrong, 'of': n}
    n, wrong = all_of([r for r in rows if r[0].startswith('gap_') and ' ' in r[0]], '')
    if not n:
        return 'features.none', 'open', {}
    return 'features.shapes', 'no' if wrong else 'yes', {'n': n - wrong, 'of': n}


def section(run):
    rows = [tuple(u'%s' % (c,) for c in row) for row in verify.checks(run)]
    said, why = of(rows)
    claims = [{'section': s, 'claim': c, 'computed': d, 'verdict': v,
               'is': v.split(' ')[0] if v.split(' ')[0] != 'does' else 'does not hold'}
              for s, c, d, v, _ in article.judged()]
    return {'verdict': said, 'why': why, 'stand_ins': work.stand_ins(run),
            'about': verify.about(run),
            'answers': [{'question': q, 'state': s, 'values': v}
                        for q, s, v in answers(run, rows)],
            'rows': [{'check': c, 'expected': e, 'got': g, 'verdict': v} for c, e, g, v in rows],
            'counts': dict((v, sum(r[3] == v for r in rows)) for v in CLASSES),
            'claims': claims}, {}
