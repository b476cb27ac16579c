# -*- coding: utf-8 -*-
"""The article against itself: all its statements that arithmetic alone can check.

    python -m repro.evidence.claims        (or: python repro/evidence/claims.py)

prints claim | computed | verdict.  It needs no run, no pictures and no package: only
expected/article.json and expected/replications.json, and Python 2.7 or 3.

A verdict is HOLDS (arithmetic agrees), DOES_NOT_HOLD (it contradicts the article) or OPEN
(arithmetic cannot decide).  A note says in which sense, or with which number.  article.json
records which verdict, note and values each claim must get, so that a value mistyped there shows
up: exit status 0 when all are the recorded ones, 1 when one is not.
"""
from __future__ import division, print_function

import collections
import math
import os
import sys

if __name__ == '__main__':     # then the path begins with this folder
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from repro import expected  # noqa: E402
from repro.console import table  # noqa: E402
from repro.console.text import Text, _, english  # noqa: E402
from repro.evidence import reruns  # noqa: E402
from repro.evidence.reruns import ACC, COLUMNS, LOSS, VAL_ACC, VAL_LOSS  # noqa: E402

HOLDS, DOES_NOT_HOLD, OPEN = 'holds', 'does not hold', 'open'
VERDICTS = {HOLDS: _('holds'), DOES_NOT_HOLD: _('does not hold'), OPEN: _('open')}

# What stands in brackets behind a verdict, by the key that article.json records.
NOTES = {
    'except': _('not for {networks}'),
    'both ends': _('both ends included'),
    'order': _('but for the order'),
    'steps': _('{steps:,} steps'),
    'any digits': _('any digits would'),
    'best epoch': _('best epoch, not last'),
    'cost': _('{cost:.5f}'),
    'decimal': _('in decimal logarithms only'),
    'at most': _('at most {wrong}'),
    'share': _('{percent:.2f} %'),
    're-run': _('in a re-run'),
    're-run took': _('a re-run took {least} to {most}'),
    're-run ranks above': _('a re-run ranks above {rank}'),
    're-run ranks below': _('a re-run ranks below {rank}'),
    'needs runs': _('needs runs; {same} of {runs} so far'),
    'both seedings': _('run both seedings'),
    'needs predictions': _('needs the predictions'),
    'not the clip': _('not the clip alone'),
}

Verdict = collections.namedtuple('Verdict', 'verdict note values')
Claim = collections.namedtuple('Claim', 'key section claim computed verdict recorded')
# key: the function below that checks it; section, claim, computed: Texts; verdict, recorded:
# Verdicts, the one that arithmetic gives and article.json's.


def holds_if(condition, note=None, **values):
    """HOLDS with this note, or DOES_NOT_HOLD without one."""
    return Verdict(HOLDS, note, values) if condition else Verdict(DOES_NOT_HOLD, None, {})


def open_because(note, **values):
    return Verdict(OPEN, note, values)


def shown(verdict):
    """A Verdict as a Text: holds, or holds (best epoch, not last)."""
    if verdict.note is None:
        return VERDICTS[verdict.verdict]
    note = Text(NOTES[verdict.note].sentence, verdict.values)
    return _('{verdict} ({note})', verdict=VERDICTS[verdict.verdict], note=note)


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


# One function a claim.  Each takes the article's values and the replications, and returns
# (claim, computed, verdict); its name is the key of the verdict recorded in article.json.

# ------------------------------------------------------------------------- 猫狗大战, the data

def two_equal_classes(a, r):
    cats, dogs = a['pictures_per_class']['cat'], a['pictures_per_class']['dog']
    return (_('{n:,} training pictures, cats and dogs half each', n=a['train_pictures']),
            _('{cats:,} + {dogs:,} = {sum:,}', cats=cats, dogs=dogs, sum=cats + dogs),
            holds_if(cats + dogs == a['train_pictures']
                     and cats == a['cat_share'] * (cats + dogs)))


def names_sorted_as_strings(a, r):
    train = sorted('%s.%d.jpg' % (c, i) for c, n in a['pictures_per_class'].items()
                   for i in range(n))
    test = sorted('%d.jpg' % (i + 1) for i in range(a['test_pictures']))
    listings = [(a['train_listing'], train), (a['test_listing'], test),
                (a['test_order'], ['test/' + name for name in test])]
    agree = sum(x == y for printed, names in listings for x, y in zip(printed, names))
    names = sum(len(printed) for printed, _names in listings)
    return (_('Names run 1, 10, 100, 1000, 10000, ..., not 1, 2, 3'),
            _('{agree} of the {names} names shown are the first of the names sorted as strings. '
              'ls sorts by itself; the generator takes the file system\'s order, so there it was '
              'this one', agree=agree, names=names), holds_if(agree == names))


def ones_are_dogs(a, r):
    numbers = dict((c, i) for i, c in enumerate(sorted(a['pictures_per_class'])))
    return (_('A prediction near 1 means dog (implied)'),
            _('folders sorted: cat {cat}, dog {dog}; Kaggle asks for the probability of a dog',
              **numbers), holds_if(numbers == a['class_indices'] and numbers['dog'] == 1))


# --------------------------------------------------------- 导出特征向量, exporting the features

def features_instead_of_networks(a, r):
    parameters = sum(a['parameters'][n] for n in a['extraction_order'])
    head = a['head_inputs'] + 1
    size = (a['train_pictures'] + a['test_pictures']) * a['head_inputs'] * 4
    return (_('With the features saved, a laptop can train'),
            _('{parameters:,} parameters run once, {head:,} trained (1 in {times:,.0f}); '
              '{size:.2f} GB of features', parameters=parameters, head=head,
              times=parameters / head, size=size / 1e9),
            holds_if(head < parameters / 1000 and size < 4e9))  # half of a laptop's 8 GB of 2017


def averaging_saves_space(a, r):
    n = a['train_pictures'] + a['test_pictures']
    full = dict((k, product(a['output_shapes'][k]) * 4 * n) for k in a['extraction_order'])
    others = [k for k in a['extraction_order'] if full[k] <= a['output_shapes'][k][-1] * 4 * n]
    verdict = holds_if(len(others) < len(full), 'except' if others else None,
                       **({'networks': others} if others else {}))
    return (_('Without GlobalAveragePooling2D the files would be very large'),
            _('without it: {sizes}; with it {averaged:.1f} GB each. In 1.2.2 ResNet50 ends in an '
              'average already',
              sizes=['%s %.1f GB' % (k, full[k] / 1e9) for k in a['extraction_order']],
              averaged=a['output_shapes']['ResNet50'][-1] * 4 * n / 1e9), verdict)


def inputs_between_minus_one_and_one(a, r):
    low, high = [(x / 255 - 0.5) * 2 for x in (0, 255)]
    return (_('Xception and Inception V3 get data within (-1, 1)'),
            _('pixel 0 becomes {low:g}, 255 becomes {high:g}; ResNet50 gets 0 to 255', low=low,
              high=high), holds_if([low, high] == a['preprocess_range'], 'both ends'))


def feature_shapes(a, r):
    widths = [a['output_shapes'][k][-1] for k in a['extraction_order']]
    shapes = {'train': [a['train_pictures'], widths[0]], 'test': [a['test_pictures'], widths[0]],
              'label': [a['train_pictures']]}
    return (_('h5 files hold train (25000, 2048), test (12500, 2048), label (25000,)'),
            _('last axes of the networks: {widths} (VGG16, VGG19: {vgg})', widths=widths,
              vgg=a['output_shapes']['VGG16'][-1]),
            holds_if(shapes == a['feature_shapes'] and len(set(widths)) == 1))


def feature_file_size(a, r):
    arrays = sum(product(a['feature_shapes'][k]) * a['feature_bytes'][k]
                 for k in a['feature_shapes'])
    return (_('Released files have {n:,} bytes', n=a['feature_file_size']),
            _('25,000 x 2,048 x 4 + 12,500 x 2,048 x 4 + labels 25,000 x 4 = {arrays:,}; HDF5 '
              'adds {added:,}. 8-byte labels would be 100,000 too many', arrays=arrays,
              added=a['feature_file_overhead']),
            holds_if(arrays + a['feature_file_overhead'] == a['feature_file_size']))


def minutes_per_network(a, r):
    low, high = a['extraction_minutes']
    n = a['train_pictures'] + a['test_pictures']
    run = [x for x in r['extraction_seconds'] if 'p2.xlarge' in x['hardware']][0]
    took = sorted(run[k] / 60 for k in a['extraction_order'])
    return (_('{low} to {high} minutes a network on a p2.xlarge', low=low, high=high),
            _('{slow:.0f} to {fast:.0f} pictures/s over {n:,}; a re-run (Keras 2.0.8) took '
              '{minutes} minutes', slow=n / high / 60, fast=n / low / 60, n=n,
              minutes=['%.1f' % t for t in took]),
            open_because('re-run took', least=int(round(took[0])), most=int(round(took[-1]))))


def one_network_alone(a, r):
    score = [x['kaggle_score'] for x in r['records']
             if x['networks'] == ['ResNet50'] and x.get('kaggle_score')][0]
    rank, at = r['leaderboard']['value'][-1]
    return (_('ResNet50 alone: rank one or two hundred'),
            _('a re-run\'s ResNet50 alone scored {score:.4f}; rank {rank} had {at:.5f}',
              score=score, rank=rank, at=at),
            open_because('re-run ranks below' if score > at else 're-run ranks above', rank=rank))


def together_better_than_alone(a, r):
    scores = dict((frozenset(x['networks']), x['kaggle_score']) for x in r['records']
                  if 'TestPossibleMerge' in x['path'])
    alone = [scores[frozenset([k])] for k in a['extraction_order']]
    together = scores[frozenset(a['extraction_order'])]
    two = scores[frozenset(['Xception', 'InceptionV3'])]
    return (_('Several networks together do better than one'),
            _('one re-run, dropout 0.25: alone {alone} (0.419 must be 0.0419), all three '
              '{together:g}, without ResNet50 {two:g}',
              alone=['%g' % s for s in alone], together=together, two=two),
            holds_if(together < min(alone), 're-run'))


# --------------------------------------------------- 载入特征向量, 构建模型: loading and building

def shuffle_before_split(a, r):
    cats = a['pictures_per_class']['cat']
    split = int(a['train_pictures'] * (1 - a['validation_split']))
    held_out = max(0, cats - split)
    return (_('Unshuffled, validation_split goes wrong'),
            _('sorted, the last {n:,} hold {held_out:,} cats; {cats:,} cats and {dogs:,} dogs '
              'remain to train on', n=a['train_pictures'] - split, held_out=held_out,
              cats=min(cats, split), dogs=split - min(cats, split)), holds_if(held_out == 0))


def seed_gives_everybody_the_same(a, r):
    logs = [x['log'] for x in reruns.comparable(r)]
    same = sum(log[:reruns.COMPARED] == a['log'] for log in logs)
    repeats = sum(1 for x in r['records'] if x['kind'] == 'rerun' and not x.get('comparable')
                  and any(x['log'] == log[:len(x['log'])] for log in logs))
    return (_('Seed {seed} gives everybody the same output', seed=a['seed']),
            _('a matter of equal file order and versions, not of arithmetic. {same} of {runs} '
              'comparable re-runs print this log; {repeats} more repeat one of the {runs} to the '
              'last digit', same=same, runs=len(logs), repeats=repeats),
            open_because('needs runs', same=same, runs=len(logs)))


def listing_prints_the_log(a, r):
    listing, notebook = (len(a['seedings'][k]) for k in ('article', 'notebook'))
    records = [x['log'] for x in reruns.author_records(r)]
    same = sum(log == a['log'] for log in records)
    verdict = holds_if(same == len(records))
    if verdict.verdict == HOLDS and listing != notebook:
        verdict = open_because('both seedings')
    return (_('The listing prints the log beside it'),
            _('listing: seeded {listing} times; notebook with this log: {notebook}. {same} of the '
              'author\'s {n} executions print it', listing=listing, notebook=notebook, same=same,
              n=len(records)), verdict)


def drawing_of_the_model(a, r):
    boxes = dict((box['name'], box) for box in a['drawing'])
    drawn = [box['name'] for box in a['drawing'] if box['name'] in a['output_shapes']]
    right = all(boxes[k]['input'] == a['image_sizes'][k] + [3]
                and boxes[k]['output'] == a['output_shapes'][k][-1:] for k in drawn)
    width = sum(boxes[k]['output'][0] for k in drawn)
    right = right and (product(boxes['Merge']['input']) == width == a['head_inputs']
                       and boxes['Merge']['output'] == boxes['Output']['input'] == [width]
                       and boxes['Output']['output'] == [1])
    return (_('The drawing: 3 x 2048 merge to 6144, then to 1'),
            _('{n} x 2,048 = {width:,}, {parameters:,} parameters; drawn {drawn}, concatenated '
              '{concatenated}', n=len(drawn), width=width, parameters=width + 1,
              drawn=drawn, concatenated=a['concatenation_order']),
            holds_if(right, None if drawn == a['concatenation_order'] else 'order'))


# -------------------------------------------------------------------- 训练模型, training the model

def split_of_the_pictures(a, r):
    split = int(a['train_pictures'] * (1 - a['validation_split']))      # as Keras 1.2.2 does
    rest = a['train_pictures'] - split
    return (_('Train on {trained:,}, validate on {validated:,}', trained=a['trained'],
              validated=a['validated']),
            _('{n:,} x (1 - {share:g}) = {split:,}, leaving {rest:,}', n=a['train_pictures'],
              share=a['validation_split'], split=split, rest=rest),
            holds_if([split, rest] == [a['trained'], a['validated']]))


def gradient_steps(a, r):
    steps = -(-a['trained'] // a['batch'])
    return (_('{epochs} epochs of {n:,} in batches of {batch}', epochs=a['epochs'],
              n=a['trained'], batch=a['batch']),
            _('{steps} steps an epoch, the last of {last} pictures; {all:,} in all', steps=steps,
              last=a['trained'] - (steps - 1) * a['batch'], all=steps * a['epochs']),
            holds_if(len(a['log']) == a['epochs'], 'steps', steps=steps * a['epochs']))


def wrong_counts(counts, n):
    """How many of n pictures were wrong, epoch by epoch; a Text where no count fits."""
    return [_('none fits') if k is None else n - k for k in counts]


def validation_accuracies_are_counts(a, r):
    n = a['validated']
    counts = [count_of(e[VAL_ACC], n) for e in a['log']]
    return (_('Each val_acc is a count of {n:,}', n=n),
            _('wrong: {counts}', counts=wrong_counts(counts, n)), holds_if(None not in counts))


def training_accuracies_are_counts(a, r):
    n = a['trained']
    counts = [count_of(e[ACC], n) for e in a['log']]
    return (_('Each acc is a count of {n:,}', n=n),
            _('wrong: {counts}, give or take 1. A count moves acc by 0.00005, so any four '
              'decimals would fit', counts=wrong_counts(counts, n)),
            holds_if(None not in counts, 'any digits'))


def losses_carry_the_errors(a, r):
    pairs = [(e[loss], 1 - e[acc], epoch + 1, COLUMNS[loss]) for epoch, e in enumerate(a['log'])
             for loss, acc in ((LOSS, ACC), (VAL_LOSS, VAL_ACC))]
    loss, wrong, epoch, column = max(pairs, key=lambda p: p[1] * math.log(2) / p[0])
    return (_('Loss and accuracy fit each other'),
            _('a wrong picture costs at least ln 2 = 0.693. Tightest of {n}: {column} of epoch '
              '{epoch}, {loss:.4f}, at least {least:.4f}', n=len(pairs), column=column,
              epoch=epoch, loss=loss, least=wrong * math.log(2)),
            holds_if(all(w * math.log(2) <= x for x, w, _epoch, _column in pairs)))


def validation_loss_falls(a, r):
    losses = [e[VAL_LOSS] for e in a['log']]
    falls = sum(y < x for x, y in zip(losses, losses[1:]))
    return (_('val_loss falls to the end (log)'),
            _('{falls} of {steps} steps go down, {first:.4f} to {last:.4f}: not yet flat after '
              '{epochs} epochs', falls=falls, steps=len(losses) - 1, first=losses[0],
              last=losses[-1], epochs=len(losses)), holds_if(falls == len(losses) - 1))


def last_or_best(last, best, is_claimed):
    """HOLDS without a note only if the last epoch, whose weights are used, has what is claimed."""
    if is_claimed(last):
        return holds_if(True)
    return holds_if(is_claimed(best), 'best epoch')


def claimed_accuracy(a, r):
    accuracies, claimed, n = [e[VAL_ACC] for e in a['log']], a['val_acc_claimed'], a['validated']
    best, last = max(accuracies), accuracies[-1]
    low, high = interval(best, n)
    return (_('{percent:.1f} % on the validation set', percent=100 * claimed),
            _('epoch {epoch} of {epochs} has {best:.4f}; the last, which predicts, {last:.4f} '
              '({fewer} of {n:,} pictures less). 95 % interval {low:.4f} to {high:.4f}',
              epoch=accuracies.index(best) + 1, epochs=len(accuracies), best=best, last=last,
              fewer=int(round((best - last) * n)), n=n, low=low, high=high),
            last_or_best(last, best, lambda accuracy: abs(accuracy - claimed) < 5e-5))


def four_wrong_in_a_thousand(a, r):
    n, claimed = a['validated'], a['wrong_per_thousand']
    wrong = [(1 - e[VAL_ACC]) * n for e in a['log']]
    best, last = min(wrong), wrong[-1]
    return (_('Of 1,000 pictures only {n} are wrong', n=claimed),
            _('best {best:.0f} of {n:,} = {best_share:.1f}, last {last:.0f} = {last_share:.1f} in '
              '1,000', best=best, n=n, best_share=best * 1000 / n, last=last,
              last_share=last * 1000 / n),
            last_or_best(last, best, lambda count: abs(count * 1000 / n - claimed) < 0.05))


def within_ten_seconds(a, r):
    most = sum(s + 1 for s in a['epoch_seconds'])
    return (_('Trains within {seconds} seconds', seconds=a['seconds_claimed']),
            _('{printed} printed, cut off to whole seconds: less than {most} s',
              printed=' + '.join('%ds' % s for s in a['epoch_seconds']), most=most),
            holds_if(most <= a['seconds_claimed'] and len(a['epoch_seconds']) == a['epochs']))


# --------------------------------------------------------------- 预测测试集, predicting the test set

def clip_costs_little(a, r):
    low, high = a['clip']
    cost = log_loss(high)
    return (_('Predicted right, {high:g} and 1 hardly differ', high=high),
            _('{cost:.5f} a picture, at least, for every picture: {percent:.0f} % of the score '
              '{score:.5f}', cost=cost, percent=100 * cost / a['kaggle_score'],
              score=a['kaggle_score']),
            holds_if(abs(low + high - 1) < 1e-9 and cost < 0.01, 'cost', cost=round(cost, 5)))


def fifteen_against_two(a, r):
    claimed = a['loss_of_0_and_clip']
    natural = [log_loss(p) for p in (a['log_loss_floor'], a['clip'][0])]
    decimal = [-math.log10(p) for p in (a['log_loss_floor'], a['clip'][0])]
    verdict = holds_if([int(x + 1e-9) for x in natural] == claimed)
    if verdict.verdict != HOLDS:
        verdict = holds_if([int(x + 1e-9) for x in decimal] == claimed, 'decimal')
    return (_('Predicted wrong, 0 and {low:g} differ as {of_0} and {of_low}', low=a['clip'][0],
              of_0=claimed[0], of_low=claimed[1]),
            _('log10: {decimal_0:.1f} and {decimal_low:.1f}. The log loss is natural: '
              '{natural_0:.1f} and {natural_low:.1f} (0 counts as 1e-15)', decimal_0=decimal[0],
              decimal_low=decimal[1], natural_0=natural[0], natural_low=natural[1]), verdict)


def clip_lowers_the_loss(a, r):
    n, cost = a['test_pictures'], log_loss(a['clip'][1])
    saved = log_loss(a['log_loss_floor']) - log_loss(a['clip'][0])
    wrong, val_loss = 1 - a['log'][-1][VAL_ACC], a['log'][-1][VAL_LOSS]
    return (_('The clip lowers the log loss'),
            _('costs up to {cost:.1f} over {n:,} pictures, saves up to {saved:.1f} a wrong one: '
              'pays from {errors} flat errors on. val_loss {val_loss:.4f} would become '
              '{least:.4f} to {most:.4f}', cost=n * cost, n=n, saved=saved,
              errors=int(n * cost / saved) + 1, val_loss=val_loss,
              least=(1 - wrong) * cost + wrong * math.log(2), most=val_loss + cost),
            open_because('needs predictions'))


def each_row_its_picture(a, r):
    names = sorted('test/%d.jpg' % (i + 1) for i in range(a['test_pictures']))
    rows = [int(n[n.rfind('/') + 1:n.rfind('.')]) - 1 for n in names]     # the listing's own
    moved = sum(i != row for i, row in enumerate(rows))
    return (_('Names must be parsed to put predictions into their rows'),
            _('{names:,} names fill {rows:,} rows, each once; {moved:,} would be wrong without',
              names=len(names), rows=len(set(rows)), moved=moved),
            holds_if(sorted(rows) == list(range(a['test_pictures'])) and moved))


def first_ten_are_certain(a, r):
    at_bounds = [p in a['clip'] for p in a['first_ten']]
    dogs = sum(p > 0.5 for p in a['first_ten'])
    agree = [x['first_ten'] == a['first_ten'] for x in reruns.comparable(r)
             if 'first_ten' in x and x['first_ten_are'] == 'clipped, right order']
    return (_('The first ten predictions are very certain'),
            _('{n} of 10 lie at a bound of the clip: {dogs} dogs, then {cats} cats, as in {agree} '
              'of {reruns} re-runs that print them clipped and in the right order',
              n=sum(at_bounds), dogs=dogs, cats=10 - dogs, agree=sum(agree), reruns=len(agree)),
            holds_if(all(at_bounds) and len(at_bounds) == 10 and all(agree)))


# ------------------------------------------------------------------------------- 总结, summary

def score_allows(a, r):
    """How many wrong pictures the score leaves room for: the clip caps what one can cost."""
    n, score, right = a['test_pictures'], a['kaggle_score'], log_loss(a['clip'][1])
    flat = int((score - right) * n / (log_loss(a['clip'][0]) - right))
    barely = int((score - right) * n / (math.log(2) - right))
    recorded = [x['kaggle_score'] for x in reruns.author_records(r) if x.get('kaggle_score')]
    return (_('Score {score:.5f}', score=score),
            _('with this clip at least {least:.5f}; leaves room for {flat} of {n:,} wrong at '
              '{low:g} ({flat_share:.2f} %), {barely} wrong at 0.5 ({barely_share:.1f} %)',
              least=right, flat=flat, n=n, low=a['clip'][0], flat_share=100 * flat / n,
              barely=barely, barely_share=100 * barely / n),
            holds_if(right <= score and set(recorded) == {score}, 'at most', wrong=flat))


def validation_against_score(a, r):
    n, val_loss, score = a['test_pictures'], a['log'][-1][VAL_LOSS], a['kaggle_score']
    cost = log_loss(a['clip'][1])
    rest = score - val_loss - cost
    more = rest * n / (log_loss(a['clip'][0]) - cost)
    return (_('val_loss {val_loss:.4f}, but score {score:.5f}', val_loss=val_loss, score=score),
            _('the clip adds at most {cost:.4f} of the {gap:.4f} between them. The rest is as '
              'much as {more} more pictures wrong at {low:g}: harder, or mislabelled', cost=cost,
              gap=score - val_loss, more=int(math.ceil(more)), low=a['clip'][0]),
            open_because('not the clip') if rest > 0 else holds_if(True))


def rank_of_the_score(a, r):
    rank, of = a['rank']
    share = 100 * rank / of
    computed = _('{percent:.2f} %: within the best 2 %', percent=share)
    if share > 2:
        computed = _('{percent:.2f} %: not within the best 2 %', percent=share)
    return (_('Rank {rank} of {of:,}', rank=rank, of=of), computed,
            holds_if(0 < share <= 2, 'share', percent=round(share, 2)))


CLAIMS = (
    (_('The data: dogs vs. cats; preparing the data'),
     (two_equal_classes, names_sorted_as_strings, ones_are_dogs)),
    (_('The features: exporting the feature vectors'),
     (features_instead_of_networks, averaging_saves_space, inputs_between_minus_one_and_one,
      feature_shapes, feature_file_size, minutes_per_network, one_network_alone,
      together_better_than_alone)),
    (_('The head: loading the feature vectors; building the model'),
     (shuffle_before_split, seed_gives_everybody_the_same, listing_prints_the_log,
      drawing_of_the_model)),
    (_('The log: training the model'),
     (split_of_the_pictures, gradient_steps, validation_accuracies_are_counts,
      training_accuracies_are_counts, losses_carry_the_errors, validation_loss_falls,
      claimed_accuracy, four_wrong_in_a_thousand, within_ten_seconds)),
    (_('The submission: predicting the test set; summary'),
     (clip_costs_little, fifteen_against_two, clip_lowers_the_loss, each_row_its_picture,
      first_ten_are_certain, score_allows, validation_against_score, rank_of_the_score)),
)


def claims(article=None, replications=None):
    """Yields a Claim for each, in the article's order.

    article, replications: contents of expected/article.json and expected/replications.json,
    read from there when not given.
    """
    article = expected.load('article.json') if article is None else article
    replications = expected.load('replications.json') if replications is None else replications
    a = expected.values(article)
    for section, functions in CLAIMS:
        for function in functions:
            claim, computed, verdict = function(a, replications)
            recorded = article['verdicts'].get(function.__name__, {})
            yield Claim(function.__name__, section, claim, computed, verdict,
                        Verdict(recorded.get('verdict'), recorded.get('note'),
                                recorded.get('values', {})))


def unexpected(article=None, replications=None):
    """The Claims whose verdict is not the recorded one."""
    return [c for c in claims(article, replications) if is_unexpected(c)]


def is_unexpected(claim):
    return claim.verdict != claim.recorded


# ----------------------------------------------------------------------------------- on a terminal

WIDTHS = (36, 46, 24)       # of the table's columns: 110 with two gaps of 2


def printed(judged):
    """These Claims as text, at most 110 columns wide, a line of its own before each section."""
    lines, before = list(table.lines([(u'claim', u'computed', u'verdict')], WIDTHS)), None
    for c in judged:
        section, verdict = english(c.section), english(shown(c.verdict))
        if section != before:
            lines += ['', section, '-' * len(section)]
        if is_unexpected(c):
            verdict += ' RECORDED: ' + (english(shown(c.recorded)) if c.recorded.verdict
                                        else 'none')
        lines += table.lines([(english(c.claim), english(c.computed), verdict)], WIDTHS)
        before = section
    return '\n'.join(lines)


def main():
    judged = list(claims())
    print(printed(judged))
    verdicts = [c.verdict.verdict for c in judged]
    print('\n%d claims: %s.' % (len(verdicts), ', '.join(
        '%d %s' % (verdicts.count(verdict), plural) for verdict, plural in (
            (HOLDS, 'hold'), (DOES_NOT_HOLD, 'do not hold'), (OPEN, 'open')))))
    sys.stdout.flush()
    wrong = [c for c in judged if is_unexpected(c)]
    if wrong:
        print('claims: %d verdicts are not those recorded in expected/article.json: %s'
              % (len(wrong), '; '.join(english(c.claim) for c in wrong)), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
