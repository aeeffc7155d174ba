# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""Starts the built dotagentsd in a folder of its own and speaks to it in raw bytes, because half of
what these tests send is what a proper HTTP client refuses to send. Standard library only.

Environment: DOTAGENTSD (the program), FAKE_LLM (the scripted provider in C).
"""

import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback

DOTAGENTSD = os.environ.get('DOTAGENTSD', '')
FAKE_LLM = os.environ.get('FAKE_LLM', '')
START_LIMIT = 30
STOP_LIMIT = 20
# A sanitizer's report, or a GLib assertion.
FAULT = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:|: assertion '"
                   r"|-CRITICAL \*\*")
CHAT, MANAGE, OPERATOR = 1, 2, 4


def until(condition, what, limit=10):
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f'waited {limit} s for: {what}')
        time.sleep(0.01)


# gcc's program asks a library for its sanitizer, clang's carries it; stripped, only texts are left.
SANITIZER = re.compile(rb'__[atm]san_init|(Address|Thread|Memory)Sanitizer')


def is_sanitized(program=None):
    """TRUE for a build under a sanitizer, whose own memory and time are not ours to measure."""
    with open(program or DOTAGENTSD, 'rb') as file:
        return SANITIZER.search(file.read()) is not None


def clean_environment(home, extra):
    environment = {
        'PATH': os.environ.get('PATH', ''),
        'HOME': home,
        'XDG_DATA_HOME': os.path.join(home, 'data'),
        'XDG_STATE_HOME': os.path.join(home, 'state'),
        'XDG_CONFIG_HOME': os.path.join(home, 'config'),
        'XDG_CACHE_HOME': os.path.join(home, 'cache'),
        'XDG_RUNTIME_DIR': os.path.join(home, 'run'),
        'LC_ALL': 'C.UTF-8',
        'DBUS_SESSION_BUS_ADDRESS': 'disabled:',
        'GIO_USE_VFS': 'local',
        'GIO_USE_PROXY_RESOLVER': 'dummy',
        'DOTAGENTS_LOCAL_PROVIDERS': '',
    }
    for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS', 'MALLOC_CHECK_'):
        if name in os.environ:
            environment[name] = os.environ[name]
    environment.update(extra)
    return environment


class Program:
    """A child whose output is kept."""

    def __init__(self, args, env, cwd, preexec=None):
        self.text = ''
        self.child = subprocess.Popen(args, env=env, cwd=cwd, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      preexec_fn=preexec)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        while True:
            data = self.child.stdout.read1(65536)
            if not data:
                return
            self.text += data.decode('utf-8', 'replace')

    def wait_ready(self, path):
        def ready():
            if self.child.poll() is not None:
                self.reader.join(5)
                raise AssertionError(f'ended at once ({self.child.returncode}):\n{self.text}')
            try:
                with open(path, encoding='utf-8') as file:
                    text = file.read()
            except OSError:
                return None
            return text if text.endswith('\n') else None
        return until(ready, f'{self.child.args[0]} to listen; it said:\n{self.text}', START_LIMIT)

    def end(self, how=signal.SIGTERM):
        if self.child.poll() is None:
            self.child.send_signal(how)
            try:
                self.child.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
                raise AssertionError(f'did not end within {STOP_LIMIT} s:\n{self.text[-3000:]}') \
                    from None
        self.reader.join(5)
        return self.child.returncode


class FakeLlm:
    """The scripted provider; what it does is chosen by the name of the model."""

    def __init__(self, script=None, token_delay_us=0):
        self.home = tempfile.mkdtemp(prefix='da-fake-')
        ready = os.path.join(self.home, 'ready')
        args = [FAKE_LLM, '--port', '0', '--ready-file', ready]
        if script:
            args += ['--script', script]
        if token_delay_us:
            args += ['--token-delay-us', str(token_delay_us)]
        self.program = Program(args, clean_environment(self.home, {}), self.home)
        self.port = int(self.program.wait_ready(ready))
        self.base = f'http://127.0.0.1:{self.port}/v1'

    def stats(self):
        raw = send(('127.0.0.1', self.port),
                   b'GET /__stats HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
        return raw.json

    def stop(self):
        self.program.end()
        shutil.rmtree(self.home, ignore_errors=True)


_daemons = []


class Daemon:
    def __init__(self, args=(), env=None, upstream=None, model=None, home=None, key=None,
                 own_key=False, preexec=None, wrapper=(), data_dir=None, start=True,
                 binary=None):
        self.is_own_home = home is None
        self.home = home or tempfile.mkdtemp(prefix='da-sec-')
        os.makedirs(os.path.join(self.home, 'run'), mode=0o700, exist_ok=True)
        self.key = key or secrets.token_hex(32)
        self.args = list(args)
        if data_dir:
            self.args += ['--data-dir', data_dir]
        self.data_dir = data_dir or os.path.join(self.home, 'data', 'dotagents')
        self.env = dict(env or {})
        self.preexec = preexec
        self.wrapper = list(wrapper)
        self.binary = binary or DOTAGENTSD
        if not own_key:
            self.env['DOTAGENTS_API_KEY'] = self.key
        if upstream:
            self.env['OPENAI_BASE_URL'] = upstream
            self.env['OPENAI_API_KEY'] = 'test-upstream-key'
        if model:
            self.env['DOTAGENTS_MODEL'] = model
        self.said = ''
        self.program = None
        self.is_stopped = False
        _daemons.append(self)
        if start:
            self.launch()

    @property
    def output(self):
        return self.said + self.program.text

    @property
    def pid(self):
        return self.program.child.pid

    def launch(self, args=()):
        ready = os.path.join(self.home, 'ready')
        if os.path.exists(ready):
            os.unlink(ready)
        if self.program is not None:
            self.said += self.program.text
        self.program = Program(
            [*self.wrapper, self.binary, '--port', '0', '--ready-file', ready, '--no-keyring',
             *self.args, *args], clean_environment(self.home, self.env), self.home, self.preexec)
        self.is_stopped = False
        url = self.program.wait_ready(ready).strip()
        match = re.fullmatch(r'http://(.+):(\d+)(/v1)?/?', url)
        self.port = int(match.group(2))
        self.host = f'127.0.0.1:{self.port}'

    def restart(self):
        self.is_stopped = True
        self.program.end()
        self.launch()

    def kill(self):
        self.is_stopped = True
        self.program.child.send_signal(signal.SIGKILL)
        self.program.child.wait()
        self.program.reader.join(5)

    def stop(self, expect=0):
        """Ends it, and fails when it did not end well or complained of itself on the way."""
        died = self.program.child.poll() is not None
        self.is_stopped = True
        code = self.program.end()
        text = self.output
        assert not died, f'dotagentsd had ended by itself ({code}):\n{text[-4000:]}'
        if self.is_own_home:
            shutil.rmtree(self.home, ignore_errors=True)
        fault = FAULT.search(text)
        if fault:
            begin = max(fault.start() - 200, 0)
            raise AssertionError(f'dotagentsd is at fault:\n{text[begin:begin + 6000]}')
        if code != expect:
            raise AssertionError(f'dotagentsd ended with {code}:\n{text[-3000:]}')

    def rss(self):
        """Bytes of memory that are resident now."""
        with open(f'/proc/{self.pid}/statm', encoding='ascii') as file:
            return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')

    def database(self):
        return os.path.join(self.data_dir, 'dotagents.db')

    def connect(self, source=None, timeout=10):
        return connect(('127.0.0.1', self.port), source, timeout)

    def head(self, method, target, headers=None, key=True, host=True, body=None):
        lines = [f'{method} {target} HTTP/1.1']
        headers = dict(headers or {})
        names = {name.lower() for name in headers}
        if host and 'host' not in names:
            lines.append(f'Host: {self.host}')
        if key is True:
            lines.append(f'Authorization: Bearer {self.key}')
        elif key:
            lines.append(f'Authorization: Bearer {key}')
        if body is not None and 'content-length' not in names \
                and 'transfer-encoding' not in names:
            lines.append(f'Content-Length: {len(body)}')
        if body is not None and 'content-type' not in names:
            lines.append('Content-Type: application/json')
        for name, value in headers.items():
            if value is not None:
                lines.append(f'{name}: {value}')
        return '\r\n'.join(lines).encode('latin-1') + b'\r\n\r\n'

    def call(self, method, target, body=None, headers=None, key=True, host=True, source=None,
             timeout=10):
        """One request on a connection of its own; of a stream only the head."""
        if body is not None and not isinstance(body, (bytes, bytearray)):
            body = json.dumps(body).encode()
        headers = {'Connection': 'close', **(headers or {})}
        data = self.head(method, target, headers, key, host, body) + (body or b'')
        return send(('127.0.0.1', self.port), data, source, timeout,
                    is_head=method == 'HEAD')

    def raw(self, data, source=None, timeout=10):
        """All bytes that come back until the server closes or says no more for a while."""
        return raw(('127.0.0.1', self.port), data, source, timeout)

    def assert_alive(self, source=None):
        answer = self.call('GET', '/v1/models', source=source)
        assert answer.status == 200, f'after it, GET /v1/models is {answer.status}: {answer.text}'

    # Devices are put into the database while the program is down: no pairing is needed for tests
    # of what a key may do.
    def add_devices(self, rows):
        """rows: (name, scopes); answers their keys."""
        self.program.end()
        keys = []
        with sqlite3.connect(self.database()) as database:
            for name, scopes in rows:
                key = secrets.token_hex(32)
                now = int(time.time() * 1000)
                database.execute(
                    'INSERT INTO devices (id, digest, name, scopes, revoked_at, first_seen, '
                    'last_seen, address, user_agent, client_id) VALUES (?, ?, ?, ?, 0, ?, ?, '
                    "'', '', '')", (f'dev_{secrets.token_hex(16)}',
                                    hashlib.sha256(key.encode()).hexdigest(), name, scopes, now,
                                    now))
                keys.append(key)
        database.close()
        self.launch()
        return keys


class Answer:
    def __init__(self, status, headers, body, raw_bytes):
        self.status = status
        self.headers = headers     # list of (lower-case name, value)
        self.body = body
        self.raw = raw_bytes

    def get(self, name):
        for key, value in self.headers:
            if key == name.lower():
                return value
        return None

    @property
    def text(self):
        return self.body.decode('utf-8', 'replace')

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json['error']


def connect(address, source=None, timeout=10):
    family = socket.AF_INET6 if ':' in address[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.settimeout(timeout)
    if source:
        sock.bind((source, 0))
    sock.connect(address)
    return sock


_counter = [0]


def fresh_source():
    """Another loopback address each time, so that nobody is locked out for what others did."""
    _counter[0] += 1
    n = _counter[0]
    return f'127.1.{n // 250 % 250}.{n % 250 + 1}'


class Reader:
    """Reads HTTP answers off a socket, one after the other."""

    def __init__(self, sock, reads_streams=True):
        self.sock = sock
        self.buffer = b''
        self.ended = False
        self.reads_streams = reads_streams

    def fill(self):
        try:
            data = self.sock.recv(262144)
        except ConnectionResetError:
            data = b''
        if not data:
            self.ended = True
        self.buffer += data
        return bool(data)

    def _need(self, test):
        while True:
            found = test()
            if found is not None:
                return found
            if not self.fill():
                return None

    def _exactly(self, size):
        self._need(lambda: True if len(self.buffer) >= size else None)
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def _line(self):
        self._need(lambda: True if b'\r\n' in self.buffer else None)
        line, _, self.buffer = self.buffer.partition(b'\r\n')
        return line

    def answer(self, is_head=False):
        """The next answer; None when the connection ended before one."""
        found = self._need(lambda: True if b'\r\n\r\n' in self.buffer else None)
        if found is None:
            return None
        head, _, self.buffer = self.buffer.partition(b'\r\n\r\n')
        lines = head.decode('latin-1').split('\r\n')
        match = re.match(r'HTTP/1\.[01] (\d{3})', lines[0])
        assert match, f'this is no answer: {lines[0]!r}'
        headers = []
        for line in lines[1:]:
            name, _, value = line.partition(':')
            headers.append((name.strip().lower(), value.strip()))
        answer = Answer(int(match.group(1)), headers, b'', head)
        if answer.status == 100:
            return self.answer(is_head)
        if is_head or answer.status in (204, 304):
            return answer
        if not self.reads_streams and (answer.get('content-type') or '').startswith(
                'text/event-stream'):
            return answer
        length = answer.get('content-length')
        if length is not None:
            answer.body = self._exactly(int(length))
            assert len(answer.body) == int(length), \
                f'{len(answer.body)} bytes came of {length}: {answer.body[:200]!r}'
        elif (answer.get('transfer-encoding') or '').lower() == 'chunked':
            while True:
                size = int(self._line() or b'0', 16)
                data = self._exactly(size)
                self._line()
                if size == 0:
                    break
                answer.body += data
        else:
            while self.fill():
                pass
            answer.body, self.buffer = self.buffer, b''
        return answer


def send(address, data, source=None, timeout=30, is_head=False):
    sock = connect(address, source, timeout)
    try:
        try:
            sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass    # refused before it had all
        answer = Reader(sock, reads_streams=False).answer(is_head)
        assert answer is not None, 'the connection was closed without an answer'
        return answer
    finally:
        sock.close()


def raw(address, data, source=None, timeout=10):
    sock = connect(address, source, timeout)
    out = b''
    closed = False
    try:
        sock.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass
    try:
        while True:
            piece = sock.recv(65536)
            if not piece:
                closed = True
                break
            out += piece
    except ConnectionResetError:
        closed = True
    except TimeoutError:
        pass
    finally:
        sock.close()
    return out, closed


def statuses(data):
    return [int(x) for x in re.findall(rb'HTTP/1\.[01] (\d{3}) ', data)]


# TAP

_tests = []


def test(name):
    def add(func):
        _tests.append((name, func))
        return func
    return add


def note(text):
    """A line in the test's output that is no result."""
    print('# ' + text.replace('\n', '\n# '), flush=True)


def report_dead():
    """A program that ended by itself ends the test: nothing after it would mean anything."""
    for daemon in _daemons:
        if not daemon.is_stopped and daemon.program.child.poll() is not None:
            daemon.program.reader.join(5)
            note(f'dotagentsd ended by itself ({daemon.program.child.returncode}); it said:\n'
                 + daemon.output[-4000:])
            print('Bail out! dotagentsd ended by itself', flush=True)
            os._exit(1)


class Skip(Exception):
    pass


def run():
    """Runs the tests of the calling module in order; the exit status says whether all passed."""
    wanted = sys.argv[1:]
    tests = [t for t in _tests if not wanted or any(w in t[0] for w in wanted)]
    print(f'1..{len(tests)}', flush=True)
    failed = 0
    for number, (name, func) in enumerate(tests, 1):
        begin = time.monotonic()
        try:
            func()
        except Skip as skip:
            print(f'ok {number} {name} # SKIP {skip}', flush=True)
            continue
        except Exception:    # pylint: disable=broad-except
            failed += 1
            print(f'not ok {number} {name}', flush=True)
            note(traceback.format_exc(limit=-4).rstrip())
            report_dead()
            continue
        took = time.monotonic() - begin
        print(f'ok {number} {name}', flush=True)
        if took > 2:
            note(f'{took:.1f} s')
    sys.exit(1 if failed else 0)
