// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// A page of another origin in a real browser chats, streamed, and lists conversations: what CORS
// allows is decided by Chromium, not by us.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';

import { Browser, chromium } from './browser.mjs';
import { Daemon } from './harness.mjs';
import { recall, startUpstream } from './upstream.mjs';

const skip = chromium ? false : 'no Chromium on this machine';
let upstream;
let daemon;
let pages;
let browser;

// The page's own helper; it runs in the browser.
const PAGE = `<!doctype html><meta charset="utf-8"><title>page</title><script>
async function api (base, key, method, path, body) {
  const headers = { authorization: 'Bearer ' + key, 'x-dotagents-device-id': 'browser-test' };
  if (body) headers['content-type'] = 'application/json';
  try {
    const answer = await fetch(base + path,
                               { method, headers, body: body && JSON.stringify(body) });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    return { failed: String(error) };
  }
}
async function chat (base, key, content) {
  const answer = await fetch(base + '/chat/completions', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + key, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'recall', stream: true, messages: [{ role: 'user', content }] }),
  });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let reads = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
    reads++;
  }
  return { status: answer.status, text, reads };
}
</script>`;

before(async () => {
  if (skip)
    return;
  upstream = await startUpstream({ recall });
  daemon = await Daemon.start({ upstream: upstream.base, model: 'recall' });
  pages = http.createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(PAGE);
  });
  await new Promise((done) => pages.listen(0, '127.0.0.1', done));
  browser = await Browser.start();
  await browser.open(`http://127.0.0.1:${pages.address().port}/`);
}, { timeout: 60000 });

after(async () => {
  await browser?.stop();
  pages?.closeAllConnections();
  pages?.close();
  await daemon?.stop();
  await upstream?.stop();
});

const api = (method, path, body, key = daemon.key) => browser.evaluate(
  `api(${[daemon.base, key, method, path, body ?? null].map((v) => JSON.stringify(v)).join(',')})`);

test('a page of another port chats, streamed', { skip }, async () => {
  const answer = await browser.evaluate(
    `chat(${JSON.stringify(daemon.base)}, ${JSON.stringify(daemon.key)}, 'Grüße 😀')`);
  assert.equal(answer.status, 200);
  assert.ok(answer.reads > 1, 'the stream came in one piece');
  const frames = answer.text.split('\n').filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)));
  assert.equal(frames.at(-1).type, 'done');
  assert.equal(frames.at(-1).data.content, 'You said: Grüße 😀');
});

test('it lists conversations', { skip }, async () => {
  const answer = await api('GET', '/conversations');
  assert.equal(answer.status, 200, answer.failed);
  assert.equal(JSON.parse(answer.text).conversations[0].lastMessage, 'You said: Grüße 😀');
});

test('it may use every method the app uses', { skip }, async () => {
  const made = await api('POST', '/conversations', { messages: [{ role: 'user', content: 'x' }] });
  assert.equal(made.status, 201, made.failed);
  const { id } = JSON.parse(made.text);
  assert.equal((await api('PUT', `/conversations/${id}`, { title: 'y' })).status, 200);
  assert.equal((await api('PATCH', '/settings', { themePreference: 'dark' })).status, 200);
  assert.equal((await api('DELETE', `/conversations/${id}`)).status, 200);
});

test('a wrong key is seen as a wrong key, not as a network failure', { skip }, async () => {
  const answer = await api('GET', '/models', null, 'wrong');
  assert.equal(answer.failed, undefined);
  assert.equal(answer.status, 401);
  assert.deepEqual(JSON.parse(answer.text), { error: 'Unauthorized' });
});

test('errors of all kinds can be read', { skip }, async () => {
  assert.equal((await api('GET', '/nowhere')).status, 404);
  assert.equal((await api('PATCH', '/models', {})).status, 405);
  assert.equal((await api('POST', '/conversations', {})).status, 400);
});

test('the app\'s screens load from a page', { skip }, async () => {
  for (const path of ['/models', '/settings', '/operator/status', '/profiles', '/skills', '/loops',
                      '/agent-profiles', '/mcp/servers', '/operator/audit?count=10'])
    assert.equal((await api('GET', path)).status, 200, path);
});

test('with a list of origins, others are kept out', { skip, timeout: 60000 }, async () => {
  const other = await Daemon.start({
    args: ['--set', 'remoteServerCorsOrigins=["http://allowed.example"]'],
  });
  try {
    const answer = await browser.evaluate(
      `api(${JSON.stringify(other.base)}, ${JSON.stringify(other.key)}, 'GET', '/models', null)`);
    assert.ok(answer.failed !== undefined || answer.status === 403, JSON.stringify(answer));
  } finally {
    await other.stop();
  }
});
