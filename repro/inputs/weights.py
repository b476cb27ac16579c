# -*- coding: utf-8 -*-
"""The weights: which files Keras 1.2.2 asks for, and whether they are the article's.

Keras 1.2.2 checks an md5 for ResNet50 and InceptionV3 only.  The other three are from the
source of Keras 2.1.6, which downloads the same files from the same releases.
"""
from __future__ import print_function

import filecmp
import os
import shutil
import subprocess
import sys

from repro.failures import BadInput
from repro.folder import digest, replacing
from repro.progress import say
from repro.inputs import fetch
from repro.standin import weights as standin

FILE = standin.FILES    # network: file name
MD5 = {
    FILE['ResNet50']: 'a268eb855778b3df3c7506639542a6af',       # Keras 1.2.2, resnet50.py
    FILE['InceptionV3']: '2f3609166de1d967d1a481094754f691',    # Keras 1.2.2, inception_v3.py
    FILE['Xception']: 'b0042744bf5b25fce3cb969f33bebb97',       # Keras 2.1.6
    FILE['VGG16']: '6d6bbae143d832006294945121d1f1fc',          # Keras 2.1.6
    FILE['VGG19']: '253f8cb515780f3b799900260a226db6',          # Keras 2.1.6
}
CHECKED_BY_KERAS = ('ResNet50', 'InceptionV3')
RELEASES = 'https://github.com/fchollet/deep-learning-models/releases/download'
RELEASE = {'ResNet50': 'v0.2', 'InceptionV3': 'v0.2', 'Xception': 'v0.4',
           'VGG16': 'v0.1', 'VGG19': 'v0.1'}        # Keras 1.2.2, keras/applications/*.py


def url(network):
    """Where Keras 1.2.2 downloads it; REPRO_WEIGHTS_URL names a mirror of the releases."""
    base = os.environ.get('REPRO_WEIGHTS_URL', RELEASES).rstrip('/')
    return '/'.join([base, RELEASE[network], FILE[network]])


def get(networks, folder=None):
    """Fetches, or takes from a folder, what is not in weights/ yet; each file is checked.

    The md5 are Keras's; a sha256 is written beside them at first sight and compared later.
    Raises BadInput, OtherInputs.
    """
    for network in networks:
        path = os.path.join('weights', FILE[network])
        if os.path.exists(path):
            check([network], ['article'])
        elif folder:
            source = os.path.join(folder, FILE[network])
            if not os.path.exists(source):
                raise BadInput('%s is missing in the folder that --from names' % source)
            check_md5(source, network, source)
            adopt(folder, [network], ['article'])
        else:
            say('weights: %s' % url(network))
            fetch.download(url(network), path,
                           check=lambda partial: check_md5(partial, network, url(network)))
        digest, known = fetch.recognise(path)
        say('weights: %s: md5 as in Keras %s; sha256 %s, %s' % (
            path, '1.2.2' if network in CHECKED_BY_KERAS else '2.1.6 (1.2.2 checks none)',
            digest[:16], 'as at first sight' if known else 'recorded'))


def check_md5(path, network, what):
    """BadInput unless the file is the article's for this network; what: how to name it."""
    md5, wanted = digest(path, 'md5'), MD5[FILE[network]]
    if md5 != wanted:
        raise BadInput('%s has md5 %s, not the article\'s %s: nothing of it was kept'
                       % (what, md5, wanted))


def network_of(name):
    network, = [n for n in FILE if FILE[n] == name]
    return network


def identify(path):
    """(md5, kind); kind is 'article', 'stand-in' or 'other'."""
    md5 = digest(path, 'md5')
    if md5 == MD5[os.path.basename(path)]:
        return md5, 'article'
    return md5, 'stand-in' if standin.is_stand_in(path) else 'other'


def is_stand_in_folder(folder):
    """Whether the folder holds weights already, and all of them are stand-ins."""
    if not os.path.isdir(folder):
        return False
    present = [os.path.join(folder, n) for n in os.listdir(folder) if n in MD5]
    return bool(present) and all(standin.is_stand_in(p) for p in present)


def make_stand_in(path):
    """Makes a missing stand-in in a process of its own, so this one's Keras session is left alone.

    The author's gap.ipynb asks for VGG16 and VGG19 too, which the demo makes only on request.
    """
    network = network_of(os.path.basename(path))
    folder = os.path.dirname(os.path.dirname(os.path.realpath(path)))
    subprocess.check_call([sys.executable, '-m', 'repro.standin', 'weights', network],
                          cwd=folder, stdout=sys.stderr)


def adopt(folder, networks, allowed):
    """Copies the networks' files of `folder` into weights/ of the work folder.

    allowed: the kinds this run may use; another is refused before it is copied.
    """
    for network in networks:
        source, target = (os.path.join(f, FILE[network]) for f in (folder, 'weights'))
        if not os.path.exists(source):
            raise BadInput('%s is missing: --weights wants a folder with the files that '
                           'Keras 1.2.2 downloads' % source)
        if os.path.exists(target) and filecmp.cmp(source, target, shallow=False):
            continue
        md5, kind = identify(source)
        if kind not in allowed:
            raise BadInput(refusal(source, md5, kind))
        with replacing(target) as temporary:
            shutil.copyfile(source, temporary)


def check(networks, allowed):
    """Returns {network: {'file', 'md5', 'kind'}} of the files that are there.

    allowed: the kinds this run may use.  A file that is not there is left to Keras's own
    get_file, which downloads it; repro.keras_seams checks it then.  Raises BadInput.
    """
    found = {}
    for network in networks:
        path = os.path.join('weights', FILE[network])
        if os.path.exists(path):
            md5, kind = identify(path)
            if kind not in allowed:
                raise BadInput(refusal(path, md5, kind))
            found[network] = {'file': path, 'md5': md5, 'kind': kind}
    return found


def refusal(path, md5, kind):
    if kind == 'stand-in':
        return ('%s is a stand-in made for the demo, not ImageNet weights: name the folder of '
                'the real ones with --weights, or use another --work' % path)
    return ('%s has md5 %s, not the article\'s %s: delete it to have it downloaded again, or '
            'accept it with --any-weights' % (path, md5, MD5[os.path.basename(path)]))
