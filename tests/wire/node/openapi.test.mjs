// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// data/openapi.yaml as the program serves it, against what the program answers. Every operation of
// the document is called, at least once with success; what is sent and what comes back must fit.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Daemon, delay, framesOf, openStream, until } from './harness.mjs';
import { Validator } from './schema.mjs';
import { localCall, pair } from './terminal.mjs';
import { recall, startUpstream } from './upstream.mjs';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJ'
  + 'RU5ErkJggg==';
// What clients say they are makes a difference to the stream.
const APP = { 'x-requested-with': 'XMLHttpRequest', 'user-agent': 'okhttp/4.12.0' };
const user = (content) => [{ role: 'user', content }];

let upstream;
let daemon;
let gate;
let openGate;
let document;
let validator;
const operations = new Map();
// operationId -> the statuses it answered with
const seen = new Map();
// Samples for the parameters of a path, made in before().
const samples = {};

function flaky (turn) {
  if (turn.body.messages.at(-1).content !== 'again' || flaky.failed)
    recall(turn);
  else
    turn.fail(503, { error: { message: 'not now' } });
  flaky.failed = true;
}

async function gated (turn) {
  turn.text('first ');
  await gate;
  turn.text('done');
  turn.end();
}

before(async () => {
  upstream = await startUpstream({
    recall, flaky, gated, 'vendor/recall': recall,
    broken: (turn) => turn.fail(400, { error: { message: 'no', code: 'bad' } }),
  });
  daemon = await Daemon.start({ upstream: upstream.base, model: 'recall', ownKey: true });
  daemon.key = (await localCall(daemon, 'GET', '/operator/access/api-key')).json.apiKey;
  document = (await daemon.get('/openapi.json')).json;
  validator = new Validator(document);
  for (const [path, item] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(item))
      if (method !== 'parameters')
        operations.set(operation.operationId,
          { ...operation, path, method: method.toUpperCase(),
            parameters: [...item.parameters ?? [], ...operation.parameters ?? []]
              .map((one) => validator.resolve(one)) });
  const chat = await daemon.chat({ messages: user('Hello') });
  samples.conversation = chat.json.conversation_id;
  samples.run = chat.headers.get('x-dotagents-run-id');
  const made = await daemon.call('POST', '/conversations',
    { messages: user(`a dot ![dot](data:image/png;base64,${PIXEL})`) });
  samples.withImage = made.json.id;
  [, samples.image] = /([0-9a-f]{64}\.png)/.exec(made.json.messages[0].content);
  samples.code = (await localCall(daemon, 'POST', '/operator/devices/pairing',
    { address: '127.0.0.1' })).json.deviceId;
});

after(async () => {
  openGate?.();
  await daemon?.stop();
  await upstream?.stop();
});

const fits = (schema, value, what) => {
  const problems = validator.check(schema, value);
  assert.deepEqual(problems, [], `${what}:\n${problems.join('\n')}\n${JSON.stringify(value)}`);
};

// One answer against the response that the document has for its status and type.
function checkAnswer (id, answer) {
  const { responses } = operations.get(id);
  const { status } = answer;
  const described = responses[status] ?? (status >= 400 ? responses.default : undefined);
  assert.ok(described, `${id}: ${status} is not documented: ${answer.text.slice(0, 300)}`);
  seen.set(id, [...seen.get(id) ?? [], status]);
  const { content } = validator.resolve(described);
  const type = answer.headers.get('content-type')?.split(';')[0];
  if (!content) {
    assert.equal(answer.text, '', id);
    return;
  }
  const range = `${type?.split('/')[0]}/*`;
  const media = content[type] ?? content[range];
  assert.ok(media, `${id}: ${type} is not documented`);
  if (type === 'application/json')
    fits(media.schema, answer.json, `${id} answered ${status}`);
}

// Calls an operation. query and headers must be documented, and so must the body, unless it is
// meant to be wrong.
async function call (id, { params = {}, query = {}, headers = {}, body, wrong = false } = {}) {
  const operation = operations.get(id);
  assert.ok(operation, `${id} is not in the document`);
  const known = (where) => operation.parameters.filter((one) => one.in === where)
    .map((one) => one.name.toLowerCase());
  for (const name of Object.keys(query))
    assert.ok(known('query').includes(name.toLowerCase()), `${id}: ?${name} is not documented`);
  for (const name of Object.keys(headers))
    assert.ok(known('header').includes(name.toLowerCase()) || name in APP, `${id}: ${name}`);
  for (const one of operation.parameters.filter((each) => each.in === 'query'))
    if (one.name in query && one.schema.type === 'string')
      fits(one.schema, query[one.name], `${id}: ?${one.name}`);
  if (body !== undefined && !wrong)
    fits(operation.requestBody.content['application/json'].schema, body, `what ${id} was sent`);
  const path = operation.path.slice('/v1'.length)
    .replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name] ?? 'no-such-thing'));
  const search = new URLSearchParams(query).toString();
  const answer = await daemon.call(operation.method, search ? `${path}?${search}` : path, body,
    headers);
  checkAnswer(id, answer);
  return answer;
}

async function succeed (id, options) {
  const answer = await call(id, options);
  assert.ok(answer.status < 300, `${id}: ${answer.status} ${answer.text}`);
  return answer.json;
}

async function refuse (id, status, options) {
  const answer = await call(id, { ...options, wrong: true });
  assert.equal(answer.status, status, `${id}: ${answer.text}`);
}

test('the validator finds what is wrong', () => {
  const Thing = { type: 'object', required: ['id'], properties: {
    id: { type: 'string' }, at: { type: ['integer', 'null'] }, kind: { enum: ['a', 'b'] },
    list: { type: 'array', items: { $ref: '#/Thing' } }, any: { type: 'object' } } };
  const More = { allOf: [{ $ref: '#/Thing' }, { required: ['x'], properties: { x: {} } }] };
  const Either = { oneOf: [{ $ref: '#/Thing' }, { type: 'string' }] };
  const own = new Validator({ Thing, More, Either });
  const count = (schema, value) => own.check(schema, value).length;
  for (const value of [{ id: '' }, { id: '', at: null, kind: 'b', list: [{ id: 'x' }] },
    { id: '', any: { other: 1 } }])
    assert.equal(count(Thing, value), 0, JSON.stringify(value));
  for (const value of [{}, 7, null, [], { id: 1 }, { id: '', at: 1.5 }, { id: '', kind: 'c' },
    { id: '', list: [{}] }, { id: '', list: [{ id: '', y: 1 }] }, { id: '', other: 1 }])
    assert.equal(count(Thing, value), 1, JSON.stringify(value));
  assert.equal(count(More, { id: '', x: 1 }), 0);
  assert.equal(count(More, { x: 1, y: 1 }), 2);
  assert.equal(count(Either, 'text') + count(Either, { id: '' }), 0);
  assert.equal(count(Either, 7), 1);
  assert.equal(count({ minimum: 1, maximum: 2 }, 3), 1);
  assert.throws(() => own.check({ type: 'string', pattren: 'x' }, ''), /pattren/);
});

describe('reads', () => {
  const calls = () => ({
    getConversation: { params: { id: samples.conversation } },
    getImage: { params: { id: samples.withImage, fileName: samples.image } },
    getModel: { params: { model: 'recall' } },
    getModelOfVendor: { params: { vendor: 'vendor', model: 'recall' } },
    // There is no way yet in which a video comes into a conversation.
    getVideo: { params: { id: samples.withImage, fileName: `${'0'.repeat(64)}.mp4` } },
    showPairing: { params: { id: samples.code } },
    getRun: { params: { runId: samples.run } },
    followRun: { params: { runId: samples.run } },
  });

  test('every read answers as it is documented', async () => {
    for (const [id, { method, responses }] of operations) {
      if (method !== 'GET' || id === 'followLogs')
        continue;
      const { status } = await call(id, calls()[id]);
      if (responses['200'] && id !== 'getVideo')
        assert.equal(status, 200, id);
      else
        assert.equal(status, 404, id);
    }
  });

  test('and with what can be asked of it', async () => {
    await succeed('listModels', { query: { providerId: 'openai' } });
    await succeed('listConversations', { query: { q: 'Hello' } });
    const page = await succeed('listConversations', { query: { limit: '1' } });
    await succeed('listConversations', { query: { limit: '1', before: `${page.nextBefore}` } });
    await succeed('listSessionCandidates', { query: { limit: '3' } });
    await succeed('listErrors', { query: { count: '50' } });
    for (const level of ['error', 'warning', 'info'])
      await succeed('listLogs', { query: { count: '100', level } });
    await succeed('listAudit', { query: { count: '100' } });
    await succeed('listRecentConversations', { query: { count: '50' } });
    await succeed('showPairing', { params: { id: samples.code }, query: { wait: '1' } });
    const part = await call('getImage', { headers: { range: 'bytes=0-3' },
      params: { id: samples.withImage, fileName: samples.image } });
    assert.equal(part.status, 206);
  });

  test('an ETag spares the answer', async () => {
    for (const id of ['getOpenapi', 'listConversations']) {
      const tag = (await call(id)).headers.get('etag');
      const { path } = operations.get(id);
      const again = await daemon.get(path.slice('/v1'.length), { 'if-none-match': tag });
      assert.equal(again.status, 304, id);
      checkAnswer(id, again);
    }
  });

  test('the log as a stream', async () => {
    const response = await fetch(`${daemon.base}/operator/logs/stream?count=100`,
      { headers: { authorization: `Bearer ${daemon.key}` } });
    checkAnswer('followLogs', { status: response.status, headers: response.headers, text: '' });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await reader.read();
    await reader.cancel();
    const lines = framesOf(value.slice(0, value.lastIndexOf('\n\n')));
    assert.ok(lines.length > 0);
    const schema = operations.get('followLogs').responses['200']
      .content['text/event-stream']['x-event'];
    for (const line of lines)
      fits(schema, line, 'a line of the log');
  });

  test('a run and its events', async () => {
    await succeed('getRun', { params: { runId: samples.run } });
    await refuse('followRun', 400, { params: { runId: samples.run }, query: { after: 'x' } });
    const events = await call('followRun', { params: { runId: samples.run } });
    const schema = operations.get('followRun').responses['200']
      .content['text/event-stream']['x-event'];
    const lines = events.text.match(/^data: .*$/gm);
    assert.ok(lines.length > 2);
    for (const line of lines)
      fits(schema, JSON.parse(line.slice('data: '.length)), 'an event of a run');
  });

  test('what is not there, and who may not', async () => {
    await refuse('getRun', 404);
    await refuse('followRun', 404);
    await refuse('getConversation', 404);
    await refuse('getConversation', 400, { params: { id: '../x' } });
    await refuse('getModel', 404);
    await refuse('getImage', 400, { params: { id: samples.withImage, fileName: 'x.png' } });
    await refuse('listSessionCandidates', 400, { query: { limit: 'abc' } });
    await refuse('showPairing', 404);
    const key = daemon.key;
    daemon.key = 'wrong';
    await refuse('getStatus', 401);
    daemon.key = key;
  });
});

describe('chats', () => {
  const stream = (body, headers) => {
    fits(operations.get('createChatCompletion').requestBody.content['application/json'].schema,
      body, 'what was asked');
    return openStream(daemon, body, { headers });
  };

  async function checkStream (body, headers) {
    const open = await stream(body, headers).done;
    assert.equal(open.status, 200, open.text);
    const frames = framesOf(open.text);
    const event = operations.get('createChatCompletion').responses['200']
      .content['text/event-stream']['x-event'];
    for (const frame of frames)
      fits(event, frame, 'a chunk');
    return frames;
  }

  test('a whole answer', async () => {
    await succeed('createChatCompletion', { body: { messages: user('One'), model: 'recall' } });
    await succeed('createChatCompletion', { body: { prompt: 'Two', store: false } });
    await succeed('createChatCompletion', { body: { messages: user('Three'), temperature: 0.5,
      conversation_id: samples.conversation } });
    await refuse('createChatCompletion', 400, { body: { messages: [] } });
    await refuse('createChatCompletion', 400, { body: { messages: user('x'), n: 2 } });
    await refuse('createChatCompletion', 400, { body: { messages: user('x'), model: 'broken' } });
  });

  test('a stream, for scripts and for the app', async () => {
    for (const headers of [{}, APP]) {
      const frames = await checkStream({ messages: user('Hello'), stream: true,
        stream_options: { include_usage: true } }, headers);
      assert.ok(frames.some((frame) => frame.type === 'done'));
      assert.ok(frames.some((frame) => frame.usage));
    }
  });

  test('a stream that is tried again, and one that fails', async () => {
    const frames = await checkStream({ messages: user('again'), model: 'flaky', stream: true },
      APP);
    assert.ok(frames.some((frame) => frame.data?.retryInfo), 'no retry was told');
    const failed = await checkStream({ messages: user('x'), model: 'broken', stream: true }, APP);
    assert.equal(failed.at(-1).type, 'error');
  });
});

describe('writes', () => {
  test('conversations', async () => {
    const made = await succeed('createConversation', { body: { title: 'Mine',
      clientSessionId: 'c1', titleSource: 'manual', createdAt: 1700000000000,
      messages: [...user('a'), { role: 'assistant', content: 'b', timestamp: 1700000000000,
        toolCalls: [{ name: 't', arguments: { x: 1 } }],
        toolResults: [{ success: true, content: 'c' }] }] } });
    const params = { id: made.id };
    await succeed('getConversation', { params });
    await succeed('putConversation', { params, body: { title: 'Other' } });
    const branch = await succeed('branchConversation', { params, body: { messageIndex: 0 } });
    await succeed('getConversation', { params: { id: branch.id } });
    await succeed('listConversations');
    await succeed('deleteConversation', { params });
    await refuse('createConversation', 400, { body: { messages: 7 } });
    await refuse('putConversation', 400, { params, body: { messages: [{ role: 'x' }] } });
    await refuse('branchConversation', 400, { params, body: {} });
  });

  test('settings and presets', async () => {
    await succeed('changeSettings', { body: { themePreference: 'dark',
      panelPosition: 'top-left', pinnedSessionIds: ['a'], sttLanguage: 'de' } });
    await succeed('getSettings');
    await refuse('changeSettings', 400, { body: { themePreference: 'pink' } });
    const body = { name: 'Mine', baseUrl: upstream.base, apiKey: 'k', agentModel: 'recall' };
    const { preset } = await succeed('createModelPreset', { body });
    const params = { presetId: preset.id };
    await succeed('changeModelPreset', { params, body: { name: 'Still mine' } });
    await succeed('listModelPresets');
    await succeed('getSettings');
    await succeed('deleteModelPreset', { params });
    await refuse('createModelPreset', 400, { body: { name: '' } });
    await refuse('deleteModelPreset', 404);
  });

  test('devices and pairing', async () => {
    const code = await succeed('beginPairing', { body: { address: '127.0.0.1',
      scopes: ['chat', 'manage'] } });
    await succeed('endOnePairing', { params: { id: code.deviceId } });
    await refuse('endOnePairing', 404);
    const phone = await pair(daemon);
    const params = { id: phone.id };
    await succeed('listDevices');
    await succeed('showPairing', { params });
    await succeed('changeDevice', { params, body: { name: 'Phone', scopes: 'chat,operator' } });
    await succeed('revokeDevice', { params });
    await succeed('restoreDevice', { params });
    await refuse('changeDevice', 400, { params, body: {} });
    await refuse('changeDevice', 404, { body: { name: 'x' } });
    await refuse('beginPairing', 400, { body: { scopes: 'everything' } });
    await succeed('endPairing');
  });

  test('sessions', async () => {
    const { recentSessionDetails } = (await succeed('getStatus')).sessions;
    const params = { id: recentSessionDetails[0].id };
    for (const id of ['showSession', 'snoozeSession', 'unsnoozeSession', 'stopSession',
      'clearSession'])
      await succeed(id, { params });
    await succeed('snoozeSessions', { body: { sessionIds: [params.id] } });
    await succeed('clearInactiveSessions');
    await succeed('respondToToolApproval', { params: { approvalId: 'a' },
      body: { approved: true } });
    await refuse('respondToToolApproval', 400, { body: { approved: 'yes' } });
  });

  // A conversation that is busy until the gate opens, with a question for @model behind it.
  async function busy (model) {
    gate = new Promise((open) => { openGate = open; });
    const ask = (body) => openStream(daemon, { stream: true, ...body }, { headers: APP });
    const first = ask({ messages: user('a'), model: 'gated' });
    await until(() => first.text.includes('first'), 'the first word');
    const { conversationId } = framesOf(first.text)[0].data;
    const second = ask({ messages: user('b'), model, conversation_id: conversationId });
    const [message] = await waiting(conversationId, 'pending');
    return { first, second, params: { conversationId, messageId: message.id } };
  }

  const waiting = (conversationId, status) => until(async () => {
    const { queues } = await succeed('listMessageQueues');
    const queue = queues.find((one) => one.conversationId === conversationId);
    return queue?.messages.some((one) => one.status === status) ? queue.messages : null;
  }, `a message that is ${status}`);

  test('a queue that is held up', async () => {
    const { first, second, params } = await busy('recall');
    const { conversationId } = params;
    await succeed('getStatus');
    await succeed('listSessionCandidates');
    await succeed('pauseMessageQueue', { params });
    await succeed('editQueuedMessage', { params, body: { text: 'c' } });
    await refuse('editQueuedMessage', 400, { params, body: { text: ' ' } });
    await refuse('editQueuedMessage', 409, { params: { conversationId }, body: { text: 'x' } });
    await refuse('retryQueuedMessage', 409, { params });
    await succeed('removeQueuedMessage', { params });
    await refuse('removeQueuedMessage', 409, { params });
    await succeed('clearMessageQueue', { params });
    await succeed('resumeMessageQueue', { params });
    openGate();
    await Promise.all([first.done, second.done]);
  });

  test('a message that failed, and the emergency stop', async () => {
    const { first, second, params } = await busy('broken');
    openGate();
    await Promise.all([first.done, second.done]);
    await waiting(params.conversationId, 'failed');
    await succeed('retryQueuedMessage', { params });
    await waiting(params.conversationId, 'failed');
    await succeed('clearMessageQueue', { params });
    const third = await busy('recall');
    const stopped = await succeed('emergencyStop');
    assert.match(stopped.message, /^Stopped/);
    openGate();
    await Promise.all([third.first.done, third.second.done]);
  });

  test('the operator', async () => {
    await succeed('saveDiagnosticsReport', { body: { filePath: 'diagnostic-mine.json' } });
    await refuse('saveDiagnosticsReport', 400, { body: { filePath: '/etc/passwd' } });
    await succeed('runAgent', { body: { prompt: 'Hello' } });
    await refuse('runAgent', 400, { body: { prompt: '' } });
    await succeed('listErrors');
    await succeed('listLogs');
    await succeed('listAudit', { query: { count: '100' } });
    await succeed('clearErrors');
    await succeed('deleteConversations');
  });

  test('what starts things again', async () => {
    const rotated = await succeed('rotateApiKey', { body: { keepDevices: true } });
    daemon.key = rotated.apiKey;
    await until(async () => (await daemon.get('/models')).status === 200, 'the new key');
    await succeed('restartRemoteServer');
    await delay(300);
    await until(() => call('getHealth').then(() => true, () => false), 'it to listen again');
    const starts = () => daemon.output.text.match(/Listening on http/g).length;
    const before = starts();
    await succeed('restartApp');
    await until(() => starts() > before, 'the second start');
    daemon.origin = daemon.output.text.match(/Listening on (http:\/\/\S+)\/v1/g).at(-1)
      .slice('Listening on '.length, -'/v1'.length);
    daemon.base = `${daemon.origin}/v1`;
    await succeed('getStatus');
  });
});

test('every operation was called, and answered well if it can', () => {
  const missed = [...operations].filter(([id, { responses }]) => {
    const statuses = seen.get(id) ?? [];
    const canSucceed = Object.keys(responses).some((one) => /^2/.test(one)) && id !== 'getVideo';
    return !statuses.some((status) => !canSucceed || status < 300);
  }).map(([id]) => id);
  assert.deepEqual(missed, []);
});
