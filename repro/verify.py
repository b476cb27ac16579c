# -*- coding: utf-8 -*-
"""总结 (summary): does the folder hold what the article, or the recorded demo, says?

Reads run.json, the files it names and expected/; writes nothing.  Prints a table
check | expected | got | verdict and returns 1 when any verdict is FAIL.

Verdicts: ok; FAIL; differs (from the article's own numbers, where a difference is a finding
and not a fault); skipped (with the reason).
"""
from __future__ import division, print_function

import csv
import hashlib
import os
import re
import sys
import textwrap

import h5py
import numpy as np

from repro import expected, record, reruns, score, seeds
from repro.failures import BadInput
from repro.folder import read_json, sha256
from repro.networks import weights_path
from repro.inputs import data
from repro.standin import weights as standin

OK, FAIL, DIFFERS, SKIPPED = 'ok', 'FAIL', 'differs', 'skipped'
METRICS = ('loss', 'acc', 'val_loss', 'val_acc')


def verdict(is_right):
    return OK if is_right else FAIL


def check_files(run):
    """Every file that a step wrote is byte for byte what it wrote."""
    for step in run['steps']:
        for name, digest in sorted(step['files'].items()):
            got = sha256(name) if os.path.exists(name) else 'missing'
            yield (name, 'sha256 ' + digest[:16], got[:16], verdict(got == digest))


def pinned(*locks):
    """{package: version} of these locks of requirements/."""
    found = {}
    for lock in locks:
        with open(os.path.join(expected.ROOT, 'requirements', lock)) as f:
            for line in f:
                match = re.match(r'([A-Za-z0-9._-]+)==([^ \\]+)', line)
                if match:
                    found[match.group(1).lower()] = match.group(2)
    return found


def check_versions(run):
    """The versions that this run used, against requirements/."""
    locked = pinned('base.txt', 'cpu.txt', 'gpu.txt')
    for name, got in sorted(run['versions'].items()):
        wanted = '2.7' if name == 'python' else locked.get(name, 'not locked')
        yield ('version of ' + name, wanted, got,
               verdict(got.startswith(wanted + '.') if name == 'python' else got == wanted))


def check_steps(run):
    before = ['links'] + ['gap ' + n for n in run['settings'].get('networks', ())]
    if run['kind'] == 'features':
        before = ['features']
    for step in before + ['head', 'submit']:
        if not record.entry(run, step):
            yield ('step ' + step, 'done', 'not done', FAIL)


def check_links(run):
    links = record.entry(run, 'links')
    if links:
        for folder, n in (('train2/cat', 'cats'), ('train2/dog', 'dogs'), ('test2/test', 'test')):
            got = len(os.listdir(folder)) if os.path.isdir(folder) else 'missing'
            yield ('pictures in ' + folder, links[n], got, verdict(got == links[n]))


def check_features(run):
    """Shapes, types and labels of gap_*.h5: (n, 2048) float32, cat 0 then dog 1."""
    links = record.entry(run, 'links') or record.entry(run, 'features')
    for network in run['settings'].get('networks', ()):
        name = 'gap_%s.h5' % network
        if not links or not os.path.exists(name):
            continue
        try:
            with h5py.File(name, 'r') as h:
                train, test, label = h['train'][()], h['test'][()], h['label'][()]
        except (IOError, OSError, KeyError) as e:
            yield (name, 'three arrays', str(e), FAIL)
            continue
        c = 512 if network.startswith('VGG') else 2048
        wanted = '(%d, %d) (%d, %d)' % (links['cats'] + links['dogs'], c, links['test'], c)
        got = '(%d, %d) (%d, %d)' % (train.shape + test.shape)
        yield (name + ' train, test', wanted + ' float32', '%s %s' % (got, train.dtype),
               verdict(got == wanted and train.dtype == test.dtype == np.float32))
        finite = np.isfinite(train).all() and np.isfinite(test).all()
        yield (name + ' values', 'finite', 'finite' if finite else 'nan or inf', verdict(finite))
        wanted = [0] * links['cats'] + [1] * links['dogs']
        yield (name + ' label', '%d times 0, then %d times 1' % (links['cats'], links['dogs']),
               '%d and %d' % ((label == 0).sum(), (label == 1).sum()),
               verdict(label.tolist() == wanted))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def head_weights():
    """model.h5's one neuron: its weights (c,) and its bias, float32, read without Keras."""
    with h5py.File('model.h5', 'r') as h:
        arrays = [layer[n][()] for layer in h['model_weights'].values()
                  for n in layer.attrs['weight_names']]
    w, b = sorted(arrays, key=len, reverse=True)
    return w[:, 0], b[0]


def predictions(networks):
    """The head's predictions without Keras: sigmoid(X w + b), clipped; (m,) float64.

    networks: in the order in which the head's inputs were concatenated.
    """
    w, b = head_weights()
    total, begun = b.astype('float64'), 0
    for network in networks:        # one after the other: all at once are 2 GB at full size
        with h5py.File('gap_%s.h5' % network, 'r') as h:
            X = h['test'][()].astype('float64')
        total = total + (X * w[begun:begun + X.shape[1]]).sum(axis=1)
        begun += X.shape[1]
    if begun != len(w):
        raise ValueError('model.h5 wants %d features and gap_*.h5 hold %d' % (len(w), begun))
    return sigmoid(total).clip(0.005, 0.995)


def read_predictions():
    with open('pred.csv') as f:
        rows = list(csv.reader(f))
    if not rows or rows[0] != ['id', 'label']:
        raise ValueError('the first line is not id,label')
    return [int(i) for i, _ in rows[1:]], np.array([float(p) for _, p in rows[1:]])


def test_ids(run):
    """The row numbers of the test pictures in the order of the features' rows."""
    features = record.entry(run, 'features')
    names = data.numbered(features['test']) if features else data.names('test')
    return [int(n[:n.rfind('.')]) for n in names]


def engine(run):
    """'tf1', or another engine with its precision; 'mixed' when networks differ in it."""
    found = set(' '.join(filter(None, (s['engine'], s.get('precision'))))
                for s in run['steps'] if 'engine' in s)
    return found.pop() if len(found) == 1 else 'mixed' if found else 'tf1'


def check_equality(run):
    """What another engine than tf1 measured before it was used, against its bound."""
    locked = pinned('openvino.txt')['openvino']
    for used in sorted(set(s['engine_version'] for s in run['steps'] if 'engine_version' in s)):
        got = used.split('-')[0]
        yield ('version of openvino', locked, got, verdict(got == locked))
    for step in [s for s in run['steps'] if 'equality' in s]:
        found = step['equality']
        if 'engine' in step:
            yield ('%s by %s %s' % (step['step'], step['engine'], step['precision']),
                   found['bound'],
                   'max abs %.1e of the rms, smallest cosine %.6f' % (
                       found['max_abs_over_rms'], found['smallest_cosine']),
                   {True: OK, False: FAIL, None: SKIPPED}[found['passed']])
        else:
            yield ('decisions with tf1\'s features of the sample', 'none flips',
                   '%(flips)d of %(pictures)d flip, log loss changes by %(log_loss_change).1e'
                   % found, OK if not found['flips'] else DIFFERS)


def check_predictions(run):
    """pred.csv against model.h5 and gap_*.h5, multiplied once more with numpy alone."""
    submit = record.entry(run, 'submit')
    if not submit:
        return
    try:
        ids, labels = read_predictions()
        here = test_ids(run)
        recomputed = predictions(submit['networks'])
        used = labels[np.array(here) - 1]
    except (IOError, OSError, ValueError, KeyError, IndexError) as e:
        yield ('pred.csv', 'readable', str(e), FAIL)
        return
    yield ('pred.csv rows', 'ids 1 to %d' % submit['rows'], '%d rows' % len(ids),
           verdict(ids == list(range(1, submit['rows'] + 1))))
    # float32 decimals: 0.005 is written 0.004999999888241291
    inside = (used >= 0.00499999).all() and (used <= 0.99500001).all()
    yield ('pred.csv range', '0.005 to 0.995', '%.6f to %.6f' % (used.min(), used.max()),
           verdict(inside))
    if run_order(run) != 'sorted':
        yield ('pred.csv is model.h5 on gap_*.h5', '', 'rows in raw order', SKIPPED)
        return
    worst = np.abs(used - recomputed).max()
    # float32 products of 6,144 terms in another order: 1e-6 measured on the demo
    yield ('pred.csv is model.h5 on gap_*.h5', 'within 1e-5', '%.1e' % worst,
           verdict(worst <= 1e-5))


def run_order(run):
    orders = set(s['order'] for s in run['steps'] if 'order' in s)
    return orders.pop() if len(orders) == 1 else 'mixed'


def features_summary(network):
    """What expected/demo.json keeps of one features file, as JSON values."""
    with h5py.File('gap_%s.h5' % network, 'r') as h:
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
    """The drawn pictures are the recorded ones, byte for byte; the seeded weights, if possible.

    The weights are calibrated by arithmetic in float32, which another processor may round
    otherwise: then they differ, and the features' tolerances still hold.
    """
    got = drawings()
    yield ('drawn pictures', 'sha256 ' + golden['pictures'][:16], got[:16],
           verdict(got == golden['pictures']))
    for network, wanted in sorted(golden['weights'].items()):
        path = weights_path(network)
        got = standin.array_sha256(path) if os.path.exists(path) else 'missing'
        yield ('stand-in weights of ' + network, 'arrays ' + wanted[:16], got[:16],
               OK if got == wanted else FAIL if got == 'missing' else DIFFERS)


def check_golden(run):
    """A default demo against expected/demo.json, within the tolerances stated there."""
    golden = expected.load('demo.json')
    asked = run['settings']
    tolerances = golden['tolerances']
    features = 'features' + ('' if engine(run) == 'tf1' else ' by ' + engine(run))
    if any(asked.get(k) != golden['settings'][k] for k in golden['settings']) \
            or run_order(run) != 'sorted' or features not in tolerances:
        yield ('golden values', 'a default demo',
               'counts, networks, seeding, order or precision differ', SKIPPED)
        return
    if any(not record.entry(run, s) for s in ('head', 'submit')):
        return
    for row in check_standins(golden):
        yield row
    for network, wanted in sorted(golden['features'].items()):
        got, rms = features_summary(network), wanted['rms']
        bound = tolerances[features][network]['value']
        for key in ('mean', 'std', 'max', 'zeros', 'first cat', 'last dog',
                    'first test picture', 'last test picture'):
            worst = np.abs(np.subtract(got[key], wanted[key])).max()
            worst /= 1 if key == 'zeros' else rms
            shown = '%.5f' % wanted[key] if np.isscalar(wanted[key]) else '8 values'
            unit = '' if key == 'zeros' else ' rms'
            yield ('%s features, %s' % (network, key), '%s within %g%s' % (shown, bound, unit),
                   'off by %.1e' % worst, verdict(worst <= bound))
    logs = read_json('history.json')['logs']
    for seeding, epochs in sorted(golden['logs'].items()):
        for metric in METRICS:
            worst = np.abs(np.subtract(logs[seeding][metric], epochs[metric])).max()
            bound = tolerances['accuracy' if metric.endswith('acc') else 'loss']['value']
            yield ('log of 8 epochs, seeding %s, %s' % (seeding, metric),
                   'ends %.4f within %g' % (epochs[metric][-1], bound),
                   'off by %.1e' % worst, verdict(worst <= bound))
    _, labels = read_predictions()
    worst = np.abs(labels - golden['predictions']).max() \
        if len(labels) == len(golden['predictions']) else np.inf
    bound = tolerances['predictions']['value']
    yield ('pred.csv, %d rows' % len(golden['predictions']), 'within %g' % bound,
           'off by %.1e' % worst, verdict(worst <= bound))
    v, bound = record.entry(run, 'submit')['validation'], golden['validation accuracy at least']
    yield ('validation accuracy', 'at least %g' % bound, '%.4f' % v['accuracy'],
           verdict(v['accuracy'] >= bound))
    beyond = '%d below 0.5, %d above' % ((labels < .5).sum(), (labels > .5).sum())
    yield ('predictions', 'on both sides of 0.5', beyond,
           verdict((labels < .5).any() and (labels > .5).any()))


def four(row):
    return ' '.join('%.4f' % v for v in row)


def incomparable(run):
    """Reasons why this run's log can't be compared with the article's; none for a full one."""
    said = expected.values(expected.load('article.json'))
    given = record.entry(run, 'links') or record.entry(run, 'features')
    rows = given.get('cats', 0) + given.get('dogs', 0), given.get('test', 0)
    if given.get('data', 'complete') != 'complete' or rows != (data.TRAIN, data.TEST):
        yield '%d of 25,000 and %d of 12,500 pictures' % rows
    kinds = sorted(set(s['weights_are'] for s in run['steps'] if 'weights_are' in s))
    if kinds != ['article'] and run['kind'] != 'features':
        yield 'weights: ' + ', '.join(kinds)
    if given.get('features_are') in ('stand-in', 'other'):
        yield 'features: ' + given['features_are']
    networks = record.entry(run, 'head').get('networks', ())
    if networks != said['concatenation_order']:
        yield 'networks: ' + ', '.join(networks)
    if run_order(run) != 'sorted':
        yield 'file order: ' + run_order(run)


def check_article(run):
    """A real run against the article's log, both seedings, epoch by epoch."""
    said = expected.values(expected.load('article.json'))
    if not record.entry(run, 'head'):
        return      # check_steps has said so
    reasons = list(incomparable(run))
    if reasons:
        yield ('the article\'s log', 'comparable', '; '.join(reasons), SKIPPED)
        return
    log = [tuple(row) for row in said['log']]
    logs = read_json('history.json')['logs']
    best = None
    for seeding in ('article', 'notebook'):
        got = list(zip(*[logs[seeding][m] for m in METRICS]))
        same = 0
        for epoch, (wanted, row) in enumerate(zip(log, got), 1):
            is_same = four(wanted) == four(row)
            same += is_same
            yield ('seeding %s, epoch %d' % (seeding, epoch), four(wanted), four(row),
                   OK if is_same else DIFFERS)
        yield ('seeding %s, whole log' % seeding, '8 epochs digit for digit', '%d of 8' % same,
               OK if same == 8 else DIFFERS)
        best = got if best is None or same == 8 else best
    for row in check_spread(best):
        yield row
    _, labels = read_predictions()
    wanted = said['first_ten']
    got = labels[:10].round(4).tolist()
    yield ('first ten rows of pred.csv', wanted, got, OK if got == wanted else DIFFERS)


def check_spread(log):
    """Epoch 8 among the comparable re-runs of others: run-to-run spread is the yardstick.

    Worse than all of them is a finding; worse by more than the whole width of their spread is
    no longer the same experiment, and fails.
    """
    for place in reruns.places(log):
        if place.epoch == reruns.COMPARED and place.group == 'all, at epoch 8':
            beyond = max(place.least - place.run, place.run - place.most)
            is_worse = place.run_lies == 'worse than all'
            is_far = is_worse and beyond > place.most - place.least
            yield ('epoch 8, %s, among %d re-runs of others' % (place.column, place.n),
                   '%.4f to %.4f' % (place.least, place.most),
                   '%.4f: %s' % (place.run, place.run_lies),
                   FAIL if is_far else DIFFERS if is_worse else OK)


def check_score(run):
    """Kaggle's score of this pred.csv, if it was submitted, beside the article's."""
    said = expected.values(expected.load('article.json'))['kaggle_score']
    given = record.entry(run, 'score')
    wanted = '%.5f' % said
    if given and given['pred_csv'] != record.entry(run, 'submit').get('files', {}).get('pred.csv'):
        yield ('Kaggle\'s score', wanted, 'of another pred.csv', SKIPPED)
        return
    for kind, got, words in score.lines(run):
        yield ('Kaggle\'s %s score' % kind, wanted, '%s: %s' % (got, words),
               OK if float(got) == said else DIFFERS)


def runs_of_other_seeds(run):
    """seeds.placed() of the folder's seeds.json; [] where there is none of this run's features."""
    if not os.path.exists(seeds.NAME) or not os.path.exists('history.json'):
        return []
    seeding = read_json(seeds.NAME)['seeding']
    runs = seeds.read(run, seeding)['runs']
    log = read_json('history.json')['logs'][seeding]
    return seeds.placed(runs, log, not list(incomparable(run))) if runs else []


def check_seeds(run):
    """The run, the article and the re-runs of others in the spread of other seeds.

    Outside it is a finding: of N + 1 runs that differ in the seed alone, two are the outermost.
    """
    rows = runs_of_other_seeds(run)
    if rows:
        for check, wanted, got, is_inside in seeds.summary(rows):
            yield (check, wanted, got, OK if is_inside else DIFFERS)
    elif os.path.exists(seeds.NAME):
        yield (seeds.NAME, 'of these features', 'of others: --seeds N remakes it', SKIPPED)


def checks(run):
    parts = [check_steps, check_files, check_versions, check_links, check_features,
             check_equality, check_predictions]
    parts += [check_golden] if run['kind'] == 'demo' else [check_article]
    parts += [check_seeds, check_score]
    for part in parts:
        for row in part(run):
            yield row


def about(run):
    """What the table is about, stand-ins named."""
    given = record.entry(run, 'features')
    if given:
        what = 'features run, no pictures, features: ' + given['features_are']
    else:
        kinds = sorted(set(s['weights_are'] for s in run['steps'] if 'weights_are' in s))
        what = '%s run, pictures: %s, weights: %s, engine: %s' % (
            run['kind'], record.entry(run, 'links').get('data', 'none'),
            ', '.join(kinds) or 'none', engine(run))
    return '%s, seeding %s, %s on %s (%s cores), commit %s' % (
        what, run['settings'].get('seeding', record.entry(run, 'head').get('seeding')),
        run['runtime'], run['machine']['cpu'], run['machine']['cores'], run['commit'][:12])


def show(rows, headings=('check', 'expected', 'got', 'verdict')):
    """Prints the rows as an aligned table, at most 34 characters in a middle column."""
    rows = [[str(c) for c in row] for row in rows]
    widths = [min(max(len(r[i]) for r in rows + [headings]), limit)
              for i, limit in enumerate((46, 36, 36, 8))]
    colour = {OK: '\033[32m', FAIL: '\033[31m', DIFFERS: '\033[33m', SKIPPED: '\033[2m'}
    for row in [headings, ['-' * w for w in widths]] + rows:
        cells = [textwrap.wrap(c, w) or [''] for c, w in zip(row, widths)]
        for i in range(max(len(c) for c in cells)):
            line = ' | '.join((c[i] if i < len(c) else '').ljust(w)
                              for c, w in zip(cells, widths)).rstrip()
            if sys.stdout.isatty() and row[-1] in colour:
                line = colour[row[-1]] + line + '\033[0m'
            print(line)


def main():
    """Prints the table; returns 0, or 1 when any verdict is FAIL."""
    if not os.path.exists(record.RUN):
        raise BadInput('run.json is missing in the work folder: no run was made there '
                       '(./run.sh demo makes one)')
    run = read_json(record.RUN)
    print('verify: ' + about(run))
    rows = list(checks(run))
    show(rows)
    others = runs_of_other_seeds(run)
    if others:
        print('verify: among %s (a further one lies outside of least and most in 2 of %d cases):'
              % (others[0][0].group, others[0][0].n + 1))
        print('\n'.join(seeds.table(others)))
    counts = [(v, sum(r[-1] == v for r in rows)) for v in (OK, DIFFERS, SKIPPED, FAIL)]
    print('verify: ' + ', '.join('%d %s' % (n, v) for v, n in counts if n or v == FAIL))
    sys.stdout.flush()
    return 1 if any(r[-1] == FAIL for r in rows) else 0
