// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// The rules of the unmodified mobile app (contract 10 2.9 to 2.12, contract 40) on the wire.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Daemon, deltaText, delay, framesOf, openStream, until } from './harness.mjs';
import { android, ios, web } from './mobile-client.mjs';
import { recall, startUpstream } from './upstream.mjs';

const HEARTBEAT_LIMIT_MS = 10000;
const PAUSE_MS = 100;
const PHONE = { 'user-agent': 'okhttp/4.12.0', accept: 'text/event-stream' };

let upstream;
let daemon;
let gate;

before(async () => {
  upstream = await startUpstream({
    recall,
    plain: (turn) => turn.answer('A plain answer.'),
    lines: (turn) => {
      for (const piece of ['one\r\n', 'two\n\n', 'data: three\n', '\u2028four\u2029', '"five"\\'])
        turn.text(piece);
      turn.end();
    },
    slow: async (turn) => {
      turn.text('before ');
      await delay(11500);
      turn.text('after');
      turn.end();
    },
    silent: async (turn) => {
      turn.open();
      await delay(9500);
      turn.answer('at last');
    },
    gated: async (turn) => {
      turn.text('first half, ');
      await gate.wait;
      turn.text('second half');
      turn.end();
    },
    broken: (turn) => turn.fail(400, { error: { message: 'no such thing', type: 'bad' } }),
  });
  daemon = await Daemon.start({ upstream: upstream.base, model: 'plain' });
});

after(async () => {
  await daemon?.stop();
  await upstream?.stop();
});

function newGate () {
  gate = {};
  gate.wait = new Promise((open) => { gate.open = open; });
}

const ask = (model, content, more = {}) => (
  { model, stream: true, messages: [{ role: 'user', content }], ...more });

for (const [name, client] of Object.entries({ android, ios, web })) {
  test(`${name}: a chat ends, with content, conversation and history`, async () => {
    const opened = client(daemon, ask('plain', `Hello from ${name}`));
    const call = name === 'web' ? await opened : await opened.finished;
    assert.ok(call.done, 'no done frame');
    assert.equal(call.done.content, 'A plain answer.');
    assert.equal(call.done.conversation_id, call.conversationId);
    assert.equal(call.failure, null);
    assert.ok('A plain answer.'.startsWith(call.deltas), `tokens: ${call.deltas}`);
    const [question, answer] = call.done.conversation_history;
    assert.equal(question.role, 'user');
    assert.equal(question.content, `Hello from ${name}`);
    assert.equal(answer.role, 'assistant');
    assert.equal(answer.content, 'A plain answer.');
    for (const progress of call.progress) {
      assert.ok(Array.isArray(progress.steps));
      assert.deepEqual(progress.steps, [], 'steps of a plain text answer become visible text');
      assert.match(progress.conversationState, /^(running|complete|needs_input|blocked)$/);
      assert.equal(typeof progress.isComplete, 'boolean');
      assert.ok(Number.isInteger(progress.runId) && progress.runId >= 1);
      assert.match(progress.sessionId, /^session_/);
    }
    assert.equal(call.progress.at(-1).isComplete, true);
  });
}

test('every frame is a chunk and an envelope on one line, with LF alone', async () => {
  const stream = await openStream(daemon, ask('lines', 'Lines?'), { headers: PHONE }).done;
  assert.equal(stream.status, 200);
  assert.match(stream.headers['content-type'], /^text\/event-stream/);
  assert.equal(stream.headers['content-encoding'], undefined);
  assert.ok(!stream.text.includes('\r'), 'a carriage return on the wire');
  for (const event of stream.text.split('\n\n').filter((text) => text !== '')) {
    const lines = event.split('\n');
    assert.ok(lines.every((line) => /^(data|event): /.test(line)), `odd line in ${event}`);
    assert.equal(lines.filter((line) => line.startsWith('data:')).length, 1);
  }
  for (const frame of framesOf(stream.text)) {
    assert.equal(frame.object, 'chat.completion.chunk');
    assert.equal(typeof frame.id, 'string');
    assert.equal(typeof frame.model, 'string');
    assert.ok(Number.isInteger(frame.created));
    assert.ok(Array.isArray(frame.choices));
    // Words go out as plain chunks, which the app reads as tokens; all else has an envelope.
    if (frame.type === undefined)
      assert.ok(frame.choices[0].delta.content.length > 0);
    else
      assert.equal(typeof frame.type, 'string');
  }
  const text = 'one\r\ntwo\n\ndata: three\n\u2028four\u2029"five"\\';
  assert.equal(deltaText(framesOf(stream.text)), text);
  assert.equal(framesOf(stream.text).find((frame) => frame.type === 'done').data.content, text);
});

test('the first frame comes at once, before the model says a word', async () => {
  newGate();
  const stream = openStream(daemon, ask('silent', 'Anybody there?'), { headers: PHONE });
  await until(() => stream.pieces.length > 0, 'the first frame', 2000);
  const [first] = framesOf(stream.text);
  assert.equal(first.type, 'progress');
  assert.match(first.data.conversationId, /^conv_/);
  assert.deepEqual(first.data.steps, []);
  assert.equal(first.data.conversationState, 'running');
  assert.ok(stream.pieces[0].at < 1000, `first frame after ${stream.pieces[0].at} ms`);
  await stream.done;
  assert.equal(framesOf(stream.text).find((frame) => frame.type === 'done').data.content,
               'at last');
});

test('a silent model does not make a silent stream', async () => {
  const stream = await openStream(daemon, ask('slow', 'Take your time'),
                                  { headers: PHONE }).done;
  for (let i = 1; i < stream.pieces.length; i++)
    assert.ok(stream.pieces[i].at - stream.pieces[i - 1].at <= HEARTBEAT_LIMIT_MS,
              `nothing for ${stream.pieces[i].at - stream.pieces[i - 1].at} ms`);
  const beats = framesOf(stream.text).filter((frame) => frame.type === 'heartbeat');
  assert.ok(beats.length >= 1);
  for (const beat of beats) {
    assert.equal(beat.data, undefined);
    assert.deepEqual(beat.choices[0].delta, {});
    assert.equal(beat.choices[0].finish_reason, null);
  }
  assert.equal(deltaText(framesOf(stream.text)), 'before after');
});

test('a phone gets a pause between the last progress and done', async () => {
  const stream = await openStream(daemon, ask('plain', 'Pause?'), { headers: PHONE }).done;
  const times = {};
  for (const piece of stream.pieces)
    for (const frame of framesOf(piece.text))
      times[frame.type] = piece.at;
  assert.ok(times.done - times.progress >= PAUSE_MS,
            `only ${times.done - times.progress} ms between progress and done`);
});

test('a script gets no pause', async () => {
  const headers = { 'user-agent': 'OpenAI/JS 6.0.0', 'x-stainless-lang': 'js' };
  const took = [];
  for (let i = 0; i < 5; i++) {
    const stream = await openStream(daemon, ask('plain', `No pause ${i}`), { headers }).done;
    let last = 0;
    let done = 0;
    for (const piece of stream.pieces)
      for (const frame of framesOf(piece.text))
        if (frame.type === 'done')
          done = piece.at;
        else if (frame.choices?.[0]?.delta?.content)
          last = piece.at;
    took.push(done - last);
  }
  assert.ok(Math.min(...took) < PAUSE_MS, `scripts waited ${took.join(', ')} ms`);
});

test('done comes last, then the named event, then the end', async () => {
  const stream = await openStream(daemon, ask('plain', 'Order?'), { headers: PHONE }).done;
  const types = framesOf(stream.text).map((frame) => frame.type);
  assert.equal(types.at(-1), 'done');
  assert.equal(types.filter((type) => type === 'done').length, 1);
  assert.equal(types.at(types.indexOf('done') - 1), 'progress');
  assert.match(stream.text, /\n\nevent: done\ndata: \[DONE\]\n\n$/);
  assert.ok(stream.ended);
});

test('a failure of the provider is an error frame for app and SDK', async () => {
  for (const [name, client] of Object.entries({ android, ios })) {
    const call = await client(daemon, ask('broken', `Break for ${name}`)).finished;
    assert.equal(typeof call.failure, 'string');
    assert.ok(call.failure.length > 0);
    assert.equal(call.done, null);
  }
  const stream = await openStream(daemon, ask('broken', 'Break again'), { headers: PHONE }).done;
  const frame = framesOf(stream.text).find((one) => one.type === 'error');
  assert.equal(frame.error.message, frame.data.message);
  assert.equal(typeof frame.error.type, 'string');
});

test('a stream cut in the middle and posted again attaches and answers once', async () => {
  newGate();
  const first = android(daemon, ask('gated', 'Only once, please'));
  const conversation = await until(() => first.conversationId, 'the conversation id');
  await until(() => first.progress.some((one) => one.streamingContent?.text), 'some text');
  const before = upstream.turns.filter((turn) => turn.model === 'gated').length;
  first.request.destroy();
  await assert.rejects(first.finished);

  const again = android(daemon, ask('gated', 'Only once, please',
                                    { conversation_id: conversation }));
  await until(() => again.progress.length > 0, 'the second connection');
  gate.open();
  const call = await again.finished;
  assert.equal(call.done.content, 'first half, second half');
  assert.equal(call.done.conversation_id, conversation);
  assert.equal(upstream.turns.filter((turn) => turn.model === 'gated').length, before);

  const stored = (await daemon.get(`/conversations/${conversation}`)).json;
  assert.deepEqual(stored.messages.map((message) => [message.role, message.content]),
                   [['user', 'Only once, please'], ['assistant', 'first half, second half']]);
});

test('two phones on one run both get the whole answer', async () => {
  newGate();
  const first = ios(daemon, ask('gated', 'For both of us'));
  const conversation = await until(() => first.conversationId, 'the conversation id');
  const second = ios(daemon, ask('gated', 'For both of us', { conversation_id: conversation }));
  await until(() => second.progress.length > 0, 'the second phone');
  gate.open();
  const [one, two] = await Promise.all([first.finished, second.finished]);
  assert.equal(one.done.content, 'first half, second half');
  assert.equal(two.done.content, 'first half, second half');
});

test('a phone that hangs up does not stop the run', async () => {
  newGate();
  const call = android(daemon, ask('gated', 'Carry on without me'));
  const conversation = await until(() => call.conversationId, 'the conversation id');
  call.request.destroy();
  await delay(200);
  gate.open();
  const stored = await until(async () => {
    const { json } = await daemon.get(`/conversations/${conversation}`);
    return json.messages.length === 2 ? json : null;
  }, 'the stored answer');
  assert.equal(stored.messages[1].content, 'first half, second half');
});

test('the stop button ends a run, and its text stays', async () => {
  newGate();
  const call = android(daemon, ask('gated', 'Stop me'));
  const conversation = await until(() => call.conversationId, 'the conversation id');
  await until(() => call.progress.some((one) => one.streamingContent?.text), 'some text');
  const status = (await daemon.get('/operator/status')).json;
  const session = status.sessions.activeSessionDetails
    .find((one) => one.conversationId === conversation);
  assert.ok(session, 'the running session is not in the status');
  const stop = await daemon.call('POST', `/operator/sessions/${session.id}/stop`);
  assert.equal(stop.status, 200);
  assert.equal(stop.json.success, true);
  assert.equal(stop.json.action, 'stop-session');
  assert.equal(stop.json.details.sessionId, session.id);
  assert.ok(Array.isArray(stop.json.details.pausedConversationIds));
  await call.finished;
  assert.ok(call.done ?? call.failure, 'the stream did not end');
  const stored = (await daemon.get(`/conversations/${conversation}`)).json;
  assert.ok(stored.messages.at(-1).content.startsWith('first half, '));
  gate.open();
});

test('emergency stop ends every run', async () => {
  newGate();
  const calls = ['one', 'two', 'three'].map((word) => android(daemon, ask('gated', word)));
  await until(() => calls.every((call) => call.conversationId), 'three runs');
  const stop = await daemon.call('POST', '/emergency-stop');
  assert.equal(stop.status, 200);
  assert.equal(stop.json.success, true);
  assert.equal(typeof stop.json.message, 'string');
  assert.ok(Number.isInteger(stop.json.processesKilled));
  assert.ok(Number.isInteger(stop.json.processesRemaining));
  await Promise.all(calls.map((call) => call.finished));
  const { sessions } = (await daemon.get('/operator/status')).json;
  assert.equal(sessions.activeSessions, 0);
  gate.open();
});

test('a second question to a running conversation waits for the first', async () => {
  newGate();
  const first = android(daemon, ask('gated', 'First question'));
  const conversation = await until(() => first.conversationId, 'the conversation id');
  const second = android(daemon, ask('recall', 'Second question',
                                     { conversation_id: conversation }));
  await delay(300);
  assert.equal(second.done, null);
  gate.open();
  await first.finished;
  const call = await second.finished;
  assert.equal(call.done.content, 'You said: First question | Second question');
});

test('an unknown conversation id is created under that id', async () => {
  const id = 'conv_from_the_phone_1';
  const call = await android(daemon, ask('plain', 'New here', { conversation_id: id })).finished;
  assert.equal(call.done.conversation_id, id);
  assert.equal((await daemon.get(`/conversations/${id}`)).status, 200);
});

test('the answer is there after a restart', async () => {
  const call = await android(daemon, ask('plain', 'Remember this')).finished;
  await daemon.restart();
  const stored = (await daemon.get(`/conversations/${call.conversationId}`)).json;
  assert.deepEqual(stored.messages.map((message) => message.content),
                   ['Remember this', 'A plain answer.']);
  const again = await android(daemon, ask('recall', 'And now?',
                                          { conversation_id: call.conversationId })).finished;
  assert.equal(again.done.content, 'You said: Remember this | And now?');
});
