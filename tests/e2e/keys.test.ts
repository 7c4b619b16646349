import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, type Api, apiOf, basic } from '../support/api.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

let server: RunningServer;
let api: Api;
beforeAll(async () => {
  server = await startServer();
  api = apiOf(server);
});
afterAll(() => server?.[Symbol.asyncDispose]());

type Attempt = (key: string) => Promise<Answer>;
const EVENT = { type: 'track', event: 'Seen', userId: 'key-user' };

/** Every place of a key, and a call of each kind that needs one. */
const DOORS: [string, Attempt][] = [
  ['track, Basic', (key) => api.stranger('POST', '/v1/track', EVENT, withHeader(basic(key)))],
  ['track, Bearer', (key) => api.stranger('POST', '/v1/track', EVENT, withHeader(`Bearer ${key}`))],
  ['batch, in the body', (key) => api.stranger('POST', '/v1/batch', { batch: [EVENT], writeKey: key })],
  [
    'beacon, in the query',
    (key) => api.stranger('POST', `/beacon/v1/batch?writeKey=${key}`, { batch: [EVENT] }),
  ],
  ['messages', (key) => api.stranger('GET', '/v1/messages/next?userId=u', undefined, withHeader(basic(key)))],
  ['settings of a page', (key) => api.stranger('GET', `/v1/projects/${key}/settings`)],
  ['source of a page', (key) => api.stranger('GET', `/sourceConfig?writeKey=${key}`)],
  ['an item', (key) => api.stranger('PUT', '/v1/items/i', { title: 'x' }, withHeader(`Bearer ${key}`))],
  ['a profile', (key) => api.stranger('GET', '/v1/profiles/u', undefined, withHeader(`Bearer ${key}`))],
  [
    'the admin API',
    (key) => api.stranger('GET', '/admin/api/triggers', undefined, withHeader(`Bearer ${key}`)),
  ],
];

function withHeader(authorization: string) {
  return { headers: { authorization } };
}

async function createKey(kind: string): Promise<{ id: string; key: string }> {
  const { status, body } = await api.admin('POST', 'keys', { kind, label: `a ${kind} key` });
  expect(status).toBe(201);
  return body;
}

async function revoked(kind: string): Promise<string> {
  const { id, key } = await createKey(kind);
  expect((await api.admin('DELETE', `keys/${id}`)).status).toBe(204);
  return key;
}

describe('a key that opens nothing', () => {
  it('gets one and the same 401 at every door, whether it is unknown, revoked, empty or none at all', async () => {
    const bad = [
      'wk_unknown',
      await revoked('write'),
      await revoked('server'),
      await revoked('admin'),
      ' ',
      'x'.repeat(5_000),
    ];
    const texts = new Set<string>();
    for (const [door, attempt] of DOORS) {
      for (const key of bad) {
        const { status, text } = await attempt(encodeURIComponent(key));
        expect(status, `${door}: ${key.slice(0, 20)}`).toBe(401);
        texts.add(text);
      }
    }
    const none = await api.stranger('POST', '/v1/track', EVENT);
    expect(none.status).toBe(401);
    expect([...texts]).toEqual([none.text]);
    expect(none.body).toMatchObject({ error: { code: 'unauthorized' } });
  });

  it('applies nothing', async () => {
    await Promise.all(DOORS.map(([, attempt]) => attempt('wk_unknown')));
    expect((await api.admin('GET', 'profiles/key-user')).status).toBe(404);
    expect((await api.server('GET', '/v1/items/i')).status).toBe(404);
  });
});

it('a key of the wrong kind gets one and the same 403', async () => {
  const wrong: [string, string][] = [
    ['an item', 'wk_dev'],
    ['an item', 'at_dev'],
    ['a profile', 'wk_dev'],
    ['the admin API', 'wk_dev'],
    ['the admin API', 'sk_dev'],
    ['track, Basic', 'at_dev'],
    ['messages', 'at_dev'],
  ];
  const answers = await Promise.all(
    wrong.map(([door, key]) => DOORS.find(([name]) => name === door)?.[1](key)),
  );
  for (const answer of answers)
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
  expect(new Set(answers.map((answer) => answer?.text)).size).toBe(1);
});

it('a new key works at once and until it is revoked, and is never shown again', async () => {
  const { id, key } = await createKey('write');
  const send = () => api.stranger('POST', '/v1/track', EVENT, withHeader(basic(key)));
  expect((await send()).status).toBe(200);
  expect((await api.admin('GET', 'keys')).text).not.toContain(key);
  expect((await api.admin('GET', 'audit')).text).not.toContain(key);
  expect((await api.admin('DELETE', `keys/${id}`)).status).toBe(204);
  await vi.waitFor(async () => expect((await send()).status).toBe(401), { timeout: 10_000, interval: 100 });
});

it('a server key may do all that a write key may', async () => {
  for (const [door, attempt] of DOORS.filter(([name]) => !name.startsWith('the admin'))) {
    expect((await attempt('sk_dev')).status, door).toBeOneOf([200, 404]);
  }
});

it('no key is ever printed', async () => {
  await Promise.all(DOORS.map(([, attempt]) => attempt('wk_a-key-that-must-not-be-printed')));
  expect(server.output()).not.toContain('must-not-be-printed');
});
