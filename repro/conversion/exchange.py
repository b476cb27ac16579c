# -*- coding: utf-8 -*-
"""./run.sh convert, its half under Keras 1.2.2: a model file → what host/converters/ starts from.

Writes into the current folder:

    model.json, weights.h5    the model by Keras 1.2.2 (to_json, with every dim_ordering, and
                              save_weights), for Keras 3
    graph.pb                  the same as one frozen graph (engines/frozen.py), for the others
    samples.npz, outputs.npz  input_0, …: what it was run on; output_0, …: its outputs
    exchange.json             inputs and outputs (name, tensor, shape with null for what is open,
                              dtype), versions, the sha256 of what was given, and the bound
                              within which a converted model's outputs must agree
"""
from __future__ import division, print_function

import os
import subprocess
import sys

import numpy as np

from repro.console.progress import say
from repro.conversion import model_files, samples
from repro.conversion.model_files import as_text, base
from repro.engines.equality import F32_BOUND
from repro.failures import BadInput
from repro.work.folder import sha256, write_json


def main(args):
    """args: options.py's; see ./run.sh help."""
    file = model_files.look(args.model)
    weights = weights_of(file, args)
    model_files.check_trust(file, args.script, args.trust)
    say('convert: %s into Keras 1.2.2' % base(args.model).encode('utf-8'))
    model = model_files.load(file, weights, args.script, args.trust)
    trained_on = model_files.settle_kernels(model, args.trained_on, base(args.model))
    if trained_on == 'tensorflow' and not args.trained_on:
        say('convert: its kernels are taken for TensorFlow\'s (Theano\'s are mirrored: '
            '--trained-on theano)')
    refuse_states(model, args.to)
    given = [name for name in (args.model, args.model_weights, args.script) if name]
    exchange(model, args.samples, trained_on=trained_on,
             files=dict((base(name), sha256(name)) for name in given))
    # A session still open when the interpreter ends prints a traceback (TensorFlow 1.0.1).
    from keras import backend as K
    K.clear_session()


def weights_of(file, args):
    """The File of --model-weights, or None; BadInput where one is missing or does not belong."""
    name = base(file.path)
    if args.model_weights and file.kind != 'architecture':
        raise BadInput('--model-weights belongs to an architecture (model.json), not to %s'
                       % name)
    if file.kind == 'weights' and not args.script:
        raise BadInput('%s holds weights and no architecture: ./run.sh convert model.json '
                       '--model-weights %s, or add the script that builds the model (--script '
                       'build.py, which defines `model`)' % (name, name))
    if file.kind != 'architecture':
        return None
    if not args.model_weights:
        raise BadInput('%s is an architecture without weights: add them (--model-weights '
                       'weights.h5)' % name)
    weights = model_files.look(args.model_weights)
    if weights.kind not in ('weights', 'model'):
        raise BadInput('--model-weights %s holds no weights of Keras\'s' % base(weights.path))
    return weights


def refuse_states(model, format):
    """BadInput for a network that resumes where the last call ended: a frozen graph cannot."""
    stateful = [layer.name for layer in model_files.every_layer(model)
                if getattr(layer, 'stateful', False)]
    if stateful and format != 'keras3':
        raise BadInput('%s: stateful, and %s keeps no state from call to call: build it with '
                       'stateful=False, or take keras3'
                       % (', '.join(map(as_text, stateful)), format))


def exchange(model, given=None, **facts):
    """Writes the files; given: the path of the user's samples, or None."""
    from keras import __version__
    inner = as_model(model)
    names = [as_text(name) for name in inner.input_names]
    arrays = samples.read(given, inner.inputs, names) if given else samples.seeded(inner.inputs)
    np.savez('samples.npz', **numbered('input', arrays))
    with model_files.explained('the model cannot be run: does it need particular inputs '
                               '(--samples)?'):
        outputs = answers(model, arrays)
    if facts['trained_on'] == 'theano':
        outputs = theanos(outputs, model)
    check_answers(outputs, given)
    np.savez('outputs.npz', **numbered('output', outputs))
    write_json('model.json', model_files.architecture(model))
    model.save_weights('weights.h5', overwrite=True)
    described = write_graph(inner, 'graph.pb')
    write_json('exchange.json', dict(
        facts, keras=__version__, bound=F32_BOUND, inputs=[
            describe(name, tensor.name, tensor) for name, tensor in zip(names, inner.inputs)],
        outputs=described, samples={
            'sha256': sha256(given) if given else None, 'seed': None if given else samples.SEED,
            'rows': len(arrays[0])}, versions=versions()))


def answers(model, arrays):
    """[array of each output]; rows go in 32 at a time, or by the model's own batch size."""
    rows = as_list(as_model(model).input_shape)[0][0]
    return as_list(model.predict(arrays, batch_size=rows or 32))


def theanos(outputs, model):
    """The model's outputs on Theano (on_theano.py); BadInput where TensorFlow's differ."""
    say('convert: running it on Theano')
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'on_theano.py')
    if subprocess.call([sys.executable, program] + sys.argv[1:],
                       env=dict(os.environ, KERAS_BACKEND='theano')):
        raise BadInput('Theano does not run this model (see above)')
    with np.load('theano.npz') as stored:
        wanted = [stored['output_%d' % i] for i in range(len(outputs))]
    apart = max(np.abs(a - b).max() / max(np.sqrt(np.mean(b ** 2)), 1e-30)
                for a, b in zip(outputs, wanted))
    if apart > F32_BOUND:
        same = [as_text(layer.name) for layer in model_files.every_layer(model)
                if getattr(layer, 'border_mode', '') == 'same']
        raise BadInput(
            'the outputs on TensorFlow differ from those on Theano by %.1e of the rms: they pad '
            'differently where border_mode is same and a stride is above 1 or a kernel even (%s)'
            % (apart, ', '.join(same) or 'no such layer is here'))
    return wanted


def write_graph(model, path):
    """The frozen graph; its outputs under the layers' names.  Returns what exchange.json says."""
    import tensorflow as tf
    from repro.engines import frozen
    graph = frozen.graph(model)
    taken, described = set(n.name for n in graph.node), []
    for layer, tensor in zip(model.output_names, model.outputs):
        name, number = layer, 0
        while name in taken:
            number += 1
            name = '%s_%d' % (layer, number)
        taken.add(name)
        node = graph.node.add()
        node.name, node.op = name, 'Identity'
        node.input.append(tensor.name.replace(':0', ''))
        node.attr['T'].type = tensor.dtype.base_dtype.as_datatype_enum
        described.append(describe(name, name + ':0', tensor))
    left = [n.name for n in graph.node if n.op == 'Placeholder'
            and n.name not in [t.op.name for t in model.inputs]]
    if left:
        raise BadInput('the model reads placeholders that are not its inputs (%s)'
                       % ', '.join(left))
    with tf.gfile.GFile(path, 'wb') as f:
        f.write(graph.SerializeToString())
    return described


def as_model(model):
    """The keras.models.Model in a Sequential, or itself."""
    from keras.models import Sequential
    if not isinstance(model, Sequential):
        return model
    if model.model is None:
        model.build()
    return model.model


def describe(name, tensor_name, tensor):
    return {'name': name, 'tensor': tensor_name, 'shape': tensor.get_shape().as_list(),
            'dtype': tensor.dtype.base_dtype.name}


def check_answers(outputs, given):
    """BadInput where an output is NaN or infinite; a line where all outputs are the same."""
    if not all(np.isfinite(output).all() for output in outputs):
        raise BadInput('the model itself gives NaN or infinity on %s: give it suitable inputs '
                       'with --samples' % (base(given) if given else 'seeded inputs'))
    if all((output == output[0]).all() for output in outputs):
        say('convert: the model gives the same outputs for all samples, which proves little: '
            'give it suitable inputs with --samples')


def versions():
    from repro.work import record
    return dict((name, version) for name, version in record.versions().items()
                if name in ('python', 'keras', 'tensorflow', 'numpy', 'h5py'))


def as_list(value):
    return value if isinstance(value, list) else [value]


def numbered(what, arrays):
    return dict(('%s_%d' % (what, i), array) for i, array in enumerate(arrays))
