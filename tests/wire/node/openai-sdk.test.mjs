// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// The official OpenAI SDK against the real server: what a script sees.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import OpenAI from 'openai';

import { Daemon, delay, until } from './harness.mjs';
import { recall, startUpstream } from './upstream.mjs';

const LONG = Array.from({ length: 200 }, (_, i) => `word${i} `).join('');
let upstream;
let daemon;
let client;

before(async () => {
  upstream = await startUpstream({
    recall,
    plain: (turn) => turn.answer('Hello from upstream.'),
    words: (turn) => {
      for (const word of LONG.match(/\S+ /g))
        turn.text(word);
      turn.end();
    },
    endless: async (turn) => {
      for (let i = 0; !turn.isCut; i++) {
        turn.text(`tick${i} `);
        await delay(20);
      }
    },
    cut: (turn) => turn.answer('half a th', 'length'),
    tool: (turn) => {
      const [tool] = turn.body.tools ?? [];
      turn.chunk({
        tool_calls: [{
          index: 0, id: 'call_1', type: 'function',
          function: { name: tool?.function.name ?? 'none', arguments: '' },
        }],
      });
      turn.chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] });
      turn.chunk({ tool_calls: [{ index: 0, function: { arguments: '"Ulm"}' } }] });
      turn.end('tool_calls');
    },
    'vendor/slashed:model': (turn) => turn.answer('slashed'),
  });
  daemon = await Daemon.start({ upstream: upstream.base, model: 'plain' });
  client = new OpenAI({ baseURL: daemon.base, apiKey: daemon.key, maxRetries: 0 });
});

after(async () => {
  await daemon?.stop();
  await upstream?.stop();
});

const ask = (model, content, more = {}) => (
  { model, messages: [{ role: 'user', content }], ...more });

test('a completion is created', async () => {
  const answer = await client.chat.completions.create(ask('plain', 'Hi'));
  assert.equal(answer.object, 'chat.completion');
  assert.match(answer.id, /^chatcmpl-/);
  assert.ok(Number.isInteger(answer.created));
  assert.equal(answer.model, 'plain');
  assert.equal(answer.choices.length, 1);
  assert.equal(answer.choices[0].index, 0);
  assert.deepEqual(answer.choices[0].message.role, 'assistant');
  assert.equal(answer.choices[0].message.content, 'Hello from upstream.');
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.match(answer.conversation_id, /^conv_/);
  assert.ok(Array.isArray(answer.conversation_history));
  assert.equal(answer.conversation_history.at(-1).content, 'Hello from upstream.');
});

test('usage counts the tokens of the provider', async () => {
  const answer = await client.chat.completions.create(ask('plain', 'Hi'));
  assert.equal(answer.usage.prompt_tokens, 11);
  assert.equal(answer.usage.completion_tokens, 7);
  assert.equal(answer.usage.total_tokens, 18);
});

test('a length that ran out is named', async () => {
  const answer = await client.chat.completions.create(ask('cut', 'Hi'));
  assert.equal(answer.choices[0].finish_reason, 'length');
  assert.equal(answer.choices[0].message.content, 'half a th');
});

test('deltas join to the answer and the loop ends', async () => {
  const stream = await client.chat.completions.create(ask('words', 'Hi', { stream: true }));
  let text = '';
  let finish = null;
  let chunks = 0;
  for await (const chunk of stream) {
    assert.equal(chunk.object, 'chat.completion.chunk');
    assert.ok(Array.isArray(chunk.choices));
    text += chunk.choices[0]?.delta?.content ?? '';
    finish = chunk.choices[0]?.finish_reason ?? finish;
    chunks++;
  }
  assert.equal(text, LONG);
  assert.equal(finish, 'stop');
  assert.ok(chunks > 1, 'the answer came in one piece');
});

test('the stream helper collects the answer', async () => {
  const stream = client.chat.completions.stream(ask('words', 'Hi'));
  let text = '';
  stream.on('content', (delta) => { text += delta; });
  const answer = await stream.finalChatCompletion();
  assert.equal(text, LONG);
  assert.equal(answer.choices[0].message.content, LONG);
  assert.equal(answer.choices[0].finish_reason, 'stop');
});

test('include_usage adds one last chunk without choices', async () => {
  const stream = await client.chat.completions.create(
    ask('plain', 'Hi', { stream: true, stream_options: { include_usage: true } }));
  const usages = [];
  for await (const chunk of stream)
    if (chunk.usage)
      usages.push(chunk);
  assert.equal(usages.length, 1);
  assert.deepEqual(usages[0].choices, []);
  assert.equal(usages[0].usage.prompt_tokens, 11);
  assert.equal(usages[0].usage.completion_tokens, 7);
});

test('without include_usage no chunk has usage', async () => {
  const stream = await client.chat.completions.create(ask('plain', 'Hi', { stream: true }));
  for await (const chunk of stream)
    assert.ok(!chunk.usage, 'usage nobody asked for');
});

test('two turns with conversation_id remember', async () => {
  const first = await client.chat.completions.create(ask('recall', 'My name is Ada.'));
  const second = await client.chat.completions.create(
    ask('recall', 'What is it?', { conversation_id: first.conversation_id }));
  assert.equal(second.conversation_id, first.conversation_id);
  assert.equal(second.choices[0].message.content, 'You said: My name is Ada. | What is it?');
});

test('two turns with the full history remember', async () => {
  const messages = [{ role: 'user', content: 'My name is Bob.' }];
  const first = await client.chat.completions.create({ model: 'recall', messages });
  messages.push(first.choices[0].message, { role: 'user', content: 'What is it?' });
  const second = await client.chat.completions.create({ model: 'recall', messages });
  assert.equal(second.choices[0].message.content, 'You said: My name is Bob. | What is it?');
});

test('system words and sampling fields reach the provider', async () => {
  await client.chat.completions.create({
    model: 'plain', temperature: 0.25, top_p: 0.5, max_tokens: 99, seed: 7, stop: ['END'],
    messages: [{ role: 'system', content: 'Speak like a pirate.' },
               { role: 'user', content: 'Sampling?' }],
  });
  const { body } = upstream.turns.at(-1);
  assert.equal(body.temperature, 0.25);
  assert.equal(body.top_p, 0.5);
  assert.equal(body.max_tokens ?? body.max_completion_tokens, 99);
  assert.equal(body.seed, 7);
  assert.deepEqual(body.stop, ['END']);
  assert.ok(body.messages.some((message) => message.role === 'system'
                               && message.content.includes('Speak like a pirate.')));
});

test('tools of the client are passed through and called back', async () => {
  const tools = [{
    type: 'function',
    function: {
      name: 'weather', description: 'Weather of a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
    },
  }];
  const answer = await client.chat.completions.create(ask('tool', 'Weather in Ulm?', { tools }));
  assert.equal(answer.choices[0].finish_reason, 'tool_calls');
  const [call] = answer.choices[0].message.tool_calls;
  assert.equal(call.type, 'function');
  assert.equal(call.function.name, 'weather');
  assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Ulm' });
  assert.deepEqual(upstream.turns.at(-1).body.tools[0].function.name, 'weather');
});

test('tool calls are streamed as the SDK collects them', async () => {
  const tools = [{ type: 'function', function: { name: 'weather', parameters: {} } }];
  const stream = client.chat.completions.stream(ask('tool', 'Streamed weather?', { tools }));
  const answer = await stream.finalChatCompletion();
  assert.equal(answer.choices[0].finish_reason, 'tool_calls');
  assert.equal(answer.choices[0].message.tool_calls[0].function.name, 'weather');
  assert.deepEqual(JSON.parse(answer.choices[0].message.tool_calls[0].function.arguments),
                   { city: 'Ulm' });
});

test('a result of a tool goes to the provider in its own form', async () => {
  await client.chat.completions.create({
    model: 'recall',
    messages: [
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: null,
        tool_calls: [{ id: 'call_9', type: 'function',
                       function: { name: 'weather', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'call_9', content: 'sunny' },
      { role: 'user', content: 'So?' },
    ],
  });
  const { messages } = upstream.turns.at(-1).body;
  const result = messages.find((message) => message.role === 'tool');
  assert.equal(result?.tool_call_id, 'call_9');
  assert.equal(result?.content, 'sunny');
  assert.ok(messages.some((message) => message.tool_calls?.[0]?.id === 'call_9'));
});

test('an aborted stream closes the request to the provider', async () => {
  const controller = new AbortController();
  const stream = await client.chat.completions.create(
    ask('endless', 'Go on', { stream: true }), { signal: controller.signal });
  let n = 0;
  try {
    for await (const chunk of stream)
      if (chunk.choices[0]?.delta?.content && ++n === 3)
        controller.abort();
  } catch (error) {
    assert.equal(error.name, 'AbortError');
  }
  const turn = upstream.turns.at(-1);
  assert.equal(turn.model, 'endless');
  assert.equal(await Promise.race([turn.closed, delay(5000).then(() => 'open')]), true);
});

test('a wrong key raises AuthenticationError', async () => {
  const stranger = new OpenAI({ baseURL: daemon.base, apiKey: 'wrong', maxRetries: 0 });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
  await assert.rejects(stranger.chat.completions.create(ask('plain', 'Hi')),
                       OpenAI.AuthenticationError);
});

test('a body without a question raises BadRequestError with a reason', async () => {
  await assert.rejects(client.chat.completions.create({ model: 'plain', messages: [] }),
                       (error) => {
                         assert.ok(error instanceof OpenAI.BadRequestError);
                         assert.equal(error.status, 400);
                         assert.ok(error.message.length > '400 '.length);
                         return true;
                       });
  await assert.rejects(client.chat.completions.create({ model: 'plain', messages: 'no' }),
                       OpenAI.BadRequestError);
});

test('a bad conversation id raises BadRequestError', async () => {
  await assert.rejects(
    client.chat.completions.create(ask('plain', 'Hi', { conversation_id: '../etc/passwd' })),
    OpenAI.BadRequestError);
});

test('models are listed', async () => {
  const ids = [];
  for await (const model of client.models.list()) {
    assert.equal(model.object, 'model');
    assert.equal(typeof model.created, 'number');
    assert.equal(typeof model.owned_by, 'string');
    ids.push(model.id);
  }
  assert.ok(ids.includes('plain'));
  assert.ok(ids.includes('vendor/slashed:model'));
});

test('one model is retrieved, with a slash in its name too', async () => {
  const plain = await client.models.retrieve('plain');
  assert.equal(plain.id, 'plain');
  assert.equal(typeof plain.created, 'number');
  const slashed = await client.models.retrieve('vendor/slashed:model');
  assert.equal(slashed.id, 'vendor/slashed:model');
  await assert.rejects(client.models.retrieve('no-such-model'), OpenAI.NotFoundError);
});

test('an unencoded slash in a model name finds it as well', async () => {
  const answer = await daemon.get('/models/vendor/slashed:model');
  assert.equal(answer.status, 200);
  assert.equal(answer.json.id, 'vendor/slashed:model');
});

test('store:false keeps nothing', async () => {
  const before = (await daemon.get('/conversations')).json.conversations.length;
  const answer = await client.chat.completions.create(ask('plain', 'Secret', { store: false }));
  assert.equal(answer.choices[0].message.content, 'Hello from upstream.');
  assert.equal((await daemon.get('/conversations')).json.conversations.length, before);
});

test('[DONE] is the last frame', async () => {
  const { text } = await daemon.chat(ask('plain', 'Raw', { stream: true }));
  assert.match(text, /\n\nevent: done\ndata: \[DONE\]\n\n$/);
  assert.equal(text.match(/\[DONE\]/g).length, 1);
});

test('many clients at once each get their own answer', async () => {
  const asked = Array.from({ length: 20 }, (_, i) => `client number ${i}`);
  const answers = await Promise.all(asked.map(
    (words) => client.chat.completions.create(ask('recall', words))));
  answers.forEach((answer, i) => {
    assert.equal(answer.choices[0].message.content, `You said: ${asked[i]}`);
  });
  assert.equal(new Set(answers.map((answer) => answer.conversation_id)).size, 20);
});

test('the server is well after all of this', async () => {
  await until(async () => (await daemon.get('/operator/health')).status === 200, 'health');
});
