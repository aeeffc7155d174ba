// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// Starts the built dotagentsd in a folder of its own, with a private home and no keyring, and ends
// it again. Environment: DOTAGENTSD (the program), FAKE_LLM (the scripted provider in C).

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_LIMIT_MS = 20000;
const STOP_LIMIT_MS = 8000;
// A sanitizer's report, or a GLib assertion.
const FAULT = /(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:|: assertion '/;

export const delay = (ms) => new Promise((done) => setTimeout(done, ms));

// Waits for a condition and says which one when it does not come true.
export async function until (condition, what, limitMs = 10000) {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value)
      return value;
    if (Date.now() > end)
      throw new Error(`waited ${limitMs} ms for: ${what}`);
    await delay(15);
  }
}

function exited (child) {
  return child.exitCode !== null || child.signalCode !== null;
}

async function end (child) {
  if (exited(child))
    return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await gone;
  clearTimeout(timer);
}

function cleanEnvironment (home, extra) {
  const environment = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_STATE_HOME: join(home, 'state'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_RUNTIME_DIR: join(home, 'run'),
    LC_ALL: 'C.UTF-8',
    DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    GIO_USE_VFS: 'local',
    GIO_USE_PROXY_RESOLVER: 'dummy',
    DOTAGENTS_LOCAL_PROVIDERS: '',
  };
  for (const name of ['ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS', 'MALLOC_CHECK_'])
    if (process.env[name] !== undefined)
      environment[name] = process.env[name];
  return { ...environment, ...extra };
}

async function spawnAndRead (program, args, readyFile, options) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const output = { text: '' };
  child.stdout.on('data', (data) => { output.text += data; });
  child.stderr.on('data', (data) => { output.text += data; });
  const failed = new Promise((_, reject) => child.once('error', reject));
  await Promise.race([failed, until(() => {
    if (exited(child))
      throw new Error(`${program} ended at once (${child.exitCode}):\n${output.text}`);
    return existsSync(readyFile) && readFileSync(readyFile, 'utf8').endsWith('\n');
  }, `${program} to listen; it said:\n${output.text}`, START_LIMIT_MS)]);
  return { child, output, ready: readFileSync(readyFile, 'utf8') };
}

// The ready file holds an address or a port; both programs say which.
function baseOf (ready, output) {
  const url = /http:\/\/[^\s/"]+/.exec(ready) ?? /http:\/\/[^\s/"]+/.exec(output);
  if (url)
    return url[0];
  return `http://127.0.0.1:${/\d+/.exec(ready)[0]}`;
}

export class Daemon {
  // upstream: an address ending in /v1; key: given by the environment unless ownKey.
  static async start ({ upstream, args = [], env = {}, model, ownKey = false } = {}) {
    const self = new Daemon();
    self.home = mkdtempSync(join(tmpdir(), 'da-wire-'));
    mkdirSync(join(self.home, 'run'), { mode: 0o700 });
    self.key = randomBytes(32).toString('hex');
    self.args = args;
    self.env = { ...env };
    if (!ownKey)
      self.env.DOTAGENTS_API_KEY = self.key;
    if (upstream) {
      self.env.OPENAI_BASE_URL = upstream;
      self.env.OPENAI_API_KEY = 'test-upstream-key';
    }
    if (model)
      self.env.DOTAGENTS_MODEL = model;
    await self.launch();
    return self;
  }

  async launch () {
    const readyFile = join(this.home, 'ready');
    rmSync(readyFile, { force: true });
    const { child, output, ready } = await spawnAndRead(
      process.env.DOTAGENTSD,
      ['--port', '0', '--ready-file', readyFile, '--no-keyring', ...this.args], readyFile,
      { env: cleanEnvironment(this.home, this.env), cwd: this.home });
    this.child = child;
    this.output = output;
    this.origin = baseOf(ready, output.text);
    this.base = `${this.origin}/v1`;
  }

  async restart () {
    await end(this.child);
    await this.launch();
  }

  async kill () {
    const gone = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGKILL');
    await gone;
  }

  // Ends it, and fails when it did not end well or complained of itself on the way.
  async stop () {
    await end(this.child);
    rmSync(this.home, { recursive: true, force: true });
    const fault = FAULT.exec(this.output.text);
    if (fault)
      throw new Error(`dotagentsd is at fault:\n${this.output.text.slice(fault.index, 8000)}`);
    if (this.child.exitCode !== 0)
      throw new Error(`dotagentsd ended with ${this.child.exitCode ?? this.child.signalCode}:\n`
                      + this.output.text.slice(-4000));
  }

  // One call with the key; an object as body is sent as JSON.
  async call (method, path, body, headers = {}) {
    const options = { method, headers: { authorization: `Bearer ${this.key}`, ...headers } };
    if (body !== undefined) {
      options.headers['content-type'] = 'application/json';
      options.body = typeof body === 'string' ? body : JSON.stringify(body);
    }
    const response = await fetch(`${this.base}${path}`, options);
    const text = await response.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, headers: response.headers, text, json };
  }

  get (path, headers) {
    return this.call('GET', path, undefined, headers);
  }

  chat (body, headers) {
    return this.call('POST', '/chat/completions', body, headers);
  }
}

// The scripted provider in C. What it does is chosen by the name of the model.
export class FakeLlm {
  static async start () {
    const self = new FakeLlm();
    self.home = mkdtempSync(join(tmpdir(), 'da-fake-'));
    const readyFile = join(self.home, 'ready');
    const { child, output, ready } = await spawnAndRead(
      process.env.FAKE_LLM, ['--port', '0', '--ready-file', readyFile], readyFile,
      { env: cleanEnvironment(self.home, {}) });
    self.child = child;
    self.origin = baseOf(ready, output.text);
    self.base = `${self.origin}/v1`;
    return self;
  }

  async stats () {
    return (await fetch(`${this.origin}/__stats`)).json();
  }

  async stop () {
    await end(this.child);
    rmSync(this.home, { recursive: true, force: true });
  }
}

// A request whose every piece is seen with its time, as a phone's socket would. No decoding of any
// kind: the bytes are the test.
export function openStream (daemon, body, { headers = {}, path = '/v1/chat/completions' } = {}) {
  const stream = { pieces: [], text: '', ended: false, started: Date.now() };
  const url = new URL(path, daemon.origin);
  stream.request = http.request(url, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${daemon.key}`,
      'content-type': 'application/json',
      ...headers,
    },
  });
  stream.opened = new Promise((resolve, reject) => {
    stream.request.once('response', (response) => {
      stream.status = response.statusCode;
      stream.headers = response.headers;
      response.setEncoding('utf8');
      response.on('data', (text) => {
        stream.pieces.push({ at: Date.now() - stream.started, text });
        stream.text += text;
      });
      response.on('end', () => { stream.ended = true; });
      response.on('error', () => {});
      resolve(response);
    });
    stream.request.once('error', (error) => {
      stream.error = error;
      reject(error);
    });
  });
  // Not behind a promise: what arrives in one piece is closed before that would be heard.
  stream.done = new Promise((resolve, reject) => {
    stream.request.once('response', (response) => {
      response.once('close', () => resolve(stream));
    });
    stream.opened.catch(reject);
  });
  stream.done.catch(() => {});
  stream.hangUp = () => stream.request.destroy();
  stream.request.end(JSON.stringify(body));
  return stream;
}

// The data frames of a stream as objects, in order; "[DONE]" is left out.
export function framesOf (text) {
  return text.split('\n').filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim()).filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data));
}

export function deltaText (frames) {
  return frames.map((frame) => frame.choices?.[0]?.delta?.content ?? '').join('');
}
