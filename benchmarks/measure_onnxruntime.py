"""ONNX Runtime on the processor, with the network that PyTorch exported.

    measure_onnxruntime.py NETWORK THREADS BATCH FILE.onnx

From the files a pool of threads decodes ahead (Pillow releases the interpreter's lock).
"""
import collections
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
from PIL import Image

import worker

AHEAD = 4       # batches


def main(network, threads, batch, name):
    side = worker.side(network)
    names = worker.image_files()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(name, options, providers=['CPUExecutionProvider'])

    def predict(pictures):
        return session.run(None, {'pictures': pictures})[0]

    def decode(path):
        with Image.open(path) as picture:
            resized = picture.convert('RGB').resize((side, side), Image.NEAREST)
        return np.asarray(resized, 'float32')

    def files(count):
        batches = [[names[j % len(names)] for j in range(i, min(i + batch, count))]
                   for i in range(0, count, batch)]
        waiting, features = collections.deque(), []
        with ThreadPoolExecutor(threads) as pool:
            while batches or waiting:
                while batches and len(waiting) < AHEAD:
                    waiting.append([pool.submit(decode, n) for n in batches.pop(0)])
                features.append(predict(np.stack([f.result() for f in waiting.popleft()])))
        return np.concatenate(features)

    with open(name + '.json') as f:
        exported = json.load(f)
    facts = dict(exported, versions={'onnxruntime': onnxruntime.__version__}, threads=threads)
    worker.serve(network, predict, files, facts)


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
