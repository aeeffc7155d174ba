# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""The gate in front of all routes: who is answered, and what the others are told."""

import json

from da_wire import KEY, Server, main, request

PATHS = ("/v1/models", "/v1/conversations", "/v1/settings", "/v1/operator/health", "/", "/health",
         "/v1/none", "/v1/chat/completions", "/mcp/x")


def foreign_hosts():
    """SEC-01 a foreign Host gets 403 and not a word, on every path and method"""
    with Server() as server:
        for method in ("GET", "POST", "OPTIONS", "HEAD", "DELETE"):
            for path in PATHS:
                answer = server.ask(method, path, host=f"rebind.attacker.example:{server.port}")
                assert answer.status == 403 and answer.body == b"", (method, path, answer)
                assert "access-control-allow-origin" not in answer.headers


def host_spellings():
    """SEC-25 each spelling of a host is decided, IPv6 and trailing dots too"""
    hosts = {"remoteServerAllowedHosts": ["desk.example"]}
    with Server(bind="localhost", settings=hosts) as server:
        good = ("localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1", "127.0.0.1:1",
                "[::1]", "[::ffff:127.0.0.1]:3210", "desk.example", "DESK.example.:80")
        for host in good:
            assert server.ask(host=host).status == 200, host
        for host in ("0.0.0.0", "[::]", "127.1", "2130706433", "0x7f.1", "localhost.evil.example",
                     "other.example", "192.0.2.1", "xn--lcalhost-c2a"):
            assert server.ask(host=host).status == 403, host
        for host in ("*", "local host", "user@localhost", "localhost:99999", "localhost:",
                     "[::1", "localhost/", "[fe80::1%25lo]"):
            assert server.ask(host=host).status == 400, host


def host_counts():
    """SEC-18 no Host, two of them, a list, or another in the target is 400"""
    with Server() as server:
        key = f"Authorization: Bearer {KEY}\r\n"
        for head in (f"GET /v1/models HTTP/1.1\r\n{key}\r\n",
                     f"GET /v1/models HTTP/1.0\r\n{key}\r\n",
                     f"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n{key}\r\n",
                     f"GET /v1/models HTTP/1.1\r\nHost: localhost, evil.example\r\n{key}\r\n",
                     f"GET http://evil.example/v1/models HTTP/1.1\r\nHost: localhost\r\n{key}\r\n"):
            with server.connect() as connection:
                connection.send(head.encode())
                answer = connection.read_answer()
                assert answer.status == 400, (head, answer)
                assert connection.is_ended(), head
        with server.connect() as connection:
            head = f"GET http://localhost/v1/models HTTP/1.1\r\nHost: localhost\r\n{key}\r\n"
            connection.send(head.encode())
            assert connection.read_answer().status == 200


def keys():
    """every path asks for the key, in exactly one way, and says nothing more than Unauthorized"""
    with Server() as server:
        for path in PATHS:
            answer = server.ask(path=path, key=None)
            assert answer.status == 401, (path, answer)
            assert answer.body == b'{"error":"Unauthorized"}', answer
            assert "www-authenticate" not in answer.headers
        for headers in ({"Authorization": f"bearer {KEY}"}, {"Authorization": f"Bearer  {KEY}x"},
                        {"Authorization": KEY}, {"Authorization": f"Basic {KEY}"},
                        {"Authorization": "Bearer"}, {"X-Api-Key": KEY}, {"Cookie": f"key={KEY}"}):
            assert server.ask(headers=headers, key=None).status == 401, headers
        assert server.ask(path=f"/v1/models?key={KEY}", key=None).status == 401
        assert server.ask().status == 200


def throttle():
    """SEC-08 twenty wrong keys lock the address, whatever else is sent; others are not touched"""
    with Server() as server:
        for number in range(20):
            assert server.ask(key=f"wrong-{number}").status == 401, number
        extras = ({}, {"X-Device-Id": "phone"}, {"Cookie": "a=b"}, {"X-Api-Key": KEY},
                  {"X-Forwarded-For": "10.0.0.9"}, {"Origin": "http://localhost:1"})
        for headers in extras:
            answer = server.ask(headers=headers, key="wrong")
            assert answer.status == 429, answer
            assert 1 <= int(answer.headers["retry-after"]) <= 60, answer
            assert isinstance(answer.json()["error"], str)
        assert server.ask(source="127.0.0.2").status == 200
        assert server.ask(key="wrong", source="127.0.0.2").status == 401
        # No key is no guess.
        assert server.ask(key=None).status == 401


def cors_any():
    """CORS: with the default list a page may read everything it has a key for, errors too"""
    with Server() as server:
        origin = {"Origin": "https://app.example"}
        for answer in (server.ask(headers=origin), server.ask(headers=origin, key="wrong"),
                       server.ask(headers=origin, key=None),
                       server.ask(path="/v1/none", headers=origin),
                       server.ask("DELETE", "/v1/models", headers=origin),
                       server.ask("POST", "/v1/chat/completions", origin, b"{"),
                       server.ask("POST", "/v1/chat/completions", {**origin, "Content-Type": "a/b"},
                                  b"x")):
            assert answer.headers.get("access-control-allow-origin") == origin["Origin"], answer
            assert "retry-after" in answer.headers["access-control-expose-headers"].lower()
            assert "access-control-allow-credentials" not in answer.headers
            assert "origin" in answer.headers["vary"].lower()
        answer = server.ask()
        assert "access-control-allow-origin" not in answer.headers
        assert "origin" in answer.headers["vary"].lower()


def preflights():
    """CORS: a preflight needs no key, on any path, and lasts a day"""
    with Server() as server:
        for path in ("/v1/models", "/v1/none", "/", "*"):
            answer = server.ask("OPTIONS", path, key=None, headers={
                "Origin": "http://localhost:8081", "Access-Control-Request-Method": "PATCH",
                "Access-Control-Request-Headers": "authorization, content-type, x-stainless-os"})
            assert answer.status == 204 and answer.body == b"", answer
            allowed = answer.headers["access-control-allow-headers"].lower()
            for name in ("authorization", "content-type", "x-dotagents-device-id", "x-device-id",
                         "x-stainless-os"):
                assert name in allowed, allowed
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                assert method in answer.headers["access-control-allow-methods"]
            assert answer.headers["access-control-max-age"] == "86400"
        assert server.ask("OPTIONS", key=None).status == 204


def cors_list():
    """SEC-04 with a list, a page of another origin gets nothing and nothing is done for it"""
    with Server(settings={"remoteServerCorsOrigins": ["https://app.example"]}) as server:
        evil = {"Origin": "https://evil.example"}
        good = {"Origin": "https://app.example"}
        answer = server.ask("OPTIONS", key=None, headers=evil)
        assert answer.status == 204 and "access-control-allow-origin" not in answer.headers, answer
        for method, path, body in (("GET", "/v1/models", None),
                                   ("POST", "/v1/chat/completions", {}),
                                   ("DELETE", "/v1/conversations", None)):
            answer = server.ask(method, path, evil, body)
            assert answer.status == 403, answer
            assert "access-control-allow-origin" not in answer.headers, answer
        assert server.ask(headers={"Origin": "null"}).status == 403
        answer = server.ask(headers=good)
        assert answer.status == 200
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert server.ask().status == 200


def cross_site():
    """SEC-13 a foreign page without an Origin is told by Sec-Fetch-Site"""
    with Server() as server:
        assert server.ask(headers={"Sec-Fetch-Site": "cross-site"}).status == 403
        assert server.ask(headers={"Sec-Fetch-Site": "same-origin"}).status == 200
        assert server.ask(headers={"Sec-Fetch-Site": "cross-site",
                                   "Origin": "https://app.example"}).status == 200


def content_types():
    """SEC-13 only JSON is taken, and that is decided before a byte of the body is parsed"""
    with Server() as server:
        path = "/v1/chat/completions"
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; a=b",
                     "application/jsonp", "*/*", ""):
            answer = server.ask("POST", path, {"Content-Type": kind}, b'{"messages":[]}')
            assert answer.status == 415, (kind, answer)
        with server.connect() as connection:
            connection.send(request("POST", path, {"Content-Length": "2"}) + b"{}")
            assert connection.read_answer().status == 415
        for kind in ("application/json", "Application/JSON; charset=utf-8"):
            answer = server.ask("POST", path, {"Content-Type": kind}, b'{"messages":[]}')
            assert answer.status == 400, (kind, answer)
        assert server.ask(headers={"Content-Type": "application/json"}).status == 200
        answer = server.ask("POST", path, {"Content-Encoding": "gzip"}, b"\x1f\x8b")
        assert answer.status == 415, answer


def routes():
    """unknown paths are 404, wrong methods 405 with Allow, bad paths 400; HEAD is GET"""
    with Server() as server:
        assert server.ask(path="/v1/none").status == 404
        assert server.ask(path="/V1/models").status == 404
        assert isinstance(server.ask(path="/v1/none").json()["error"], str)
        answer = server.ask("DELETE", "/v1/models")
        assert answer.status == 405, answer
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        assert server.ask("BREW", "/v1/models").status == 405
        assert server.ask(path="/v1/%6Dodels").status == 200
        for path in ("/v1/models/%00", "/v1/models/%ff", "/v1/models/%", "/v1/models/%zz"):
            assert server.ask(path=path).status == 400, path
        get, head = server.ask(), server.ask("HEAD")
        assert head.status == 200 and head.body == b""
        assert head.headers["content-length"] == get.headers["content-length"]
        for answer in (get, head):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
            assert "server" not in answer.headers


def trusted_devices():
    """SEC-07 the list of trusted devices is decided on the route; a proxy is not this machine"""
    with Server(settings={"remoteServerOperatorAllowDeviceIds": ["phone-1"]}) as server:
        for path in ("/v1/operator/health", "/v1/settings", "/v1/%6Fperator/health"):
            assert server.ask(path=path).status == 200, path
            for name in ("X-Forwarded-For", "CF-Connecting-IP", "X-Real-IP", "Forwarded"):
                proxied = {name: "127.0.0.1"}
                answer = server.ask(path=path, headers=proxied)
                assert answer.status == 403, (path, answer)
                assert isinstance(answer.json()["error"], str)
                assert server.ask(path=path, headers={**proxied, "X-Device-Id": "x"}).status == 403
                for device in ("X-Device-Id", "X-DotAgents-Device-Id"):
                    headers = {**proxied, device: "  phone-1 "}
                    assert server.ask(path=path, headers=headers).status == 200, (path, device)
        assert server.ask(headers={"X-Forwarded-For": "10.0.0.1"}).status == 200


def big_bodies():
    """a body over the limit is 413 at once, an unauthorized one 401, and chunks are counted"""
    with Server() as server:
        path = "/v1/chat/completions"
        for key, status in ((KEY, 413), ("wrong", 401)):
            with server.connect() as connection:
                connection.send(request("POST", path, {"Content-Type": "application/json",
                                                       "Content-Length": "60000000"}, key=key))
                answer = connection.read_answer()
                assert answer.status == status, answer
                assert answer.headers["connection"] == "close"
                assert connection.is_ended()
        before = server.memory()
        with server.connect() as connection:
            connection.send(request("POST", path, {"Content-Type": "application/json",
                                                   "Transfer-Encoding": "chunked"}))
            piece = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
            try:
                for _ in range(60):
                    connection.send(piece)
            except (BrokenPipeError, ConnectionResetError):
                pass
            assert connection.read_answer().status == 413
        answer = server.ask("POST", "/v1/emergency-stop", body=b" " * 70000)
        assert answer.status == 413, answer
        server.assert_grown_less(before, 150 * 1024 * 1024)
        server.still_answers()


def bad_json():
    """bad JSON is 400, deep JSON too, and the connection goes on"""
    with Server() as server:
        with server.connect() as connection:
            for body in (b"{", b"[" * 100000, b'{"a":1}{"b":2}', b"// x\n{}", b"{'a':1}",
                         b'{"a":1,}',
                         b'\xff\xfe', b'{"__proto__":1}', b'{"a":9223372036854775808}', b"null",
                         b'"text"', b"[]"):
                connection.send(request("POST", "/v1/chat/completions", body=body))
                answer = connection.read_answer()
                assert answer.status == 400, (body[:20], answer)
                assert isinstance(json.loads(answer.body)["error"], str)
            # An empty body counts as none, even as JSON.
            connection.send(request("POST", "/v1/chat/completions", body=b""))
            assert connection.read_answer().status == 400


if __name__ == "__main__":
    main(foreign_hosts, host_spellings, host_counts, keys, throttle, cors_any, preflights,
         cors_list, cross_site, content_types, routes, trusted_devices, big_bodies, bad_json)
