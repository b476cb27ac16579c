# -*- coding: utf-8 -*-
"""./run.sh weights: the article's, fetched from Keras's addresses, and nothing else."""
from __future__ import print_function

import hashlib
import json
import os

import loopback
from repro import networks
from repro.inputs import weights

DATA = os.urandom(300000)
RESNET = networks.TABLE['ResNet50'].weights
NAME = networks.TABLE['Xception'].weights
PATH = '/v0.4/' + NAME


def test_the_addresses_are_those_of_keras():
    from keras.applications import inception_v3, resnet50, vgg16, vgg19, xception
    modules = {'ResNet50': resnet50, 'InceptionV3': inception_v3, 'Xception': xception,
               'VGG16': vgg16, 'VGG19': vgg19}
    assert sorted(modules) == sorted(networks.NAMES)
    for network, module in modules.items():
        assert weights.url(network) == module.TF_WEIGHTS_PATH_NO_TOP


def test_weights_that_are_not_the_articles(run, tmpdir):
    work_folder, source = tmpdir.join('work'), tmpdir.mkdir('source')
    source.join(NAME).write('something else')
    with loopback.serve(loopback.files({PATH: 'something else'})) as server:
        options = {'REPRO_WEIGHTS_URL': server.url, 'REPRO_RETRY_PAUSE': '0'}
        for arguments in ([], ['--from', source]):
            result = run('weights', '--networks', 'Xception', '--work', work_folder, *arguments,
                         **options)
            assert result.status == 4 and len(result.err.splitlines()) == 1, result.both
            assert 'not the article\'s b0042744' in result.err
            assert work_folder.join('weights').listdir() == []
        result = run('weights', '--networks', 'VGG16', '--work', work_folder, **options)
        assert result.status == 4 and server.url + '/v0.1/vgg16' in result.err
        assert 'answers 404' in result.err
    result = run('weights', '--networks', 'VGG16', '--work', work_folder, '--from', source)
    assert result.status == 4 and 'vgg16' in result.err and '--from' in result.err


def test_weights_are_fetched_kept_and_recognised(run, tmpdir):
    # nobody has the article's files here: the same program with another expected md5
    script = tmpdir.join('doctored.py')
    script.write('\n'.join([
        'from repro.networks import TABLE',
        'TABLE["Xception"] = TABLE["Xception"]._replace(md5="%s")' % hashlib.md5(DATA).hexdigest(),
        'from repro.__main__ import main',
        'raise SystemExit(main(["weights", "--networks", "Xception"]))']))
    folder = tmpdir.join('work')
    with loopback.serve(loopback.files({PATH: DATA}, {PATH: ['cut 100']})) as server:
        for word in ('recorded', 'as at first sight'):
            result = run('exec', '--work', folder, 'python', script, REPRO_RETRY_PAUSE='0',
                         REPRO_WEIGHTS_URL=server.url)
            assert result.status == 0 and word in result.out, result.both
        assert server.log == [('GET', PATH, None), ('GET', PATH, 'bytes=100-')]
    assert folder.join('weights', NAME).read('rb') == DATA
    assert folder.join('weights', 'SHA256SUMS').read().split() == [
        hashlib.sha256(DATA).hexdigest(), NAME]


# ------------------------------------------------------------ what is recorded is what Keras reads

LOADED = ('from keras.utils.data_utils import get_file\n'
          'print(get_file("%s", "https://localhost:9/x", cache_subdir="models"))' % RESNET)


def test_keras_reads_the_file_that_is_checked_and_no_copy(run, small):
    """Copied with links followed, a run of before had a folder of copies where Keras looked."""
    copies = small.ensure('.repro', 'home', '.keras', 'models', dir=True)
    copies.join(RESNET).write('stale')
    result = run('exec', '--work', small, 'python', '-c', LOADED)
    assert result.out == '%s\n' % small.join('weights', RESNET), result.both
    assert 'stand-in weights, not the article\'s' in result.err
    # a link of the user's to elsewhere is followed by both
    small.join('weights').move(small.join('elsewhere'))
    small.join('weights').mksymlinkto('elsewhere')
    result = run('exec', '--work', small, 'python', '-c', LOADED)
    assert result.out == '%s\n' % small.join('weights', RESNET), result.both


def test_no_stand_in_in_a_real_runs_folder_whoever_loads_it(run, small):
    record = json.loads(small.join('run.json').read())
    small.join('run.json').write(json.dumps(dict(record, kind='real')))
    result = run('exec', '--work', small, 'python', '-c', LOADED)
    assert result.status == 1 and RESNET + ' is a stand-in' in result.err, result.both
    result = run('exec', '--work', small, '--any-weights', 'python', '-c', LOADED)
    assert result.status == 0, result.both
    # one that is missing is downloaded there, and not made up because the others are stand-ins
    small.join('weights', RESNET).remove()
    result = run('exec', '--work', small, 'python', '-c', LOADED)
    assert result.status == 1 and RESNET + ' could not be downloaded' in result.err, result.both
    assert not small.join('weights', RESNET).check()


def test_a_step_may_have_a_stand_in_made_though_it_holds_the_lock(run, small):
    small.join('weights', RESNET).remove()
    script = ('import os\nfrom repro.work.folder import locked\nfrom repro.inputs import weights\n'
              'with locked():\n    weights.only(["stand-in"])\n'
              '    weights.make_stand_in(os.path.abspath("weights/%s"))' % RESNET)
    result = run('exec', '--work', small, 'python', '-c', script)
    assert result.status == 0 and small.join('weights', RESNET).check(), result.both
