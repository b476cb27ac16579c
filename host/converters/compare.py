"""Does a converted model compute the same?  check and keep, for __main__.py."""
from __future__ import print_function

import hashlib
import importlib.metadata
import json
import math
import os
import shutil
import sys
import time

from exchange import described
from refused import Refused

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))    # -I

import environments                                 # noqa: E402


# --- the output and its record

def record_of(out):
    """MODEL.convert.json of MODEL.onnx, beside it."""
    return os.path.splitext(out)[0] + '.convert.json'


def parts_of(out):
    """The files or the folder that an output is: OpenVINO's .xml has its weights beside it."""
    stem, extension = os.path.splitext(out)
    return [stem + '.bin', out] if extension == '.xml' else [out]


def digests(out):
    """{name: sha256} of an output's files that are there, relative to its folder."""
    hashes = {}
    for part in parts_of(out):
        names = [part]
        if os.path.isdir(part):
            names = [os.path.join(folder, name) for folder, _, inside in os.walk(part)
                     for name in inside]
        for name in names:
            if os.path.lexists(name):
                with open(name, 'rb') as f:
                    hashes[os.path.relpath(name, os.path.dirname(out))] = hashlib.file_digest(
                        f, 'sha256').hexdigest()
    return hashes


def read_record(out):
    """{output's name: what was recorded of it}; {} where there is none.  Raises Refused."""
    name = record_of(out)
    if not os.path.lexists(name):
        return {}
    try:
        with open(name, encoding='utf-8') as f:
            record = json.load(f)
        if not isinstance(record, dict):
            raise ValueError('not an object')
        return record
    except (OSError, ValueError) as e:
        raise Refused('%s is not a record of ./run.sh convert (%s): move it away, or name another '
                      'file with --out' % (name, e), 4)


def check(out):
    """Refused where OUT is there and is not what an earlier convert left."""
    ours = read_record(out).get(os.path.basename(out), {}).get('converted')
    for part in parts_of(out):
        if os.path.lexists(part) and (not ours or digests(out) != ours):
            raise Refused('%s is there, and is not what an earlier convert made: move it away, or '
                          'name another file with --out' % part, 4)


def put(made, out):
    """MADE becomes OUT: each file is whole when it has its name."""
    for new, name in zip(parts_of(made), parts_of(out)):
        for path in [new] + [os.path.join(folder, f) for folder, folders, files in os.walk(new)
                             for f in folders + files]:
            flush(path)
        if os.path.isdir(name):
            os.rename(name, new + '.old')
            os.rename(new, name)
            shutil.rmtree(new + '.old')
        else:
            os.replace(new, name)
    flush(os.path.dirname(out))


def flush(path):
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass            # a network's file system may have no fsync, least of all for folders
    finally:
        os.close(handle)


def write_record(out, entry):
    name = record_of(out)
    record = dict(read_record(out), **{os.path.basename(out): entry})
    temporary = '%s.%d.part' % (name, os.getpid())
    with open(temporary, 'w', encoding='utf-8') as f:
        json.dump(record, f, indent=1, sort_keys=True, ensure_ascii=False)
        f.flush()
        os.fsync(f.fileno())
    os.replace(temporary, name)
    flush(os.path.dirname(out))


# --- the comparison

def differences(model, wanted, got):
    """One dict for each output; model: exchange.json; wanted, got: {'output_0': array, …}."""
    return [difference(one['name'], wanted['output_%d' % i], got['output_%d' % i])
            for i, one in enumerate(model['outputs'])]


def difference(name, wanted, got):
    """How far an output is from Keras's.  Infinitely far, if their shapes differ."""
    import numpy as np
    scale = math.sqrt(np.mean(np.square(wanted.astype('float64'))))
    largest = float('inf')
    if wanted.shape == got.shape:
        apart = np.abs(wanted.astype('float64') - got.astype('float64'))
        # not NaN, which cannot be compared with a bound
        largest = float(apart.max()) if np.isfinite(apart).all() else float('inf')
    # An output that is 0 throughout has no scale: it must be 0 exactly.
    relative = largest / scale if scale else (0. if largest == 0 else float('inf'))
    return {'output': name, 'shape': list(got.shape), 'largest': largest, 'rms': scale,
            'relative': relative}


def versions(format):
    """{package: version} of all that decides a converted file and its outputs."""
    installed = {'python': '%d.%d.%d' % sys.version_info[:3]}
    packages = importlib.metadata.packages_distributions()
    for module in environments.modules(environments.of_format(format)):
        for package in packages[module]:
            # By the name that the lock has; metadata may write tensorflow_cpu.
            installed[package.replace('_', '-')] = importlib.metadata.version(package)
    return installed


def keep(exchange, answers, made, out, format):
    """made, on out's file system, becomes out, and MODEL.convert.json says how equal it is.

    answers: what run.py wrote.  Raises Refused with status 1 if they are not Keras 1.2.2's.
    """
    import numpy as np
    model = described(exchange)
    with np.load(os.path.join(exchange, 'outputs.npz')) as wanted, \
            np.load(answers) as got:
        outputs = differences(model, wanted, got)
    # Of the rms of an output, and the engines' (repro/engines/equality.py).  Another order of the
    # same f32 sums moves one layer's outputs by 1e-6 of it at most, the five networks' by 2e-5
    # (docs/convert.md), and random deep ones' by 2e-4.  Wrong layers, weights or orders move it by
    # 1e-1 and more.
    bound = model['bound']
    for one in outputs:
        one['equal'] = one['relative'] <= bound
        print('convert: %s: largest difference %.1e, %.1e of its rms %.2g (bound %.0e)'
              % (one['output'], one['largest'], one['relative'], one['rms'], bound))
    if not all(one['equal'] for one in outputs):
        raise Refused('the converted model\'s outputs are not those of Keras 1.2.2, within %g of '
                      'the rms: it is not kept' % bound, 1)
    entry = {'format': format, 'model': model['files'], 'samples': model['samples'],
             'keras': model['versions'], 'converter': versions(format),
             'trained_on': model['trained_on'], 'outputs': outputs,
             'inputs': [{key: one[key] for key in ('name', 'dtype', 'shape')}
                        for one in model['inputs']], 'bound': bound,
             'verdict': 'equal within the bound',
             'commit': os.environ.get('REPRO_COMMIT', 'unknown'),
             'at': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}
    put(made, out)
    entry['converted'] = digests(out)
    write_record(out, entry)
    print('convert: %s' % out)
