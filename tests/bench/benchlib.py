# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""What the measures of bench.py share: programs in a sandbox of their own, a plain HTTP client
that does nothing behind the back of a clock, figures of a process from /proc, and results."""

import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

API_KEY = 'be' * 32
# Nothing of the person's own may leak in: no proxy, no key, no bus, no home.
KEPT = ('PATH', 'LANG', 'LC_ALL', 'LD_LIBRARY_PATH', 'TMPDIR')


def percentile(samples, share):
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


median = statistics.median


class Sandbox:
    """A folder with a home, a runtime directory and data; gone with everything in it at the end."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix='da-bench-')
        self.children = []
        self.count = 0
        for name in ('home', 'run'):
            os.mkdir(os.path.join(self.root, name), 0o700)

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.stop_all()
        shutil.rmtree(self.root, ignore_errors=True)

    def stop_all(self):
        while self.children:
            stop(self.children.pop())

    def path(self, name):
        return os.path.join(self.root, name)

    def new_folder(self):
        self.count += 1
        path = self.path(f'data-{self.count}')
        os.mkdir(path, 0o700)
        return path

    def environment(self, **more):
        home = self.path('home')
        env = {name: os.environ[name] for name in KEPT if name in os.environ}
        env.update(HOME=home, XDG_DATA_HOME=home + '/data', XDG_STATE_HOME=home + '/state',
                   XDG_CONFIG_HOME=home + '/config', XDG_CACHE_HOME=home + '/cache',
                   XDG_RUNTIME_DIR=self.path('run'), DBUS_SESSION_BUS_ADDRESS='disabled:',
                   GIO_USE_VFS='local', GIO_USE_PROXY_RESOLVER='dummy', GSETTINGS_BACKEND='memory',
                   DOTAGENTS_LOCAL_PROVIDERS='')
        env.update(more)
        return env

    def fake_llm(self, delay_us=0, script=None):
        """Starts the scripted provider; the result has .port."""
        argv = [os.environ['FAKE_LLM'], f'--token-delay-us={delay_us}']
        if script is not None:
            argv.append(f'--script={script}')
        child = subprocess.Popen(argv, env=self.environment(), stdout=subprocess.PIPE)
        self.children.append(child)
        child.port = port_in(child.stdout.readline())
        return child

    def daemon(self, provider=None, data=None, key=API_KEY, more=()):
        """Starts dotagentsd and waits until it listens; the result has .port, .begun (when it was
        started) and .data."""
        data = data or self.new_folder()
        env = self.environment()
        if key is not None:
            env['DOTAGENTS_API_KEY'] = key
        if provider is not None:
            env.update(OPENAI_API_KEY='sk-bench',
                       OPENAI_BASE_URL=f'http://127.0.0.1:{provider.port}/v1')
        # Beside the data and not in it, as in a home: the folder that will hold it is watched.
        argv = [os.environ['DOTAGENTSD'], '--port', '0', '--no-keyring', '--data-dir', data,
                '--agents-dir', data + '-agents', '--log-level', 'error',
                '--ready-file', os.path.join(data, 'ready'), *more]
        begun = time.monotonic()
        child = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, close_fds=False)
        self.children.append(child)
        line = child.stdout.readline()
        if not line.startswith(b'Listening on '):
            raise RuntimeError('dotagentsd does not listen')
        child.begun = begun
        child.port = port_in(line)
        child.data = data
        return child

    def helper(self, name, *arguments):
        """Starts one of our C programs that prints where it listens."""
        child = subprocess.Popen([os.environ[name], *arguments], env=self.environment(),
                                 stdout=subprocess.PIPE)
        self.children.append(child)
        child.port = port_in(child.stdout.readline())
        return child


def port_in(line):
    found = re.search(rb':(\d+)', line)
    if found is None:
        raise RuntimeError('it does not listen: ' + repr(line))
    return int(found.group(1))


def stop(child):
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if child.stdout is not None:
        child.stdout.close()


def stored_key(data):
    """The key a first start made."""
    for folder, _, names in os.walk(data):
        for name in names:
            if name == 'secrets.json':
                with open(os.path.join(folder, name), encoding='utf-8') as stream:
                    return re.search(r'\b[0-9a-f]{64}\b', stream.read()).group(0)
    raise RuntimeError('no key was stored')


# --- figures of a process ------------------------------------------------------------------------

def resident_kib(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as stream:
        return int(re.search(r'VmRSS:\s+(\d+)', stream.read()).group(1))


def private_kib(pid):
    """Memory that is this process's alone: code and what is shared do not count."""
    with open(f'/proc/{pid}/status', encoding='ascii') as stream:
        return int(re.search(r'RssAnon:\s+(\d+)', stream.read()).group(1))


def cpu_seconds(pid):
    """User and system time of all threads, to the nanosecond where the kernel counts so."""
    total = 0
    for task in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{task}/schedstat', encoding='ascii') as stream:
            total += int(stream.read().split()[0])
    return total / 1e9


def wake_ups(pid):
    """How often any of its threads went to sleep, and so woke up."""
    total = 0
    for task in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{task}/status', encoding='ascii') as stream:
            total += int(re.search(r'\nvoluntary_ctxt_switches:\s+(\d+)', stream.read()).group(1))
    return total


# --- HTTP ----------------------------------------------------------------------------------------

class Client:
    """One keep-alive connection."""

    def __init__(self, port, key=API_KEY, agent='curl/8', source='127.0.0.1'):
        self.port = port
        self.socket = socket.create_connection(('127.0.0.1', port), 60, (source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = (f'Host: 127.0.0.1:{port}\r\nUser-Agent: {agent}\r\n'
                     + (f'Authorization: Bearer {key}\r\n' if key else ''))
        self.buffer = b''
        self.received = 0

    def close(self):
        self.socket.close()

    def send(self, method, path, body=None):
        text = b'' if body is None else json.dumps(body).encode()
        head = f'{method} {path} HTTP/1.1\r\n{self.head}'
        if body is not None:
            head += f'Content-Type: application/json\r\nContent-Length: {len(text)}\r\n'
        self.socket.sendall(head.encode() + b'\r\n' + text)

    def more(self):
        data = self.socket.recv(262144)
        if not data:
            raise ConnectionError('closed')
        self.received += len(data)
        return data

    def read_head(self):
        while b'\r\n\r\n' not in self.buffer:
            self.buffer += self.more()
        head, self.buffer = self.buffer.split(b'\r\n\r\n', 1)
        lines = head.decode('latin-1').split('\r\n')
        headers = dict(line.lower().split(': ', 1) for line in lines[1:])
        return int(lines[0].split()[1]), headers

    def read_body(self, headers):
        if 'content-length' in headers:
            length = int(headers['content-length'])
            # In pieces: adding to one long string would copy it each time.
            pieces = [self.buffer]
            left = length - len(self.buffer)
            while left > 0:
                pieces.append(self.more())
                left -= len(pieces[-1])
            whole = b''.join(pieces)
            body, self.buffer = whole[:length], whole[length:]
            return body
        return b''.join(self.chunks())

    def chunks(self):
        """The pieces of a chunked body, as they come."""
        while True:
            while b'\r\n' not in self.buffer:
                self.buffer += self.more()
            size, rest = self.buffer.split(b'\r\n', 1)
            length = int(size, 16)
            while len(rest) < length + 2:
                rest += self.more()
            self.buffer = rest[length + 2:]
            if length == 0:
                return
            yield rest[:length]

    def request(self, method, path, body=None):
        """Status, headers, body."""
        self.send(method, path, body)
        status, headers = self.read_head()
        return status, headers, self.read_body(headers)

    def get(self, path):
        status, _, body = self.request('GET', path)
        if status != 200:
            raise RuntimeError(f'{path}: {status} {body[:200]!r}')
        return body

    def chat(self, model, question='Say something.', stream=True, **more):
        """Asks; the answer is still to be read."""
        self.send('POST', '/v1/chat/completions', {
            'model': model, 'stream': stream, **more,
            'messages': [{'role': 'user', 'content': question}]})

    def answer(self):
        """Reads a streamed answer to its end; when its first text came, and its frames."""
        status, headers = self.read_head()
        if status != 200:
            raise RuntimeError(f'{status} {self.read_body(headers)[:300]!r}')
        first = None
        frames = 0
        for piece in self.chunks():
            if first is None and re.search(rb'"delta":\{"content":"[^"]', piece):
                first = time.perf_counter()
            frames += piece.count(b'data: ')
        return first, frames


# --- results -------------------------------------------------------------------------------------

def processor_ticks():
    """(those that went to other machines on the same processors, all) since the start"""
    with open('/proc/stat', encoding='ascii') as stream:
        ticks = [int(field) for field in stream.readline().split()[1:9]]
    return ticks[7], sum(ticks)


class Results:
    """Rows of the table of budgets, printed and kept as JSON."""

    def __init__(self, name, folder):
        self.name = name
        self.folder = folder
        self.rows = []
        self.details = {}
        self.ticks = processor_ticks()

    def stolen(self):
        """What part of the processors' time other machines had, in percent: with ten or more,
        what is measured in milliseconds says little of the program."""
        stolen, ticks = (now - then for now, then in zip(processor_ticks(), self.ticks))
        return 100 * stolen / max(ticks, 1)

    def row(self, identity, measure, value, unit, budget=None, least=False):
        """@least: the value must be at least the budget."""
        met = None
        if budget is not None:
            met = value >= budget if least else value <= budget
        self.rows.append({'id': identity, 'measure': measure, 'value': value, 'unit': unit,
                          'budget': budget, 'least': least, 'met': met})
        print(format_row(self.rows[-1]), flush=True)

    def detail(self, name, value):
        self.details[name] = value

    def finish(self):
        """The exit code."""
        stolen = self.stolen()
        print(f'     processor time that other machines had: {stolen:.1f} %', flush=True)
        os.makedirs(self.folder, exist_ok=True)
        path = os.path.join(self.folder, self.name + '.json')
        with open(path, 'w', encoding='utf-8') as stream:
            json.dump({'benchmark': self.name, 'taken': time.strftime('%Y-%m-%dT%H:%M:%S%z'),
                       'load': os.getloadavg()[0], 'stolen_percent': stolen, 'rows': self.rows,
                       'details': self.details}, stream, indent=1)
            stream.write('\n')
        return 1 if any(row['met'] is False for row in self.rows) else 0


def format_number(value):
    return f'{value:.0f}' if abs(value) >= 1000 else f'{value:.3g}'


def format_budget(row):
    if row['budget'] is None:
        return ''
    return ('>= ' if row['least'] else '<= ') + format_number(row['budget']) + ' ' + row['unit']


def format_row(row):
    met = {None: '', True: 'yes', False: 'NO'}[row['met']]
    return (f"{row['id']:4} {row['measure']:62} {format_number(row['value']):>9} "
            f"{row['unit']:8} {format_budget(row):16} {met}")
