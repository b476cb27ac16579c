# -*- coding: utf-8 -*-
"""Figures as inline SVG: drawn by matplotlib, coloured by the page, labelled in both languages.

matplotlib knows neither dark pages nor Chinese fonts.  So each colour in the SVG becomes a CSS
variable (page.css sets --run for light and for dark pages), each label is drawn as a placeholder
that becomes a Text in English and Chinese, and text stays text.  Legends are lists beside the
figures, in HTML.
"""
from __future__ import division, print_function

import base64
import collections
import io
import os
import re

# Its list of the machine's fonts is kept beside the environment: a work folder holds no path.
if 'REPRO_HOME' in os.environ:
    os.environ.setdefault('MPLCONFIGDIR', os.path.join(os.environ['REPRO_HOME'], 'home',
                                                       'matplotlib'))

import jinja2                                                       # noqa: E402
import matplotlib                                                   # noqa: E402
import matplotlib.cm                                                # noqa: E402
from matplotlib.backends.backend_agg import FigureCanvasAgg         # noqa: E402
from matplotlib.figure import Figure                                # noqa: E402

from repro.report import language                                   # noqa: E402

# Every colour of the page and its figures: on a light page, on a dark one.  page.css makes a
# variable of each, such as --cat.  They are safe for the colour-blind (Okabe and Ito).
COLOURS = collections.OrderedDict((
    ('ink', ('#1c1d1f', '#e8e9eb')), ('muted', ('#5b6067', '#a0a6ad')),
    ('rule', ('#dcdfe3', '#3a3e44')), ('paper', ('#ffffff', '#17181a')),
    ('shade', ('#f5f6f8', '#212327')),
    ('edge', ('rgba(0, 0, 0, .38)', 'rgba(255, 255, 255, .42)')),
    ('good', ('#00704f', '#4cc9a0')), ('bad', ('#b3361b', '#ff8a6b')),
    ('warn', ('#8a5a00', '#e8b45a')),
    ('cat', ('#0072b2', '#56b4e9')), ('dog', ('#d55e00', '#f0833a')),
    ('run', ('#0072b2', '#56b4e9')), ('other', ('#d98a00', '#e6a93c')),
    ('article', ('#1c1d1f', '#ffffff')), ('rerun', ('#a3a8ae', '#858b93')),
    ('band', ('#56b4e9', '#2c6f98')),
    ('ResNet50', ('#0072b2', '#56b4e9')), ('InceptionV3', ('#d98a00', '#e6a93c')),
    ('Xception', ('#009e73', '#2fbf92')), ('VGG16', ('#cc79a7', '#e39bc6')),
    ('VGG19', ('#8a4f75', '#c58bab'))))
# How a line is drawn in a figure and in its legend; all others are solid.
LINES = {'article': 'dashed', 'InceptionV3': 'dotted', 'Xception': 'dashed', 'VGG16': 'dotted',
         'VGG19': 'dashed'}


def drawn_colours():
    """{name: the colour that matplotlib draws it with}, hexadecimal, no two of them equal.

    It is the light page's colour or one next to it, because dots drawn as pixels keep it.
    """
    colours = {}
    for name, (light, _dark) in COLOURS.items():
        if light.startswith('#'):
            colour = int(light[1:], 16)
            while '#%06x' % colour in colours.values():
                colour -= 1
            colours[name] = '#%06x' % colour
    return colours


DRAWN = drawn_colours()         # what goes into matplotlib; svg() puts the variable in its place
WIDTH, HEIGHT = 3.5, 2.3        # inches of 100 pixels: as wide as a telephone shows

matplotlib.rcParams.update({
    'svg.fonttype': 'none', 'svg.hashsalt': 'dogs-vs-cats', 'font.size': 8, 'figure.dpi': 100,
    'axes.spines.top': False, 'axes.spines.right': False, 'axes.linewidth': .7,
    'axes.edgecolor': DRAWN['muted'], 'axes.titlesize': 8.5, 'axes.titlepad': 7,
    'axes.titlecolor' if 'axes.titlecolor' in matplotlib.rcParams else 'text.color':
        DRAWN['ink'],
    'axes.labelcolor': DRAWN['ink'], 'xtick.color': DRAWN['ink'],
    'ytick.color': DRAWN['ink'], 'axes.grid': True, 'grid.color': DRAWN['rule'],
    'grid.linewidth': .6, 'axes.axisbelow': True, 'axes.facecolor': 'none',
    'figure.facecolor': 'none', 'savefig.facecolor': 'none', 'lines.linewidth': 1.6})


def axes(title, across, width=WIDTH, height=HEIGHT):
    """(figure, axes) with the Text of a title, which names what goes up, and of an x label."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)     # measures the layout; savefig writes the SVG
    figure.labels = {'@title@': title, '@across@': across}      # svg() puts the Texts in place
    ax = figure.add_subplot(111)
    ax.set_title('@title@', loc='left')
    ax.set_xlabel('@across@')
    return figure, ax


def svg(figure, name, says):
    """The figure as an <svg> element for HTML.

    name: unique on the page; says: the Text of what the figure shows, for those who can't see it.
    """
    figure.tight_layout(pad=.4)
    out = io.BytesIO()
    figure.savefig(out, format='svg')
    markup = out.getvalue().decode('utf-8')
    markup = unique_ids(name, bare(markup[markup.index('<svg '):]))
    markup = re.sub(r'<svg [^>]*>', lambda m: opening(m.group(0), says), markup, count=1)
    for variable, colour in DRAWN.items():
        markup = markup.replace(colour, 'var(--%s)' % variable)
    for placeholder, label in figure.labels.items():
        markup = markup.replace(placeholder, tspans(label))
    return markup


def bare(markup):
    """SVG without comments, metadata, the page's fonts, unused ids, and needless digits."""
    markup = re.sub(r'<!--.*?-->\s*|<metadata>.*?</metadata>\s*', '', markup, flags=re.S)
    markup = re.sub(r' id="(figure|axes|patch|line2d|text|matplotlib|xtick|ytick|legend|'
                    r'PathCollection|PolyCollection|LineCollection|Fill\w*)\w*\.?\w*"', '', markup)
    markup = re.sub(r'font-family:[^;"]*;?', '', markup)
    return re.sub(r'<[^>]+>', lambda m: re.sub(r'(\d\.\d\d)\d+', r'\1', m.group(0)), markup)


def unique_ids(name, markup):
    """The ids that are referred to begin with the figure's name: the page has several figures."""
    for used in sorted(set(re.findall(r' id="([^"]+)"', markup))):
        markup = markup.replace('"%s"' % used, '"%s-%s"' % (name, used))
        markup = markup.replace('#%s' % used, '#%s-%s' % (name, used))
    return markup


def opening(tag, says):
    """The svg element's start: no fixed size, a role and a name."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', tag)
    width = float(box.group(1)) / .72       # matplotlib's points, as pixels
    return ('<svg role="img" aria-label="%s" viewBox="%s" style="max-width:%dpx" '
            'xmlns:xlink="http://www.w3.org/1999/xlink">'
            % (jinja2.escape(language.attribute(says)), box.group(0)[9:-1], round(width)))


def tspans(label):
    """A Text inside an SVG's <text>, in both languages."""
    return ''.join('<tspan lang="%s">%s</tspan>' % (tongue, language.in_language(tongue, label))
                   for tongue in (language.ENGLISH, language.CHINESE))


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
