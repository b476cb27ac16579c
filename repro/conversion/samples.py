# -*- coding: utf-8 -*-
"""The inputs on which a model and its conversion are compared: a user's arrays, or seeded."""
from __future__ import division

import os

import numpy as np

from repro.failures import BadInput

SEED = 2017     # the article's
ROWS = 16
# A length or a size that the model leaves open; a picture must survive a network's poolings.
LENGTH, SIZE = 12, 128


def seeded(inputs):
    """An array for each placeholder of a model: whole numbers where an Embedding looks them up.

    Else from -1 to 1.  Returns [array (rows, …)] of the placeholders' types.
    """
    random = np.random.RandomState(SEED)
    bounds = embedded(inputs)
    made = []
    for tensor in inputs:
        shape = filled(tensor.get_shape().as_list())
        dtype = tensor.dtype.as_numpy_dtype
        if tensor in bounds or np.issubdtype(dtype, np.integer):
            array = random.randint(0, bounds.get(tensor, 2), shape)
        else:
            array = random.uniform(-1, 1, shape)
        made.append(array.astype(dtype))
    return made


def filled(shape):
    """[batch, …] of a placeholder, with numbers for what it leaves open."""
    open_size = SIZE if len(shape) > 3 else LENGTH
    return [shape[0] or ROWS] + [size or open_size for size in shape[1:]]


def embedded(inputs):
    """{placeholder: how many rows the smallest table has that its values are looked up in}."""
    smallest = {}
    for op in inputs[0].graph.get_operations():
        if op.type != 'Gather':
            continue
        rows = op.inputs[0].get_shape().as_list()[:1]
        for tensor in upstream(op.inputs[1]):
            if tensor in inputs and rows and rows[0]:
                smallest[tensor] = min(rows[0], smallest.get(tensor, rows[0]))
    return smallest


def upstream(tensor):
    """The tensors that this one is made from, and itself."""
    waiting, seen = [tensor], set()
    while waiting:
        tensor = waiting.pop()
        if tensor not in seen:
            seen.add(tensor)
            waiting.extend(tensor.op.inputs)
    return seen


def read(path, inputs, names):
    """A user's arrays, one for each input: .npy for one, .npz by the inputs' names, or input_0, …

    inputs: the model's placeholders; names: theirs.  Raises BadInput.
    """
    file = os.path.basename(path)
    try:
        # Without pickles, which would run code.
        stored = np.load(path, allow_pickle=False)
    except (IOError, ValueError) as e:
        raise BadInput('--samples %s is neither .npy nor .npz of numbers (%s)' % (file, e))
    arrays = by_input(stored, names, file)
    rows = set(len(array) if array.ndim else 0 for array in arrays)
    if len(rows) > 1 or min(rows) == 0:
        raise BadInput('--samples %s needs as many rows for each input, at least one, not %s'
                       % (file, ', '.join(map(str, sorted(rows)))))
    return [fitting(array, tensor, name, file)
            for array, tensor, name in zip(arrays, inputs, names)]


def by_input(stored, names, file):
    if isinstance(stored, np.ndarray):
        if len(names) > 1:
            raise BadInput('--samples %s is one array, and the model has %d inputs: an .npz with '
                           '%s' % (file, len(names), ', '.join(names)))
        return [stored]
    for keys in (names, ['input_%d' % i for i in range(len(names))]):
        if set(keys) == set(stored.files):
            try:
                return [stored[key] for key in keys]
            except ValueError as e:
                raise BadInput('--samples %s: not numbers (%s)' % (file, e))
    raise BadInput('--samples %s has %s, and the model\'s inputs are %s' % (
        file, ', '.join(sorted(stored.files)) or 'nothing', ', '.join(names)))


def fitting(array, tensor, name, file):
    """The array in the placeholder's type; BadInput where its shape is another."""
    shape = tensor.get_shape().as_list()
    if array.dtype.kind not in 'biuf':
        raise BadInput('--samples %s: %s holds %s, not numbers' % (file, name, array.dtype))
    if array.ndim != len(shape) or any(
            want not in (None, has) for want, has in zip(shape[1:], array.shape[1:])):
        raise BadInput('--samples %s: %s needs the shape (%s), not (%s)' % (
            file, name, ', '.join(['rows'] + [str(size or 'any') for size in shape[1:]]),
            ', '.join(map(str, array.shape))))
    if not np.isfinite(array).all():
        raise BadInput('--samples %s: %s holds NaN or infinity' % (file, name))
    if shape[0] and len(array) % shape[0]:
        raise BadInput('--samples %s: the model has a batch of %d, and %d rows are not a multiple '
                       'of it' % (file, shape[0], len(array)))
    return array.astype(tensor.dtype.as_numpy_dtype)
