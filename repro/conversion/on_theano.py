# -*- coding: utf-8 -*-
"""The outputs on Theano of a model trained there: python on_theano.py, with convert's arguments.

convert --trained-on theano runs this with KERAS_BACKEND=theano, Keras 1.2.2's other backend: where
border_mode is 'same', Theano pads differently, so only its own outputs count.  Reads samples.npz
in the current folder, writes theano.npz.
"""
from __future__ import print_function

import os
import sys

if __name__ == '__main__':
    del sys.path[0]     # this folder: its modules' names are not Python's

import numpy as np

from repro import options
from repro.conversion import exchange, model_files
from repro.failures import Failure


def main(argv):
    args = options.parse(argv)
    file = model_files.look(args.model)
    model = model_files.load(file, exchange.weights_of(file, args), args.script, args.trust)
    with np.load('samples.npz') as stored:
        arrays = [stored['input_%d' % i] for i in range(len(stored.files))]
    np.savez('theano.npz', **exchange.numbered('output', exchange.answers(model, arrays)))


if __name__ == '__main__':
    os.environ.setdefault('REPRO_WORK', os.getcwd())
    try:
        main(sys.argv[1:])
    except Failure as e:
        print('convert: %s' % e, file=sys.stderr)
        sys.exit(e.status)
