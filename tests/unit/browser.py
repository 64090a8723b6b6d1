# SPDX-License-Identifier: GPL-2.0-only
"""A real browser for tests: Debian's chromium, headless, by its debugging protocol.

Messages are JSON, each with a zero byte behind it, over two pipes; no port, no library.
"""
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ('chromium-headless-shell', 'chromium')
LIMIT = 60  # seconds for one answer: a busy machine is slow


def installed():
    """The program, or None."""
    return next((p for p in map(shutil.which, NAMES) if p), None)


class Browser:
    """One page at a time; what went wrong in it is in faults."""

    def __init__(self):
        self.home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs, self.out = os.pipe()
        self.inp, answers = os.pipe()
        # Pages are files of the test: no sandbox, which root could not have.
        self.run = subprocess.Popen(
            ['sh', '-c', f'exec "$@" 3<&{theirs} 4>&{answers}', 'sh', installed(), '--headless',
             '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
             '--remote-debugging-pipe', f'--user-data-dir={self.home.name}', 'about:blank'],
            pass_fds=(theirs, answers), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(theirs)
        os.close(answers)
        self.left, self.last, self.events, self.session = b'', 0, [], None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session = None
        try:
            self.call('Browser.close')
            self.run.wait(LIMIT)
        except (OSError, subprocess.TimeoutExpired):
            self.run.kill()
            self.run.wait()
        os.close(self.inp)
        os.close(self.out)
        self.home.cleanup()

    def message(self, until):
        """The next one."""
        while b'\0' not in self.left:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.inp], [], [], left)[0]:
                raise TimeoutError('the browser does not answer')
            more = os.read(self.inp, 1 << 16)
            if not more:
                raise OSError('the browser has ended')
            self.left += more
        one, _, self.left = self.left.partition(b'\0')
        return json.loads(one)

    def wait(self, wanted):
        """The first message that is WANTED; events before it are kept."""
        until = time.monotonic() + LIMIT
        while True:
            m = self.message(until)
            if 'method' in m:
                self.events.append(m)
            if wanted(m):
                return m

    def call(self, method, **params):
        """One command, and its result."""
        self.last += 1
        m = {'id': self.last, 'method': method, 'params': params}
        if self.session:
            m['sessionId'] = self.session
        os.write(self.out, json.dumps(m).encode() + b'\0')
        answer = self.wait(lambda m: m.get('id') == self.last)
        if 'error' in answer:
            raise OSError(f'{method}: {answer["error"]}')
        return answer['result']

    def open(self, path):
        """A file as a page of its own, when it is loaded."""
        self.session = None
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target,
                                 flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.call(f'{domain}.enable')
        self.events = []
        self.call('Page.navigate', url=f'file://{path}')
        if not any(e['method'] == 'Page.loadEventFired' for e in self.events):
            self.wait(lambda m: m.get('method') == 'Page.loadEventFired')

    def value(self, expression):
        """Of an expression of JavaScript, in the page."""
        result = self.call('Runtime.evaluate', expression=expression, returnByValue=True)
        if 'exceptionDetails' in result:
            raise OSError(f'{expression}: {result["exceptionDetails"]["text"]}')
        return result['result'].get('value')

    def type(self, text):
        """Into what has the focus, with Enter behind it, as a user would."""
        self.call('Input.insertText', text=text)
        for kind in ('keyDown', 'keyUp'):
            self.call('Input.dispatchKeyEvent', type=kind, key='Enter', code='Enter',
                      windowsVirtualKeyCode=13, text='\r' if kind == 'keyDown' else '')

    def press(self, key):
        """A key that has a letter."""
        self.call('Input.dispatchKeyEvent', type='keyDown', key=key, text=key)
        self.call('Input.dispatchKeyEvent', type='keyUp', key=key)

    def click(self, x, y):
        """The left button, at a place of the window."""
        for kind in ('mousePressed', 'mouseReleased'):
            self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left',
                      clickCount=1)

    def faults(self):
        """Errors, what a policy has refused, dialogs, and requests to elsewhere."""
        found = []
        for e in self.events:
            p = e['params']
            if e['method'] == 'Runtime.exceptionThrown':
                found.append(f'exception: {p["exceptionDetails"]}')
            elif e['method'] == 'Log.entryAdded' and p['entry']['level'] in ('error', 'warning'):
                found.append(p['entry']['text'])
            elif e['method'] == 'Page.javascriptDialogOpening':
                found.append(f'dialog: {p["message"]}')
            elif e['method'] == 'Network.requestWillBeSent' and \
                    not p['request']['url'].startswith('file:'):
                found.append(f'request: {p["request"]["url"]}')
        return found
