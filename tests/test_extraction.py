# -*- coding: utf-8 -*-
"""Section 4 of the page: how fast the features came."""
from __future__ import division, unicode_literals

from repro.report import extraction


def test_a_run_that_went_on_is_as_fast_as_what_it_computed(tmpdir):
    run = {'settings': {'networks': ['ResNet50', 'Xception']}, 'steps': [
        {'step': 'gap ResNet50', 'pictures': 80, 'resumed_after': 48, 'seconds': 16.},
        {'step': 'gap Xception', 'pictures': 80, 'resumed_after': 0, 'seconds': 16.}]}
    tmpdir.mkdir('train2')
    with tmpdir.as_cwd():
        went_on, whole = extraction.section(run)[0]['networks']
    assert (went_on['computed'], went_on['images_per_second']) == (32, 2)
    assert went_on['hours_for_all'] == 37500 / 2 / 3600
    assert (whole['computed'], whole['images_per_second']) == (80, 5)
