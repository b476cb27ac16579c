# -*- coding: utf-8 -*-
"""Figures as inline SVG: drawn by matplotlib, coloured by the page, labelled in both languages.

matplotlib knows neither dark pages nor Chinese fonts.  So every colour is drawn as a stand-in
that becomes a CSS variable (page.css says what --run is by day and by night), every label is
drawn as the key of a text and becomes that text in English and Chinese, and text stays text.
Legends are lists beside the figures, in HTML.
"""
from __future__ import division, print_function

import base64
import io
import os
import re

# Its list of the machine's fonts is kept beside the environment: a work folder holds no path.
if 'REPRO_HOME' in os.environ:
    os.environ.setdefault('MPLCONFIGDIR', os.path.join(os.environ['REPRO_HOME'], 'home',
                                                       'matplotlib'))

import matplotlib                                                   # noqa: E402
import matplotlib.cm                                                # noqa: E402
from matplotlib.backends.backend_agg import FigureCanvasAgg         # noqa: E402
from matplotlib.figure import Figure                                # noqa: E402

from repro.report import texts                                      # noqa: E402

# name in page.css: the stand-in.  What they look like there is colour-blind safe (Okabe and Ito).
COLOURS = {
    'ink': '#010101', 'muted': '#020202', 'rule': '#030303', 'paper': '#040404',
    'cat': '#0072b2', 'dog': '#d55e00', 'run': '#0072b3', 'other': '#e69f00',
    'article': '#010102', 'rerun': '#999999', 'band': '#56b4e9', 'good': '#009e73',
    'ResNet50': '#0072b4', 'InceptionV3': '#e69f01', 'Xception': '#009e74', 'VGG16': '#cc79a7',
    'VGG19': '#cc79a8'}
# How a network's line is drawn; page.css has the same for the legends.
LINES = {'ResNet50': 'solid', 'InceptionV3': 'dotted', 'Xception': 'dashed', 'VGG16': 'dotted',
         'VGG19': 'dashed'}
WIDTH, HEIGHT = 3.5, 2.3        # inches of 100 pixels: as wide as a telephone shows

matplotlib.rcParams.update({
    'svg.fonttype': 'none', 'svg.hashsalt': 'dogs-vs-cats', 'font.size': 8, 'figure.dpi': 100,
    'axes.spines.top': False, 'axes.spines.right': False, 'axes.linewidth': .7,
    'axes.edgecolor': COLOURS['muted'], 'axes.titlesize': 8.5, 'axes.titlepad': 7,
    'axes.titlecolor' if 'axes.titlecolor' in matplotlib.rcParams else 'text.color':
        COLOURS['ink'],
    'axes.labelcolor': COLOURS['ink'], 'xtick.color': COLOURS['ink'],
    'ytick.color': COLOURS['ink'], 'axes.grid': True, 'grid.color': COLOURS['rule'],
    'grid.linewidth': .6, 'axes.axisbelow': True, 'axes.facecolor': 'none',
    'figure.facecolor': 'none', 'savefig.facecolor': 'none', 'lines.linewidth': 1.6})


def axes(title, across, width=WIDTH, height=HEIGHT):
    """(figure, axes) with the key of a title, which names what goes up, and of an x label."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)     # measures the layout; savefig writes the SVG
    ax = figure.add_subplot(111)
    ax.set_title('@%s@' % title, loc='left')
    ax.set_xlabel('@%s@' % across)
    return figure, ax


def svg(figure, name, key, **values):
    """The figure as an <svg> element for HTML.

    name: unique on the page; key, values: the text that says what the figure shows.
    """
    figure.tight_layout(pad=.4)
    out = io.BytesIO()
    figure.savefig(out, format='svg')
    markup = out.getvalue().decode('utf-8')
    markup = markup[markup.index('<svg '):]
    markup = re.sub(r'<!--.*?-->\s*|<metadata>.*?</metadata>\s*', '', markup, flags=re.S)
    markup = re.sub(r'<svg [^>]*>', lambda m: opening(m.group(0), texts.both(key, **values)),
                    markup, count=1)
    markup = re.sub(r' id="(figure|axes|patch|line2d|text|matplotlib|xtick|ytick|legend|'
                    r'PathCollection|PolyCollection|LineCollection|Fill\w*)\w*\.?\w*"', '', markup)
    for kept in sorted(set(re.findall(r' id="([^"]+)"', markup))):
        markup = markup.replace('"%s"' % kept, '"%s-%s"' % (name, kept))
        markup = markup.replace('#%s' % kept, '#%s-%s' % (name, kept))
    markup = re.sub(r'font-family:[^;"]*;?', '', markup)
    for variable, stand_in in COLOURS.items():
        markup = markup.replace(stand_in, 'var(--%s)' % variable)
    markup = re.sub(r'<[^>]+>', lambda m: re.sub(r'(\d\.\d\d)\d+', r'\1', m.group(0)), markup)
    return re.sub(r'>@([^@<]+)@<', lambda m: '>%s<' % tspans(*texts.pair(m.group(1))), markup)


def opening(tag, says):
    """The svg element's start: no fixed size, a role and a name."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', tag)
    width = float(box.group(1)) / .72       # matplotlib's points, as pixels
    return ('<svg role="img" aria-label="%s" viewBox="%s" style="max-width:%dpx" '
            'xmlns:xlink="http://www.w3.org/1999/xlink">'
            % (says, box.group(0)[9:-1], round(width)))


def tspans(english, chinese):
    return '<tspan lang="en">%s</tspan><tspan lang="zh-CN">%s</tspan>' % (english, chinese)


def signed(value, digits):
    """+1.20, -0.30, and 0.00 without a sign for what rounds to it."""
    text = '%+.*f' % (digits, value)
    return text if float(text) else text[1:]


def photograph(image, side, quality=80):
    """A PIL image as a JPEG data URI, at most `side` pixels wide and high."""
    image = image.convert('RGB')
    image.thumbnail((side, side), 3)        # 3: bicubic; this is for looking, not for a network
    out = io.BytesIO()
    image.save(out, 'JPEG', quality=quality, optimize=True)
    return 'data:image/jpeg;base64,' + base64.b64encode(out.getvalue()).decode('ascii')


def heat(values):
    """(h, w) of 0 to 1 → (h, w, 3) of 0 to 1: dark to bright in one direction, not a rainbow."""
    return matplotlib.cm.get_cmap('inferno')(values)[..., :3]
