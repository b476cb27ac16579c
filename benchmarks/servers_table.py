# -*- coding: utf-8 -*-
"""The JSON of ./run.sh bench servers as Markdown tables.

    python benchmarks/servers_table.py benchmarks/results/servers-WHEN.json [benchmarks/README.md]

prints them, or puts them there.  Standard library only, Python 2.7 and 3.
"""
from __future__ import division, print_function, unicode_literals

import sys

import table
from table import EXTRACTION, lines, median, spread

PREFIX = {'cpu': 'servers-', 'gpu': 'servers-gpu-'}     # of the results' names
PLACE = '<!-- ./run.sh bench servers -->\n\n%s\n<!-- end of the servers\' tables -->'
PLACE_GPU = PLACE.replace('servers', 'servers --device gpu', 1)


def plural(n, what):
    return '%d %s%s' % (n, what, 's' * (n > 1))


def trained(runs, who):
    return median([run['images_per_second'] for run in runs[who]])


def markdown(result):
    """All of the tables, text (unicode), with the machine above."""
    parts = [table.heading(dict(result, sgemm={}))[0]]
    if on_gpu(result):
        parts.append('The servers drive one %s; client and TensorFlow 1.0.1 have the processor.'
                     % result['server']['device'])
    for make in (networks_table, pair_table, client_table, training_table, curves):
        rows = make(result)
        parts += ['\n'.join(lines(rows))] if rows else []
    if result['warning']:
        parts.append('**Not for the record: %s.**' % result['warning'])
    return '\n\n'.join(parts) + '\n'


def on_gpu(result):
    return bool(result.get('server', {}).get('cards'))


def networks_table(result):
    server = 'a server, TensorFlow 2.21.0' + ', on the card' * on_gpu(result)
    rows = [['network', 'on', 'network alone, images/s', 'from JPEG files, images/s',
             'over TF 1', 'files over TF 1']]
    for name in EXTRACTION:
        of = result['networks'].get(name)
        for who, title in (('tf1', 'TensorFlow 1.0.1, in process'),
                           ('server', server)) if of else ():
            medians = [median(of[who][what]) for what in ('network', 'files')]
            base = [median(of['tf1'][what]) for what in ('network', 'files')]
            rows.append([name, title] + [
                spread(of[who][what], table.digits(m))
                for what, m in zip(('network', 'files'), medians)] + [
                    '%.1f×' % (m / b) for m, b in zip(medians, base)])
    return rows


def pair_table(result):
    if 'pair' not in result:
        return []
    of = result['pair']
    one, two = median(of['one']), median(of['two'])
    return [['servers of one core each, %s' % result['pair network'], 'images/s', 'of twice one'],
            ['one', spread(of['one'], 1), '–'],
            ['two', spread(of['two'], 1), '%.0f %%' % (50 * two / one)]]


def client_table(result):
    rows = [['the client alone, against a graph that costs nothing', 'images/s', 'MB/s']]
    for side, of in sorted(result['client'].items()):
        size = int(side) ** 2 * 3 / 1e6
        measured = [('decoded pictures of %s × %s' % (side, side), of['wire'])] + [
            ('JPEG files to %s × %s, %s' % (side, side, plural(int(n), 'decoder')), rates)
            for n, rates in sorted(of['decoders'].items())]
        for title, rates in measured:
            rows.append([title, spread(rates, 0), '%.0f' % (median(rates) * size)])
    return rows


def training_table(result):
    runs = result['training']
    in_process, on_server = trained(runs, 'in process'), trained(runs, 'server')
    where = 'exec --engine tf2' + ', on the card' * on_gpu(result)
    return [['training the convnet of cifar10_cnn.py', 'images/s', 'over TF 1'],
            ['TensorFlow 1.0.1, in process', '%.0f' % in_process, '1.0×'],
            [where, '%.0f' % on_server, '%.1f×' % (on_server / in_process)]]


def curves(result):
    """The loss side by side: step by step at first, then by epoch."""
    rows = [['loss after', 'rmsprop, in process', 'server', 'sgd, in process', 'server']]
    runs = [result['training'][who][0] for who in (
        'in process', 'server', 'in process, sgd', 'server, sgd')]
    for step in (1, 2, 3, 4, 8, 16, 32):
        rows.append(['step %d' % step] + ['%.6f' % r['first_steps'][step - 1] for r in runs])
    for epoch in range(len(runs[0]['epochs'])):
        rows.append(['epoch %d' % (epoch + 1)] + ['%.4f' % r['epochs'][epoch] for r in runs])
    return rows


if __name__ == '__main__':
    place = PLACE_GPU if PREFIX['gpu'] in sys.argv[1] else PLACE
    table.main(sys.argv[1], *sys.argv[2:], markdown=markdown, place=place)
