# -*- coding: utf-8 -*-
"""The locked pip, for a Python that has none (Ubuntu's own python2.7), by hash.

    fetch_pip.py REQUIREMENTS FOLDER

REQUIREMENTS holds a line `pip==VERSION --hash=sha256:DIGEST`.  The wheel comes from where pip
itself would take it, by the variables that pip_sources.py prints: folders of PIP_FIND_LINKS,
then the simple index (PEP 503).  It gets its name in FOLDER when it is whole and has that hash.
Any Python, standard library only.
"""
from __future__ import print_function

import hashlib
import os
import re
import shutil
import ssl
import sys
from distutils.config import PyPIRCCommand      # which Python 3.12 dropped: this is for a 2.7
try:
    from urllib.parse import unquote, urljoin, urlparse
    from urllib.request import build_opener, HTTPSHandler, ProxyHandler
except ImportError:         # Python 2
    from urllib import unquote
    from urllib2 import build_opener, HTTPSHandler, ProxyHandler
    from urlparse import urljoin, urlparse


def setting(name):
    return os.environ.get('PIP_' + name, '')


def indexes():
    """The simple indexes to ask, in pip's order."""
    if setting('NO_INDEX').lower() not in ('', '0', 'no', 'off', 'false'):
        return []
    # pip's own is on the host to which Python's own distutils uploads.
    host = urlparse(PyPIRCCommand.DEFAULT_REPOSITORY).hostname.replace('upload.', '', 1)
    first = setting('INDEX_URL') or 'https://%s/simple' % host
    return [first] + setting('EXTRA_INDEX_URL').split()


def opener(url):
    """What opens the url, through the proxy and with the certificates that pip is told to use."""
    handlers = []
    if setting('PROXY'):
        handlers.append(ProxyHandler({'http': setting('PROXY'), 'https': setting('PROXY')}))
    if url.startswith('https:'):
        context = ssl.create_default_context(cafile=setting('CERT') or None)
        if setting('CLIENT_CERT'):
            context.load_cert_chain(setting('CLIENT_CERT'))
        parts = urlparse(url)
        if {parts.hostname, '%s:%s' % (parts.hostname, parts.port)} & set(
                setting('TRUSTED_HOST').split()):
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        handlers.append(HTTPSHandler(context=context))
    return build_opener(*handlers)


def read(url):
    seconds = float(setting('TIMEOUT') or setting('DEFAULT_TIMEOUT') or 15)
    answer = opener(url).open(url, timeout=seconds)
    try:
        return answer.read()
    finally:
        answer.close()


def places(wheel):
    """Where the wheel may be: paths and URLs, each with a function that reads it."""
    for link in setting('FIND_LINKS').split():
        if link.startswith('file:'):
            link = unquote(urlparse(link).path)
        if '://' not in link:
            yield os.path.join(link, wheel), read_file
    for index in indexes():
        page = index.rstrip('/') + '/pip/' + 'index.html' * index.startswith('file:')
        try:
            text = read(page).decode('utf-8', 'replace')
        except (IOError, OSError, ValueError) as e:
            print('%s: %s' % (page, e), file=sys.stderr)
            continue
        for href in re.findall(r'<a [^>]*?href="([^"#]*)', text):
            if unquote(href).rsplit('/', 1)[-1] == wheel:
                yield urljoin(page, href), read


def read_file(name):
    with open(name, 'rb') as f:
        return f.read()


def main(requirements, folder):
    version, digest = re.search(r'^pip==(\S+) .*sha256:([0-9a-f]{64})',
                                read_file(requirements).decode('utf-8'), re.M).groups()
    wheel = str('pip-%s-py2.py3-none-any.whl' % version)      # bytes in Python 2, as paths are
    for place, reads in places(wheel):
        try:
            data = reads(place)
        except (IOError, OSError, ValueError) as e:
            print('%s: %s' % (place, e), file=sys.stderr)
            continue
        if hashlib.sha256(data).hexdigest() == digest:
            keep(data, folder, wheel)
            return 0
        print('%s has another hash than the lock' % place, file=sys.stderr)
    print('%s was found nowhere' % wheel, file=sys.stderr)
    return 1


def keep(data, folder, wheel):
    name = os.path.join(folder, wheel)
    if not os.path.isdir(folder):
        os.makedirs(folder)
    with open(name + '.part', 'wb') as f:
        f.write(data)
    shutil.move(name + '.part', name)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
