// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// How the mobile app reads a chat stream on its three platforms, written from the observed rules of
// the contract (10 2.9 to 2.12 and 40): what counts as data, what ends a call, what is kept.

import http from 'node:http';

// What a call knows; the same on all platforms.
class Call {
  constructor () {
    this.progress = [];
    this.deltas = '';
    this.done = null;
    this.failure = null;
    this.conversationId = null;
    this.dataEvents = 0;
  }

  take (payload) {
    if (payload === '' || payload === '[DONE]')
      return;
    let frame;
    try {
      frame = JSON.parse(payload);
    } catch {
      return;
    }
    // The envelope is looked at first; the chunk only when there is none.
    if (frame.type !== undefined && frame.data !== undefined) {
      if (frame.type === 'progress') {
        frame.data.steps.forEach(() => {});
        this.conversationId ??= frame.data.conversationId;
        this.progress.push(frame.data);
      } else if (frame.type === 'done')
        this.done = frame.data;
      else if (frame.type === 'error')
        this.failure = frame.data.message;
      return;
    }
    const token = frame.choices?.[0]?.delta?.content;
    if (token !== undefined && frame.type === undefined)
      this.deltas += token;
  }
}

function post (daemon, body, headers, onText, onEnd) {
  const request = http.request(new URL('/v1/chat/completions', daemon.origin), {
    method: 'POST', agent: false,
    headers: {
      authorization: `Bearer ${daemon.key}`, 'content-type': 'application/json',
      accept: 'text/event-stream', 'cache-control': 'no-cache', ...headers,
    },
  }, (response) => {
    response.setEncoding('utf8');
    response.on('data', onText);
    response.on('error', () => {});
    response.on('close', () => onEnd(response));
  });
  request.on('error', (error) => onEnd(null, error));
  request.end(JSON.stringify(body));
  return request;
}

// Android: every line of the text received so far stands alone; the end of the response ends it.
export function android (daemon, body) {
  const call = new Call();
  const started = Date.now();
  call.times = [];
  call.finished = new Promise((resolve, reject) => {
    let rest = '';
    call.request = post(daemon, body, {
      'user-agent': 'okhttp/4.12.0', 'accept-encoding': 'identity',
    }, (text) => {
      call.times.push(Date.now() - started);
      rest += text;
      const lines = rest.split('\n');
      rest = lines.pop();
      for (const line of lines)
        if (line.startsWith('data:')) {
          call.dataEvents++;
          call.take(line.slice(5).trim());
        }
    }, (response, error) => {
      call.status = response?.statusCode;
      if (rest.startsWith('data:'))
        call.take(rest.slice(5).trim());
      if (error || !response.complete)
        reject(error ?? new Error('Network request failed'));
      else
        resolve(call);
    });
  });
  call.finished.catch(() => {});
  return call;
}

// iOS: an event source. The line ending is decided once, only unnamed events are read, comments do
// not count, and nothing but an event named "done" with data ends the call.
export function ios (daemon, body) {
  const call = new Call();
  call.finished = new Promise((resolve, reject) => {
    let rest = '';
    let ending = null;
    let sawDone = false;
    call.request = post(daemon, body, {
      'user-agent': 'DotAgents/1 CFNetwork/1490.0.4 Darwin/23.2.0',
      'x-requested-with': 'XMLHttpRequest',
    }, (text) => {
      rest += text;
      ending ??= /\r\n|\n|\r/.exec(rest)?.[0] ?? null;
      if (ending === null)
        return;
      const events = rest.split(ending + ending);
      rest = events.pop();
      for (const event of events) {
        let name = 'message';
        const data = [];
        for (const line of event.split(ending)) {
          if (line.startsWith('event:'))
            name = line.slice(6).trim();
          else if (line.startsWith('data:'))
            data.push(line.slice(5).trim());
        }
        if (data.length === 0 || data.join('') === '')
          continue;
        call.dataEvents++;
        if (name === 'message')
          call.take(data.join('\n'));
        else if (name === 'done') {
          sawDone = true;
          resolve(call);
        }
      }
    }, () => {
      if (!sawDone)
        reject(new Error('no event named done'));
    });
  });
  call.finished.catch(() => {});
  return call;
}

// Web: the fetch reader; the end of the body ends it.
export async function web (daemon, body, origin = 'http://127.0.0.1:8081') {
  const call = new Call();
  const response = await fetch(`${daemon.base}/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${daemon.key}`, 'content-type': 'application/json', origin,
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)',
    },
    body: JSON.stringify(body),
  });
  call.status = response.status;
  call.headers = response.headers;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done)
      break;
    rest += decoder.decode(value, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop();
    for (const line of lines)
      if (line.startsWith('data:')) {
        call.dataEvents++;
        call.take(line.slice(5).trim());
      }
  }
  return call;
}
