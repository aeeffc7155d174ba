# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""Broken HTTP, slow HTTP and too much of it; after each the server still answers."""

import json
import os
import socket
import threading
import time

from da_wire import KEY, Server, main, request

HEAD = f"Host: localhost\r\nAuthorization: Bearer {KEY}\r\n".encode()
POST = b"POST /v1/conversations HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\n"
# A request that leaves a trace; it must never be executed from inside another one.
CREATED = json.dumps({"messages": [{"role": "user", "content": "smuggled"}]}).encode()
SMUGGLED = (POST + b"Content-Length: %d\r\n\r\n" % len(CREATED)) + CREATED


def count_conversations(server):
    return len(server.ask(path="/v1/conversations").json()["conversations"])


def smuggling():
    """SEC-19 what two programs could read in two ways is refused and ends the connection"""
    cases = {
        "CL and TE": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "TE twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
                    b"0\r\n\r\n",
        "TE list": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "TE odd case": POST + b"Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
        "TE space": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "TE tab": POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        "CL twice": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        "CL list": POST + b"Content-Length: 2, 2\r\n\r\n{}",
        "CL sign": POST + b"Content-Length: +2\r\n\r\n{}",
        "bare LF": b"GET /v1/models HTTP/1.1\nHost: localhost\n\n",
        "bare LF in a head": b"GET /v1/models HTTP/1.1\r\nHost: localhost\nX: 1\r\n\r\n",
        "bare CR": b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n",
        "folded": b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX: 1\r\n 2\r\n\r\n",
        "NUL": b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX: \x00\r\n\r\n",
        "no colon": b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX\r\n\r\n",
        "chunk extension": POST + b"Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\n",
        "chunk size": POST + b"Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
        "chunk too long": POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}}\r\n0\r\n\r\n",
        "chunk LF": POST + b"Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n",
        "trailer": POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: 1\r\n\r\n",
        "version": b"GET /v1/models HTTP/1.2\r\n" + HEAD + b"\r\n",
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "HTTP/0.9": b"GET /v1/models\r\n\r\n",
        "blank line first": b"\r\nGET /v1/models HTTP/1.1\r\n" + HEAD + b"\r\n",
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 60 + b"\n",
        "binary": bytes(range(256)),
    }
    with Server() as server:
        for name, data in cases.items():
            with server.connect() as connection:
                connection.send(data + SMUGGLED)
                answer = connection.read_answer()
                assert answer.status in (400, 501, 505), (name, answer)
                assert answer.headers["connection"] == "close", (name, answer)
                assert isinstance(answer.json()["error"], str), (name, answer)
                assert connection.is_ended(), name
                assert connection.buffer == b"", (name, connection.buffer)
        assert count_conversations(server) == 0


def hidden_in_a_body():
    """SEC-19 a request within a body that is refused early is never executed"""
    with Server() as server:
        for head in (b"Content-Type: text/plain\r\n", b"Expect: 100-continue\r\n"
                     b"Content-Type: text/plain\r\n"):
            data = (b"POST /v1/conversations HTTP/1.1\r\n" + HEAD + head
                    + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED)
            with server.connect() as connection:
                connection.send(data)
                assert connection.read_answer().status == 415
            with server.connect() as connection:
                connection.send(data[:-len(SMUGGLED)])
                assert connection.read_answer().status == 415
                assert connection.is_ended()
        assert count_conversations(server) == 0


def byte_by_byte():
    """a request that comes byte by byte is one request"""
    with Server() as server:
        with server.connect() as connection:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for data in (request(), SMUGGLED,
                         POST + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(CREATED) + CREATED
                         + b"\r\n0\r\n\r\n"):
                for index in range(len(data)):
                    connection.send(data[index:index + 1])
                assert connection.read_answer().status in (200, 201)
        assert count_conversations(server) == 2


def pipelining():
    """a hundred requests in one packet get a hundred answers, in order"""
    with Server() as server:
        with server.connect() as connection:
            connection.send(b"".join(request(path=f"/v1/none/{i}") + request() for i in range(50)))
            for _ in range(50):
                assert connection.read_answer().status == 404
                assert connection.read_answer().status == 200
            connection.send(request(headers={"Connection": "close"}) + request())
            assert connection.read_answer().status == 200
            assert connection.is_ended() and connection.buffer == b""


def interim():
    """Expect: 100-continue is answered before the body comes"""
    with Server() as server:
        with server.connect() as connection:
            connection.send(POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"
                            % len(CREATED))
            assert connection.read_head()[0] == 100
            connection.send(CREATED)
            assert connection.read_answer().status == 201
            connection.send(request())
            assert connection.read_answer().status == 200


def early_end():
    """SEC-16 a body shorter than declared is 400 and nothing is done"""
    with Server() as server:
        for data in (SMUGGLED[:-1], POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"):
            with server.connect() as connection:
                connection.send(data)
                connection.sock.shutdown(socket.SHUT_WR)
                assert connection.read_answer().status == 400
        assert count_conversations(server) == 0


def half_closed():
    """who sends no more may still read its answer"""
    with Server() as server:
        for data in (request(), request(path="/v1/conversations"), SMUGGLED):
            with server.connect() as connection:
                connection.send(data)
                connection.sock.shutdown(socket.SHUT_WR)
                assert connection.read_answer().status in (200, 201)
                assert connection.is_ended()


def header_limits():
    """too large a head is 431, too many lines as well"""
    with Server() as server:
        for head in (b"X: " + b"a" * 70000 + b"\r\n", b"X: 1\r\n" * 200, b"X" * 70000):
            with server.connect() as connection:
                try:
                    connection.send(b"GET /v1/models HTTP/1.1\r\n" + HEAD + head + b"\r\n")
                except (BrokenPipeError, ConnectionResetError):
                    pass
                assert connection.read_answer().status == 431
                assert connection.is_ended()
        with server.connect() as connection:
            connection.send(b"GET /v1/models HTTP/1.1\r\n" + HEAD + b"X: " + b"a" * 60000
                            + b"\r\n\r\n")
            assert connection.read_answer().status == 200


def slow_loris():
    """SEC-28 a head that does not come to its end is cut after ten seconds, others are served"""
    with Server() as server:
        slow = [server.connect() for _ in range(200)]
        for connection in slow:
            connection.send(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX: ")
        began = time.monotonic()
        server.still_answers()
        assert time.monotonic() - began < 1
        while time.monotonic() - began < 8:
            for connection in slow:
                connection.send(b"a")
            time.sleep(0.5)
        answer = slow[0].read_answer()
        took = time.monotonic() - began
        assert answer.status == 408 and 9 < took < 13, (answer, took)
        for connection in slow:
            connection.sock.settimeout(3)
            try:
                while connection.fill():
                    pass
            except (BrokenPipeError, ConnectionResetError):
                pass
            connection.sock.close()
        server.still_answers()


def thousand_connections():
    """a thousand idle connections are held, the next is told 503 at once, and then they go"""
    with Server() as server:
        before = server.memory()
        held = []
        for _ in range(1000):
            held.append(server.connect())
        began = time.monotonic()
        with server.connect() as connection:
            answer = connection.read_answer()
            assert answer.status == 503 and "retry-after" in answer.headers, answer
        assert time.monotonic() - began < 1
        held[500].send(request())
        assert held[500].read_answer().status == 200
        server.assert_grown_less(before, 24 * 1024 * 1024)
        for connection in held:
            connection.sock.close()
        for _ in range(100):
            try:
                if server.ask().status == 200:
                    break
            except EOFError:
                pass
            time.sleep(0.05)
        server.still_answers()


def resets():
    """SEC-20 two thousand connections that are reset at every point do no harm"""
    with Server() as server:
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        data = SMUGGLED
        for index in range(2000):
            with server.connect() as connection:
                connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                connection.send(data[:index * len(data) // 2000])
        server.still_answers()


def large_upload():
    """while a large body comes and is parsed, others are answered at once"""
    with Server() as server:
        text = "x" * 1000
        body = json.dumps({"messages": [{"role": "user", "content": text}] * 30000}).encode()
        slowest = 0.0
        done = []

        def upload():
            answer = server.ask("POST", "/v1/conversations", body=body)
            done.append(answer.status)

        thread = threading.Thread(target=upload)
        thread.start()
        while thread.is_alive():
            began = time.monotonic()
            assert server.ask(path="/v1/operator/health").status == 200
            slowest = max(slowest, time.monotonic() - began)
        thread.join()
        assert done[0] in (200, 201, 400, 413), done
        assert slowest < 3.0, slowest
        server.still_answers()


def few_descriptors():
    """without a free file descriptor a caller is told 503, and later served again"""
    with Server() as server:
        import resource
        count = len(os.listdir(f"/proc/{server.pid}/fd"))
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (count + 20, count + 20))
        held, refused = [], 0
        for _ in range(60):
            connection = server.connect()
            connection.sock.settimeout(0.2)
            held.append(connection)
        time.sleep(0.3)
        for connection in held:
            try:
                if connection.fill() and b" 503 " in connection.buffer:
                    refused += 1
            except (socket.timeout, TimeoutError):
                pass
        assert refused > 30, refused
        for connection in held:
            connection.sock.close()
        time.sleep(0.5)
        server.still_answers()


if __name__ == "__main__":
    main(smuggling, hidden_in_a_body, byte_by_byte, pipelining, interim, early_end, half_closed,
         header_limits, slow_loris, thousand_connections, resets, large_upload, few_descriptors)
