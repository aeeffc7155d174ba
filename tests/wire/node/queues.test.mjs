// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// Questions that wait behind a run, as the operations screen has them (contract 30 E.7).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Daemon, until } from './harness.mjs';
import { android } from './mobile-client.mjs';
import { recall, startUpstream } from './upstream.mjs';

let upstream;
let daemon;
let openGate;
let gate;

before(async () => {
  upstream = await startUpstream({
    recall,
    gated: async (turn) => {
      turn.text('first ');
      await gate;
      turn.text('done');
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

const ask = (model, content, id) => (
  { model, stream: true, conversation_id: id, messages: [{ role: 'user', content }] });
const queues = async () => (await daemon.get('/operator/message-queues')).json;
const order = (method, path, body) => daemon.call(method, `/operator/message-queues/${path}`, body);

// A conversation that is busy, with one more question waiting.
async function busy (waiting) {
  const asked = upstream.turns.length;
  gate = new Promise((open) => { openGate = open; });
  const first = android(daemon, ask('gated', 'First'));
  const id = await until(() => first.conversationId, 'the conversation id');
  const second = android(daemon, ask('recall', waiting, id));
  const message = await until(async () => (await queues()).queues
    .find((queue) => queue.conversationId === id)?.messages[0], 'the waiting question');
  await until(() => upstream.turns.length > asked, 'the first question at the provider');
  return { id, first, second, message };
}

test('without waiting questions there are no queues', async () => {
  assert.deepEqual(await queues(), { count: 0, queues: [], totalMessages: 0 });
});

test('what waits is listed, can be changed, and is answered as changed', async () => {
  const { id, first, second, message } = await busy('Second');
  const list = await queues();
  assert.equal(list.count, 1);
  assert.equal(list.totalMessages, 1);
  assert.deepEqual(list.queues.map((queue) => [queue.conversationId, queue.isPaused,
                                               queue.messageCount]), [[id, false, 1]]);
  assert.equal(message.text, 'Second');
  assert.equal(message.status, 'pending');
  assert.equal(message.conversationId, id);
  assert.equal(typeof message.createdAt, 'number');
  assert.equal(typeof message.addedToHistory, 'boolean');

  const changed = await order('PATCH', `${id}/messages/${message.id}`, { text: ' Better ' });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.json.action, 'message-queue-message-update');
  assert.deepEqual(changed.json.details,
                   { conversationId: id, messageId: message.id, processingStarted: false });
  openGate();
  await first.finished;
  assert.equal((await second.finished).done.content, 'You said: First | Better');
  assert.equal((await queues()).count, 0);
});

test('a paused queue waits until it is resumed', async () => {
  const { id, first, second } = await busy('Later');
  const paused = await order('POST', `${id}/pause`);
  assert.deepEqual(paused.json.details, { conversationId: id });
  assert.equal(paused.json.action, 'message-queue-pause');
  openGate();
  await first.finished;
  const [queue] = (await queues()).queues;
  assert.equal(queue.isPaused, true);
  assert.equal(queue.messages[0].text, 'Later');
  const resumed = await order('POST', `${id}/resume`);
  assert.deepEqual(resumed.json.details, { conversationId: id, processingStarted: true });
  assert.equal((await second.finished).done.content, 'You said: First | Later');
});

test('a removed question is never asked', async () => {
  const { id, first, second, message } = await busy('Never mind');
  const asked = upstream.turns.length;
  const removed = await order('DELETE', `${id}/messages/${message.id}`);
  assert.equal(removed.status, 200, removed.text);
  assert.equal(removed.json.action, 'message-queue-message-remove');
  assert.equal((await queues()).count, 0);
  openGate();
  await first.finished;
  await second.finished.catch(() => {});
  assert.equal(upstream.turns.length, asked);
});

test('what a queue does not allow is a conflict, with words', async () => {
  const { id, first, second, message } = await busy('Keep me');
  for (const [method, path, body, status] of [
    ['DELETE', `${id}/messages/qmsg_unknown`, undefined, 409],
    ['POST', `${id}/messages/qmsg_unknown/retry`, undefined, 409],
    ['POST', `${id}/messages/${message.id}/retry`, undefined, 409],
    ['PATCH', `${id}/messages/qmsg_unknown`, { text: 'x' }, 409],
    ['PATCH', `${id}/messages/${message.id}`, { text: ' ' }, 400],
    ['PATCH', `${id}/messages/${message.id}`, {}, 400],
    ['POST', '%20/pause', undefined, 400],
  ]) {
    const answer = await order(method, path, body);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    assert.equal(answer.json.success, false);
    assert.equal(answer.json.error, answer.json.message);
  }
  assert.equal((await order('POST', 'conv_nobody/clear')).status, 200);
  const cleared = await order('POST', `${id}/clear`);
  assert.equal(cleared.json.success, true, cleared.text);
  openGate();
  await first.finished;
  await second.finished.catch(() => {});
});
