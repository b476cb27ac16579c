# -*- coding: utf-8 -*-
"""The weights: fetching them, and whether a file is the article's (repro/networks.py).

They lie in weights/ of the work folder, and Keras reads them there (repro/keras_seams.py): the
file that is checked and recorded is the file that is loaded.
"""
from __future__ import print_function

import filecmp
import os
import shutil
import subprocess
import sys

from repro.console.progress import say
from repro.failures import BadInput
from repro.inputs import fetch
from repro.networks import NAMES, TABLE, of_weights, weights_path
from repro.standin import weights as standin
from repro.system import processes
from repro.work.folder import absence, digest, read_json, replacing

RELEASES = 'https://github.com/fchollet/deep-learning-models/releases/download'


def url(network):
    """Where Keras 1.2.2 downloads it; REPRO_WEIGHTS_URL names a mirror of the releases."""
    base = fetch.address('REPRO_WEIGHTS_URL', RELEASES)
    return '/'.join([base, TABLE[network].release, TABLE[network].weights])


def get(networks, folder=None):
    """Fetches, or takes from a folder, what is not in weights/ yet; each file is checked.

    The md5 are Keras's; a sha256 is written beside them at first sight and compared later.
    Raises BadInput, OtherInputs.
    """
    for network in networks:
        path = weights_path(network)
        if os.path.exists(path):
            check([network], ['article'])
        else:
            fetch.get(url(network), path, folder,
                      lambda source, what: check_md5(source, network, what))
        sha256, is_known = fetch.recognise(path)
        source = TABLE[network].md5_source
        say('weights: %s: md5 as in %s%s; sha256 %s, %s' % (
            path, source, '' if source == 'Keras 1.2.2' else ' (1.2.2 checks none)',
            sha256[:16], 'as at first sight' if is_known else 'recorded'))


def check_md5(path, network, what):
    """BadInput unless the file is the article's for this network; what: how to name it."""
    md5, wanted = digest(path, 'md5'), TABLE[network].md5
    if md5 != wanted:
        raise BadInput('%s has md5 %s, not the article\'s %s: nothing of it was kept'
                       % (what, md5, wanted))


def identify(path):
    """(md5, kind) of a network's weights; kind is 'article', 'stand-in' or 'other'."""
    md5 = digest(path, 'md5')
    if md5 == md5_wanted(path):
        return md5, 'article'
    return md5, 'stand-in' if standin.is_stand_in(path) else 'other'


def md5_wanted(path):
    """The md5 of the article's file of this name."""
    return TABLE[of_weights(os.path.basename(path))].md5


def allowed(kind):
    """The kinds of weights that a run of this kind may use."""
    right = ['stand-in'] if kind == 'demo' else ['article']
    return right + ['other', 'stand-in'] * bool(os.environ.get('REPRO_ANY_WEIGHTS'))


def allowed_to_keras(work):
    """The kinds that Keras may load in this work folder, for a step or a user's script.

    A user's script may also run on a demo's stand-ins, but not in a real run's folder.
    """
    if ONLY:
        return ONLY
    name = os.path.join(work, 'run.json')
    if os.path.exists(name) and read_json(name).get('kind') == 'real':
        return allowed('real')
    return allowed(None) + ['stand-in']


ONLY = []       # the kinds that the step gap was given


def only(kinds):
    """From here on, Keras may load these kinds in this process."""
    ONLY[:] = kinds


def is_stand_in_folder(folder):
    """Whether the folder holds weights already, and all of them are stand-ins."""
    paths = [weights_path(n, folder) for n in NAMES]
    present = [p for p in paths if os.path.exists(p)]
    return bool(present) and all(standin.is_stand_in(p) for p in present)


def make_stand_in(path):
    """Makes a missing stand-in in a process of its own, so this one's Keras session is left alone.

    path: absolute, in weights/ of a work folder.
    The author's gap.ipynb asks for VGG16 and VGG19 too, which the demo makes only on request.
    """
    folder, network = os.path.dirname(os.path.dirname(path)), of_weights(os.path.basename(path))
    command = processes.python('repro.standin', 'weights', network)
    if ONLY:        # called by a step, which holds the folder's lock
        command.append('--locked')
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE)
    for line in iter(child.stdout.readline, b''):
        sys.stderr.write(line)      # in a notebook it is not a file, so a process cannot have it
    if child.wait() != 0:
        raise BadInput('%s could not be made (see above)' % path)


def adopt(folder, networks, allowed):
    """Copies the networks' files of `folder` into weights/ of the work folder.

    allowed: the kinds this run may use; another is refused before it is copied.
    """
    for network in networks:
        source, target = weights_path(network, folder), weights_path(network)
        if not os.path.exists(source):
            raise BadInput('%s %s: --weights needs a folder with the files that Keras 1.2.2 '
                           'downloads' % (source, absence(source)))
        if os.path.exists(target) and filecmp.cmp(source, target, shallow=False):
            continue
        allow(source, allowed)
        with replacing(target) as temporary:
            shutil.copyfile(source, temporary)


def check(networks, allowed):
    """{network: kind} of the files that are there.  Raises BadInput.

    allowed: the kinds this run may use.  A file that is not there is left to Keras's own
    get_file, which downloads it; repro.keras_seams checks it then.
    """
    return dict((network, allow(weights_path(network), allowed))
                for network in networks if os.path.exists(weights_path(network)))


def allow(path, allowed):
    """The file's kind, which must be one of the allowed ones.  Raises BadInput."""
    md5, kind = identify(path)
    if kind not in allowed:
        raise BadInput(refusal(path, md5, kind))
    return kind


def refusal(path, md5, kind):
    """Why the file is not used, and what the user can do about it."""
    if kind == 'stand-in':
        return ('%s is a stand-in made for the demo, not ImageNet weights: name the folder of '
                'the real ones with --weights, use another --work, or accept it with '
                '--any-weights' % path)
    return ('%s has md5 %s, not the article\'s %s: delete it to have it downloaded again, or '
            'accept it with --any-weights' % (path, md5, md5_wanted(path)))
