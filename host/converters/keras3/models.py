"""The way through a model: each layer called with what the layers before it gave."""
import re

import keras

from keras3.arguments import named
from keras3.masks import give, mask
from keras3.read import MODELS
from keras3.registry import converted, converts, masks_after
from keras3.remarks import NoEqual


def of_outputs(old, new, incoming):
    """One mask for all outputs that have the same one inside."""
    known = {None: None}
    return [known.setdefault(mask(y), object()) for y in new.outputs]


@converts('Model', 'Container', 'Sequential', masks=of_outputs)
def model(old, x=None):
    """A Model of Keras 3, also for a Sequential: a layer may have become several side by side.

    x is not used: a model has inputs of its own.
    """
    inputs, outputs = sequential(old) if old.kind == 'Sequential' else graph(old)
    return keras.Model(one_or_list(inputs), one_or_list(outputs), name=old.name.replace('/', '_'))


def called(old, made, x):
    """The outputs, a list, of what replaces the old layer; made: {id of a layer: that}."""
    try:
        if id(old) not in made:
            made[id(old)] = converted(old, x)
        ys = as_list(made[id(old)](x))
    except (ValueError, TypeError, LookupError, NotImplementedError) as error:
        raise NoEqual(old, 'Keras 3 does not take it: ' + first_line(error))
    give(ys, masks_after(old, made[id(old)], [mask(each) for each in as_list(x)]))
    return ys


def first_line(error):
    """The first line of an error's text that says what is wrong: without colours, and not the line
    in which Keras 3 names the call."""
    lines = [line for line in re.sub(r'\x1b\[\d*m', '', str(error)).splitlines()
             if line.strip() and not line.startswith('Exception encountered')]
    return (lines or [type(error).__name__])[0]


def new_input(old, name):
    c = old.config
    if c.get('sparse'):
        raise NoEqual(old, 'a sparse input')
    dtype = c.get('input_dtype') or 'float32'
    if dtype not in ('float32', 'int32'):
        raise NoEqual(old, 'an input of %s' % dtype)
    return keras.Input(batch_shape=tuple(c['batch_input_shape']), dtype=dtype, name=name)


def sequential(old):
    """The inputs and the output of a Sequential."""
    made, rest, first = {}, old.steps, old.steps[0]
    begins = old.branches or [first] * (first.kind in MODELS)
    if begins:
        made = {id(branch): model(branch) for branch in begins}
        inputs = [again(made[id(branch)]) for branch in begins]
        x = sum((called(branch, made, each) for branch, each in zip(begins, inputs)), [])
        inputs = sum(map(as_list, inputs), [])
        x = x if old.branches else x[0]
        rest = rest if old.branches else rest[1:]
    elif first.kind == 'InputLayer':
        inputs = x = new_input(first, named(first)['name'])
        rest = rest[1:]
    else:
        inputs = x = new_input(first, named(first, 'input')['name'])
    for step in rest:
        x, = called(step, made, x)
    return inputs, x


def again(inner):
    """New inputs like those of a model."""
    return one_or_list([keras.Input(batch_shape=x.shape, dtype=x.dtype, name=x.name)
                        for x in inner.inputs])


def one_or_list(xs):
    return xs[0] if isinstance(xs, list) and len(xs) == 1 else xs


def as_list(x):
    return list(x) if isinstance(x, (list, tuple)) else [x]


def graph(old):
    """The inputs and outputs of a Model: each layer called as often as it has inbound nodes."""
    inner = {layer.name: layer for layer in old.inside}
    made, tensors = {}, {}

    def tensor(name, node, index):
        if (name, node, index) not in tensors:
            call(inner[name], node)
        return tensors[name, node, index]

    def call(layer, node):
        if layer.kind == 'InputLayer':
            outputs = [new_input(layer, named(layer)['name'])]
        else:
            xs = [tensor(*source) for source in layer.inbound[node - first_node(layer)]]
            x = xs if len(xs) > 1 or layer.kind == 'Merge' else xs[0]
            outputs = called(layer, made, x)
        for index, x in enumerate(outputs):
            tensors[layer.name, node, index] = x

    def before(name, node, index):
        # A layer that returns its input, as Dropout(0) does, takes its place in Keras 1's config.
        while inner[name].kind != 'InputLayer':
            name, node, index = inner[name].inbound[node][index]
        return tensor(name, node, index)

    for layer in old.inside:        # in their order, so that calls do not nest deeply
        for node in range(first_node(layer), first_node(layer) + len(layer.inbound)):
            tensor(layer.name, node, 0)
    return ([before(*source) for source in old.config['input_layers']],
            [tensor(*source) for source in old.config['output_layers']])


def first_node(layer):
    """A model's own inputs are its first node (Container.get_config)."""
    return 1 if layer.kind in MODELS else 0
