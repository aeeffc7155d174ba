# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""Links that any web page can open, against the real program with its window (DOTAGENTS), on a
display and a bus of its own. (Links in Markdown, SEC-15: tests/ui/test-markdown.c.)"""

import hashlib
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

INSIDE = 'DA_WINDOW_INSIDE'
NAME = 'app.dotagents.Desktop'
PATH = '/app/dotagents/Desktop'

if INSIDE not in os.environ:
    for tool in ('xvfb-run', 'dbus-run-session', 'gdbus'):
        if shutil.which(tool) is None:
            print(f'1..0 # SKIP {tool} is not installed')
            sys.exit(0)
    os.execvpe('xvfb-run', ['xvfb-run', '-a', '-s', '-screen 0 1200x900x24 -nolisten tcp',
                            'dbus-run-session', '--', sys.executable, *sys.argv],
               {**os.environ, INSIDE: '1'})

import dawire    # noqa: E402
from dawire import test    # noqa: E402


class Trap:
    """Listens, and remembers who came."""

    def __init__(self):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.visits = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            sock, _ = self.listener.accept()
            self.visits += 1
            sock.close()


class Window:
    """The program with its window, in a home of its own."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix='da-window-')
        os.makedirs(os.path.join(self.home, 'run'), mode=0o700)
        extra = {name: os.environ[name] for name in
                 ('DISPLAY', 'XAUTHORITY', 'DBUS_SESSION_BUS_ADDRESS', 'GSETTINGS_SCHEMA_DIR')
                 if name in os.environ}
        extra.update({'GDK_BACKEND': 'x11', 'GSK_RENDERER': 'cairo', 'GSETTINGS_BACKEND': 'memory',
                      'GDK_DEBUG': 'gl-disable', 'GTK_A11Y': 'none'})
        self.env = dawire.clean_environment(self.home, extra)
        self.program = dawire.Program([os.environ['DOTAGENTS'], '--no-keyring'], self.env,
                                      self.home)
        self.pid = self.program.child.pid
        dawire.until(self.is_there, 'the window', 60)
        # What a first start writes is written.
        self.settle()

    def gdbus(self, method, *args):
        return subprocess.run(['gdbus', 'call', '--session', '--timeout', '30', '--dest', NAME,
                               '--object-path', PATH, '--method', method, *args], env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              timeout=40)

    def is_there(self):
        assert self.program.child.poll() is None, self.program.text
        return self.gdbus('org.freedesktop.DBus.Peer.Ping').returncode == 0

    def settle(self):
        """Until nothing is written any more."""
        before = None
        end = time.monotonic() + 30
        while time.monotonic() < end:
            now = self.written()
            if now == before:
                return
            before = now
            time.sleep(1)
        raise AssertionError('it goes on writing settings')

    def written(self):
        """Digests of all files but logs and the database of conversations."""
        found = {}
        for folder, _, names in os.walk(self.home):
            for name in names:
                path = os.path.join(folder, name)
                if name.endswith('.log') or '.db' in name or '/cache/' in path:
                    continue
                try:
                    with open(path, 'rb') as file:
                        found[path] = hashlib.sha256(file.read()).hexdigest()
                except OSError:
                    pass
        return found

    def children(self):
        """Processes that were started, and programs that it became."""
        out = []
        for task in os.listdir(f'/proc/{self.pid}/task'):
            try:
                with open(f'/proc/{self.pid}/task/{task}/children', encoding='ascii') as file:
                    out += file.read().split()
            except OSError:
                pass
        return out

    def open(self, *uris):
        quoted = ', '.join('"' + u.replace('\\', '\\\\').replace('"', '\\"') + '"' for u in uris)
        return self.gdbus('org.freedesktop.Application.Open', f'[{quoted}]', '{}')

    def count_windows(self):
        """None where nothing can count them."""
        if shutil.which('xdotool') is None:
            return None
        done = subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', '.*'], env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                              timeout=60)
        return len(done.stdout.split())

    def end(self):
        code = self.program.end()
        text = self.program.text
        shutil.rmtree(self.home, ignore_errors=True)
        assert not dawire.FAULT.search(text), text[-4000:]
        return code


def hostile_links(port):
    """What a page may try: another server, a command, an option, a path, and noise."""
    server = f'http://127.0.0.1:{port}/v1'
    quoted = urllib.parse.quote(server, safe='')
    links = [f'dotagents://{kind}?{query}' for kind in
             ('config', 'settings', 'mcp/install', 'install', 'run', 'open', 'connect', 'profile',
              'skill', '') for query in
             (f'baseUrl={quoted}&apiKey=stolen', f'gatewayUrl={quoted}', f'url={quoted}',
              f'openaiBaseUrl={quoted}&openaiApiKey=x', 'remoteServerEnabled=true',
              'command=touch%20%2Ftmp%2Fda-pwned&args=-c', 'key=--set%3DremoteServerEnabled%3Dtrue',
              'path=..%2F..%2F..%2Fetc%2Fpasswd')]
    links += ['dotagents:--set=remoteServerEnabled=true', 'dotagents:-v', 'dotagents://--help',
              'dotagents://-e/touch', 'dotagents:///etc/passwd', f'dotagents://127.0.0.1:{port}/',
              server, 'file:///etc/passwd', 'javascript:alert(1)', 'http://user@evil.example',
              'dotagents://' + 'a' * 60000, 'dotagents://x?' + '&'.join(['k=v'] * 5000),
              'dotagents://x?<b>a</b>=%3Ca%20href%3D%22' + quoted + '%22%3Ex%3C%2Fa%3E']
    dice = random.Random(15)
    for _ in range(60):
        noise = ''.join(chr(dice.choice([dice.randrange(33, 127), dice.randrange(0xa0, 0x2100)]))
                        for _ in range(dice.randrange(1, 80)))
        links.append('dotagents:' + dice.choice(['', '//', '//config?']) + noise)
    return links


@test('SEC-06 SEC-14 no link sets, starts or asks anything')
def links():
    trap = Trap()
    window = Window()
    try:
        before = window.written()
        children = window.children()
        all_links = hostile_links(trap.port)
        for begin in range(0, len(all_links), 8):
            told = window.open(*all_links[begin:begin + 8])
            assert told.returncode == 0, told.stdout.decode('utf-8', 'replace')
            assert window.program.child.poll() is None, window.program.text[-4000:]
            assert set(window.children()) <= set(children), 'a link started a program'
        # A command line as a desktop file makes it; the running program is told.
        for link in all_links[::20]:
            done = subprocess.run([os.environ['DOTAGENTS'], link], env=window.env, timeout=60,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            assert done.returncode == 0, done.stdout.decode('utf-8', 'replace')
        assert window.is_there()
        window.settle()
        after = window.written()
        changed = {path for path in before.keys() | after.keys()
                   if before.get(path) != after.get(path)}
        assert not changed, f'a link wrote {changed}'
        assert trap.visits == 0, f'{trap.visits} connections to where a link points'
        assert not os.path.exists('/tmp/da-pwned')
        shown = window.count_windows()
        assert shown is None or shown > 1, 'no link was shown: it was not told of any'
        dawire.note(f'{len(all_links)} links, {shown} windows')
    finally:
        window.end()


dawire.run()
