/** Where very many triggers listen, those that the index ruled out are explained when somebody asks: as of then. */
import { exports } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import { TRIED_ONE_BY_ONE } from '../../src/engine/compile/listeners.ts';
import { admin } from '../support/admin-client.ts';

const COUNT = TRIED_ONE_BY_ONE + 4;

function aTrigger(id: string, category: string) {
  return {
    id,
    category: 'transactional',
    transactionalReason: 'a greeting',
    entry: {
      on: [
        { event: 'Product Viewed', where: { field: 'event.properties.category', op: 'eq', value: category } },
      ],
    },
    reeligibility: { mode: 'always' },
    steps: [{ id: 'show', send: { channels: ['in_app'], template: 'hello' } }],
  };
}

async function view(messageId: string, category: string) {
  const response = await exports.default.fetch('http://reflex.test/v1/track', {
    method: 'POST',
    headers: { authorization: 'Bearer sk_dev' },
    body: JSON.stringify({ messageId, userId: 'u1', event: 'Product Viewed', properties: { category } }),
  });
  expect(response.status).toBe(200);
  await response.text();
}

/** What the triggers that are told of said to the newest event. */
async function decisions(query: string) {
  const { body } = await admin('GET', `profiles/u1/decisions?lang=en&limit=1${query}`);
  return body.items[0];
}

beforeAll(async () => {
  await admin('PUT', 'templates/hello', {
    defaultLocale: 'ko',
    locales: { ko: { in_app: { layout: 'modal', title: 'Hello' } } },
  });
  for (let i = 0; i < COUNT; i++) {
    await admin('POST', 'triggers', aTrigger(`t${i}`, `c${i}`));
    expect((await admin('POST', `triggers/t${i}/activate`)).status).toBe(200);
  }
});

test('an event tells of those that were tried, and of any other that is asked for', async () => {
  await view('m1', 'c3');
  const told = await decisions('');
  expect(told.partial).toBe(true);
  expect(told.triggers.map(({ id, reason }: { id: string; reason: string }) => [id, reason])).toEqual([
    ['t3', 'sent'],
  ]);
  expect((await decisions('&trigger=t5')).triggers).toEqual([
    {
      id: 't5',
      version: 1,
      reason: 'not_matched',
      path: 'entry.on.0.where',
      values: { 'event.properties.category': 'c3' },
      text: expect.stringContaining('`event.properties.category` is "c3"; needed: is "c5"'),
    },
  ]);
  expect((await decisions('&trigger=t3')).triggers).toMatchObject([{ id: 't3', reason: 'sent' }]);
  expect((await decisions('&trigger=nobody')).triggers).toEqual([]);
});

test('by the version, and in the state, that were in force at that event', async () => {
  await view('m2', 'c4');
  await admin('PUT', 'triggers/t6', aTrigger('t6', 'c4'));
  await admin('POST', 'triggers/t6/activate');
  await admin('POST', 'triggers/t7/pause');
  await admin('DELETE', 'triggers/t8');
  expect((await decisions('&trigger=t6')).triggers).toMatchObject([{ version: 1, reason: 'not_matched' }]);
  expect((await decisions('&trigger=t7')).triggers).toMatchObject([{ version: 1, reason: 'not_matched' }]);
  expect((await decisions('&trigger=t8')).triggers).toMatchObject([{ version: 1, reason: 'not_matched' }]);
  await view('m3', 'c5');
  expect((await decisions('&trigger=t6')).triggers).toMatchObject([{ version: 2, reason: 'not_matched' }]);
  expect((await decisions('&trigger=t7')).triggers).toMatchObject([{ version: 1, reason: 'paused' }]);
  expect((await decisions('&trigger=t8')).triggers).toEqual([]);
});
