# -*- coding: utf-8 -*-
"""One process that decodes pictures: `python -m repro.engines.decoder SLOTS HEIGHT WIDTH`.

It reads jobs from stdin, one JSON line each: [number, first slot, [path, ...]].  It writes each
picture's pixels, uint8 (height, width, 3), into its slot of the file SLOTS, and answers each job
with a JSON line: [number, null] or [number, what went wrong, with the file's name].  It ends
when its stdin does, so it never outlives the run that started it.
"""
from __future__ import print_function

import json
import signal
import sys
import warnings

from PIL import Image


def decode(path, size):
    """The picture's bytes as Keras 1.2.2 sees them, in RGB; size: (height, width).

    The three calls of keras/preprocessing/image.py's load_img.  Pillow 4.0.0's resize without
    a filter is NEAREST.  repro/engines/equality.py compares with Keras's own at run time.
    """
    img = Image.open(path)
    img = img.convert('RGB')
    return img.resize((size[1], size[0])).tobytes()


def work_on(job, slots, size):
    number, first, paths = job
    for i, path in enumerate(paths):
        try:
            pixels = decode(path, size)
            slots.seek((first + i) * len(pixels))
            slots.write(pixels)
        except Exception as e:      # Pillow raises IOError, SyntaxError, struct.error, ...
            return [number, '%s: %s' % (path, e)]
    return [number, None]


def main():
    size = int(sys.argv[2]), int(sys.argv[3])
    warnings.simplefilter('ignore')     # Pillow's name no picture: inputs/data.py has named it
    signal.signal(signal.SIGINT, signal.SIG_IGN)    # Ctrl-C is for the run; this ends with it
    with open(sys.argv[1], 'r+b', 0) as slots:
        for line in iter(sys.stdin.readline, ''):
            answer = work_on(json.loads(line), slots, size)
            print(json.dumps(answer))
            sys.stdout.flush()


if __name__ == '__main__':
    main()
