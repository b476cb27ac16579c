# -*- coding: utf-8 -*-
"""Who multiplies: the engines behind the one call that Keras's predict_generator makes.

predict_generator calls predict_on_batch, which calls `model.predict_function` if that is set
already (keras/engine/training.py, 1.2.2).  An engine sets it, and nothing else of the article's
program changes: Keras 1.2.2 still builds the network, loads the weights and names the files.

  tf1        TensorFlow 1.0.1 in this process, as the article (the default)
  openvino   the same graph, frozen, multiplied by a current OpenVINO in this process

This module imports neither Keras nor an engine: the decoders' processes start in a moment.
"""
from collections import namedtuple

NAMES = ('tf1', 'openvino')
PRECISIONS = ('f32', 'bf16')

# threads, workers: 0 means as many as there are cores.
Options = namedtuple('Options', 'engine precision threads workers')
TF1 = Options('tf1', 'f32', 0, 0)
