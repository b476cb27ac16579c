# -*- coding: utf-8 -*-
"""OpenVINO in this process, through the C API of its wheel (openvino/c/*.h), by ctypes.

The wheel is made for Python 3, but its libraries know nothing of Python: run.sh unpacks them into
$REPRO_ENGINES/openvino (host/engines.sh).
"""
import collections
import ctypes
import os
import threading

import numpy as np

from repro.engines import Refused
from repro.failures import NoRuntime
from repro.system.machine import as_bytes

U8 = 16             # ov_element_type_e in openvino/c/ov_common.h
LIBRARY = 'libopenvino_c.so.2641'
REQUESTS = 4        # of one network, in flight
POINTER = ctypes.c_void_p


class Shape(ctypes.Structure):
    _fields_ = [('rank', ctypes.c_int64), ('dims', ctypes.POINTER(ctypes.c_int64))]


class Property(ctypes.Structure):
    _fields_ = [('key', ctypes.c_char_p), ('value', ctypes.c_char_p)]


def folder():
    """Where the libraries are; raises NoRuntime when they are not there."""
    path = os.path.join(os.environ.get('REPRO_ENGINES', ''), 'openvino')
    if not os.path.exists(os.path.join(path, LIBRARY)):
        raise NoRuntime('the engine openvino is not installed here: ./run.sh demo (or cpu) '
                        '--engine openvino fetches it; --engine tf1 needs nothing')
    return path


def load():
    """The C library; raises NoRuntime when this system's own libraries are too old for it."""
    try:
        library = ctypes.CDLL(os.path.join(folder(), LIBRARY))
    except OSError as e:
        raise NoRuntime('the engine openvino cannot be loaded (%s): it needs glibc 2.28 or '
                        'later on x86-64; use --engine tf1' % e)
    library.ov_get_last_err_msg.restype = ctypes.c_char_p
    library.ov_get_error_info.restype = ctypes.c_char_p
    return library


class Version(ctypes.Structure):
    _fields_ = [('build', ctypes.c_char_p), ('description', ctypes.c_char_p)]


class Core(object):
    """OpenVINO's runtime on the processor, until close()."""

    def __init__(self):
        self.library = load()
        self.handle = self.make('ov_core_create')

    def call(self, name, *arguments):
        """Calls a function of the C API; raises Refused with OpenVINO's own message."""
        status = getattr(self.library, name)(*arguments)
        if status:
            raise Refused('OpenVINO, %s: %s (%s)' % (
                name, self.library.ov_get_last_err_msg() or 'no message',
                self.library.ov_get_error_info(status)))

    def make(self, name, *arguments):
        """Calls a function whose last argument is where it puts the handle it makes."""
        made = POINTER()
        self.call(name, *(arguments + (ctypes.byref(made),)))
        return made

    def free(self, name, handle):
        getattr(self.library, name)(handle)

    def property(self, key):
        """A property of the CPU device, as text."""
        value = self.make('ov_core_get_property', self.handle, b'CPU', key)
        text = ctypes.string_at(value)
        self.free('ov_free', value)
        return text

    def processor(self):
        """[its name, what it can do], as OpenVINO sees it."""
        return [self.property(k) for k in (b'FULL_DEVICE_NAME', b'OPTIMIZATION_CAPABILITIES')]

    def compile(self, graph, precision, threads):
        """Compiles the graph in a file that frozen.py wrote; a Network frees the result."""
        model = self.make('ov_core_read_model', self.handle, as_bytes(graph), None)
        settings = properties(precision, threads)
        array = (Property * len(settings))(*settings)
        try:
            return self.make('ov_core_compile_model_props', self.handle, model, b'CPU',
                             ctypes.c_size_t(len(settings)), array)
        finally:
            self.free('ov_model_free', model)

    def restore(self, exported, precision, threads):
        """(compiled network, its file's bytes) from a file that export() wrote.

        OpenVINO reads the weights from those bytes as long as the network lives.  When they were
        freed, ResNet50's features came out as NaN.
        """
        with open(exported, 'rb') as f:
            blob = f.read()
        for setting in properties(precision, threads):      # importing takes the core's own
            self.call('ov_core_set_property', self.handle, b'CPU', setting.key, setting.value)
        return self.make('ov_core_import_model', self.handle, blob, ctypes.c_size_t(len(blob)),
                         b'CPU'), blob

    def export(self, compiled, name):
        """Writes a compiled network to a file, for restore()."""
        self.call('ov_compiled_model_export_model', compiled, as_bytes(name))

    def version(self):
        version = Version()
        self.call('ov_get_openvino_version', ctypes.byref(version))
        build = version.build
        self.free('ov_version_free', ctypes.byref(version))
        return build

    def has(self, precision):
        return precision == 'f32' or precision.upper() in self.property(
            b'OPTIMIZATION_CAPABILITIES').split()

    def close(self):
        self.free('ov_core_free', self.handle)


class Network(object):
    """A compiled network and its requests: start(pixels) ..., then result() in the same order.

    compiled, in_place: what Core.compile or Core.restore gave; shape: (batch, height, width, 3).
    pixels: uint8 of that shape, contiguous.  They are read in place, so they must not change
    before their result().
    """

    def __init__(self, core, compiled, shape, channels, in_place=None):
        self.core, self.compiled, self.shape, self.channels = core, compiled, shape, channels
        self.in_place = in_place
        self.waiting, self.running = collections.deque(), collections.deque()
        self.dims = (ctypes.c_int64 * 4)(*shape)
        self.lock = threading.Lock()    # Keras's generator thread starts, the main one collects
        self.idle = [core.make('ov_compiled_model_create_infer_request', self.compiled)
                     for _ in range(REQUESTS)]

    def start(self, pixels):
        """Queues a batch; it is multiplied as soon as a request is idle."""
        assert pixels.shape == self.shape and pixels.dtype == np.uint8
        assert pixels.flags.c_contiguous
        self.waiting.append(pixels)
        self._fill()

    def _fill(self):
        with self.lock:
            while self.idle and self.waiting:
                self._run(self.idle.pop(), self.waiting.popleft())

    def _run(self, request, pixels):
        tensor = self.core.make('ov_tensor_create_from_host_ptr', U8, Shape(4, self.dims),
                                POINTER(pixels.ctypes.data))
        self.core.call('ov_infer_request_set_input_tensor_by_index', request,
                       ctypes.c_size_t(0), tensor)
        self.core.free('ov_tensor_free', tensor)    # the request holds it from now on
        self.core.call('ov_infer_request_start_async', request)
        self.running.append((request, pixels))

    def result(self):
        """Waits for the oldest batch; returns (pixels, features float32 (batch, channels))."""
        request, pixels = self.running[0]
        self.core.call('ov_infer_request_wait', request)
        output = self.core.make('ov_infer_request_get_output_tensor_by_index', request,
                                ctypes.c_size_t(0))
        data = self.core.make('ov_tensor_data', output)
        # string_at copies; ctypes.cast would leave a cycle of references behind each time.
        features = np.frombuffer(ctypes.string_at(data, 4 * self.shape[0] * self.channels),
                                 np.float32).reshape(self.shape[0], self.channels)
        self.core.free('ov_tensor_free', output)
        self.running.popleft()
        self.idle.append(request)
        self._fill()
        return pixels, features

    def infer(self, pixels):
        """Features of at most a batch of pictures, waited for."""
        batch = np.zeros(self.shape, np.uint8)
        batch[:len(pixels)] = pixels
        self.start(batch)
        return self.result()[1][:len(pixels)]

    def close(self):
        """Waits for the batches in flight, and frees every handle."""
        self.waiting.clear()
        while self.running:
            self.result()
        for request in self.idle:
            self.core.free('ov_infer_request_free', request)
        self.core.free('ov_compiled_model_free', self.compiled)


def properties(precision, threads):
    return [Property(b'INFERENCE_PRECISION_HINT', precision.encode('ascii')),
            Property(b'INFERENCE_NUM_THREADS', str(threads).encode('ascii')),
            Property(b'NUM_STREAMS', b'1')]
