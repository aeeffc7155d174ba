// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// A model provider whose every word a test decides: the handler of a model is a function that gets
// the request and writes the answer when it likes. For timing and for what was asked; the standing
// collection of provider behaviours is fake-llm.

import http from 'node:http';

class Turn {
  constructor (body, request, response) {
    this.body = body;
    this.headers = request.headers;
    this.response = response;
    this.model = body.model;
    this.closed = new Promise((done) => response.once('close', () => {
      this.isCut = !response.writableEnded;
      done(this.isCut);
    }));
  }

  get lastUser () {
    return this.body.messages.filter((message) => message.role === 'user').at(-1)?.content;
  }

  open () {
    if (!this.response.headersSent)
      this.response.writeHead(200, { 'content-type': 'text/event-stream' });
  }

  raw (text) {
    this.open();
    this.response.write(text);
  }

  chunk (delta, finish = null, more = {}) {
    this.raw(`data: ${JSON.stringify({
      id: 'chatcmpl-up', object: 'chat.completion.chunk', created: 1700000000, model: this.model,
      choices: [{ index: 0, delta, finish_reason: finish }], ...more,
    })}\n\n`);
  }

  text (content) {
    this.chunk({ content });
  }

  end (finish = 'stop') {
    this.chunk({}, finish);
    if (this.body.stream_options?.include_usage)
      this.raw(`data: ${JSON.stringify({
        id: 'chatcmpl-up', object: 'chat.completion.chunk', created: 1700000000,
        model: this.model, choices: [],
        usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
      })}\n\n`);
    this.response.end('data: [DONE]\n\n');
  }

  // Whole answer, streamed or not, as it was asked for.
  answer (content, finish = 'stop') {
    if (this.body.stream) {
      this.text(content);
      this.end(finish);
      return;
    }
    this.response.writeHead(200, { 'content-type': 'application/json' });
    this.response.end(JSON.stringify({
      id: 'chatcmpl-up', object: 'chat.completion', created: 1700000000, model: this.model,
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: finish }],
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
    }));
  }

  fail (status, body, headers = {}) {
    this.response.writeHead(status, { 'content-type': 'application/json', ...headers });
    this.response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }
}

// Titles and summaries ask the same provider; they are not what a test counts.
function isSideJob (body) {
  const [first, second] = body.messages;
  return first?.role === 'system' && second?.role === 'user'
    && (/a title of at most/.test(first.content) || /^Summarise this part/.test(first.content));
}

export async function startUpstream (handlers = {}) {
  const upstream = { turns: [], sideTurns: [], handlers };
  const sockets = new Set();

  function chat (request, response, text) {
    const turn = new Turn(JSON.parse(text), request, response);
    if (isSideJob(turn.body)) {
      upstream.sideTurns.push(turn);
      turn.answer('A short title');
      return;
    }
    upstream.turns.push(turn);
    const handler = upstream.handlers[turn.model];
    if (handler)
      handler(turn);
    else
      turn.fail(404, { error: { message: `no model ${turn.model}`, code: 'model_not_found' } });
  }

  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (data) => { text += data; });
    request.on('end', () => {
      if (request.method === 'POST' && request.url.endsWith('/chat/completions')) {
        chat(request, response, text);
        return;
      }
      if (request.method === 'GET' && request.url.endsWith('/models')) {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({
          object: 'list',
          data: Object.keys(upstream.handlers).map((id) => (
            { id, object: 'model', created: 1700000001, owned_by: 'tests' })),
        }));
        return;
      }
      response.writeHead(404).end();
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  upstream.base = `http://127.0.0.1:${server.address().port}/v1`;
  upstream.stop = () => new Promise((done) => {
    for (const socket of sockets)
      socket.destroy();
    server.close(done);
  });
  return upstream;
}

// The user's own words, all of them: shows what history reached the model.
export function recall (turn) {
  const words = turn.body.messages.filter((message) => message.role === 'user')
    .map((message) => message.content);
  turn.answer(`You said: ${words.join(' | ')}`);
}
