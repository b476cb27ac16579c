"""A converted model, run on the samples by the format's own library.

Nothing of Keras 1 takes part, nor anything that made the file.  SAMPLES has input_0, input_1, … in
the order of the model's inputs; ANSWERS gets output_0, output_1, …  The names, and the batch of a
model that has a fixed one, are in exchange.json beside SAMPLES.
"""
import os

import numpy as np

from exchange import described

BATCH = 32      # Keras's predict's


# Each loads a file and returns a function, [array of each input] → [array of each output].
# inputs, outputs: their names, in order.

def savedmodel(path, inputs, outputs):
    import tensorflow as tf
    model = tf.saved_model.load(path)       # must live as long as its signature
    signature = model.signatures['serving_default']

    def answer(arrays, model=model):
        got = signature(**{name: tf.constant(array) for name, array in zip(inputs, arrays)})
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

    # A model that returns its input loses a name when it is compiled.
    keys = inputs if len(inputs) > 1 else [0]
    ports = [model.output(name) for name in outputs] if len(outputs) > 1 else [model.output()]

    def answer(arrays):
        got = model(dict(zip(keys, arrays)))
        return [got[port].copy() for port in ports]
    return answer


def keras3(path, inputs, outputs):
    import keras3   # noqa: F401,F811  (its environment variables, which Keras reads when imported)
    import keras
    model = keras.saving.load_model(path)       # in safe_mode: no code in the file is run

    # predict is quicker, but on JAX it forgets states, which only layers with a fixed batch have.
    predict = model.predict_on_batch if model.inputs[0].shape[0] is None else model

    def answer(arrays):
        got = predict(arrays if len(arrays) > 1 else arrays[0])
        return [np.asarray(one) for one in (got if isinstance(got, list) else [got])]
    return answer


FORMATS = {'savedmodel': savedmodel, 'onnx': onnx, 'openvino': openvino, 'keras3': keras3}


def answers(format, path, model, arrays):
    """The outputs for all rows; model: exchange.json, arrays: of each input."""
    answer = FORMATS[format](path, *[[one['name'] for one in model[which]]
                                     for which in ('inputs', 'outputs')])
    batch = model['inputs'][0]['shape'][0] or BATCH
    pieces = [answer([array[i:i + batch] for array in arrays])
              for i in range(0, len(arrays[0]), batch)]
    return [np.concatenate(outputs) for outputs in zip(*pieces)]


def run(format, made, samples, out):
    """Writes out, ANSWERS.npz."""
    model = described(os.path.dirname(samples))
    with np.load(samples) as stored:
        arrays = [stored['input_%d' % i] for i in range(len(model['inputs']))]
    np.savez(out, **{'output_%d' % i: array
                     for i, array in enumerate(answers(format, made, model, arrays))})
