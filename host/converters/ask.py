"""What a converted model answers: python -I ask.py FORMAT FILE SAMPLES.npz ANSWERS.npz

By the format's own library, with nothing of Keras 1 nor of this project.  SAMPLES has input_0,
input_1, … in the order of the model's inputs; ANSWERS gets output_0, output_1, …  The names, and
the batch of a model that has a fixed one, are in exchange.json beside SAMPLES (repro/convert.py).
"""
import json
import os
import sys

import numpy as np

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
BATCH = 32      # Keras's predict's


# Each loads a file and returns a function, [array of each input] → [array of each output].
# inputs, outputs: their names, in order.

def savedmodel(path, inputs, outputs):
    import tensorflow as tf
    model = tf.saved_model.load(path)       # must live as long as its signature
    ask = model.signatures['serving_default']

    def answer(arrays, model=model):
        got = ask(**{name: tf.constant(array) for name, array in zip(inputs, arrays)})
        return [got[name].numpy() for name in outputs]
    return answer


def onnx(path, inputs, outputs):
    import onnxruntime
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    return lambda arrays: session.run(outputs, dict(zip(inputs, arrays)))


def openvino(path, inputs, outputs):
    import openvino
    # Without the hint, a processor that has bf16 multiplies in it.
    model = openvino.Core().compile_model(path, 'CPU', {'INFERENCE_PRECISION_HINT': 'f32'})

    # A model that gives its input back loses a name when it is compiled.
    keys = inputs if len(inputs) > 1 else [0]
    ports = [model.output(name) for name in outputs] if len(outputs) > 1 else [model.output()]

    def answer(arrays):
        got = model(dict(zip(keys, arrays)))
        return [got[port].copy() for port in ports]
    return answer


def keras3(path, inputs, outputs):
    # KERAS_HOME: the user's keras.json is neither read nor written. XLA_FLAGS: to compile takes
    # longer than a few answers do.
    os.environ.update(KERAS_BACKEND='jax', KERAS_HOME=os.devnull, JAX_PLATFORMS='cpu',
                      XLA_FLAGS='--xla_backend_optimization_level=0')
    import keras
    model = keras.saving.load_model(path)       # in safe_mode: no code in the file is run

    # predict is quicker, but on JAX it forgets states, which only layers with a fixed batch have.
    predict = model.predict_on_batch if model.inputs[0].shape[0] is None else model

    def answer(arrays):
        got = predict(arrays if len(arrays) > 1 else arrays[0])
        return [np.asarray(one) for one in (got if isinstance(got, list) else [got])]
    return answer


FORMATS = {'savedmodel': savedmodel, 'onnx': onnx, 'openvino': openvino, 'keras3': keras3}


def ask(format, path, asked, arrays):
    """The answers to all rows; asked: exchange.json, arrays: of each input."""
    answer = FORMATS[format](path, *[[one['name'] for one in asked[which]]
                                     for which in ('inputs', 'outputs')])
    batch = asked['inputs'][0]['shape'][0] or BATCH
    pieces = [answer([array[i:i + batch] for array in arrays])
              for i in range(0, len(arrays[0]), batch)]
    return [np.concatenate(outputs) for outputs in zip(*pieces)]


def main(format, path, samples, answers):
    with open(os.path.join(os.path.dirname(samples), 'exchange.json')) as f:
        asked = json.load(f)
    with np.load(samples) as stored:
        arrays = [stored['input_%d' % i] for i in range(len(asked['inputs']))]
    np.savez(answers, **{'output_%d' % i: array
                         for i, array in enumerate(ask(format, path, asked, arrays))})


if __name__ == '__main__':
    main(*sys.argv[1:])
