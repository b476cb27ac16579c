# -*- coding: utf-8 -*-
"""Stand-ins for the services that files come from: real HTTP on 127.0.0.1, with TLS or without.

    with serve(files({'/a/b.h5': data}, {'/a/b.h5': ['cut 1000', '503']})) as server:
        server.url, server.log        # http://127.0.0.1:PORT, [(method, path, Range or None)]

Each fault in a path's list spoils one answer, in turn; then the file is served as it should be.
A server also is a proxy for https: what is asked of any host is answered by the same function,
under a certificate of the test's own CA, so a client asks the addresses that it really uses.

Written by hand, since libraries that mock a client's answers have no TLS, no proxy, and no
connection that breaks in the middle of a file.
"""
from __future__ import print_function

import BaseHTTPServer
import contextlib
import os
import shutil
import SocketServer
import ssl
import subprocess
import threading
import time
import urlparse


class Server(SocketServer.ThreadingMixIn, BaseHTTPServer.HTTPServer):
    daemon_threads = True
    log, tls, refusal = (), None, 403

    def handle_error(self, request, address):
        pass        # a client that goes away is what some tests are about


class Handler(BaseHTTPServer.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *arguments):
        pass

    def answer(self):
        length = int(self.headers.get('Content-Length') or 0)
        self.body = self.rfile.read(length)
        self.path = urlparse.unquote(self.path)
        self.server.log.append((self.command, self.path, self.headers.get('Range')))
        self.server.answer(self)

    do_GET = do_POST = do_PUT = answer

    def do_CONNECT(self):
        self.server.log.append(('CONNECT', self.path, None))
        if self.server.tls is None:     # as a proxy that lets nobody through
            return self.send(self.server.refusal, 'no')
        self.wfile.write('HTTP/1.1 200 OK\r\n\r\n')
        self.connection = self.server.tls(self.connection)
        self.rfile = self.connection.makefile('rb', self.rbufsize)
        self.wfile = self.connection.makefile('wb', self.wbufsize)
        self.close_connection = 0

    def send(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace('_', '-'), value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self):
        self.close_connection = 1
        self.wfile.flush()


@contextlib.contextmanager
def says(text):
    """HOST:PORT of something that hangs up after these bytes, whatever it is asked."""
    class Talker(SocketServer.BaseRequestHandler):
        def handle(self):
            self.request.recv(4096)
            self.request.sendall(text)
    server = SocketServer.TCPServer(('127.0.0.1', 0), Talker)
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.05})
    thread.daemon = True
    thread.start()
    try:
        yield '127.0.0.1:%d' % server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def serve(answer, certificates=None, https=False):
    """certificates: what certificates() made; https: TLS from the first byte, not as a proxy."""
    server = Server(('127.0.0.1', 0), Handler)
    server.answer, server.log = answer, []
    if certificates:
        def tls(connection):
            return ssl.wrap_socket(connection, server_side=True, certfile=certificates['server'])
        server.tls = tls
        if https:
            server.socket = tls(server.socket)
    server.url = '%s:%d' % ('https://localhost' if https else 'http://127.0.0.1',
                            server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.05})
    thread.daemon = True
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def certificates(folder, hosts):
    """{'ca', 'server'}: files of a CA and of a certificate for these hosts."""
    def openssl(*arguments):
        subprocess.check_call(('openssl',) + arguments, cwd=folder, stdout=open(os.devnull, 'w'),
                              stderr=subprocess.STDOUT)
    names = ','.join('DNS:' + h for h in hosts)
    with open(os.path.join(folder, 'names'), 'w') as f:
        f.write('subjectAltName=%s\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n'
                % names)
    with open(os.path.join(folder, 'ca'), 'w') as f:        # as strict as Python 3.13 needs it
        f.write('[req]\ndistinguished_name=dn\nx509_extensions=ca\n[dn]\n[ca]\n'
                'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n'
                'subjectKeyIdentifier=hash\n')
    openssl('req', '-x509', '-config', 'ca', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
            '-subj', '/CN=loopback test CA', '-keyout', 'ca.key', '-out', 'ca.pem')
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=loopback', '-keyout',
            'server.key', '-out', 'server.csr')
    openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key',
            '-CAcreateserial', '-days', '2', '-extfile', 'names', '-out', 'server.crt')
    with open(os.path.join(folder, 'server.pem'), 'w') as f:
        for name in ('server.key', 'server.crt'):
            with open(os.path.join(folder, name)) as part:
                shutil.copyfileobj(part, f)
    return {'ca': os.path.join(folder, 'ca.pem'), 'server': os.path.join(folder, 'server.pem')}


def files(content, faults=None, etag='"1"'):
    """An answer() that serves {path: bytes}, spoiled by {path: [fault, ...]}.

    Faults: 'STATUS', 'cut N' (hangs up after N bytes), 'redirect PATH', 'no ranges' (always the
    whole), 'size N' (says N bytes, and sends them), 'claims N' (says N bytes, and hangs up),
    'stalls N' (after N bytes no more comes), 'other range', 'no length', 'page' (a web page
    instead, as where one has to sign in).
    """
    def answer(handler):
        waiting = (faults or {}).get(handler.path)
        fault = waiting.pop(0) if waiting else ''
        if fault.isdigit():
            return handler.send(int(fault), 'no')
        if fault.startswith('redirect '):
            return handler.send(302, '', Location=fault.split()[1])
        if fault == 'page':
            return handler.send(200, '<!DOCTYPE html>sign in', Content_Type='text/html')
        if handler.path not in content:
            return handler.send(404, 'no such file')
        give(handler, content[handler.path], fault, etag)
    return answer


def give(handler, data, fault, etag):
    wanted, offset, status = handler.headers.get('Range'), 0, 200
    if handler.headers.get('If-Range', etag) != etag or fault == 'no ranges':
        wanted = None
    if wanted:
        offset, status = int(wanted[len('bytes='):-1]), 206
        if offset >= len(data):
            return handler.send(416, '', Content_Range='bytes */%d' % len(data))
    if fault.startswith('claims '):
        handler.send_response(200)
        handler.send_header('Content-Length', fault.split()[1])
        handler.end_headers()
        return handler.hang_up()
    if fault.startswith('size '):
        data = data.ljust(int(fault.split()[1]), '\0')[:int(fault.split()[1])]
    part = data[offset:]
    handler.send_response(status)
    if status == 206:
        shown = offset + 1 if fault == 'other range' else offset
        handler.send_header('Content-Range', 'bytes %d-%d/%d' % (shown, len(data) - 1, len(data)))
    handler.send_header('ETag', etag)
    handler.send_header('Accept-Ranges', 'bytes')
    if fault != 'no length':
        handler.send_header('Content-Length', str(len(part)))
    handler.end_headers()
    if fault.startswith(('cut ', 'stalls ')):
        part = part[:int(fault.split()[1])]
    handler.wfile.write(part)
    if fault.startswith('stalls '):
        handler.wfile.flush()
        time.sleep(60)
    if fault.startswith('cut ') or fault == 'no length':
        handler.hang_up()
