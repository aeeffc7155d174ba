// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// A key for each device: claimed by first use, limited, cut off (SEC-08, 10, 11, 22, 27).

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Daemon, delay, openStream, until } from './harness.mjs';
import { localCall, pair, runForJson } from './terminal.mjs';
import { recall, startUpstream } from './upstream.mjs';

let upstream;
let daemon;

before(async () => {
  upstream = await startUpstream({
    recall,
    endless: async (turn) => {
      for (let i = 0; i < 500 && !turn.response.destroyed; i++) {
        turn.text(`${i} `);
        await delay(20);
      }
      turn.end();
    },
  });
  daemon = await Daemon.start({ upstream: upstream.base, model: 'recall', ownKey: true });
  daemon.key = (await localCall(daemon, 'GET', '/operator/access/api-key')).json.apiKey;
});

after(async () => {
  await daemon?.stop();
  await upstream?.stop();
});

const devices = async () => (await localCall(daemon, 'GET', '/operator/devices')).json.devices;
const find = async (id) => (await devices()).find((device) => device.id === id);
const audit = async (count = 100) => (
  await localCall(daemon, 'GET', `/operator/audit?count=${count}`)).json.entries;

test('the first use of a code claims it and names the device', async () => {
  const begun = Date.now();
  const phone = await pair(daemon, { header: 'AAAA-1' });
  assert.equal(phone.claimed.status, 200);
  const device = await find(phone.id);
  assert.equal(device.state, 'paired');
  assert.ok(device.name.length > 0);
  assert.deepEqual(device.scopes, ['chat', 'manage', 'operator']);
  assert.equal(device.address, '127.0.0.1');
  assert.ok(device.firstSeen >= begun && device.lastSeen >= device.firstSeen);
});

test('who waits for a code hears of its use at once', async () => {
  const { json: code } = await localCall(daemon, 'POST', '/operator/devices/pairing',
    { address: '127.0.0.1' });
  const waiting = localCall(daemon, 'GET', `/operator/devices/pairing/${code.deviceId}?wait=20`);
  const key = new URL(code.link).searchParams.get('apiKey');
  const begun = Date.now();
  await fetch(`${daemon.base}/models`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await waiting).json.state, 'paired');
  assert.ok(Date.now() - begun < 2000);
});

test('a code that was closed opens nothing, nor does one of an earlier start', async () => {
  const { json: closed } = await localCall(daemon, 'POST', '/operator/devices/pairing',
    { address: '127.0.0.1' });
  const keyOf = (code) => new URL(code.link).searchParams.get('apiKey');
  const tryKey = async (key) => (await fetch(`${daemon.base}/models`,
    { headers: { authorization: `Bearer ${key}` } })).status;
  assert.ok(closed.expiresAt > Date.now() + 590000 && closed.expiresAt < Date.now() + 610000);
  await localCall(daemon, 'DELETE', `/operator/devices/pairing/${closed.deviceId}`);
  assert.equal(await tryKey(keyOf(closed)), 401);

  const { json: open } = await localCall(daemon, 'POST', '/operator/devices/pairing',
    { address: '127.0.0.1' });
  const phone = await pair(daemon);
  await daemon.restart();
  assert.equal(await tryKey(keyOf(open)), 401);
  assert.equal((await phone.get('/models')).status, 200);
});

test('a device that is cut off loses its open stream within a second', async () => {
  const phone = await pair(daemon);
  const stream = openStream({ ...daemon, key: phone.key },
    { model: 'endless', stream: true, messages: [{ role: 'user', content: 'go on' }] },
    { headers: { 'user-agent': 'okhttp/4.12.0' } });
  await until(() => stream.pieces.length > 3, 'the stream to flow');
  assert.equal((await find(phone.id)).openRequests, 1);
  const begun = Date.now();
  const { status } = await localCall(daemon, 'DELETE', `/operator/devices/${phone.id}`);
  assert.equal(status, 200);
  await stream.done;
  assert.ok(Date.now() - begun < 1000, `${Date.now() - begun} ms`);
  assert.equal((await phone.get('/models')).status, 401);
  assert.equal(await find(phone.id), undefined);

  assert.equal((await localCall(daemon, 'POST', `/operator/devices/${phone.id}/restore`)).status,
    200);
  assert.equal((await phone.get('/models')).status, 200);
  await localCall(daemon, 'POST', '/emergency-stop');
});

test('a device does what its scopes say, from the next request on', async () => {
  const phone = await pair(daemon);
  assert.equal((await phone.get('/settings')).status, 200);
  const changed = await localCall(daemon, 'PATCH', `/operator/devices/${phone.id}`,
    { name: 'Kitchen', scopes: 'chat' });
  assert.equal(changed.status, 200);
  assert.equal(changed.json.device.name, 'Kitchen');
  assert.deepEqual(changed.json.device.scopes, ['chat']);
  assert.equal((await phone.get('/models')).status, 200);
  assert.equal((await phone.get('/settings')).status, 403);
  assert.equal((await phone.get('/operator/status')).status, 403);
  assert.equal((await phone.call('POST', '/emergency-stop')).status, 403);
  await localCall(daemon, 'PATCH', `/operator/devices/${phone.id}`, { scopes: ['chat', 'manage'] });
  assert.equal((await phone.get('/settings')).status, 200);
});

test('nobody gives away a scope that he has not got', async () => {
  const phone = await pair(daemon, { scopes: 'chat,operator' });
  assert.equal((await phone.get('/settings')).status, 403);
  const code = await phone.call('POST', '/operator/devices/pairing',
    { address: '127.0.0.1', scopes: 'manage' });
  assert.equal(code.status, 403);
  const own = await phone.call('PATCH', `/operator/devices/${phone.id}`,
    { scopes: 'chat,manage,operator' });
  assert.equal(own.status, 403);
  const allowed = await phone.call('POST', '/operator/devices/pairing', { address: '127.0.0.1' });
  assert.deepEqual(allowed.json.scopes, ['chat', 'operator']);
});

test('a key counts in one header only', async () => {
  const phone = await pair(daemon);
  for (const headers of [{ 'x-api-key': phone.key }, { cookie: `apiKey=${phone.key}` },
    { authorization: `bearer ${phone.key}` }, { authorization: `Basic ${phone.key}` }, {}])
    assert.equal((await fetch(`${daemon.base}/models`, { headers })).status, 401);
  assert.equal((await fetch(`${daemon.base}/models?apiKey=${phone.key}`)).status, 401);
});

test('a wrong change is refused in words', async () => {
  const phone = await pair(daemon);
  const patch = (body) => localCall(daemon, 'PATCH', `/operator/devices/${phone.id}`, body);
  assert.equal((await patch({ scopes: 'chat,root' })).status, 400);
  assert.equal((await patch({ name: '  ' })).status, 400);
  assert.equal((await patch({})).status, 400);
  assert.equal((await localCall(daemon, 'PATCH', '/operator/devices/none', { name: 'x' })).status,
    404);
  assert.equal((await localCall(daemon, 'DELETE', '/operator/devices/none')).status, 404);
});

test('without a reachable address there is no code, but the reason', async () => {
  const { status, json } = await localCall(daemon, 'POST', '/operator/devices/pairing', {});
  assert.equal(status, 409);
  assert.match(json.error, /127\.0\.0\.1.*--bind/);
  const url = await localCall(daemon, 'POST', '/operator/devices/pairing',
    { address: 'https://desk.example.org' });
  assert.equal(url.json.baseUrl, 'https://desk.example.org/v1');
});

test('streamer mode shows no code and no key', async () => {
  await localCall(daemon, 'PATCH', '/settings', { streamerModeEnabled: true });
  const code = await localCall(daemon, 'POST', '/operator/devices/pairing',
    { address: '127.0.0.1' });
  assert.equal(code.status, 409);
  assert.equal((await localCall(daemon, 'GET', '/operator/access/api-key')).status, 409);
  await localCall(daemon, 'PATCH', '/settings', { streamerModeEnabled: false });
});

test('a device that rotates the key stays paired and never learns the new one', async () => {
  const phone = await pair(daemon);
  const other = await pair(daemon);
  const old = daemon.key;
  const { status, json } = await phone.call('POST', '/operator/access/rotate-api-key');
  assert.equal(status, 200);
  assert.deepEqual([json.success, json.action, json.scheduled, json.restartScheduled],
    [true, 'rotate-api-key', true, true]);
  assert.equal(json.apiKey, phone.key);
  assert.equal((await daemon.get('/models')).status, 401);
  assert.equal((await phone.get('/models')).status, 200);
  assert.equal((await other.get('/models')).status, 401);
  assert.equal((await phone.get('/operator/access/api-key')).status, 403);
  daemon.key = (await localCall(daemon, 'GET', '/operator/access/api-key')).json.apiKey;
  assert.notEqual(daemon.key, old);
  assert.match(daemon.key, /^[0-9a-f]{64}$/);
  assert.equal((await daemon.get('/models')).status, 200);
});

test('who rotates with the key itself is answered with the new one', async () => {
  const phone = await pair(daemon);
  const kept = await daemon.call('POST', '/operator/access/rotate-api-key', { keepDevices: true });
  assert.equal(kept.status, 200);
  assert.equal((await daemon.get('/models')).status, 401);
  daemon.key = kept.json.apiKey;
  assert.equal((await daemon.get('/models')).status, 200);
  assert.equal((await phone.get('/models')).status, 200);
  const cut = await daemon.call('POST', '/operator/access/rotate-api-key');
  daemon.key = cut.json.apiKey;
  assert.ok(cut.json.devicesCutOff >= 1);
  assert.equal((await phone.get('/models')).status, 401);
});

test('every write and refusal leaves a row, with who it was and what became of it', async () => {
  const phone = await pair(daemon, { header: 'SPOOFED' });
  await localCall(daemon, 'PATCH', `/operator/devices/${phone.id}`,
    { name: 'Hall', scopes: 'chat,manage' });
  await phone.call('PATCH', '/settings', { remoteServerAutoShowPanel: true });
  await phone.call('PUT', '/conversations/conv_none', { title: 'x' });
  await phone.get('/operator/status');
  const rows = (await audit()).filter((row) => row.deviceId === phone.id);
  const byPath = (path) => rows.find((row) => row.path === path);
  assert.equal(byPath('/v1/settings').deviceName, 'Hall');
  assert.equal(byPath('/v1/settings').success, true);
  assert.equal(byPath('/v1/conversations/:id').action, 'put');
  assert.equal(byPath('/v1/conversations/:id').success, false);
  assert.equal(byPath('/v1/operator/status').failureReason, 'not-in-scope');
  assert.equal(rows.filter((row) => row.action === 'authentication').length, 1);
  assert.ok(!JSON.stringify(await audit()).includes(phone.key));
  assert.ok((await runForJson(daemon, ['audit', 'verify'])).whole);
});

test('no file knows the key of a device', async () => {
  const phone = await pair(daemon);
  await phone.get('/settings');
  await delay(600);
  const files = readdirSync(daemon.home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  assert.ok(files.some((path) => path.endsWith('audit.jsonl')));
  for (const path of files)
    assert.ok(!readFileSync(path).includes(phone.key), path);
  assert.ok(!daemon.output.text.includes(phone.key));
});

// The last one: this address is locked out for a minute.
test('knocking is throttled, counted, and cannot wash the record away', async () => {
  const knock = (extra) => fetch(`${daemon.base}/models`,
    { headers: { authorization: 'Bearer wrong', ...extra } });
  const codes = [];
  for (let i = 0; i < 25; i++)
    codes.push((await knock({ 'x-device-id': `d${i}`, cookie: 'a=b', 'x-api-key': 'k' })).status);
  assert.ok(codes.slice(0, 10).every((code) => code === 401));
  const last = await knock();
  assert.equal(last.status, 429);
  assert.ok(Number(last.headers.get('retry-after')) > 0);
  assert.equal((await daemon.get('/models')).status, 429);
  assert.equal((await localCall(daemon, 'GET', '/models')).status, 200);
  const rows = (await audit()).filter((row) => row.action === 'authentication' && !row.success);
  assert.ok(rows.length >= 5 && rows.length <= 12, `${rows.length} rows`);
});
