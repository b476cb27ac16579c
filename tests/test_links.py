# -*- coding: utf-8 -*-
"""Step links: the tree of the article, and no file of the user is deleted."""
from __future__ import print_function

import os


def test_the_tree_of_the_article(small_demo):
    folder = str(small_demo[0])
    assert os.readlink(os.path.join(folder, 'train2/cat/cat.0.jpg')) == '../../train/cat.0.jpg'
    assert os.readlink(os.path.join(folder, 'test2/test')) == '../test/'
    for animal in ('cat', 'dog'):
        names = os.listdir(os.path.join(folder, 'train2', animal))
        assert sorted(names) == sorted('%s.%d.jpg' % (animal, i) for i in range(4))
        assert all(os.path.exists(os.path.join(folder, 'train2', animal, n)) for n in names)
    assert len(os.listdir(os.path.join(folder, 'test2/test'))) == 4


def test_rebuilt_on_each_run(small, step):
    small.join('train2/cat/cat.99.jpg').mksymlinkto('../../train/cat.99.jpg')
    result = step(small, 'links')
    assert result.status == 0, result.both
    assert not os.path.islink(str(small.join('train2/cat/cat.99.jpg')))
    assert len(small.join('train').listdir()) == 8      # what the links point to stays


def test_what_is_no_link_farm_is_not_deleted(small, step):
    small.join('train2/cat/mine.txt').write('years of work')
    result = step(small, 'links')
    assert result.status == 4
    assert 'train2/cat/mine.txt' in result.err
    assert small.join('train2/cat/mine.txt').read() == 'years of work'


def test_a_link_named_train2_is_not_followed(small, step, tmpdir):
    elsewhere = tmpdir.mkdir('elsewhere')
    elsewhere.join('precious').write('x')
    small.join('train2').remove()
    small.join('train2').mksymlinkto(elsewhere)
    result = step(small, 'links')
    assert result.status == 0, result.both
    assert elsewhere.join('precious').check()
    assert small.join('train2').check(link=0, dir=1)
