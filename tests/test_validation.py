# -*- coding: utf-8 -*-
"""Section 7 of the page: the clip's best bound."""
from __future__ import division, unicode_literals

import numpy as np
import pytest

from repro.report import validation


@pytest.mark.parametrize('p, y, is_a, best', [
    ([.2, .9, .7], [0, 1, 1], 'any', .1),           # all right: below 0.1 nothing is clipped
    ([1., 1., 0.], [1, 1, 0], 'none', 0),           # certain and right: each bound costs
    ([.9, .9, .1], [0, 0, 1], 'one', .5),           # all wrong: 0.5 everywhere would be best
    ([.99] * 9 + [.99], [1] * 9 + [0], 'one', .1)])     # one in ten wrong: say 0.9
def test_the_best_bound_is_the_best_of_all(p, y, is_a, best):
    p, y = np.array(p), np.array(y)
    curve = validation.clip_curve(p, y)
    assert validation.BOUNDS[-1] == .5 and abs(curve[-1] - np.log(2)) < 1e-12
    best_bound = validation.best_bound(p, y, curve)
    assert best_bound['is'] == is_a and abs(best_bound['best'] - best) < .01
    assert best_bound['best_log_loss'] <= min(curve) + 1e-9


def test_two_digits_never_say_more():
    assert [validation.rounded_down(b) for b in (.0829, .1, .32, 1e-7, .0049999)] == [
        '0.082', '0.1', '0.32', '1e-07', '0.0049']
