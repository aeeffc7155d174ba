#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""A day with dotagentsd under valgrind: start, chats, list, search, a device that is revoked, stop.

valgrind-chat.py BUILD     (a build without sanitizers: they do not share a process)

Ends with 0 when valgrind found no error and no leak; else its whole report is printed.
"""

import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    if len(sys.argv) != 2 or not shutil.which('valgrind'):
        sys.exit('usage: valgrind-chat.py BUILD; needs valgrind')
    build = os.path.abspath(sys.argv[1])
    os.environ['DOTAGENTSD'] = os.path.join(build, 'src', 'app', 'dotagentsd')
    os.environ['FAKE_LLM'] = os.path.join(build, 'tests', 'lib', 'fake-llm')
    sys.path.insert(0, os.path.join(HERE, '..', 'wire', 'security'))
    import dawire    # pylint: disable=import-outside-toplevel

    if dawire.is_sanitized():
        sys.exit(f'{build} is a sanitizer build')
    dawire.START_LIMIT = dawire.STOP_LIMIT = 120
    fake = dawire.FakeLlm()
    daemon = dawire.Daemon(
        upstream=fake.base, model='script:normal', start=False,
        env={'G_SLICE': 'always-malloc', 'G_DEBUG': 'gc-friendly'},
        wrapper=['valgrind', '--leak-check=full', '--error-exitcode=9', '--num-callers=30',
                 '--errors-for-leak-kinds=definite,possible',
                 '--show-leak-kinds=definite,possible',
                 f'--suppressions={HERE}/valgrind.supp'])
    try:
        daemon.launch()
        steps(daemon, dawire)
        daemon.stop()
    except AssertionError:
        print(daemon.output)
        raise
    finally:
        fake.stop()
    for line in daemon.output.splitlines():
        if 'ERROR SUMMARY' in line or 'lost:' in line or 'reachable:' in line:
            print(line)
    # Told again here, should the exit status ever be lost on the way.
    assert 'ERROR SUMMARY: 0 errors' in daemon.output, daemon.output


def chat(daemon, stream, key=True, **more):
    body = json.dumps({'model': 'script:normal', 'stream': stream, **more, 'messages': [
        {'role': 'user', 'content': 'What is a sharp questïon?'}]}).encode()
    sock = daemon.connect(timeout=60)
    sock.sendall(daemon.head('POST', '/v1/chat/completions', {'Connection': 'close'}, key=key,
                             body=body) + body)
    data = b''
    while piece := sock.recv(65536):
        data += piece
    sock.close()
    assert data.startswith(b'HTTP/1.1 200') and b'fake' in data, data[:400]


def steps(daemon, dawire):
    # Restarts it once: the keys are put into the database while it is down.
    first, _ = daemon.add_devices([('Phone', dawire.CHAT | dawire.MANAGE), ('Other', dawire.CHAT)])
    chat(daemon, True, conversation_id='conv_valgrind')
    chat(daemon, True, conversation_id='conv_valgrind')
    chat(daemon, False)
    chat(daemon, False, key=first, send_push_notification=False)
    answer = daemon.call('GET', '/v1/conversations', timeout=60)
    assert answer.status == 200 and len(answer.json['conversations']) >= 2, answer.text
    answer = daemon.call('GET', '/v1/conversations?q=sharp', timeout=60)
    assert 'conv_valgrind' in answer.text, answer.text
    for target in ('/v1/conversations/conv_valgrind', '/v1/conversations?limit=1',
                   '/v1/models', '/v1/settings',
                   '/v1/operator/status', '/v1/openapi.json', '/v1/nowhere'):
        answer = daemon.call('GET', target, timeout=60)
        assert answer.status in (200, 404), f'{target}: {answer.status}'
    assert daemon.call('GET', '/v1/models', key='0' * 64, timeout=60).status == 401
    devices = daemon.call('GET', '/v1/operator/devices', timeout=60).json['devices']
    phone = [d for d in devices if d['name'] == 'Phone'][0]['id']
    assert daemon.call('DELETE', f'/v1/operator/devices/{phone}', timeout=60).status == 200
    answer = daemon.call('GET', '/v1/models', key=first, source='127.0.0.9', timeout=60)
    assert answer.status == 401, answer.status


if __name__ == '__main__':
    main()
