# -*- coding: utf-8 -*-
"""Section 1: what was reproduced, what was not, and why; the tables of verify and of the article.

Nothing is judged here that verify.py or article.py has not judged: their rows are sorted into
one verdict and eight questions.
"""
from __future__ import division, print_function

from repro import claims, record, verify

ENGINES = {'openvino': 'OpenVINO'}
REPRODUCED, DIFFERS, APART, FAILED = 'reproduced', 'differences', 'not comparable', 'failed'
CLASSES = {verify.OK: 'ok', verify.FAIL: 'fail', verify.DIFFERS: 'differs',
           verify.SKIPPED: 'skipped'}


def other_engine(run):
    """What multiplied in place of TensorFlow 1.0.1, and how equal it was; {} where nothing did.

    Of several networks the worst numbers count.
    """
    steps = [s for s in run['steps'] if s.get('engine', 'tf1') != 'tf1' and 'equality' in s]
    if not steps:
        return {}
    found = [s['equality'] for s in steps]
    passed = [e['passed'] for e in found]
    return {'name': ', '.join(sorted(set('%s %s %s' % (
                ENGINES.get(s['engine'], s['engine']), s['engine_version'].split('-')[0],
                s['precision']) for s in steps))),
            'networks': [s['step'][len('gap '):] for s in steps],
            'pictures': min(e['pictures'] for e in found),
            'largest': max(e['max_abs_over_rms'] for e in found),
            'cosine': min(e['smallest_cosine'] for e in found),
            'bound': '; '.join(sorted(set(e['bound'] for e in found))),
            'passed': False if False in passed else None if None in passed else True}


def unmarked(run):
    """{gap_*.h5: sha256} of features that do not say what made them; {} where all do."""
    given = record.entry(run, 'features')
    return given['files'] if given.get('features_are') == 'unmarked' else {}


def features_by(run):
    """The engines, other than TensorFlow 1.0.1, that ready-made features say they come from."""
    return [e for e in record.entry(run, 'features').get('features_by', ()) if e != 'tf1']


def lead(run, rows):
    """Which text says what ran: nothing is called exact that was not."""
    if other_engine(run):
        return 'lead.engine'
    if all_of(rows, 'version of ')[1]:
        return 'lead.versions'
    return 'lead.features' if run['kind'] == 'features' else 'lead.all'


def explained(run, rows, said):
    """Which text explains the verdict."""
    if said == FAILED:
        failed = [row[0] for row in rows if row[3] == verify.FAIL]
        is_whole = all(check.endswith(' re-runs of others') for check in failed)
        return 'verdict.failed.' + ('outside' if is_whole else 'why')
    if said == APART and other_engine(run):
        return 'verdict.not comparable.engine'
    if said in (REPRODUCED, DIFFERS) and run['kind'] == 'features':
        return 'verdict.%s.features' % said
    return 'verdict.%s.why' % said


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
    """[(question, state, values)]: keys of texts.py; state: yes, no, differs, shapes, open.

    shapes: right as far as shapes go, and no further; open: this run can't tell, and the
    question's text says why.
    """
    engine = other_engine(run)
    by = {'engine': engine['name']} if engine else {}
    kind = 'features' if run['kind'] == 'features' else 'engine' if engine else 'all'
    missing = all_of(rows, 'step ')[0]
    yield 'ran.' + kind, 'no' if missing else 'differs' if engine else 'yes', by
    yield versions_answer(rows, by)
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


def versions_answer(rows, by):
    """by: {'engine': its name} where another engine multiplied, which is no package of 2017."""
    n, wrong = all_of(rows, 'version of ')
    if by and not wrong:
        n -= all_of(rows, 'version of openvino')[0]
    return ('versions' + '.engine' * bool(by), 'no' if wrong else 'differs' if by else 'yes',
            dict(by, n=n - wrong, of=n))


def files_of(run, rows):
    names = set(name for step in run['steps'] for name in step['files'])
    found = [row[3] for row in rows if row[0] in names]
    return len(found), found.count(verify.FAIL)


def features_answer(run, rows):
    """Recorded values beside the demo's features; shapes and labels beside anybody's.

    Neither says that the article's features came out, so neither is a yes.
    """
    n, wrong = all_of([r for r in rows if ' features, ' in r[0]], '')
    if n:
        return 'features.golden', 'no' if wrong else 'open', {'n': n - wrong, 'of': n}
    n, wrong = all_of([r for r in rows if r[0].startswith('gap_') and ' ' in r[0]], '')
    if not n:
        return 'features.none', 'open', {}
    return 'features.shapes', 'no' if wrong else 'shapes', {'n': n - wrong, 'of': n}


def section(run):
    rows = [tuple(u'%s' % (c,) for c in row) for row in verify.checks(run)]
    said, why = of(rows)
    told = [{'section': s, 'claim': c, 'computed': d, 'verdict': v,
             'is': v.split(' ')[0] if v.split(' ')[0] != 'does' else 'does not hold'}
            for s, c, d, v, _ in claims.judged()]
    differ = [row[0] for row in rows if row[3] == verify.DIFFERS]
    calibrated = [check for check in differ if check.startswith('stand-in weights of ')]
    return {'verdict': said, 'why': why, 'lead': lead(run, rows),
            'explained': explained(run, rows, said), 'engine': other_engine(run),
            'unmarked': unmarked(run), 'features_by': features_by(run),
            'differ': {'calibrated': len(calibrated), 'others': len(differ) - len(calibrated)},
            'stand_ins': record.stand_ins(run),
            'about': verify.about(run),
            'answers': [{'question': q, 'state': s, 'values': v}
                        for q, s, v in answers(run, rows)],
            'rows': [{'check': c, 'expected': e, 'got': g, 'verdict': v} for c, e, g, v in rows],
            'counts': dict((v, sum(r[3] == v for r in rows)) for v in CLASSES),
            'claims': told}, {}
