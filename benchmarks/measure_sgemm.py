"""A yardstick: float32 matrix products of 4096³ in a current numpy's OpenBLAS.

Not the processor's limit: other kernels may be faster, a convolution may need fewer operations
than are counted for it, and bf16 has a limit of its own.

    measure_sgemm.py THREADS        answers each line on stdin: GFLOP/s of the best product
"""
from __future__ import print_function

import json
import sys
import time

import numpy as np
import threadpoolctl

SIDE = 4096
PRODUCTS = 4


def gflops(a, b, threads):
    """The best of a few products on so many threads, 2·4096³ operations each."""
    out = np.empty_like(a)
    best = float('inf')
    with threadpoolctl.threadpool_limits(threads, user_api='blas'):
        np.dot(a[:1024], b, out=out[:1024])     # threads awake, pages there
        for _ in range(PRODUCTS):
            start = time.perf_counter()
            np.dot(a, b, out=out)
            best = min(best, time.perf_counter() - start)
    return 2 * SIDE ** 3 / best / 1e9


def main(threads):
    generator = np.random.default_rng(1)
    a, b = (generator.standard_normal((SIDE, SIDE), dtype='float32') for _ in range(2))
    blas, = (p for p in threadpoolctl.threadpool_info() if p['user_api'] == 'blas')
    facts = {'ready': True, 'versions': {'numpy': np.__version__,
                                         blas['internal_api']: blas['version']},
             'kernel': blas['architecture'], 'threads': threads}
    print(json.dumps(facts), flush=True)
    for _ in sys.stdin:
        print(json.dumps({'one_thread': gflops(a, b, 1), 'all_threads': gflops(a, b, threads)}),
              flush=True)


if __name__ == '__main__':
    main(int(sys.argv[1]))
