"""A model of Keras 1 as it was saved: model.json and weights.h5."""
import copy
import re
import types

import h5py

from keras3.registry import names_of_weights
from keras3.remarks import NoEqual

MODELS = ('Model', 'Container', 'Sequential')


def read(entry, name=None):
    """A layer or model of model.json: kind, name, config, weights, inside, inbound.

    weights: {suffix: array}, empty for now; inside: what a model or a wrapper consists of, in
    the order of Keras 1's `layers` (a Sequential's `flattened_layers`).
    """
    config = entry['config']
    old = types.SimpleNamespace(kind=entry['class_name'], config=config, weights={}, inside=[],
                                inbound=entry.get('inbound_nodes', []), branches=None)
    if old.kind == 'Sequential':
        old.name = entry.get('name') or name or 'sequential'
        read_sequential(old)
        return old
    old.name = config['name']
    if old.kind in MODELS:
        old.inside = [read(inner) for inner in config['layers']]
    elif old.kind == 'TimeDistributed':
        old.inside = [read(config['layer'])]
    elif old.kind == 'Bidirectional':
        for way in ('forward_', 'backward_'):
            inner = read(copy.deepcopy(config['layer']))
            inner.name = way + inner.name
            old.inside.append(inner)
    return old


def read_sequential(old):
    """steps: its layers, one that is added twice being the same twice; branches: what a Merge
    that comes first merges."""
    old.steps, known = [], {}
    for i, entry in enumerate(old.config):
        step = read(entry, '%s_%d' % (old.name, i))
        if step.kind != 'Sequential':           # a Sequential in one is saved without its name
            step = known.setdefault(step.name, step)
        old.steps.append(step)
    first = old.steps[0]
    if first.kind == 'Merge':
        old.branches = [read(entry, '%s_%d' % (first.name, i))
                        for i, entry in enumerate(first.config['layers'])]
    for layer in (old.branches or [first]):
        old.inside += layer.inside if old.branches and layer.kind in MODELS else [layer]
    for step in old.steps[1:]:
        if not any(step is layer for layer in old.inside):
            old.inside.append(step)


def places(old):
    """([trainable], [fixed]): where a layer's weights belong, as (layer, suffix), in the order of
    Keras 1's `weights`, which a model within a model has sorted by this."""
    trainable, fixed = [], []
    if old.inside:
        for inner in old.inside:
            for places_so_far, more in zip((trainable, fixed), places(inner)):
                places_so_far += more
    else:
        for suffix in names_of_weights(old):
            (fixed if suffix.startswith('running_') else trainable).append((old, suffix))
    if old.kind not in MODELS + ('Bidirectional',) and not old.config.get('trainable', True):
        return [], trainable + fixed
    return trainable, fixed


def read_weights(old, path):
    """Gives every layer its arrays out of weights.h5."""
    groups = old.inside if old.kind in MODELS else [old]
    with h5py.File(path, 'r') as h:
        named = [text(name) for name in h.attrs['layer_names']]
        if len(named) != len(groups):
            raise NoEqual(old, 'model.json has %d layers, weights.h5 has %d'
                          % (len(groups), len(named)))
        for layer, name in zip(groups, named):
            group = h[name]
            arrays = [(text(n), group[text(n)][()]) for n in group.attrs['weight_names']]
            wanted = sum(places(layer), [])
            if len(arrays) != len(wanted):
                raise NoEqual(layer, 'it has %d weights, and weights.h5 has %d for it: a layer of '
                              'your own, or of another version?' % (len(wanted), len(arrays)))
            for (owner, suffix), (called, array) in zip(wanted, arrays):
                own = re.escape('%s_%s' % (owner.name, suffix))
                if not re.match(r'(.+/)?%s(_\d+)?(:0)?$' % own, called):      # _1: TensorFlow's
                    raise NoEqual(owner, 'weights.h5 has %s where its %s should be'
                                  % (called, suffix))
                owner.weights[suffix] = array


def text(name):
    return name.decode('utf-8') if isinstance(name, bytes) else str(name)
