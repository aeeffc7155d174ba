// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// GET and PATCH /v1/settings and the model presets (contract 30 C and D.2).

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Daemon, until } from './harness.mjs';
import { recall, startUpstream } from './upstream.mjs';

const MASK = '\u2022'.repeat(8);
let upstream;
let daemon;

before(async () => {
  upstream = await startUpstream({ recall, one: (turn) => turn.answer('one') });
  daemon = await Daemon.start();
});

after(async () => {
  await daemon?.stop();
  await upstream?.stop();
});

const read = async () => (await daemon.get('/settings')).json;
const patch = (body) => daemon.call('PATCH', '/settings', body);

// What the mobile app and the shell client read, with the type they need.
const FIELDS = {
  agentProviderId: 'string', mcpToolsProviderId: 'string', currentModelPresetId: 'string',
  mainAgentMode: 'string', mainAgentName: 'string', dualModelEnabled: 'boolean',
  openaiApiKey: 'string', groqApiKey: 'string', geminiApiKey: 'string',
  chatgptWebAccessToken: 'string', chatgptWebSessionToken: 'string', openaiBaseUrl: 'string',
  groqBaseUrl: 'string', geminiBaseUrl: 'string', chatgptWebBaseUrl: 'string',
  mcpMaxIterations: 'number', mcpUnlimitedIterations: 'boolean',
  mcpRequireApprovalBeforeToolCall: 'boolean', mcpVerifyCompletionEnabled: 'boolean',
  mcpFinalSummaryEnabled: 'boolean', mcpContextReductionEnabled: 'boolean',
  mcpToolResponseProcessingEnabled: 'boolean', mcpParallelToolExecution: 'boolean',
  mcpMessageQueueEnabled: 'boolean', mcpAutoPasteEnabled: 'boolean', mcpAutoPasteDelay: 'number',
  sttProviderId: 'string', sttLanguage: 'string', openaiSttLanguage: 'string',
  groqSttLanguage: 'string', groqSttPrompt: 'string', openaiSttModel: 'string',
  groqSttModel: 'string', parakeetNumThreads: 'number', transcriptionPreviewEnabled: 'boolean',
  transcriptPostProcessingEnabled: 'boolean', transcriptPostProcessingProviderId: 'string',
  transcriptPostProcessingOpenaiModel: 'string', transcriptPostProcessingPrompt: 'string',
  ttsEnabled: 'boolean', ttsAutoPlay: 'boolean', ttsProviderId: 'string',
  ttsPreprocessingEnabled: 'boolean', ttsRemoveCodeBlocks: 'boolean', ttsRemoveUrls: 'boolean',
  ttsConvertMarkdown: 'boolean', ttsUseLLMPreprocessing: 'boolean', openaiTtsModel: 'string',
  openaiTtsVoice: 'string', openaiTtsSpeed: 'number', groqTtsModel: 'string',
  groqTtsVoice: 'string', geminiTtsModel: 'string', geminiTtsVoice: 'string',
  edgeTtsModel: 'string', edgeTtsVoice: 'string', edgeTtsRate: 'number', kittenVoiceId: 'number',
  supertonicVoice: 'string', supertonicLanguage: 'string', supertonicSteps: 'number',
  remoteServerEnabled: 'boolean', remoteServerPort: 'number', remoteServerBindAddress: 'string',
  remoteServerApiKey: 'string', remoteServerLogLevel: 'string', remoteServerCorsOrigins: 'array',
  remoteServerOperatorAllowDeviceIds: 'array', remoteServerAutoShowPanel: 'boolean',
  remoteServerTerminalQrEnabled: 'boolean', hideDockIcon: 'boolean', launchAtLogin: 'boolean',
  themePreference: 'string', textInputEnabled: 'boolean', panelDragEnabled: 'boolean',
  floatingPanelAutoShow: 'boolean', hidePanelWhenMainFocused: 'boolean', panelPosition: 'string',
  streamerModeEnabled: 'boolean', conversationsEnabled: 'boolean',
  autoSaveConversations: 'boolean', maxConversationsToKeep: 'number', pinnedSessionIds: 'array',
  archivedSessionIds: 'array', cloudflareTunnelMode: 'string',
  cloudflareTunnelAutoStart: 'boolean', cloudflareTunnelId: 'string',
  cloudflareTunnelName: 'string', cloudflareTunnelCredentialsPath: 'string',
  cloudflareTunnelHostname: 'string', whatsappEnabled: 'boolean', whatsappAllowFrom: 'array',
  whatsappOperatorAllowFrom: 'array', whatsappAutoReply: 'boolean',
  whatsappLogMessages: 'boolean', discordEnabled: 'boolean', discordBotToken: 'string',
  discordDmEnabled: 'boolean', discordRequireMention: 'boolean', discordAllowUserIds: 'array',
  discordAllowGuildIds: 'array', discordAllowChannelIds: 'array', discordAllowRoleIds: 'array',
  discordDmAllowUserIds: 'array', discordOperatorAllowUserIds: 'array',
  discordOperatorAllowGuildIds: 'array', discordOperatorAllowChannelIds: 'array',
  discordOperatorAllowRoleIds: 'array', discordDefaultProfileId: 'string',
  discordLogMessages: 'boolean', langfuseEnabled: 'boolean', langfusePublicKey: 'string',
  langfuseBaseUrl: 'string', langfuseSecretKey: 'string', localTraceLoggingEnabled: 'boolean',
  localTraceLogPath: 'string', predefinedPrompts: 'array', availablePresets: 'array',
  acpxAgents: 'array',
};
const OMITTED = ['agentGroqModel', 'openaiReasoningEffort', 'codexTextVerbosity',
                 'codexServiceTier', 'openaiCompatiblePromptCaching', 'chatgptWebAccountId',
                 'panelCustomPosition', 'modelPresets'];

test('every field of the contract is there with its type', async () => {
  const settings = await read();
  for (const [name, type] of Object.entries(FIELDS)) {
    const actual = Array.isArray(settings[name]) ? 'array' : typeof settings[name];
    assert.equal(actual, type, name);
  }
});

test('what has no value is left out', async () => {
  const settings = await read();
  for (const name of OMITTED)
    assert.equal(name in settings, false, name);
});

test('a fresh installation shows the documented defaults', async () => {
  const settings = await read();
  assert.equal(settings.remoteServerPort, 3210);
  assert.equal(settings.remoteServerBindAddress, '127.0.0.1');
  assert.deepEqual(settings.remoteServerCorsOrigins, ['*']);
  assert.equal(settings.remoteServerLogLevel, 'info');
  assert.deepEqual(settings.pinnedSessionIds, []);
  assert.equal(settings.mcpMaxIterations, 10);
  assert.equal(settings.openaiApiKey, '');
  assert.equal(settings.remoteServerApiKey, MASK);
  assert.equal(settings.currentModelPresetId, 'builtin-openai');
  assert.deepEqual(settings.availablePresets.map((preset) => preset.id),
                   ['builtin-openai', 'builtin-openrouter', 'builtin-together',
                    'builtin-cerebras', 'builtin-zhipu', 'builtin-perplexity']);
});

test('a good field is taken, a bad one beside it is left out', async () => {
  const answer = await patch({
    themePreference: 'dark', mcpMaxIterations: 500, ttsEnabled: 'yes', nonsense: 1,
    openaiTtsSpeed: 1.5, remoteServerPort: 70000,
  });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.success, true);
  assert.deepEqual([...answer.json.updated].sort(), ['openaiTtsSpeed', 'themePreference']);
  const settings = await read();
  assert.equal(settings.themePreference, 'dark');
  assert.equal(settings.openaiTtsSpeed, 1.5);
  assert.equal(settings.mcpMaxIterations, 10);
  assert.equal(settings.ttsEnabled, true);
});

test('nothing good is refused, and it says why', async () => {
  for (const body of [{}, { nonsense: 1 }, { remoteServerPort: 0 }, { themePreference: 'pink' },
                      { availablePresets: [] }, { panelCustomPosition: { x: 1, y: 2 } }]) {
    const answer = await patch(body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.equal(typeof answer.json.error, 'string');
  }
  assert.match((await patch({ remoteServerPort: 0 })).json.error, /remoteServerPort/);
});

test('a body that is no object is refused', async () => {
  for (const body of ['null', '[]', '"x"', ''])
    assert.equal((await patch(body)).status, 400, body);
});

test('a fraction is cut where the contract says so', async () => {
  assert.equal((await patch({ mcpMaxIterations: 7.9 })).status, 200);
  assert.equal((await read()).mcpMaxIterations, 7);
});

test('both names of a pair are one setting', async () => {
  const answer = await patch({ agentGroqModel: 'new-name' });
  assert.deepEqual([...answer.json.updated].sort(), ['agentGroqModel', 'mcpToolsGroqModel']);
  await patch({ mcpToolsGroqModel: 'old-name' });
  const settings = await read();
  assert.equal(settings.agentGroqModel, 'old-name');
  assert.equal(settings.mcpToolsGroqModel, 'old-name');
  await patch({ agentGroqModel: 'wins', mcpToolsGroqModel: 'loses' });
  assert.equal((await read()).mcpToolsGroqModel, 'wins');
});

test('secrets are written, shown as a mask, kept by the mask and cleared by nothing', async () => {
  assert.deepEqual((await patch({ groqApiKey: '  gsk-secret-value-1  ' })).json.updated,
                   ['groqApiKey']);
  assert.equal((await read()).groqApiKey, MASK);
  assert.equal((await patch({ groqApiKey: MASK })).status, 400);
  assert.equal((await read()).groqApiKey, MASK);
  await daemon.restart();
  assert.equal((await read()).groqApiKey, MASK);
  assert.equal((await patch({ groqApiKey: '' })).status, 200);
  assert.equal((await read()).groqApiKey, '');
});

test('no secret lies in the shared folder or in any answer', async () => {
  await patch({ geminiApiKey: 'AIza-very-secret-value' });
  assert.ok(!(await daemon.get('/settings')).text.includes('very-secret'));
  for (const file of ['dotagents-settings.json', 'models.json', 'mcp.json']) {
    const path = join(daemon.home, '.agents', file);
    if (existsSync(path))
      assert.ok(!readFileSync(path, 'utf8').includes('very-secret'), file);
  }
});

test('lists are cleaned, pins only whole', async () => {
  await patch({ whatsappAllowFrom: [' 49123 ', '', '49123', 7, '49456'] });
  assert.deepEqual((await read()).whatsappAllowFrom, ['49123', '49456']);
  assert.equal((await patch({ pinnedSessionIds: ['conv_1', 'conv_2'] })).status, 200);
  assert.equal((await patch({ pinnedSessionIds: ['conv_1', 3] })).status, 400);
  assert.deepEqual((await read()).pinnedSessionIds, ['conv_1', 'conv_2']);
});

test('the bind address is one of this computer', async () => {
  assert.equal((await patch({ remoteServerBindAddress: '203.0.113.7' })).status, 400);
  assert.equal((await patch({ remoteServerBindAddress: 'example.org' })).status, 400);
  assert.equal((await patch({ remoteServerBindAddress: ' [127.0.0.1] ' })).status, 200);
  assert.equal((await read()).remoteServerBindAddress, '127.0.0.1');
});

test('settings survive a restart and lie in the files of the shared folder', async () => {
  await patch({ mainAgentName: 'Ada', themePreference: 'light', pinnedSessionIds: ['keep'] });
  await daemon.restart();
  const settings = await read();
  assert.equal(settings.mainAgentName, 'Ada');
  assert.equal(settings.themePreference, 'light');
  assert.deepEqual(settings.pinnedSessionIds, ['keep']);
  const layout = JSON.parse(readFileSync(join(daemon.home, '.agents', 'layouts', 'ui.json')));
  assert.equal(layout.themePreference, 'light');
});

test('a preset is made, changed, used and deleted', async () => {
  const made = await daemon.call('POST', '/operator/model-presets', {
    name: ' Mine ', baseUrl: upstream.base, apiKey: 'preset-secret-key', agentModel: 'one',
  });
  assert.equal(made.status, 200, made.text);
  assert.equal(made.json.success, true);
  const { id } = made.json.preset;
  assert.match(id, /^custom-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(made.json.preset.name, 'Mine');
  assert.equal(made.json.preset.apiKey, MASK);
  assert.equal(made.json.preset.hasApiKey, true);
  assert.equal(made.json.preset.isBuiltIn, false);
  assert.equal(made.json.preset.mcpToolsModel, 'one');
  assert.equal(made.json.currentModelPresetId, 'builtin-openai');

  const used = await patch({ currentModelPresetId: id });
  assert.equal(used.status, 200, used.text);
  assert.ok(used.json.updated.includes('openaiBaseUrl'));
  assert.ok(used.json.updated.includes('agentOpenaiModel'));
  assert.equal((await read()).openaiBaseUrl, upstream.base);
  const chat = await daemon.chat({ messages: [{ role: 'user', content: 'Who answers?' }] });
  assert.equal(chat.json?.choices?.[0].message.content, 'one');
  assert.equal(upstream.turns.at(-1).headers.authorization, 'Bearer preset-secret-key');

  const changed = await daemon.call('PATCH', `/operator/model-presets/${id}`,
                                    { name: 'Ours', apiKey: '', agentModel: 'recall' });
  assert.equal(changed.json.preset.name, 'Ours');
  assert.equal(changed.json.preset.hasApiKey, true);
  assert.equal((await read()).agentOpenaiModel, 'recall');

  const gone = await daemon.call('DELETE', `/operator/model-presets/${id}`);
  assert.equal(gone.json.deletedPresetId, id);
  assert.equal(gone.json.currentModelPresetId, 'builtin-openai');
  assert.equal(gone.json.presets.length, 6);
  assert.equal((await daemon.call('DELETE', `/operator/model-presets/${id}`)).status, 404);
});

test('built-in presets keep name and address and cannot be deleted', async () => {
  const path = '/operator/model-presets/builtin-together';
  const changed = await daemon.call('PATCH', path,
                                    { name: 'Evil', baseUrl: 'http://evil', agentModel: 'm' });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.json.preset.name, 'Together AI');
  assert.equal(changed.json.preset.baseUrl, 'https://api.together.xyz/v1');
  assert.equal(changed.json.preset.agentModel, 'm');
  assert.equal((await daemon.call('DELETE', path)).status, 400);
  assert.equal((await patch({ currentModelPresetId: 'nobody' })).status, 400);
  for (const body of [{}, { name: 'x' }, { name: ' ', baseUrl: 'http://a' },
                      { name: 'x', baseUrl: 'file:///etc/passwd' }])
    assert.equal((await daemon.call('POST', '/operator/model-presets', body)).status, 400);
});

// The key of the first start, from the 0600 file that stands in for a keyring.
function firstKey (one) {
  const file = join(one.home, 'data', 'dotagents', 'secrets.json');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  return /\b[0-9a-f]{64}\b/.exec(readFileSync(file, 'utf8'))[0];
}

test('a new API key is good after the answer, and the old one is not', async () => {
  const other = await Daemon.start({ ownKey: true });
  try {
    other.key = firstKey(other);
    const key = 'chosen-by-a-person-0123456789';
    const answer = await other.call('PATCH', '/settings', { remoteServerApiKey: ` ${key} ` });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.json.updated, ['remoteServerApiKey']);
    const old = other.key;
    other.key = key;
    await until(async () => (await other.get('/models')).status === 200, 'the new key');
    other.key = old;
    assert.equal((await other.get('/models')).status, 401);
    other.key = key;
    await other.restart();
    assert.equal((await other.get('/models')).status, 200);
    for (const kept of [MASK, ' '])
      assert.equal((await other.call('PATCH', '/settings', { remoteServerApiKey: kept })).status,
                   400);
  } finally {
    await other.stop();
  }
});

test('a key of the environment is not changed from afar', async () => {
  const answer = await patch({ remoteServerApiKey: 'something-new-entirely' });
  assert.equal(answer.status, 400);
  assert.match(answer.json.error, /environment/);
  assert.equal((await daemon.get('/models')).status, 200);
});
