# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""Request smuggling and odd framing (SEC-19): refused, the connection closed, nothing executed."""

import random
import socket
import struct

import dawire
from dawire import test

fake = dawire.FakeLlm()
daemon = dawire.Daemon(upstream=fake.base, model='script:echo')

SMUGGLED = ('POST /v1/conversations HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n'
            'Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}')


def smuggled():
    body = '{"messages":[{"role":"user","content":"smuggled"}]}'
    return SMUGGLED.format(key=daemon.key, length=len(body), body=body).encode()


def count():
    return len(daemon.call('GET', '/v1/conversations').json['conversations'])


def post(framing, body, version='HTTP/1.1'):
    return (f'POST /v1/emergency-stop {version}\r\nHost: localhost\r\n'
            f'Authorization: Bearer {daemon.key}\r\nContent-Type: application/json\r\n'
            f'{framing}\r\n\r\n').encode('latin-1') + body


CASES = {
    'both lengths': ('Content-Length: 5\r\nTransfer-Encoding: chunked', b'0\r\n\r\n', (400,)),
    'both lengths, other order': ('Transfer-Encoding: chunked\r\nContent-Length: 5', b'0\r\n\r\n',
                                  (400,)),
    'chunked twice': ('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', b'0\r\n\r\n',
                      (400,)),
    'chunked, chunked': ('Transfer-Encoding: chunked, chunked', b'0\r\n\r\n', (400, 501)),
    'identity and chunked': ('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
                             b'0\r\n\r\n', (400, 501)),
    'gzip, chunked': ('Transfer-Encoding: gzip, chunked', b'0\r\n\r\n', (400, 501)),
    'odd case': ('Transfer-Encoding: ChUnKeD', b'0\r\n\r\n', (400, 501)),
    'space before colon': ('Transfer-Encoding : chunked', b'0\r\n\r\n', (400,)),
    'tab before colon': ('Transfer-Encoding\t: chunked', b'0\r\n\r\n', (400,)),
    'vertical tab': ('Transfer-Encoding: \x0bchunked', b'0\r\n\r\n', (400,)),
    'quoted': ('Transfer-Encoding: "chunked"', b'0\r\n\r\n', (400, 501)),
    'folded': ('Transfer-Encoding:\r\n chunked', b'0\r\n\r\n', (400, 501)),
    'parameter': ('Transfer-Encoding: chunked;q=1', b'0\r\n\r\n', (400, 501)),
    'xchunked': ('Transfer-Encoding: xchunked', b'0\r\n\r\n', (400, 501)),
    'hidden behind bare LF': ('X: y\nTransfer-Encoding: chunked', b'0\r\n\r\n', (400,)),
    'hidden behind bare CR': ('X: y\rTransfer-Encoding: chunked', b'0\r\n\r\n', (400,)),
    'name with NUL': ('Transfer-Encoding\0: chunked', b'0\r\n\r\n', (400,)),
    'value with NUL': ('Transfer-Encoding: chunked\0', b'0\r\n\r\n', (400, 501)),
    'high byte in name': ('Transfer-Encoding\xa0: chunked', b'0\r\n\r\n', (400,)),
    'lengths differ': ('Content-Length: 5\r\nContent-Length: 0', b'', (400,)),
    'lengths agree': ('Content-Length: 0\r\nContent-Length: 0', b'', (400,)),
    'length list': ('Content-Length: 0, 0', b'', (400,)),
    'length with plus': ('Content-Length: +0', b'', (400,)),
    'length in hex': ('Content-Length: 0x0', b'', (400,)),
    'length empty': ('Content-Length:', b'', (400,)),
    'length with space inside': ('Content-Length: 1 0', b'', (400,)),
    'chunk extension': ('Transfer-Encoding: chunked', b'2;x=y\r\n{}\r\n0\r\n\r\n', (400,)),
    'chunk extension at end': ('Transfer-Encoding: chunked', b'2\r\n{}\r\n0;x\r\n\r\n', (400,)),
    'trailer': ('Transfer-Encoding: chunked', b'2\r\n{}\r\n0\r\nX: y\r\n\r\n', (400,)),
    'chunk with bare LF': ('Transfer-Encoding: chunked', b'2\n{}\n0\n\n', (400,)),
    'chunk size too long': ('Transfer-Encoding: chunked', b'000000000002\r\n{}\r\n0\r\n\r\n',
                            (400,)),
    'chunk size overflows': ('Transfer-Encoding: chunked', b'fffffffffffffffff\r\n', (400,)),
    'chunk size negative': ('Transfer-Encoding: chunked', b'-2\r\n{}\r\n', (400,)),
    'chunk size in 0x': ('Transfer-Encoding: chunked', b'0x2\r\n{}\r\n0\r\n\r\n', (400,)),
    'chunk size with space': ('Transfer-Encoding: chunked', b'2 \r\n{}\r\n0\r\n\r\n', (400,)),
    'chunk longer than said': ('Transfer-Encoding: chunked', b'1\r\n{}\r\n0\r\n\r\n', (400,)),
    'chunk shorter than said': ('Transfer-Encoding: chunked', b'3\r\n{}\r\n0\r\n\r\n', (400,)),
    'no chunk size': ('Transfer-Encoding: chunked', b'\r\n{}\r\n', (400,)),
}


@test('SEC-19 what two programs could read differently is refused, closed, and nothing runs')
def ambiguous():
    before = count()
    for name, (framing, body, wanted) in CASES.items():
        out, closed = daemon.raw(post(framing, body) + smuggled())
        seen = dawire.statuses(out)
        assert seen and seen[-1] in wanted and len(seen) == 1, f'{name}: {out[:400]!r}'
        assert closed, f'{name}: the connection stays open'
        assert count() == before, f'{name}: the second request was executed'
    out, closed = daemon.raw(post('Transfer-Encoding: chunked', b'0\r\n\r\n', 'HTTP/1.0')
                             + smuggled())
    assert dawire.statuses(out) == [400] and closed
    assert count() == before


@test('SEC-19 the request line')
def request_lines():
    rest = f'Host: localhost\r\nAuthorization: Bearer {daemon.key}\r\n\r\n'
    for line in ('GET /v1/models', 'GET /v1/models HTTP/0.9', 'GET /v1/models HTTP/2.0',
                 'GET /v1/models HTTP/1.2', 'GET /v1/models http/1.1', 'GET  /v1/models HTTP/1.1',
                 'GET /v1/models  HTTP/1.1', ' GET /v1/models HTTP/1.1',
                 'GET\t/v1/models\tHTTP/1.1',
                 'GET /v1/models HTTP/1.1 ', 'GET /v1/mo dels HTTP/1.1', 'G\0T /v1/models HTTP/1.1',
                 'GET /v1/models\0 HTTP/1.1', 'GET v1/models HTTP/1.1', 'GET /v1/models# HTTP/1.1',
                 '/v1/models', 'A' * 21 + ' / HTTP/1.1', 'GET /\x7f HTTP/1.1',
                 'GET /%zz HTTP/1.1', 'GET /\xff HTTP/1.1', 'G(T / HTTP/1.1', 'GET * HTTP/1.1',
                 'CONNECT localhost:1 HTTP/1.1', 'GET ftp://localhost/ HTTP/1.1'):
        out, closed = daemon.raw(f'{line}\r\n{rest}'.encode('latin-1'))
        seen = dawire.statuses(out)
        assert seen and 400 <= seen[0] <= 505 and seen[0] != 404 and closed, f'{line!r}: {out!r}'
    for start in (b'\r\n\r\n', b'\n', b'\0', b'\xff\xfe', b'\x80' * 100):
        out, closed = daemon.raw(start + b'GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n')
        assert b' 200 ' not in out, out[:100]


@test('SEC-19 headers: size, number, characters')
def headers():
    for headers_, wanted in (({'X': 'a' * 70000}, (431,)),
                             ({f'X-{n}': 'a' for n in range(150)}, (431,)),
                             ({'X' * 70000: 'a'}, (431,)),
                             ({'X': 'a\0b'}, (400,)), ({'X(': 'a'}, (400,)),
                             ({'': 'a'}, (400,)), ({'X': 'a\x01b'}, (400,)),
                             ({'Expect': 'the-worst'}, (417,))):
        out, closed = daemon.raw(daemon.head('GET', '/v1/models', headers_))
        assert dawire.statuses(out) and dawire.statuses(out)[0] in wanted and closed, \
            f'{str(headers_)[:60]}: {out[:200]!r}'
    target = '/v1/models?' + 'a' * 70000
    out, closed = daemon.raw(daemon.head('GET', target))
    assert dawire.statuses(out)[0] in (414, 431) and closed
    # An endless header is answered while it comes; what comes after is dropped for a few seconds,
    # so that the answer arrives, and then the connection ends.
    sock = daemon.connect()
    sock.sendall(b'GET / HTTP/1.1\r\nX: ' + b'a' * 70000)
    assert dawire.Reader(sock).answer().status == 431
    before = daemon.rss()
    begin = dawire.time.monotonic()
    try:
        while dawire.time.monotonic() - begin < 20:
            sock.send(b'a' * 65536)
    except OSError:
        pass
    sock.close()
    assert dawire.time.monotonic() - begin < 15, 'it is still read after 15 s'
    assert dawire.is_sanitized() or daemon.rss() - before < 4 * 1024 * 1024


@test('SEC-19 bytes behind a request are the next request or nothing')
def trailing():
    before = count()
    body = b'{}'
    # Content-Length shorter than what is sent: the rest is a malformed request.
    out, closed = daemon.raw(post('Content-Length: 2', body + b'garbage\r\n\r\n'))
    assert dawire.statuses(out) == [200, 400] and closed, out
    # The length is right, a real request follows: that is pipelining, and it runs once.
    out, _ = daemon.raw(post('Content-Length: 2', body) + smuggled(), timeout=1)
    assert dawire.statuses(out) == [200, 201], out
    assert count() == before + 1
    # A request inside of a body is a body.
    inner = smuggled()
    out, _ = daemon.raw(post(f'Content-Length: {len(inner)}', inner), timeout=1)
    assert dawire.statuses(out)[:1] in ([200], [400]) and len(dawire.statuses(out)) == 1, out
    assert count() == before + 1
    # And so it is in the body of what the gate refuses.
    refused = post(f'Content-Length: {len(inner)}', inner)
    refused = refused.replace(daemon.key.encode(), b'0' * 64, 1)
    out, _ = daemon.raw(refused, source=dawire.fresh_source(), timeout=2)
    assert dawire.statuses(out) == [401], out
    assert count() == before + 1


@test('SEC-19 a body that was never sent leaves no stuck connection')
def early_end():
    for framing, part in (('Content-Length: 100', b'{'), ('Transfer-Encoding: chunked', b'2\r\n{'),
                          ('Transfer-Encoding: chunked', b''), ('Content-Length: 1', b'')):
        sock = daemon.connect()
        sock.sendall(post(framing, part))
        sock.shutdown(socket.SHUT_WR)
        data = b''
        try:
            while piece := sock.recv(4096):
                data += piece
        except ConnectionResetError:
            pass
        sock.close()
        assert dawire.statuses(data) in ([400], []), data
    daemon.assert_alive()


@test('SEC-19 one byte at a time means the same')
def byte_by_byte():
    body = b'{"messages":[{"role":"user","content":"bit by bit"}]}'
    data = daemon.head('POST', '/v1/conversations', {'Transfer-Encoding': 'chunked',
                                                     'Connection': 'close'}, body=body) \
        + b'1\r\n{\r\n' + f'{len(body) - 1:x}\r\n'.encode() + body[1:] + b'\r\n0\r\n\r\n'
    sock = daemon.connect()
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in data:
        sock.send(bytes([byte]))
    answer = dawire.Reader(sock).answer()
    sock.close()
    assert answer.status == 201, answer.text


@test('SEC-19 SEC-16 10,000 changed requests: never a fault, never a second answer to one')
def mutated():
    chance = random.Random(19)
    seeds = [daemon.head('GET', '/v1/models'), post('Content-Length: 2', b'{}'),
             post('Transfer-Encoding: chunked', b'2\r\n{}\r\n0\r\n\r\n'),
             daemon.head('GET', '/v1/conversations/x/assets/images/y', {'Range': 'bytes=0-1'}),
             daemon.head('OPTIONS', '*', {'Origin': 'null'})]
    words = [b'\r\n', b'\n', b'\r', b'\0', b' ', b'\t', b':', b'chunked', b'Content-Length: 3',
             b'Transfer-Encoding: chunked', b'0\r\n\r\n', b'\xff', b'HTTP/1.1', b'GET', b'//', b'%',
             b'Expect: 100-continue\r\n', b'Connection: close\r\n', b'Host: x\r\n', b',']
    begin = dawire.time.monotonic()
    rounds = 0
    while rounds < 10000 and dawire.time.monotonic() - begin < 40:
        sock = daemon.connect(dawire.fresh_source() if rounds % 10 == 0 else None, timeout=5)
        for _ in range(4):
            rounds += 1
            data = bytearray(chance.choice(seeds))
            for _ in range(chance.randrange(1, 5)):
                place = chance.randrange(len(data))
                how = chance.randrange(4)
                if how == 0:
                    data[place] = chance.randrange(256)
                elif how == 1:
                    del data[place:place + chance.randrange(1, 12)]
                elif how == 2:
                    data[place:place] = chance.choice(words)
                else:
                    data[place:place] = data[place:place + chance.randrange(1, 40)]
            try:
                sock.sendall(data)
            except OSError:
                break
        if rounds % 3 == 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        sock.close()
        if rounds % 1000 < 4:
            daemon.assert_alive(source=dawire.fresh_source())
    dawire.note(f'{rounds} requests')
    assert rounds >= 2000
    daemon.assert_alive(source=dawire.fresh_source())


@test('the server ends well after all of it')
def at_the_end():
    daemon.stop()
    fake.stop()


dawire.run()
