// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// The commands of dotagentsd against the running program, as a person and as a script uses them.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Daemon, delay, until } from './harness.mjs';
import { localCall, pair, runCommand, runForJson, socketOf, startCommand,
  terminalEnvironment } from './terminal.mjs';
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
    steering: (turn) => turn.answer('a\u001b[31mred\u001b]0;title\u0007 line\nnext'),
    refused: (turn) => turn.fail(400, { error: { message: 'no such thing' } }),
  });
  daemon = await Daemon.start({ upstream: upstream.base, model: 'recall', ownKey: true });
});

after(async () => {
  await daemon?.stop();
  await upstream?.stop();
});

const hasNetwork = () => Object.values(networkInterfaces()).flat()
  .some((address) => !address.internal && address.family === 'IPv4');

test('the socket is for its owner alone, in a folder of his own', () => {
  const socket = statSync(socketOf(daemon));
  assert.ok(socket.isSocket());
  assert.equal(socket.mode & 0o777, 0o600);
  assert.equal(statSync(join(daemon.home, 'run', 'dotagents')).mode & 0o777, 0o700);
});

test('curl reaches every route without a key', () => {
  const curl = (...args) => spawnSync('curl', ['-s', '--unix-socket', socketOf(daemon), ...args],
    { encoding: 'utf8' }).stdout;
  assert.ok(JSON.parse(curl('http://localhost/v1/operator/status')).remoteServer.running);
  assert.ok(JSON.parse(curl('http://any-name.example/v1/conversations')).conversations);
  const saved = curl('-X', 'PATCH', '-H', 'content-type: application/json',
    '-d', '{"remoteServerAutoShowPanel":true}', 'http://localhost/v1/settings');
  assert.equal(JSON.parse(saved).success, true);
});

test('another user is turned away even when the files let him in', async (t) => {
  if (process.getuid() !== 0 || spawnSync('setpriv', ['--version']).status !== 0) {
    t.skip('needs root and setpriv');
    return;
  }
  for (const path of [daemon.home, join(daemon.home, 'run'), join(daemon.home, 'run', 'dotagents')])
    chmodSync(path, 0o755);
  chmodSync(socketOf(daemon), 0o777);
  const curl = (...before) => {
    const [program, ...args] = [...before, 'curl', '-s', '-o', '/dev/null', '-w', '%{http_code}',
      '--unix-socket', socketOf(daemon), 'http://localhost/v1/conversations'];
    return spawnSync(program, args, { encoding: 'utf8' }).stdout;
  };
  assert.equal(curl(), '200');
  assert.equal(curl('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'), '000');
  chmodSync(socketOf(daemon), 0o600);
  for (const path of [daemon.home, join(daemon.home, 'run'), join(daemon.home, 'run', 'dotagents')])
    chmodSync(path, 0o700);
  await until(() => /User 65534 was turned away/.test(daemon.output.text), 'the warning');
  daemon.output.text = daemon.output.text.replace(/.*User 65534 was turned away.*\n/, '');
});

test('status tells in words and in JSON', async () => {
  const words = await runCommand(daemon, ['status']);
  assert.equal(words.code, 0);
  assert.ok(words.out.includes(daemon.base));
  const json = await runForJson(daemon, ['status']);
  assert.equal(json.remoteServer.url, daemon.base);
});

test('a code for scripts stays valid after the command has ended', async () => {
  const { code, out } = await runCommand(daemon, ['qr', '--address', '127.0.0.1', '--json']);
  assert.equal(code, 0);
  const answer = JSON.parse(out);
  assert.deepEqual(Object.keys(answer).sort(),
    ['address', 'baseUrl', 'deviceId', 'expiresAt', 'link', 'reason']);
  assert.equal(answer.baseUrl, daemon.base);
  const link = new URL(answer.link);
  assert.equal(link.searchParams.get('baseUrl'), daemon.base);
  const response = await fetch(`${daemon.base}/models`,
    { headers: { authorization: `Bearer ${link.searchParams.get('apiKey')}` } });
  assert.equal(response.status, 200);
  const [device] = await runForJson(daemon, ['devices', 'list']);
  assert.deepEqual(Object.keys(device).sort(),
    ['address', 'firstSeen', 'id', 'lastSeen', 'name', 'scopes', 'state']);
  assert.equal(device.id, answer.deviceId);
});

const keyFromTerminal = async (command) => {
  await until(() => /Waiting for the phone/.test(command.out), 'the code');
  return /apiKey=([0-9a-f]+)/.exec(command.out)?.[1];
};

test('a narrow terminal says so, shows the link, and hears of the phone', async () => {
  const command = startCommand(daemon, ['qr', '--address', '127.0.0.1'],
    { env: { COLUMNS: '40' } });
  const key = await keyFromTerminal(command);
  assert.match(command.out, /too narrow/);
  assert.ok(!command.out.includes('\u2588'));
  await fetch(`${daemon.base}/models`,
    { headers: { authorization: `Bearer ${key}`, 'user-agent': 'okhttp/4.12.0' } });
  await command.ended;
  assert.equal(command.code, 0);
  assert.match(command.out, /Paired as “.+” \(127\.0\.0\.1\)/);
});

test('Ctrl+C closes the code', async () => {
  const command = startCommand(daemon, ['qr', '--address', '127.0.0.1'],
    { env: { COLUMNS: '40' } });
  const key = await keyFromTerminal(command);
  command.child.kill('SIGINT');
  await command.ended;
  assert.equal(command.code, 130);
  assert.match(command.out, /The code is closed/);
  const response = await fetch(`${daemon.base}/models`,
    { headers: { authorization: `Bearer ${key}` } });
  assert.equal(response.status, 401);
});

test('a wide terminal shows the code, the address and a hidden key', async () => {
  const command = startCommand(daemon, ['qr', '--address', '127.0.0.1']);
  await until(() => /Waiting for the phone/.test(command.out), 'the code');
  command.child.kill('SIGINT');
  await command.ended;
  assert.match(command.out, /\u2588/);
  assert.ok(command.out.includes(daemon.base));
  assert.match(command.out, /[0-9a-f]{4}\.\.\.[0-9a-f]{4}/);
  assert.ok(!/[0-9a-f]{20}/.test(command.out));
});

test('on this computer only, qr says what to do instead of a useless code', async () => {
  const { code, out, err } = await runCommand(daemon, ['qr']);
  assert.equal(code, 1);
  assert.equal(out, '');
  assert.match(err, /--bind/);
});

test('started with --qr it shows a code and tells who came', async (t) => {
  if (!hasNetwork()) {
    t.skip('no network');
    return;
  }
  const other = await Daemon.start({ upstream: upstream.base, model: 'recall',
    args: ['--qr', '--bind', '0.0.0.0'], env: { COLUMNS: '40' } });
  try {
    const link = await until(() => /dotagents:\/\/config\S+/.exec(other.output.text)?.[0],
      'the link');
    const url = new URL(link);
    const response = await fetch(`${url.searchParams.get('baseUrl')}/models`,
      { headers: { authorization: `Bearer ${url.searchParams.get('apiKey')}` } });
    assert.equal(response.status, 200);
    await until(() => /Paired as/.test(other.output.text), 'the news');
  } finally {
    await other.stop();
  }
});

test('a terminal without a display gets the code when the setting says so', async (t) => {
  if (!hasNetwork() || spawnSync('script', ['--version']).status !== 0) {
    t.skip('needs a network and script(1)');
    return;
  }
  const home = mkdtempSync(join(tmpdir(), 'da-wire-'));
  const start = async (settings) => {
    const command = `${process.env.DOTAGENTSD} --port 0 --no-keyring --bind 0.0.0.0 ${settings}`;
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: terminalEnvironment({ home }, { TERM: 'xterm', DOTAGENTS_API_KEY: 'a'.repeat(64) }) });
    let out = '';
    child.stdout.on('data', (data) => { out += data; });
    const gone = new Promise((done) => child.once('close', done));
    await until(() => /Listening on http/.test(out), 'the start');
    await delay(300);
    child.stdin.write('\u0003');
    await gone;
    return out;
  };
  // A pseudo terminal has no size, so it is as large as it needs to be.
  assert.match(await start('--set remoteServerTerminalQrEnabled=true'),
    /\u001b\[38;5;16;48;5;231m|too narrow/);
  assert.doesNotMatch(await start(''), /231m|too narrow/);
  assert.doesNotMatch(
    await start('--set remoteServerTerminalQrEnabled=true --set streamerModeEnabled=true'),
    /231m|dotagents:/);
  rmSync(home, { recursive: true, force: true });
});

test('devices are renamed, limited, cut off and brought back', async () => {
  const phone = await pair(daemon);
  assert.equal((await runCommand(daemon, ['devices', 'rename', phone.id, 'Küche \u001b[31m']))
    .code, 0);
  const words = await runCommand(daemon, ['devices']);
  assert.match(words.out, /Küche/);
  assert.ok(!words.out.includes('\u001b'));
  assert.equal((await runCommand(daemon, ['devices', 'scope', phone.id, 'chat'])).code, 0);
  assert.equal((await phone.get('/settings')).status, 403);
  const wrong = await runCommand(daemon, ['devices', 'scope', phone.id, 'root']);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /root/);
  assert.equal((await runCommand(daemon, ['devices', 'revoke', phone.id])).code, 0);
  assert.equal((await phone.get('/models')).status, 401);
  assert.equal((await runCommand(daemon, ['devices', 'restore', phone.id])).code, 0);
  assert.equal((await phone.get('/models')).status, 200);
});

test('the key is shown and replaced', async () => {
  const { out: old } = await runCommand(daemon, ['key', 'show']);
  assert.match(old, /^[0-9a-f]{64}\n$/);
  daemon.key = old.trim();
  assert.equal((await daemon.get('/models')).status, 200);
  const phone = await pair(daemon);
  const kept = await runCommand(daemon, ['key', 'rotate', '--keep-devices']);
  assert.equal(kept.code, 0);
  assert.equal((await daemon.get('/models')).status, 401);
  assert.equal((await phone.get('/models')).status, 200);
  daemon.key = kept.out.trim();
  assert.equal((await daemon.get('/models')).status, 200);
  await runCommand(daemon, ['key', 'rotate']);
  assert.equal((await phone.get('/models')).status, 401);
});

test('settings are read and changed', async () => {
  const get = async (name) => (await runCommand(daemon, ['settings', 'get', name])).out.trim();
  assert.equal((await runCommand(daemon, ['settings', 'set', 'remoteServerLogLevel', 'debug']))
    .code, 0);
  assert.equal(await get('remoteServerLogLevel'), 'debug');
  await runCommand(daemon, ['settings', 'set', 'remoteServerLogLevel', 'info']);
  await runCommand(daemon, ['settings', 'set', 'remoteServerCorsOrigins',
    'http://a.example, http://b.example']);
  assert.equal(await get('remoteServerCorsOrigins'), '["http://a.example","http://b.example"]');
  await runCommand(daemon, ['settings', 'set', 'remoteServerCorsOrigins', '["*"]']);
  const wrong = await runCommand(daemon, ['settings', 'set', 'remoteServerLogLevel', 'loud']);
  assert.equal(wrong.code, 1);
  assert.equal((await runCommand(daemon, ['settings', 'get', 'noSuchSetting'])).code, 1);
  const secret = await runCommand(daemon, ['settings', 'set', 'groqApiKey', 'gsk-visible']);
  assert.equal(secret.code, 2);
  assert.match(secret.err, /standard input/);
  assert.equal((await runCommand(daemon, ['settings', 'set', 'groqApiKey', '-'],
    { input: 'gsk-unseen\n' })).code, 0);
  assert.equal(await get('groqApiKey'), '••••••••');
});

test('the network is shut and opened from the terminal', async () => {
  const other = await Daemon.start({ upstream: upstream.base, model: 'recall' });
  const enable = async (value) => (
    await runCommand(other, ['settings', 'set', 'remoteServerEnabled', value])).code;
  const server = async () => (await runForJson(other, ['status'])).remoteServer;
  try {
    assert.equal(await enable('true'), 0);
    assert.equal((await other.get('/models')).status, 200);
    assert.equal(await enable('false'), 0);
    await until(async () => !(await server()).running, 'the network to be shut');
    await assert.rejects(other.get('/models'));
    const code = await runCommand(other, ['qr', '--address', '127.0.0.1']);
    assert.match(code.err, /not listening/);
    for (let i = 0; i < 5; i++)
      assert.equal((await localCall(other, 'GET', '/conversations')).status, 200);
    assert.equal(await enable('true'), 0);
    other.base = (await until(async () => (await server()).running && await server(),
      'the network to be open')).url;
    assert.equal((await other.get('/models')).status, 200);
  } finally {
    await other.stop();
  }
});

test('chat prints the answer as it comes, and goes on with a conversation', async () => {
  const first = await runCommand(daemon, ['chat', 'hello', 'there']);
  assert.equal(first.code, 0);
  assert.equal(first.out, 'You said: hello there\n');
  const json = await runForJson(daemon, ['chat', 'more']);
  assert.ok(json.conversation_id);
  const second = await runCommand(daemon,
    ['chat', '--conversation', json.conversation_id, '-'], { input: 'again' });
  assert.equal(second.out, 'You said: more | again\n');
  const shown = await runCommand(daemon, ['conversations', 'show', json.conversation_id]);
  assert.match(shown.out, /You said: more \| again/);
});

test('Ctrl+C stops the run', async () => {
  const command = startCommand(daemon, ['chat', '--model', 'endless', 'go on']);
  await until(() => /3 4 5/.test(command.out), 'some words');
  const active = async () => (
    await localCall(daemon, 'GET', '/operator/status')).json.sessions.activeSessions;
  assert.equal(await active(), 1);
  command.child.kill('SIGINT');
  await command.ended;
  assert.equal(command.code, 130);
  await until(async () => await active() === 0, 'the run to stop', 3000);
});

test('an answer cannot steer the terminal, and a failure is a failure', async () => {
  const steering = await runCommand(daemon, ['chat', '--model', 'steering', 'x']);
  assert.ok(!/[\u0007\u001b]/.test(steering.out));
  assert.match(steering.out, /red/);
  assert.match(steering.out, /line\nnext\n$/);
  const refused = await runCommand(daemon, ['chat', '--model', 'refused', 'x']);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /no such thing/);
});

test('conversations are listed, searched and exported', async () => {
  await runCommand(daemon, ['chat', 'a purple elephant']);
  const { conversations } = await runForJson(daemon, ['conversations', 'list']);
  const id = conversations.find((item) => /elephant/.test(item.title)).id;
  const found = await runForJson(daemon, ['conversations', 'list', '--search', 'elephant']);
  assert.ok(JSON.stringify(found).includes(id));
  const file = join(daemon.home, 'one.md');
  assert.equal((await runCommand(daemon,
    ['conversations', 'export', id, '--markdown', '-o', file])).code, 0);
  assert.match(readFileSync(file, 'utf8'), /^# .*elephant[\s\S]*## user[\s\S]*## assistant/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const all = JSON.parse((await runCommand(daemon, ['conversations', 'export'])).out);
  assert.equal(all.length, conversations.length);
  assert.ok(all.every((item) => item.messages.length > 0));
  const none = await runCommand(daemon, ['conversations', 'show', 'conv_none']);
  assert.equal(none.code, 1);
});

test('logs are shown, and followed until Ctrl+C', async () => {
  const once = await runCommand(daemon, ['logs', '-n', '100']);
  assert.match(once.out, /Listening on/);
  const command = startCommand(daemon, ['logs', '-f', '-n', '100', '--json']);
  await until(() => command.out.includes('Listening on'), 'the old lines');
  const phone = await pair(daemon);
  await until(() => /paired with/.test(command.out.split('\n').slice(-4).join('\n')),
    'the new line');
  assert.equal(phone.claimed.status, 200);
  for (const line of command.out.trim().split('\n'))
    assert.ok(JSON.parse(line).timestamp > 0);
  command.child.kill('SIGINT');
  await command.ended;
  assert.equal(command.code, 0);
});

test('a record that was changed is told', async () => {
  const whole = await runCommand(daemon, ['audit', 'verify']);
  assert.equal(whole.code, 0);
  assert.match((await runCommand(daemon, ['audit', '-n', '5'])).out, /OUTCOME/);
  const other = await Daemon.start({ upstream: upstream.base, model: 'recall' });
  try {
    for (let i = 0; i < 3; i++)
      await localCall(other, 'POST', '/operator/errors/clear');
    const path = join(other.home, 'state', 'dotagents', 'audit.jsonl');
    await until(() => existsSync(path) && readFileSync(path, 'utf8').split('\n').length > 3,
      'the rows');
    spawnSync('sed', ['-i', '2s/clear/cheat/', path]);
    const changed = await runCommand(other, ['audit', 'verify']);
    assert.equal(changed.code, 1);
    assert.match(changed.err, /audit\.jsonl, line 3/);
  } finally {
    await other.stop();
  }
});

test('another data folder has another socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'da-wire-'));
  const other = await Daemon.start({ upstream: upstream.base, model: 'recall',
    args: ['--data-dir', folder] });
  try {
    assert.ok(!existsSync(socketOf(other)));
    const answer = await runForJson(other, ['status', '--data-dir', folder]);
    assert.equal(answer.remoteServer.url, other.base);
    assert.equal((await runCommand(other, ['status'])).code, 6);
  } finally {
    await other.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('without a running program every command says so and ends with 6', async () => {
  const home = mkdtempSync(join(tmpdir(), 'da-wire-'));
  for (const args of [['status'], ['qr'], ['devices'], ['key', 'show'], ['conversations'], ['logs'],
    ['logs', '-f'], ['settings'], ['chat', 'x'], ['audit']]) {
    const { code, out, err } = await runCommand({ home }, args);
    assert.equal(code, 6, args.join(' '));
    assert.equal(out.trim(), '');
    assert.match(err, /is not running/);
  }
  rmSync(home, { recursive: true });
});

test('wrong words are told, with the right ones', async () => {
  for (const args of [['devices', 'paint'], ['key'], ['settings', 'set', 'x'], ['chat'],
    ['status', 'now'], ['conversations', 'show'], ['status', '--no-such-option']]) {
    const { code, err } = await runCommand(daemon, args);
    assert.equal(code, 2, args.join(' '));
    assert.ok(err.length > 10);
  }
  assert.match((await runCommand(daemon, ['help'])).out, /conversations/);
  assert.match((await runCommand(daemon, ['devices', '--help'])).out, /revoke ID/);
});

test('a socket left behind is replaced, and removed at the end', async () => {
  const other = await Daemon.start({ upstream: upstream.base, model: 'recall' });
  await other.kill();
  assert.ok(existsSync(socketOf(other)));
  assert.equal((await runCommand(other, ['status'])).code, 6);
  await other.launch();
  assert.equal((await runCommand(other, ['status'])).code, 0);
  const path = socketOf(other);
  other.child.kill('SIGTERM');
  await until(() => other.child.exitCode !== null, 'the end');
  assert.ok(!existsSync(path));
  await other.stop();
});

test('no command leaves the key where others can read it', async () => {
  assert.ok(!Object.values(terminalEnvironment(daemon)).includes(daemon.key));
  const { out } = await runCommand(daemon, ['key', 'show']);
  const key = out.trim();
  const { out: logs } = await runCommand(daemon, ['logs', '-n', '100']);
  assert.ok(!logs.includes(key) && !daemon.output.text.includes(key));
});
