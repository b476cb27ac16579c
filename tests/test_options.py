# -*- coding: utf-8 -*-
"""The command line: one table, two parsers, help, and how what is wrong is refused."""
from __future__ import print_function

import io
import os
import re
import subprocess
import sys
from distutils.spawn import find_executable

import pytest

from conftest import ROOT
import options_page
from repro import networks, options
from repro.failures import WrongUsage


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
    ('serve --port 65536', '--port needs a number from 1 to 65535, not 65536'),
    ('serve --device tpu', '--device is auto or cpu or gpu, not tpu'),
    ('serve --servers a:1', 'serve does not know --servers'),
    ('demo --fast', '--fast belongs to --engine tf2'),
    ('demo --engine tf2 --fast=1', '--fast takes no value'),
    ('cpu --gpu-growth', 'cpu does not know --gpu-growth'),
    ('data --networks ResNet50', 'data does not know --networks'),
    ('weights --seeding article', 'weights does not know --seeding'),
    ('verify --no-report', 'verify does not know --no-report'),
    ('exec --seeds 3', 'exec does not know --seeds'),
    ('demo --train', '--train needs a value'),
    ('demo --no-report=1', '--no-report takes no value'),
    ('cpu --features=', '--features takes no value'),
    ('report --out', '--out needs a value'),
    ('verify --out=/', 'verify does not know --out'),
    ('demo --train=', '--train needs a value'),
    ('demo --train many', '--train needs a positive number, not many'),
    ('demo --train 0', '--train needs a positive number, not 0'),
    ('demo --seeds -1', '--seeds needs a positive number, not -1'),
    ('cpu --seeding mine', '--seeding is article or notebook, not mine'),
    ('demo --order random', '--order is sorted or filesystem, not random'),
    ('exec --order random -- true', '--order is sorted or filesystem, not random'),
    ('cpu --networks AlexNet', '--networks needs names out of '
     'ResNet50,InceptionV3,Xception,VGG16,VGG19, not AlexNet'),
    ('cpu --networks ResNet50,', '--networks needs names out of '
     'ResNet50,InceptionV3,Xception,VGG16,VGG19, not ResNet50,'),
    ('demo --engine tf3', '--engine is tf1 or openvino or tf2, not tf3'),
    ('demo --precision bf16', '--precision belongs to --engine openvino'),
    ('cpu --engine tf1 --workers=2', '--workers belongs to --engine openvino'),
    ('gap --engine openvino --precision f16', '--precision is f32 or bf16, not f16'),
    ('demo --engine openvino --threads 0', '--threads needs a positive number, not 0'),
    ('demo --seed 3', 'demo does not know --seed'),         # no abbreviations
    ('demo --eng openvino', 'demo does not know --eng'),
] + [('demo --engine tf2 --servers=' + given, '--servers ' + says) for given, says in (
    ('', 'needs a value'),
    ('a', 'needs HOST:PORT, or several with commas, not a'),
    (':1', 'needs HOST:PORT, or several with commas, not :1'),
    ('a:1,', 'needs HOST:PORT, or several with commas, not a:1,'),
    ('a:1,b:0', 'needs HOST:PORT, or several with commas, not a:1,b:0'),
    ('a:1,b:2,a:1', 'names a server twice: a:1,b:2,a:1'))
] + [('cpu --features --%s' % o, '--features takes none of --data, --weights and --engine: it '
      'reads no pictures') for o in ('data=/', 'weights=/', 'engine=openvino')])
def test_what_is_wrong_is_named(arguments, says):
    with pytest.raises(WrongUsage) as failure:
        options.parse(arguments.split())
    verb = ''.join(' ' + verb for verb in arguments.split()[:1] if verb in options.VERBS)
    assert str(failure.value) == '%s (see ./run.sh help%s)' % (says, verb)


def test_what_is_right_is_taken():
    args = options.parse('demo --networks Xception,ResNet50 --test=4 --no-report'.split())
    assert (args.verb, args.networks) == ('demo', ['ResNet50', 'Xception'])     # in their order
    assert (args.train, args.test, args.seeding, args.seeds) == (64, 4, 'article', None)
    assert args.no_report and (args.engine, args.options) == ('tf1', {})
    args = options.parse(['cpu', '--data=a --from b', '--engine', 'openvino', '--threads', '2'])
    assert args.data == 'a --from b'
    assert args.options == {'precision': 'f32', 'threads': 2, 'workers': 0}
    args = options.parse(['weights', '--from', 'x'])
    assert (args.verb, getattr(args, 'from')) == ('weights', 'x')
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
        p = subprocess.Popen([python, '-B', '-m', 'repro.ask', 'options'] + list(arguments),
                             cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = p.communicate()
        return p.returncode, out.decode('utf-8'), err.decode('utf-8')

    try:
        subprocess.check_output([python, '-c', ''])
    except (OSError, subprocess.CalledProcessError):
        pytest.skip('no %s here' % python)
    assert check('demo', '--train', '3', '--engine', 'openvino', '--workers=2') == (0, '', '')
    assert check('demo', '--precision', 'f32') == (
        2, '', 'run.sh: --precision belongs to --engine openvino (see ./run.sh help demo)\n')
    assert check('demo', '--trai', '3') == (
        2, '', 'run.sh: demo does not know --trai (see ./run.sh help demo)\n')


# --------------------------------------------------------------------------------- the table

LINE = r'(#|$|(status|verb|step|option) \| |    (use |does|try |ends|page) )'
COLUMNS = r'[^|]*[^ |]( \|( [^ |][^|]*[^ |]| [^ |])?)*$'


def test_its_rows_are_read_alike_by_both_sides():
    """Columns are separated by " | " alone, names are known, a name has a value or never one."""
    kinds = {}
    with io.open(options.TABLE, encoding='utf-8') as f:
        for line in f.read().splitlines():
            assert re.match(LINE, line) is not None, line
            if line and not line.startswith(('#', ' ')):
                assert re.match(COLUMNS, line) is not None, line
    for name, _, kind, verbs, _, to, _, text in options.rows('option'):
        assert kind.split()[0] in set(options.KINDS) | {'size', 'environment'}, name
        assert to in ('shell', 'program', 'both') and text, name
        assert set(verbs.split()) <= set(options.VERBS) | {'.bench-servers'} | set(
            '.' + step for step in options.STEPS), name
        assert kinds.setdefault(name, kind == 'flag') == (kind == 'flag'), name
    rows = [(name, verb) for name, _, _, verbs, _, _, _, _ in options.rows('option')
            for verb in verbs.split()]
    assert len(rows) == len(set(rows))


def test_names_of_networks_in_it_are_those_of_networks_py():
    for name, _, kind, verbs, default, _, _, text in options.rows('option'):
        if name == '--networks':
            assert default == ','.join(networks.EXTRACTION)
            assert text == 'of ' + ','.join(networks.EXTRACTION if 'bench' in verbs.split()
                                            else networks.NAMES)


def test_run_sh_names_no_option():
    """But the two docker commands for other systems, and --archive, which changes where from."""
    code = [line for line in read('run.sh').splitlines() if 'docker build' not in line]
    assert re.findall(r'(?<![a-z-])--[a-z-]+', '\n'.join(code)) == ['--archive']


# --------------------------------------------------------------------------------- ./run.sh help

def page_of(run, *arguments):
    result = run(*arguments)
    assert result.status == 0, result.both
    assert all(len(line) <= 100 for line in result.out.splitlines()), result.out
    return result.out


def test_help_names_every_verb_on_one_screen(run):
    told = page_of(run, 'help')
    assert len(told.splitlines()) <= 40
    assert re.findall(r'^  \./run\.sh ([a-z]+)', told, re.MULTILINE) == list(options.VERBS)


@pytest.mark.parametrize('verb', options.VERBS)
def test_help_of_a_verb_names_its_options_and_no_other(run, verb):
    told = page_of(run, 'help', verb)
    assert told == page_of(run, verb, '--help') == page_of(run, verb, '-h')
    known = set(name for name, _, _, verbs, _, _, _, _ in options.rows('option')
                if {verb, '.%s-servers' % verb} & set(verbs.split()))
    for engine in options.engines_for(verb):
        known.update(o.name for o in options.engine_options(verb, engine))
    assert set(re.findall(r'^  (--[a-z-]+)', told, re.MULTILINE)) == known
    assert told.startswith('usage: ./run.sh %s' % verb) and 'It ends with' in told
    examples = re.findall(r'^  (\./run\.sh .*)', told, re.MULTILINE)
    assert len(examples) == 2 and all(verb in example for example in examples)
    page = re.search(r'^Read on: (\S+)$', told, re.MULTILINE).group(1)
    if os.path.exists(os.path.join(ROOT, 'docs')):      # images hold none
        assert os.path.exists(os.path.join(ROOT, page))


def test_help_without_a_python(tmpdir):
    for name in ('bash', 'cat', 'cut', 'dirname', 'env', 'fold', 'readlink', 'sed', 'sleep', 'tr'):
        tmpdir.join(name).mksymlinkto(find_executable(name))
    environment = {'PATH': str(tmpdir), 'HOME': str(tmpdir)}
    for arguments in (['help'], ['help', 'convert'], ['demo', '--help']):
        p = subprocess.Popen([os.path.join(ROOT, 'run.sh')] + arguments, env=environment,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = p.communicate()
        assert (p.returncode, err) == (0, b''), err
        assert out.decode('utf-8') == subprocess.check_output(
            [os.path.join(ROOT, 'run.sh')] + arguments).decode('utf-8')


def test_the_page_of_all_options_is_what_the_table_says():
    if not os.path.exists(os.path.join(ROOT, 'docs')):
        pytest.skip('images hold no docs')
    with io.open(os.path.join(ROOT, 'docs', 'options.md'), encoding='utf-8') as f:
        assert f.read() == options_page.page()


@pytest.mark.parametrize('words, says', [
    ('dmeo', 'no verb dmeo: did you mean demo?'),
    ('verfy', 'no verb verfy: did you mean verify?'),
    ('help dmo', 'no verb dmo: did you mean demo?'),
    ('demo --trian 3', 'demo does not know --trian: did you mean --train?'),
    ('demo --prescision bf16', 'demo does not know --prescision: did you mean --precision?'),
    ('demo --seed 3', 'demo does not know --seed: did you mean --seeds?'),
    ('cpu --feat', 'cpu does not know --feat: did you mean --features?'),
    ('convert m.h5 --too onnx', 'convert does not know --too: did you mean --to?'),
    ('fly', 'no verb fly'), ('demo --fly', 'demo does not know --fly'),
    ('demo --gpu-growth', 'demo does not know --gpu-growth'),
    ('clean x', 'clean does not know x'), ('serve --work x', 'serve does not know --work'),
    ('--fly', 'no verb with --fly'), ('--work x', 'no verb with --work'),
    ('--fly demo', 'demo does not know --fly'),     # an option, and the value that it may have
    ('--wrk x demo', 'demo does not know --wrk: did you mean --work?'),
    ('--wrk=x demo', 'demo does not know --wrk: did you mean --work?'),
    ('--wrk=x dmeo', 'no verb dmeo: did you mean demo?')])
def test_a_mistyped_word_names_the_nearest(run, words, says):
    result = run(*words.split())
    assert (result.status, result.out) == (2, '')
    verb = '' if says.startswith('no verb') else ' ' + says.split()[0]
    assert result.err == 'run.sh: %s (see ./run.sh help%s)\n' % (says, verb)


VALUES = {'--order': 'sorted', '--engine': 'tf1', '--env': 'NOBODY=1'}


def test_run_sh_finds_the_command_behind_any_option_of_exec(run):
    for option in options.options_of('exec'):
        words = [option.name] + ([VALUES[option.name]] if option.value else [])
        result = run('exec', *(words + ['echo', 'x']))
        assert (result.status, result.out) == (0, 'x\n'), result.both
