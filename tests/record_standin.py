# -*- coding: utf-8 -*-
"""Remakes expected/standin.bin and standin.json, of the stand-in weights: a maintainer's command.

    ./run.sh exec --runtime native python tests/record_standin.py

Takes about two minutes on two cores.  The demo's golden values change with it (record_demo.py),
and so does RECIPE in repro/standin/weights.py, since the arrays do.
"""
from __future__ import print_function

import hashlib
import json
import os
import pickle
import subprocess
import tempfile

from repro import expected, networks
from repro.standin import recorded, weights
from repro.system import processes
from repro.work.folder import replacing

ABOUT = ('Layers, weights and shapes of Keras 1.2.2\'s networks without their tops, and the '
         'sha256 of standin.bin, which has what was measured in them once. See '
         'repro/standin/recorded.py; made by tests/record_standin.py.')


def measured(network):
    """The network's recorded.Network, measured in a process of its own."""
    handle, name = tempfile.mkstemp()
    os.close(handle)
    try:
        subprocess.check_call(processes.python('repro.standin', 'calibrate', network, name))
        with open(name, 'rb') as f:
            return recorded.Network(*pickle.load(f))
    finally:
        os.remove(name)


def written(every, sha256):
    """standin.json, a layer a line."""
    parts = []
    for name in sorted(every):
        lines = ',\n'.join(json.dumps(layer) for layer in every[name].layers)
        parts.append('"%s": [\n%s\n]' % (name, lines))
    return '{"about": %s,\n"recipe": %d,\n"sha256": "%s",\n"networks": {\n%s\n}}\n' % (
        json.dumps(ABOUT), weights.RECIPE, sha256, ',\n'.join(parts))


def main():
    every = dict((network, measured(network)) for network in networks.NAMES)
    data = b''.join(recorded.packed(every[network]) for network in sorted(every))
    with replacing(os.path.join(expected.EXPECTED, recorded.BINARY)) as temporary:
        with open(temporary, 'wb') as f:
            f.write(data)
    with replacing(os.path.join(expected.EXPECTED, recorded.NAMES)) as temporary:
        with open(temporary, 'w') as f:
            f.write(written(every, hashlib.sha256(data).hexdigest()))
    print('recorded %d bytes' % len(data))


if __name__ == '__main__':
    main()
