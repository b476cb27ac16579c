# -*- coding: utf-8 -*-
"""The one parser: what it takes, how it refuses, and that ./run.sh help says the same."""
from __future__ import print_function

import os
import re
import subprocess
import sys

import pytest

from conftest import ROOT
from repro import options
from repro.failures import WrongUsage

# What run.sh calls the program's verbs, and the verbs that are not the program's.
RUN_SH = {'data': 'get data', 'weights': 'get weights', 'features': 'get features'}
OUTSIDE = ('test', 'submit', 'bench', 'clean', 'help')


def read(name):
    with open(os.path.join(ROOT, name)) as f:
        return f.read()


@pytest.mark.parametrize('arguments, says', [
    ('fly', 'no verb fly'),
    ('', 'no verb '),
    ('get', 'no verb get'),
    ('demo --fly', 'demo does not know --fly'),
    ('demo --fly=3', 'demo does not know --fly'),
    ('demo fly', 'demo does not know fly'),
    ('demo --gpu-growth', 'demo does not know --gpu-growth'),
    ('demo --data=/', 'demo does not know --data'),
    ('demo --features', 'demo does not know --features'),
    ('gpu --features', 'gpu does not know --features'),
    ('gpu --engine openvino', '--engine is tf1 or tf2, not openvino'),
    ('gpu --threads 2', 'gpu does not know --threads'),
    ('gpu --servers a:1', '--servers belongs to --engine tf2'),
    ('exec --engine openvino -- true', '--engine is tf1 or tf2, not openvino'),
    ('exec --engine tf2 --workers 2 -- true', 'exec does not know --workers'),
    ('serve --port 65536', '--port wants a number from 1 to 65535, not 65536'),
    ('serve --device tpu', '--device is auto or cpu or gpu, not tpu'),
    ('serve --servers a:1', 'serve does not know --servers'),
    ('demo --fast', '--fast belongs to --engine tf2'),
    ('demo --engine tf2 --fast=1', '--fast takes no value'),
    ('cpu --gpu-growth', 'cpu does not know --gpu-growth'),
    ('get data --networks ResNet50', 'data does not know --networks'),
    ('get weights --seeding article', 'weights does not know --seeding'),
    ('verify --no-report', 'verify does not know --no-report'),
    ('exec --seeds 3', 'exec does not know --seeds'),
    ('demo --train', '--train wants a value'),
    ('demo --no-report=1', '--no-report takes no value'),
    ('cpu --features=', '--features takes no value'),
    ('report --out', '--out wants a value'),
    ('verify --out=/', 'verify does not know --out'),
    ('demo --train=', '--train wants a value'),
    ('demo --train many', '--train wants a positive number, not many'),
    ('demo --train 0', '--train wants a positive number, not 0'),
    ('demo --seeds -1', '--seeds wants a positive number, not -1'),
    ('cpu --seeding mine', '--seeding is article or notebook, not mine'),
    ('demo --order random', '--order is sorted or filesystem, not random'),
    ('exec --order random -- true', '--order is sorted or filesystem, not random'),
    ('cpu --networks AlexNet', '--networks wants names out of '
     'ResNet50,InceptionV3,Xception,VGG16,VGG19, not AlexNet'),
    ('cpu --networks ResNet50,', '--networks wants names out of '
     'ResNet50,InceptionV3,Xception,VGG16,VGG19, not ResNet50,'),
    ('demo --engine tf3', '--engine is tf1 or openvino or tf2, not tf3'),
    ('demo --precision bf16', '--precision belongs to --engine openvino'),
    ('cpu --engine tf1 --workers=2', '--workers belongs to --engine openvino'),
    ('gap --engine openvino --precision f16', '--precision is f32 or bf16, not f16'),
    ('demo --engine openvino --threads 0', '--threads wants a positive number, not 0'),
    ('demo --seed 3', 'demo does not know --seed'),         # no abbreviations
    ('demo --eng openvino', 'demo does not know --eng'),
] + [('demo --engine tf2 --servers=' + given, '--servers ' + says) for given, says in (
    ('', 'wants a value'),
    ('a', 'wants HOST:PORT, or several with commas, not a'),
    (':1', 'wants HOST:PORT, or several with commas, not :1'),
    ('a:1,', 'wants HOST:PORT, or several with commas, not a:1,'),
    ('a:1,b:0', 'wants HOST:PORT, or several with commas, not a:1,b:0'),
    ('a:1,b:2,a:1', 'names a server twice: a:1,b:2,a:1'))
] + [('cpu --features --%s' % o, '--features takes none of --data, --weights and --engine: no '
      'picture is looked at') for o in ('data=/', 'weights=/', 'engine=openvino')])
def test_what_is_wrong_is_named(arguments, says):
    with pytest.raises(WrongUsage) as failure:
        options.parse(arguments.split())
    assert str(failure.value) == says + ' (see ./run.sh help)'


def test_what_is_right_is_taken():
    args = options.parse('demo --networks Xception,ResNet50 --test=4 --no-report'.split())
    assert (args.verb, args.networks) == ('demo', ['ResNet50', 'Xception'])     # in their order
    assert (args.train, args.test, args.seeding, args.seeds) == (64, 4, 'article', None)
    assert args.no_report and (args.engine, args.options) == ('tf1', {})
    args = options.parse(['cpu', '--data=a --from b', '--engine', 'openvino', '--threads', '2'])
    assert args.data == 'a --from b'
    assert args.options == {'precision': 'f32', 'threads': 2, 'workers': 0}
    args = options.parse(['get', 'weights', '--from', 'x'])
    assert (args.verb, args.what, getattr(args, 'from')) == ('get', 'weights', 'x')
    args = options.parse(['exec', '--any-weights', '--', 'ls', '--order', '--', '-x'])
    assert args.any_weights and args.order is None
    assert args.command == ['ls', '--order', '--', '-x']


def test_defaults_are_those_of_the_parser():
    args, defaults = {}, options.defaults()
    for engine in options.engines.declarations():
        args.update(vars(options.parse(['demo', '--engine', engine])))
    args['engine'] = 'tf1'
    assert defaults == dict((name, args[name]) for name in defaults)
    assert set(defaults) == {'engine', 'networks', 'seeding', 'train', 'test', 'precision',
                             'threads', 'workers', 'servers', 'fast'}


def test_options_that_modules_read_from_the_environment(monkeypatch):
    variables = [o.variable for o in options.OPTIONS if o.variable]
    assert sorted(variables) == ['REPRO_ANY_WEIGHTS', 'REPRO_GPU_GROWTH', 'REPRO_NO_REPORT',
                                 'REPRO_ORDER']
    for name in variables:
        monkeypatch.setenv(name, 'mine')
    options.export(options.parse(['demo']))
    assert [os.environ[name] for name in variables] == ['mine'] * 4     # the caller's own stay
    options.export(options.parse(['cpu', '--order', 'filesystem', '--any-weights', '--no-report']))
    assert [os.environ[name] for name in sorted(variables)] == ['1', 'mine', '1', 'filesystem']


@pytest.mark.parametrize('python', [sys.executable, 'python3'])
def test_any_python_can_check(python):
    def check(*arguments):
        p = subprocess.Popen([python, '-B', '-m', 'repro.options'] + list(arguments), cwd=ROOT,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = p.communicate()
        return p.returncode, out.decode('utf-8'), err.decode('utf-8')

    try:
        subprocess.check_output([python, '-c', ''])
    except (OSError, subprocess.CalledProcessError):
        pytest.skip('no %s here' % python)
    assert check('demo', '--train', '3', '--engine', 'openvino', '--workers=2') == (0, '', '')
    assert check('demo', '--precision', 'f32') == (
        2, '', 'run.sh: --precision belongs to --engine openvino (see ./run.sh help)\n')
    assert check('demo', '--trai', '3') == (
        2, '', 'run.sh: demo does not know --trai (see ./run.sh help)\n')


# --------------------------------------------------------------------------------- ./run.sh help

def verbs_of_run_sh():
    return re.findall(r'^verb_([a-z]+)\(\)', read('run.sh'), re.MULTILINE)


def options_of_the_outside():
    """Those that run.sh itself knows which verbs take."""
    text = read('run.sh')
    takes = text[text.index('\ntakes() {'):text.index('\ncheck() {')]
    return set(re.findall(r'--[a-z-]+', takes))


def test_help_names_every_verb(run):
    named = re.findall(r'^  \./run\.sh ([a-z]+)', run('help').out, re.MULTILINE)
    assert sorted(named) == sorted(verbs_of_run_sh())
    assert sorted(set(named) - set(OUTSIDE)) == sorted(
        set(options.RUNS + options.ELSEWHERE + options.COMMANDS
            + options.CONVERT + ('verify', 'report', 'serve', 'notebook', 'archive'))
        | set(RUN_SH))


def test_help_names_every_option_and_no_other(run):
    named = set(re.findall(r'(?<![a-z-])--[a-z-]+', run('help').out))
    known = options_of_the_outside() | {'--rounds', '--seconds', '--peers'}     # and bench's
    for verb in set(verbs_of_run_sh()) - set(OUTSIDE):
        for engine in options.engines.declarations():
            known.update(o.name for o in options.options_of(RUN_SH.get(verb, verb), engine))
    assert named == known


VALUES = {'--order': 'sorted', '--engine': 'tf1'}


def test_run_sh_finds_the_command_behind_any_option_of_exec(run):
    for option in options.options_of('exec'):
        words = [option.name] + ([VALUES[option.name]] if option.value else [])
        result = run('exec', *(words + ['echo', 'x']))
        assert (result.status, result.out) == (0, 'x\n'), result.both
