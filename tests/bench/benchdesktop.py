# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""The measures of bench.py that need the window: P3, P5 and P13.

The program runs as a person would start it, on a display and a session bus of its own, with the
accessibility bus that every desktop has. It is worked through what it offers to the desktop (its
actions on the bus) and watched from outside (bench-display): nothing in it is made for this."""

import json
import os
import shutil
import subprocess
import sys
import time

from benchlib import (API_KEY, Client, Sandbox, cpu_seconds, median, private_kib, resident_kib,
                      stop)
from benchload import TOKEN_MS

NAME = 'app.dotagents.Desktop'
PAGES = ('general', 'models', 'remote-server')
TOOLS = ('Xvfb', 'dbus-daemon', 'gdbus', 'import', 'zbarimg')
PATIENCE = 20


def free_port():
    from socket import socket
    with socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Desktop(Sandbox):
    """A sandbox with a display and a session bus."""

    def __init__(self):
        for tool in TOOLS:
            if shutil.which(tool) is None:
                print('skipped:', tool, 'is not installed')
                sys.exit(77)
        super().__init__()
        self.more = {}
        gtk = os.path.join(self.path('home'), 'config', 'gtk-4.0')
        os.makedirs(gtk, 0o700)
        # A caret that blinks is no work of ours, and the picture would never come to rest.
        with open(os.path.join(gtk, 'settings.ini'), 'w', encoding='ascii') as stream:
            stream.write('[Settings]\ngtk-cursor-blink=false\n')
        try:
            self.more['DISPLAY'] = ':' + self.begin_display()
            self.more['DBUS_SESSION_BUS_ADDRESS'] = self.begin_bus()
        except BaseException:
            self.__exit__()
            raise

    def environment(self, **more):
        env = super().environment(GDK_BACKEND='x11', GSK_RENDERER='cairo', GDK_DEBUG='gl-disable',
                                  LC_ALL='C.UTF-8', LANGUAGE='en', NO_PROXY='*',
                                  GSETTINGS_SCHEMA_DIR=os.environ['GSETTINGS_SCHEMA_DIR'])
        env.update(self.more)
        env.update(more)
        return env

    def begin_display(self):
        reader, writer = os.pipe()
        child = subprocess.Popen(['Xvfb', '-displayfd', str(writer), '-screen', '0',
                                  '1400x1000x24', '-nolisten', 'tcp', '-noreset'],
                                 pass_fds=[writer], stderr=subprocess.DEVNULL)
        self.children.append(child)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            return pipe.readline().strip()

    def begin_bus(self):
        child = subprocess.Popen(['dbus-daemon', '--session', '--nofork', '--print-address'],
                                 env=self.environment(), stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL)
        self.children.append(child)
        return child.stdout.readline().decode().strip()

    def argv(self, data):
        return [os.environ['DOTAGENTS'], '--no-keyring', '--data-dir', data,
                '--agents-dir', data + '-agents']

    def look(self, *arguments, **more):
        """What bench-display prints."""
        return subprocess.run([os.environ['BENCH_DISPLAY'], *map(str, arguments)],
                              env=self.environment(**more), stdout=subprocess.PIPE, text=True,
                              check=True).stdout

    def windows(self):
        return self.look('windows').split()

    def program(self, provider=None, address='127.0.0.1'):
        """Starts dotagents with its server on and waits until both are there; the result has .port
        and .window."""
        data = self.new_folder()
        port = free_port()
        os.mkdir(data + '-agents', 0o700)
        with open(os.path.join(data + '-agents', 'dotagents-settings.json'), 'w',
                  encoding='utf-8') as stream:
            json.dump({'remoteServerEnabled': True, 'remoteServerPort': port,
                       'remoteServerBindAddress': address,
                       'remoteServerLogLevel': 'error'}, stream)
        env = self.environment(DOTAGENTS_API_KEY=API_KEY)
        if provider is not None:
            env.update(OPENAI_API_KEY='sk-bench',
                       OPENAI_BASE_URL=f'http://127.0.0.1:{provider.port}/v1')
        child = subprocess.Popen(self.argv(data), env=env)
        self.children.append(child)
        child.port = port
        child.window = self.await_window()
        self.await_true(lambda: self.answers(port), 'the server')
        return child

    def answers(self, port):
        try:
            client = Client(port)
        except ConnectionRefusedError:
            return False
        client.get('/v1/operator/health')
        client.close()
        return True

    def await_true(self, function, what):
        end = time.monotonic() + PATIENCE
        while True:
            value = function()
            if value:
                return value
            if time.monotonic() > end:
                raise RuntimeError('waited in vain for ' + what)
            time.sleep(0.02)

    def await_window(self, others=()):
        """Until there is one more than these; that one."""
        def find():
            found = [window for window in self.windows() if window not in others]
            return found[0] if len(found) == 1 else None
        return self.await_true(find, 'a window')

    def act(self, action, *parameter):
        """An action of the program, as the desktop's menus and notifications call it."""
        subprocess.run(['gdbus', 'call', '--session', '--dest', NAME,
                        '--object-path', '/' + NAME.replace('.', '/'),
                        '--method', 'org.gtk.Actions.Activate', action,
                        '[' + ', '.join(f"<'{text}'>" for text in parameter) + ']', '{}'],
                       env=self.environment(), stdout=subprocess.DEVNULL, check=True)

    def code_on_screen(self):
        """The link in the code that is on the display, if any."""
        path = self.path('screen.png')
        subprocess.run(['import', '-window', 'root', path], env=self.environment(), check=True)
        found = subprocess.run(['zbarimg', '--quiet', '--raw', '-Sdisable', '-Sqrcode.enable',
                                path], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True, check=False)
        return found.stdout.strip()


# --- P3: the first frame -------------------------------------------------------------------------

def start_once(box, *argv):
    return json.loads(box.look('start', *argv))


def measure_first_frame(results, out):
    from bench import CONVERSATIONS, copy_store
    kinds = {'fresh': [], 'again': [], 'large': [], 'bare': []}
    with Desktop() as box:
        data = box.new_folder()
        big = copy_store(box, out)
        # The first of all brings the accessibility bus up, which a desktop has already.
        for folder in (data, big):
            start_once(box, *box.argv(folder))
        for _ in range(15):
            kinds['fresh'].append(start_once(box, *box.argv(box.new_folder())))
            kinds['again'].append(start_once(box, *box.argv(data)))
            kinds['large'].append(start_once(box, *box.argv(big)))
            kinds['bare'].append(start_once(box, os.environ['BENCH_BARE_WINDOW']))

    def middle(kind, what):
        return median([seen[what + '_ms'] for seen in kinds[kind]])
    many = f'{CONVERSATIONS:,} conversations'
    results.row('P3', 'exec to first frame, new data folder, median', middle('fresh', 'painted'),
                'ms', 500)
    results.row('P3', '  second start in that folder', middle('again', 'painted'), 'ms', 500)
    results.row('P3', f'  with {many}', middle('large', 'painted'), 'ms', 500)
    results.row('P3', '  for comparison: an empty window of the same libraries',
                middle('bare', 'painted'), 'ms')
    for kind, name in (('fresh', 'new data folder'), ('again', 'second start'), ('large', many),
                       ('bare', 'empty window')):
        results.row('P3', f'  processor time to first frame, {name}',
                    middle(kind, 'painted_cpu'), 'ms')
    for kind, name in (('again', 'second start'), ('large', many), ('bare', 'empty window')):
        results.row('P3', f'  exec until nothing moves any more, {name}', middle(kind, 'rest'),
                    'ms')
    for name, samples in kinds.items():
        results.detail(name, samples)


# --- P5: memory ----------------------------------------------------------------------------------

def open_code(box, program):
    """Settings > Remote Server and on it the dialog with the code; both windows."""
    box.act('preferences', 'remote-server')
    settings = box.await_window([program.window])
    box.act('pair')
    code = box.await_window([program.window, settings])
    if not box.await_true(box.code_on_screen, 'a readable code').startswith('dotagents://config?'):
        raise RuntimeError('it is another code')
    return code, settings


def close(box, windows):
    for window in windows:
        box.look('close', window)


def visit(box, program, page):
    """Opens the settings on that page and closes them again."""
    box.act('preferences', page)
    window = box.await_window([program.window])
    time.sleep(0.2)     # to be painted, with what it moves in
    close(box, [window])


def measure_desktop_memory(results, out):
    with Desktop() as box:
        program = box.program(address='0.0.0.0')
        time.sleep(2)
        idle = resident_kib(program.pid)
        windows = open_code(box, program)
        shown, private = resident_kib(program.pid), private_kib(program.pid)
        close(box, windows)
        for page in PAGES:
            visit(box, program, page)
        time.sleep(1)
        sizes = [resident_kib(program.pid)]
        for _ in range(5):
            for _ in range(10):
                for page in PAGES:
                    visit(box, program, page)
            time.sleep(1)
            sizes.append(resident_kib(program.pid))
        for _ in range(10):
            close(box, open_code(box, program))
        again = resident_kib(program.pid)
    results.row('P5', 'resident, settings page with the code open', shown / 1024, 'MiB', 110)
    results.row('P5', '  of it private', private / 1024, 'MiB')
    results.row('P5', '  before the settings were opened', idle / 1024, 'MiB')
    results.row('P5', 'growth after every page was opened and closed 50 times',
                (sizes[-1] - sizes[0]) / 1024, 'MiB', 5)
    results.row('P5', '  within the last fifth', (sizes[-1] - sizes[-2]) / 1024, 'MiB')
    results.row('P5', '  after 10 more codes', (again - sizes[-1]) / 1024, 'MiB')
    results.detail('resident_kib', sizes)


# --- P13: the main loop under load ---------------------------------------------------------------

def ping(box, program, seconds):
    return json.loads(box.look('ping', program.window, seconds))


def loaded_once(box):
    """At rest, and while 500 streams are open; what the streams saw; processor time."""
    provider = box.fake_llm(TOKEN_MS * 1000)
    program = box.program(provider)
    client = Client(program.port)
    client.chat('script:normal')
    client.answer()
    client.close()
    time.sleep(1)
    rest = ping(box, program, 10)
    streams = subprocess.Popen([os.environ['BENCH_STREAMS'], f'--port={program.port}',
                                f'--key={API_KEY}', '--seconds=15'], env=box.environment(),
                               stdout=subprocess.PIPE)
    box.children.append(streams)
    if streams.stdout.readline() != b'open\n':
        raise RuntimeError('not all streams were opened')
    time.sleep(2)      # bench-streams begins to measure after as long
    used, begun = cpu_seconds(program.pid), time.monotonic()
    busy = ping(box, program, 10)
    used = (cpu_seconds(program.pid) - used) / (time.monotonic() - begun)
    seen = json.loads(streams.stdout.readline())
    stop(streams)
    stop(program)
    stop(provider)
    return rest, busy, seen, used


def measure_main_loop(results, out):
    rest, busy, seen, used = [], [], [], []
    with Desktop() as box:
        for _ in range(3):
            for into, value in zip((rest, busy, seen, used), loaded_once(box)):
                into.append(value)

    def middle(runs, who, what):
        return median([run[who][what] for run in runs])
    results.row('P13', 'main loop while 500 streams are open, p99, median of runs',
                middle(busy, 'program', 'p99_ms'), 'ms', 16)
    results.row('P13', '  without moments in which the machine stood still, p99',
                middle(busy, 'calm', 'p99_ms'), 'ms')
    results.row('P13', '    how many of all were left',
                median([run['calm']['answered'] / run['program']['sent'] for run in busy]) * 100,
                '%')
    results.row('P13', '  p50', middle(busy, 'program', 'p50_ms'), 'ms')
    results.row('P13', '  longest', middle(busy, 'program', 'max_ms'), 'ms')
    results.row('P13', '  answered', min(run['program']['answered'] / run['program']['sent']
                                         for run in busy), '', 1, least=True)
    results.row('P13', '  a process beside it that only answers, p99',
                middle(busy, 'echo', 'p99_ms'), 'ms')
    results.row('P13', '  main loop at rest, p99', middle(rest, 'program', 'p99_ms'), 'ms')
    results.row('P13', '  the same, without such moments', middle(rest, 'calm', 'p99_ms'), 'ms')
    results.row('P13', '  processor time of the program', median(used) * 100, '%')
    results.row('P13', '  longest gap added to a stream meanwhile',
                median([run['worst_ms'] for run in seen]) - TOKEN_MS, 'ms')
    results.detail('rest', rest)
    results.detail('busy', busy)
    results.detail('streams', seen)


# --- A long conversation -------------------------------------------------------------------------

MESSAGES = 2000
ANSWER = '''## What to do

First **read** it, then *write* it: `da_read()` and [the manual](https://example.org/manual).

- one thing after the other
- and nothing twice

```c
int main (void) { return 0; }
```

That is all there is to say about it, in a line that is long enough to be broken into two or three
by a window that is no wider than this one.'''


def store_long(port, title):
    messages = [{'role': 'user', 'content': f'Question {number // 2} about {title}?'}
                if number % 2 == 0 else {'role': 'assistant', 'content': ANSWER}
                for number in range(MESSAGES)]
    client = Client(port)
    status, _, body = client.request('POST', '/v1/conversations',
                                     {'title': title, 'messages': messages})
    client.close()
    if status != 201:
        raise RuntimeError(f'{status} {body[:200]!r}')


def measure_long_conversation(results, out):
    with Desktop() as box:
        program = box.program()
        for title in ('One', 'Two'):
            store_long(program.port, title)
        time.sleep(2)
        turns = []
        for key in ['Next'] + ['Next', 'Prior'] * 6:
            turns.append(json.loads(box.look('press', program.window, key)))
        before = resident_kib(program.pid)
        scrolled = json.loads(box.look('wheel', program.window, 20))
        after = resident_kib(program.pid)
    opened = turns[1:]
    results.row('UI', f'a conversation of {MESSAGES:,} messages, from the key to the last change',
                median([turn['rest_ms'] for turn in opened]), 'ms', 300)
    results.row('UI', '  to the first change', median([turn['first_ms'] for turn in opened]), 'ms')
    results.row('UI', 'main loop while the wheel turns up through it, p99',
                scrolled['program']['p99_ms'], 'ms', 16)
    results.row('UI', '  without moments in which the machine stood still, p99',
                scrolled['calm']['p99_ms'], 'ms')
    results.row('UI', '  longest', scrolled['program']['max_ms'], 'ms')
    results.row('UI', '  resident memory for what was scrolled through', (after - before) / 1024,
                'MiB')
    results.detail('opened', turns)
    results.detail('scrolled', scrolled)
