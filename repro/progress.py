"""One reporter of progress: a tqdm bar on a terminal, one line a minute elsewhere."""
from __future__ import division, print_function

import sys
import time

from tqdm import tqdm

EVERY = 60.0    # seconds between lines where there is no terminal


class Progress(object):
    """Counts pictures; `with Progress(label, total) as p: p.add(n)`.

    total: how many pictures there will be; `rate` is pictures per second so far.
    """

    def __init__(self, label, total, stream=None):
        self.label, self.total, self.done = label, total, 0
        self.stream = stream or sys.stderr
        self.begun = self.told = time.time()
        self.bar = None
        if self.stream.isatty():
            self.bar = tqdm(total=total, desc=label, unit='img', file=self.stream)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    @property
    def rate(self):
        return self.done / max(time.time() - self.begun, 1e-9)

    def add(self, n):
        self.done += n
        if self.bar is not None:
            self.bar.update(n)
        elif time.time() - self.told >= EVERY:
            self.told = time.time()
            left = (self.total - self.done) / self.rate
            self._line('%d of %d pictures, %.1f images/s, %d min %02d s left'
                       % (self.done, self.total, self.rate, left // 60, left % 60))

    def close(self):
        if self.bar is not None:
            self.bar.close()

    def _line(self, text):
        self.stream.write('%s: %s\n' % (self.label, text))
        self.stream.flush()
