// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// A headless Chromium, spoken to through its debugging pipe (file descriptors 3 and 4, messages
// that end with NUL): nothing to install and no port to guess.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const chromium = process.env.CHROMIUM ?? CANDIDATES.find((path) => existsSync(path));

export class Browser {
  static async start () {
    const self = new Browser();
    self.home = mkdtempSync(join(tmpdir(), 'da-chromium-'));
    self.next = 1;
    self.waiting = new Map();
    self.listeners = [];
    self.child = spawn(chromium, [
      '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--disable-dev-shm-usage', `--user-data-dir=${self.home}`, '--remote-debugging-pipe',
      'about:blank',
    ], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: self.home, LC_ALL: 'C.UTF-8' },
    });
    self.child.stdio[3].on('error', () => {});
    let rest = '';
    self.child.stdio[4].setEncoding('utf8');
    self.child.stdio[4].on('data', (text) => {
      rest += text;
      const messages = rest.split('\0');
      rest = messages.pop();
      messages.forEach((message) => self.receive(JSON.parse(message)));
    });
    const { targetId } = await self.send('Target.createTarget', { url: 'about:blank' });
    ({ sessionId: self.session } = await self.send('Target.attachToTarget',
                                                   { targetId, flatten: true }));
    await self.page('Page.enable');
    await self.page('Runtime.enable');
    return self;
  }

  receive (message) {
    const waiter = this.waiting.get(message.id);
    if (waiter) {
      this.waiting.delete(message.id);
      if (message.error)
        waiter.reject(new Error(message.error.message));
      else
        waiter.resolve(message.result);
    }
    this.listeners.forEach((listener) => listener(message));
  }

  send (method, params = {}, sessionId = undefined) {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  page (method, params) {
    return this.send(method, params, this.session);
  }

  async open (url) {
    const loaded = new Promise((resolve) => this.listeners.push((message) => {
      if (message.method === 'Page.loadEventFired')
        resolve();
    }));
    await this.page('Page.navigate', { url });
    await loaded;
  }

  // The value of an expression, awaited, in the page.
  async evaluate (expression) {
    const { result, exceptionDetails } = await this.page('Runtime.evaluate', {
      expression, awaitPromise: true, returnByValue: true,
    });
    if (exceptionDetails)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async stop () {
    const gone = new Promise((done) => this.child.once('exit', done));
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.send('Browser.close').catch(() => {});
      const timer = setTimeout(() => this.child.kill('SIGKILL'), 5000);
      await gone;
      clearTimeout(timer);
    }
    rmSync(this.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
