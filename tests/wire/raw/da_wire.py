# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""Bytes to and from a real dotagentsd, for what no proper client would send.

Python 3 standard library alone. Environment: DOTAGENTSD and FAKE_LLM, the two programs. A test file
calls main() with its functions; each is one TAP line.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

KEY = "k" * 64
START_SECONDS = 20
READ_SECONDS = 10
FAULT = re.compile(r"CRITICAL|\berror GLib|Sanitizer|runtime error|assertion")
# gcc's program asks a library for its sanitizer, clang's carries it; stripped, only texts are left.
SANITIZER = re.compile(rb"__[atm]san_init|(Address|Thread|Memory)Sanitizer")


def until(condition, what, seconds=10.0):
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for: {what}")
        time.sleep(0.01)


class Program:
    """A child process that tells its port in a file."""

    def __init__(self, argv, env, ready):
        self.log = open(ready + ".log", "w+", encoding="utf-8", errors="replace")
        self.child = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=self.log,
                                      stderr=self.log, cwd=os.path.dirname(ready))

        def listening():
            if self.child.poll() is not None:
                raise AssertionError(f"{argv[0]} ended:\n{self.output()}")
            return os.path.exists(ready) and open(ready, encoding="utf-8").read().endswith("\n")

        until(listening, f"{argv[0]} to listen", START_SECONDS)
        text = open(ready, encoding="utf-8").read()
        self.port = int(re.search(r"(\d+)(/v1)?\s*$", text).group(1))

    def output(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                raise AssertionError("it did not end within 10 seconds:\n" + self.output())
        return self.child.returncode


class Server:
    """dotagentsd with a home of its own, and a scripted model provider behind it if asked for."""

    def __init__(self, *args, model=None, settings=None, bind="127.0.0.1", script=None, listen=True,
                 key=KEY, files=None):
        self.home = tempfile.mkdtemp(prefix="da-raw-")
        self.agents = os.path.join(self.home, "agents")
        os.mkdir(self.agents, 0o700)
        env = {
            "PATH": os.environ["PATH"], "HOME": self.home, "LC_ALL": "C.UTF-8",
            "DBUS_SESSION_BUS_ADDRESS": "disabled:", "GIO_USE_VFS": "local",
            "GIO_USE_PROXY_RESOLVER": "dummy", "DOTAGENTS_LOCAL_PROVIDERS": "",
        }
        if key is not None:
            env["DOTAGENTS_API_KEY"] = key
        for name, value in (files or {}).items():
            with open(os.path.join(self.agents, name), "w", encoding="utf-8") as file:
                json.dump(value, file)
        for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
                     "XDG_RUNTIME_DIR"):
            env[name] = os.path.join(self.home, name.lower())
        os.mkdir(env["XDG_RUNTIME_DIR"], 0o700)
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        self.upstream = None
        if model is not None:
            argv = [os.environ["FAKE_LLM"], "--ready-file", os.path.join(self.home, "llm")]
            if script is not None:
                argv += ["--script", script]
            self.upstream = Program(argv, env, os.path.join(self.home, "llm"))
            env["OPENAI_BASE_URL"] = f"http://127.0.0.1:{self.upstream.port}/v1"
            env["OPENAI_API_KEY"] = "upstream-key"
            env["DOTAGENTS_MODEL"] = model
        argv = [os.environ["DOTAGENTSD"], "--no-keyring",
                "--data-dir", os.path.join(self.home, "data"), "--agents-dir", self.agents,
                "--ready-file", os.path.join(self.home, "ready")]
        if listen:
            argv += ["--bind", bind, "--port", "0"]
        for name, value in (settings or {}).items():
            argv += ["--set", f"{name}={json.dumps(value)}"]
        self.program = Program(argv + list(args), env, os.path.join(self.home, "ready"))
        self.port = self.program.port
        self.pid = self.program.child.pid

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        code = None
        try:
            code = self.program.stop()
        finally:
            if self.upstream is not None:
                self.upstream.stop()
            text = self.program.output()
            shutil.rmtree(self.home, ignore_errors=True)
        if kind is None:
            found = FAULT.search(text)
            assert found is None, f"the program complained of itself:\n{text[-4000:]}"
            assert code == 0, f"exit status {code}:\n{text[-4000:]}"
        else:
            print("\n".join("# " + line for line in text[-3000:].splitlines()))

    def connect(self, source=None, address="127.0.0.1"):
        return Connection(socket.create_connection((address, self.port), READ_SECONDS,
                                                   (source, 0) if source else None))

    def ask(self, method="GET", path="/v1/models", headers=None, body=None, key=KEY, source=None,
            host=None):
        """One request on a connection of its own."""
        with self.connect(source) as connection:
            connection.send(request(method, path, headers, body, key, host or
                                    f"127.0.0.1:{self.port}"))
            return connection.read_answer(method == "HEAD")

    def memory(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) * 1024

    def assert_grown_less(self, before, limit):
        """A sanitizer keeps what is freed, so its build says nothing about memory."""
        with open(f"/proc/{self.pid}/exe", "rb") as file:
            if SANITIZER.search(file.read()):
                return
        grown = self.memory() - before
        assert grown < limit, f"{grown} bytes"

    def still_answers(self):
        answer = self.ask()
        assert answer.status == 200, answer


def request(method="GET", path="/v1/models", headers=None, body=None, key=KEY, host="localhost"):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    if key is not None:
        lines.append(f"Authorization: Bearer {key}")
    names = {name.lower() for name in headers or {}}
    for name, value in (headers or {}).items():
        lines.append(f"{name}: {value}")
    if body is not None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        if "content-type" not in names:
            lines.append("Content-Type: application/json")
        lines.append(f"Content-Length: {len(data)}")
    else:
        data = b""
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + data


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:300]!r}"

    def json(self):
        return json.loads(self.body)


class Connection:
    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(READ_SECONDS)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)

    def fill(self):
        """FALSE at the end; a reset counts as one."""
        try:
            data = self.sock.recv(65536)
        except ConnectionResetError:
            data = b""
        self.buffer += data
        return bool(data)

    def read_until(self, mark):
        while mark not in self.buffer:
            if not self.fill():
                raise EOFError(f"the connection ended before {mark!r}: {self.buffer[:300]!r}")
        head, self.buffer = self.buffer.split(mark, 1)
        return head

    def read_head(self):
        lines = self.read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        return status, headers

    def read_exactly(self, size):
        while len(self.buffer) < size:
            if not self.fill():
                raise EOFError("the connection ended within a body")
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def read_chunk(self):
        """One chunk; b"" is the last."""
        size = int(self.read_until(b"\r\n"), 16)
        data = self.read_exactly(size)
        assert self.read_exactly(2) == b"\r\n"
        return data

    def read_answer(self, is_head=False):
        status, headers = self.read_head()
        body = b""
        if is_head or status in (204, 304) or 100 <= status < 200:
            pass
        elif headers.get("transfer-encoding") == "chunked":
            while chunk := self.read_chunk():
                body += chunk
        elif "content-length" in headers:
            body = self.read_exactly(int(headers["content-length"]))
        else:
            while self.fill():
                pass
            body, self.buffer = self.buffer, b""
        return Answer(status, headers, body)

    def is_ended(self, seconds=5.0):
        """TRUE when the other side ends the connection within the time."""
        self.sock.settimeout(seconds)
        try:
            return not self.fill()
        except (socket.timeout, TimeoutError):
            return False
        finally:
            self.sock.settimeout(READ_SECONDS)


class Frames:
    """The frames of an event stream, one by one, with the time each came."""

    def __init__(self, connection):
        self.connection = connection
        self.text = b""
        self.is_over = False

    def read(self):
        """("event name or None", data as text, time), or None at the end."""
        while b"\n\n" not in self.text:
            if self.is_over:
                assert self.text == b"", self.text
                return None
            chunk = self.connection.read_chunk()
            self.is_over = chunk == b""
            self.text += chunk
        frame, self.text = self.text.split(b"\n\n", 1)
        assert b"\r" not in frame
        event, data = None, []
        for line in frame.decode().split("\n"):
            name, value = line.split(": ", 1)
            assert name in ("event", "data"), line
            if name == "event":
                event = value
            else:
                data.append(value)
        assert len(data) == 1, frame
        return event, data[0], time.monotonic()

    def read_all(self):
        frames = []
        while (frame := self.read()) is not None:
            frames.append(frame)
        return frames


def chat_body(text, **more):
    return {"model": "main", "messages": [{"role": "user", "content": text}], **more}


def ask_stream(server, body, headers=None, key=KEY):
    """Opens a stream and reads its head; (connection, frames)."""
    connection = server.connect()
    connection.send(request("POST", "/v1/chat/completions", headers, body, key,
                            f"127.0.0.1:{server.port}"))
    status, answer_headers = connection.read_head()
    if status != 200:
        raise AssertionError(f"{status} {connection.buffer!r}")
    return connection, Frames(connection), answer_headers


def text_of(frames):
    """The deltas of a stream, joined."""
    text = ""
    for _, data, _ in frames:
        if data == "[DONE]":
            continue
        for choice in json.loads(data).get("choices", []):
            text += choice["delta"].get("content") or ""
    return text


def main(*tests):
    failed = 0
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        name = (test.__doc__ or test.__name__).strip().splitlines()[0]
        try:
            test()
            print(f"ok {number} {name}", flush=True)
        except Exception:  # noqa: BLE001 - whatever it was, it is this test's failure
            failed += 1
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()))
            print(f"not ok {number} {name}", flush=True)
    sys.exit(1 if failed else 0)
