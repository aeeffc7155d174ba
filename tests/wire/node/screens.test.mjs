// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// Every call of the app's screens in the order it was seen (contract 40): each must succeed and
// carry all fields the app reads, or the screen shows an error.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Daemon, until } from './harness.mjs';
import { recall, startUpstream } from './upstream.mjs';

const DEVICE = { 'x-dotagents-device-id': '0f8fad5b-d9cb-469f-a165-70867728950e' };
let upstream;
let daemon;
let conversation;

before(async () => {
  upstream = await startUpstream({ recall });
  daemon = await Daemon.start({ upstream: upstream.base, model: 'recall' });
  const chat = await daemon.chat({ messages: [{ role: 'user', content: 'Hello' }] });
  conversation = chat.json.conversation_id;
});

after(async () => {
  await daemon?.stop();
  await upstream?.stop();
});

// Types: s string, n number, b boolean, a array, o object; "?": may be absent; [..]: items;
// {..}: members.
const check = (value, shape, path) => {
  if (typeof shape === 'string') {
    const optional = shape.endsWith('?');
    const type = { s: 'string', n: 'number', b: 'boolean', o: 'object' }[shape[0]];
    if (value === undefined && optional)
      return;
    if (shape[0] === 'a')
      assert.ok(Array.isArray(value), `${path} is no array`);
    else
      assert.equal(typeof value, type, path);
    if (shape[0] === 'n')
      assert.ok(Number.isFinite(value), path);
    return;
  }
  if (Array.isArray(shape)) {
    assert.ok(Array.isArray(value), `${path} is no array`);
    value.forEach((item, i) => check(item, shape[0], `${path}[${i}]`));
    return;
  }
  assert.equal(typeof value, 'object', path);
  assert.notEqual(value, null, path);
  for (const [name, inner] of Object.entries(shape))
    check(value[name], inner, `${path}.${name}`);
};

const LOGS = { total: 'n', lastTimestamp: 'n?' };
const DISCORD = { available: 'b', enabled: 'b', connected: 'b', connecting: 'b',
                  tokenConfigured: 'b?', logs: LOGS };
const WHATSAPP = { enabled: 'b', available: 'b', connected: 'b', serverConfigured: 'b',
                   serverConnected: 'b', autoReplyEnabled: 'b', logMessagesEnabled: 'b',
                   allowedSenderCount: 'n', logs: LOGS };
const PUSH = { enabled: 'b', tokenCount: 'n', platforms: ['s'] };
const REMOTE = { running: 'b', bind: 's', port: 'n', url: 's?', connectableUrl: 's?',
                 lastError: 's?', tailscale: { available: 'b', running: 'b' } };
const HEALTH = { checkedAt: 'n', overall: 's', checks: {
  mcpService: { status: 's', message: 's' }, recentErrors: { status: 's', message: 's' },
  configuration: { status: 's', message: 's' } } };
const TUNNEL = { running: 'b', starting: 'b' };
const UPDATER = { enabled: 'b', mode: 's', currentVersion: 's', manualReleasesUrl: 's' };
const SESSION = { id: 's', conversationId: 's?', title: 's', status: 's', startTime: 'n',
                  endTime: 'n?', isSnoozed: 'b?' };
const ENTRY = { timestamp: 'n', level: 's', component: 's', message: 's' };
const LIST_ITEM = { id: 's', clientSessionId: 's?', title: 's', titleSource: 's?', createdAt: 'n',
                    updatedAt: 'n', messageCount: 'n', lastMessage: 's', preview: 's' };
const STATUS = {
  timestamp: 'n', remoteServer: REMOTE, health: HEALTH, tunnel: TUNNEL,
  integrations: { discord: DISCORD, whatsapp: WHATSAPP, pushNotifications: PUSH },
  updater: UPDATER,
  system: { platform: 's', arch: 's', nodeVersion: 's', appVersion: 's', uptimeSeconds: 'n',
            processUptimeSeconds: 'n',
            memoryUsage: { heapUsedMB: 'n', heapTotalMB: 'n', rssMB: 'n' },
            cpuCount: 'n', totalMemoryMB: 'n', freeMemoryMB: 'n', hostname: 's' },
  sessions: { activeSessions: 'n', recentSessions: 'n', activeSessionDetails: [SESSION],
              recentSessionDetails: [SESSION] },
  recentErrors: { total: 'n', errorsInLastFiveMinutes: 'n' },
};
const MODELS = { object: 's', data: [{ id: 's', name: 's', object: 's', owned_by: 's' }],
                 providerId: 's', models: [{ id: 's', name: 's' }] };
const SETTINGS = { pinnedSessionIds: ['s'], archivedSessionIds: ['s'], availablePresets: [{
  id: 's', name: 's', baseUrl: 's', hasApiKey: 'b', isBuiltIn: 'b' }], acpxAgents: 'a' };
const AUTH = { authenticated: 'b', callbackUrl: 's' };

const ROUTES = {
  '/models': MODELS,
  '/models?providerId=openai': MODELS,
  '/operator/status': STATUS,
  '/settings': SETTINGS,
  '/conversations': { conversations: [LIST_ITEM] },
  '/profiles': { profiles: 'a' },
  '/skills': { skills: 'a' },
  '/loops': { loops: 'a' },
  '/mcp/servers': { servers: 'a' },
  '/operator/providers/chatgpt-web/auth': AUTH,
  '/knowledge/notes?dateFilter=all&sort=relevance&limit=100': { notes: 'a' },
  '/agent-profiles': { profiles: 'a' },
  '/agent-sessions/candidates?limit=20': { activeSessions: 'a', completedSessions: [{
    id: 's', status: 's', startTime: 'n', conversationId: 's?', conversationTitle: 's?' }] },
  '/operator/errors?count=8': { count: 'n', errors: [ENTRY] },
  '/operator/logs?count=20': { count: 'n', logs: [ENTRY] },
  '/operator/tunnel/setup': { installed: 'b', loggedIn: 'b', mode: 's', autoStart: 'b',
                              namedTunnelConfigured: 'b', credentialsPathConfigured: 'b',
                              tunnelCount: 'n', tunnels: 'a' },
  '/operator/discord': DISCORD,
  '/operator/discord/logs?count=6': { count: 'n', logs: 'a' },
  '/operator/whatsapp': WHATSAPP,
  '/operator/audit?count=10': { count: 'n', entries: [{ timestamp: 'n', action: 's', path: 's',
                                                        success: 'b' }] },
  '/operator/conversations?count=10': { count: 'n', conversations: [{
    id: 's', title: 's', updatedAt: 'n', messageCount: 'n', preview: 's' }] },
  '/operator/message-queues': { count: 'n', totalMessages: 'n', queues: 'a' },
  '/operator/mcp': { totalServers: 'n', connectedServers: 'n', totalTools: 'n', servers: 'a' },
};
const START = ['/settings', '/conversations', '/settings', '/operator/status',
               '/profiles/current', '/models', '/operator/status'];
const SCREENS = {
  'test and save': ['/models', '/models', '/operator/status', '/settings', '/conversations',
                    '/settings', '/operator/status', '/profiles/current'],
  'start when paired': START,
  'deep link': ['/models', ...START],
  'open a chat': ['/settings', '/skills', '/loops', '/operator/status',
                  '/models?providerId=openai', '/conversations/:id'],
  'settings screen': ['/profiles', '/mcp/servers', '/settings', '/settings',
                      '/operator/providers/chatgpt-web/auth',
                      '/operator/providers/chatgpt-web/auth', '/skills',
                      '/knowledge/notes?dateFilter=all&sort=relevance&limit=100',
                      '/agent-profiles', '/loops', '/models?providerId=openai'],
  'operations screen': ['/operator/status', '/operator/errors?count=8', '/operator/logs?count=20',
                        '/settings', '/operator/tunnel/setup', '/operator/discord',
                        '/operator/discord/logs?count=6', '/operator/whatsapp',
                        '/operator/audit?count=10', '/operator/conversations?count=10',
                        '/operator/message-queues', '/operator/mcp'],
  'agent editor': ['/skills', '/mcp/servers'],
  'loop editor': ['/agent-profiles', '/agent-sessions/candidates?limit=20'],
  'polling': ['/operator/status', '/conversations', '/settings', '/models'],
};
const CONVERSATION = { id: 's', title: 's', titleSource: 's?', createdAt: 'n', updatedAt: 'n',
                       messages: [{ id: 's', role: 's', content: 's', timestamp: 'n' }] };

// What the settings client does with an answer.
async function callAsApp (path) {
  const answer = await daemon.get(path.replace(':id', conversation),
                                  { ...DEVICE, 'content-type': 'application/json' });
  if (path === '/profiles/current') {
    // Absent is told from broken by the words.
    assert.equal(answer.status, 404);
    assert.match(answer.json.error, /not found/i);
    return;
  }
  assert.equal(answer.status, 200, `${path}: ${answer.text}`);
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
  check(answer.json, path === '/conversations/:id' ? CONVERSATION : ROUTES[path], path);
}

describe('screens', () => {
  for (const [screen, paths] of Object.entries(SCREENS))
    test(`${screen}: every call succeeds, one after the other`, async () => {
      for (const path of paths)
        await callAsApp(path);
    });

  test('operations screen: twelve calls at once, twice', async () => {
    for (let i = 0; i < 2; i++)
      await Promise.all(SCREENS['operations screen'].map(callAsApp));
  });
});

describe('further reads', () => {
  const more = {
    '/operator/health': HEALTH,
    '/operator/remote-server': REMOTE,
    '/operator/tunnel': TUNNEL,
    '/operator/integrations': { discord: DISCORD, whatsapp: WHATSAPP, pushNotifications: PUSH },
    '/operator/updater': UPDATER,
    '/operator/mcp/tools': { count: 'n', tools: 'a' },
    '/operator/mcp/any/logs?count=20': { count: 'n', logs: 'a' },
    '/operator/model-presets': { currentModelPresetId: 's', presets: 'a' },
    '/operator/diagnostics/report': { timestamp: 'n', system: { platform: 's', nodeVersion: 's' },
                                      config: { mcpServersCount: 'n' },
                                      mcp: { availableTools: 'n', serverStatus: 'o' },
                                      errors: [ENTRY] },
    '/mcp/config/export': { success: 'b', config: { mcpServers: 'o' } },
    '/mcp/servers/any/oauth': { configured: 'b', authenticated: 'b' },
    '/push/status': PUSH,
  };
  for (const [path, shape] of Object.entries(more))
    test(`${path} is well formed`, async () => {
      const answer = await daemon.get(path);
      assert.equal(answer.status, 200, answer.text);
      check(answer.json, shape, path);
    });

  for (const path of ['/skills/x', '/knowledge/notes/x', '/agent-profiles/x',
                      '/mcp/servers/x/config', '/loops/x/export/markdown', '/profiles/x/export'])
    test(`${path} is not found, with words`, async () => {
      const answer = await daemon.get(path);
      assert.equal(answer.status, 404);
      assert.equal(typeof answer.json.error, 'string');
    });

  test('values are those words the app knows', async () => {
    const { json } = await daemon.get('/operator/status');
    assert.match(json.health.overall, /^(healthy|warning|critical)$/);
    for (const one of Object.values(json.health.checks))
      assert.match(one.status, /^(pass|warning|fail)$/);
    assert.equal(json.tunnel.mode, null);
    assert.equal(json.system.platform, 'linux');
    assert.equal(json.remoteServer.running, true);
    assert.equal(json.remoteServer.port, Number(new URL(daemon.origin).port));
    assert.equal(json.remoteServer.url, daemon.base);
    assert.equal(json.remoteServer.connectableUrl, undefined, 'loopback is not connectable');
    assert.ok(json.system.memoryUsage.rssMB > 1);
    assert.ok(json.system.totalMemoryMB > json.system.freeMemoryMB);
    assert.ok(json.sessions.recentSessionDetails
      .some((session) => session.conversationId === conversation));
  });

  test('counts are clamped, never refused', async () => {
    for (const count of ['0', '-5', '999', 'abc', '', '3.7', '2abc'])
      assert.equal((await daemon.get(`/operator/conversations?count=${count}`)).status, 200, count);
    assert.equal((await daemon.get('/agent-sessions/candidates?limit=abc')).status, 400);
    assert.equal((await daemon.get('/agent-sessions/candidates?limit=')).status, 200);
  });
});

describe('a tailnet', () => {
  const REPLY = {
    BackendState: 'Running', TailscaleIPs: ['100.64.0.9'],
    Self: { HostName: 'desk', DNSName: 'desk.tail.ts.net.',
            TailscaleIPs: ['fd7a:115c:a1e0::9', '100.64.0.9'] },
    CurrentTailnet: { MagicDNSEnabled: true },
  };

  // A daemon that finds this program as "tailscale".
  async function withTailscale (script, use) {
    const folder = mkdtempSync(join(tmpdir(), 'da-tailscale-'));
    writeFileSync(join(folder, 'tailscale'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const other = await Daemon.start({ env: { PATH: `${folder}:${process.env.PATH}` } });
    try {
      await use(async () => (await other.get('/operator/remote-server')).json.tailscale, other);
    } finally {
      await other.stop();
      rmSync(folder, { recursive: true });
    }
  }

  test('without the program there is none', async () => {
    const { json } = await daemon.get('/operator/remote-server');
    assert.equal(json.tailscale.available, false);
    assert.equal(json.tailscale.running, false);
    assert.equal(json.easyPairingUrl, undefined);
  });

  test('a running one is told, never waited for', async () => {
    await withTailscale(`echo '${JSON.stringify(REPLY)}'`, async (tailnet, other) => {
      const found = await until(async () => {
        const now = await tailnet();
        return now.available ? now : null;
      }, 'the answer of tailscale');
      const { port } = new URL(other.origin);
      assert.deepEqual(found, {
        available: true, running: true, hostName: 'desk', dnsName: 'desk.tail.ts.net',
        ipv4: '100.64.0.9', baseUrl: `http://100.64.0.9:${port}/v1`,
      });
    });
  });

  test('one that hangs costs the status nothing', async () => {
    await withTailscale('exec sleep 60', async (tailnet) => {
      for (let i = 0; i < 5; i++) {
        const began = Date.now();
        assert.equal((await tailnet()).available, false);
        assert.ok(Date.now() - began < 500, `${Date.now() - began} ms`);
      }
      const { error } = await until(async () => {
        const now = await tailnet();
        return now.error ? now : null;
      }, 'the end of its time');
      assert.equal(typeof error, 'string');
    });
  });

  for (const script of ['echo garbage', 'exit 1', 'echo "[]"', 'echo \'{"BackendState":7}\''])
    test(`"${script}" is no tailnet`, async () => {
      await withTailscale(script, async (tailnet) => {
        const now = await until(async () => {
          const one = await tailnet();
          return one.error ? one : null;
        }, 'a reason');
        assert.equal(now.running, false);
        assert.equal(now.ipv4, undefined);
      });
    });
});

describe('sessions', () => {
  const act = (path, body) => daemon.call('POST', `/operator/sessions/${path}`, body);
  const recent = async () => (await daemon.get('/operator/status')).json
    .sessions.recentSessionDetails;

  test('a session is snoozed and woken, and the status shows it', async () => {
    const [session] = await recent();
    for (const [verb, snoozed] of [['snooze', true], ['unsnooze', false], ['snooze', true],
                                   ['show', false]]) {
      const answer = await act(`${session.id}/${verb}`);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.success, true);
      assert.equal(answer.json.action, `agent-session-${verb}`);
      assert.deepEqual(answer.json.details, { sessionId: session.id });
      const now = (await recent()).find((one) => one.id === session.id);
      assert.equal(now.isSnoozed, snoozed, verb);
    }
  });

  test('an unknown session is no failure', async () => {
    for (const verb of ['show', 'snooze', 'unsnooze', 'stop', 'clear']) {
      const answer = await act(`session_unknown/${verb}`);
      assert.equal(answer.status, 200);
      assert.equal(answer.json.success, true);
    }
    assert.equal((await act('session_unknown/clear')).json.details.removed, false);
  });

  test('a finished session is cleared, then all of them', async () => {
    for (const content of ['a', 'b', 'c'])
      await daemon.chat({ messages: [{ role: 'user', content }] });
    const [session] = await recent();
    const cleared = await act(`${session.id}/clear`);
    assert.deepEqual(cleared.json.details, { sessionId: session.id, removed: true });
    assert.equal((await recent()).some((one) => one.id === session.id), false);
    const all = await act('clear-inactive');
    assert.equal(all.json.action, 'agent-sessions-clear-inactive');
    assert.ok(all.json.details.clearedCount >= 2);
    assert.deepEqual(await recent(), []);
    const none = await act('snooze-and-hide-panel', { sessionIds: ['nobody', 7] });
    assert.deepEqual(none.json.details, { sessionIds: [] });
    assert.equal((await act('snooze-and-hide-panel')).status, 200);
  });

  test('an unknown approval is answered with success false', async () => {
    const path = '/agent-sessions/tool-approvals/session_x-1-abc/respond';
    const answer = await daemon.call('POST', path, { approved: true });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json,
                     { success: false, approvalId: 'session_x-1-abc', approved: true });
    assert.equal((await daemon.call('POST', path, { approved: 'yes' })).status, 400);
    assert.equal((await daemon.call('POST', path, {})).status, 400);
  });
});

describe('what is not there does not pretend', () => {
  for (const [method, path] of [['POST', '/skills'], ['POST', '/loops'], ['POST', '/push/register'],
                                ['POST', '/operator/tunnel/start'], ['POST', '/bundles/export'],
                                ['POST', '/operator/discord/connect'],
                                ['POST', '/knowledge/notes'], ['DELETE', '/mcp/servers/x']])
    test(`${method} ${path} is refused`, async () => {
      const answer = await daemon.call(method, path, {});
      assert.ok([404, 405].includes(answer.status), `${answer.status}`);
      assert.equal(typeof answer.json.error, 'string');
    });

  test('errors can be cleared', async () => {
    const answer = await daemon.call('POST', '/operator/errors/clear');
    assert.equal(answer.json.success, true);
    assert.equal(answer.json.action, 'operator-errors-clear');
    assert.equal((await daemon.get('/operator/errors')).json.count, 0);
  });
});
