"""A model of Keras 1.2.2, layer by layer, as layers of Keras 3 that compute the same.

    remarks.py      what is said of a layer: a remark, or that it has no equal
    masks.py        which masks Keras 1 hands on
    registry.py     @converts, which declares a layer at its function; finding that function
    read.py         model.json and weights.h5, as read
    arguments.py    what the arguments that many layers share become
    parts.py        what several layers are made of
    layers/         a file for each of Keras 1's keras/layers/*.py: here is Dense
    models.py       the way through a model, from its inputs to its outputs
    ../to_keras3.py all of it, from an exchange folder to a .keras file

What the old layers compute was read in Keras 1.2.2: keras/layers/*.py, engine/topology.py,
models.py, backend/tensorflow_backend.py.  "Keras 1" in these files is that, on TensorFlow 1.0.1.
How a layer would draw new weights is not carried over; nor is an optimizer.  `old` is a layer of
Keras 1 as read.py reads it; x is its input, a tensor of Keras 3's.
"""
import os

# Before Keras is imported.  KERAS_HOME: the user's keras.json, which may be Keras 1's, is neither
# read nor written.  XLA_FLAGS: little is computed here, and to compile it well takes longer.
os.environ.update(KERAS_BACKEND='jax', KERAS_HOME=os.devnull, JAX_PLATFORMS='cpu',
                  XLA_FLAGS='--xla_backend_optimization_level=0')
