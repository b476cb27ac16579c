# -*- coding: utf-8 -*-
"""How the page's figures are drawn: colours, lines, labels, numbers."""
from __future__ import unicode_literals

import re

from repro import networks
from repro.console.text import _
from repro.report import figures


def drawn():
    """A figure's SVG with a line for each of the networks."""
    figure, ax = figures.axes(_('test pictures'), _('epoch'))
    for network in networks.NAMES:
        ax.plot([0, 1], [0, 1], color=figures.DRAWN[network],
                linestyle=figures.LINES.get(network, 'solid'))
    return figures.svg(figure, 'lines', _('{metric} over eight epochs: this run, the article, '
                                          'public re-runs', metric='a & b'))


def test_every_colour_and_every_label_has_its_place():
    svg = drawn()
    assert len(set(figures.DRAWN.values())) == len(figures.DRAWN)
    assert set(re.findall(r'stroke:var\(--(\w+)\)', svg)) >= set(networks.NAMES)
    assert '#0072b' not in svg and '@' not in svg
    assert '<tspan lang="en">test pictures</tspan><tspan lang="zh-CN">测试图片数</tspan>' in svg
    assert '<tspan lang="en">epoch</tspan><tspan lang="zh-CN">轮次</tspan>' in svg
    assert 'aria-label="a &amp; b over eight epochs' in svg and ' ｜ a &amp; b 随八轮' in svg


def test_lines_are_drawn_as_they_are_named():
    styles = dict((network, style) for style, network in re.findall(
        r'<path [^>]*style="([^"]*stroke:var\(--(\w+)\)[^"]*)"', drawn())
        if network in networks.NAMES)
    assert dict((network, line(style)) for network, style in styles.items()) == dict(
        (network, figures.LINES.get(network, 'solid')) for network in networks.NAMES)


def line(style):
    """What a path's style looks like: dots are shorter than the gaps between them."""
    dashes = re.search(r'stroke-dasharray:([\d.]+),([\d.]+)', style)
    if not dashes:
        return 'solid'
    return 'dashed' if float(dashes.group(1)) > float(dashes.group(2)) else 'dotted'


def test_zero_has_no_sign():
    assert [figures.signed(v, 2) for v in (-.001, .001, 1.2, -.3)] == [
        '0.00', '0.00', '+1.20', '-0.30']
