# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""What is in a body: JSON that other readers forgive, numbers, sizes, ids, memory."""

import base64
import json
import os
import random

import dawire
from dawire import test

MEGABYTE = 1024 * 1024
fake = dawire.FakeLlm()
daemon = dawire.Daemon(upstream=fake.base, model='script:echo')


def chat(content='hello', **more):
    return {'model': 'script:echo', 'store': False,
            'messages': [{'role': 'user', 'content': content}], **more}


def post(body, path='/v1/chat/completions', **more):
    return daemon.call('POST', path, body, **more)


@test('JSON that json-glib forgives is refused')
def lenient():
    valid = json.dumps(chat())
    inner = valid[1:-1]
    for text in ('// x\n' + valid, '/* x */' + valid, valid + '// x', '# x\n' + valid,
                 '{' + inner.replace('"', "'") + '}', 'var x = ' + valid, 'x = ' + valid + ';',
                 valid + ';', valid + valid, valid + ' ' + valid, valid + ' []', valid + ',',
                 '{' + inner + ',}', '{,' + inner + '}', '{' + inner, inner, '', ' ', '\n',
                 '\ufeff', 'null null', '{model: "x"}', '{"model": x}', '{"a":1 "b":2}',
                 '{"n":0x10}', '{"n":010}', '{"n":+1}', '{"n":.5}', '{"n":1.}', '{"n":NaN}',
                 '{"n":Infinity}', '{"n":1e999}', '{"a":"\n"}', '{"a":"\\x41"}', '{"a":"\\u12"}',
                 '{"a":True}', '{"a":1,"a":2}', '{"__proto__":{}}', '(' + valid + ')',
                 valid.replace('hello', '\\ud800')):
        answer = post(text.encode())
        assert answer.status == 400, f'{text[:80]!r}: {answer.status} {answer.text[:200]}'
        assert isinstance(answer.error, str) and answer.error
    assert post(valid.encode()).status == 200


@test('numbers beyond 64 bits are refused and never negative')
def numbers():
    for number in ('9223372036854775808', '-9223372036854775809', '18446744073709551615',
                   '1' + '0' * 400, '9' * 100000):
        for body in ('{"model":"script:echo","messages":[{"role":"user","content":"x"}],'
                     f'"max_tokens":{number}}}', f'{{"a":[{number}]}}'):
            answer = post(body.encode())
            assert answer.status == 400, f'{number[:30]}: {answer.status}'
        answer = post(('{"messages":[{"role":"user","content":"x","timestamp":' + number
                       + '}]}').encode(), '/v1/conversations')
        assert answer.status == 400, f'{number[:30]}: {answer.status}'
    # The greatest that fit are numbers as any other.
    for number in (2 ** 63 - 1, -2 ** 63, 0, -1):
        answer = post({'messages': [{'role': 'user', 'content': 'x', 'timestamp': number}],
                       'createdAt': number}, '/v1/conversations')
        assert answer.status in (201, 400), f'{number}: {answer.status}'
        if answer.status == 201:
            stored = daemon.call('GET', f'/v1/conversations/{answer.json["id"]}')
            assert stored.status == 200 and '-922' not in stored.text.replace(str(-2 ** 63), '')


@test('nesting: 64 levels pass the reader, 65 do not')
def nesting():
    for depth, wanted in ((60, 200), (66, 400), (1000, 400), (50000, 400)):
        value = '[' * depth + ']' * depth
        text = json.dumps(chat())[:-1] + ',"metadata":' + value + '}'
        answer = post(text.encode())
        assert answer.status == wanted, f'{depth}: {answer.status} {answer.text[:200]}'
    # Before it is complete, in a body that says it is large.
    answer = post(b'[' * (5 * MEGABYTE))
    assert answer.status == 400


def settled_memory():
    dawire.time.sleep(0.6)
    return daemon.rss()


@test('SEC-17 10 MB strings and 100,000 keys: answered, and the memory given back')
def memory():
    if dawire.is_sanitized():
        raise dawire.Skip('a sanitizer keeps freed memory on purpose')
    bodies = [json.dumps({'a': 'x' * (10 * MEGABYTE)}).encode(),
              json.dumps({'messages': 'x' * (10 * MEGABYTE)}).encode(),
              json.dumps({f'key{n}': n for n in range(100000)}).encode(),
              b'[' * (10 * MEGABYTE), b'{"a":' * MEGABYTE,
              b'"' + b'\\u0041' * (2 * MEGABYTE) + b'"',
              b'9' * (10 * MEGABYTE)]
    for body in bodies[:3]:
        post(body)
    before = settled_memory()
    for body in bodies:
        answer = post(body)
        assert answer.status in (400, 413), f'{body[:30]!r}: {answer.status}'
        delta = settled_memory() - before
        assert delta < 20 * MEGABYTE, \
            f'{body[:30]!r} ({len(body)} bytes) leaves {delta / MEGABYTE:.1f} MB'


@test('SEC-17 a million small values: what stays is bounded and does not grow')
def values():
    if dawire.is_sanitized():
        raise dawire.Skip('a sanitizer keeps freed memory on purpose')
    bodies = [json.dumps([[]] * 500000).encode(), b'[' + b'{},' * 300000 + b'{}]',
              b'[' + b'{},' * 2000000 + b'{}]', json.dumps(['x' * 10] * 300000).encode()]
    for body in bodies:
        assert post(body).status in (400, 413)
    # GLib's slices keep what nodes were made of for the next ones; GLib 2.76 has none any more.
    first = settled_memory()
    for _ in range(4):
        for body in bodies:
            post(body)
    second = settled_memory()
    dawire.note(f'{first / MEGABYTE:.0f} MB, then {second / MEGABYTE:.0f} MB')
    assert second - first < 20 * MEGABYTE
    assert second < 250 * MEGABYTE


@test('SEC-17 a body of 53 MB without a length is cut at the limit')
def endless():
    before = daemon.rss()
    sock = daemon.connect()
    sock.sendall(daemon.head('POST', '/v1/chat/completions', {'Transfer-Encoding': 'chunked'},
                             body=b''))
    chunk = b'10000\r\n' + b' ' * 65536 + b'\r\n'
    answer = None
    begin = dawire.time.monotonic()
    highest = 0
    try:
        for n in range(1000000):
            sock.sendall(chunk)
            if n % 100 == 0:
                highest = max(highest, daemon.rss())
            if n > 900 and answer is None:
                answer = dawire.Reader(sock).answer()
            assert dawire.time.monotonic() - begin < 20, 'it is still read after 20 s'
    except OSError:
        pass
    sock.close()
    assert answer is not None and answer.status == 413, answer
    dawire.note(f'{(highest - before) / MEGABYTE:+.0f} MB at most while it came')
    assert dawire.is_sanitized() or highest - before < 130 * MEGABYTE
    daemon.assert_alive()


@test('SEC-17 a declared length is no reason to take memory')
def declared():
    socks = []
    before = daemon.rss()
    for _ in range(60):
        sock = daemon.connect()
        sock.sendall(daemon.head('POST', '/v1/chat/completions',
                                 {'Content-Length': str(50 * MEGABYTE)}, body=b'') + b'{')
        socks.append(sock)
    daemon.assert_alive()
    delta = daemon.rss() - before
    for sock in socks:
        sock.close()
    assert delta < 60 * MEGABYTE, f'{delta / MEGABYTE:.1f} MB for 60 declared bodies'


@test('SEC-21 10,000 malformed data: addresses: 400 or taken, never a fault')
def data_uris():
    chance = random.Random(21)
    good = 'data:image/png;base64,' + base64.b64encode(
        bytes.fromhex('89504e470d0a1a0a0000000d49484452') + os.urandom(64)).decode()
    parts = ['data:', 'image/png', ';base64', ',', ';', ';charset="', '"', '%', '%0', '%00', '\\',
             '=', 'A' * 7, '\n', ' ', 'é', 'data:;base64,', ';base64;base64', '-_', '/',
             'text/html', 'image/svg+xml', ';x=y', "'"]
    urls = ['data:', 'data:,', 'data:;', 'data:;base64', 'data:image/png', 'data:image/png;base64',
            'data:image/png;base64,', 'data:image/png;base64,!', 'data:image/png;base64,A',
            'data:image/png;base64,AA=A', 'data:image/png;base64,====', 'data:image/png,%',
            'data:;charset="', 'DATA:IMAGE/PNG;BASE64,AAAA', 'data:image/png;base64,' + 'A' * 4096]
    while len(urls) < 10000:
        text = list(good[:60]) if chance.random() < 0.4 else []
        for _ in range(chance.randrange(1, 8)):
            text.insert(chance.randrange(len(text) + 1), chance.choice(parts))
        urls.append(''.join(text))
    seen = {}
    for begin in range(0, len(urls), 50):
        # Each of them alone would be refused at the first; in one body they share the way.
        for url in urls[begin:begin + 50:10]:
            answer = post({'store': False, 'model': 'script:echo', 'messages': [
                {'role': 'user', 'content': [{'type': 'text', 'text': 'see'},
                                             {'type': 'image_url', 'image_url': {'url': url}}]}]})
            seen[answer.status] = seen.get(answer.status, 0) + 1
            assert answer.status in (200, 400, 413, 415), f'{url[:80]!r}: {answer.status}'
        answer = post({'messages': [
            {'role': 'user', 'content': f'![x]({url})'} for url in urls[begin:begin + 50]]},
            '/v1/conversations')
        assert answer.status in (201, 400, 413), answer.text[:300]
        if answer.status == 201:
            got = daemon.call('GET', f'/v1/conversations/{answer.json["id"]}')
            assert got.status == 200, got.text[:300]
            daemon.call('DELETE', f'/v1/conversations/{answer.json["id"]}')
    dawire.note(f'answers to a single picture: {seen}')
    daemon.assert_alive()


@test('SEC-16 pictures that are none, in messages that are kept')
def pictures():
    heads = {'image/png': b'\x89PNG\r\n\x1a\n', 'image/jpeg': b'\xff\xd8\xff\xe0',
             'image/gif': b'GIF89a', 'image/webp': b'RIFF\xff\xff\xff\xffWEBP', 'video/mp4':
             b'\0\0\0\x18ftypmp42', 'image/svg+xml': b'<svg onload="x()">',
             'text/html': b'<script>'}
    chance = random.Random(16)
    for declared, _ in heads.items():
        for kind, head in heads.items():
            data = base64.b64encode(head + chance.randbytes(chance.randrange(200))).decode()
            answer = post({'messages': [{'role': 'user',
                                         'content': f'![{kind}](data:{declared};base64,{data})'}]},
                          '/v1/conversations')
            assert answer.status in (201, 400), answer.text[:200]
    # Nothing that is served back may run in a browser.
    for item in daemon.call('GET', '/v1/conversations').json['conversations'][:60]:
        text = daemon.call('GET', f'/v1/conversations/{item["id"]}').text
        for part in text.split('assets/')[1:]:
            name = part.split('"')[0].split(')')[0].split('\\')[0]
            answer = daemon.call('GET', f'/v1/conversations/{item["id"]}/assets/{name}')
            kind = answer.get('content-type') or ''
            assert 'html' not in kind and 'svg' not in kind, f'{name}: {kind}'
            assert answer.get('x-content-type-options') == 'nosniff'


@test('SEC-21 names with quotes and line ends stay inside their header')
def names():
    answer = post({'title': 'a"\r\nX-Evil: 1\r\n\r\n<x>', 'messages': [
        {'role': 'user', 'content': 'x'}]}, '/v1/conversations')
    assert answer.status == 201
    for name in ('"%0d%0aX-Evil:%201', 'x%22%0a', '..%2f..%2fdotagents.db', '%2e%2e', '.%00.png',
                 'a' * 300, '%ff'):
        for kind in ('images', 'videos'):
            out, _ = daemon.raw(daemon.head(
                'GET', f'/v1/conversations/{answer.json["id"]}/assets/{kind}/{name}',
                {'Connection': 'close'}))
            assert dawire.statuses(out)[0] in (400, 404), out[:200]
            assert b'\r\nX-Evil' not in out and b'SQLite' not in out


@test('ids in bodies never become paths')
def ids_in_bodies():
    hostile = ['../../../tmp/da-no-such-x', '..', '.', '/', '/etc/passwd', 'a/../../b', '',
               ' ', 'x' * 5000,
               '\u202e', "'; DROP TABLE messages; --", '%2e%2e', 'a\u0000b', '-rf', '~', 'NUL',
               '\ud7ff', '{{x}}', '*', '?']
    before = set(os.listdir(daemon.home)) | set(os.listdir(daemon.data_dir))
    for value in hostile:
        for body in (chat(conversation_id=value, store=True),
                     chat(conversationId=value, store=True),
                     chat(profile_id=value), chat(model=value)):
            answer = post(body)
            assert answer.status < 500 or answer.status == 502, \
                f'{value!r}: {answer.status} {answer.text[:200]}'
    after = set(os.listdir(daemon.home)) | set(os.listdir(daemon.data_dir))
    assert not [n for n in after - before if not n.startswith(('ready', 'dotagents.db'))], \
        after - before
    assert not os.path.exists('/tmp/da-no-such-x')


@test('SEC-12 ids cannot be guessed')
def random_ids():
    ids = [post({'messages': [{'role': 'user', 'content': 'x'}]}, '/v1/conversations').json['id']
           for _ in range(50)]
    assert len(set(ids)) == 50
    # The tail behind the time has to differ everywhere: no counter.
    tails = [x.split('_')[-1] for x in ids]
    assert len({t[:6] for t in tails}) > 45, tails[:5]
    assert min(len(t) for t in tails) >= 9, tails[:5]
    dawire.note(f'an id: {ids[0]}')


@test('SEC-17 the key of the provider does not follow a redirect to another host')
def redirected():
    before = fake.stats()
    answer = post(dict(chat(), model='script:redirect-away'))
    after = fake.stats()
    dawire.note(f'stats: {json.dumps(after)[:300]}')
    assert answer.status in (502, 400, 504), answer.status
    assert after.get('stolenKeys', after.get('stolen_keys', 0)) == 0, after
    assert before is not None


@test('the server ends well after all of it')
def at_the_end():
    daemon.stop()
    fake.stop()


dawire.run()
