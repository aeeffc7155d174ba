#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""Measures the programs from outside against their budgets (docs/performance.md).

bench.py MEASURE --out FOLDER    takes one measure, writes FOLDER/MEASURE.json
bench.py table --out FOLDER      prints what was measured so far

Started by "meson test --benchmark"; the environment names the programs (DOTAGENTSD, FAKE_LLM,
BENCH_STORE, BENCH_BARE_SOUP, BENCH_STREAMS, and for the window DOTAGENTS, BENCH_DISPLAY and
BENCH_BARE_WINDOW). Figures that are compared are taken in turns within one run, because machines
are noisy; a measure fails when one of its budgets is not met.
"""

import argparse
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time

import benchdesktop
import benchload
from benchlib import (Client, Results, Sandbox, cpu_seconds, format_row, median, percentile,
                      private_kib, resident_kib, stop, stored_key)

CONVERSATIONS = 10000
APP = 'okhttp/4.12.0'


# --- P1, P2: start -------------------------------------------------------------------------------

def start_once(box, data, key):
    """Milliseconds from exec to the first 200."""
    daemon = box.daemon(data=data, key=key)
    client = Client(daemon.port, key or stored_key(data))
    client.get('/v1/operator/health')
    taken = (time.monotonic() - daemon.begun) * 1000
    client.close()
    stop(daemon)
    return taken


def big_store(out):
    """The folder of a database with 10,000 conversations; made once for a build folder."""
    folder = os.path.join(out, f'store-{CONVERSATIONS}')
    if not os.path.exists(os.path.join(folder, 'complete')):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([os.environ['BENCH_STORE'], str(CONVERSATIONS), folder, 'nothing'],
                       stdout=subprocess.DEVNULL, check=False)
        with open(os.path.join(folder, 'complete'), 'w', encoding='ascii'):
            pass
    return folder


def copy_store(box, out):
    data = box.path('big')
    if not os.path.exists(data):
        shutil.copytree(big_store(out), data)
    return data


def measure_start(results, out):
    with Sandbox() as box:
        start_once(box, box.new_folder(), None)
        fresh, again, large, plain = [], [], [], []
        data = box.new_folder()
        big = copy_store(box, out)
        start_once(box, data, None)
        start_once(box, big, None)
        for _ in range(15):
            fresh.append(start_once(box, box.new_folder(), None))
            again.append(start_once(box, data, None))
            large.append(start_once(box, big, None))
            begun = time.monotonic()
            subprocess.run([os.environ['DOTAGENTSD'], '--version'], env=box.environment(),
                           stdout=subprocess.DEVNULL, check=True)
            plain.append((time.monotonic() - begun) * 1000)
    results.row('P1', 'exec to first 200, new data folder, median', median(fresh), 'ms', 100)
    results.row('P1', '  second start in that folder, median', median(again), 'ms', 100)
    results.row('P1', '  for comparison: dotagentsd --version', median(plain), 'ms')
    results.row('P2', f'exec to first 200, {CONVERSATIONS:,} conversations, median',
                median(large), 'ms', 250)
    results.row('P2', '  over the same with no conversations', median(large) / median(again), 'x')
    results.detail('fresh', fresh)
    results.detail('again', again)
    results.detail('large', large)


# --- P4: memory ----------------------------------------------------------------------------------

def use(daemon, requests, chats):
    client = Client(daemon.port)
    app = Client(daemon.port, agent=APP)
    for number in range(requests):
        client.get(('/v1/models', '/v1/conversations?limit=20', '/v1/operator/health')[number % 3])
    for number in range(chats):
        one = client if number % 2 == 0 else app
        one.chat('script:normal', f'Question {number}.')
        one.answer()
    client.close()
    app.close()


def measure_memory(results, out):
    with Sandbox() as box:
        daemon = box.daemon(box.fake_llm())
        time.sleep(1)
        idle = resident_kib(daemon.pid)
        private = private_kib(daemon.pid)
        sizes = [idle]
        use(daemon, 100, 10)
        warm = resident_kib(daemon.pid)
        for _ in range(5):
            use(daemon, 2000, 200)
            time.sleep(0.5)
            sizes.append(resident_kib(daemon.pid))
        end_private = private_kib(daemon.pid)
    results.row('P4', 'resident, idle', idle / 1024, 'MiB', 20)
    results.row('P4', '  of it private', private / 1024, 'MiB')
    results.row('P4', 'growth over 10,000 requests and 1,000 chats', (sizes[-1] - warm) / 1024,
                'MiB', 2)
    results.row('P4', '  from the first request on, code read in counted too',
                (sizes[-1] - idle) / 1024, 'MiB')
    results.row('P4', '  of it private', (end_private - private) / 1024, 'MiB')
    results.row('P4', '  within the last fifth', (sizes[-1] - sizes[-2]) / 1024, 'MiB')
    results.detail('resident_kib', sizes)
    results.detail('warm_kib', warm)


# --- P6: throughput ------------------------------------------------------------------------------

def requests_per_second(port, path, seconds):
    argv = ['wrk', '-t1', '-c32', f'-d{seconds}s', '-H', 'Authorization: Bearer ' + 'be' * 32,
            f'http://127.0.0.1:{port}{path}']
    text = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    if 'Non-2xx' in text or 'Socket errors' in text:
        raise RuntimeError(text)
    return float(re.search(r'Requests/sec:\s+([\d.]+)', text).group(1))


def measure_throughput(results, out):
    with Sandbox() as box:
        daemon = box.daemon(box.fake_llm())
        client = Client(daemon.port)
        status, headers, body = client.request('GET', '/v1/models')
        client.close()
        if status != 200:
            raise RuntimeError(f'/v1/models: {status}')
        with open(box.path('body'), 'wb') as stream:
            stream.write(body)
        # The same header lines too; those that libsoup writes itself it writes for both.
        arguments = [f'--header={name}: {value}' for name, value in headers.items()
                     if name not in ('date', 'content-length', 'content-type')]
        bare = box.helper('BENCH_BARE_SOUP', f'--body={box.path("body")}',
                          f'--type={headers["content-type"]}', *arguments)
        ours, theirs, our_cost, their_cost = [], [], [], []
        for port in (daemon.port, bare.port):
            requests_per_second(port, '/v1/models', 1)
        for number in range(25):
            pair = [(ours, our_cost, daemon), (theirs, their_cost, bare)]
            for samples, costs, server in pair if number % 2 == 0 else reversed(pair):
                used = cpu_seconds(server.pid)
                samples.append(requests_per_second(server.port, '/v1/models', 1))
                costs.append((cpu_seconds(server.pid) - used) * 1e6 / samples[-1])
    ratio = median([a / b for a, b in zip(ours, theirs)])
    results.row('P6', 'GET /v1/models, 32 connections', median(ours), '1/s')
    results.row('P6', '  a bare libsoup server with the same answer', median(theirs), '1/s')
    results.row('P6', 'ratio, median of pairs', ratio, '', 0.90, least=True)
    results.row('P6', '  processor time of a request, ours', median(our_cost), 'us')
    results.row('P6', '  processor time of a request, bare', median(their_cost), 'us')
    results.detail('ours', ours)
    results.detail('bare', theirs)


# --- P7: time to first token ---------------------------------------------------------------------

def first_token(client, **more):
    # Other words each time: the same ones again would be taken for a repeated post.
    question = f'Question {time.perf_counter()}'
    begun = time.perf_counter()
    client.chat('script:tokens-10000', question, **more)
    first, _ = client.answer()
    return (first - begun) * 1000


def measure_first_token(results, out):
    direct, relayed, known = [], [], []
    with Sandbox() as box:
        provider = box.fake_llm(script='tokens-5')
        daemon = box.daemon(provider)
        straight, script, app = (Client(provider.port), Client(daemon.port),
                                 Client(daemon.port, agent=APP))
        for number in range(420):
            samples = [(straight, direct, {}), (script, relayed, {})]
            if number % 3 == 0:
                samples.append((app, known, {'conversation_id': f'conv_{number // 60}_bench'}))
            for client, into, more in samples:
                value = first_token(client, **more)
                if number >= 20:
                    into.append(value)
        fsync = fsync_ms(box.path('probe'))
    results.row('P7', 'first token straight from the provider, p50', median(direct), 'ms')
    results.row('P7', 'added by us, p50', median(relayed) - median(direct), 'ms', 2)
    results.row('P7', 'added by us, p99', percentile(relayed, 0.99) - percentile(direct, 0.99),
                'ms', 10)
    results.row('P7', '  the app, in a conversation of up to 40 messages, p50',
                median(known) - median(direct), 'ms')
    results.row('P7', '  for comparison: one page written and fsynced, p50', fsync, 'ms')
    for name, samples in (('direct', direct), ('relayed', relayed), ('app', known)):
        results.detail(name, {'p50': median(samples), 'p95': percentile(samples, 0.95),
                              'p99': percentile(samples, 0.99), 'max': max(samples),
                              'n': len(samples)})


def fsync_ms(path):
    samples = []
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    for _ in range(100):
        begun = time.perf_counter()
        os.write(descriptor, b'x' * 4096)
        os.fsync(descriptor)
        samples.append((time.perf_counter() - begun) * 1000)
    os.close(descriptor)
    return median(samples)


# --- P8: per token -------------------------------------------------------------------------------

def per_token(box, delay_us, tokens, rounds):
    """Microseconds of processor time per token, of each round."""
    daemon = box.daemon(box.fake_llm(delay_us))
    client = Client(daemon.port)
    client.chat('script:normal')
    client.answer()
    samples = []
    frames = 0
    for _ in range(rounds):
        before = cpu_seconds(daemon.pid)
        client.chat(f'script:tokens-{tokens}')
        _, frames = client.answer()
        samples.append((cpu_seconds(daemon.pid) - before) * 1e6 / tokens)
    client.close()
    stop(daemon)
    return samples, frames


def bytes_received(box, delay_us, agent):
    """Bytes for answers of 1,000 to 8,000 tokens, all at once."""
    clients = {}
    for size in (1000, 2000, 4000, 8000):
        daemon = box.daemon(box.fake_llm(delay_us, f'tokens-{size}'))
        clients[size] = Client(daemon.port, agent=agent)
    for client in clients.values():
        client.chat('script:normal')
    received = {}
    for size, client in clients.items():
        client.answer()
        received[size] = client.received
        client.close()
    box.stop_all()
    return received


def measure_per_token(results, out):
    with Sandbox() as box:
        slow, floor = [], []
        for _ in range(3):
            samples, slow_frames = per_token(box, 1000, 10000, 1)
            slow += samples
            floor.append(float(subprocess.run([os.environ['BENCH_BARE_RELAY'], '10000', '1000'],
                                              capture_output=True, check=True).stdout))
        fast, fast_frames = per_token(box, 0, 10000, 7)
        results.row('P8', 'processor time per token, 1,000 tokens/s', median(slow), 'us', 50)
        results.row('P8', '  a process that only waits, receives and sends', median(floor), 'us')
        results.row('P8', '  frames for the 10,000 tokens', slow_frames, '')
        results.row('P8', 'processor time per token, full speed', median(fast), 'us', 50)
        results.row('P8', '  frames for the 10,000 tokens', fast_frames, '')
        for name, agent in (('script', 'curl/8'), ('app', APP)):
            for delay in (0, 1000):
                sizes = bytes_received(box, delay, agent)
                pace = '1,000 tokens/s' if delay else 'full speed'
                # A figure of n * log n or worse would show as more than this over three doublings.
                growth = (sizes[8000] / 8000) / (sizes[1000] / 1000)
                results.row('P8', f'bytes per token, 8,000 over 1,000 tokens, {name}, {pace}',
                            growth, 'x', 1.5)
                results.detail(f'bytes {name} {pace}', sizes)
        results.detail('slow', slow)
        results.detail('floor', floor)
        results.detail('fast', fast)


# --- the table -----------------------------------------------------------------------------------

def print_table(out):
    rows = []
    for path in glob.glob(os.path.join(out, '*.json')):
        with open(path, encoding='utf-8') as stream:
            rows += json.load(stream)['rows']
    rows.sort(key=lambda row: int(row['id'][1:]))
    for row in rows:
        print(format_row(row))
    return 0


MEASURES = {
    'start': measure_start,
    'memory': measure_memory,
    'throughput': measure_throughput,
    'first-token': measure_first_token,
    'per-token': measure_per_token,
    'streams': benchload.measure_streams,
    'list': benchload.measure_list,
    'store': benchload.measure_store,
    'idle': benchload.measure_idle,
    'hang-up': benchload.measure_hang_up,
    'overload': benchload.measure_overload,
    'first-frame': benchdesktop.measure_first_frame,
    'desktop-memory': benchdesktop.measure_desktop_memory,
    'main-loop': benchdesktop.measure_main_loop,
    'long-conversation': benchdesktop.measure_long_conversation,
}


def main():
    parser = argparse.ArgumentParser(description='Measures the programs against their budgets.')
    parser.add_argument('measure', choices=[*MEASURES, 'table'])
    parser.add_argument('--out', required=True, help='folder for the results')
    options = parser.parse_args()
    if options.measure == 'table':
        return print_table(options.out)
    os.makedirs(options.out, exist_ok=True)
    results = Results(options.measure, options.out)
    MEASURES[options.measure](results, options.out)
    return results.finish()


if __name__ == '__main__':
    sys.exit(main())
