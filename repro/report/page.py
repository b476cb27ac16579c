# -*- coding: utf-8 -*-
"""Collects the sections, renders page.html, and writes report.html and report.json."""
from __future__ import division, print_function

import io
import os
import time

import jinja2

from repro import work
from repro.report import (extraction, heatmaps, pictures, provenance, submission, texts, training,
                          validation, verdict)

HERE = os.path.dirname(os.path.abspath(__file__))
HTML, JSON = 'report.html', 'report.json'


def collect(run):
    """({section: numbers}, {section: drawn}) of a work folder, in the page's order."""
    job = heatmaps.start(run)       # the slowest part, so it begins first, on its own
    try:
        found = [('verdict', verdict.section(run)),
                 ('pictures', pictures.section(run)),
                 ('extraction', extraction.section(run)),
                 ('features', extraction.features_section(run, texts)),
                 ('training', training.section(run, texts)),
                 ('validation', validation.section(run, texts)),
                 ('submission', submission.section(run, texts)),
                 ('provenance', provenance.section(run))]
        maps, drawn, built = heatmaps.finish(run, job)
    finally:
        heatmaps.stop(job)
    found += [('heatmaps', (maps, drawn)),
              ('networks', pictures.networks_section(run, built))]
    return dict((k, v[0]) for k, v in found), dict((k, v[1]) for k, v in found)


def render(numbers, drawn):
    """The page, as text.  Undefined names are errors: a page with a hole is not written."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    environment.filters.update(safe_svg=jinja2.Markup)
    names = {'t': texts.html, 'both': texts.both, 'said': texts.said,
             'said_list': texts.said_list, 'n': numbers, 'd': drawn}
    for part in ('page.css', 'page.js'):
        with io.open(os.path.join(HERE, part), encoding='utf-8') as f:
            names[part.replace('.', '_')] = jinja2.Markup(f.read())
    return environment.get_template('page.html').render(**names)


def write(page, numbers):
    with work.replacing(HTML) as temporary:
        with io.open(temporary, 'w', encoding='utf-8') as f:
            f.write(page)
    work.write_json(JSON, numbers)


def main():
    """Writes the report of the current folder's run; 1 when a part of it could not be made."""
    begun = time.time()
    if not os.path.exists(work.RUN):
        raise work.BadInput('run.json is missing in the work folder: no run was made there '
                            '(./run.sh demo makes one)')
    run = work.read_json(work.RUN)
    work.make_hidden()
    numbers, drawn = collect(run)
    numbers['made'] = {'at': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()),
                       'seconds': round(time.time() - begun, 1)}
    page = render(numbers, drawn)
    write(page, numbers)
    work.say('report: %s (%.1f MB) and %s in %.1f s; verdict: %s'
             % (HTML, len(page.encode('utf-8')) / 1e6, JSON, time.time() - begun,
                texts.pair('verdict.' + numbers['verdict']['verdict'])[0]))
    error = numbers['heatmaps'].get('error')
    if error:
        raise work.Failure('the page lacks its heat maps (%s); %s is there without them'
                           % (error, HTML))
    return 0
