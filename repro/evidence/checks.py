# -*- coding: utf-8 -*-
"""What a check is: a record.  verify.py yields them; the console, the page and CI format them.

The verdict on a run is decided from keys, values and verdicts alone; the Texts are for people.
"""
from __future__ import division

import collections

from repro.console.text import Text, _
from repro.failures import BadInput

OK, FAIL, DIFFERS, SKIPPED = 'ok', 'FAIL', 'differs', 'skipped'
VERDICTS = {OK: _('ok'), FAIL: _('FAIL'), DIFFERS: _('differs'), SKIPPED: _('skipped')}
MISSING = _('missing')
# What a missing or damaged file of the run raises, wherever it is read.
UNREADABLE = (BadInput, IOError, OSError, ValueError, KeyError, IndexError)

Check = collections.namedtuple('Check', 'key values what expected got verdict')
# key: which kind of check, e.g. 'version', 'file', 'log'; values: what sets this one apart from
# others of its key, and what decided it ({'package': 'keras'}); what, expected, got: Texts, or
# values that print; verdict: OK, FAIL, DIFFERS (from somebody else's number, which is a
# finding, not a fault) or SKIPPED (got says why).


def check(key, what, expected, got, verdict, **values):
    """A Check.  The fields of the sentence `what` are among the values, and so are these."""
    if isinstance(what, Text):
        values = dict(what.values, **values)
    return Check(key, values, what, expected, got, verdict)


def judged(is_right):
    return OK if is_right else FAIL
