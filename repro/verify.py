# -*- coding: utf-8 -*-
"""总结 (summary): does the folder hold what the article, or the recorded demo, says?

Reads run.json, the files it names and expected/; writes nothing.  Each check is a record
(repro/evidence/checks.py); table() prints them: check | expected | got | verdict; the status is 1
when any verdict is FAIL.
"""
from __future__ import division, print_function

import csv
import hashlib
import os
import re
import sys

import h5py
import numpy as np

from repro import engines, expected, features, networks, score, seeds
from repro.console import table as columns
from repro.console.text import Listed, _, english
from repro.engines import equality
from repro.evidence import reruns
from repro.evidence.checks import DIFFERS, FAIL, OK, SKIPPED, check, judged
from repro.failures import BadInput
from repro.inputs import data
from repro.standin import weights as standin
from repro.work import listing, record
from repro.work.folder import read_json, sha256

MISSING = _('missing')
# What a missing or damaged file of the run raises, wherever it is read.
UNREADABLE = (BadInput, IOError, OSError, ValueError, KeyError, IndexError)
# What expected/demo.json records of a features file, as the table names it.
SUMMARY = (('mean', _('{network} features, mean')), ('std', _('{network} features, std')),
           ('max', _('{network} features, max')), ('zeros', _('{network} features, zeros')),
           ('first cat', _('{network} features, first cat')),
           ('last dog', _('{network} features, last dog')),
           ('first test picture', _('{network} features, first test picture')),
           ('last test picture', _('{network} features, last test picture')))
SCORES = {'public': _('Kaggle\'s public score'), 'private': _('Kaggle\'s private score')}


def check_files(run):
    """Every file that a step wrote is byte for byte what it wrote."""
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


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def head_weights():
    """model.h5's one neuron: its weights (c,) and its bias, float32, read without Keras."""
    with h5py.File('model.h5', 'r') as h:
        arrays = [layer[n][()] for layer in h['model_weights'].values()
                  for n in layer.attrs['weight_names']]
    w, b = sorted(arrays, key=len, reverse=True)
    return w[:, 0], b[0]


def predictions(names):
    """The head's predictions without Keras: sigmoid(X w + b), clipped; (m,) float64.

    names: the networks in the order in which the head's inputs were concatenated.
    """
    w, b = head_weights()
    total, first = b.astype('float64'), 0
    for network in names:       # one after the other: all at once are 2 GB at full size
        with features.opened(features.filename(network)) as h:
            X = h['test'][()].astype('float64')
        total = total + (X * w[first:first + X.shape[1]]).sum(axis=1)
        first += X.shape[1]
    if first != len(w):
        raise ValueError('model.h5 wants %d features and gap_*.h5 hold %d' % (len(w), first))
    return sigmoid(total).clip(0.005, 0.995)


def read_predictions():
    with open('pred.csv') as f:
        rows = list(csv.reader(f))
    if not rows or rows[0] != ['id', 'label']:
        raise ValueError('the first line is not id,label')
    return [int(i) for i, _label in rows[1:]], np.array([float(p) for _id, p in rows[1:]])


def test_ids(run):
    """The row numbers of the test pictures in the order of the features' rows."""
    names = (data.names('test') if record.pictures_are_here(run)
             else data.numbered(record.data(run)['test']))
    return [int(n[:n.rfind('.')]) for n in names]


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


def check_predictions(run):
    """pred.csv against model.h5 and gap_*.h5, multiplied once more with numpy alone."""
    submit = record.entry(run, 'submit')
    if not submit:
        return
    try:
        what = 'test/'
        rows = np.array(test_ids(run)) - 1
        what = 'pred.csv'
        ids, labels = read_predictions()
        recomputed = predictions(submit['networks'])
        used = labels[rows]
    except UNREADABLE as e:
        yield check('predictions', what, _('readable'), str(e), FAIL)
        return
    yield check('predictions', _('pred.csv rows'), _('ids 1 to {n}', n=submit['rows']),
                _('{n} rows', n=len(ids)), judged(ids == list(range(1, submit['rows'] + 1))))
    # float32 decimals: 0.005 is written 0.004999999888241291
    inside = (used >= 0.00499999).all() and (used <= 0.99500001).all()
    yield check('predictions', _('pred.csv range'),
                _('{low} to {high}', low='0.005', high='0.995'),
                _('{low} to {high}', low='%.6f' % used.min(), high='%.6f' % used.max()),
                judged(inside))
    what = _('pred.csv is model.h5 on gap_*.h5')
    if record.order(run) != 'sorted':
        yield check('predictions', what, '', _('rows in raw order'), SKIPPED)
        return
    worst = np.abs(used - recomputed).max()
    # float32 products of 6,144 terms in another order: 1e-6 measured on the demo
    yield check('predictions', what, _('within {bound}', bound='1e-5'), '%.1e' % worst,
                judged(worst <= 1e-5))


def features_summary(network):
    """What expected/demo.json keeps of one features file, as JSON values."""
    with features.opened(features.filename(network)) as h:
        train, test = h['train'][()].astype('float64'), h['test'][()].astype('float64')
    return {'mean': train.mean(), 'std': train.std(), 'max': train.max(),
            'rms': np.sqrt((train ** 2).mean()), 'zeros': (train == 0).mean(),
            'first cat': train[0, :8].tolist(), 'last dog': train[-1, 1000:1008].tolist(),
            'first test picture': test[0, :8].tolist(),
            'last test picture': test[-1, -8:].tolist()}


def drawings():
    """One sha256 over the bytes of all pictures, in the order of their names."""
    digest = hashlib.sha256()
    for folder in ('train', 'test'):
        for name in data.names(folder):
            digest.update(sha256(folder + '/' + name).encode('ascii'))
    return digest.hexdigest()


def check_standins(golden):
    """The drawn pictures are the recorded ones, byte for byte, and the seeded weights' arrays."""
    got = drawings()
    yield check('drawings', _('drawn pictures'),
                _('sha256 {digest}', digest=golden['pictures'][:16]), got[:16],
                judged(got == golden['pictures']))
    for network, wanted in sorted(golden['weights'].items()):
        path = networks.weights_path(network)
        got = standin.array_sha256(path) if os.path.exists(path) else None
        yield check('stand-in weights', _('stand-in weights of {network}', network=network),
                    _('arrays {digest}', digest=wanted[:16]), got[:16] if got else MISSING,
                    judged(got == wanted))


def check_golden(run):
    """A default demo against expected/demo.json, within the tolerances stated there."""
    golden = expected.load('demo.json')
    asked, tolerances = run['settings'], golden['tolerances']
    by = record.engine(run)
    part = 'features' + ('' if by == 'tf1' else ' by ' + by)
    if any(asked.get(k) != golden['settings'][k] for k in golden['settings']) \
            or record.order(run) != 'sorted' or part not in tolerances:
        yield check('golden', _('golden values'), _('a default demo'),
                    _('counts, networks, seeding, order or precision differ'), SKIPPED)
        return
    if any(not record.entry(run, s) for s in ('head', 'submit')):
        return
    for rows in (check_standins(golden), check_golden_features(golden, tolerances[part]),
                 check_golden_logs(golden), check_golden_predictions(run, golden)):
        for row in rows:
            yield row


def off_by(worst):
    return _('off by {worst:.1e}', worst=worst)


def check_golden_features(golden, tolerances):
    for network, wanted in sorted(golden['features'].items()):
        got, bound = features_summary(network), tolerances[network]['value']
        for key, what in SUMMARY:
            worst = np.abs(np.subtract(got[key], wanted[key])).max()
            worst /= 1 if key == 'zeros' else wanted['rms']
            yield check('golden features', _(what.sentence, network=network),
                        tolerance(key, wanted[key], bound), off_by(worst), judged(worst <= bound))


def tolerance(key, wanted, bound):
    if key == 'zeros':
        return _('{value:.5f} within {bound:g}', value=wanted, bound=bound)
    if np.isscalar(wanted):
        return _('{value:.5f} within {bound:g} rms', value=wanted, bound=bound)
    return _('{n} values within {bound:g} rms', n=len(wanted), bound=bound)


def check_golden_logs(golden):
    logs = read_json('history.json')['logs']
    for seeding, epochs in sorted(golden['logs'].items()):
        for metric in reruns.COLUMNS:
            worst = np.abs(np.subtract(logs[seeding][metric], epochs[metric])).max()
            bound = golden['tolerances']['accuracy' if metric.endswith('acc') else 'loss']['value']
            yield check('golden log', _('log of 8 epochs, seeding {seeding}, {metric}',
                                        seeding=seeding, metric=metric),
                        _('ends {end:.4f} within {bound:g}', end=epochs[metric][-1], bound=bound),
                        off_by(worst), judged(worst <= bound))


def check_golden_predictions(run, golden):
    labels, wanted = read_predictions()[1], golden['predictions']
    worst = np.abs(labels - wanted).max() if len(labels) == len(wanted) else np.inf
    bound = golden['tolerances']['predictions']['value']
    yield check('golden predictions', _('pred.csv, {n} rows', n=len(wanted)),
                _('within {bound}', bound='%g' % bound), off_by(worst), judged(worst <= bound))
    accuracy = record.entry(run, 'submit')['validation']['accuracy']
    bound = golden['validation accuracy at least']
    yield check('golden predictions', _('validation accuracy'),
                _('at least {bound:g}', bound=bound), '%.4f' % accuracy, judged(accuracy >= bound))
    yield check('golden predictions', _('predictions'), _('on both sides of 0.5'),
                _('{below} below 0.5, {above} above', below=int((labels < .5).sum()),
                  above=int((labels > .5).sum())),
                judged((labels < .5).any() and (labels > .5).any()))


def four(row):
    return ' '.join('%.4f' % v for v in row)


def incomparable(run):
    """Texts: why this run's log can't be compared with the article's; none for a full one."""
    given = record.data(run)
    train, test = given.get('cats', 0) + given.get('dogs', 0), given.get('test', 0)
    if given.get('data', 'complete') != 'complete' or (train, test) != (data.TRAIN, data.TEST):
        yield _('{train} of 25,000 and {test} of 12,500 pictures', train=train, test=test)
    kinds = record.weights_are(run)
    if kinds != ['article'] and not record.has_given_features(run):
        yield _('weights: {kinds}', kinds=[KINDS[kind] for kind in kinds])
    if given.get('features_are') in ('stand-in', 'other'):
        yield _('features: {kinds}', kinds=[KINDS[given['features_are']]])
    names = record.entry(run, 'head').get('networks', ())
    if names != expected.article()['concatenation_order']:
        yield _('networks: {networks}', networks=list(names))
    if record.order(run) != 'sorted':
        yield _('file order: {order}', order=record.order(run))


KINDS = {'stand-in': _('stand-in'), 'article': _('article'), 'other': _('other')}


def check_article(run):
    """A real run against the article's log, both seedings, epoch by epoch."""
    if not record.entry(run, 'head'):
        return      # check_steps has said so
    reasons = list(incomparable(run))
    if reasons:
        yield check('comparable', _('the article\'s log'), _('comparable'), Listed(reasons),
                    SKIPPED)
        return
    article = expected.article()
    logs, most, nearest = read_json('history.json')['logs'], -1, None
    for seeding in ('article', 'notebook'):
        log = list(zip(*[logs[seeding][m] for m in reruns.COLUMNS]))
        same = [four(theirs) == four(ours) for theirs, ours in zip(article['log'], log)]
        for epoch, (theirs, ours, is_same) in enumerate(zip(article['log'], log, same), 1):
            yield check('epoch', _('seeding {seeding}, epoch {epoch}', seeding=seeding,
                                   epoch=epoch), four(theirs), four(ours),
                        OK if is_same else DIFFERS)
        yield check('log', _('seeding {seeding}, whole log', seeding=seeding),
                    _('8 epochs digit for digit'), _('{same} of 8', same=sum(same)),
                    OK if sum(same) == 8 else DIFFERS, same=sum(same))
        if sum(same) > most:
            most, nearest = sum(same), log
    for row in check_spread(nearest):
        yield row
    got = read_predictions()[1][:10].round(4).tolist()
    yield check('first ten', _('first ten rows of pred.csv'), article['first_ten'], got,
                OK if got == article['first_ten'] else DIFFERS)


def check_spread(log):
    """Epoch 8 among the comparable re-runs of others: run-to-run spread is the yardstick.

    Worse than all of them is a finding; worse by more than the whole width of their spread is
    no longer the same experiment, and fails.
    """
    for column, value in zip(reruns.COLUMNS, log[reruns.COMPARED - 1]):
        value = reruns.printed(value)
        s = reruns.spread(reruns.COMPARED, column, reruns.values(reruns.COMPARED, column))
        place = reruns.place(value, s)
        is_far = max(s.least - value, value - s.most) > s.most - s.least
        yield check('spread', _('epoch 8, {column}, among {n} re-runs of others', column=column,
                                n=s.n),
                    _('{low} to {high}', low='%.4f' % s.least, high='%.4f' % s.most),
                    _('{value:.4f}: {place}', value=value, place=reruns.PLACES[place]),
                    OK if place != reruns.WORSE else FAIL if is_far else DIFFERS)


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
                 check_equality, check_predictions):
        for row in part(run):
            yield row
    is_demo = run['kind'] == 'demo'
    for what, rows in (
            (_('golden values') if is_demo else _('the article\'s log'),
             check_golden(run) if is_demo else check_article(run)),
            (seeds.NAME, seeds.checks(run, is_comparable(run), among)),
            (_('Kaggle\'s score'), check_score(run))):
        for row in until_unreadable(what, rows):
            yield row


def until_unreadable(what, rows):
    """The Checks; where a file cannot be read, a FAIL in place of those that need it.

    check_files says which file was changed; the table goes on, so that all of it is seen.
    """
    try:
        for row in rows:
            yield row
    except UNREADABLE as e:
        yield check('unreadable', what, _('readable'), str(e), FAIL)


def is_comparable(run):
    return not list(incomparable(run))


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
