# -*- coding: utf-8 -*-
"""What the cells of notebooks/ use besides the article's steps: a run's beginning, and figures.

The steps themselves are called in the cells: links, gap, head, submit, verify.  The figures are
the report's (repro/report/), made for its page: here their colours are filled in, and both
languages stand in each label.  Importing this makes a Failure in a cell one line.
"""
from __future__ import division, print_function

import inspect
import io
import os
import re
import sys

from IPython import get_ipython
from IPython.display import Image as Shown, SVG
from PIL import Image
import pydot_ng

from repro import keras_seams, links
from repro.console.progress import say
from repro.failures import BadInput, Failure
from repro.inputs import data, weights as given
from repro.report import figures as drawn, pictures
from repro.standin import pictures as drawings, weights as standin
from repro.work import record
from repro.work.folder import locked, sweep

SIDE, ACROSS = 72, 12       # pixels of a picture in the sheet, and how many in a row
GAP = 12                    # between two figures
LINE = 20                   # of a legend
STAND_INS = {
    'pictures': u'图片是本程序绘制的替代图片，不是照片。The pictures are stand-ins, drawn by this program.',
    'weights': u'权重是由随机种子生成的替代权重，没有在 ImageNet 上训练过。The weights are stand-ins, seeded and not '
               u'trained on ImageNet.'}


# ------------------------------------------------------------------------------------- the run

def begin(networks, train, test):
    """Begins a run of this folder in run.json; returns what data.check() says of its pictures.

    train, test: how many pictures are drawn where the folder has none, or drawn ones.  A folder
    with pictures of its own holds a real run: it needs the article's weights.
    """
    keras_seams.check_settings()
    is_demo = record.read().get('kind') == 'demo' or not os.path.lexists('train')
    kind, settings = 'real', {'any_weights': False, 'gpu_growth': False}
    if is_demo:
        kind, settings = 'demo', {'train': train, 'test': test}
    with locked():
        record.check_kind(kind)
        sweep()
        links.check_file_system()
        if is_demo:
            drawings.write(train, test, report=say)
        checked = data.check()
        if checked['kind'] == 'stand-in' and not is_demo:
            raise BadInput('train/ and test/ hold drawn stand-ins of another run: name an empty '
                           'folder with --work')
        record.begin(kind, networks=networks, seeding='article', engine='tf1', precision='f32',
                     **settings)
    return checked


def weights(networks):
    """The kinds of weights that this run may use.  A demo's are made here where they are missing.

    Those of a real run are in weights/ (./run.sh weights), or Keras downloads them.
    """
    run = required()
    if run['kind'] == 'demo':
        with locked():
            standin.make(networks, report=say)
    return given.allowed(run['kind'])


def required():
    """run.json; BadInput where the first notebook has not run yet."""
    if not record.read():
        raise BadInput('there is no run in this folder yet: run 1-preprocessing.ipynb first')
    return record.read()


def stand_ins():
    """Prints what of this run is a stand-in."""
    for what in record.stand_ins(record.read()):
        print(STAND_INS[what].encode('utf-8'))


# ----------------------------------------------------------------------------------- the code

def listing(*functions):
    """Prints the functions' source: what the cells below call."""
    for function in functions:
        print(inspect.getsource(function).rstrip() + '\n')


# ------------------------------------------------------------------------------- the pictures

def sheet():
    """The report's choice of training pictures, cats and dogs half each, as one JPEG."""
    train = data.names('train')
    chosen = [name for animal in ('cat', 'dog')
              for name in pictures.spaced([t for t in train if t.startswith(animal)],
                                          pictures.SHOWN // 2)]
    rows = -(-len(chosen) // ACROSS)
    whole = Image.new('RGB', (ACROSS * SIDE, rows * SIDE), 'white')
    for i, name in enumerate(chosen):
        with open('train/' + name, 'rb') as f:
            picture = Image.open(f).convert('RGB')
        picture.thumbnail((SIDE - 4, SIDE - 4), Image.BICUBIC)
        whole.paste(picture, (i % ACROSS * SIDE + 2, i // ACROSS * SIDE + 2))
    out = io.BytesIO()
    whole.save(out, 'JPEG', quality=85)
    return Shown(out.getvalue(), format='jpeg')


def dot(source):
    """A graph in the DOT language, drawn by Graphviz."""
    return SVG(pydot_ng.graph_from_dot_data(source).create(prog='dot', format='svg'))


def figures(svgs, legend=(), across=2):
    """The report's figures, `across` in a row, as one SVG.

    legend: [(a name in figures.COLOURS, what has this colour)].
    """
    sizes = [[float(n) for n in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()]
             for svg in svgs]
    wide, high = (max(size[i] for size in sizes) + GAP for i in (0, 1))
    columns, rows = min(across, len(svgs)), -(-len(svgs) // across)
    parts = [lines(legend)]
    for i, (svg, (width, height)) in enumerate(zip(svgs, sizes)):
        parts.append(re.sub('<svg ', '<svg x="%g" y="%g" width="%g" height="%g" ' % (
            i % across * wide, i // across * high + LINE * len(legend), width, height), svg, 1))
    whole = (u'<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %g %g" '
             u'style="background:#fff;font-family:sans-serif">%s</svg>' % (
                 columns * wide / .72, (rows * high + LINE * len(legend)) / .72, columns * wide,
                 rows * high + LINE * len(legend), u''.join(parts)))
    return SVG(coloured(whole))


def lines(legend):
    """A line of its colour and form for each name, and what it stands for."""
    dashes = {'solid': '', 'dashed': ' stroke-dasharray="5 3"',
              'dotted': ' stroke-dasharray="1 2"'}
    return u''.join(
        u'<path d="M4 %d h22" stroke="var(--%s)" stroke-width="1.6"%s/><text x="32" y="%d" '
        u'font-size="9">%s</text>' % (
            LINE * i + 9, name, dashes[drawn.LINES.get(name, 'solid')], LINE * i + 12, text)
        for i, (name, text) in enumerate(legend))


def coloured(markup):
    """The page's SVG by itself: a light page's colours, and Chinese beside the English."""
    markup = re.sub(r'var\(--(\w+)\)', lambda m: drawn.COLOURS[m.group(1)][0], markup)
    return re.sub(r'<tspan lang="en">(.*?)</tspan><tspan lang="zh-CN">(.*?)</tspan>',
                  r'<tspan>\2 / \1</tspan>', markup)


# ------------------------------------------------------------------------------------ failures

def one_line(shell, kind, value, trace, tb_offset=None):
    """What a Failure looks like in a cell: what, where, what to do."""
    print('%s: %s' % (kind.__name__, value), file=sys.stderr)
    return ['%s: %s' % (kind.__name__, value)]


get_ipython().set_custom_exc((Failure,), one_line)
