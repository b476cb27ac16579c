# -*- coding: utf-8 -*-
"""One request to an address that a file comes from; each cause of a failure has a line of its own.

Cut: another try may help.  BadInput: it would not.  A proxy's password is never said.
"""
from __future__ import print_function

import contextlib
import httplib
import os
import re
import socket
import ssl
import urllib
import urllib2
import urlparse

from repro.failures import BadInput, WrongUsage

SILENCE = 60            # seconds without a byte after which a connection counts as cut off
BY_HAND = '--from DIR takes a file that a browser fetched'
# What an answer other than the file means, and what to do.
ANSWERS = {
    401: 'it wants a login',
    403: 'it refuses',
    404: 'no such file is there: is the address right?',
    407: 'a proxy wants a login: https_proxy=http://NAME:PASSWORD@HOST:PORT',
    410: 'the file was taken away',
    429: 'too many requests'}


class Cut(Exception):
    """The connection broke, or the server had a bad moment: worth another try."""


def address(variable, default):
    """The address that files come from: a mirror's, from the variable, or the default."""
    value = os.environ.get(variable) or default
    try:
        parts = urlparse.urlsplit(value)
        is_one = parts.scheme in ('http', 'https') and parts.hostname and '@' not in parts.netloc \
            and parts.port != 0
    except ValueError:      # a port that is no number
        is_one = False
    if not is_one or re.search(r'[\s?#]', value):
        raise WrongUsage('%s=%s is no address: https:// or http:// comes first, then a host, and '
                         'neither a password nor a space' % (variable, re.sub(
                             '//.*@', '//...@', value)))
    return value.rstrip('/')


@contextlib.contextmanager
def reply(url, offset, etag):
    """Yields the server's answer: 200, 206 or 416 (no such range).  Raises Cut, BadInput."""
    request = urllib2.Request(url, headers={'User-Agent': 'dogs-vs-cats-2017'})
    if offset:
        request.add_header('Range', 'bytes=%d-' % offset)
        if etag:
            request.add_header('If-Range', etag)
    try:
        response = opener(url).open(request, timeout=SILENCE)
    except urllib2.HTTPError as e:
        if e.code != 416:
            raise refused(url, 'the server', e.code, e.msg)
        response = e
    except (urllib2.URLError, socket.error, httplib.HTTPException, ssl.CertificateError) as e:
        raise explained(url, getattr(e, 'reason', e))
    with contextlib.closing(response):
        check_form(url, response)
        yield response


def opener(url):
    """urllib2's, that also asks ALL_PROXY, as curl does.  BadInput where only SOCKS leads out."""
    proxies = urllib.getproxies()
    if 'all' in proxies:
        proxies = dict({'http': proxies['all'], 'https': proxies['all']}, **proxies)
    refuse_socks(url)
    return urllib2.build_opener(urllib2.ProxyHandler(proxies))


def proxy(url):
    """(the variable that names an address's proxy, the proxy's own address); ('', '') if none."""
    parts, proxies = urlparse.urlsplit(url), urllib.getproxies()
    for scheme in (parts.scheme, 'all'):
        if proxies.get(scheme) and not urllib.proxy_bypass(parts.netloc):
            return scheme + '_proxy', proxies[scheme]
    return '', ''


def refuse_socks(url):
    """BadInput where the address is to be asked through a SOCKS proxy, which urllib2 cannot."""
    variable, value = proxy(url)
    if value.lower().startswith('socks'):
        raise BadInput('%s names a SOCKS proxy, which is not supported here: set https_proxy and '
                       'http_proxy to an HTTP proxy (http://HOST:PORT)' % variable)


def way(url):
    """How messages name what was connected to: the proxy, without its password, or the host."""
    variable, value = proxy(url)
    if not value:
        return urlparse.urlsplit(url).netloc.rpartition('@')[2]
    return 'the proxy %s (%s)' % (re.sub('^[a-z]+://', '', value).rpartition('@')[2].rstrip('/'),
                                  variable)


def refused(url, who, code, message):
    """The exception for an answer that is not the file; who: the server or a proxy."""
    reason = ' '.join(message.split())[:120] or ANSWERS.get(code, 'without a reason')
    said = '%s answers %d (%s)' % (who, code, reason)
    if code in (408, 429) or code >= 500:
        return Cut(said)
    if code in (301, 302, 303, 307, 308):
        return BadInput('%s: %s leads in a circle, or to no web address: is it right? Or %s'
                        % (url, who, BY_HAND))
    return BadInput('%s: %s: %s; %s' % (url, said, ANSWERS.get(code, 'it is no use to ask again'),
                                        BY_HAND))


def explained(url, reason):
    """The exception for a request without an answer; reason: urllib2's, httplib's or ssl's."""
    text = ' '.join(str(reason).split()) or type(reason).__name__
    tunnel = re.match(r'Tunnel connection failed: (\d+) ?(.*)', text)
    if tunnel:
        return refused(url, way(url), int(tunnel.group(1)), tunnel.group(2))
    if text == 'Invalid response from tunnel request':
        return BadInput('%s: %s is no HTTP proxy: is it right? Or %s' % (url, way(url), BY_HAND))
    if isinstance(reason, ssl.CertificateError):
        return BadInput('%s: the server\'s certificate is not trusted here: it is another host\'s '
                        '(%s), as a network\'s sign-in page has it: sign in, or %s'
                        % (url, text[:120], BY_HAND))
    if isinstance(reason, ssl.SSLError):
        return without_tls(url, text)
    if isinstance(reason, socket.gaierror):
        return Cut('no connection to %s: nobody here knows that name (%s)'
                   % (way(url), reason.strerror))
    if isinstance(reason, socket.timeout):
        return Cut('%s was silent for %d s' % (way(url), SILENCE))
    return Cut('no connection to %s (%s)' % (way(url), getattr(reason, 'strerror', None) or text))


def without_tls(url, text):
    """The exception for a TLS connection that did not come about; text: OpenSSL's words."""
    if 'CERTIFICATE' in text.upper():
        named = os.environ.get('SSL_CERT_FILE', '')
        return BadInput('%s: the server\'s certificate is not trusted here: %s' % (url, (
            'SSL_CERT_FILE=%s cannot be read' % named if named and not os.access(named, os.R_OK)
            else 'name your CA\'s file in SSL_CERT_FILE, and see that the clock is right')))
    if 'WRONG_VERSION_NUMBER' in text or 'UNKNOWN_PROTOCOL' in text:
        return BadInput('%s: what answers there speaks no TLS: is it http:// and not https://?'
                        % url)
    return Cut('no TLS connection to %s (%s)' % (way(url), text[:120]))


def check_form(url, response):
    """BadInput for an answer that is no file: a web page, or what no web server says."""
    if not response.info().keys():      # httplib takes any bytes for HTTP/0.9
        raise BadInput('%s: what answers there is no web server: is the address right?' % url)
    if response.info().get('Content-Type', '').startswith('text/html') and \
            response.getcode() in (200, 206):
        raise BadInput('%s: a web page came instead of the file (from %s), as where one has to '
                       'sign in: sign in, or %s'
                       % (url, urlparse.urlsplit(response.geturl()).netloc, BY_HAND))
