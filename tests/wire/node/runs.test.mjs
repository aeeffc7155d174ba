// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// The events of a run, read on from any number: while it goes on, after it, after a restart.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Daemon, delay, openStream, until } from './harness.mjs';
import { recall, startUpstream } from './upstream.mjs';

let upstream;
let daemon;
let openGate;
let gate;

before(async () => {
  upstream = await startUpstream({
    recall,
    gated: async (turn) => {
      turn.text('Grüße ');
      await delay(30);
      turn.text('aus ');
      await gate;
      turn.text('Köln 🙂');
      turn.end();
    },
    broken: (turn) => turn.fail(400, { error: { message: 'no', code: 'bad' } }),
    long: async (turn) => {
      for (let n = 0; n < 40; n++)
        turn.text(`${n} ${'ä'.repeat(1000)} `);
      turn.end();
    },
  });
  daemon = await Daemon.start({ upstream: upstream.base, model: 'recall' });
});

after(async () => {
  openGate?.();
  await daemon?.stop();
  await upstream?.stop();
});

const ask = (model, content, more) => (
  { model, messages: [{ role: 'user', content }], ...more });

// The frames of an event stream with ids, as they stand.
const parse = (text) => text.split('\n\n').filter((frame) => frame.startsWith('id: ')
  || frame.startsWith('event: ')).map((frame) => {
  const lines = Object.fromEntries(frame.split('\n').map((line) => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)];
  }));
  return { id: lines.id && Number(lines.id), event: lines.event, data: JSON.parse(lines.data) };
});

function follow (id, headers = {}, query = '') {
  const stream = { text: '' };
  const leave = new AbortController();
  stream.leave = () => leave.abort();
  stream.done = fetch(`${daemon.base}/runs/${id}/events${query}`, {
    headers: { authorization: `Bearer ${daemon.key}`, ...headers }, signal: leave.signal,
  }).then(async (response) => {
    stream.status = response.status;
    for await (const piece of response.body.pipeThrough(new TextDecoderStream()))
      stream.text += piece;
    return stream;
  }).catch((error) => {
    if (error.name !== 'AbortError')
      throw error;
  });
  return stream;
}

// What a client that keeps to the offsets has at the end.
function join (frames, begun = '') {
  let bytes = Buffer.from(begun);
  for (const { event, data } of frames)
    if (event === 'delta')
      bytes = Buffer.concat([bytes.subarray(0, data.offset), Buffer.from(data.text)]);
  return bytes.toString();
}

test('a stream that is cut is read on from where it was, and said once', async () => {
  gate = new Promise((open) => { openGate = open; });
  const chat = openStream(daemon, ask('gated', 'Hello', { stream: true }),
    { headers: { 'X-DotAgents-On-Disconnect': 'detach' } });
  await chat.opened;
  const id = chat.headers['x-dotagents-run-id'];
  assert.match(id, /^run_/);

  const first = follow(id);
  await until(() => join(parse(first.text)) === 'Grüße aus ', 'the first words');
  const before = parse(first.text);
  assert.equal(before[0].event, 'started');
  first.leave();
  chat.hangUp();
  const live = (await daemon.get(`/runs/${id}`)).json;
  assert.equal(live.state, 'running');
  assert.equal(live.text, 'Grüße aus ');

  const second = follow(id, { 'Last-Event-ID': String(before.at(-1).id) });
  openGate();
  await second.done;
  const rest = parse(second.text);
  assert.equal(rest.at(-1).event, 'done');
  assert.equal(join(rest, 'Grüße aus '), 'Grüße aus Köln 🙂');
  assert.ok(rest.every((frame) => frame.id > before.at(-1).id), 'an event came twice');
  assert.equal(rest.filter((frame) => frame.event === 'delta')[0].data.text, 'Köln 🙂');
});

test('all is there after the end, after a restart, and by the id of the completion', async () => {
  const { json, headers } = await daemon.chat(ask('recall', 'Remember me'));
  const id = headers.get('x-dotagents-run-id');
  assert.equal(`chatcmpl-${id.slice('run_'.length)}`, json.id);
  const answer = json.choices[0].message.content;
  const seen = parse((await follow(id).done).text);
  assert.equal(join(seen), answer);
  assert.deepEqual(parse((await follow(json.id).done).text), seen);

  await daemon.restart();
  const again = parse((await follow(id).done).text);
  assert.equal(join(again), answer);
  assert.equal(again.at(-1).event, 'done');
  const run = (await daemon.get(`/runs/${id}`)).json;
  assert.equal(run.state, 'completed');
  assert.equal(run.text, answer);
  assert.equal(run.lastEvent, again.at(-1).id);
  assert.ok(run.endedAt >= run.startedAt);
  // Nothing is left to say: the stream ends at once.
  const none = await follow(id, {}, `?after=${run.lastEvent}`).done;
  assert.equal(none.status, 200);
  assert.deepEqual(parse(none.text), []);
});

test('a long answer comes in pieces, and its number with the last of them', async () => {
  const { json, headers } = await daemon.chat(ask('long', 'At length'));
  const frames = parse((await follow(headers.get('x-dotagents-run-id')).done).text);
  assert.equal(join(frames), json.choices[0].message.content);
  assert.ok(frames.every((frame) => frame.data.text === undefined
    || Buffer.byteLength(frame.data.text) <= 16 * 1024), 'a piece is too long');
  const deltas = frames.filter((frame) => frame.event === 'delta');
  for (const [n, frame] of deltas.entries())
    if (frame.id === undefined)
      assert.equal(deltas[n + 1].data.number, frame.data.number);
});

test('a run that failed says so with its last event', async () => {
  const chat = openStream(daemon, ask('broken', 'x', { stream: true }));
  await chat.done;
  const frames = parse((await follow(chat.headers['x-dotagents-run-id']).done).text);
  assert.equal(frames.at(-1).event, 'failed');
  assert.ok(frames.at(-1).data.payload.message);
});

test('what is not there, and what is no number', async () => {
  const { headers } = await daemon.chat(ask('recall', 'Once more'));
  const id = headers.get('x-dotagents-run-id');
  const status = async (path, more) => (await daemon.get(path, more)).status;
  assert.equal(await status('/runs/run_none'), 404);
  assert.equal(await status('/runs/run_none/events'), 404);
  assert.equal(await status(`/runs/${id}/events?after=99999`), 400);
  assert.equal(await status(`/runs/${id}/events?after=-1`), 400);
  assert.equal(await status(`/runs/${id}/events?after=1x`), 400);
  assert.equal(await status(`/runs/${id}/events`, { 'Last-Event-ID': 'abc' }), 400);
  await daemon.restart();
  assert.equal(await status(`/runs/${id}/events?after=99999`), 400);
});
