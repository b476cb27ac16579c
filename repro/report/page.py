# -*- coding: utf-8 -*-
"""Collects the sections, renders page.html, and writes report.html and report.json."""
from __future__ import division, print_function

import io
import os
import time

import jinja2

from repro.console.progress import say
from repro.console.text import _, english
from repro.failures import BadInput, Failure
from repro.report import (extraction, figures, heatmaps, language, pictures, provenance,
                          submission, training, validation, verdict)
from repro.system import machine
from repro.work import record
from repro.work.folder import make_hidden, replacing, write_json

HERE = os.path.dirname(os.path.abspath(__file__))
HTML, JSON = 'report.html', 'report.json'
SECTIONS = (
    ('verdict', verdict.section), ('pictures', pictures.section),
    ('extraction', extraction.section), ('features', extraction.features_section),
    ('training', training.section), ('validation', validation.section),
    ('submission', submission.section), ('provenance', provenance.section))
FILES = {'pictures': 'a picture', 'features': 'a gap_*.h5', 'training': 'history.json',
         'validation': 'validation.csv', 'submission': 'pred.csv or validation.csv'}


def collect(run, scratch):
    """({section: numbers}, {section: drawn}) of a work folder.

    scratch: a folder for what is not finished.
    """
    # The heat maps take longest: they start first, in processes of their own.
    job = made('validation', lambda run: heatmaps.start(run, scratch), run)
    try:
        sections = dict((name, made(name, make, run)) for name, make in SECTIONS)
        maps, drawn, built = heatmaps.finish(run, job)
    finally:
        heatmaps.stop(job)
    sections['heatmaps'] = maps, drawn
    sections['networks'] = pictures.networks_section(run, built)
    return tuple(dict((name, section[i]) for name, section in sections.items()) for i in (0, 1))


def made(name, make, run):
    """make(run).  Raises BadInput, naming the section's file, where that file can't be read."""
    try:
        return make(run)
    except (IOError, OSError, ValueError, KeyError, IndexError) as e:
        if machine.explain(e):
            raise
        raise BadInput('%s cannot be used for the section %s (%s: %s): run its step again'
                       % (FILES.get(name, 'a file'), name, type(e).__name__, e))


def render(numbers, drawn):
    """The page, as unicode, from numbers as they are or as they come out of report.json.

    Undefined names are errors: a page with a hole is not written.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined, finalize=language.html)
    environment.filters.update(attribute=language.attribute, safe_svg=jinja2.Markup,
                               signed=figures.signed, rounded_down=validation.rounded_down)
    return environment.get_template('page.html').render(
        _=_, n=language.texts(numbers), d=drawn, colours=figures.COLOURS, lines=figures.LINES)


def write(page, numbers, out):
    with replacing(os.path.join(out, HTML)) as temporary:
        with io.open(temporary, 'w', encoding='utf-8') as f:
            f.write(page)
    write_json(os.path.join(out, JSON), language.records(numbers))


def main(out='.'):
    """Writes the report of the current folder's run into the folder `out`.

    Raises Failure when a part of it could not be made.
    """
    start = time.time()
    run = record.required()
    scratch = make_hidden(out)
    numbers, drawn = collect(run, scratch)
    numbers['made'] = {'at': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()),
                       'seconds': round(time.time() - start, 1)}
    page = render(numbers, drawn)
    write(page, numbers, out)
    say('report: %s (%.1f MB) and %s in %.1f s; verdict: %s'
        % (os.path.normpath(os.path.join(out, HTML)), len(page.encode('utf-8')) / 1e6, JSON,
           time.time() - start,
           english(numbers['verdict']['headline'])))
    error = numbers['heatmaps'].get('error')
    if out != '.' and not os.listdir(scratch):      # else it holds what a process said
        os.rmdir(scratch)
    if error:
        raise Failure('the page lacks its heat maps (%s); %s is there without them'
                      % (error, HTML))
    return 0
