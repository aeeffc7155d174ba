// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// Every behaviour of a model provider that the server must stand, through the whole program: the
// scripts of fake-llm, and aimock as a provider written by somebody else.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';

import { LLMock } from '@copilotkit/aimock';

import { Daemon, FakeLlm, deltaText, framesOf, openStream, until } from './harness.mjs';

const NORMAL = 'Hello from the fake provider. It answers the same every time.';
const PHONE = { 'user-agent': 'okhttp/4.12.0' };
const EVERY_SCRIPT = 'Latin äöüß ñ ç ø — Ελληνικά — Кириллица — עברית — العربية — हिन्दी — বাংলা — '
  + 'தமிழ் — ไทย — ქართული — հայերեն — አማርኛ — 中文 — 日本語かなカナ — 한국어 — 𠜎𠜱𡿺 — 𝔉𝔯𝔞𝔨𝔱𝔲𝔯 — '
  + 'e\u0301 — 😀 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 — "quotes" \\ / <tag> & \t tab\nline\r\nend\n\n'
  + 'blank data: [DONE] \u2028separators\u2029 \ufffd end.';
let fake;
let daemon;

before(async () => {
  fake = await FakeLlm.start();
  daemon = await Daemon.start({ upstream: fake.base, model: 'script:normal' });
});

after(async () => {
  await daemon?.stop();
  await fake?.stop();
});

const ask = (script, content = script, more = {}) => (
  { model: `script:${script}`, messages: [{ role: 'user', content }], ...more });
const streamed = async (script, content) => {
  const stream = await openStream(daemon, ask(script, content, { stream: true }),
                                  { headers: PHONE }).done;
  const frames = framesOf(stream.text);
  return { frames, text: deltaText(frames), stream,
           done: frames.find((frame) => frame.type === 'done')?.data,
           error: frames.find((frame) => frame.type === 'error') };
};
const health = async () => assert.equal((await daemon.get('/operator/health')).status, 200);
const stored = async (id) => (await daemon.get(`/conversations/${id}`)).json.messages;

for (const script of ['normal', 'slow-first-token', 'slow-head', 'rate-limit',
                      'server-error-twice', 'cut-once', 'redirect-same'])
  test(`${script}: answered, streamed and whole`, { timeout: 60000 }, async () => {
    const { text, done } = await streamed(script);
    assert.equal(text, NORMAL);
    assert.equal(done.content, NORMAL);
    const whole = await daemon.chat(ask(script, `${script}, whole`));
    assert.equal(whole.status, 200, whole.text);
    assert.equal(whole.json.choices[0].message.content, NORMAL);
  });

for (const script of ['every-script', 'split-packets', 'split-surrogates'])
  test(`${script}: every character arrives whole, and is stored so`, async () => {
    const { text, done } = await streamed(script);
    assert.equal(text, EVERY_SCRIPT);
    assert.equal(done.content, EVERY_SCRIPT);
    assert.equal((await stored(done.conversation_id)).at(-1).content, EVERY_SCRIPT);
  });

test('a rate limit is told while it is waited for', { timeout: 60000 }, async () => {
  await fetch(`${fake.origin}/__reset`, { method: 'POST' }).catch(() => {});
  const all = [];
  for (let i = 0; i < 2; i++)
    all.push(...(await streamed('rate-limit', `told ${i}`)).frames);
  const infos = all.filter((frame) => frame.data?.retryInfo).map((frame) => frame.data.retryInfo);
  assert.ok(infos.length >= 1, 'no progress frame with retryInfo');
  for (const info of infos) {
    assert.equal(info.isRetrying, true);
    assert.ok(Number.isInteger(info.attempt));
    assert.equal(typeof info.delaySeconds, 'number');
    assert.equal(typeof info.reason, 'string');
  }
});

test('10,000 tokens at full speed arrive complete and in order', { timeout: 60000 }, async () => {
  const { text, done, stream } = await streamed('tokens-10000');
  const words = text.trim().split(' ');
  assert.equal(words.length, 10000);
  const numbers = words.map((word) => Number(word.slice(1)));
  assert.ok(numbers.every((number, i) => i === 0 || number === numbers[i - 1] + 1));
  assert.equal(done.content, text);
  // Progress ticks may be dropped; their cost must not grow with the square of the answer.
  assert.ok(stream.text.length < text.length * 400, `${stream.text.length} bytes on the wire`);
});

for (const script of ['garbage', 'cut', 'cut-clean'])
  test(`${script}: an error is said, and what came is kept`, { timeout: 60000 }, async () => {
    const { text, error, done, frames } = await streamed(script);
    assert.ok(error ?? done, 'the stream ended without a word');
    assert.ok(text.length > 0, 'the first words were lost');
    const id = frames.find((frame) => frame.data?.conversationId).data.conversationId;
    const messages = await stored(id);
    assert.equal(messages[0].content, script);
    assert.equal(messages.at(-1).role, 'assistant');
    assert.ok(messages.at(-1).content.startsWith(text.slice(0, 5)));
    await health();
  });

for (const [script, status] of Object.entries({
  'rate-limit-always': 429, quota: [402, 429], 'server-error': 502,
  unauthorized: [401, 502], 'no-model': [400, 404, 502],
}))
  test(`${script}: the script is told by status and words`, { timeout: 60000 }, async () => {
    const answer = await daemon.chat(ask(script), { 'x-stainless-lang': 'js' });
    assert.ok(answer.status >= 400, `${answer.status}`);
    // 401 is ours alone: a wrong provider key must not look like a wrong key of this server.
    assert.notEqual(answer.status, 401);
    assert.ok([status].flat().concat(502).includes(answer.status), `${answer.status}`);
    assert.equal(typeof answer.json.error, 'string');
    assert.ok(!answer.text.includes('test-upstream-key'));
    await health();
  });

test('a redirect to another host never gets the key', async () => {
  await daemon.chat(ask('redirect-away'));
  const stats = await fake.stats();
  const stolen = Object.entries(stats).filter(([name]) => /stolen.*key/i.test(name));
  assert.ok(stolen.length > 0, `no such counter in ${Object.keys(stats)}`);
  for (const [name, value] of stolen)
    assert.equal(value, 0, name);
});

test('a never ending answer ends when its client leaves', { timeout: 60000 }, async () => {
  const before = await fake.stats();
  const stream = openStream(daemon, ask('never-ending', 'for ever', { stream: true }),
                            { headers: { 'x-stainless-lang': 'js' } });
  await until(() => framesOf(stream.text.slice(0, stream.text.lastIndexOf('\n\n') + 2)).length > 5,
              'some frames');
  stream.hangUp();
  await until(async () => {
    const now = await fake.stats();
    return Object.keys(now).some((name) => /early/i.test(name) && now[name] > before[name]);
  }, 'the connection to the provider to close');
  await health();
});

test('many clients of a fast provider leave the others alone', { timeout: 60000 }, async () => {
  const runs = Array.from({ length: 10 }, (_, i) => streamed('normal', `together ${i}`));
  const answers = await Promise.all(runs);
  assert.ok(answers.every(({ text }) => text === NORMAL));
});

test('a provider written by somebody else is understood (aimock)', async () => {
  const mock = new LLMock({ port: 0 });
  mock.onMessage('hello', { content: 'Hi there from aimock!' });
  mock.onMessage('tell me a long story', { content: 'Once upon a time. '.repeat(200) });
  await mock.start();
  const other = await Daemon.start({ upstream: `${mock.url}/v1`, model: 'gpt-4.1-mini' });
  try {
    const whole = await other.chat({ messages: [{ role: 'user', content: 'hello' }] });
    assert.equal(whole.json.choices[0].message.content, 'Hi there from aimock!');
    const body = { stream: true, messages: [{ role: 'user', content: 'tell me a long story' }] };
    const stream = await openStream(other, body, { headers: PHONE }).done;
    assert.equal(deltaText(framesOf(stream.text)), 'Once upon a time. '.repeat(200));
    assert.equal(framesOf(stream.text).at(-1).type, 'done');
  } finally {
    await other.stop();
    await mock.stop();
  }
});

// The pairing check of the phone is GET /v1/models: any 2xx within ten seconds.
test('the pairing check succeeds whatever the provider does', { timeout: 60000 }, async () => {
  const deaf = http.createServer(() => {});
  await new Promise((done) => deaf.listen(0, '127.0.0.1', done));
  const closed = http.createServer();
  await new Promise((done) => closed.listen(0, '127.0.0.1', done));
  const closedPort = closed.address().port;
  await new Promise((done) => closed.close(done));
  try {
    for (const port of [deaf.address().port, closedPort]) {
      const other = await Daemon.start({ upstream: `http://127.0.0.1:${port}/v1`, model: 'm' });
      try {
        const began = Date.now();
        const answer = await other.get('/models');
        assert.equal(answer.status, 200, answer.text);
        assert.ok(Array.isArray(answer.json.models));
        assert.ok(Date.now() - began < 8000, `${Date.now() - began} ms`);
      } finally {
        await other.stop();
      }
    }
  } finally {
    deaf.closeAllConnections();
    deaf.close();
  }
});

test('without any provider the offline responder answers and says so', async () => {
  const other = await Daemon.start();
  try {
    const answer = await other.chat({ messages: [{ role: 'user', content: 'Hello?' }] });
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.json.choices[0].message.content, /language model|offline/i);
    const help = await other.chat({ messages: [{ role: 'user', content: '/help' }] });
    assert.match(help.json.choices[0].message.content, /\/help/);
  } finally {
    await other.stop();
  }
});
