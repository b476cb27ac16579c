# -*- coding: utf-8 -*-
"""Architectures as a stranger would send them, and what convert does with them.

    ./run.sh exec --runtime native python tests/strange_models.py FOLDER …
        [--trust]               every one of SHAPES through `convert`
        --fuzz COUNT [SEED]     so many mutations of them and of each layer's model, watched
        --public [STEP]         the models of tests/convert_table.py and keras_models.py, or
                                every STEP-th

Prints a JSON.  The code in SHAPES makes a folder called it-ran where it runs.
"""
from __future__ import print_function

import collections
import copy
import json
import marshal
import os
import random
import sys
import traceback

import h5py

CODE = compile('''
def code_of_a_stranger(x, *others):
    import os
    if not os.path.isdir('it-ran'):
        os.mkdir('it-ran')
    return x[0] if isinstance(x, list) else x
''', 'a stranger', 'exec').co_consts[0]
TEXT = marshal.dumps(CODE).decode('raw_unicode_escape')     # as Keras's func_dump has it
INPUT = {'class_name': 'InputLayer', 'name': 'i', 'inbound_nodes': [], 'config': {
    'name': 'i', 'batch_input_shape': [None, 3], 'input_dtype': 'float32', 'sparse': False}}
FIRST = {'batch_input_shape': [None, 3], 'input_dtype': 'float32'}
SERIES = {'batch_input_shape': [None, 4, 3], 'input_dtype': 'float32'}


# ------------------------------------------------------------------------------ the parts

def lambda_config(**more):
    return dict({'name': 'mine', 'function': TEXT, 'function_type': 'lambda', 'arguments': {},
                 'output_shape': [3], 'output_shape_type': 'raw', 'trainable': True}, **more)


def merge_config(**more):
    return dict({'name': 'mine', 'mode': 'sum', 'mode_type': 'raw', 'concat_axis': -1,
                 'dot_axes': -1, 'output_shape': [None, 3], 'output_shape_type': 'raw',
                 'output_mask': None, 'output_mask_type': 'raw', 'arguments': {}}, **more)


def layer(class_name, config, **more):
    return dict({'class_name': class_name, 'config': config}, **more)


def flat(class_name, config):
    """As Keras 0.x saved a layer, and Sequential.from_config still reads it."""
    return dict(config, name=class_name)


def dense(**more):
    return layer('Dense', dict({'name': 'd', 'output_dim': 3}, **more))


def sequential(*layers):
    return layer('Sequential', list(layers))


def model(*layers):
    """Each on what the one before it gives; (layer, [names]) on several."""
    made, before = [INPUT], 'i'
    for one in layers:
        name = one.get('name') or 'mine'
        made.append(dict(one, name=name, inbound_nodes=[[[before, 0, 0]]]))
        before = name
    return layer('Model', {'name': 'm', 'layers': made, 'input_layers': [['i', 0, 0]],
                           'output_layers': [[before, 0, 0]]})


def merged(**more):
    """A Model whose Merge gets its input twice."""
    both = layer('Merge', merge_config(**more), name='mine',
                 inbound_nodes=[[['i', 0, 0], ['i', 0, 0]]])
    return layer('Model', {'name': 'm', 'layers': [INPUT, both], 'input_layers': [['i', 0, 0]],
                           'output_layers': [['mine', 0, 0]]})


def branches(**more):
    """A Sequential that begins with a Merge of two."""
    branch = sequential(dense(**FIRST))
    return merge_config(layers=[branch, copy.deepcopy(branch)], **more)


MINE = layer('Lambda', lambda_config(**FIRST))
WRAPPED = {'name': 'w', 'layer': layer('Lambda', lambda_config())}
BY_CODE = {'mode': TEXT, 'mode_type': 'lambda'}

# {name: an architecture}: with --trust their code runs.
RUN = {
    'lambda': sequential(MINE),
    'lambda in a model': model(layer('Lambda', lambda_config())),
    'lambda as a list': sequential(layer('Lambda', lambda_config(
        function=[TEXT, None, None], **FIRST))),
    'flat lambda': sequential(flat('Lambda', lambda_config(**FIRST))),
    'flat lambda, second': sequential(dense(**FIRST), flat('Lambda', lambda_config())),
    'sequential in a sequential': sequential(sequential(MINE)),
    'flat in a sequential in a sequential': sequential(
        sequential(dense(**FIRST)), sequential(flat('Lambda', lambda_config(**FIRST)))),
    'flat in a sequential in a model': model(dict(sequential(flat(
        'Lambda', lambda_config(**FIRST))), name='s')),
    'model in a model': model(dict(model(layer('Lambda', lambda_config())), name='inside')),
    'container': dict(model(layer('Lambda', lambda_config())), class_name='Container'),
    'in a wrapper': sequential(layer('TimeDistributed', dict(WRAPPED, **SERIES))),
    'in a wrapper, flat': sequential(flat('TimeDistributed', dict(WRAPPED, **SERIES))),
    'in a wrapper in a wrapper': sequential(layer('TimeDistributed', {
        'name': 'v', 'layer': layer('TimeDistributed', WRAPPED),
        'batch_input_shape': [None, 2, 4, 3], 'input_dtype': 'float32'})),
    'merge': merged(**BY_CODE),
    'merge, flat': sequential(flat('Merge', branches(**BY_CODE))),
    'merge first': sequential(layer('Merge', branches(**BY_CODE))),
    'merge, its branch': sequential(layer('Merge', merge_config(
        layers=[sequential(MINE), sequential(dense(**FIRST))]))),
    'merge, its flat branch': sequential(flat('Merge', merge_config(
        layers=[sequential(flat('Lambda', lambda_config(**FIRST))),
                sequential(dense(**FIRST))]))),
}

# No more than names, and what is nested; convert says that Keras cannot build them.
LOOKED_UP = {
    'activation, by name': sequential(dense(activation='func_load', **FIRST)),
    'activation, called': sequential(dense(activation={
        'name': 'get_from_module', 'identifier': 'K', 'module_name': 'x',
        'module_params': {'K': 1}}, **FIRST)),
    'weights, called': sequential(dense(init={'name': 'get_fans'}, **FIRST)),
    'regularizer': sequential(dense(W_regularizer={'name': 'warnings'}, **FIRST)),
    'constraint': sequential(dense(W_constraint={'name': 'get', 'identifier': None}, **FIRST)),
    'custom objects': dict(sequential(dense(activation='mine', **FIRST)),
                           custom_objects={'mine': TEXT}),
    'class, called': sequential(layer({'name': 'func_load', 'code': TEXT}, dict(FIRST))),
    'class, a Lambda called': sequential(layer(
        {'name': 'Lambda', 'function': TEXT}, lambda_config(**FIRST))),
    'class, a list': sequential(layer(['Lambda'], lambda_config(**FIRST))),
    'class, other case': sequential(layer(u'Lambda\u200b', lambda_config(**FIRST))),
    'class, by path': sequential(layer('keras.layers.core.Lambda', lambda_config(**FIRST))),
    'graph': layer('Graph', {'nodes': [lambda_config()], 'input_config': []}),
    'config, an object': layer('Sequential', {'0': MINE}),
}
LOOKED_UP.update(('class ' + name, sequential(layer(name, dict(FIRST, name='x')))) for name in (
    'os', 'np', 'func_load', 'absolute_import', '__builtins__', 'K', 'get_from_module'))

# Functions beside the one that makes the layer's numbers, and functions by their names.
BESIDE = {
    'lambda, its shape': sequential(layer('Lambda', lambda_config(
        function='warnings', function_type='function', output_shape=TEXT,
        output_shape_type='lambda', **FIRST))),
    'lambda, by name': sequential(layer('Lambda', lambda_config(
        function='func_load', function_type='function', **FIRST))),
    'lambda, of a type of its own': sequential(layer('Lambda', lambda_config(
        function_type='raw', **FIRST))),
    'lambda in two directions': sequential(layer('Bidirectional', dict(WRAPPED, **SERIES))),
    'merge, its shape': merged(output_shape=TEXT, output_shape_type='lambda'),
    'merge, its mask': merged(output_mask=TEXT, output_mask_type='lambda'),
    'merge, by name': merged(mode='func_load', mode_type='function'),
    'merge, its shape by name': merged(output_shape='func_load', output_shape_type='function'),
    'merge, its mask by name': merged(output_mask='func_load', output_mask_type='function'),
    'name on two lines': sequential(layer('Lambda', lambda_config(**dict(
        FIRST, name='mine\nconvert: done')))),
}


def deep(before, inside, after, times):
    """As text: json.dumps would not."""
    return '{"class_name": "Sequential", "config": [%s%s%s]}' % (
        before * times, inside, after * times)


INSIDE = json.dumps(layer('Activation', dict(FIRST, name='a', activation='tanh')))
DEEP = {
    'brackets': deep('[', '', ']', 100000),
    'objects': deep('{"config": ', '1', '}', 5000),
    'wrappers': deep('{"class_name": "TimeDistributed", "config": {"layer": ', INSIDE, '}}', 440),
    'sequentials': deep('{"class_name": "Sequential", "config": [', INSIDE, ']}', 100),
}
SHAPES = collections.OrderedDict(
    (name, config) for some in (RUN, BESIDE, LOOKED_UP, DEEP)
    for name, config in sorted(some.items()))


# ------------------------------------------------------------------------------ through convert

def outcome(config, folder, trust):
    """[exit status, stderr's lines, whether the code ran] of `convert` in a process of its own."""
    os.mkdir(folder)
    with open(os.path.join(folder, 'model.json'), 'w') as f:
        f.write(config if isinstance(config, str) else json.dumps(config))
    with h5py.File(os.path.join(folder, 'weights.h5'), 'w') as f:
        f.attrs['layer_names'] = []
    said, child = os.path.join(folder, 'said.txt'), os.fork()
    if not child:
        status = 1
        try:
            os.chdir(folder)
            os.dup2(os.open('said.txt', os.O_WRONLY | os.O_CREAT), 2)
            os.dup2(2, 1)
            from repro.__main__ import main
            status = main(['convert', 'model.json', '--model-weights', 'weights.h5', '--to',
                           'keras3'] + ['--trust'] * trust)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(status)
    _, status = os.waitpid(child, 0)
    with open(said) as f:
        lines = f.read().decode('utf-8').splitlines()
    return [os.WEXITSTATUS(status) if os.WIFEXITED(status) else -status, lines,
            os.path.exists(os.path.join(folder, 'it-ran'))]


def outcomes(folder, trust):
    import keras.layers     # once, for all children
    assert keras.layers
    return dict((name, outcome(config, os.path.join(folder, '%02d' % i), trust))
                for i, (name, config) in enumerate(SHAPES.items()))


# ------------------------------------------------------------------------------ mutations

VALUES = [TEXT, [TEXT, None, None], 'lambda', 'function', 'raw', 'func_load', 'get_from_module',
          'Lambda', 'Merge', 'Sequential', 'Model', 'K', 'os', '__builtins__', 'mine', 'linear',
          'th', None, True, -1, 0, 1, 2, .5, '', [], {}, [None, 3], [None, 4, 3],
          {'name': 'func_load', 'code': TEXT}, {'name': 'Lambda', 'function': TEXT},
          {'name': 'get_from_module', 'identifier': 'func_load'}, {'name': 'l2', 'l': .1}]
KEYS = ['function', 'function_type', 'mode', 'mode_type', 'output_shape', 'output_shape_type',
        'output_mask', 'output_mask_type', 'arguments', 'class_name', 'config', 'name',
        'custom_name', 'custom_objects', 'layers', 'layer', 'activation', 'init',
        'inner_activation', 'W_regularizer', 'b_constraint', 'keras_version', 'weights']


def public_shapes():
    """What Keras saves of a model of each layer, and SHAPES."""
    import keras.backend as K
    import keras_layers
    found = [config for config in SHAPES.values() if isinstance(config, dict)]
    for build in keras_layers.models():
        K.clear_session()
        found.append(json.loads(build()[0].to_json()))
    return found


def places(value):
    """[(the dict or list, key or index)] of everything in a parsed JSON."""
    found, waiting = [], [value]
    while waiting:
        one = waiting.pop()
        inside = (sorted(one) if isinstance(one, dict) else
                  range(len(one)) if isinstance(one, list) else ())
        found.extend((one, at) for at in inside)
        waiting.extend(one[at] for at in inside)
    return found


def layers_in(value):
    """Of these, the layers: what has a class and a configuration."""
    return [(one, at) for one, at in places(value) if isinstance(one[at], dict)
            and isinstance(one[at].get('class_name'), (str, type(u'')))
            and isinstance(one[at].get('config'), dict)]


def mutated(config, draw):
    """A copy in which one to four things are otherwise."""
    whole = [copy.deepcopy(config)]
    for _ in range(draw.randint(1, 4)):
        one, at = draw.choice(places(whole))
        layers = layers_in(whole)
        change = draw.choice(['value', 'value', 'key', 'key', 'layer', 'layer', 'flat', 'inside'])
        if change == 'value':
            one[at] = copy.deepcopy(draw.choice(VALUES))
        elif change == 'key' and isinstance(one, dict):
            one[draw.choice(KEYS)] = copy.deepcopy(draw.choice(VALUES))
        elif change == 'layer':
            one, at = draw.choice(layers or [(one, at)])
            one[at] = a_layer(one[at], draw)
        elif change == 'flat' and layers:
            one, at = draw.choice(layers)
            one[at] = flat(one[at]['class_name'], one[at]['config'])
        elif change == 'inside' and layers:
            one, at = draw.choice(layers)
            one[at] = draw.choice([sequential, wrapped, branched, model])(one[at])
    return whole[0]


def a_layer(instead_of, draw):
    """A Lambda or a Merge with code, which keeps what the layer in its place says of inputs."""
    config = instead_of.get('config') if isinstance(instead_of, dict) else None
    kept = dict((key, value) for key, value in config.items()
                if key in ('batch_input_shape', 'input_dtype', 'name')) if isinstance(
                    config, dict) else {}
    kind, config = draw.choice([('Lambda', lambda_config()), ('Merge', merge_config(**BY_CODE)),
                                ('Merge', branches(**BY_CODE))])
    config = dict(config, **kept)
    more = dict(instead_of) if isinstance(instead_of, dict) else {}
    return draw.choice([flat(kind, config), dict(more, class_name=kind, config=config)])


def wrapped(one):
    return layer('TimeDistributed', dict(SERIES, name='w', layer=one), name='w',
                 inbound_nodes=one.get('inbound_nodes', []))


def branched(one):
    return layer('Merge', dict(branches(), layers=[one, sequential(dense(**FIRST))]))


# ------------------------------------------------------------------------------ watching

class Watch(object):
    """Notes what runs: a stranger's code, Keras's func_load, and calls that lead out or in."""

    def __init__(self):
        import cPickle
        import pickle
        from keras.utils import generic_utils
        self.seen = []
        self.calls = set(id(call) for call in (     # some of what is called cannot be hashed
            marshal.load, marshal.loads, cPickle.load, cPickle.loads, os.system, os.popen,
            os.fork, os.execv, os.execve, os.mkdir, os.open, os.unlink, os.rename, eval,
            execfile, compile))
        self.codes = {generic_utils.func_load.__code__, pickle.loads.__code__,
                      pickle.load.__code__}

    def __call__(self, frame, event, what):
        if event == 'c_call':
            if id(what) in self.calls:
                self.seen.append(what.__name__)
            elif what is open and 'site-packages' not in frame.f_code.co_filename and (
                    not frame.f_code.co_filename.endswith('linecache.py')):
                self.seen.append('open in ' + frame.f_code.co_filename)
        elif event == 'call' and (frame.f_code in self.codes
                                  or frame.f_code.co_filename == CODE.co_filename):
            self.seen.append(frame.f_code.co_name)

    def build(self, file, trust):
        """Why there is no model, or None; BadInput is the only exception that may come."""
        from repro.conversion import model_files
        from repro.failures import BadInput
        del self.seen[:]
        sys.setprofile(self)
        try:
            model_files.set_ordering(file)
            model_files.built(file, {}, trust)
        except BadInput as e:
            return str(e).decode('utf-8')
        finally:
            sys.setprofile(None)


def fuzz(folder, count, seed):
    """{what came of it: how often}, and under 'faults' what must not have come."""
    import keras.backend as K
    from repro.conversion import model_files
    os.chdir(folder)
    draw, shapes, watch = random.Random(seed), public_shapes(), Watch()
    found = collections.Counter()
    faults = []
    watch.build(model_files.File('model.json', 'architecture', RUN['flat lambda']), True)
    control = list(watch.seen)
    os.rmdir('it-ran')
    for i in range(count):
        config = mutated(draw.choice(shapes), draw)
        if i % 20 == 0:
            K.clear_session()
        try:
            with open('model.json', 'w') as f:
                json.dump(config, f)
            why = watched_look(watch, 'model.json')
        except Exception:
            why, watch.seen[:] = 'traceback', ['traceback: ' + traceback.format_exc()]
        found[kind_of(why)] += 1
        if watch.seen or os.path.exists('it-ran') or (why and len(why.splitlines()) > 1):
            faults.append([i, sorted(set(watch.seen)), why, config])
    return {'control': control, 'found': found, 'faults': faults[:20]}


def watched_look(watch, path):
    from repro.conversion import model_files
    from repro.failures import BadInput
    try:
        file = model_files.look(path)
    except BadInput as e:
        del watch.seen[:]
        return str(e).decode('utf-8')
    return watch.build(file, False)


def kind_of(why):
    return ('built' if why is None else 'code refused' if '--trust' in why else
            'not built' if 'cannot be built' in why else 'not read')


# ------------------------------------------------------------------------------ models of everyone

def public_models(step):
    """{name of every step-th: [what is built of it without --trust, and with it]}"""
    import keras.backend as K
    import keras.applications as applications
    import convert_table
    import keras_models
    from repro import networks
    from repro.conversion import model_files
    made = convert_table.every_model()
    for name in networks.NAMES:
        made[name] = lambda name=name: getattr(applications, name)(
            weights=None, include_top=False)
    made.update((build.__name__, build) for build in keras_models.EQUAL)
    found = {}
    for name, build in list(made.items())[::step]:
        K.clear_session()
        K.set_image_dim_ordering('tf')
        file = model_files.File(name, 'architecture', model_files.checked(
            name, json.loads(build().to_json())))
        found[name] = [as_built(file, trust) for trust in (False, True)]
    return found


def as_built(file, trust):
    """The architecture of the model, as text, or why there is none."""
    import keras.backend as K
    from repro.conversion import model_files
    from repro.failures import BadInput
    K.clear_session()       # layers are numbered from 1 again
    try:
        model_files.set_ordering(file)
        return json.dumps(model_files.architecture(model_files.built(file, {}, trust)))
    except BadInput as e:
        return str(e).decode('utf-8')


def main(folder, *arguments):
    if arguments[:1] == ('--fuzz',):
        count, seed = int(arguments[1]), int((arguments[2:] or ('2017',))[0])
        print(json.dumps(fuzz(folder, count, seed)))
    elif arguments[:1] == ('--public',):
        print(json.dumps(public_models(int((arguments[1:] or ('1',))[0]))))
    else:
        print(json.dumps(outcomes(folder, '--trust' in arguments)))


if __name__ == '__main__':
    main(*sys.argv[1:])
