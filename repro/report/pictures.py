# -*- coding: utf-8 -*-
"""Sections 2 and 3: the pictures, the folders, the three networks, the article's drawing."""
from __future__ import division, print_function, unicode_literals

import io
import os
import re

from PIL import Image

from repro import expected, networks
from repro.console.text import _
from repro.evidence import reruns
from repro.inputs import data
from repro.report import figures, language
from repro.work import record

SHOWN = 24          # pictures in the grid, cats and dogs half each
MEASURED = 1000     # pictures whose size is looked up, of each folder
SIDE = 132          # pixels of a thumbnail


def are_here():
    return os.path.isdir('train') and os.path.isdir('test')


def spaced(names, count):
    """`count` of the names, evenly spaced from the first on."""
    count = min(count, len(names))
    return [names[i * len(names) // count] for i in range(count)]


def sizes(folder, names):
    """(widths, heights) of at most MEASURED pictures, evenly spaced."""
    both = []
    for name in spaced(names, MEASURED):
        with open(os.path.join(folder, name), 'rb') as f:
            both.append(Image.open(f).size)
    return [width for width, _height in both], [height for _width, height in both]


def folder_numbers(folder):
    names = data.names(folder)
    widths, heights = sizes(folder, names)
    return {'pictures': len(names), 'measured': len(widths),
            'width': [min(widths), reruns.median(widths), max(widths)],
            'height': [min(heights), reruns.median(heights), max(heights)]}


def section(run):
    """The grid and the sizes; {} in place of the numbers when the run has no pictures."""
    if not are_here():
        return {}, {'grid': []}
    train = data.names('train')
    chosen = [n for animal in ('cat', 'dog')
              for n in spaced([t for t in train if t.startswith(animal)], SHOWN // 2)]
    grid = []
    for name in chosen:
        with open('train/' + name, 'rb') as f:
            grid.append({'name': name, 'src': figures.photograph(Image.open(f), SIDE)})
    numbers = dict((folder, folder_numbers(folder)) for folder in ('train', 'test'))
    numbers['classes'] = dict((a, sum(t.startswith(a) for t in train)) for a in ('cat', 'dog'))
    return numbers, {'grid': grid}


# ------------------------------------------------------------------------------ 3: the networks

def tree(run):
    """The folders as the article draws them: lines of text, with this run's counts."""
    links = record.entry(run, 'links')
    if not links:
        return ''
    drawn = '''├── test [%d images]
├── test2
│   └── test -> ../test/
├── train [%d images]
└── train2
    ├── cat [%d images]
    └── dog [%d images]'''
    return drawn % (links['test'], links['cats'] + links['dogs'], links['cats'], links['dogs'])


def networks_table(run, built):
    """[{name, layers, parameters, input, output, features, built}] of the run's networks.

    built: what heatmaps.py saw when it built them, by name; else what expected/article.json
    records of them is shown, and `built` is None.
    """
    article = expected.article()
    rows = []
    for name in run['settings'].get('networks', ()):
        recorded = {'layers': article['layers'][name], 'parameters': article['parameters'][name],
                    'output': article['output_shapes'][name]}
        seen = built.get(name)
        rows.append(dict(seen or recorded, name=name, input=list(networks.TABLE[name].size) + [3],
                         features=networks.TABLE[name].channels,
                         built=None if seen is None else
                         all(seen[k] == recorded[k] for k in recorded)))
    return rows


def networks_section(run, built):
    drawn = {}
    if os.path.exists('model.dot'):
        with io.open('model.dot', encoding='utf-8') as f:
            drawn['model'] = drawing(f.read())
    return {'tree': tree(run), 'networks': networks_table(run, built)}, drawn


def records(dot):
    """{node: [field, ...]} and [(from, to)] of the article's kind of digraph.

    A label's fields are split as DOT's record shape does: a|{b|c}; each group is a list.
    """
    nodes, edges = {}, []
    for line in dot.splitlines():
        label = re.match(r'\s*(\w+)\[label="([^"]*)"\]', line)
        if label:
            nodes[label.group(1)] = [
                [part for part in group.strip('{}').split('|') if part]
                for group in re.findall(r'\{[^}]*\}|[^|{}]+', label.group(2))]
        elif '->' in line:
            chain = [n.strip() for n in line.split('->')]
            edges += list(zip(chain, chain[1:]))
    return nodes, edges


def levels(edges):
    """The nodes in rows, each one below all that point to it."""
    depth = {}
    for depth_at_most in edges:     # no path is longer than there are edges
        for a, b in edges:
            depth.setdefault(a, 0)
            depth[b] = max(depth.get(b, 0), depth[a] + 1)
    order = []
    for a, b in edges:
        order += [n for n in (a, b) if n not in order]
    return [[n for n in order if depth[n] == level] for level in range(max(depth.values()) + 1)]


def drawing(dot, width=350, high=52, apart=22):
    """model.dot as SVG.  Graphviz is not part of the pinned environment; these boxes are few."""
    nodes, edges = records(dot)
    rows = levels(edges)
    places, parts = {}, []
    for level, row in enumerate(rows):
        for i, node in enumerate(row):
            places[node] = ((i + .5) * width / len(row), level * (high + apart) + 2)
    for a, b in edges:
        (x1, y1), (x2, y2) = places[a], places[b]
        parts.append('<path d="M%d %dL%d %d" class="edge" marker-end="url(#arrow)"/>'
                     % (x1, y1 + high, x2, y2 - 5))
    for node, (x, y) in places.items():
        parts += box(node, nodes.get(node, [[node]]), x, y, high,
                     width / max(map(len, rows)) - 8)
    return ('<svg class="model" role="img" aria-label="%s" viewBox="0 0 %d %d">'
            '<defs><marker id="arrow" viewBox="0 0 6 6" refX="3" refY="3" markerWidth="6" '
            'markerHeight="6" orient="auto"><path d="M0 0L6 3L0 6z"/></marker></defs>%s</svg>'
            % (language.attribute(_('The article\'s drawing of the model')), width,
               len(rows) * (high + apart) - apart + 4, ''.join(parts)))


def box(node, fields, x, y, high, wide):
    """One record: its name, and below it one line for each pair of the two groups."""
    lines = [' '.join(pair) for pair in zip(*fields[1:])] if len(fields) > 2 else \
        [' '.join(f[0] for f in fields[1:])] if len(fields) > 1 else []
    yield ('<rect x="%.1f" y="%d" width="%.1f" height="%d" rx="3" class="node"/>'
           % (x - wide / 2, y, wide, high))
    step = 14
    y += (high - step * (len(lines) + 1)) / 2
    for i, line in enumerate(['<tspan class="name">%s</tspan>' % fields[0][0]] + lines):
        yield ('<text x="%.1f" y="%.1f" text-anchor="middle">%s</text>'
               % (x, y + step * i + 10.5, line))
