# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""The measures of bench.py that load the server, leave it alone or hang up on it: P9 to P12 and
P14 to P16."""

import json
import os
import re
import subprocess
import threading
import time

from benchlib import (API_KEY, Client, Sandbox, cpu_seconds, median, percentile, resident_kib,
                      stop, wake_ups)

TOKEN_MS = 20


# --- P9: streams ---------------------------------------------------------------------------------

def run_streams(port, box, pid=None):
    """What bench-streams saw, and how much memory the streams took."""
    before = resident_kib(pid) if pid else 0
    child = subprocess.Popen([os.environ['BENCH_STREAMS'], f'--port={port}', f'--key={API_KEY}',
                              '--seconds=15'], env=box.environment(), stdout=subprocess.PIPE)
    if child.stdout.readline() != b'open\n':
        raise RuntimeError('not all streams were opened')
    time.sleep(10)
    grown = resident_kib(pid) - before if pid else 0
    seen = json.loads(child.stdout.readline())
    child.wait()
    child.stdout.close()
    return seen, grown / 500


def measure_streams(results, out):
    ours, theirs, sizes = [], [], []
    with Sandbox() as box:
        for _ in range(3):
            provider = box.fake_llm(TOKEN_MS * 1000)
            daemon = box.daemon(provider)
            client = Client(daemon.port)
            client.chat('script:normal')
            client.answer()
            client.close()
            theirs.append(run_streams(provider.port, box)[0])
            seen, size = run_streams(daemon.port, box, daemon.pid)
            ours.append(seen)
            sizes.append(size)
            stop(daemon)
            stop(provider)
    worst = [seen['worst_ms'] - TOKEN_MS for seen in ours]
    results.row('P9', '500 streams, 50 active: longest gap added, median of runs', median(worst),
                'ms', 100)
    results.row('P9', '  added at p99 of all gaps', median([s['p99_ms'] for s in ours]) - TOKEN_MS,
                'ms')
    results.row('P9', '  longest gap added without us in between',
                median([s['worst_ms'] for s in theirs]) - TOKEN_MS, 'ms')
    results.row('P9', 'memory per stream', median(sizes), 'KiB', 48)
    results.detail('ours', ours)
    results.detail('direct', theirs)
    results.detail('kib', sizes)


# --- P10, P11, P12: the store --------------------------------------------------------------------

def timed_list(client, path, rounds):
    samples = []
    size = 0
    for _ in range(rounds):
        begun = time.perf_counter()
        size = len(client.get(path))
        samples.append((time.perf_counter() - begun) * 1000)
    return samples, size


def measure_list(results, out):
    from bench import copy_store
    with Sandbox() as box:
        daemon = box.daemon(data=copy_store(box, out))
        client = Client(daemon.port)
        timed_list(client, '/v1/conversations?limit=100', 5)
        some, some_size = timed_list(client, '/v1/conversations?limit=100', 201)
        every, every_size = timed_list(client, '/v1/conversations', 15)
    results.row('P10', 'GET /v1/conversations?limit=100 of 10,000, p50', median(some), 'ms', 5)
    results.row('P10', '  its size', some_size / 1024, 'KiB')
    results.row('P10', 'GET /v1/conversations, all 10,000, p50', median(every), 'ms', 150)
    results.row('P10', '  its size', every_size / 1024, 'KiB')
    results.detail('limit=100', {'p95': percentile(some, 0.95), 'max': max(some)})
    results.detail('all', {'p95': percentile(every, 0.95), 'max': max(every)})


# What bench-store prints, and what of it is a budget.
STORE_ROWS = (
    ('P11', r'P11 search, p50 of all', 'full-text search over 200,000 messages, p50', 'ms', 20),
    ('P11', r' +search, p95 of all', '  p95', 'ms', None),
    ('P12', r'one page written and fsynced, p50', "the machine's own fsync, p50", 'ms', None),
    ('P12', r'append one message durably, p50', 'append one message durably, p50', 'ms', None),
    ('P12', r"P12 append over the machine's fsync, p50", 'append over fsync', 'x', 2),
)


def measure_store(results, out):
    from bench import copy_store
    with Sandbox() as box:
        folder = copy_store(box, out)
        text = subprocess.run([os.environ['BENCH_STORE'], '10000', folder],
                              env=box.environment(), capture_output=True, text=True,
                              check=False).stdout
    for identity, pattern, measure, unit, budget in STORE_ROWS:
        found = re.search(rf'^{pattern} +([\d.]+)', text, re.M)
        if found is None:
            raise RuntimeError(f'bench-store did not tell: {pattern}\n{text}')
        results.row(identity, measure, float(found.group(1)), unit, budget)
    results.detail('output', text.splitlines())


# --- P14: idle -----------------------------------------------------------------------------------

def measure_idle(results, out):
    with Sandbox() as box:
        daemon = box.daemon(box.fake_llm())
        client = Client(daemon.port)
        client.get('/v1/models')
        client.chat('script:normal')
        client.answer()
        client.close()
        time.sleep(10)
        used, woken = cpu_seconds(daemon.pid), wake_ups(daemon.pid)
        time.sleep(60)
        used, woken = cpu_seconds(daemon.pid) - used, wake_ups(daemon.pid) - woken
    results.row('P14', 'idle, 60 s: processor', used / 60 * 100, '%', 0.1)
    results.row('P14', 'idle, 60 s: wake-ups of all threads', woken / 60, '1/s', 1)


# --- P15: hang-ups -------------------------------------------------------------------------------

def stats(client):
    return json.loads(client.get('/__stats'))


def hang_up_once(provider, daemon, watcher):
    """Milliseconds from a script's disconnect until the provider's connection is closed."""
    before = stats(watcher)['closedEarly']
    client = Client(daemon.port)
    client.chat('script:never-ending', f'Question {time.time()}')
    client.read_head()
    for _ in zip(range(5), client.chunks()):
        pass
    begun = time.perf_counter()
    client.close()
    while stats(watcher)['closedEarly'] == before:
        if time.perf_counter() - begun > 20:
            raise RuntimeError('the provider was never let go')
        time.sleep(0.001)
    return (time.perf_counter() - begun) * 1000


def pair(daemon):
    """A key of a device, and its id. The pairing code needs an address that others reach."""
    desktop = Client(daemon.port)
    status, _, body = desktop.request('POST', '/v1/operator/devices/pairing',
                                      {'address': '127.0.0.1'})
    if status != 200:
        raise RuntimeError(f'no pairing code: {status} {body[:300]!r}')
    code = json.loads(body)
    found = re.search(r'(?:apiKey|key)=([^&"]+)', code['link'])
    desktop.close()
    return found.group(1), code['deviceId']


def revoke_once(daemon):
    """Milliseconds from the request that revokes a device until its stream is closed."""
    key, identity = pair(daemon)
    phone = Client(daemon.port, key=key, agent='okhttp/4.12.0')
    phone.chat('script:never-ending', f'Question {time.time()}')
    phone.read_head()
    for _ in zip(range(5), phone.chunks()):
        pass
    closed = []

    def wait():
        try:
            for _ in phone.chunks():
                pass
        except (ConnectionError, OSError):
            pass
        closed.append(time.perf_counter())

    watcher = threading.Thread(target=wait)
    watcher.start()
    desktop = Client(daemon.port)
    begun = time.perf_counter()
    status, _, body = desktop.request('DELETE', f'/v1/operator/devices/{identity}')
    if status != 200:
        raise RuntimeError(f'not revoked: {status} {body[:300]!r}')
    watcher.join()
    desktop.close()
    return (closed[0] - begun) * 1000


def measure_hang_up(results, out):
    with Sandbox() as box:
        provider = box.fake_llm(5000)
        daemon = box.daemon(provider)
        watcher = Client(provider.port)
        gone = [hang_up_once(provider, daemon, watcher) for _ in range(30)]
        revoked = [revoke_once(daemon) for _ in range(10)]
        watcher.close()
    results.row('P15', 'a script hangs up: upstream request closed, worst of 30', max(gone), 'ms',
                250)
    results.row('P15', '  median', median(gone), 'ms')
    results.row('P15', 'a device is revoked: its stream closed, worst of 10', max(revoked), 'ms',
                1000)
    results.row('P15', '  median', median(revoked), 'ms')


# --- P16: overload -------------------------------------------------------------------------------

def refused_once(port, status, **how):
    """Milliseconds from connecting to the whole answer."""
    begun = time.perf_counter()
    client = Client(port, **how)
    client.send('GET', '/v1/models')
    got, headers = client.read_head()
    client.read_body(headers)
    taken = (time.perf_counter() - begun) * 1000
    client.close()
    if got != status or not headers.get('retry-after', '').isdigit():
        raise RuntimeError(f'{got} instead of {status}, Retry-After: {headers.get("retry-after")}')
    return taken


def refused_stream(port):
    client = Client(port)
    begun = time.perf_counter()
    client.chat('script:stall')
    got, headers = client.read_head()
    client.read_body(headers)
    taken = (time.perf_counter() - begun) * 1000
    client.close()
    if got != 503 or not headers.get('retry-after', '').isdigit():
        raise RuntimeError(f'{got} instead of 503')
    return taken


def measure_overload(results, out):
    with Sandbox() as box:
        daemon = box.daemon(box.fake_llm())
        idle = [Client(daemon.port) for _ in range(1000)]
        # Until all of them have been accepted: it is the crowd that is measured, not its coming.
        time.sleep(1)
        crowd = [refused_once(daemon.port, 503) for _ in range(100)]
        for client in idle:
            client.close()
        time.sleep(0.5)
        streams = [Client(daemon.port) for _ in range(700)]
        for number, client in enumerate(streams):
            client.chat('script:stall', f'Stream {number}')
        for client in streams:
            client.read_head()
        time.sleep(1)
        full = [refused_stream(daemon.port) for _ in range(100)]
        for client in streams:
            client.close()
        for _ in range(20):
            wrong = Client(daemon.port, key='0' * 64, source='127.0.0.2')
            wrong.request('GET', '/v1/models')
            wrong.close()
        locked = [refused_once(daemon.port, 429, source='127.0.0.2') for _ in range(100)]
    for samples, what in ((crowd, '503 to the 1,001st connection'),
                          (full, '503 to the 701st stream'),
                          (locked, '429 after 20 wrong keys')):
        results.row('P16', f'{what}, p95 of 100', percentile(samples, 0.95), 'ms', 50)
        results.row('P16', '  worst', max(samples), 'ms')
