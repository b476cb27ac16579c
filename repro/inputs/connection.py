# -*- coding: utf-8 -*-
"""One request to an address that a file comes from; each cause of a failure has its own line.

Cut: another try may help.  Refused: it would not.  A proxy's password is never said.  What other
libraries raise (requests, urllib3) is explained here, too.  Any Python, standard library only:
host/python/fetch.py runs before there is an environment, and host/kaggle/ in another one.
"""
from __future__ import print_function

import contextlib
import os
import re
import socket
import ssl
import time
try:
    from http.client import BadStatusLine, HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.parse import urlsplit
    from urllib.request import (ProxyHandler, Request, build_opener, getproxies, proxy_bypass)
except ImportError:         # Python 2
    from httplib import BadStatusLine, HTTPException
    from urllib import getproxies, proxy_bypass
    from urllib2 import HTTPError, ProxyHandler, Request, URLError, build_opener
    from urlparse import urlsplit

TRIES = 5               # connections in a row that bring nothing new
PAUSE = float(os.environ.get('REPRO_RETRY_PAUSE', 2))   # seconds before the second, doubled after
SILENCE = 60            # seconds without a byte after which a connection counts as cut off
# What an answer other than the file means, and what to do.
ANSWERS = {
    401: 'it needs a login',
    403: 'it refuses',
    404: 'no such file is there: is the address right?',
    407: 'a proxy needs a login: https_proxy=http://NAME:PASSWORD@HOST:PORT',
    410: 'the file was taken away',
    429: 'too many requests'}
WRAPPERS = ('requests', 'urllib', 'urllib2', 'urllib3')     # their errors hold one of Python's


class Cut(Exception):
    """The connection broke, or the server had a bad moment: worth another try."""


class Refused(Exception):
    """Another try would give the same answer; the line says what to do."""


def insist(receive, arrived, say_cut=lambda cut: None):
    """Calls receive() until it raises no Cut; the last one after TRIES that brought nothing new.

    arrived: how many bytes of the file are here; say_cut: called with a Cut before the next try.
    """
    failed, pause = 0, PAUSE
    while True:
        before = arrived()
        try:
            return receive()
        except Cut as e:
            failed = failed + 1 if arrived() <= before else 1
            if failed >= TRIES:
                raise
            say_cut(e)
        time.sleep(pause)
        pause = min(2 * pause, 30)


def reply_to(url, offset, etag):
    request = Request(url, headers={'User-Agent': 'dogs-vs-cats-2017'})
    if offset:
        request.add_header('Range', 'bytes=%d-' % offset)
        if etag:
            request.add_header('If-Range', etag)
    try:
        response = opener(url).open(request, timeout=SILENCE)
    except HTTPError as e:
        if e.code != 416:
            raise refused('the server', e.code, e.msg)
        response = e
    except (URLError, socket.error, HTTPException, ssl.CertificateError) as e:
        raise explained(url, e)
    return response


@contextlib.contextmanager
def reply(url, offset=0, etag='', is_page=False):
    """Yields the server's answer: 200, 206 or 416 (no such range).  Raises Cut, Refused.

    offset: the byte to begin with; etag: of the version that the bytes before it are of;
    is_page: whether the file itself is a web page.
    """
    with contextlib.closing(reply_to(url, offset, etag)) as response:
        check_form(response, is_page)
        yield response


def position(response, offset):
    """(the file's byte with which the answer starts, the file's size or None).  Raises Cut."""
    if response.getcode() == 206:
        match = re.match(r'bytes (\d+)-\d+/(\d+|\*)$', response.info().get('Content-Range', ''))
        if match and int(match.group(1)) == offset:
            return offset, int(match.group(2)) if match.group(2) != '*' else None
        raise Cut('the server sent another range than requested')
    size = response.info().get('Content-Length')
    return 0, int(size) if size and size.isdigit() else None


def blocks(response, size, offset):
    """The answer's bytes, `size` at a time, from the file's byte `offset` on.  Raises Cut."""
    while True:
        try:
            block = response.read(size)
        except (socket.error, HTTPException) as e:
            raise Cut('the connection was cut at %d bytes (%s)' % (offset, e))
        if not block:
            return
        offset += len(block)
        yield block


# ------------------------------------------------------------------------------------ the proxy

def opener(url):
    """urllib's, which also takes ALL_PROXY, as curl does.  Refused as check_proxy has it."""
    proxies = getproxies()
    if 'all' in proxies:
        proxies = dict({'http': proxies['all'], 'https': proxies['all']}, **proxies)
    check_proxy(url)
    return build_opener(ProxyHandler(proxies))


def proxy(url):
    """(the variable that names an address's proxy, the proxy's own address); ('', '') if none."""
    parts, proxies = urlsplit(url), getproxies()
    for scheme in (parts.scheme, 'all') if parts.scheme in ('http', 'https') else ():
        if proxies.get(scheme) and not proxy_bypass(parts.netloc):
            return scheme + '_proxy', proxies[scheme]
    return '', ''


def check_proxy(url):
    """Refused where the address's proxy is a SOCKS proxy, unsupported here, or not an address."""
    variable, value = proxy(url)
    if value.lower().startswith('socks'):
        raise Refused('%s names a SOCKS proxy, which is not supported here: set https_proxy and '
                      'http_proxy to an HTTP proxy (http://HOST:PORT)' % variable)
    if value and not is_http(value):
        raise Refused('%s is not the address of an HTTP proxy (http://HOST:PORT; in a password '
                      '%%2F stands for /, %%40 for @, %%23 for #, %%3F for ?)' % variable)


def is_http(value):
    """Whether a proxy's address can be taken apart; http:// may be missing."""
    try:
        parts = urlsplit('http://' + re.sub('^https?://', '', value, flags=re.I))
        return bool(parts.hostname and parts.port != 0 and not parts.netloc.endswith(':')
                    and '@' not in parts.path + parts.query + parts.fragment)
    except ValueError:      # a port that is not a number
        return False


def way(url):
    """How messages name what was connected to: the proxy, without its password, or the host."""
    variable, value = proxy(url)
    if not value:
        return urlsplit(url).netloc.rpartition('@')[2]
    return 'the proxy %s (%s)' % (re.sub('^[a-z]+://', '', value).rpartition('@')[2].rstrip('/'),
                                  variable)


# ------------------------------------------------------------------------------ what went wrong

def refused(who, code, message):
    """The exception for an answer that is not the file; who: the server or a proxy."""
    reason = ' '.join(message.split())[:120] or ANSWERS.get(code, 'without a reason')
    said = '%s answers %d (%s)' % (who, code, reason)
    if code in (408, 429) or code >= 500:
        return Cut(said)
    if code in (301, 302, 303, 307, 308):
        return Refused('%s leads in a circle, or to no web address: is it right?' % who)
    return Refused('%s: %s' % (said, ANSWERS.get(code, 'another try would give the same')))


def cause(error):
    """Python's own error inside one of urllib, requests or urllib3."""
    while is_wrapper(error):
        inside = [e for e in (getattr(error, 'reason', None),) + error.args + (
            getattr(error, '__cause__', None), getattr(error, '__context__', None))
            if isinstance(e, Exception)]
        if not inside:
            return error
        error = inside[0]
    return error


def is_wrapper(error):
    return type(error).__module__.split('.')[0] in WRAPPERS


def explained(url, error):
    """The exception for a request without an answer; error: what any of the libraries raised."""
    reason = cause(error)
    text = words(reason)
    tunnel = re.search(r'Tunnel connection failed: (\d+) ?(.*)', text)
    if tunnel:
        return refused(way(url), int(tunnel.group(1)), tunnel.group(2))
    if text == 'Invalid response from tunnel request':
        return Refused('%s is not an HTTP proxy: is it right?' % way(url))
    if is_of_another_host(reason, text):
        return Refused('the server\'s certificate is not trusted here: it is another host\'s '
                       '(%s), as a network\'s sign-in page has it: sign in' % text[:120])
    if isinstance(reason, ssl.SSLError):
        return without_tls(url, text)
    if isinstance(reason, socket.gaierror):
        return Cut('no connection to %s: the name does not resolve (%s)'
                   % (way(url), reason.strerror))
    if isinstance(reason, socket.timeout):
        return Cut('%s was silent for %d s' % (way(url), SILENCE))
    if is_no_status(reason, text):
        return not_a_web_server()
    return Cut('no connection to %s (%s)' % (way(url), getattr(reason, 'strerror', None) or text))


def words(reason):
    """An error's text in one line; the name of its kind where a library might name a proxy."""
    said = '' if is_wrapper(reason) else reason
    if isinstance(reason, URLError):
        said = reason.reason
    return ' '.join(str(said).split()) or type(reason).__name__


def is_of_another_host(reason, text):
    """Whether a certificate is good, but another host's; Python 2 has an error for that alone."""
    return isinstance(reason, ssl.CertificateError) and (
        not isinstance(reason, ssl.SSLError) or 'mismatch' in text)


def is_no_status(reason, text):
    """Whether something other than HTTP answered, which Python 2 takes for HTTP/0.9."""
    return isinstance(reason, BadStatusLine) and not isinstance(reason, socket.error) \
        and not text.startswith('No status line')


def without_tls(url, text):
    """The exception for a TLS connection that did not come about; text: OpenSSL's words."""
    if 'CERTIFICATE' in text.upper():
        named, why = os.environ.get('SSL_CERT_FILE', ''), re.search('verify failed: ([^(]*)', text)
        return Refused('the server\'s certificate is not trusted here%s: %s' % (
            ' (%s)' % why.group(1).strip() if why else '',
            'SSL_CERT_FILE=%s cannot be read' % named if named and not os.access(named, os.R_OK)
            else 'name your CA\'s file in SSL_CERT_FILE, and see that the clock is right'))
    if 'WRONG_VERSION_NUMBER' in text or 'UNKNOWN_PROTOCOL' in text:
        return Refused('what answers there does not speak TLS: is it http:// and not https://?')
    return Cut('no TLS connection to %s (%s)' % (way(url), text[:120]))


def not_a_web_server():
    return Refused('what answers there is not a web server: is the address right?')


def web_page(url, wanted='the file'):
    """The exception for a web page where something else was wanted."""
    return Refused('a web page came instead of %s (from %s), as where one has to sign in: sign in'
                   % (wanted, urlsplit(url).netloc))


def check_form(response, is_page):
    """Refused for an answer that is not a file: a web page, or what no web server says."""
    if not response.info().keys():      # httplib takes any bytes for HTTP/0.9
        raise not_a_web_server()
    if response.info().get('Content-Type', '').startswith('text/html') and not is_page and \
            response.getcode() in (200, 206):
        raise web_page(response.geturl())
