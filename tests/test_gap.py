# -*- coding: utf-8 -*-
"""write_gap is the article's listing, and its calls are the article's calls."""
from __future__ import print_function

import inspect
import re

import pytest

from repro import gap, networks
from repro.failures import BadInput
from repro.system import machine

# The article's listing, a statement a line; its blanks are left out of the comparison.
LISTING = """
width = image_size[0]
height = image_size[1]
input_tensor = Input((height, width, 3))
x = input_tensor
if lambda_func:
x = Lambda(lambda_func)(x)
base_model = MODEL(input_tensor=x, weights='imagenet', include_top=False)
model = Model(base_model.input, GlobalAveragePooling2D()(base_model.output))
gen = ImageDataGenerator()
train_generator = gen.flow_from_directory('train2', image_size, shuffle=False, batch_size=16)
test_generator = gen.flow_from_directory('test2', image_size, shuffle=False, batch_size=16,
class_mode=None)
train = model.predict_generator(train_generator, train_generator.nb_sample)
test = model.predict_generator(test_generator, test_generator.nb_sample)
h.create_dataset('train', data=train)
h.create_dataset('test', data=test)
h.create_dataset('label', data=train_generator.classes)
"""
OURS = """
made_from = origin(MODEL.func_name, engine)
with journal.opened(MODEL.func_name, made_from) as done, \\
engine.attached(model, done, made_from, train_generator, test_generator) as (
train_generator, test_generator), \\
counted(model, done, train_generator, test_generator):
"""


def bare(text):
    return re.sub(r'\s', '', text)


def test_write_gap_is_the_listing_with_one_line_each_for_resume_engine_and_progress():
    source = inspect.getsource(gap.write_gap)
    body = bare(source[source.rindex('"""') + 3:])
    before, after = LISTING.split('train = model', 1)
    assert body.startswith(bare(before + OURS + 'train = model' + after.split('h.create')[0]))
    saved = body.index(bare(after[after.index('h.create'):]))
    assert "withh5py.File(name)ash:" in body[:saved][-30:]
    assert len(source.splitlines()) <= 45       # a screen


def test_its_arguments_are_the_articles_and_the_table_has_the_same():
    assert list(networks.EXTRACTION) == ['ResNet50', 'InceptionV3', 'Xception']
    assert set(gap.CALLS) == set(networks.NAMES)
    for name, arguments in gap.CALLS.items():
        constructor, preprocess = networks.constructor(name)
        assert arguments[:2] == (constructor, networks.TABLE[name].size), name
        assert arguments[2:] == ((preprocess,) if preprocess else ()), name
        assert constructor.func_name == name


def test_a_disk_that_cannot_hold_the_features_is_refused(monkeypatch):
    # 4 bytes for each channel of each picture: of both networks, and of the larger one's journal
    monkeypatch.setattr(machine, 'free_bytes', lambda: (2048 + 512 + 2048) * 4 * 1000)
    gap.check_space(['ResNet50', 'VGG16'], 1000)
    with pytest.raises(BadInput) as failure:
        gap.check_space(['ResNet50', 'VGG16'], 1001)
    assert 'the features need 19 MB and 18 MB are free' in str(failure.value)
