// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// The commands of dotagentsd as a person at a terminal runs them, and the socket they use.

import { spawn } from 'node:child_process';
import http from 'node:http';
import { join } from 'node:path';

export function terminalEnvironment (daemon, extra = {}) {
  const { home } = daemon;
  const environment = {
    PATH: process.env.PATH, HOME: home, LC_ALL: 'C.UTF-8', GIO_USE_VFS: 'local',
    XDG_DATA_HOME: join(home, 'data'), XDG_STATE_HOME: join(home, 'state'),
    XDG_CONFIG_HOME: join(home, 'config'), XDG_CACHE_HOME: join(home, 'cache'),
    XDG_RUNTIME_DIR: join(home, 'run'), DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    GIO_USE_PROXY_RESOLVER: 'dummy',
  };
  for (const name of ['ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS', 'MALLOC_CHECK_'])
    if (process.env[name] !== undefined)
      environment[name] = process.env[name];
  return { ...environment, ...extra };
}

// A command that may still run: its output so far, and its end.
export function startCommand (daemon, args, { env = {}, input } = {}) {
  const child = spawn(process.env.DOTAGENTSD, args,
    { env: terminalEnvironment(daemon, env),
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  const command = { child, out: '', err: '' };
  child.stdout.on('data', (data) => { command.out += data; });
  child.stderr.on('data', (data) => { command.err += data; });
  command.ended = new Promise((resolve) => child.once('close', (code) => {
    command.code = code;
    resolve(command);
  }));
  child.stdin?.end(input);
  return command;
}

export const runCommand = (daemon, args, options) => startCommand(daemon, args, options).ended;

export async function runForJson (daemon, args) {
  const { code, out, err } = await runCommand(daemon, [...args, '--json']);
  if (code !== 0)
    throw new Error(`${args.join(' ')} ended with ${code}: ${err}`);
  return JSON.parse(out);
}

export const socketOf = (daemon) => join(daemon.home, 'run', 'dotagents', 'control.sock');

// A call over the person's own socket, without a key.
export function localCall (daemon, method, path, body, socketPath = socketOf(daemon)) {
  return new Promise((resolve, reject) => {
    const request = http.request({
      socketPath, method, path: `/v1${path}`, agent: false,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
    }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (data) => { text += data; });
      response.on('end', () => resolve({ status: response.statusCode, text,
        json: text.startsWith('{') ? JSON.parse(text) : undefined }));
    });
    request.once('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

// Pairs as a phone does: the code's key, used for the first time.
export async function pair (daemon, { scopes, agent = 'okhttp/4.12.0', header } = {}) {
  const { json } = await localCall(daemon, 'POST', '/operator/devices/pairing',
    { address: '127.0.0.1', ...scopes ? { scopes } : {} });
  const link = new URL(json.link);
  const phone = { id: json.deviceId, key: link.searchParams.get('apiKey'), base: json.baseUrl };
  phone.get = (path) => phone.call('GET', path);
  phone.call = async (method, path, body) => {
    const headers = { authorization: `Bearer ${phone.key}`, 'user-agent': agent };
    if (header)
      headers['x-dotagents-device-id'] = header;
    if (body !== undefined)
      headers['content-type'] = 'application/json';
    const response = await fetch(`${daemon.base}${path}`,
      { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, text, headers: response.headers,
      json: text.startsWith('{') ? JSON.parse(text) : undefined };
  };
  phone.claimed = await phone.get('/models');
  return phone;
}
