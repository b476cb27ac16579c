# -*- coding: utf-8 -*-
"""OpenVINO: the network that Keras 1.2.2 built, frozen, and multiplied by a current library.

It works ahead of Keras (flow.py) on pictures that processes decode (pixels.py); before a network
is extracted, its features are compared with TensorFlow 1.0.1's (equality.py).
"""
import contextlib
import os
import time

from repro.console.progress import say
from repro.engines import compiled, openvino_c, pixels
from repro.engines.flow import Flow
from repro.failures import NoRuntime
from repro.system import processes
from repro.work.folder import HIDDEN, discard, temporary_name

ENGINE = {
    'title': 'OpenVINO',
    'options': (
        ('--precision', {'choices': ('f32', 'bf16'), 'default': 'f32', 'help': 'f32 or bf16'}),
        ('--threads', {'default': 0, 'help': 'for the network (0: one a core)'}),
        ('--workers', {'default': 0, 'help': 'processes that decode pictures (0: one a core)'}),
    ),
    'lock': 'openvino.txt',
    # The C library, the plugin for processors, the readers of TensorFlow's graphs and of its own.
    'files': r'openvino/libs/lib(openvino|openvino_c|openvino_intel_cpu_plugin'
             r'|openvino_tensorflow_frontend|openvino_ir_frontend|tbb|tbbmalloc|hwloc)\.so[.0-9]*$'
             r'|.*\.dist-info/licenses?/.*',
}


def check(precision, threads=0, workers=0):
    """Raises NoRuntime unless OpenVINO is here and the processor has this precision."""
    core = openvino_c.Core()
    has = core.has(precision)
    core.close()
    if not has:
        raise NoRuntime('this processor has no %s (neither amx_bf16 nor avx512_bf16 is among '
                        'its flags): use --precision f32' % precision)


class Engine(object):
    """One OpenVINO core and one set of decoded pictures, for all networks of a run."""
    is_reference = False

    def __init__(self, sizes, precision='f32', threads=0, workers=0):
        self.precision = precision
        self.threads, self.workers = threads or processes.cores(), workers or processes.cores()
        self.core = openvino_c.Core()
        self.pixels = pixels.Pixels(sizes, self.workers)
        self.origin = {'engine': 'openvino', 'precision': precision,
                       'engine_version': self.core.version()}
        self.description = 'openvino %s, %s' % (precision, self.core.version())
        self.facts = {'threads': self.threads, 'workers': self.workers}

    @contextlib.contextmanager
    def attached(self, model, done, made_from, *generators):
        from repro.engines import equality      # imports Keras: seconds
        ready = self.compile(model, done.network, made_from)
        try:
            equality.prove(model, done.network, generators, ready.infer, self.precision,
                           made_from['weights_are'])
            flow = Flow(self.pixels.of(generators, model.input_shape[1:3]), ready, done.rows)
            model.predict_function = flow.predict
            yield flow.generators(generators)
        finally:
            ready.close()

    def compile(self, model, network, made_from=None):
        """The compiled network, as an openvino_c.Network: an earlier run's, or a new one.

        Without made_from (gap.origin's dict) an earlier run's is not looked for, and the new one
        is not kept.
        """
        shape, start = (pixels.BATCH,) + model.input_shape[1:], time.time()
        name = made_from and compiled.filename(
            network, made_from, shape, self.threads, self.core.processor())
        kept = name and compiled.restore(
            name, lambda path: self.core.restore(path, self.precision, self.threads))
        handle, in_place = kept or (self.frozen_and_compiled(model, network), None)
        if name and not kept:
            compiled.keep(name, lambda path: self.core.export(handle, path))
        if made_from:
            say('gap: %s: %s in %.1f s' % (
                network, 'compiled by an earlier run, read' if kept else 'frozen and compiled',
                time.time() - start))
        return openvino_c.Network(self.core, handle, shape, model.output_shape[1], in_place)

    def frozen_and_compiled(self, model, network):
        from repro.engines.frozen import freeze     # imports TensorFlow: seconds
        graph = temporary_name(os.path.join(HIDDEN, network + '.pb'))
        try:
            freeze(model, pixels.BATCH, graph)
            return self.core.compile(graph, self.precision, self.threads)
        finally:
            discard(graph)

    def close(self):
        self.pixels.close()
        self.core.close()
