// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// The operator's actions (contract 30 E.6, E.12) and what the record says of them.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { Daemon, delay, openStream, until } from './harness.mjs';
import { localCall, pair, runForJson } from './terminal.mjs';
import { recall, startUpstream } from './upstream.mjs';

let upstream;
let daemon;
let openGate;

before(async () => {
  upstream = await startUpstream({
    recall,
    gated: async (turn) => {
      turn.text('first ');
      await new Promise((open) => { openGate = open; });
      turn.text('done');
      turn.end();
    },
    refused: (turn) => turn.fail(400, { error: { message: 'no such thing' } }),
  });
  daemon = await Daemon.start({ upstream: upstream.base, model: 'recall' });
});

after(async () => {
  openGate?.();
  await daemon?.stop();
  await upstream?.stop();
});

const act = (path, body) => daemon.call('POST', `/operator/${path}`, body);
const audit = async () => (await daemon.get('/operator/audit?count=100')).json.entries;

test('an agent is asked and answers in one reply', async () => {
  const { status, json } = await act('actions/run-agent', { prompt: '  the plan  ' });
  assert.equal(status, 200);
  assert.deepEqual([json.success, json.action, json.content, json.messageCount],
    [true, 'run-agent', 'You said: the plan', 2]);
  const next = await act('actions/run-agent',
    { prompt: 'and then', conversationId: json.conversationId });
  assert.equal(next.json.content, 'You said: the plan | and then');
  assert.equal(next.json.messageCount, 4);
  const stored = await daemon.get(`/conversations/${json.conversationId}`);
  assert.equal(stored.json.messages.length, 4);
  const row = (await audit()).find((entry) => entry.action === 'run-agent');
  assert.equal(row.details.promptLength, 8);
  assert.ok(!JSON.stringify(await audit()).includes('the plan'));
});

test('a wrong question is refused', async () => {
  assert.equal((await act('actions/run-agent', { prompt: ' ' })).status, 400);
  assert.equal((await act('actions/run-agent', { prompt: 5 })).status, 400);
  assert.equal((await act('actions/run-agent', { prompt: 'x', conversationId: '../x' })).status,
    400);
  assert.equal((await act('actions/run-agent')).status, 400);
});

test('who hangs up does not stop the agent', async () => {
  const stream = openStream(daemon, { prompt: 'x' }, { path: '/v1/operator/actions/run-agent' });
  await delay(100);
  stream.hangUp();
  assert.equal((await daemon.get('/operator/status')).status, 200);
});

test('the listener starts again and open streams go on', async () => {
  const stream = openStream(daemon, { model: 'gated', stream: true,
    messages: [{ role: 'user', content: 'go' }] });
  await until(() => stream.text.includes('first'), 'the first word');
  const { status, json } = await act('actions/restart-remote-server');
  assert.equal(status, 200);
  assert.deepEqual([json.success, json.action, json.scheduled, json.details],
    [true, 'restart-remote-server', true, { wasRunning: true }]);
  await until(() => daemon.output.text.split('Listening on 127').length > 2, 'it to listen again');
  for (let i = 0; i < 20; i++)
    assert.equal((await daemon.get('/operator/health')).status, 200);
  openGate();
  await stream.done;
  assert.match(stream.text, /\[DONE\]/);
});

test('a report is saved in the folder of the state, and nowhere else', async () => {
  const { status, json } = await act('diagnostics/report/save');
  assert.equal(status, 200);
  assert.equal(json.action, 'diagnostic-report-save');
  assert.equal(dirname(json.filePath), join(daemon.home, 'state', 'dotagents'));
  assert.equal(statSync(json.filePath).mode & 0o777, 0o600);
  assert.ok(JSON.parse(readFileSync(json.filePath, 'utf8')).system.platform);
  assert.ok(!readFileSync(json.filePath, 'utf8').includes(daemon.key));
  const named = await act('diagnostics/report/save', { filePath: 'diagnostic-mine.json' });
  assert.ok(existsSync(named.json.filePath));
  for (const filePath of ['/tmp/x.json', '../diagnostic-x.json', 'audit.jsonl', 'diagnostic-x',
    'diagnostic-/../x.json', ''])
    assert.equal((await act('diagnostics/report/save', { filePath })).status, 400, filePath);
});

test('the log is a stream for who follows it', async () => {
  const controller = new AbortController();
  const response = await fetch(`${daemon.base}/operator/logs/stream?count=5`, {
    headers: { authorization: `Bearer ${daemon.key}` }, signal: controller.signal });
  assert.match(response.headers.get('content-type'), /text\/event-stream/);
  const reader = response.body.getReader();
  let text = '';
  const read = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done)
        return;
      text += new TextDecoder().decode(value);
    }
  })().catch(() => {});
  const phone = await pair(daemon);
  await until(() => /paired with/.test(text), 'the line');
  assert.ok(!text.includes(phone.key) && !text.includes(daemon.key));
  controller.abort();
  await read;
});

test('a stream of the log ends with the device that follows it', async () => {
  const phone = await pair(daemon);
  const response = await fetch(`${daemon.base}/operator/logs/stream`, {
    headers: { authorization: `Bearer ${phone.key}` } });
  const reader = response.body.getReader();
  const begun = Date.now();
  await localCall(daemon, 'DELETE', `/operator/devices/${phone.id}`);
  const end = (async () => {
    for (;;)
      if ((await reader.read()).done)
        return;
  })();
  await end.catch(() => {});
  assert.ok(Date.now() - begun < 1000);
});

test('the program starts itself again, with the same arguments', async () => {
  const before = (await daemon.get('/operator/status')).json.system.processUptimeSeconds;
  const pid = daemon.child.pid;
  await delay(1100);
  const phone = await pair(daemon);
  const { json } = await act('actions/restart-app');
  assert.deepEqual([json.success, json.action, json.scheduled], [true, 'restart-app', true]);
  assert.ok(json.details.currentVersion);
  const starts = () => daemon.output.text.match(/Listening on http/g).length;
  await until(() => starts() === 2, 'the second start');
  const urls = daemon.output.text.match(/Listening on (http:\/\/\S+)\/v1/g);
  daemon.origin = urls.at(-1).slice('Listening on '.length, -3);
  daemon.base = `${daemon.origin}/v1`;
  assert.equal(daemon.child.exitCode, null);
  assert.equal(daemon.child.pid, pid);
  const status = (await daemon.get('/operator/status')).json;
  assert.ok(status.system.processUptimeSeconds <= before + 1);
  assert.equal((await phone.get('/models')).status, 200);
  assert.equal((await localCall(daemon, 'GET', '/operator/status')).status, 200);
});

test('the record is whole after all of this, and knows who did what', async () => {
  const rows = await audit();
  for (const action of ['restart-app', 'restart-remote-server', 'diagnostic-report-save',
    'device-revoke', 'device-pairing-begin'])
    assert.ok(rows.some((row) => row.action === action && row.success), action);
  assert.ok(rows.some((row) => row.failureReason === 'http-400'));
  assert.ok((await runForJson(daemon, ['audit', 'verify'])).whole);
});
