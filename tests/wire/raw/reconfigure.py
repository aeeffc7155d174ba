# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""What changes while streams are open: port, address, key, lists; and what does not."""

import json
import os
import socket
import time

from da_wire import Connection, Server, ask_stream, chat_body, main, request, until

APP = {"User-Agent": "okhttp/4.9.2"}


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def with_port(port, **more):
    return {"dotagents-settings.json": {"remoteServerPort": port, **more}}


def patch(server, **values):
    answer = server.ask("PATCH", "/v1/settings", body=values)
    assert answer.status == 200, answer
    return answer


def is_open(port, address="127.0.0.1"):
    try:
        socket.create_connection((address, port), 2).close()
        return True
    except OSError:
        return False


def other_address():
    """An address of this machine that is not loopback, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))
            address = sock.getsockname()[0]
        except OSError:
            return None
    return None if address.startswith("127.") else address


def port_changes():
    """a new port is listened on, the old one is closed, and a stream goes on through it"""
    old, new = free_port(), free_port()
    with Server(model="script:never-ending", listen=False, files=with_port(old)) as server:
        assert server.port == old
        connection, frames, _ = ask_stream(server, chat_body("hello", stream=True), APP)
        frames.read()
        patch(server, remoteServerPort=new)
        until(lambda: is_open(new), "the new port", 5)
        until(lambda: not is_open(old), "the end of the old port", 5)
        for _ in range(20):
            frames.read()
        server.port = new
        server.still_answers()
        connection.sock.close()


def busy_port():
    """a port that is taken keeps the old one, and the status names who has it"""
    old = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with Server(listen=False, files=with_port(old)) as server:
            patch(server, remoteServerPort=taken.getsockname()[1])

            def told():
                status = server.ask(path="/v1/operator/remote-server")
                error = status.json().get("lastError") or ""
                return f"pid {os.getpid()}" in error

            until(told, "the error in the status", 5)
            server.still_answers()


def busy_at_start():
    """a start on a taken port ends with a sentence that names the program"""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        try:
            with Server(listen=False, files=with_port(taken.getsockname()[1])):
                raise RuntimeError("it started")
        except AssertionError as error:
            assert f"pid {os.getpid()}" in str(error), error


def address_changes():
    """the same port on all addresses and back: no gap, and who came from outside is let go"""
    outside = other_address()
    if outside is None:
        print("# this machine has no other address")
        return
    port = free_port()
    with Server(listen=False, files=with_port(port)) as server:
        with server.connect() as inside:
            assert not is_open(port, outside)
            patch(server, remoteServerBindAddress="0.0.0.0")
            until(lambda: is_open(port, outside), "the other address", 5)
            far = Connection(socket.create_connection((outside, port), 5))
            far.send(request(host=f"{outside}:{port}"))
            assert far.read_answer().status == 200
            inside.send(request())
            assert inside.read_answer().status == 200
            patch(server, remoteServerBindAddress="127.0.0.1")
            until(lambda: not is_open(port, outside), "the end of the other address", 5)
            assert far.is_ended()
            inside.send(request())
            assert inside.read_answer().status == 200


def lists_change():
    """a change of the origins counts for the next request, on the same connection"""
    with Server() as server:
        with server.connect() as connection:
            def origin():
                connection.send(request(headers={"Origin": "https://a.example"}))
                return connection.read_answer()

            assert origin().status == 200
            patch(server, remoteServerCorsOrigins=["https://b.example"])
            assert origin().status == 403
            patch(server, remoteServerCorsOrigins=["https://a.example"])
            assert origin().headers["access-control-allow-origin"] == "https://a.example"


def key_rotates():
    """SEC-11 a new key ends the streams of the old one within a second, and the old one is 401"""
    with Server(model="script:never-ending", key=None) as server:
        with open(os.path.join(server.home, "data", "secrets.json"), encoding="utf-8") as file:
            text = file.read()
        key = next(value for value in _strings(json.loads(text)) if len(value) == 64)
        connection, frames, _ = ask_stream(server, chat_body("hello", stream=True), APP, key)
        frames.read()
        waiting = server.connect()
        waiting.send(request("POST", "/v1/chat/completions", APP, chat_body("other"), key))
        answer = server.ask("POST", "/v1/operator/access/rotate-api-key", key=key)
        assert answer.status == 200, answer
        began = time.monotonic()
        try:
            while frames.read() is not None:
                pass
        except EOFError:
            pass
        assert waiting.is_ended(2)
        assert time.monotonic() - began < 1.5, time.monotonic() - began
        assert server.ask(key=key).status == 401
        assert server.ask(key=answer.json()["apiKey"]).status == 200
        connection.sock.close()


def _strings(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


if __name__ == "__main__":
    main(port_changes, busy_port, busy_at_start, address_changes, lists_change, key_rotates)
