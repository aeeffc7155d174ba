# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""The world goes wrong: full disk, folders that cannot be written, locks, clocks, providers that
die, no descriptors."""

import json
import os
import pwd
import resource
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'security'))
import dawire    # noqa: E402
from dawire import test    # noqa: E402

FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'
fake = dawire.FakeLlm()


def post(daemon, text, timeout=20):
    return daemon.call('POST', '/v1/conversations', {
        'messages': [{'role': 'user', 'content': text}]}, timeout=timeout)


def integrity(daemon):
    database = sqlite3.connect(daemon.database())
    assert database.execute('PRAGMA integrity_check').fetchall() == [('ok',)]
    database.close()


def need_root():
    if os.geteuid() != 0:
        raise dawire.Skip('needs root')


@test('a full disk: 507, nothing half-written, and it works again when there is room')
def full_disk():
    need_root()
    folder = tempfile.mkdtemp(prefix='da-full-')
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder],
                      check=False).returncode != 0:
        raise dawire.Skip('no tmpfs can be mounted here')
    daemon = None
    try:
        daemon = dawire.Daemon(upstream=fake.base, model='script:echo',
                               data_dir=os.path.join(folder, 'data'))
        kept = [post(daemon, f'before {n}').json['id'] for n in range(5)]
        filler = os.path.join(folder, 'filler')
        with open(filler, 'wb', buffering=0) as file:
            try:
                while True:
                    file.write(b'x' * 4096)
            except OSError:
                pass
        seen = set()
        for n in range(12):
            answer = post(daemon, 'y' * 300000)
            seen.add(answer.status)
            assert answer.status in (201, 507), f'{answer.status} {answer.text}'
            if answer.status == 201:
                kept.append(answer.json['id'])
        assert 507 in seen, seen
        answer = daemon.call('PUT', f'/v1/conversations/{kept[0]}', {
            'messages': [{'role': 'user', 'content': 'before 0'},
                         {'role': 'user', 'content': 'z' * 400000}]})
        assert answer.status == 507, answer.status
        assert isinstance(answer.error, str)
        answer = daemon.call('POST', '/v1/chat/completions', {
            'model': 'script:echo', 'conversation_id': kept[1],
            'messages': [{'role': 'user', 'content': 'w' * 400000}]})
        assert answer.status in (507, 500), f'{answer.status} {answer.text[:200]}'
        # Reading goes on, and shows what was acknowledged and nothing else.
        there = [c['id'] for c in daemon.call('GET', '/v1/conversations').json['conversations']]
        assert sorted(there) == sorted(kept), f'{len(there)} are there, {len(kept)} were kept'
        assert len(daemon.call('GET', f'/v1/conversations/{kept[0]}').json['messages']) == 1
        os.unlink(filler)
        answer = dawire.until(lambda: (a := post(daemon, 'after')).status == 201 and a,
                              'writing to work again')
        kept.append(answer.json['id'])
        answer = daemon.call('POST', '/v1/chat/completions', {
            'model': 'script:echo', 'conversation_id': kept[1],
            'messages': [{'role': 'user', 'content': 'again'}]})
        assert answer.status == 200, answer.text
        daemon.restart()
        there = [c['id'] for c in daemon.call('GET', '/v1/conversations').json['conversations']]
        assert sorted(there) == sorted(kept)
        daemon.is_own_home = True
        daemon.stop()
        integrity(daemon)
    finally:
        if daemon is not None and not daemon.is_stopped:
            daemon.kill()
        subprocess.run(['umount', '-l', folder], check=False)
        os.rmdir(folder)


@test('a data folder that cannot be written: told at once, exit status 5')
def read_only():
    need_root()
    folder = tempfile.mkdtemp(prefix='da-ro-')
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', folder],
                      check=False).returncode != 0:
        raise dawire.Skip('no tmpfs can be mounted here')
    try:
        data = os.path.join(folder, 'data')
        daemon = dawire.Daemon(upstream=fake.base, data_dir=data)
        kept = post(daemon, 'before').json['id']
        daemon.stop()
        subprocess.run(['mount', '-o', 'remount,ro', folder], check=True)
        daemon = dawire.Daemon(upstream=fake.base, data_dir=data, start=False)
        try:
            daemon.launch()
        except AssertionError as error:
            text = str(error)
            assert 'ended at once (5)' in text, text
            assert not dawire.FAULT.search(text), text
            daemon.is_stopped = True
        else:
            daemon.stop()
            raise AssertionError('it started on a folder it cannot write')
        shutil.rmtree(daemon.home)
        subprocess.run(['mount', '-o', 'remount,rw', folder], check=True)
        daemon = dawire.Daemon(upstream=fake.base, data_dir=data)
        assert daemon.call('GET', f'/v1/conversations/{kept}').status == 200
        daemon.stop()
    finally:
        subprocess.run(['umount', '-l', folder], check=False)
        os.rmdir(folder)


@test('folders of another user: refused writes are told, nothing is lost')
def other_user():
    need_root()
    user = pwd.getpwnam('nobody')
    home = tempfile.mkdtemp(prefix='da-nobody-')

    # The build may lie in a folder that only its owner can enter.
    binary = os.path.join(home, 'dotagentsd')
    shutil.copy(dawire.DOTAGENTSD, binary)
    os.chmod(binary, 0o755)

    def drop():
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    daemon = dawire.Daemon(upstream=fake.base, home=home, preexec=drop, start=False,
                           model='script:echo', binary=binary)
    os.chown(home, user.pw_uid, user.pw_gid)
    os.chown(os.path.join(home, 'run'), user.pw_uid, user.pw_gid)
    try:
        daemon.launch()
        kept = post(daemon, 'before').json['id']
        os.makedirs(os.path.join(home, '.agents'), exist_ok=True)
        os.chown(os.path.join(home, '.agents'), 0, 0)
        os.chmod(os.path.join(home, '.agents'), 0o555)
        answer = daemon.call('PATCH', '/v1/settings', {'dualModelEnabled': True})
        assert answer.status >= 400, f'{answer.status}: a setting was "stored" where none can be'
        assert answer.status < 600 and isinstance(answer.error, str)
        after = daemon.call('GET', '/v1/settings').json
        assert after.get('dualModelEnabled') is not True, 'a setting that was refused shows'
        assert post(daemon, 'after').status == 201
        assert daemon.call('GET', f'/v1/conversations/{kept}').status == 200
        daemon.stop()
    finally:
        if not daemon.is_stopped:
            daemon.kill()
        shutil.rmtree(home, ignore_errors=True)


@test('a database that another program locks: 503 or a wait, never a lost write')
def locked():
    daemon = dawire.Daemon(upstream=fake.base, model='script:echo')
    kept = [post(daemon, 'before').json['id']]
    other = sqlite3.connect(daemon.database(), timeout=0.2, isolation_level=None)
    try:
        other.execute('BEGIN IMMEDIATE')
    except sqlite3.OperationalError as error:
        dawire.note(f'no other program can lock it: {error}')
    else:
        answers = []

        def write():
            answers.append(post(daemon, 'while locked', timeout=60))
        thread = threading.Thread(target=write)
        thread.start()
        time.sleep(1)
        begin = time.monotonic()
        assert daemon.call('GET', '/v1/models').status == 200
        assert time.monotonic() - begin < 1, 'the main loop waits for the lock'
        assert daemon.call('GET', f'/v1/conversations/{kept[0]}').status == 200
        thread.join(45)
        if not answers:
            other.execute('ROLLBACK')
            thread.join(20)
            assert answers and answers[0].status == 201, answers
            dawire.note('the write waited for the lock')
        else:
            assert answers[0].status in (503, 500), answers[0].status
            dawire.note(f'while locked: {answers[0].status} {answers[0].text}')
            assert answers[0].status == 503, answers[0].text
            other.execute('ROLLBACK')
        if answers[0].status == 201:
            kept.append(answers[0].json['id'])
    other.close()
    answer = dawire.until(lambda: (a := post(daemon, 'after')).status == 201 and a, 'a write')
    kept.append(answer.json['id'])
    there = [c['id'] for c in daemon.call('GET', '/v1/conversations').json['conversations']]
    assert sorted(there) == sorted(kept), f'{there} and {kept}'
    # A second program on the same folder is turned away.
    second = dawire.Daemon(upstream=fake.base, home=daemon.home, start=False)
    second.is_stopped = True
    ready = os.path.join(daemon.home, 'second')
    child = subprocess.run([dawire.DOTAGENTSD, '--port', '0', '--no-keyring', '--ready-file',
                            ready],
                           env=dawire.clean_environment(daemon.home, {}), timeout=30, check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert child.returncode == 3, f'{child.returncode}: {child.stdout.decode()}'
    daemon.assert_alive()
    daemon.stop()


@test('a clock that is turned back an hour: order, answers and time-outs stay')
def clock_back():
    if not os.path.exists(FAKETIME):
        raise dawire.Skip('libfaketime is not installed')
    if dawire.is_sanitized():
        raise dawire.Skip('a sanitizer and libfaketime do not share a process')
    folder = tempfile.mkdtemp(prefix='da-clock-')
    path = os.path.join(folder, 'time')

    def set_time(text):
        with open(path + '.new', 'w', encoding='ascii') as file:
            file.write(text + '\n')
        os.rename(path + '.new', path)
    set_time('+0')
    daemon = dawire.Daemon(upstream=fake.base, model='script:echo', env={
        'LD_PRELOAD': FAKETIME, 'FAKETIME_TIMESTAMP_FILE': path, 'FAKETIME_NO_CACHE': '1',
        'FAKETIME_DONT_FAKE_MONOTONIC': '1', 'DONT_FAKE_MONOTONIC': '1'})
    created = post(daemon, 'first').json
    before = daemon.call('GET', '/v1/conversations').json['conversations'][0]['updatedAt']
    set_time('-3600')
    time.sleep(0.2)
    said = []
    for n in range(5):
        answer = daemon.call('POST', '/v1/chat/completions', {
            'model': 'script:echo', 'conversation_id': created['id'],
            'messages': [{'role': 'user', 'content': f'after {n}'}]})
        assert answer.status == 200, answer.text
        said += [f'after {n}', answer.json['choices'][0]['message']['content']]
    got = daemon.call('GET', f'/v1/conversations/{created["id"]}').json
    assert [m['content'] for m in got['messages']] == ['first'] + said, got['messages']
    times = [m['timestamp'] for m in got['messages']]
    dawire.note(f'times of the messages: {[t - times[0] for t in times]}')
    assert got['updatedAt'] >= before, 'the conversation moved into the past'
    # A wrong key counts by the other clock.
    for n in range(20):
        daemon.call('GET', '/v1/models', key=f'{n:064x}', source='127.0.0.77')
    answer = daemon.call('GET', '/v1/models', source='127.0.0.77')
    assert answer.status == 429 and 0 < int(answer.get('retry-after')) <= 60
    set_time('+86400')
    assert daemon.call('GET', '/v1/models', source='127.0.0.77').status == 429
    sock = daemon.connect(timeout=5)
    sock.sendall(daemon.head('GET', '/v1/models'))
    reader = dawire.Reader(sock)
    assert reader.answer().status == 200
    set_time('-86400')
    sock.sendall(daemon.head('GET', '/v1/models'))
    assert reader.answer().status == 200, 'an idle connection ended with the clock'
    sock.close()
    set_time('+0')
    daemon.restart()
    assert daemon.call('GET', f'/v1/conversations/{created["id"]}').status == 200
    daemon.stop()
    shutil.rmtree(folder)


class DyingProvider:
    """Answers each chat with a stream that is cut after as many bytes as the model's name says."""

    def __init__(self):
        self.listener = socket.create_server(('127.0.0.1', 0), backlog=512)
        self.base = f'http://127.0.0.1:{self.listener.getsockname()[1]}/v1'
        threading.Thread(target=self.accept, daemon=True).start()
        head = (b'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n'
                b'Transfer-Encoding: chunked\r\n\r\n')
        events = [b'{"choices":[{"index":0,"delta":{"content":"H\xc3\xa4l"}}]}',
                  b'{"choices":[{"index":0,"delta":{"content":"lo"}}]}',
                  b'{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}', b'[DONE]']
        frames = [b'data: ' + event + b'\n\n' for event in events]
        self.whole = head + b''.join(b'%x\r\n%s\r\n' % (len(f), f) for f in frames) + b'0\r\n\r\n'

    def accept(self):
        while True:
            sock, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        try:
            data = b''
            while b'\r\n\r\n' not in data:
                piece = sock.recv(65536)
                if not piece:
                    return
                data += piece
            head, _, body = data.partition(b'\r\n\r\n')
            length = 0
            for line in head.split(b'\r\n'):
                if line.lower().startswith(b'content-length:'):
                    length = int(line.split(b':')[1])
            while len(body) < length:
                body += sock.recv(65536)
            if not head.startswith(b'POST'):
                listing = json.dumps({'object': 'list', 'data': [
                    {'id': f'cut-{n}-{how}', 'object': 'model'} for how in ('fin', 'reset')
                    for n in range(len(self.whole) + 1)]}).encode()
                sock.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
                             b'Connection: close\r\nContent-Length: %d\r\n\r\n%s'
                             % (len(listing), listing))
                return
            _, offset, how = json.loads(body)['model'].split('-')
            sock.sendall(self.whole[:int(offset)])
            if how == 'reset':
                time.sleep(0.02)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        except (OSError, ValueError):
            pass
        finally:
            sock.close()


@test('a provider that dies at every byte of its stream: an answer or an error, never a wait')
def dying_provider():
    provider = DyingProvider()
    daemon = dawire.Daemon(upstream=provider.base, model='cut-0-fin')
    assert len(daemon.call('GET', '/v1/models').json['data']) > 100
    offsets = range(0, len(provider.whole) + 1, 7 if dawire.is_sanitized() else 1)
    work = [(offset, how, stream) for offset in offsets for how in ('fin', 'reset')
            for stream in ((True, False) if offset % 5 == 0 else (True,))]
    results = {}
    failures = []
    lock = threading.Lock()

    def go():
        while True:
            with lock:
                if not work:
                    return
                offset, how, stream = work.pop()
            try:
                body = json.dumps({'model': f'cut-{offset}-{how}', 'stream': stream, 'store': False,
                                   'messages': [{'role': 'user', 'content': 'x'}]}).encode()
                sock = daemon.connect(timeout=90)
                sock.sendall(daemon.head('POST', '/v1/chat/completions', {'Connection': 'close'},
                                         body=body) + body)
                answer = dawire.Reader(sock).answer()
                sock.close()
                assert answer is not None, 'no answer at all'
                if stream and answer.status == 200:
                    assert b'data: [DONE]' in answer.body, f'no end: {answer.body[-200:]!r}'
                    frames = [line[6:] for line in answer.text.split('\n')
                              if line.startswith('data: {')]
                    parsed = [json.loads(frame) for frame in frames]
                    kind = 'error' if any('error' in p for p in parsed) else 'whole'
                    if kind == 'whole':
                        assert 'Häl' in answer.text, f'neither text nor error: {answer.text[:500]}'
                elif answer.status == 200:
                    assert answer.json['choices'][0]['message']['content'] == 'Hällo', answer.text
                    kind = 'whole'
                else:
                    assert answer.status in (502, 504, 500, 503), answer.status
                    assert answer.error
                    kind = str(answer.status)
                with lock:
                    results[kind] = results.get(kind, 0) + 1
            except Exception as error:    # pylint: disable=broad-except
                with lock:
                    failures.append(f'{offset} {how} stream={stream}: {error!r}'[:400])
    threads = [threading.Thread(target=go, daemon=True) for _ in range(128)]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(1, 150 - (time.monotonic() - begin)))
    assert not any(t.is_alive() for t in threads), f'somebody still waits; done: {results}'
    dawire.note(f'{results} in {time.monotonic() - begin:.0f} s')
    assert not failures, f'{len(failures)}:\n' + '\n'.join(failures[:10])
    assert results.get('whole', 0) >= 2
    daemon.assert_alive()
    daemon.stop()


@test('no file descriptors left: callers are told 503, and it recovers')
def descriptors():
    limit = 90

    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    daemon = dawire.Daemon(upstream=fake.base, model='script:echo', preexec=few)
    kept = post(daemon, 'before').json['id']
    socks = []
    told = 0
    for _ in range(150):
        sock = daemon.connect(timeout=1)
        socks.append(sock)
    for sock in socks[-30:]:
        try:
            answer = dawire.Reader(sock).answer()
        except TimeoutError:
            answer = None
        if answer is not None:
            assert answer.status == 503, answer.status
            assert answer.error and answer.get('retry-after')
            told += 1
    assert told > 20, f'{told} of 30 were told'
    # Those that are in are served, as far as that needs no descriptor.
    socks[0].settimeout(10)
    socks[0].sendall(daemon.head('GET', '/v1/models'))
    assert dawire.Reader(socks[0]).answer().status == 200
    body = b'{"messages":[{"role":"user","content":"with none left"}]}'
    socks[1].settimeout(10)
    socks[1].sendall(daemon.head('POST', '/v1/conversations', body=body) + body)
    answer = dawire.Reader(socks[1]).answer()
    assert answer is not None and answer.status in (201, 500, 503, 507), answer.status
    for sock in socks:
        sock.close()
    dawire.until(lambda: daemon.call('GET', '/v1/models').status == 200, 'a place')
    assert post(daemon, 'after').status == 201
    assert daemon.call('GET', f'/v1/conversations/{kept}').status == 200
    answer = daemon.call('POST', '/v1/chat/completions', {
        'model': 'script:echo', 'messages': [{'role': 'user', 'content': 'x'}]})
    assert answer.status == 200
    daemon.stop()


@test('the provider of the other tests ends')
def at_the_end():
    fake.stop()


dawire.run()
