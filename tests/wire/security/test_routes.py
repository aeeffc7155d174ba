# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""Walks every route with everything that must not pass."""

import json

import dawire
import routes
from dawire import CHAT, MANAGE, OPERATOR, test

ROUTES = routes.load()
PATHS = sorted({route.path for route in ROUTES})
# Not in any table.
OTHERS = ['/', '/health', '/v1', '/v1/', '/v1/nothing', '/mcp', '/.well-known/x', '/favicon.ico',
          '/v1/models/', '/metrics', '/docs']
ALL = CHAT | MANAGE | OPERATOR
PROXY_HEADERS = ['X-Forwarded-For', 'Forwarded', 'CF-Connecting-IP', 'X-Real-IP',
                 'Tailscale-User-Login']


def body_of(route):
    """A body the gate lets pass, where one is taken."""
    return b'{}' if route.takes_json and route.method != 'GET' else None


def each(func):
    """Calls it for every route and names all that fail, not the first only."""
    failures = []
    for route in ROUTES:
        try:
            func(route)
        except Exception as error:    # pylint: disable=broad-except
            failures.append(f'{route}: {error}')
    daemon.assert_alive()
    assert not failures, f'{len(failures)} of {len(ROUTES)}:\n' + '\n'.join(failures[:25])


def expect(answer, *wanted):
    assert answer.status in wanted, f'{answer.status} instead of {wanted}: {answer.text[:200]}'
    return answer


@test('SEC-02 every route without a key is 401')
def no_key():
    def check(route):
        answer = expect(daemon.call(route.method, route.path, body_of(route), key=None), 401)
        assert answer.json == {'error': 'Unauthorized'}, answer.text
    each(check)
    for path in OTHERS:
        for method in ('GET', 'POST', 'HEAD', 'DELETE'):
            expect(daemon.call(method, path, key=None), 401)


@test('SEC-02 every route with a wrong key is 401')
def wrong_key():
    keys = ['0' * 64, daemon.key[:-1], daemon.key + '0', daemon.key.upper() + ' ', 'x',
            'A' * 4000, '\xff\xfe']

    def check(route):
        source = dawire.fresh_source()
        for key in keys:
            expect(daemon.call(route.method, route.path, body_of(route), key=key, source=source),
                   401)
    each(check)


@test('SEC-10 every route refuses a key without its scope, and takes one with it')
def scopes():
    def check(route):
        for scopes_of_key, key in keys.items():
            if route.is_disturbing and scopes_of_key & route.scope:
                continue
            answer = daemon.call(route.method, route.path, body_of(route), key=key)
            if scopes_of_key & route.scope and route.pattern.endswith('/access/api-key'):
                # The key of the scripts is not for devices, whatever they may do.
                expect(answer, 403)
            elif scopes_of_key & route.scope:
                assert answer.status not in (401, 403), \
                    f'scopes {scopes_of_key}: {answer.status} {answer.text}'
            else:
                expect(answer, 403)
    each(check)


@test('SEC-10 only Authorization: Bearer carries a key')
def carriers():
    key = daemon.key
    others = [{'X-Api-Key': key}, {'Api-Key': key}, {'Authorization': key},
              {'Authorization': f'bearer {key}'}, {'Authorization': f'Basic {key}'},
              {'Authorization': f'Token {key}'}, {'Cookie': f'key={key}; token={key}'},
              {'Proxy-Authorization': f'Bearer {key}'}, {'X-DotAgents-Key': key},
              {'Sec-WebSocket-Protocol': f'bearer, {key}'}]
    source = dawire.fresh_source()
    for headers in others:
        expect(daemon.call('GET', '/v1/models', headers=headers, key=None, source=source), 401)
    for query in (f'?key={key}', f'?api_key={key}', f'?access_token={key}'):
        expect(daemon.call('GET', '/v1/models' + query, key=None, source=source), 401)
    # A scope is not widened by a second carrier of a better key.
    expect(daemon.call('GET', '/v1/settings', headers={'X-Api-Key': key}, key=keys[CHAT]), 403)
    data = daemon.head('GET', '/v1/settings', key=keys[CHAT])[:-2] \
        + f'Authorization: Bearer {key}\r\nConnection: close\r\n\r\n'.encode()
    out, _ = daemon.raw(data, source=source)
    assert dawire.statuses(out)[0] in (400, 401, 403), out[:300]


@test('SEC-01 every route refuses a foreign Host with an empty answer')
def foreign_host():
    def check(route):
        for host in ('rebind.attacker.example', f'rebind.attacker.example:{daemon.port}'):
            answer = expect(daemon.call(route.method, route.path, body_of(route),
                                        headers={'Host': host}), 403)
            assert answer.body == b'', answer.text
            assert answer.get('access-control-allow-origin') is None
    each(check)
    for path in OTHERS:
        for method in ('GET', 'POST', 'OPTIONS', 'HEAD'):
            answer = expect(daemon.call(method, path, headers={'Host': 'rebind.attacker.example'}),
                            403)
            assert answer.body == b''


@test('routes: a method that is not in the table is 405 with Allow')
def wrong_method():
    # Rows whose parameter stands where another row has a fixed word share their paths.
    for path in PATHS:
        allow = set()
        for method in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'TRACE', 'CONNECT'):
            if any(r.method == method and r.path == path for r in ROUTES):
                continue
            answer = daemon.call(method, path)
            if answer.status in (200, 400, 404) and method not in ('PROPFIND', 'TRACE', 'CONNECT'):
                continue    # another pattern's row
            if method == 'CONNECT':
                assert 400 <= answer.status < 500, f'{method} {path}: {answer.status}'
                continue
            assert answer.status == 405, f'{method} {path}: {answer.status} {answer.text}'
            allow |= set((answer.get('allow') or '').split(', '))
            assert method not in allow
        wanted = {r.method for r in ROUTES if r.path == path}
        assert wanted <= allow, f'{path}: Allow is {allow}, without {wanted - allow}'


@test('SEC-13 every route refuses what a foreign page can send')
def types():
    bodies = [('text/plain', b'{"a":1}'), ('application/x-www-form-urlencoded', b'a=1'),
              ('multipart/form-data; boundary=x', b'--x--\r\n'), ('application/jsonp', b'{}'),
              ('application/json, text/plain', b'{}'), ('text/json', b'{}'), (None, b'{}')]

    def check(route):
        for kind, body in bodies:
            headers = {'Content-Type': kind}
            if route.takes_json or route.ignores_body:
                expect(daemon.call(route.method, route.path, body, headers=headers), 415)
        answer = daemon.call(route.method, route.path, body_of(route),
                             headers={'Sec-Fetch-Site': 'cross-site'})
        expect(answer, 403)
    each(check)


@test('SEC-17 every route refuses a compressed body')
def compressed():
    def check(route):
        for encoding in ('gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'x-gzip'):
            expect(daemon.call(route.method, route.path, b'\x1f\x8b\x08\0\0\0\0\0',
                               headers={'Content-Encoding': encoding}), 415)
    each(check)


@test('routes: an empty body where one is needed is no fault of ours')
def empty():
    def check(route):
        if route.is_disturbing:
            return
        answer = daemon.call(route.method, route.path, b'')
        assert answer.status < 500 or answer.status == 501, f'{answer.status} {answer.text}'
    each(check)
    for path in ('/v1/chat/completions', '/v1/conversations'):
        expect(daemon.call('POST', path, b''), 400)


@test('SEC-17 every route refuses a huge body before it comes')
def huge():
    def check(route):
        for length in (53 * 1024 * 1024, 10 ** 12, 10 ** 17):
            expect(daemon.call(route.method, route.path, b'',
                               headers={'Content-Length': str(length),
                                        'Content-Type': 'application/json'}), 413)
        for length in ('9223372036854775808', '18446744073709551617', '-1', '0x10', '1e3', '+5'):
            expect(daemon.call(route.method, route.path, b'',
                               headers={'Content-Length': length}), 400)
    each(check)


@test('SEC-17 every route refuses 100 KB of "["')
def deep():
    def check(route):
        for body in (b'[' * 100000, b'{"a":' * 20000):
            expect(daemon.call(route.method, route.path, body), 400, 413)
    each(check)


@test('routes: a body that is no UTF-8 is refused')
def not_utf8():
    bodies = [b'{"a":"\xff\xfe"}', b'\xff', '{"a":"b"}'.encode('utf-16'), b'{"a":"\xc0\x80"}',
              b'{"a":"\xed\xa0\x80"}', b'{"a":"\0"}', b'\0', b'{"a":"\\ud800"}']

    def check(route):
        if not route.takes_json:
            return
        for body in bodies:
            expect(daemon.call(route.method, route.path, body), 400)
    each(check)


@test('routes: values of the wrong kind are no fault of ours')
def wrong_kinds():
    values = [None, True, 0, -1, 1.5, 2 ** 63 - 1, '', 'x', '../../x', [], [[]], {}, {'a': {}},
              [None], ['x' * 100]]
    names = ['messages', 'model', 'stream', 'title', 'name', 'id', 'messageIndex', 'messageId',
             'text', 'sessionIds', 'conversation_id', 'temperature', 'max_tokens', 'tools',
             'createdAt', 'clientSessionId', 'scopes', 'approved', 'remoteServerPort', 'baseUrl',
             'apiKey', 'agentOpenaiModel', 'profileId', 'currentModelPresetId', 'prompt', 'action']

    def check(route):
        if not route.takes_json or route.is_disturbing:
            return
        for value in values:
            answer = daemon.call(route.method, route.path, json.dumps(value).encode())
            assert answer.status < 500 or answer.status == 501, f'{value!r}: {answer.status}'
            for name in names:
                if name == 'remoteServerPort':
                    continue
                answer = daemon.call(route.method, route.path, {name: value})
                assert answer.status < 500 or answer.status in (501, 502), \
                    f'{name}={value!r}: {answer.status} {answer.text[:200]}'
    each(check)


@test('routes: escapes in a path meet the same gate')
def escaped():
    def check(route):
        body = body_of(route)
        source = dawire.fresh_source()
        expect(daemon.call(route.method, route.encoded, body, key=None, source=source), 401)
        expect(daemon.call(route.method, route.encoded, body, key='0' * 64, source=source), 401)
        expect(daemon.call(route.method, route.encoded, body,
                           headers={'Host': 'rebind.attacker.example'}), 403)
        expect(daemon.call(route.method, route.encoded, body, key=keys[ALL & ~route.scope]), 403)
        if route.is_disturbing:
            return
        plain = daemon.call(route.method, route.path, body)
        encoded = daemon.call(route.method, route.encoded, body)
        assert plain.status == encoded.status, f'{plain.status}, escaped {encoded.status}'
    each(check)


def hostile_paths():
    for tail in ('%2e%2e/settings', '..%2fsettings', '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
                 '..', '.', '%00', 'a%00b', '%', '%2', '%zz', '%ff', '%c0%af', '%ed%a0%80',
                 '\\..\\..\\x', 'a' * 1024, 'a' * 1025, 'a' * 30000, '%2F' * 300, '/' * 200,
                 'a/' * 2000, '%E2%80%AE', 'con', '-rf', '--', '$(id)', ';id', '|id', '`id`',
                 '%0d%0aX-Evil:%201', '%0a', "'--", '%27%20OR%201=1', '*', '?', '%25%32%65'):
        yield tail


@test('routes: hostile ids are refused or not found')
def hostile_ids():
    import os
    patterns = sorted({(r.method, r.pattern) for r in ROUTES if ':' in r.pattern})
    before = set(os.listdir(daemon.home))
    for method, pattern in patterns:
        for tail in hostile_paths():
            # The id in the middle and at the end, the other parameters as they are.
            target = pattern
            for part in pattern.split('/'):
                if part.startswith(':'):
                    target = target.replace(part, tail, 1)
                    break
            target = '/'.join('x' if p.startswith(':') else p for p in target.split('/'))
            if routes.DISTURBING.search(target):
                continue
            body = b'{}' if method in ('POST', 'PUT', 'PATCH') else None
            data = daemon.head(method, target, {'Connection': 'close'}, body=body) + (body or b'')
            out, _ = daemon.raw(data)
            status = dawire.statuses(out)
            assert status and status[0] < 500, f'{method} {target[:120]}: {out[:300]!r}'
            assert b'\r\nX-Evil' not in out and b'root:' not in out
    daemon.assert_alive()
    assert set(os.listdir(daemon.home)) == before, 'a file appeared outside of the data folder'


@test('SEC-25 every route keeps its guard under other spellings of the path')
def spellings():
    def check(route):
        for target in (route.path + '?', route.path + '?x=1&key=%s' % ('0' * 64),
                       route.path.upper(), route.path + '/', route.path + '/.',
                       route.path.replace('/v1', '/V1'), '/v1/..' + route.path,
                       '/.' + route.path, f'http://{daemon.host}{route.path}',
                       route.path + ';x=1', route.path + '%20', route.path + '%3F'):
            answer = daemon.call(route.method, target, body_of(route), key=None)
            expect(answer, 400, 401)
    each(check)


@test('SEC-07 a proxied request is not taken for a local one')
def proxied():
    guarded = dawire.Daemon(upstream=fake.base, args=[
        '--set', 'remoteServerOperatorAllowDeviceIds=["my-phone"]'])
    try:
        guarded.call('GET', '/v1/operator/status', headers={'X-Forwarded-For': '1.2.3.4'})
        entries = guarded.call('GET', '/v1/operator/audit').text
        assert 'device-access-denied' in entries, entries[:500]
        count = 0
        for route in ROUTES:
            if not route.guards_devices:
                continue
            count += 1
            for target in (route.path, route.encoded):
                for name in PROXY_HEADERS:
                    answer = guarded.call(route.method, target, body_of(route),
                                          headers={name: '127.0.0.1'})
                    assert answer.status == 403, f'{route} with {name}: {answer.status}'
                    answer = guarded.call(route.method, target, body_of(route), headers={
                        name: '127.0.0.1', 'X-Device-Id': 'other-phone'})
                    assert answer.status == 403, f'{route} with {name}: {answer.status}'
                    if route.is_disturbing:
                        continue
                    answer = guarded.call(route.method, target, body_of(route), headers={
                        name: '127.0.0.1', 'X-Device-Id': 'my-phone'})
                    assert answer.status != 403, f'{route} with {name} and a trusted device'
            if not route.is_disturbing and 'DELETE' != route.method:
                answer = guarded.call(route.method, route.path, body_of(route))
                assert answer.status != 403, f'{route} from here: {answer.status}'
        assert count > 20
        # Chat is not guarded by that list (contract 10 1.3).
        answer = guarded.call('GET', '/v1/models', headers={'X-Forwarded-For': '1.2.3.4'})
        assert answer.status == 200
    finally:
        guarded.stop()


@test('SEC-04 no route tells a page that is not listed anything')
def origins():
    listed = dawire.Daemon(upstream=fake.base, args=[
        '--set', 'remoteServerCorsOrigins=["https://good.example"]'])
    try:
        for route in ROUTES:
            for key in (True, None):
                answer = listed.call(route.method, route.path, body_of(route), key=key,
                                     headers={'Origin': 'https://evil.example'})
                assert answer.status == 403, f'{route}: {answer.status}'
                assert answer.get('access-control-allow-origin') is None
            answer = listed.call('OPTIONS', route.path, key=None, headers={
                'Origin': 'https://evil.example',
                'Access-Control-Request-Method': route.method})
            assert answer.get('access-control-allow-origin') is None
            answer = listed.call('OPTIONS', route.path, key=None, headers={
                'Origin': 'https://good.example',
                'Access-Control-Request-Method': route.method})
            assert answer.status == 204, answer.status
            assert answer.get('access-control-allow-origin') == 'https://good.example'
            assert answer.get('access-control-allow-credentials') is None
    finally:
        listed.stop()


fake = dawire.FakeLlm()
daemon = dawire.Daemon(upstream=fake.base, model='script:echo')
COMBINATIONS = [0, CHAT, MANAGE, OPERATOR, ALL & ~CHAT, ALL & ~MANAGE, ALL & ~OPERATOR, ALL]
keys = dict(zip(COMBINATIONS, daemon.add_devices([(f'Key {n}', n) for n in COMBINATIONS])))


@test('the server ends well after all of it')
def at_the_end():
    daemon.stop()
    fake.stop()


dawire.note(f'{len(ROUTES)} routes')
dawire.run()
