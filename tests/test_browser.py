# -*- coding: utf-8 -*-
"""The page in a real browser: Chromium, where there is one."""
from __future__ import division, print_function, unicode_literals

import base64
import os
import re

import pytest

import browser
from conftest import ROOT

SHOTS = os.path.join(os.environ.get('REPRO_HOME', ROOT), 'screenshots')


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
        open(os.path.join(SHOTS, '.repro'), 'w').close()    # `clean` removes what bears this mark
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
