# -*- coding: utf-8 -*-
"""TensorFlow 1.0.1 in this process, as the article ran it: the engine that others are held to."""
import contextlib

ENGINE = {
    'title': 'TensorFlow 1.0.1',
    'options': (),
}


def check():
    """It is part of the environment."""


class Engine(object):
    origin = {'engine': 'tf1'}
    description = 'tf1'
    facts = {}
    is_reference = True

    def __init__(self, sizes=()):
        pass

    @contextlib.contextmanager
    def attached(self, model, done, made_from, *generators):
        model._make_predict_function()      # Keras's own
        yield generators

    def close(self):
        pass
