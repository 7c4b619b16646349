/** A provider's secret goes in and never comes out: not in an answer, an export, an error, the log, or a file. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { textsInFiles } from '../support/state-files.ts';
import { receiveWebhooks, type WebhookReceiver } from '../support/webhook-receiver.ts';

const MARK = 'PlantedSecret0123456789abcdefghij';
const WEBHOOK = `whsec_${btoa(`${MARK}=webhook`)}`;
const SECRETS: [string, string, object, string][] = [
  ['webhook', 'webhook', {}, WEBHOOK],
  ['sms', 'solapi', { apiKey: 'KEY', from: '0212345678' }, `${MARK}-solapi`],
  ['email', 'resend', { from: 'news@example.com' }, `re_${MARK}`],
  ['line', 'line', {}, `${MARK}-line`],
  [
    'kakao_brand',
    'nhn',
    { appKey: 'A', from: '0212345678', senderKey: 'S', optOut080: '080-123-4567' },
    `${MARK}-nhn`,
  ],
];
/** As they are written, and as base64 would hold them. */
const TRACES = [MARK, WEBHOOK.slice(6), btoa(MARK).slice(0, 40)];

let server: RunningServer;
let api: Api;
let endpoint: WebhookReceiver;
beforeAll(async () => {
  endpoint = await receiveWebhooks(() => ({ status: 400 }));
  server = await startServer({ env: { SECRETS_KEY: 'a-key-of-thirty-two-bytes-or-more-0123' } });
  api = apiOf(server);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await endpoint?.close();
});

it('is in no answer, no log and no file', async () => {
  const answers: string[] = [];
  const admin = async (method: string, path: string, body?: unknown) => {
    const answer = await api.admin(method, path, body);
    answers.push(`${method} ${path} ${answer.text} ${JSON.stringify([...answer.headers])}`);
    return answer;
  };
  for (const [channel, provider, settings, secret] of SECRETS) {
    const url = provider === 'webhook' ? { url: endpoint.url } : { endpoint: 'http://127.0.0.1:9' };
    const document = { provider, settings: { ...settings, ...url }, secret };
    expect((await admin('PUT', `channels/${channel}`, document)).status).toBe(201);
    // What is wrong with a document is said without what was secret in it.
    await admin('PUT', `channels/${channel}`, { ...document, secret: `${secret} ${MARK}\n` });
    await admin('PUT', `channels/${channel}`, { ...document, secret: { nested: secret } });
    await admin('PUT', `channels/${channel}`, { ...document, provider: 'nobody' });
    await admin('PUT', `channels/${channel}`, { ...document, settings: { ...settings, unknown: 1 } });
  }
  await admin('PUT', 'templates/t', {
    defaultLocale: 'ko',
    locales: { ko: { webhook: { data: { x: 1 } }, sms: { text: 'x' } } },
  });
  await admin('POST', 'triggers', {
    id: 't',
    category: 'transactional',
    transactionalReason: 'a test',
    entry: { on: [{ event: 'Tell' }] },
    reeligibility: { mode: 'always' },
    steps: [{ id: 'a', send: { channels: ['webhook', 'sms'], mode: 'all', template: 't' } }],
  });
  await admin('POST', 'triggers/t/activate');
  await api.server('POST', '/v1/identify', { userId: 'u', traits: { phone: '010-1234-5678' } });
  await api.server('POST', '/v1/track', { userId: 'u', event: 'Tell' });
  await vi.waitFor(
    async () => {
      expect((await admin('GET', 'dead-letters')).body.items).toHaveLength(1);
    },
    { timeout: 10_000, interval: 50 },
  );
  await admin('POST', 'secrets/reseal');
  const asked = [
    'channels',
    'audit',
    'deliveries',
    'dead-letters',
    'triggers/t/report',
    'profiles/u',
    'profiles/u/decisions',
    'keys',
  ];
  for (const path of [...asked, ...SECRETS.map(([channel]) => `channels/${channel}`)])
    await admin('GET', path);
  for (const kind of ['decisions', 'deliveries', 'conversions', 'events'])
    await admin('GET', `export/${kind}`);
  answers.push((await api.server('GET', '/v1/profiles/u/export')).text);
  answers.push((await api.stranger('GET', '/openapi.json')).text);
  expect(endpoint.received.length).toBeGreaterThan(0);
  for (const trace of TRACES) {
    expect(answers.filter((answer) => answer.includes(trace))).toEqual([]);
    expect(server.output()).not.toContain(trace);
  }
  await server.end('SIGTERM');
  expect(textsInFiles(server.stateDir, TRACES)).toEqual([]);
});
