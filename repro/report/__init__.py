# -*- coding: utf-8 -*-
"""The report, for people who prefer pictures to tables: the folder → report.html, report.json.

report.html is one file: no network, no script needed, English and 简体中文.  report.json holds
all its numbers.  A file for each part of the page, in the page's order:

    verdict.py      1    what was reproduced, what was not, and why
    pictures.py     2-3  the pictures, the folders, the networks
    extraction.py   4-5  images/s; the features
    training.py     6    the curves
    validation.py   7    losses, the clip, mistakes
    heatmaps.py     8    where the head looks
    submission.py   9    pred.csv
    provenance.py   10   versions, hashes, times, commands

A part's section() returns (numbers, drawn): what goes into report.json, and what only the page
needs.  page.html, page.css and page.js make the page, figures.py draws, page.py puts it together.
Each sentence stands in English where it is said, as _('…'); zh_CN.po has its Chinese, and
language.py shows both.
"""
