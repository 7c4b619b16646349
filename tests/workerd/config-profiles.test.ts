import { exports } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import { admin } from '../support/admin-client.ts';

async function send(path: string, body: object) {
  const response = await exports.default.fetch(`http://reflex.test/v1/${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_dev' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  await response.text();
}

beforeAll(async () => {
  await admin('PUT', 'templates/hello', {
    defaultLocale: 'ko',
    locales: { ko: { in_app: { layout: 'modal', title: 'VIP님, 안녕하세요' } } },
  });
  await admin('POST', 'triggers', {
    id: 'vip-hello',
    category: 'transactional',
    transactionalReason: 'a greeting',
    entry: {
      on: [{ event: 'Product Viewed' }],
      if: { all: [{ field: 'user.traits.tier', op: 'eq', value: 'VIP' }] },
    },
    reeligibility: { mode: 'always' },
    steps: [{ id: 'show', send: { channels: ['in_app'], template: 'hello' } }],
  });
  expect((await admin('POST', 'triggers/vip-hello/activate')).status).toBe(200);
});

test("a user's decisions say in words which condition failed on which value", async () => {
  await send('identify', { messageId: 'i1', userId: 'u 1/한', traits: { tier: 'GOLD' } });
  await send('track', {
    messageId: 't1',
    userId: 'u 1/한',
    event: 'Product Viewed',
    properties: { product_id: 'p1' },
  });
  const id = encodeURIComponent('u 1/한');
  const english = await admin('GET', `profiles/${id}/decisions?lang=en&limit=1`);
  expect(english.body).toEqual({
    items: [
      {
        event: { messageId: 't1', name: 'Product Viewed', timestamp: expect.stringMatching(/Z$/) },
        triggers: [
          {
            id: 'vip-hello',
            version: 1,
            reason: 'not_matched',
            path: 'entry.if.all.0',
            values: { 'user.traits.tier': 'GOLD' },
            text: 'A condition does not hold. `user.traits.tier` is "GOLD"; needed: is "VIP". (`entry.if.all.0`)',
          },
        ],
      },
    ],
    cursor: null,
  });
  // The workspace's language where nobody asks for one.
  const korean = await admin('GET', `profiles/${id}/decisions?limit=1`);
  expect(korean.body.items[0].triggers[0].text).toContain('조건이 맞지 않았습니다');
});

test('a profile is read by its user id or its anonymous one', async () => {
  await send('track', {
    messageId: 't2',
    anonymousId: 'a1',
    event: 'Product Viewed',
    properties: { product_id: 'p1' },
  });
  const anonymous = await admin('GET', 'profiles/anon:a1');
  expect(anonymous).toMatchObject({
    status: 200,
    body: { userId: null, timeline: [{ messageId: 't2', name: 'Product Viewed' }] },
  });
  expect((await admin('GET', 'profiles/a1')).status).toBe(404);
  expect((await admin('GET', 'profiles/anon:')).status).toBe(400);
  expect((await admin('GET', 'profiles/nobody/decisions')).body).toEqual({ items: [], cursor: null });
});
