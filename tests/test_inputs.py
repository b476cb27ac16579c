# -*- coding: utf-8 -*-
"""Inputs that are not the article's, and are taken and named (those refused: tests/faults)."""


def test_more_rows_than_pictures_is_no_fault(small, step):
    small.join('sample_submission.csv').write(
        'id,label\n' + ''.join('%d,0.5\n' % i for i in range(1, 8)))
    result = step(small, 'submit')
    assert result.status == 0, result.both
    assert '3 rows' in result.out
    assert small.join('pred.csv').read().splitlines()[-1] == '7,0.5'


def test_any_weights_are_accepted_when_asked_for_and_named(run, small, tmpdir):
    work = tmpdir.join('real')
    result = run('cpu', '--data', small, '--weights', small.join('weights'), '--work', work,
                 '--any-weights', '--networks', 'ResNet50')
    assert result.status == 0, result.both
    assert 'gap: ResNet50, weights: stand-in' in result.out
    assert 'verify: real run, pictures: stand-in, weights: stand-in' in result.out
    assert '8 of the article\'s 25,000 training pictures' in result.out
    assert 'skipped' in result.out
    assert work.join('pred.csv').check()
    # and another folder's pictures do not replace what was made of these
    before, other = work.join('pred.csv').read(), tmpdir.mkdir('other')
    for name in ('train', 'test', 'sample_submission.csv'):
        other.join(name).mksymlinkto(small.join(name))
    other.join('train').remove()
    other.mkdir('train')
    result = run('cpu', '--data', other, '--work', work, '--any-weights', '--networks', 'ResNet50')
    assert result.status == 5, result.both
    assert 'holds a run on the pictures of %s' % small in result.err.splitlines()[-1]
    assert work.join('pred.csv').read() == before
