# -*- coding: utf-8 -*-
"""The article against itself, and among the re-runs of others.

    python -m repro.article        (or: python repro/article.py)

prints claim | computed | verdict for every statement of the article that arithmetic can check.
It needs no run, no data and no package: only expected/article.json and
expected/replications.json, and Python 2.7 or 3.

A verdict is one of
    holds               arithmetic agrees
    holds (...)         it agrees in the sense, or with the number, given in brackets
    does not hold       it contradicts the article
    open (...)          arithmetic cannot decide; the brackets say what could
article.json also records which verdict each claim must get, so that a value mistyped there
shows up: exit status 0 when every verdict is the recorded one, 1 when one is not.

verify.py uses claims() and unexpected() for its --article table, and spread() and places() to
say where a run's training log lies among the public re-runs.
"""
from __future__ import division, print_function

import math
import os
import sys
import textwrap

if __name__ == '__main__':     # then the path begins with repro/ itself
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from repro import expected, reruns                                      # noqa: E402
from repro.reruns import ACC, COLUMNS, COMPARED, LOSS, VAL_ACC, VAL_LOSS          # noqa: E402

WIDTHS = (36, 46, 24)                           # of the table's columns: 110 with two gaps of 2


# ------------------------------------------------------------------------------ small arithmetic

def log_loss(p):
    """Natural log loss of one picture whose true class was given probability p."""
    return -math.log(p)


def count_of(accuracy, n):
    """The whole number k whose k/n prints as this four-decimal accuracy; None if there is none.

    Where several do (n over 10,000), the nearest to accuracy * n.
    """
    k = int(round(accuracy * n))
    return k if abs(k / n - accuracy) <= 0.00005 + 1e-9 else None


def interval(p, n, z=1.96):
    """Wilson's 95 % interval of a share p seen in n pictures."""
    middle = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def product(numbers):
    result = 1
    for x in numbers:
        result *= x
    return result


def yes(condition, holds='holds', otherwise='does not hold'):
    return holds if condition else otherwise


# One function a claim.  Each takes the article's values and the replications, and returns
# (claim, computed, verdict); its name is the key of the verdict recorded in article.json.

# ------------------------------------------------------------------------- 猫狗大战, the data

def two_equal_classes(a, r):
    cat, dog = a['pictures_per_class']['cat'], a['pictures_per_class']['dog']
    return ('{:,} training pictures, cats and dogs half each'.format(a['train_pictures']),
            '{:,} + {:,} = {:,}'.format(cat, dog, cat + dog),
            yes(cat + dog == a['train_pictures'] and cat == a['cat_share'] * (cat + dog)))


def names_sorted_as_strings(a, r):
    train = sorted('%s.%d.jpg' % (c, i) for c, n in a['pictures_per_class'].items()
                   for i in range(n))
    test = sorted('%d.jpg' % (i + 1) for i in range(a['test_pictures']))
    listed = [(a['train_listing'], train), (a['test_listing'], test),
              (a['test_order'], ['test/' + name for name in test])]
    agree = sum(x == y for shown, names in listed for x, y in zip(shown, names))
    shown = sum(len(shown) for shown, _ in listed)
    return ('Names run 1, 10, 100, 1000, 10000, ..., not 1, 2, 3',
            '%d of the %d names shown are the first of the names sorted as strings. ls sorts by '
            'itself; the generator takes the file system\'s order, so there it was this one'
            % (agree, shown), yes(agree == shown))


def ones_are_dogs(a, r):
    classes = sorted(a['pictures_per_class'])
    numbers = dict((c, i) for i, c in enumerate(classes))
    return ('A prediction near 1 means dog (implied)',
            'folders sorted: %s; Kaggle asks for the probability of a dog'
            % ', '.join('%s %d' % (c, numbers[c]) for c in classes),
            yes(numbers == a['class_indices'] and numbers['dog'] == 1))


# --------------------------------------------------------- 导出特征向量, exporting the features

def features_instead_of_networks(a, r):
    networks = sum(a['parameters'][n] for n in a['extraction_order'])
    head = a['head_inputs'] + 1
    size = (a['train_pictures'] + a['test_pictures']) * a['head_inputs'] * 4
    return ('With the features saved, a laptop can train',
            '{:,} parameters run once, {:,} trained (1 in {:,.0f}); {:.2f} GB of features'
            .format(networks, head, networks / head, size / 1e9),
            yes(head < networks / 1000 and size < 4e9))     # half of a laptop's 8 GB of 2017


def averaging_saves_space(a, r):
    n = a['train_pictures'] + a['test_pictures']
    full = dict((k, product(a['output_shapes'][k]) * 4 * n) for k in a['extraction_order'])
    saved = [k for k in a['extraction_order']
             if full[k] > a['output_shapes'][k][-1] * 4 * n]
    text = ', '.join('%s %.1f GB' % (k, full[k] / 1e9) for k in a['extraction_order'])
    others = [k for k in a['extraction_order'] if k not in saved]
    return ('Without GlobalAveragePooling2D the files would be very large',
            'without it: %s; with it %.1f GB each. In 1.2.2 ResNet50 ends in an average already'
            % (text, a['output_shapes']['ResNet50'][-1] * 4 * n / 1e9),
            yes(saved, 'holds (not for %s)' % ' and '.join(others) if others else 'holds'))


def inputs_between_minus_one_and_one(a, r):
    low, high = [(x / 255 - 0.5) * 2 for x in (0, 255)]
    return ('Xception and Inception V3 get data within (-1, 1)',
            'pixel 0 becomes %g, 255 becomes %g; ResNet50 gets 0 to 255' % (low, high),
            yes([low, high] == a['preprocess_range'], 'holds (both ends included)'))


def feature_shapes(a, r):
    widths = [a['output_shapes'][k][-1] for k in a['extraction_order']]
    shapes = {'train': [a['train_pictures'], widths[0]], 'test': [a['test_pictures'], widths[0]],
              'label': [a['train_pictures']]}
    return ('h5 files hold train (25000, 2048), test (12500, 2048), label (25000,)',
            'last axes of the networks: %s (VGG16, VGG19: %d)'
            % (', '.join(map(str, widths)), a['output_shapes']['VGG16'][-1]),
            yes(shapes == a['feature_shapes'] and len(set(widths)) == 1))


def feature_file_size(a, r):
    arrays = sum(product(a['feature_shapes'][k]) * a['feature_bytes'][k]
                 for k in a['feature_shapes'])
    return ('Released files have {:,} bytes'.format(a['feature_file_size']),
            '25,000 x 2,048 x 4 + 12,500 x 2,048 x 4 + labels 25,000 x 4 = {:,}; HDF5 adds {:,}. '
            '8-byte labels would be 100,000 too many'
            .format(arrays, a['feature_file_overhead']),
            yes(arrays + a['feature_file_overhead'] == a['feature_file_size']))


def minutes_per_network(a, r):
    low, high = a['extraction_minutes']
    n = a['train_pictures'] + a['test_pictures']
    run = [x for x in r['extraction_seconds'] if 'p2.xlarge' in x['hardware']][0]
    took = sorted(run[k] / 60 for k in a['extraction_order'])
    return ('%d to %d minutes a network on a p2.xlarge' % (low, high),
            '{:.0f} to {:.0f} pictures/s over {:,}; a re-run (Keras 2.0.8) took {} minutes'
            .format(n / high / 60, n / low / 60, n, ', '.join('%.1f' % t for t in took)),
            'open (a re-run took %.0f to %.0f)' % (took[0], took[-1]))


def one_network_alone(a, r):
    score = [x['kaggle_score'] for x in r['records']
             if x['networks'] == ['ResNet50'] and x.get('kaggle_score')][0]
    rank, at = r['leaderboard']['value'][-1]
    return ('ResNet50 alone: rank one or two hundred',
            'a re-run\'s ResNet50 alone scored %.4f; rank %d had %.5f' % (score, rank, at),
            'open (a re-run ranks %s %d)' % ('below' if score > at else 'above', rank))


def together_better_than_alone(a, r):
    scores = dict((frozenset(x['networks']), x['kaggle_score']) for x in r['records']
                  if 'TestPossibleMerge' in x['path'])
    alone = [scores[frozenset([k])] for k in a['extraction_order']]
    together = scores[frozenset(a['extraction_order'])]
    two = scores[frozenset(['Xception', 'InceptionV3'])]
    return ('Several networks together do better than one',
            'one re-run, dropout 0.25: alone %s (0.419 must be 0.0419), all three %g, '
            'without ResNet50 %g' % (', '.join('%g' % s for s in alone), together, two),
            yes(together < min(alone), 'holds (in a re-run)'))


# --------------------------------------------------- 载入特征向量, 构建模型: loading and building

def shuffle_before_split(a, r):
    cats = a['pictures_per_class']['cat']
    split = int(a['train_pictures'] * (1 - a['validation_split']))
    dogs_seen, cats_held = split - min(cats, split), max(0, cats - split)
    return ('Unshuffled, validation_split goes wrong',
            'sorted, the last {:,} hold {:,} cats; {:,} cats and {:,} dogs remain to train on'
            .format(a['train_pictures'] - split, cats_held, min(cats, split), dogs_seen),
            yes(cats_held == 0))


def seed_gives_everybody_the_same(a, r):
    logs = [x['log'] for x in reruns.comparable(r)]
    same = sum(log[:COMPARED] == a['log'] for log in logs)
    repeats = sum(1 for x in r['records'] if x['kind'] == 'rerun' and not x.get('comparable')
                  and any(x['log'] == log[:len(x['log'])] for log in logs))
    return ('Seed %d gives everybody the same output' % a['seed'],
            'a matter of equal file order and versions, not of arithmetic. %d of %d comparable '
            're-runs print this log; %d more repeat one of the %d to the last digit'
            % (same, len(logs), repeats, len(logs)),
            'open (needs runs; %d of %d so far)' % (same, len(logs)))


def listing_prints_the_log(a, r):
    listing, notebook = (len(a['seedings'][k]) for k in ('article', 'notebook'))
    records = [x['log'] for x in reruns.author_records(r)]
    same = sum(log == a['log'] for log in records)
    return ('The listing prints the log beside it',
            'listing: seeded %d times; notebook with this log: %d. %d of the author\'s %d '
            'executions print it' % (listing, notebook, same, len(records)),
            yes(same == len(records),
                'holds' if listing == notebook else 'open (run both seedings)'))


def drawing_of_the_model(a, r):
    boxes = dict((box['name'], box) for box in a['drawing'])
    drawn = [box['name'] for box in a['drawing'] if box['name'] in a['output_shapes']]
    right = all(boxes[k]['input'] == a['image_sizes'][k] + [3]
                and boxes[k]['output'] == a['output_shapes'][k][-1:] for k in drawn)
    width = sum(boxes[k]['output'][0] for k in drawn)
    right = right and (product(boxes['Merge']['input']) == width == a['head_inputs']
                       and boxes['Merge']['output'] == boxes['Output']['input'] == [width]
                       and boxes['Output']['output'] == [1])
    order = 'holds' if drawn == a['concatenation_order'] else 'holds (but for the order)'
    return ('The drawing: 3 x 2048 merge to 6144, then to 1',
            '{} x 2,048 = {:,}, {:,} parameters; drawn {}, concatenated {}'
            .format(len(drawn), width, width + 1, ', '.join(drawn),
                    ', '.join(a['concatenation_order'])), yes(right, order))


# -------------------------------------------------------------------- 训练模型, training the model

def split_of_the_pictures(a, r):
    split = int(a['train_pictures'] * (1 - a['validation_split']))      # as Keras 1.2.2 does
    return ('Train on {:,}, validate on {:,}'.format(a['trained'], a['validated']),
            '{:,} x (1 - {:g}) = {:,}, leaving {:,}'.format(
                a['train_pictures'], a['validation_split'], split, a['train_pictures'] - split),
            yes([split, a['train_pictures'] - split] == [a['trained'], a['validated']]))


def gradient_steps(a, r):
    steps = -(-a['trained'] // a['batch'])
    last = a['trained'] - (steps - 1) * a['batch']
    return ('{} epochs of {:,} in batches of {}'.format(a['epochs'], a['trained'], a['batch']),
            '{} steps an epoch, the last of {} pictures; {:,} in all'
            .format(steps, last, steps * a['epochs']),
            yes(len(a['log']) == a['epochs'], 'holds ({:,} steps)'.format(steps * a['epochs'])))


def validation_accuracies_are_counts(a, r):
    n = a['validated']
    counts = [count_of(e[VAL_ACC], n) for e in a['log']]
    return ('Each val_acc is a count of {:,}'.format(n),
            'wrong: %s' % ', '.join('none fits' if k is None else str(n - k) for k in counts),
            yes(None not in counts))


def training_accuracies_are_counts(a, r):
    n = a['trained']
    counts = [count_of(e[ACC], n) for e in a['log']]
    return ('Each acc is a count of {:,}'.format(n),
            'wrong: %s, give or take 1. A count moves acc by 0.00005, so any four decimals would '
            'fit' % ', '.join('none fits' if k is None else str(n - k) for k in counts),
            yes(None not in counts, 'holds (any digits would)'))


def losses_carry_the_errors(a, r):
    pairs = [(e[loss], 1 - e[acc], epoch + 1, COLUMNS[loss]) for epoch, e in enumerate(a['log'])
             for loss, acc in ((LOSS, ACC), (VAL_LOSS, VAL_ACC))]
    tight = max(pairs, key=lambda p: p[1] * math.log(2) / p[0])
    return ('Loss and accuracy fit each other',
            'a wrong picture costs at least ln 2 = 0.693. Tightest of %d: %s of epoch %d, %.4f, '
            'at least %.4f' % (len(pairs), tight[3], tight[2], tight[0], tight[1] * math.log(2)),
            yes(all(wrong * math.log(2) <= loss for loss, wrong, _, _ in pairs)))


def validation_loss_falls(a, r):
    losses = [e[VAL_LOSS] for e in a['log']]
    falls = sum(y < x for x, y in zip(losses, losses[1:]))
    return ('val_loss falls to the end (log)',
            '%d of %d steps go down, %.4f to %.4f: not yet flat after %d epochs'
            % (falls, len(losses) - 1, losses[0], losses[-1], len(losses)),
            yes(falls == len(losses) - 1))


def claimed_accuracy(a, r):
    """`holds` only if the last epoch, whose weights are used, has it."""
    accs = [e[VAL_ACC] for e in a['log']]
    best, claimed, n = max(accs), a['val_acc_claimed'], a['validated']
    verdict = 'does not hold'
    if abs(accs[-1] - claimed) < 5e-5:
        verdict = 'holds'
    elif abs(best - claimed) < 5e-5:
        verdict = 'holds (best epoch, not last)'
    return ('%.1f %% on the validation set' % (100 * claimed),
            'epoch {} of {} has {:.4f}; the last, which predicts, {:.4f} ({} of {:,} pictures '
            'less). 95 % interval {:.4f} to {:.4f}'.format(
                accs.index(best) + 1, len(accs), best, accs[-1],
                int(round((best - accs[-1]) * n)), n, *interval(best, n)), verdict)


def four_wrong_in_a_thousand(a, r):
    n, claimed = a['validated'], a['wrong_per_thousand']
    wrong = [(1 - e[VAL_ACC]) * n for e in a['log']]
    best, last = min(wrong), wrong[-1]
    verdict = 'does not hold'
    if abs(last * 1000 / n - claimed) < 0.05:
        verdict = 'holds'
    elif abs(best * 1000 / n - claimed) < 0.05:
        verdict = 'holds (best epoch, not last)'
    return ('Of 1,000 pictures only %d are wrong' % claimed,
            'best {:.0f} of {:,} = {:.1f}, last {:.0f} = {:.1f} in 1,000'
            .format(best, n, best * 1000 / n, last, last * 1000 / n), verdict)


def within_ten_seconds(a, r):
    most = sum(s + 1 for s in a['epoch_seconds'])
    return ('Trains within %d seconds' % a['seconds_claimed'],
            '%s printed, cut off to whole seconds: less than %d s'
            % (' + '.join('%ds' % s for s in a['epoch_seconds']), most),
            yes(most <= a['seconds_claimed'] and len(a['epoch_seconds']) == a['epochs']))


# --------------------------------------------------------------- 预测测试集, predicting the test set

def clip_costs_little(a, r):
    low, high = a['clip']
    cost = log_loss(high)
    return ('Predicted right, %g and 1 hardly differ' % high,
            '%.5f a picture, at least, for every picture: %.0f %% of the score %.5f'
            % (cost, 100 * cost / a['kaggle_score'], a['kaggle_score']),
            yes(abs(low + high - 1) < 1e-9 and cost < 0.01, 'holds (%.5f)' % cost))


def fifteen_against_two(a, r):
    shown = a['loss_of_0_and_clip']
    ps = (a['log_loss_floor'], a['clip'][0])
    natural = [log_loss(p) for p in ps]
    decimal = [-math.log10(p) for p in ps]
    verdict = 'does not hold'
    if [int(x + 1e-9) for x in natural] == shown:
        verdict = 'holds'
    elif [int(x + 1e-9) for x in decimal] == shown:
        verdict = 'holds in decimal logarithms only'
    return ('Predicted wrong, 0 and %g differ as %d and %d' % (ps[1], shown[0], shown[1]),
            'log10: %.1f and %.1f. The log loss is natural: %.1f and %.1f (0 counts as 1e-15)'
            % (tuple(decimal) + tuple(natural)), verdict)


def clip_lowers_the_loss(a, r):
    n, cost = a['test_pictures'], log_loss(a['clip'][1])
    saved = log_loss(a['log_loss_floor']) - log_loss(a['clip'][0])
    wrong, val_loss = 1 - a['log'][-1][VAL_ACC], a['log'][-1][VAL_LOSS]
    least = (1 - wrong) * cost + wrong * math.log(2)
    return ('The clip lowers the log loss',
            'costs up to {:.1f} over {:,} pictures, saves up to {:.1f} a wrong one: pays from {} '
            'flat errors on. val_loss {:.4f} would become {:.4f} to {:.4f}'
            .format(n * cost, n, saved, int(n * cost / saved) + 1, val_loss, least,
                    val_loss + cost), 'open (needs the predictions)')


def each_row_its_picture(a, r):
    names = sorted('test/%d.jpg' % (i + 1) for i in range(a['test_pictures']))
    rows = [int(n[n.rfind('/') + 1:n.rfind('.')]) - 1 for n in names]     # the listing's own
    moved = sum(i != row for i, row in enumerate(rows))
    return ('Names must be parsed to put predictions into their rows',
            '{:,} names fill {:,} rows, each once; {:,} would be wrong without'
            .format(len(names), len(set(rows)), moved),
            yes(sorted(rows) == list(range(a['test_pictures'])) and moved))


def first_ten_are_certain(a, r):
    at_bounds = [p in a['clip'] for p in a['first_ten']]
    dogs = sum(p > 0.5 for p in a['first_ten'])
    agree = [x['first_ten'] == a['first_ten'] for x in reruns.comparable(r)
             if 'first_ten' in x and x['first_ten_are'] == 'clipped, right order']
    return ('The first ten predictions are very certain',
            '%d of 10 lie at a bound of the clip: %d dogs, then %d cats, as in %d of %d re-runs '
            'that print them clipped and in the right order'
            % (sum(at_bounds), dogs, 10 - dogs, sum(agree), len(agree)),
            yes(all(at_bounds) and len(at_bounds) == 10 and all(agree)))


# ------------------------------------------------------------------------------- 总结, summary

def score_allows(a, r):
    """How many wrong pictures the score leaves room for: the clip caps what one can cost."""
    n, score, right = a['test_pictures'], a['kaggle_score'], log_loss(a['clip'][1])
    flat = int((score - right) * n / (log_loss(a['clip'][0]) - right))
    barely = int((score - right) * n / (math.log(2) - right))
    recorded = [x['kaggle_score'] for x in reruns.author_records(r) if x.get('kaggle_score')]
    return ('Score %.5f' % score,
            'with this clip at least {:.5f}; leaves room for {} of {:,} wrong at {:g} ({:.2f} %), '
            '{} wrong at 0.5 ({:.1f} %)'.format(
                right, flat, n, a['clip'][0], 100 * flat / n, barely, 100 * barely / n),
            yes(right <= score and set(recorded) == {score}, 'holds (at most %d)' % flat))


def validation_against_score(a, r):
    n, val_loss, score = a['test_pictures'], a['log'][-1][VAL_LOSS], a['kaggle_score']
    cost = log_loss(a['clip'][1])
    rest = score - val_loss - cost
    more = rest * n / (log_loss(a['clip'][0]) - cost)
    return ('val_loss %.4f, but score %.5f' % (val_loss, score),
            'the clip adds at most %.4f of the %.4f between them. The rest is as much as %d more '
            'pictures wrong at %g: harder, or mislabelled'
            % (cost, score - val_loss, int(math.ceil(more)), a['clip'][0]),
            'open (not the clip alone)' if rest > 0 else 'holds')


def rank_of_the_score(a, r):
    rank, of = a['rank']
    share = 100 * rank / of
    return ('Rank {} of {:,}'.format(rank, of), '%.2f %%: within the best 2 %%' % share if
            share <= 2 else '%.2f %%: not within the best 2 %%' % share,
            yes(0 < share <= 2, 'holds (%.2f %%)' % share))


CLAIMS = (
    ('The data: dogs vs. cats; preparing the data',
     (two_equal_classes, names_sorted_as_strings, ones_are_dogs)),
    ('The features: exporting the feature vectors',
     (features_instead_of_networks, averaging_saves_space, inputs_between_minus_one_and_one,
      feature_shapes, feature_file_size, minutes_per_network, one_network_alone,
      together_better_than_alone)),
    ('The head: loading the feature vectors; building the model',
     (shuffle_before_split, seed_gives_everybody_the_same, listing_prints_the_log,
      drawing_of_the_model)),
    ('The log: training the model',
     (split_of_the_pictures, gradient_steps, validation_accuracies_are_counts,
      training_accuracies_are_counts, losses_carry_the_errors, validation_loss_falls,
      claimed_accuracy, four_wrong_in_a_thousand, within_ten_seconds)),
    ('The submission: predicting the test set; summary',
     (clip_costs_little, fifteen_against_two, clip_lowers_the_loss, each_row_its_picture,
      first_ten_are_certain, score_allows, validation_against_score, rank_of_the_score)),
)


def claims(article=None, replications=None):
    """Yields (claim, computed, verdict), in the article's order.

    article, replications: contents of expected/article.json and expected/replications.json,
    read from there when not given.
    """
    for _, claim, computed, verdict, _ in judged(article, replications):
        yield claim, computed, verdict


def unexpected(article=None, replications=None):
    """[(claim, verdict, recorded verdict)] of the claims that did not get the recorded one."""
    return [(claim, verdict, recorded)
            for _, claim, _, verdict, recorded in judged(article, replications)
            if verdict != recorded]


def judged(article=None, replications=None):
    """Yields (section, claim, computed, verdict, recorded verdict)."""
    article = expected.load('article.json') if article is None else article
    replications = expected.load('replications.json') if replications is None else replications
    a = expected.values(article)
    for section, functions in CLAIMS:
        for function in functions:
            claim, computed, verdict = function(a, replications)
            recorded = article['verdicts'].get(function.__name__, 'none')
            yield section, claim, computed, verdict, recorded


# ----------------------------------------------------------------------------------- on a terminal

def wrapped(cells, widths=WIDTHS):
    """One table row as lines: each cell wrapped in its own column, two blanks between."""
    columns = [textwrap.wrap(c, w) or [''] for c, w in zip(cells, widths)]
    height = max(len(c) for c in columns)
    columns = [c + [''] * (height - len(c)) for c in columns]
    return ['  '.join(c.ljust(w) for c, w in zip(line, widths)).rstrip()
            for line in zip(*columns)]


def table(article=None, replications=None):
    """The claims as text, at most 110 columns wide, a line of its own before each section."""
    lines, before = wrapped(('claim', 'computed', 'verdict')), None
    for section, claim, computed, verdict, recorded in judged(article, replications):
        if section != before:
            lines += ['', section, '-' * len(section)]
        if verdict != recorded:
            verdict += ' RECORDED: ' + recorded
        lines += wrapped((claim, computed, verdict))
        before = section
    return '\n'.join(lines)


def main():
    article, replications = expected.load('article.json'), expected.load('replications.json')
    print(table(article, replications))
    verdicts = [verdict for _, _, verdict in claims(article, replications)]
    wrong = unexpected(article, replications)
    print('\n%d claims: %s.' % (len(verdicts), ', '.join(
        '%d %s' % (sum(v.startswith(word) for v in verdicts), plural)
        for word, plural in (('holds', 'hold'), ('does', 'do not hold'), ('open', 'open')))))
    sys.stdout.flush()
    if wrong:
        print('repro.article: %d verdicts are not those recorded in expected/article.json: %s'
              % (len(wrong), '; '.join(claim for claim, _, _ in wrong)), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
