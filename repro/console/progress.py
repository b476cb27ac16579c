"""One reporter of progress: a tqdm bar on a terminal, one line a minute elsewhere."""
from __future__ import division, print_function

import sys
import time

from tqdm import tqdm

EVERY = 60.0    # seconds between lines where there is no terminal


class Progress(object):
    """Counts pictures or bytes: `with Progress(label, total) as progress: progress.add(n)`.

    total: how many there will be, None for bytes whose number is not known; done: how many an
    earlier run did; rate: how many this one does in a second.
    """

    def __init__(self, label, total, stream=None, unit='pictures', done=0):
        self.label, self.total, self.unit = label, total, unit
        self.done = self.before = done
        self.stream = stream or sys.stderr
        self.start = self.last_line = time.time()
        self.bar = None
        if self.stream.isatty():
            self.bar = tqdm(total=total, desc=label, initial=done, file=self.stream,
                            unit={'pictures': 'img', 'bytes': 'B'}[unit],
                            unit_scale=unit == 'bytes')

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    @property
    def rate(self):
        return (self.done - self.before) / max(time.time() - self.start, 1e-9)

    def add(self, n):
        self.done += n
        if self.bar is not None:
            self.bar.update(n)
        elif time.time() - self.last_line >= EVERY:
            self.last_line = time.time()
            self.stream.write('%s: %s\n' % (self.label, self.so_far()))
            self.stream.flush()

    def so_far(self):
        if self.total is None:
            return '%d MB, %.1f MB/s' % (self.done // 10**6, self.rate / 10**6)
        left = (self.total - self.done) / self.rate
        if self.unit == 'bytes':
            text = '%d of %d MB, %.1f MB/s' % (self.done // 10**6, self.total // 10**6,
                                               self.rate / 10**6)
        else:
            text = '%d of %d pictures, %.1f images/s' % (self.done, self.total, self.rate)
        return '%s, %d min %02d s left' % (text, left // 60, left % 60)

    def close(self):
        if self.bar is not None:
            self.bar.close()


def say(*words):
    """Prints one line on stdout, flushed, so that it keeps its place in a log with stderr's."""
    print(*words)
    sys.stdout.flush()
