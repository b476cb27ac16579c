# -*- coding: utf-8 -*-
"""A benchmark's JSON as a Markdown table, and its goals as met or not.

The goals are relations between what one run measured on one machine, so they hold on any machine.

    python benchmarks/table.py benchmarks/results/WHEN.json                         prints it
    python benchmarks/table.py benchmarks/results/WHEN.json benchmarks/README.md    puts it there
"""
from __future__ import division, print_function, unicode_literals

import collections
import io
import json
import os
import re
import sys

sys.path.insert(1, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from repro.networks import EXTRACTION  # noqa: E402

PLACE = '<!-- ./run.sh bench -->\n\n%s\n<!-- end of the table -->'

# What is measured, in the order of the table: this program's engines and their peers.
ROWS = collections.OrderedDict((
    ('tf1', 'TensorFlow 1.0.1, one process, as the article ran it'),
    ('tf1-best', 'TensorFlow 1.0.1, {processes} single-threaded processes'),
    ('openvino-f32', '**OpenVINO f32, the same program**'),
    ('openvino-bf16', '**OpenVINO bf16, the same program**'),
    ('keras3', 'Keras {keras} on TensorFlow {tensorflow}, batch {batch}'),
    ('keras3-best', 'the same, its best batch: {batch}'),
    ('pytorch', 'PyTorch {torch}, timm {timm}, batch {batch}'),
    ('pytorch-bf16', 'PyTorch {torch}, timm {timm}, bf16, batch {batch}'),
    ('onnxruntime', 'ONNX Runtime {onnxruntime}, timm\'s network, batch {batch}'),
))
PEERS = [name for name in ROWS if not name.startswith('openvino-')]
IN_BF16 = [name for name in PEERS if name.endswith('-bf16')]
IN_FLOAT32 = [name for name in PEERS if name not in IN_BF16]


def median(values):
    values = sorted(values)
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def rates(result, network, peer, what):
    """Images per second, round by round; [] where it was not measured."""
    entry = result['networks'].get(network, {}).get(peer, {})
    return [turn['images_per_second'] for turn in entry.get(what, ())]


def rate(result, network, peer, what='network'):
    """The median, or None."""
    measured = rates(result, network, peer, what)
    return median(measured) if measured else None


def peak(result):
    """The best of the run's matrix products on all threads, GFLOP/s, or None.

    A yardstick and not a limit: another library's kernels may be faster, and bf16 is.
    """
    return max(result['sgemm'].get('all_threads', [0])) or None


def share_of_peak(result, network, peer):
    """Twice the multiply-adds of a second's pictures, over the peak; or None."""
    images, limit = rate(result, network, peer), peak(result)
    if images is None or limit is None:
        return None
    return 2e-9 * result['networks'][network][peer]['multiply_adds'] * images / limit


def ratio(one, other):
    return one / other if one and other else None


# ---------------------------------------------------------------- goals

def goals(result):
    """[(text, {network: value or None}, bound, how to print a value)] of the goals."""
    measured = [n for n in EXTRACTION if n in result['networks']]

    def each(function):
        return dict((n, function(n)) for n in measured)

    def ahead_of(peer, others):
        return each(lambda n: ahead(rate(result, n, peer), [rate(result, n, o) for o in others]))

    def from_files(peer):
        return each(lambda n: ratio(rate(result, n, peer, 'files'), rate(result, n, peer)))

    return [
        ('OpenVINO f32, network alone, over the fastest peer in float32',
         ahead_of('openvino-f32', IN_FLOAT32), 1, '%.2f×'),
        ('OpenVINO bf16, network alone, over the fastest peer in bf16',
         ahead_of('openvino-bf16', IN_BF16), 1, '%.2f×'),
        ('OpenVINO f32, network alone, of sgemm',
         each(lambda n: share_of_peak(result, n, 'openvino-f32')), .9, '%.0f %%'),
        ('OpenVINO f32, from JPEG files, of the network alone', from_files('openvino-f32'),
         .9, '%.0f %%'),
        ('OpenVINO bf16, from JPEG files, of the network alone', from_files('openvino-bf16'),
         .75, '%.0f %%'),
    ]


def ahead(one, others):
    """How many times the fastest of the others; None where one of them was not measured."""
    return ratio(one, max(others)) if all(others) else None


def verdict(values, bound):
    if not values or any(v is None for v in values.values()):
        return 'not measured'
    return 'met' if min(values.values()) >= bound else 'NOT MET'


def printed(value, form):
    if value is None:
        return '–'
    return form % (100 * value if '%%' in form else value)


# ---------------------------------------------------------------- Markdown

def spread(values, digits):
    if not values:
        return '–'
    form = '%%.%df' % digits
    text = form % median(values)
    if len(values) > 1:
        text += ' (%s–%s)' % (form % min(values), form % max(values))
    return text


def digits(value):
    return 0 if value and value >= 100 else 1 if value and value >= 10 else 2


def row(result, network, peer):
    entry = result['networks'][network][peer]
    says = ROWS[peer].format(**dict(entry['versions'], **dict(
        (k, entry[k]) for k in ('batch', 'processes'))))
    alone, files = (rates(result, network, peer, what) for what in ('network', 'files'))
    places = digits(median(alone))
    return [network, says, spread(alone, places), spread(files, places),
            printed(ratio(median(alone), rate(result, network, 'tf1')), '%.1f×'),
            printed(share_of_peak(result, network, peer), '%.0f %%'),
            '%.2f' % (entry['multiply_adds'] / 1e9), '%d' % entry['memory_mib']]


def lines(cells):
    """A Markdown table of lists of text, the first its heading."""
    return ['| %s |' % ' | '.join(cells[0]), '|%s|' % '|'.join('---' for _ in cells[0])] + \
        ['| %s |' % ' | '.join(c) for c in cells[1:]]


def heading(result):
    m, sgemm = result['machine'], result['sgemm']
    text = ['%s (family/model/stepping %s; %s), %d cores%s, %.0f GiB, Linux %s, governor %s. '
            '%d round%s of %g s, %s; median (lowest–highest).' % (
                m['cpu'], m['family_model_stepping'], ', '.join(m['flags']), m['cores'],
                ' of a virtual machine' if m['hypervisor'] else '', m['memory_gib'], m['kernel'],
                m['governor'], result['options']['rounds'],
                's' * (result['options']['rounds'] > 1), result['options']['seconds'],
                result['begun'])]
    if sgemm:
        text.append('A yardstick in the same run, not a limit: 4096³ sgemm of numpy %s (OpenBLAS '
                    '%s, its %s kernels) reaches %.0f GFLOP/s on one thread, %.0f on %d.' % (
                        sgemm['versions']['numpy'], sgemm['versions'].get('openblas', '?'),
                        sgemm['kernel'], max(sgemm['one_thread']), peak(result),
                        sgemm['threads']))
    return text


def footing(result):
    text = ['Pictures: the demo\'s drawn stand-ins; weights: seeded; speed depends on neither. '
            'Operations are counted from each network itself: two for each multiply-add of its '
            'convolutions (GMAC). Memory: peak of the process and its children, MiB.']
    if result['warning'] or result['disturbed'][0]:
        text.append('**Not for the record: %sother programs took more than 5 %% of the processor '
                    'in %d of %d measurements.**' % (
                        (result['warning'] + '; ' if result['warning'] else '',)
                        + tuple(result['disturbed'])))
    for kind, names in (('Left out', result['left_out']), ('Failed', result['failed'])):
        text += ['%s: %s: %s.' % (kind, name, names[name]) for name in sorted(names)]
    return text


def markdown(result):
    """The whole table, text (unicode), with the machine above and the goals below."""
    cells = [['network', 'peer', 'network alone, images/s', 'from JPEG files, images/s',
              'over TF 1', 'of sgemm', 'GMAC', 'MiB']]
    cells += [row(result, n, p) for n in EXTRACTION for p in ROWS
              if rates(result, n, p, 'network')]
    judged = [['goal', 'bound', 'measured', 'verdict']]
    for text, values, bound, form in goals(result):
        measured = ', '.join('%s %s' % (n, printed(values[n], form)) for n in EXTRACTION
                             if n in values)
        judged.append([text, '≥ ' + printed(bound, form), measured or '–',
                       verdict(values, bound)])
    parts = [' '.join(heading(result)), '\n'.join(lines(cells)), ' '.join(footing(result)),
             '\n'.join(lines(judged))]
    return '\n\n'.join(parts) + '\n'


def put(text, name, place=PLACE):
    """The file with this table where the last one was."""
    with io.open(name, encoding='utf-8') as f:
        before, _, after = re.split('(%s)' % (place % '.*'), f.read(), flags=re.S)
    with io.open(name, 'w', encoding='utf-8') as f:
        f.write(before + place % text + after)


def main(result, *names, **how):
    with io.open(result, encoding='utf-8') as f:
        text = how.get('markdown', markdown)(json.load(f))
    for name in names:
        put(text, name, how.get('place', PLACE))
    if not names:
        getattr(sys.stdout, 'buffer', sys.stdout).write(text.encode('utf-8'))


if __name__ == '__main__':
    main(*sys.argv[1:])
