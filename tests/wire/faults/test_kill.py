# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""kill -9 at random moments under writing load: what was acknowledged is there."""

import json
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'security'))
import dawire    # noqa: E402
from dawire import test    # noqa: E402

KILLS = int(os.environ.get('DA_TEST_KILLS', '25' if dawire.is_sanitized() else '200'))
TIME_LIMIT = 140
fake = dawire.FakeLlm(token_delay_us=1500)
daemon = dawire.Daemon(upstream=fake.base, model='script:echo')
chance = random.Random(9)
acknowledged = {}    # conversation -> list of texts
rounds = 0


class Writer(threading.Thread):
    """Writes until the server is gone; remembers only what was answered with success."""

    def __init__(self, number):
        super().__init__(daemon=True)
        self.number = number
        self.acknowledged = []
        self.fault = None
        self.chance = random.Random(chance.random())

    def run(self):
        try:
            while True:
                self.step()
        except (OSError, AssertionError, ValueError):
            pass    # killed in the middle
        except Exception as error:    # pylint: disable=broad-except
            self.fault = error

    def step(self):
        text = f'message {self.chance.random()} of {self.number}'
        answer = daemon.call('POST', '/v1/conversations', {
            'messages': [{'role': 'user', 'content': text}], 'title': text})
        assert answer.status == 201
        conversation = answer.json['id']
        self.acknowledged.append((conversation, text))
        texts = [text]
        for _ in range(2):
            more = f'more {self.chance.random()}' + 'x' * self.chance.randrange(3000)
            answer = daemon.call('PUT', f'/v1/conversations/{conversation}', {
                'messages': [{'role': 'user', 'content': t} for t in texts + [more]]})
            assert answer.status == 200
            texts.append(more)
            self.acknowledged.append((conversation, more))
        said = f'asked {self.chance.random()}'
        model = 'script:tokens-60' if self.chance.random() < 0.5 else 'script:echo'
        answer = daemon.call('POST', '/v1/chat/completions', {
            'model': model, 'conversation_id': conversation,
            'messages': [{'role': 'user', 'content': said}]})
        assert answer.status == 200
        reply = answer.json['choices'][0]['message']['content']
        self.acknowledged.append((conversation, said))
        self.acknowledged.append((conversation, reply))


def check_file():
    """The file as the kill left it, without the program's help."""
    folder = tempfile.mkdtemp(prefix='da-kill-')
    try:
        for name in os.listdir(daemon.data_dir):
            if name.startswith('dotagents.db'):
                shutil.copy(os.path.join(daemon.data_dir, name), folder)
        database = sqlite3.connect(os.path.join(folder, 'dotagents.db'))
        result = database.execute('PRAGMA integrity_check').fetchall()
        foreign = database.execute('PRAGMA foreign_key_check').fetchall()
        database.close()
        assert result == [('ok',)], result
        assert foreign == [], foreign
    finally:
        shutil.rmtree(folder)


def check(items):
    by_conversation = {}
    for conversation, text in items:
        by_conversation.setdefault(conversation, []).append(text)
    for conversation, texts in by_conversation.items():
        answer = daemon.call('GET', f'/v1/conversations/{conversation}')
        assert answer.status == 200, f'{conversation}: {answer.status} after round {rounds}'
        there = {message['content'] for message in answer.json['messages']}
        for text in texts:
            assert text in there, \
                f'round {rounds}: "{text[:60]}" of {conversation} was acknowledged and is gone'


@test(f'{KILLS} times kill -9: every acknowledged message is there, the database is whole')
def kills():
    global rounds
    begin = time.monotonic()
    everything = []
    while rounds < KILLS and time.monotonic() - begin < TIME_LIMIT:
        rounds += 1
        writers = [Writer(n) for n in range(4)]
        for writer in writers:
            writer.start()
        time.sleep(chance.random() * 0.25)
        daemon.kill()
        for writer in writers:
            writer.join(20)
            assert not writer.is_alive(), 'a writer hangs on a dead server'
            assert writer.fault is None, writer.fault
        items = [item for writer in writers for item in writer.acknowledged]
        everything += items
        if rounds % 5 == 0:
            check_file()
        daemon.launch()
        check(items)
    check(everything if len(everything) < 6000 else chance.sample(everything, 6000))
    dawire.note(f'{rounds} kills in {time.monotonic() - begin:.0f} s, {len(everything)} messages '
                'acknowledged, all there')
    assert len(everything) > 2 * rounds
    assert rounds >= min(KILLS, 20), f'{rounds} kills only'


@test('interrupted runs are marked, none is left open')
def runs():
    daemon.is_stopped = True
    daemon.program.end()
    check_file()
    database = sqlite3.connect(daemon.database())
    states = dict(database.execute('SELECT state, count(*) FROM runs GROUP BY state'))
    still = database.execute('SELECT count(*) FROM runs WHERE ended_at = 0').fetchone()[0]
    broken = database.execute(
        'SELECT count(*) FROM conversations c WHERE deleted_at = 0 AND message_count <> '
        '(SELECT count(*) FROM messages m WHERE m.conversation = c.serial)').fetchone()[0]
    holes = database.execute(
        'SELECT count(*) FROM (SELECT conversation, count(*) AS n, max(sequence) - min(sequence) + '
        '1 AS span FROM messages GROUP BY conversation) WHERE n <> span').fetchone()[0]
    database.close()
    dawire.note(f'runs: {json.dumps(states)}')
    assert still == 0, f'{still} runs are open'
    assert states.get('interrupted', 0) > 0, states
    assert states.get('completed', 0) > 0, states
    assert broken == 0, f'{broken} conversations count their messages wrongly'
    assert holes == 0, f'{holes} conversations have a hole in their sequence'
    daemon.launch()
    daemon.assert_alive()


@test('the server ends well after all of it')
def at_the_end():
    daemon.stop()
    fake.stop()


dawire.run()
