# -*- coding: utf-8 -*-
"""A headless Chromium, driven over its own DevTools protocol through two pipes: no library.

    with chromium('/usr/bin/chromium', folder) as call:
        call('Page.navigate', url='file:///…')

call(method, **parameters) returns the answer; call.events are the (method, parameters) that
came in between.  https://chromedevtools.github.io/devtools-protocol/ lists both.
"""
from __future__ import print_function

import contextlib
import distutils.spawn
import fcntl
import json
import os
import select
import subprocess
import time

NAMES = ('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
PATIENCE = 60       # seconds for one answer


def found():
    """The path of a Chromium, or None."""
    return next((p for p in map(distutils.spawn.find_executable, NAMES) if p), None)


def pipe():
    """(read, write), both above 9: their way to 3 and 4 in the child must not cross."""
    return [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in os.pipe()]


@contextlib.contextmanager
def chromium(path, folder):
    """Yields call(method, **parameters) for one page of a browser that knows no network."""
    (commands, to), (answers, back) = pipe(), pipe()

    def hand_over():
        os.dup2(commands, 3)
        os.dup2(back, 4)

    with open(os.path.join(folder, 'chromium.log'), 'w') as log:
        child = subprocess.Popen(
            [path, '--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars',
             '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking',
             '--remote-debugging-pipe', '--host-resolver-rules=MAP * ~NOTFOUND',
             '--user-data-dir=' + os.path.join(folder, 'profile'), 'about:blank'],
            preexec_fn=hand_over, stdin=open(os.devnull), stdout=log, stderr=log)
    os.close(commands)
    os.close(back)
    try:
        yield Page(to, answers)
    finally:
        child.kill()
        child.wait()
        os.close(to)
        os.close(answers)


class Page(object):
    def __init__(self, to, answers):
        self.to, self.answers, self.rest = to, answers, b''
        self.number, self.session, self.events = 0, None, []
        target = self('Target.createTarget', url='about:blank')['targetId']
        self.session = self('Target.attachToTarget', targetId=target, flatten=True)['sessionId']

    def __call__(self, method, **parameters):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': parameters}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.to, json.dumps(message).encode('ascii') + b'\0')
        while True:
            answer = self.receive()
            if answer.get('id') == self.number:
                assert 'error' not in answer, (method, answer['error'])
                return answer['result']

    def receive(self):
        """One message; what is no answer is kept in events."""
        while b'\0' not in self.rest:
            ready = select.select([self.answers], [], [], PATIENCE)[0]
            part = os.read(self.answers, 1 << 16) if ready else b''
            assert part, 'the browser does not answer'
            self.rest += part
        message, self.rest = self.rest.split(b'\0', 1)
        message = json.loads(message.decode('utf-8'))
        if 'method' in message:
            self.events.append((message['method'], message.get('params', {})))
        return message

    def until(self, method):
        """Waits for an event that has not come yet, or is among those that have."""
        begun = time.time()
        while not any(m == method for m, _ in self.events):
            assert time.time() - begun < PATIENCE, 'no ' + method
            self.receive()

    def evaluate(self, expression):
        """The value of a JavaScript expression."""
        result = self('Runtime.evaluate', expression=expression, returnByValue=True)
        assert 'exceptionDetails' not in result, result
        return result['result'].get('value')
