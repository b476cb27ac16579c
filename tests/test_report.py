# -*- coding: utf-8 -*-
"""The report: what report.json says, and what report.html shows."""
from __future__ import division, unicode_literals

import json
import os
import re
import shutil

import pytest

from conftest import features_run, read, ROOT
from repro import expected, verify
from repro.report import extraction, figures, page as page_module, verdict
from repro.work import record
from test_verdict import by_openvino

ARTICLE = expected.article()
SECTIONS = ('verdict', 'pictures', 'networks', 'extraction', 'features', 'training',
            'validation', 'heatmaps', 'submission', 'provenance')


def test_the_demo_ends_with_a_report_that_says_what_it_is(demo, numbers):
    assert 'report: report.html' in demo[1].out
    assert 'verdict: No fault; not comparable with the article' in demo[1].out
    assert set(SECTIONS) <= set(numbers)
    assert numbers['verdict']['verdict'] == 'not comparable'
    assert numbers['verdict']['stand_ins'] == ['pictures', 'weights']
    assert [a['state'] for a in numbers['verdict']['answers']] == [
        'yes', 'yes', 'yes', 'open', 'open', 'open', 'open']


def test_its_numbers_are_the_runs(demo, numbers):
    run = json.loads(read(demo[0], 'run.json'))
    submitted = record.entry(run, 'submit')['validation']
    for key in ('pictures', 'accuracy', 'log_loss', 'log_loss_clipped'):
        assert abs(numbers['validation'][key] - submitted[key]) < 1e-6
    assert sum(sum(row) for row in numbers['validation']['confusion']) == submitted['pictures']
    assert numbers['training']['logs'] == json.loads(read(demo[0], 'history.json'))['logs']
    for row, theirs in zip(numbers['training']['differences']['article'], ARTICLE['log']):
        for run_has, article_has, off in zip(row['run'], theirs, row['off']):
            assert abs(run_has - article_has - off) < 1e-12
    assert len(numbers['verdict']['claims']) == len(expected.load('article.json')['verdicts'])
    assert numbers['pictures']['classes'] == {'cat': 32, 'dog': 32}
    assert sum(numbers['submission']['histogram']) == 16
    low, high = (numbers['submission']['expected'][k] for k in ('low', 'high'))
    assert low < numbers['validation']['log_loss_clipped'] < high


def test_the_networks_were_built_again_and_are_those_of_keras_122(numbers):
    rows = numbers['networks']['networks']
    assert [r['name'] for r in rows] == ['ResNet50', 'InceptionV3', 'Xception']
    for row in rows:
        assert row['built'] is True
        assert row['layers'] == ARTICLE['layers'][row['name']]
        assert row['parameters'] == ARTICLE['parameters'][row['name']]


def test_the_page_is_one_small_file_that_asks_for_nothing(page):
    assert len(page.encode('utf-8')) < 5e6
    for address in re.findall(r'(?:src|href|url)\s*[=(]\s*["\']?([^"\') >]+)', page):
        assert address.startswith(('data:', '#')), address
    assert ROOT not in page


def test_every_section_is_there_in_both_languages(page):
    titles = re.findall(r'<h2 id="s(\d+)"><span class="number">\1</span> (<span lang="en">[^<]+'
                        r'</span><span lang="zh-CN">[^<]+</span>)</h2>', page)
    assert [int(number) for number, _title in titles] == list(range(1, len(SECTIONS) + 1))
    assert titles[0][1] == '<span lang="en">Verdict</span><span lang="zh-CN">结论</span>'
    assert re.findall(r'<a href="#s(\d+)">(.*?)</a>', page) == titles[1:]


def test_chinese_has_chinese_punctuation(page):
    assert re.findall('[\u4e00-\u9fff](?:</span>)?[,:;(][^<]*', page) == []


def test_every_figure_of_the_demo_says_that_it_is_a_stand_in(page):
    body = page[page.index('id="s4"'):]
    shown = re.findall(r'<figure(?! class="picture").*?</figure>', body, re.S)
    assert len(shown) >= 10
    assert all('class="badge"' in figure for figure in shown)


def test_what_is_own_bears_no_badge(numbers, page):
    own = json.loads(json.dumps(numbers))
    own['verdict']['stand_ins'] = ['weights']
    html = page_module.render(own, drawn_as(page))
    grid = html[html.index('id="s2"'):html.index('id="s3"')]
    assert 'class="badge"' not in grid and '<b>Stand-in pictures.</b>' not in html
    assert '<b>Stand-in weights.</b>' in html
    badges = set(re.findall(r'class="badge"><span lang="en">([^<]*)</span>', html))
    assert badges == {'stand-ins: seeded weights'}


def drawn_as(html):
    """What render() needs of drawings, with nothing drawn."""
    maps = re.findall(r'<figure class="maps">.*?</figure>', html, re.S)
    pictures = [{'name': 'a.jpg', 'label': 0, 'prediction': .5}]
    return {'pictures': {'grid': []}, 'networks': {}, 'training': {'curves': []},
            'features': {'histogram': '', 'projection': ''}, 'submission': {'histogram': ''},
            'validation': {'clip': '', 'calibration': '', 'mistakes': pictures,
                           'doubts': pictures},
            'heatmaps': {'maps': [[''] * m.count('<img') for m in maps]}}


def test_legends_are_drawn_as_their_lines_are(page):
    for name in figures.COLOURS:
        assert '.legend .%s { color: var(--%s); }' % (name, name) in page
        assert len(re.findall('--%s: [^;]*;' % name, page)) == 2      # a light page, a dark one
    assert dict(re.findall(r'\.legend \.line\.(\w+) \{ border-top-style: (\w+); \}', page)) == \
        figures.LINES


def test_networks_come_in_the_articles_order(numbers, page):
    order = ARTICLE['extraction_order']
    assert numbers['features']['order'] == order
    assert re.findall(r'class="line (\w+)"></i>(?:ResNet50|InceptionV3|Xception)<', page) == order


def test_a_demos_page_calls_its_program_exact_and_names_no_other_engine(numbers, page):
    assert numbers['verdict']['engine'] == {}
    assert 'its exact program' in numbers['verdict']['lead']['english']
    assert 'OpenVINO' not in page


@pytest.mark.parametrize('passed, says', [(True, 'it was held'), (None, 'it was not judged')])
def test_the_page_names_the_engine_before_all_else(numbers, page, passed, says):
    other = json.loads(json.dumps(numbers))
    run = by_openvino('f32', passed)
    rows = [verify.version('openvino', '1', '1', True)]
    other['verdict'].update(
        engine=verdict.other_engine(run), lead=verdict.lead(run, rows),
        explained=verdict.explained(run, rows, 'not comparable'),
        answers=[{'question': question, 'state': state, 'shown': verdict.STATES[state],
                  'why': why} for question, state, why in verdict.answers(run, rows)])
    html = page_module.render(other, drawn_as(page))
    lead = html[html.index('class="lead"'):html.index('id="s1"')]
    assert 'OpenVINO 2026.4.1 f32' in lead and 'exact' not in lead
    top = html[html.index('id="s1"'):html.index('class="answers"')]
    assert 'at most 2.0e-06 of their rms' in top and says in top
    assert 'This run followed the article\'s listing.' not in html


def test_the_page_shows_what_another_engine_measured(numbers, page):
    other = json.loads(json.dumps(numbers))
    equality = extraction.equality_of(by_openvino()['steps'][0])
    for row in other['extraction']['networks']:
        row.update(engine='openvino', threads=2, workers=3, resumed_after=48, equality=equality)
    other['extraction']['submit_equality'] = {
        'pictures': 32, 'flips': 1, 'log_loss_change': 1e-6, 'largest_change': 2e-6}
    html = page_module.render(other, drawn_as(page))
    for text in (', 2 threads<', ', 3 decoding processes<', ' (48 of them before)<',
                 'those of the remaining pictures', '<td class="n">2.0e-06</td>',
                 '<td class="is-ok"><span lang="en">yes</span>',
                 '<td><span lang="en">max abs at most 0.001 of the rms</span>',
                 '32 pictures compared, 1 decisions flipped, log loss changed by 1.0e-06'):
        assert text in html, text
    for row in other['extraction']['networks']:
        row.update(computed=0, equality=dict(equality, passed=None))
    html = page_module.render(other, drawn_as(page))
    assert '<td class="is-open"><span lang="en">not judged</span>' in html
    assert '<td colspan="3"><span lang="en">kept from before</span>' in html


@pytest.mark.parametrize('bounds, text, dot', [
    ({'is': 'none', 'best': 0, 'best_log_loss': .1}, 'none: every bound costs something', None),
    ({'is': 'any', 'best': .0829, 'best_log_loss': .1}, 'any bound up to 0.082: they change',
     'Dot: the highest of the best.'),
    ({'is': 'one', 'best': .5, 'best_log_loss': .7}, '0.5, which predicts 0.5 everywhere',
     'Dot: the best.'),
    ({'is': 'one', 'best': .0123, 'best_log_loss': .1}, '0.012 (log loss 0.1000)',
     'Dot: the best.')])
def test_the_page_says_which_bound_is_the_best(numbers, page, bounds, text, dot):
    other = json.loads(json.dumps(numbers))
    other['validation']['bounds'].update(bounds)
    html = page_module.render(other, drawn_as(page))
    assert '<td><span lang="en">' + text in html
    assert re.findall('Dot: [^<]*', html) == ([dot] if dot else [])


def test_the_page_shows_kaggles_score_and_whose_weights_they_are(numbers, page):
    other = json.loads(json.dumps(numbers))
    other['submission']['score'] = {'public': '0.04141', 'private': '0.05'}
    other['provenance']['weights'] = [{'network': 'VGG16', 'md5': 'b' * 32, 'are': kind}
                                      for kind in ('article', 'stand-in', 'other', None)]
    html = page_module.render(other, drawn_as(page))
    assert 'Kaggle&#39;s score' not in html and '0.04141 public, 0.05 private' in html
    for kind in ("the article's", 'stand-in', 'others', 'unknown'):
        assert 'b</code><span lang="en"> (%s)</span>' % kind in html


def test_a_changed_byte_is_the_pages_verdict(run, small):
    predictions = small.join('pred.csv').read().strip()
    small.join('pred.csv').write(predictions[:-1] + ('1' if predictions[-1] != '1' else '2'))
    shutil.rmtree(str(small.join('weights')))
    result = run('report', '--work', small)
    assert result.status == 0, result.both
    numbers = json.loads(read(small, 'report.json'))
    assert numbers['verdict']['verdict'] == 'failed'
    assert numbers['heatmaps']['missing']['english'] == (
        'Not available: the networks\' weights are no longer in the folder.')
    assert [r['built'] for r in numbers['networks']['networks']] == [None] * 3
    html = read(small, 'report.html')
    assert '<span lang="zh-CN">有检查未通过</span>' in html
    assert '<span lang="zh-CN">无法显示：文件夹中已没有网络权重。</span>' in html


# ------------------------------------------------------------------ without a picture, other seeds

def check_features_page(numbers, html, train, test):
    assert numbers['verdict']['verdict'] == 'not comparable'
    assert numbers['verdict']['stand_ins'] == ['features']
    assert numbers['pictures'] == {} and numbers['extraction']['networks'] == []
    assert numbers['heatmaps']['missing']['english'] == 'Not available: no pictures in this run.'
    for row in numbers['features']['networks'].values():
        assert 0 < row['train']['std'] < 2 and 0 <= row['train']['zeros'] < 1
    assert numbers['features']['of'] == train and numbers['submission']['predicted'] == test
    assert numbers['training']['band']['n'] == 2
    assert './run.sh cpu --features --work WORK --seeds 2' in html and 'DIR' not in html
    assert len(numbers['validation']['mistakes']) <= 8
    assert all('row' in e and 'name' not in e for e in numbers['validation']['doubts'])
    for english, chinese in (
            ('Not available: no pictures in this run.', '无法显示：本次运行没有图片。'),
            ('<b>Stand-in features.</b>', '<b>替代特征。</b>'),
            ('No network ran here: ', '这里没有运行网络：'),
            ('Only row numbers of the feature files can be given', '只能给出特征文件的行号')):
        assert '<span lang="en">' + english in html and '<span lang="zh-CN">' + chinese in html
    assert len(html.encode('utf-8')) < 5e6


def test_a_run_on_features_alone_has_its_page(without_pictures):
    check_features_page(*without_pictures[1:], train=1000, test=300)


def test_features_without_a_mark_are_called_unmarked(without_pictures):
    _folder, numbers, html = without_pictures
    assert numbers['verdict']['unmarked'] == {} and '<b>Unmarked features.</b>' not in html
    files = {'gap_ResNet50.h5': 'a' * 64}
    own = json.loads(json.dumps(numbers))
    own['verdict'].update(unmarked=files, stand_ins=[], features_by=['openvino bf16'])
    html = page_module.render(own, drawn_as(html))
    assert html.index('<b>Unmarked features.</b>') < html.index('class="answers"')
    assert 'a' * 64 in html and 'computed by openvino bf16, not' in html


@pytest.mark.skipif(not os.environ.get('REPRO_FULL_SHAPE'),
                    reason='takes minutes and 1 GB: REPRO_FULL_SHAPE=1 ./run.sh test')
def test_at_the_articles_shape_too_and_in_time(tmpdir):
    numbers, html = features_run(tmpdir, 25000, 12500)
    check_features_page(numbers, html, train=25000, test=12500)
    assert 1500 < numbers['features']['sample'] <= 2000


# ------------------------------------------------------------------------------------- bad input

@pytest.mark.parametrize('name', ['history.json', 'validation.csv', 'gap_Xception.h5', 'run.json'])
def test_a_broken_file_is_named_and_the_page_before_stays(run, small, name):
    shutil.rmtree(str(small.join('weights')))
    small.join('report.html').write('before')
    small.join(name).write('broken')
    result = run('report', '--work', small)
    assert result.status == 4, result.both
    assert len(result.err.strip().splitlines()) == 1 and name in result.err
    assert small.join('report.html').read() == 'before'


def test_no_run_no_report(run, tmpdir):
    result = run('report', '--work', tmpdir)
    assert result.status == 4 and 'run.json is missing' in result.err


def test_a_page_that_fails_leaves_the_runs_status_visible(small, monkeypatch, capsys):
    from repro import __main__ as program
    monkeypatch.delenv(str('REPRO_NO_REPORT'), raising=False)
    monkeypatch.setattr(page_module, 'main', lambda: 1 / 0)
    with small.as_cwd():
        assert program.report(0) == 1
        assert program.report(1) == 1
    assert 'The run itself is whole' in capsys.readouterr()[1]
