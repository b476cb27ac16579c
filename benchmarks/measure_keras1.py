# -*- coding: utf-8 -*-
"""The article's own program, Keras 1.2.2, with one of its engines.

    measure_keras1.py NETWORK THREADS [--own-process | --openvino f32|bf16]

From the files it is the article's predict_generator on its flow_from_directory.  THREADS 1 with
--own-process makes TensorFlow single-threaded, for one process of several.  --openvino measures
the program under ./run.sh demo --engine openvino: its compiled network, its decoders.
"""
from __future__ import division, print_function

import argparse
import os
import sys

import keras
import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers import GlobalAveragePooling2D, Input, Lambda
from keras.models import Model
from keras.preprocessing.image import ImageDataGenerator

sys.path.insert(1, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import worker  # noqa: E402
from repro import engines, gap  # noqa: E402


def build(network):
    """The first lines of the article's write_gap: the network with its pooling."""
    MODEL, image_size, lambda_func = (gap.CALLS[network] + (None,))[:3]
    input_tensor = Input(image_size + (3,))
    x = Lambda(lambda_func)(input_tensor) if lambda_func else input_tensor
    base_model = MODEL(input_tensor=x, weights='imagenet', include_top=False)
    return Model(base_model.input, GlobalAveragePooling2D()(base_model.output))


def multiply_adds(model):
    """Of one picture, in the convolutions: each output value costs its kernel's size."""
    total = 0
    for layer in model.layers:
        places = int(np.prod(layer.output_shape[1:3])) if len(layer.output_shape) == 4 else 0
        if layer.__class__.__name__ == 'SeparableConvolution2D':
            total += places * (np.prod(K.int_shape(layer.depthwise_kernel)) +
                               np.prod(K.int_shape(layer.pointwise_kernel)))
        elif layer.__class__.__name__ == 'Convolution2D':
            total += places * np.prod(K.int_shape(layer.W))
    return int(total)


def facts_of(model, threads, **versions):
    return {'versions': dict(versions, keras=keras.__version__, tensorflow=tf.__version__),
            'multiply_adds': multiply_adds(model), 'threads': threads}


def tf1(network, threads, own_process):
    """(predict, files, facts) of TensorFlow 1.0.1, as the article ran it unless own_process."""
    if own_process:
        K.set_session(tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=threads,
                                                       inter_op_parallelism_threads=threads)))
    model = build(network)

    def files(count):
        generator = ImageDataGenerator().flow_from_directory(
            'train2', gap.CALLS[network][1], shuffle=False, batch_size=16)
        return model.predict_generator(generator, count) if count else ()

    # A batch takes seconds, and the one before the ready line has started everything.
    return model.predict_on_batch, files, dict(facts_of(model, threads), warm_up=2,
                                               warm_up_files=0)


def through(model, size, workers, compiled):
    """files(count): the article's predict_generator, with an engine's network and decoders."""
    from repro.engines import flow, pixels
    batches = []        # one Batches, whose decoders stay from one measurement to the next

    def files(count):
        generator = ImageDataGenerator().flow_from_directory(
            'train2', size, shuffle=False, batch_size=16)
        generator.filenames = [generator.filenames[i % generator.nb_sample] for i in range(count)]
        generator.nb_sample = count
        names = pixels.in_batches(generator)
        if not batches:
            batches.append(pixels.Batches(names, size, workers, keep=False))
        batches[0].batches = names
        ahead = flow.Flow(batches[0], compiled, 0)
        model.predict_function = ahead.predict
        return model.predict_generator(ahead.generators([generator])[0], count)

    return files


def openvino(network, threads, precision):
    """(predict, files, facts) of the same program when OpenVINO multiplies."""
    from repro.engines import pixels
    model, size = build(network), gap.CALLS[network][1]
    engine = engines.start('openvino', [size], precision=precision, threads=threads)
    compiled = engine.compile(model, network)

    def predict(pictures):
        for i in range(0, len(pictures), pixels.BATCH):
            compiled.start(pictures[i:i + pixels.BATCH])
        return np.concatenate([compiled.result()[1]
                               for _ in range(0, len(pictures), pixels.BATCH)])

    return predict, through(model, size, engine.workers, compiled), dict(
        facts_of(model, threads, openvino=engine.origin['engine_version']), pixels='uint8',
        call_batches=8)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('network')
    parser.add_argument('threads', type=int)
    parser.add_argument('--own-process', action='store_true')
    parser.add_argument('--openvino', choices=('f32', 'bf16'))
    args = parser.parse_args()
    if args.openvino:
        predict, files, facts = openvino(args.network, args.threads, args.openvino)
    else:
        predict, files, facts = tf1(args.network, args.threads, args.own_process)
    worker.serve(args.network, predict, files, facts)


if __name__ == '__main__':
    main()
