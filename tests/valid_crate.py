# -*- coding: utf-8 -*-
"""valid_crate.py FOLDER PROFILE…: whether roc-validator takes it for each of these; 1 after what
it says.  A profile is ro-crate-1.1, workflow-run-crate, …

Python 3 with requirements/crate.txt.  The specification's JSON-LD context is on a web page, which
a test must not depend on: rocrate brings that of version 1.3, which in what is used here differs
from 1.1's in where the workflow's terms are.
"""
from __future__ import print_function

import io
import os
import sys

import requests
import rocrate
import urllib3
from rocrate_validator import models, services

CONTEXT = os.path.join(os.path.dirname(rocrate.__file__), 'data', 'ro-crate.jsonld')


def send(self, request, **options):
    """What a web server would answer: the context, whatever is asked."""
    with open(CONTEXT, 'rb') as f:
        data = f.read().replace(b'https://bioschemas.org/terms/', b'https://bioschemas.org/')
    answer = requests.Response()
    answer.status_code, answer.url, answer.request = 200, request.url, request
    answer.headers['Content-Type'] = 'application/ld+json'
    answer.raw = urllib3.HTTPResponse(
        body=io.BytesIO(data), headers=answer.headers, status=200, preload_content=False,
        request_url=request.url)
    answer._content = data
    return answer


requests.adapters.HTTPAdapter.send = send
failed = 0
for profile in sys.argv[2:]:
    result = services.validate({'rocrate_uri': sys.argv[1], 'profile_identifier': profile,
                                'requirement_severity': models.Severity.REQUIRED})
    for issue in result.get_issues():
        print(profile, issue.check.identifier, issue.message)
    failed |= not result.passed()
sys.exit(failed)
