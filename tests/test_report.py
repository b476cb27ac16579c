# -*- coding: utf-8 -*-
"""The report: what report.json says, what report.html shows, and both in a real browser."""
from __future__ import division, print_function, unicode_literals

import base64
import io
import json
import os
import re
import shutil

import numpy as np
import pandas as pd
import pytest

import browser
from conftest import ROOT
from repro import expected, record, reruns, verify
from repro.folder import write_json
from repro.report import extraction, figures, heatmaps, page as page_module
from repro.report import provenance, texts, validation, verdict
from repro.standin import features

SAID = expected.values(expected.load('article.json'))
SECTIONS = ('verdict', 'pictures', 'networks', 'extraction', 'features', 'training',
            'validation', 'heatmaps', 'submission', 'provenance')
SHOTS = os.path.join(os.environ.get('REPRO_HOME', ROOT), 'screenshots')


def read(folder, name):
    with io.open(str(folder.join(name)), encoding='utf-8') as f:
        return f.read()


@pytest.fixture(scope='module')
def page(demo):
    return read(demo[0], 'report.html')


@pytest.fixture(scope='module')
def numbers(demo):
    return json.loads(read(demo[0], 'report.json'))


# -------------------------------------------------------------------------- the numbers, the page

def test_the_demo_ends_with_a_report_that_says_what_it_is(demo, numbers):
    assert 'report: report.html' in demo[1].out
    assert set(SECTIONS) <= set(numbers)
    assert numbers['verdict']['verdict'] == 'not comparable'
    assert numbers['verdict']['stand_ins'] == ['pictures', 'weights']
    states = dict((a['question'], a['state']) for a in numbers['verdict']['answers'])
    assert states == {'ran.all': 'yes', 'versions': 'yes', 'files': 'yes',
                      'features.golden': 'open', 'log.apart': 'open', 'ten.apart': 'open',
                      'score.apart': 'open'}


def test_its_numbers_are_the_runs(demo, numbers):
    run = json.loads(read(demo[0], 'run.json'))
    said = record.entry(run, 'submit')['validation']
    for key in ('pictures', 'accuracy', 'log_loss', 'log_loss_clipped'):
        assert abs(numbers['validation'][key] - said[key]) < 1e-6
    assert sum(sum(row) for row in numbers['validation']['confusion']) == said['pictures']
    assert numbers['training']['logs'] == json.loads(read(demo[0], 'history.json'))['logs']
    for row, said in zip(numbers['training']['differences']['article'], SAID['log']):
        for run_has, article_has, off in zip(row['run'], said, row['off']):
            assert abs(run_has - article_has - off) < 1e-12
    assert len(numbers['verdict']['claims']) == len(expected.load('article.json')['verdicts'])
    assert numbers['pictures']['classes'] == {'cat': 64, 'dog': 64}
    assert sum(numbers['submission']['histogram']) == 32
    low, high = (numbers['submission']['expected'][k] for k in ('low', 'high'))
    assert low < numbers['validation']['log_loss_clipped'] < high


def test_the_networks_were_built_again_and_are_those_of_keras_122(numbers):
    rows = numbers['networks']['networks']
    assert [r['name'] for r in rows] == ['ResNet50', 'InceptionV3', 'Xception']
    for row in rows:
        assert row['built'] is True
        assert row['layers'] == SAID['layers'][row['name']]
        assert row['parameters'] == SAID['parameters'][row['name']]


def test_heat_maps_and_bias_add_up_to_the_prediction(numbers):
    pictures = numbers['heatmaps']['pictures']
    assert [p['why'] for p in pictures][:2] == ['cat', 'dog'] and len(pictures) >= 3
    # of ResNet50 the map before its own average pooling, which its output of 1 × 1 is not
    assert numbers['heatmaps']['sizes'] == {'ResNet50': [7, 7], 'InceptionV3': [8, 8],
                                            'Xception': [10, 10]}
    for p in pictures:
        got = verify.sigmoid(sum(p['parts'].values()) + p['bias'])
        assert abs(got - p['prediction']) < 1e-5


def test_the_page_is_one_small_file_that_asks_for_nothing(page):
    assert len(page.encode('utf-8')) < 5e6
    for address in re.findall(r'(?:src|href|url)\s*[=(]\s*["\']?([^"\') >]+)', page):
        assert address.startswith(('data:', '#')), address
    assert ROOT not in page


def test_every_section_is_there_in_both_languages(page):
    for i, key in enumerate(SECTIONS, 1):
        english, chinese = texts.pair(key)
        assert '<h2 id="s%d">' % i in page
        assert '<span lang="en">%s</span><span lang="zh-CN">%s</span>' % (english, chinese) in page


def test_every_figure_of_the_demo_says_that_it_is_a_stand_in(page):
    body = page[page.index('id="s4"'):]
    figures = re.findall(r'<figure(?! class="picture").*?</figure>', body, re.S)
    assert len(figures) >= 10
    assert all('class="badge"' in figure for figure in figures)


def test_what_is_own_bears_no_badge(numbers, page):
    own = json.loads(json.dumps(numbers))
    own['verdict']['stand_ins'] = ['weights']
    html = page_module.render(own, drawn_as(page))
    grid = html[html.index('id="s2"'):html.index('id="s3"')]
    assert 'class="badge"' not in grid and texts.pair('standin.pictures')[0] not in html
    badges = set(re.findall(r'class="badge"><span lang="en">([^<]*<[^<]*)', html))
    assert badges == {'stand-ins: <span lang="en">seeded weights'}


def drawn_as(html):
    """What render() wants of drawings, with nothing drawn."""
    maps = re.findall(r'<figure class="maps">.*?</figure>', html, re.S)
    pictures = [{'name': 'a.jpg', 'label': 0, 'prediction': .5}]
    return {'pictures': {'grid': []}, 'networks': {}, 'training': {'curves': []},
            'features': {'histogram': '', 'projection': ''}, 'submission': {'histogram': ''},
            'validation': {'clip': '', 'calibration': '', 'mistakes': pictures,
                           'doubts': pictures},
            'heatmaps': {'maps': [[''] * m.count('<img') for m in maps]}}


def test_the_legends_lines_are_drawn_as_the_networks_are(page):
    drawn = dict((n, path) for path, n in re.findall(
        r'<path [^>]*style="([^"]*stroke:var\(--(ResNet50|InceptionV3|Xception)\)[^"]*)"', page))
    assert len(drawn) == 3 and 'dasharray' not in drawn['ResNet50']
    assert 'dasharray' in drawn['InceptionV3'] and 'dasharray' in drawn['Xception']
    for network, line in figures.LINES.items():
        rule = re.search(r'\.legend \.line\.%s\b[^{]*\{ border-top-style: (\w+)'
                         % network, page)
        assert (rule.group(1) if rule else 'solid') == line, network


def test_networks_come_in_the_articles_order(numbers, page):
    order = SAID['extraction_order']
    assert numbers['features']['order'] == order
    assert re.findall(r'class="line (\w+)"></i>(?:ResNet50|InceptionV3|Xception)<', page) == order


# ------------------------------------------------------------------------------------- the texts

def test_chinese_sentences_have_chinese_punctuation(page):
    for key, (_, chinese) in texts.TEXTS.items():
        assert not re.search('[\u4e00-\u9fff][,:;(]', chinese), key
    assert re.findall('[\u4e00-\u9fff](?:</span>)?[,:;(][^<]*', page) == []


def test_both_languages_have_the_same_fields():
    for key, (english, chinese) in texts.TEXTS.items():
        assert (sorted(re.findall(r'\{(\w+)', english))
                == sorted(re.findall(r'\{(\w+)', chinese))), key
        assert re.search('[\u4e00-\u9fff]', chinese), key


def test_all_that_verify_and_the_article_said_has_its_chinese(numbers):
    said = [v for row in numbers['verdict']['rows'] for v in row.values()]
    said += [row[k] for row in numbers['verdict']['claims']
             for k in ('section', 'claim', 'computed', 'verdict')]
    assert [s for s in said if texts.translation(s) is None] == []


def test_numbers_keep_their_places_in_the_chinese():
    assert texts.translation('3 of 8') == '8 轮中 3 轮'
    assert texts.translation('8 of 10 lie at a bound of the clip: 4 dogs, then 6 cats, as in 5 '
                             'of 7 re-runs that print them clipped and in the right order'
                             ).startswith('10 个中有 8 个位于截断界上：先 4 只狗，再 6 只猫')
    assert texts.translation('nobody ever said this') is None


# ----------------------------------------------------------------------------------- the verdict

def article_run(tmpdir, log, ten):
    """verify's rows for a run whose log and first ten rows are given, on the article's inputs."""
    run = {'kind': 'real', 'steps': [
        {'step': 'links', 'data': 'complete', 'cats': 12500, 'dogs': 12500, 'test': 12500,
         'files': {}},
        {'step': 'gap ResNet50', 'weights_are': 'article', 'order': 'sorted', 'files': {}},
        {'step': 'head', 'networks': SAID['concatenation_order'], 'files': {}}]}
    columns = dict((c, [row[i] for row in log]) for i, c in enumerate(reruns.COLUMNS))
    with tmpdir.as_cwd():
        write_json('history.json', {'logs': {'article': columns, 'notebook': columns}})
        with open('pred.csv', 'w') as f:
            f.write('id,label\n' + ''.join('%d,%s\n' % row for row in enumerate(ten, 1)))
        return list(verify.check_article(run))


def test_reproduced_is_digit_for_digit(tmpdir):
    rows = article_run(tmpdir, SAID['log'], SAID['first_ten'])
    assert verdict.of(rows) == ('reproduced', '')
    log = [row[:] for row in SAID['log']]
    log[7][2] += .0001
    assert verdict.of(article_run(tmpdir, log, SAID['first_ten']))[0] == 'differences'
    assert verdict.of(article_run(tmpdir, SAID['log'], [.5] * 10))[0] == 'differences'
    assert verdict.of(rows + [('pred.csv', 'a', 'b', verify.FAIL)])[0] == 'failed'


def test_a_result_outside_the_spread_is_no_broken_file(tmpdir):
    log = [[.7, .5, .7, .5] for _ in SAID['log']]
    rows = article_run(tmpdir, log, SAID['first_ten'])
    run = {'kind': 'features', 'steps': []}
    assert verdict.of(rows)[0] == 'failed'
    assert verdict.explained(run, rows, 'failed') == 'verdict.failed.outside'
    rows += [('pred.csv', 'a', 'b', verify.FAIL)]
    assert verdict.explained(run, rows, 'failed') == 'verdict.failed.why'


def by_openvino(precision='f32', passed=True):
    """A finished run's record, whose one network another engine computed."""
    equality = {'pictures': 32, 'max_abs_over_rms': 2e-6, 'smallest_cosine': 1., 'passed': passed,
                'bound': 'max abs at most 0.001 of the rms'}
    return {'kind': 'real', 'settings': {'engine': 'openvino', 'precision': precision,
                                         'networks': ['ResNet50']}, 'commit': 'c',
            'versions': {}, 'steps': [
                {'step': 'gap ResNet50', 'engine': 'openvino', 'precision': precision,
                 'engine_version': '2026.4.1-22982', 'equality': equality, 'files': {},
                 'threads': 2, 'workers': 3}]}


@pytest.mark.parametrize('precision, passed', [('f32', True), ('bf16', None)])
def test_another_engine_is_never_called_the_articles_program(precision, passed):
    run = by_openvino(precision, passed)
    rows = [('version of keras', '', '', verify.OK), ('version of openvino', '', '', verify.OK)]
    name = 'OpenVINO 2026.4.1 ' + precision
    said = verdict.other_engine(run)
    assert (said['name'], said['passed'], said['largest']) == (name, passed, 2e-6)
    assert verdict.lead(run, rows) == 'lead.engine'
    assert name in texts.html('lead.engine', engine=name)
    assert verdict.explained(run, rows, 'not comparable') == 'verdict.not comparable.engine'
    found = dict((q, (state, v)) for q, state, v in verdict.answers(run, rows))
    assert found['ran.engine'] == ('differs', {'engine': name})
    assert found['versions.engine'] == ('differs', {'engine': name, 'n': 1, 'of': 1})
    assert 'ran.all' not in found and 'versions' not in found


def test_a_demos_page_calls_its_program_exact_and_names_no_other_engine(numbers, page):
    assert numbers['verdict']['engine'] == {} and numbers['verdict']['lead'] == 'lead.all'
    assert 'OpenVINO' not in page


@pytest.mark.parametrize('passed, says', [(True, 'it was held'), (None, 'it was not judged')])
def test_the_page_names_the_engine_before_all_else(numbers, page, passed, says):
    other = json.loads(json.dumps(numbers))
    run = by_openvino('f32', passed)
    rows = [('version of openvino', '', '', verify.OK)]
    other['verdict'].update(
        engine=verdict.other_engine(run), lead=verdict.lead(run, rows),
        explained=verdict.explained(run, rows, 'not comparable'),
        answers=[{'question': q, 'state': s, 'values': v}
                 for q, s, v in verdict.answers(run, rows)])
    html = page_module.render(other, drawn_as(page))
    lead = html[html.index('class="lead"'):html.index('id="s1"')]
    assert 'OpenVINO 2026.4.1 f32' in lead and 'exact' not in lead
    top = html[html.index('id="s1"'):html.index('class="answers"')]
    assert 'at most 2.0e-06 of their rms' in top and says in top
    assert texts.pair('verdict.not comparable.why')[0] not in html


def test_a_changed_byte_is_the_pages_verdict(run, small):
    predictions = small.join('pred.csv').read().strip()
    small.join('pred.csv').write(predictions[:-1] + ('1' if predictions[-1] != '1' else '2'))
    shutil.rmtree(str(small.join('weights')))
    result = run('report', '--work', small)
    assert result.status == 0, result.both
    said = json.loads(read(small, 'report.json'))
    assert said['verdict']['verdict'] == 'failed'
    assert said['heatmaps'] == {'missing': 'heatmaps.no_weights'}
    assert [r['built'] for r in said['networks']['networks']] == [None] * 3
    html = read(small, 'report.html')
    assert texts.pair('verdict.failed')[1] in html
    assert texts.pair('heatmaps.no_weights')[0] in html


# ----------------------------------------------------------------------- speeds, bounds, the least

def test_a_run_that_went_on_is_as_fast_as_what_it_computed(tmpdir):
    run = {'settings': {'networks': ['ResNet50', 'Xception']}, 'steps': [
        {'step': 'gap ResNet50', 'pictures': 80, 'resumed_after': 48, 'seconds': 16.},
        {'step': 'gap Xception', 'pictures': 80, 'resumed_after': 0, 'seconds': 16.}]}
    tmpdir.mkdir('train2')
    with tmpdir.as_cwd():
        went_on, whole = extraction.section(run)[0]['networks']
    assert (went_on['computed'], went_on['images_per_second']) == (32, 2)
    assert went_on['hours_for_all'] == 37500 / 2 / 3600
    assert (whole['computed'], whole['images_per_second']) == (80, 5)


@pytest.mark.parametrize('p, y, is_a, best', [
    ([.2, .9, .7], [0, 1, 1], 'any', .1),           # all right: below 0.1 nothing is clipped
    ([1., 1., 0.], [1, 1, 0], 'none', 0),           # certain and right: each bound costs
    ([.9, .9, .1], [0, 0, 1], 'one', .5),           # all wrong: 0.5 everywhere would be best
    ([.99] * 9 + [.99], [1] * 9 + [0], 'one', .1)])     # one in ten wrong: say 0.9
def test_the_best_bound_is_the_best_of_all(p, y, is_a, best):
    p, y = np.array(p), np.array(y)
    curve = validation.clip_curve(p, y)
    assert validation.BOUNDS[-1] == .5 and abs(curve[-1] - np.log(2)) < 1e-12
    found = validation.best_bound(p, y, curve)
    assert found['is'] == is_a and abs(found['best'] - best) < .01
    assert found['best_log_loss'] <= min(curve) + 1e-9


def test_two_digits_never_say_more():
    assert [validation.rounded_down(b) for b in (.0829, .1, .32, 1e-7, .0049999)] == [
        '0.082', '0.1', '0.32', '1e-07', '0.0049']
    assert [figures.signed(v, 2) for v in (-.001, .001, 1.2, -.3)] == [
        '0.00', '0.00', '+1.20', '-0.30']


def test_where_no_cat_is_taken_for_one_the_page_says_so(tmpdir):
    with tmpdir.as_cwd():
        pd.DataFrame({'row': [0, 1, 2], 'label': [0, 0, 1], 'prediction': [.774, .9, .8]}).to_csv(
            'validation.csv', index=False)
        assert [(why, row['prediction']) for why, row in heatmaps.chosen({})] == [
            ('cat.none', .774), ('dog', .8), ('mistake', .9)]
    assert 'no cat was taken for a cat' in texts.html('why.cat.none', name='cat.6.jpg', p=.774)


# ------------------------------------------------------------------ without a picture, other seeds

def features_run(run, folder, train, test):
    """report.json and report.html of a run on stand-in features, with two other seeds."""
    with folder.as_cwd():
        features.write(['ResNet50', 'InceptionV3', 'Xception'], train, test)
    result = run('cpu', '--features', '--seeds', 2, '--work', folder, REPRO_NO_REPORT=None)
    assert result.status == 0, result.both
    return json.loads(read(folder, 'report.json')), read(folder, 'report.html')


def check_features_page(said, html, train, test):
    assert said['verdict']['verdict'] == 'not comparable'
    assert said['verdict']['stand_ins'] == ['features']
    assert said['pictures'] == {} and said['extraction']['networks'] == []
    assert said['heatmaps'] == {'missing': 'heatmaps.no_pictures'}
    for row in said['features']['networks'].values():
        assert 0 < row['train']['std'] < 2 and 0 <= row['train']['zeros'] < 1
    assert said['features']['of'] == train and said['submission']['predicted'] == test
    assert said['training']['band']['n'] == 2
    assert './run.sh cpu --features --work WORK --seeds 2' in html and 'DIR' not in html
    assert len(said['validation']['mistakes']) <= 8
    assert all('row' in e and 'name' not in e for e in said['validation']['doubts'])
    for key in ('none.pictures', 'standin.features', 'extraction.none', 'validation.no_names'):
        assert texts.pair(key)[0] in html and texts.pair(key)[1] in html
    assert [v for row in said['verdict']['rows'] for v in row.values()
            if texts.translation(v) is None] == []
    assert len(html.encode('utf-8')) < 5e6


@pytest.fixture(scope='module')
def without_pictures(run, tmpdir_factory):
    folder = tmpdir_factory.mktemp('features')
    return (folder,) + features_run(run, folder, 1000, 300)


def test_a_run_on_features_alone_has_its_page(without_pictures):
    check_features_page(*without_pictures[1:], train=1000, test=300)


def test_features_without_a_mark_are_called_unmarked(without_pictures):
    _, said, html = without_pictures
    assert said['verdict']['unmarked'] == {} and texts.pair('unmarked')[0] not in html
    files = {'gap_ResNet50.h5': 'a' * 64}
    run = {'steps': [{'step': 'features', 'features_are': 'unmarked', 'files': files}]}
    assert verdict.unmarked(run) == files
    said = json.loads(json.dumps(said))
    said['verdict'].update(unmarked=files, stand_ins=[], features_by=verdict.features_by(
        {'steps': [{'step': 'features', 'features_by': ['openvino bf16', 'tf1']}]}))
    html = page_module.render(said, drawn_as(html))
    assert html.index(texts.pair('unmarked')[0]) < html.index('class="answers"')
    assert 'a' * 64 in html and 'computed by openvino bf16, not' in html


@pytest.mark.skipif(not os.environ.get('REPRO_FULL_SHAPE'),
                    reason='takes minutes and 1 GB: REPRO_FULL_SHAPE=1 ./run.sh test')
def test_at_the_articles_shape_too_and_in_time(run, tmpdir):
    said, html = features_run(run, tmpdir, 25000, 12500)
    check_features_page(said, html, train=25000, test=12500)
    assert 1500 < said['features']['sample'] <= 2000


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
    from repro.report import page as module
    monkeypatch.delenv(str('REPRO_NO_REPORT'), raising=False)
    monkeypatch.setattr(module, 'main', lambda: 1 / 0)
    with small.as_cwd():
        assert program.report(0) == 1
        assert program.report(1) == 1
    assert 'The run itself is whole' in capsys.readouterr()[1]


# ------------------------------------------------------------------------------------ the commands

def test_the_commands_to_repeat_a_run_are_ones_that_run_sh_knows(demo, small_demo):
    for folder, _ in (demo, small_demo):
        commands = provenance.commands(json.loads(read(folder, 'run.json')))
        assert commands[0].startswith('git checkout ')
        assert commands[1].startswith('./run.sh demo --work WORK')
        assert provenance.folders(json.loads(read(folder, 'run.json'))) == ['folder.WORK']
    assert commands[1].endswith('--train 8 --test 4')


def test_the_commands_name_all_that_a_run_was_asked_for():
    run = by_openvino()
    run['settings']['any_weights'] = True
    run['steps'][0].update(weights_are='other', order='filesystem')
    run['steps'].append({'step': 'seeds', 'runs': 20, 'files': {}})
    assert provenance.commands(run)[1] == (
        './run.sh cpu --data DIR --work WORK --weights WEIGHTS --networks ResNet50 '
        '--engine openvino --threads 2 --workers 3 --order filesystem --seeds 20 --any-weights')
    assert provenance.folders(run) == ['folder.WORK', 'folder.DIR', 'folder.WEIGHTS']


# ----------------------------------------------------------------------------------- in a browser

@pytest.fixture(scope='module')
def chromium(tmpdir_factory):
    path = browser.found()
    if path is None:
        pytest.skip('no Chromium here (Debian: apt-get install chromium)')
    with browser.chromium(path, str(tmpdir_factory.mktemp('browser'))) as call:
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            call(domain + '.enable')
        yield call


def opened(call, folder, width=1000, dark=False, script=True, language='en'):
    """Opens the folder's page; asserts that it loads in silence and asks for nothing else."""
    del call.events[:]
    call('Emulation.setScriptExecutionDisabled', value=not script)
    call('Emulation.setDeviceMetricsOverride', width=width, height=900, deviceScaleFactor=1,
         mobile=width < 500)
    call('Emulation.setEmulatedMedia', media='', features=[
        {'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
    call('Page.navigate', url='about:blank')
    call.until('Page.loadEventFired')
    del call.events[:]
    address = 'file://' + str(folder.join('report.html'))
    call('Page.navigate', url=address + '#' + language)
    call.until('Page.loadEventFired')
    errors = [p for m, p in call.events if m in (
        'Runtime.exceptionThrown', 'Runtime.consoleAPICalled', 'Log.entryAdded')]
    assert errors == []
    asked = [p['request']['url'] for m, p in call.events if m == 'Network.requestWillBeSent']
    assert [a for a in asked if not a.startswith(('data:', address))] == []


def keep(call, name):
    """A screenshot of the whole page, as build output to be looked at."""
    if not os.path.isdir(SHOTS):
        os.makedirs(SHOTS)
    size = call('Page.getLayoutMetrics')['cssContentSize']
    shot = call('Page.captureScreenshot', captureBeyondViewport=True, clip=dict(
        x=0, y=0, width=size['width'], height=min(size['height'], 16000), scale=1))
    with open(os.path.join(SHOTS, name + '.png'), 'wb') as f:
        f.write(base64.b64decode(shot['data']))


VISIBLE = ('[].filter.call(document.querySelectorAll("main [lang=\'%s\']:not(.as-is)"),'
           'function (e) {return e.getClientRects().length;}).length')
TALLEST = ('Math.max.apply(null, [].map.call(document.querySelectorAll('
           '"table:not(.answers):not(.rows) thead"), function (e) {return e.offsetHeight;}))')
WIDER = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'


@pytest.mark.parametrize('width, dark, language', [
    (1000, False, 'en'), (1000, True, 'zh'), (360, False, 'zh'), (360, True, 'en')])
def test_in_a_browser(chromium, demo, width, dark, language):
    opened(chromium, demo[0], width, dark, language=language)
    images = chromium.evaluate('document.images.length')
    assert images > 40
    assert chromium.evaluate('[].filter.call(document.images, function (i) '
                             '{return !i.complete || !i.naturalWidth || !i.alt;}).length') == 0
    assert chromium.evaluate(WIDER) == 0
    # A table that goes on beyond its edge has a shadow there, and headings of one line.
    assert chromium.evaluate('getComputedStyle(document.querySelector(".wide"))'
                             '.backgroundAttachment').startswith('local, local, scroll')
    if width == 360:
        assert chromium.evaluate(TALLEST) < 40
    shown, hidden = ('en', 'zh-CN') if language == 'en' else ('zh-CN', 'en')
    assert chromium.evaluate(VISIBLE % shown) > 100 and chromium.evaluate(VISIBLE % hidden) == 0
    assert chromium.evaluate('document.documentElement.lang') == shown
    keep(chromium, '%d-%s-%s' % (width, 'dark' if dark else 'light', language))


def test_the_page_without_pictures_in_a_browser(chromium, without_pictures):
    opened(chromium, without_pictures[0], width=360)
    assert chromium.evaluate(WIDER) == 0
    keep(chromium, 'features-360-light-en')


@pytest.mark.parametrize('script', [True, False])
def test_the_language_switch_works_with_and_without_script(chromium, demo, script):
    opened(chromium, demo[0], script=script)
    for wanted, shown, hidden in (('zh', 'zh-CN', 'en'), ('en', 'en', 'zh-CN')):
        x, y = chromium_middle(chromium, 'label[for=%s]' % wanted)
        for kind in ('mousePressed', 'mouseReleased'):
            chromium('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left', clickCount=1)
        assert visible(chromium, shown) and not visible(chromium, hidden)


def chromium_middle(call, selector):
    """The middle of an element, by the DOM domain: works where the page may run no script."""
    root = call('DOM.getDocument')['root']['nodeId']
    node = call('DOM.querySelector', nodeId=root, selector=selector)['nodeId']
    quad = call('DOM.getBoxModel', nodeId=node)['model']['content']
    return sum(quad[0::2]) / 4, sum(quad[1::2]) / 4


def visible(call, language):
    """Whether the headline is shown in this language."""
    root = call('DOM.getDocument')['root']['nodeId']
    node = call('DOM.querySelector', nodeId=root,
                selector='.headline span[lang="%s"]' % language)['nodeId']
    call('CSS.enable')
    style = call('CSS.getComputedStyleForNode', nodeId=node)['computedStyle']
    return [s['value'] for s in style if s['name'] == 'display'] != ['none']


def test_it_prints_with_everything_unfolded(chromium, demo):
    opened(chromium, demo[0], dark=True)
    pdf = base64.b64decode(chromium('Page.printToPDF', printBackground=True,
                                    preferCSSPageSize=True)['data'])
    assert pdf.startswith(b'%PDF') and len(re.findall(b'/Type\\s*/Page[^s]', pdf)) > 5
    with open(os.path.join(SHOTS, 'print.pdf'), 'wb') as f:
        f.write(pdf)
