// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// Conversations on the wire (contract 10 section 4): list, create, put, branch, delete, assets.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { Daemon, until } from './harness.mjs';
import { recall, startUpstream } from './upstream.mjs';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJ'
  + 'RU5ErkJggg==';
let upstream;
let daemon;

before(async () => {
  upstream = await startUpstream({ recall, plain: (turn) => turn.answer('A plain answer.') });
  daemon = await Daemon.start({ upstream: upstream.base, model: 'plain' });
});

after(async () => {
  await daemon?.stop();
  await upstream?.stop();
});

const user = (content, timestamp) => ({ role: 'user', content, ...(timestamp && { timestamp }) });
const assistant = (content, timestamp) => (
  { role: 'assistant', content, ...(timestamp && { timestamp }) });
const create = async (body) => {
  const answer = await daemon.call('POST', '/conversations', body);
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
};
const list = async (query = '') => (await daemon.get(`/conversations${query}`)).json.conversations;

test('a new conversation keeps what it was given', async () => {
  const made = await create({
    clientSessionId: '  session_phone_1 ', title: 'From the phone', titleSource: 'manual',
    createdAt: 1700000000000, updatedAt: 1700000005000,
    messages: [user('Hello', 1700000001000), assistant('Hi', 1700000002000)],
  });
  assert.match(made.id, /^conv_\d+_[0-9a-z]+$/);
  assert.equal(made.clientSessionId, 'session_phone_1');
  assert.equal(made.title, 'From the phone');
  assert.equal(made.titleSource, 'manual');
  assert.equal(made.createdAt, 1700000000000);
  assert.equal(made.updatedAt, 1700000005000);
  assert.deepEqual(made.messages.map(({ role, content, timestamp }) => [role, content, timestamp]),
                   [['user', 'Hello', 1700000001000], ['assistant', 'Hi', 1700000002000]]);
  for (const message of made.messages)
    assert.match(message.id, /^msg_/);
  const read = (await daemon.get(`/conversations/${made.id}`)).json;
  assert.deepEqual(read.messages, made.messages);
  assert.equal(read.updatedAt, made.updatedAt);
});

test('the list item has every field of the contract and no search text', async () => {
  const made = await create({ messages: [user('List me, please'), assistant('You are listed')] });
  const item = (await list()).find((one) => one.id === made.id);
  for (const [name, type] of Object.entries({
    id: 'string', title: 'string', titleSource: 'string', createdAt: 'number',
    updatedAt: 'number', lastMessageAt: 'number', messageCount: 'number', lastMessage: 'string',
    preview: 'string',
  }))
    assert.equal(typeof item[name], type, name);
  assert.equal(item.messageCount, 2);
  assert.equal(item.lastMessage, 'You are listed');
  assert.equal(item.preview, 'user: List me, please | assistant: You are listed');
  assert.equal('searchText' in item, false);
});

test('the list is newest first by activity', async () => {
  const old = await create({ updatedAt: 1600000000000, messages: [user('old', 1600000000000)] });
  const recent = await create({ messages: [user('recent')] });
  const ids = (await list()).map((item) => item.id);
  assert.ok(ids.indexOf(recent.id) < ids.indexOf(old.id));
  const times = (await list()).map((item) => item.updatedAt);
  assert.deepEqual(times, [...times].sort((a, b) => b - a));
});

test('an unchanged list costs nothing, a changed one is sent', async () => {
  const first = await daemon.get('/conversations');
  const etag = first.headers.get('etag');
  assert.ok(etag);
  const second = await daemon.get('/conversations', { 'if-none-match': etag });
  assert.equal(second.status, 304);
  assert.equal(second.text, '');
  await create({ messages: [user('news')] });
  const third = await daemon.get('/conversations', { 'if-none-match': etag });
  assert.equal(third.status, 200);
  assert.notEqual(third.headers.get('etag'), etag);
});

test('pages cover the whole list', async () => {
  for (let i = 0; i < 5; i++)
    await create({ updatedAt: 1500000000000 + i,
                   messages: [user(`page ${i}`, 1500000000000 + i)] });
  const all = (await list()).map((item) => item.id);
  const paged = [];
  let before = '';
  for (;;) {
    const { json } = await daemon.get(`/conversations?limit=3${before}`);
    paged.push(...json.conversations.map((item) => item.id));
    assert.ok(json.conversations.length <= 3);
    if (json.nextBefore === undefined)
      break;
    before = `&before=${json.nextBefore}`;
  }
  assert.deepEqual(paged, all);
  assert.equal((await daemon.get('/conversations?before=yesterday')).status, 400);
});

test('a search finds words in titles and messages', async () => {
  const made = await create({ title: 'Kayak trip', titleSource: 'manual',
                              messages: [user('We paddle on the Donau'), assistant('Fine')] });
  for (const words of ['kayak', 'donau', 'padd']) {
    const found = await list(`?q=${words}`);
    assert.ok(found.some((item) => item.id === made.id), words);
    assert.equal(typeof found[0].snippet, 'string');
  }
  assert.deepEqual(await list('?q=zzzunheardof'), []);
  for (const nasty of ['"', '*', 'a AND', 'NEAR(', '(', ':', '-', "'; DROP TABLE x; --", '%'])
    assert.equal((await daemon.get(`/conversations?q=${encodeURIComponent(nasty)}`)).status, 200,
                 nasty);
});

test('a title is made of the first message when none is given', async () => {
  const text = 'x'.repeat(60);
  assert.equal((await create({ messages: [user(text)] })).title, `${'x'.repeat(50)}...`);
  const image = `![](data:image/png;base64,${PIXEL})`;
  assert.equal((await create({ messages: [user(image)] })).title, 'Image');
});

for (const [what, body] of Object.entries({
  'no messages': {},
  'no list': { messages: 'hello' },
  'an empty list': { messages: [] },
  'a bad role': { messages: [{ role: 'system', content: 'x' }] },
  'no content': { messages: [{ role: 'user' }] },
  'content that is no text': { messages: [{ role: 'user', content: ['x'] }] },
  'a message that is no object': { messages: ['x'] },
  'a time that is no number': { messages: [{ role: 'user', content: 'x', timestamp: 'now' }] },
  'tool calls that are no list': { messages: [{ role: 'user', content: 'x', toolCalls: {} }] },
  'an update time that is no number': { messages: [user('x')], updatedAt: 'today' },
  'a title that is no text': { messages: [user('x')], title: { a: 1 } },
}))
  test(`${what} is refused with a reason`, async () => {
    const answer = await daemon.call('POST', '/conversations', body);
    assert.equal(answer.status, 400);
    assert.equal(typeof answer.json.error, 'string');
    assert.ok(answer.json.error.length > 10);
  });

for (const body of ['[]', '"x"', 'null', '3'])
  test(`the body ${body} is refused`, async () => {
    assert.equal((await daemon.call('POST', '/conversations', body)).status, 400);
  });

test('the fault names the message', async () => {
  const { json } = await daemon.call('POST', '/conversations',
                                     { messages: [user('a'), user('b'), { role: 'robot' }] });
  assert.match(json.error, /2/);
});

test('tool calls and results come back as they were', async () => {
  const toolCalls = [{ name: 'files:read', arguments: { path: '/tmp/ä "x"', deep: [1, null] } }];
  const toolResults = [{ success: false, content: '', error: 'no such file' }];
  const made = await create({ messages: [
    user('read'), { ...assistant('reading'), toolCalls },
    { role: 'tool', content: '', toolResults },
  ] });
  const read = (await daemon.get(`/conversations/${made.id}`)).json;
  assert.deepEqual(read.messages[1].toolCalls, toolCalls);
  assert.deepEqual(read.messages[2].toolResults, toolResults);
  assert.equal('toolCalls' in read.messages[0], false);
});

test('PUT creates under the id of the path', async () => {
  const id = 'whatsapp_491234@s.whatsapp.net';
  const answer = await daemon.call('PUT', `/conversations/${encodeURIComponent(id)}`,
                                   { messages: [user('hi')], updatedAt: 1700000000000 });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.id, id);
  assert.equal((await daemon.get(`/conversations/${encodeURIComponent(id)}`)).status, 200);
});

test('PUT of an unknown id without messages is refused', async () => {
  assert.equal((await daemon.call('PUT', '/conversations/nobody', { title: 'x' })).status, 400);
  assert.equal((await daemon.call('PUT', '/conversations/nobody', { messages: [] })).status, 400);
});

test('PUT keeps the time of the client, so both sides agree', async () => {
  const made = await create({ messages: [user('time', 1700000000000)] });
  const later = Date.now() + 5000;
  const put = await daemon.call('PUT', `/conversations/${made.id}`,
                                { title: 'Renamed', updatedAt: later });
  assert.equal(put.json.updatedAt, later);
  assert.equal(put.json.title, 'Renamed');
  assert.equal(put.json.titleSource, 'manual');
  assert.equal((await list()).find((item) => item.id === made.id).updatedAt, later);
});

test('PUT sets and clears the id of the client session', async () => {
  const made = await create({ clientSessionId: 'one', messages: [user('x')] });
  const path = `/conversations/${made.id}`;
  assert.equal((await daemon.call('PUT', path, { clientSessionId: 'two' })).json.clientSessionId,
               'two');
  assert.equal((await daemon.call('PUT', path, { title: 'y' })).json.clientSessionId, 'two');
  assert.equal('clientSessionId' in (await daemon.call('PUT', path, { clientSessionId: ' ' })).json,
               false);
});

test('the phone\'s own rendering never shortens a finished answer', async () => {
  const chat = await daemon.chat({ model: 'plain', messages: [user('Sync hazard')] });
  const id = chat.json.conversation_id;
  const before = (await daemon.get(`/conversations/${id}`)).json;
  const put = await daemon.call('PUT', `/conversations/${id}`, {
    updatedAt: Date.now() + 1000,
    messages: [user('Sync hazard'), assistant('A pla')],
  });
  assert.equal(put.status, 200);
  const after = (await daemon.get(`/conversations/${id}`)).json;
  assert.deepEqual(after.messages, before.messages);
  await daemon.call('PUT', `/conversations/${id}`, { messages: [user('Sync hazard')] });
  assert.deepEqual((await daemon.get(`/conversations/${id}`)).json.messages, before.messages);
});

test('further messages of a phone are appended', async () => {
  const chat = await daemon.chat({ model: 'plain', messages: [user('One')] });
  const id = chat.json.conversation_id;
  await daemon.call('PUT', `/conversations/${id}`, {
    messages: [user('One'), assistant('rendered'), user('Two, offline'), assistant('later')],
  });
  const { messages } = (await daemon.get(`/conversations/${id}`)).json;
  assert.deepEqual(messages.map((message) => message.content),
                   ['One', 'A plain answer.', 'Two, offline', 'later']);
});

test('a branch copies up to the message, by index or id', async () => {
  const made = await create({ title: 'Trunk', messages: [
    user('a', 1700000000000), assistant('b', 1700000001000), user('c', 1700000002000),
  ] });
  const path = `/conversations/${made.id}/branch`;
  const branch = await daemon.call('POST', path, { messageIndex: 1 });
  assert.equal(branch.status, 200);
  assert.notEqual(branch.json.id, made.id);
  assert.equal(branch.json.title, 'Branch: Trunk');
  assert.equal(branch.json.titleSource, 'system');
  assert.deepEqual(branch.json.messages.map((one) => [one.content, one.timestamp]),
                   [['a', 1700000000000], ['b', 1700000001000]]);
  assert.notEqual(branch.json.messages[0].id, made.messages[0].id);
  const byId = await daemon.call('POST', path, { messageId: made.messages[0].id });
  assert.deepEqual(byId.json.messages.map((one) => one.content), ['a']);
  assert.equal((await daemon.call('POST', path, { messageIndex: 3 })).status, 404);
  assert.equal((await daemon.call('POST', path, { messageIndex: -1 })).status, 400);
  assert.equal((await daemon.call('POST', path, { messageIndex: 1.5 })).status, 400);
  assert.equal((await daemon.call('POST', path, {})).status, 400);
  assert.equal((await daemon.call('POST', '/conversations/nobody/branch',
                                  { messageIndex: 0 })).status, 404);
});

test('a deleted conversation is gone, twice over', async () => {
  const made = await create({ messages: [user('away with me')] });
  for (let i = 0; i < 2; i++) {
    const answer = await daemon.call('DELETE', `/conversations/${made.id}`);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json, { success: true, id: made.id });
  }
  assert.equal((await daemon.get(`/conversations/${made.id}`)).status, 404);
  assert.equal((await list()).some((item) => item.id === made.id), false);
});

test('bad ids are refused, each with its own words', async () => {
  const answers = [];
  for (const id of ['..', 'a%2Fb', 'a%5Cb', 'index', 'METADATA', 'con', 'lpt1.x', 'a b', 'ä', 'x.'])
    for (const method of ['GET', 'DELETE']) {
      const { status, json } = await daemon.call(method, `/conversations/${id}`);
      assert.equal(status, id === '..' ? status : 400, `${method} ${id}`);
      answers.push(json?.error);
    }
  assert.ok(new Set(answers).size > 3);
});

test('images leave the text and come back by their hash, in parts too', async () => {
  const text = `look ![dot](data:image/png;base64,${PIXEL}) here`;
  const made = await create({ messages: [user(text)] });
  const hash = createHash('sha256').update(Buffer.from(PIXEL, 'base64')).digest('hex');
  const [content] = made.messages.map((message) => message.content);
  assert.match(content, /assets:\/\/conversation-image\//);
  assert.ok(content.includes(`${hash}.png`), content);
  assert.ok(!content.includes('base64'));
  const path = `/conversations/${made.id}/assets/images/${hash}.png`;
  const fetchAsset = (headers) => fetch(`${daemon.base}${path}`, {
    headers: { authorization: `Bearer ${daemon.key}`, ...headers },
  });
  const whole = await fetchAsset({});
  assert.equal(whole.status, 200);
  assert.equal(whole.headers.get('content-type'), 'image/png');
  assert.equal(whole.headers.get('x-content-type-options'), 'nosniff');
  assert.deepEqual(Buffer.from(await whole.arrayBuffer()), Buffer.from(PIXEL, 'base64'));
  const part = await fetchAsset({ range: 'bytes=1-3' });
  assert.equal(part.status, 206);
  assert.equal(await part.text(), 'PNG');
  assert.match(part.headers.get('content-range'), /^bytes 1-3\/\d+$/);
  const beyond = await fetchAsset({ range: 'bytes=9999-' });
  assert.equal(beyond.status, 416);
  assert.match(beyond.headers.get('content-range'), /^bytes \*\/\d+$/);
  assert.equal((await daemon.get(`/conversations/${made.id}/assets/images/x.png`)).status, 400);
  assert.equal((await daemon.get(
    `/conversations/${made.id}/assets/images/${'0'.repeat(64)}.png`)).status, 404);
  assert.equal((await daemon.get(
    `/conversations/${made.id}/assets/images/..%2F..%2Fdotagents.db`)).status, 400);
});

test('a title is made by the model after the first turn of a phone', async () => {
  const chat = await daemon.chat({ model: 'plain', messages: [user('Please name me')] },
                                 { 'user-agent': 'okhttp/4.12.0' });
  const item = await until(async () => (await list()).find(
    (one) => one.id === chat.json.conversation_id && one.titleSource === 'server_generated'),
    'a generated title');
  assert.equal(item.title, 'A short title');
});

test('everything survives a restart and a kill', async () => {
  const made = await create({ messages: [user('durable')] });
  await daemon.restart();
  assert.equal((await daemon.get(`/conversations/${made.id}`)).json.messages[0].content, 'durable');
  const chat = await daemon.chat({ model: 'plain', messages: [user('after the restart')] });
  await daemon.kill();
  await daemon.launch();
  const kept = (await daemon.get(`/conversations/${chat.json.conversation_id}`)).json;
  assert.deepEqual(kept.messages.map((message) => message.content),
                   ['after the restart', 'A plain answer.']);
});

test('delete all empties the list', async () => {
  assert.ok((await list()).length > 0);
  const answer = await daemon.call('DELETE', '/conversations');
  assert.deepEqual(answer.json, { success: true });
  assert.deepEqual(await list(), []);
});
