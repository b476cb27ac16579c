# -*- coding: utf-8 -*-
"""Section 1: what was reproduced, what was not, and why; the tables of verify and of the claims.

Nothing is judged here that verify.py or claims.py has not judged: their records are sorted, by
key, values and verdict, into one verdict and the answers to a few questions.
"""
from __future__ import division, print_function

from repro import engines, verify
from repro.console.text import Listed, _
from repro.engines import equality
from repro.evidence import claims
from repro.evidence.checks import DIFFERS, FAIL, OK, SKIPPED, VERDICTS
from repro.work import record

REPRODUCED, DIFFERENT, APART, FAILED = 'reproduced', 'differences', 'not comparable', 'failed'
HEADLINES = {
    REPRODUCED: _('Reproduced'), DIFFERENT: _('Reproduced with differences'),
    APART: _('No fault; not comparable with the article (stand-ins, or other inputs)'),
    FAILED: _('A check failed')}

YES, NO, OTHER, SHAPES, OPEN = 'yes', 'no', 'differs', 'shapes', 'open'
STATES = {YES: _('yes'), NO: _('no'), OTHER: _('differs'), SHAPES: _('in shape only'),
          OPEN: _('cannot be told here')}


def other_engine(run):
    """What multiplied in place of TensorFlow 1.0.1, and how equal it was; {} where nothing did.

    Of several networks the worst numbers count.
    """
    extracted = record.by_other_engines(run)
    if not extracted:
        return {}
    names, steps = zip(*extracted)
    measured = [s['equality'] for s in steps]
    passed = [e['passed'] for e in measured]
    return {'name': ', '.join(sorted(set(' '.join(filter(None, (
                engines.title(s['engine']), s['engine_version'].split('-')[0],
                s.get('precision'), s.get('device') and 'on ' + s['device']))) for s in steps))),
            'networks': list(names),
            'pictures': min(e['pictures'] for e in measured),
            'largest': max(e['max_abs_over_rms'] for e in measured),
            'cosine': min(e['smallest_cosine'] for e in measured),
            'bound': equality.bound_of(measured[0]),
            'passed': False if False in passed else None if None in passed else True}


def unmarked(run):
    """{gap_*.h5: sha256} of features that do not say what made them; {} where all do."""
    given = record.entry(run, 'features')
    return given['files'] if given.get('features_are') == 'unmarked' else {}


def features_by(run):
    """The engines, other than TensorFlow 1.0.1, that ready-made features say they come from."""
    return [e for e in record.entry(run, 'features').get('features_by', ()) if e != 'tf1']


def of_key(rows, *keys):
    """The checks of these keys."""
    return [row for row in rows if row.key in keys]


def counted(rows):
    """(how many checks, how many of them are neither ok nor skipped)."""
    return len(rows), sum(row.verdict not in (OK, SKIPPED) for row in rows)


def lead(run, rows):
    """What ran; it is called exact only where it was."""
    engine = other_engine(run)
    if engine:
        return _('This page shows one run of its program in the article\'s own order, with one '
                 'part replaced: the networks\' multiplications were done by {engine} instead of '
                 'TensorFlow 1.0.1.', engine=engine['name'])
    if counted(of_key(rows, 'version'))[1]:
        return _('This page shows one run of its program in the article\'s own order; not all of '
                 'its packages are the pinned versions.')
    if record.has_given_features(run):
        return _('This page shows one run of the second half of its program, from feature files '
                 'on, on its exact versions, in the article\'s own order.')
    return _('This page shows one run of its exact program, on its exact versions, in the '
             'article\'s own order.')


def of(rows):
    """The verdict, and verify's reasons (Listed) when the run can't be compared, else None."""
    reasons = [row.got for row in of_key(rows, 'comparable')]
    if any(row.verdict == FAIL for row in rows):
        return FAILED, Listed(reasons) if reasons else None
    logs = [row.verdict for row in of_key(rows, 'log')]
    if not logs:
        return APART, Listed(reasons) if reasons else None
    if OK in logs and DIFFERS not in [row.verdict for row in of_key(rows, 'first ten')]:
        return REPRODUCED, None
    return DIFFERENT, None


def explained(run, rows, verdict):
    """A Text that explains the verdict."""
    if verdict == FAILED:
        if all(row.key == 'spread' for row in rows if row.verdict == FAIL):
            return _('The files are what the steps wrote, but the result is not the article\'s: '
                     'it is worse than all public re-runs, by more than their whole spread (the '
                     'rows marked FAIL below). That is no longer the article\'s experiment; most '
                     'likely other inputs went in, even if their shape is right.')
        return _('Something in the folder is not what it should be: see the rows marked FAIL '
                 'below, before anything else on this page is believed.')
    if verdict == APART and other_engine(run):
        return _('This run kept the article\'s order and its calls, but another engine did the '
                 'networks\' multiplications. The article\'s numbers (99.6 %, 0.04141) can be '
                 'compared only when its own inputs go in, and in this run they did not. That '
                 'is neither a success nor a failure to reproduce them.')
    if verdict == APART:
        return _('This run followed the article\'s listing. The article\'s numbers (99.6 %, '
                 '0.04141) can be compared only when its own inputs go in, and in this run they '
                 'did not. That is neither a success nor a failure to reproduce them.')
    from_features = record.has_given_features(run)
    if verdict == REPRODUCED and from_features:
        return _('From feature files of the article\'s shape its training log came out digit for '
                 'digit, and so did the first ten rows of its submission.')
    if verdict == REPRODUCED:
        return _('The article\'s pictures, weights and order; its training log came out digit for '
                 'digit, and so did the first ten rows of its submission.')
    if from_features:
        return _('The feature files have the article\'s shape, nothing is broken, but not every '
                 'digit of its log or of its first ten rows came out. The differences are listed '
                 'below, epoch by epoch.')
    return _('The article\'s inputs went in, nothing is broken, but not every digit of its log or '
             'of its first ten rows came out. The differences are listed below, epoch by epoch.')


# ------------------------------------------------------------------------------ the questions
# Each function returns (question, state, why): what of the article, one of STATES, and a Text.

def answers(run, rows):
    engine = other_engine(run).get('name')
    return [ran(run, rows, engine), versions(rows, engine), files(run, rows),
            features(rows), log(rows), first_ten(rows), score(rows)]


def ran(run, rows, engine):
    missing = of_key(rows, 'step')
    if record.has_given_features(run):
        question = _('The second half of the program runs as listed')
        if missing:
            return question, NO, _('Steps are missing: see the table below.')
        return question, YES, _('Head and submission, from feature files that were there already. '
                                'The first half, pictures through networks, is not part of this '
                                'run.')
    question = _('The program runs as listed')
    if engine and missing:
        return question, NO, _('Steps are missing, and {engine} multiplied in the networks: see '
                               'the table below.', engine=engine)
    if engine:
        return question, OTHER, _('Links, features, head and submission were made, each by the '
                                  'article\'s calls; but behind them {engine} multiplied in the '
                                  'networks, in place of TensorFlow 1.0.1.', engine=engine)
    if missing:
        return question, NO, _('Steps are missing: see the table below.')
    return question, YES, _('Links, features, head and submission were made, each by the '
                            'article\'s calls.')


def versions(rows, engine):
    """engine: the name of another one that multiplied, which is not a package of 2017."""
    question, checked = _('Its versions'), of_key(rows, 'version')
    n, wrong = counted(checked)
    if engine and wrong:
        return question, NO, _('Only {n} of {of} are the pinned ones, counting {engine}.',
                               n=n - wrong, of=n, engine=engine)
    if engine:
        n -= sum(row.values['package'] in engines.declarations() for row in checked)
        return question, OTHER, _('{n} of {of} packages are the pinned ones: Python 2.7, Keras '
                                  '1.2.2 … But TensorFlow 1.0.1 trained the head alone; the '
                                  'networks ran on {engine}, which is not the article\'s.',
                                  n=n, of=n, engine=engine)
    if wrong:
        return question, NO, _('Only {n} of {of} packages are the pinned ones.', n=n - wrong, of=n)
    return question, YES, _('{n} of {of} packages are the pinned ones: Python 2.7, Keras 1.2.2, '
                            'TensorFlow 1.0.1 …', n=n, of=n)


def files(run, rows):
    question = _('The files are what the steps wrote')
    n, changed = counted(of_key(rows, 'file'))
    if changed:
        return question, NO, _('Only {n} of {of}: something was changed afterwards.',
                               n=n - changed, of=n)
    return question, YES, _('{n} of {of}, byte for byte.', n=n, of=n)


def features(rows):
    """Recorded values beside the demo's features; shapes and labels beside anybody's.

    Neither says that the article's features came out, so neither is a yes.
    """
    question = _('The features')
    n, wrong = counted(of_key(rows, 'golden features'))
    if n and wrong:
        return question, NO, _('Only {n} of {of} recorded values of the demo.', n=n - wrong, of=n)
    if n:
        return question, OPEN, _('Stand-ins say nothing about the article\'s features. Within '
                                 'tolerances, {n} of {of} values recorded of this demo agree.',
                                 n=n, of=n)
    n, wrong = counted(of_key(rows, 'features'))
    if n and wrong:
        return question, NO, _('Only {n} of {of} checks of shapes, types and labels.',
                               n=n - wrong, of=n)
    if n:
        return question, SHAPES, _('Shapes, types and labels are right ({n} of {of} checks). '
                                   'The values cannot be checked: the article records none.',
                                   n=n, of=n)
    return question, OPEN, _('Nothing of the article to compare them with.')


def log(rows):
    question, logs = _('The training log, to four decimals'), of_key(rows, 'log')
    if not logs:
        return question, OPEN, _('It needs the article\'s pictures and weights, or its features.')
    best = max(row.values['same'] for row in logs)
    if best == 8:
        return question, YES, _('{n} of 8 epochs digit for digit.', n=best)
    return question, OTHER, _('{n} of 8 epochs digit for digit with the better seeding.', n=best)


def first_ten(rows):
    question, compared = _('The first ten rows of the submission'), of_key(rows, 'first ten')
    if not compared:
        return question, OPEN, _('They are about Kaggle\'s test pictures, which this run does not '
                                 'have.')
    if compared[0].verdict == OK:
        return question, YES, _('All ten are equal.')
    return question, OTHER, _('Not all ten are equal: section 9 shows which.')


def score(rows):
    question = _('The score 0.04141, rank 20 of 1,314')
    scores = [row for row in of_key(rows, 'score') if row.verdict in (OK, DIFFERS)]
    if not scores:
        return question, OPEN, _('Only a submission to Kaggle can tell; none was made from this '
                                 'run.')
    return (question, YES if OK in [row.verdict for row in scores] else OTHER,
            _('Kaggle gave {score}.', score=', '.join(row.values['score'] for row in scores)))


def section(run):
    rows = list(verify.checks(run))
    verdict, why = of(rows)
    return {'verdict': verdict, 'headline': HEADLINES[verdict], 'why': why,
            'lead': lead(run, rows), 'explained': explained(run, rows, verdict),
            'engine': other_engine(run), 'unmarked': unmarked(run),
            'features_by': features_by(run),
            'stand_ins': record.stand_ins(run), 'about': verify.about(run),
            'ten_apart': not of_key(rows, 'first ten'),
            'answers': [{'question': question, 'state': state, 'shown': STATES[state],
                         'why': because} for question, state, because in answers(run, rows)],
            'rows': [{'key': row.key, 'check': row.what, 'expected': row.expected,
                      'got': row.got, 'verdict': row.verdict, 'shown': VERDICTS[row.verdict]}
                     for row in rows],
            'counts': dict((v, sum(row.verdict == v for row in rows))
                           for v in (OK, FAIL, DIFFERS, SKIPPED)),
            'claims': [{'key': c.key, 'section': c.section, 'claim': c.claim,
                        'computed': c.computed, 'verdict': c.verdict.verdict,
                        'shown': claims.shown(c.verdict)} for c in claims.claims()]}, {}
