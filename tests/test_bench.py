# -*- coding: utf-8 -*-
"""./run.sh bench: one peer measured for real, what is refused, what the table makes of it."""
from __future__ import division, print_function

import glob
import importlib
import io
import json
import os
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(ROOT, 'benchmarks'))

table = pytest.importorskip('table', reason='images hold no benchmarks/')


@pytest.mark.parametrize('arguments', [
    ['--peers', 'theano'], ['--networks', 'VGG16'], ['--rounds', '0'], ['--seconds', 'long'],
    ['--runtime', 'docker'], ['--train', '8'], ['servers', '--peers', 'tf1'],
    ['servers', '--rounds', '0']])
def test_wrong_usage(run, arguments):
    result = run('bench', *arguments, REPRO_RUNTIME=None)
    assert result.status == 2, result.both
    line = result.err.splitlines()[-1]      # `servers` imports Keras first, which says so
    assert arguments[-1] in line or arguments[-2] in line


def test_mistakes_are_found_before_an_environment_is_made(run, tmpdir):
    result = run('bench', '--rounds', '0', REPRO_HOME=tmpdir.join('native'), REPRO_RUNTIME=None)
    assert result.status == 2, result.both
    assert result.err == \
        'bench: --rounds needs a positive number, not 0 (see ./run.sh help bench)\n'
    assert tmpdir.listdir() == []


def test_one_peer_measured_where_there_is_no_python_3(run, tmpdir):
    result = run('bench', '--peers', 'tf1,keras3', '--networks', 'ResNet50', '--rounds', 1,
                 '--seconds', '.1', '--work', tmpdir, REPRO_PYTHON3=tmpdir.join('none'),
                 REPRO_RUNTIME=None)
    assert result.status == 0, result.both
    assert 'no CPython 3.11 to 3.13' in result.err
    assert 'keras3 is left out: its environment is not there' in result.out
    name, = glob.glob(str(tmpdir.join('results', '*.json')))
    with io.open(name, encoding='utf-8') as f:
        written = json.load(f)
    tf1 = written['networks']['ResNet50']['tf1']
    assert [turn['images'] for turn in tf1['network'] + tf1['files']] == [16, 16]
    assert tf1['versions'] == {'keras': '1.2.2', 'tensorflow': '1.0.1'}
    assert abs(tf1['multiply_adds'] / 1e9 - 3.8) < .05       # He et al. 2015, table 1: 3.8e9
    assert tf1['features_rms'] > 0 and tf1['features_subnormal'] == 0
    assert 300 < tf1['memory_mib'] < 4000
    with io.open(name[:-5] + '.md', encoding='utf-8') as f:
        assert f.read() == table.markdown(written)


def measured(*rates, **facts):
    turns = [{'images_per_second': r} for r in rates]
    return dict({'network': turns, 'files': [{'images_per_second': .95 * r} for r in rates],
                 'versions': {'keras': '3', 'tensorflow': '2'}, 'batch': 16, 'processes': 1,
                 'multiply_adds': 10**9, 'memory_mib': 700}, **facts)


@pytest.fixture
def result():
    return {'begun': '2026-01-01T00:00:00Z', 'warning': '', 'left_out': {'pytorch': 'a reason'},
            'failed': {}, 'disturbed': [0, 9], 'options': {'rounds': 3, 'seconds': 5.},
            'machine': {'cpu': 'A processor', 'family_model_stepping': '6/1/1', 'cores': 2,
                        'flags': ['avx2'], 'memory_gib': 8, 'kernel': '6.1', 'hypervisor': False,
                        'governor': 'unknown'},
            'sgemm': {'one_thread': [50, 51], 'all_threads': [90, 100], 'threads': 2,
                      'versions': {'numpy': '2'}, 'kernel': 'SkylakeX'},
            'networks': {'ResNet50': {'tf1': measured(3, 2, 4),
                                      'openvino-f32': measured(40, 44, 43),
                                      'keras3': measured(20), 'keras3-best': measured(24)}}}


def test_the_table_gives_medians_spreads_and_shares(result):
    text = table.markdown(result)
    assert u'as the article ran it | 3.00 (2.00–4.00) |' in text
    # 43 a second, 10⁹ multiply-adds each, of a peak of 100 GFLOP/s
    row, = [line for line in text.splitlines() if '**OpenVINO f32' in line]
    assert [c.strip() for c in row.split('|')][5:7] == [u'14.3×', u'86 %']
    assert 'Left out: pytorch: a reason.' in text


def verdicts(result):
    return [table.verdict(values, bound) for _, values, bound, _ in table.goals(result)]


def test_goals_are_judged_by_the_worst_network(result):
    peers = result['networks']['ResNet50']
    # f32 over its peers, of which three are missing; bf16 over its own; sgemm (86 %); files, bf16
    assert verdicts(result) == ['not measured', 'not measured', 'NOT MET', 'met', 'not measured']
    peers.update({'tf1-best': measured(5), 'pytorch': measured(30), 'onnxruntime': measured(42)})
    assert verdicts(result)[0] == 'met'         # 43 / 42
    peers['onnxruntime'] = measured(44)
    assert verdicts(result)[0] == 'NOT MET'
    result['sgemm']['all_threads'] = [90, 95]
    assert verdicts(result)[2] == 'met'         # 2 * 43 of 95
    result['networks']['Xception'] = {'tf1': measured(3), 'openvino-f32': measured(30)}
    assert verdicts(result)[0] == 'not measured' and verdicts(result)[2] == 'NOT MET'
    del result['sgemm']['all_threads']
    assert verdicts(result)[2] == 'not measured'


def test_bf16_is_judged_beside_what_computes_in_bf16(result):
    result['networks']['ResNet50'].update({'openvino-bf16': measured(80),
                                           'pytorch-bf16': measured(60)})
    assert table.IN_BF16 == ['pytorch-bf16']
    assert verdicts(result)[1] == 'met' and verdicts(result)[4] == 'met'
    result['networks']['ResNet50']['pytorch-bf16'] = measured(90)
    assert verdicts(result)[1] == 'NOT MET'


@pytest.mark.parametrize('names, tables, place', [
    ('2*.json', 'table', 'PLACE'), ('servers-2*.json', 'servers_table', 'PLACE'),
    ('servers-gpu-*.json', 'servers_table', 'PLACE_GPU')])
def test_the_readme_shows_the_last_result(names, tables, place):
    folder, tables = os.path.join(ROOT, 'benchmarks'), importlib.import_module(tables)
    name = max(glob.glob(os.path.join(folder, 'results', names)))
    with io.open(name, encoding='utf-8') as f:
        text = tables.markdown(json.load(f))
    for readme, place in (('README.md', getattr(tables, place)), (name[:-5] + '.md', '%s')):
        with io.open(os.path.join(folder, readme), encoding='utf-8') as f:
            assert place % text in f.read()


def test_the_table_has_a_row_for_each_peer():
    import bench
    assert list(bench.peers(2)) == list(table.ROWS)


def test_each_peer_says_what_must_be_installed_for_it():
    import peers
    assert peers.environments(['tf1', 'keras3']) == ['keras', 'sgemm']
    assert peers.environments(['openvino-f32', 'onnxruntime']) == [
        'engine:openvino', 'onnx', 'torch', 'sgemm']
