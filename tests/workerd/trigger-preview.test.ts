import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/engine/vocabulary.ts';
import { admin } from '../support/admin-client.ts';
import { call } from '../support/profile-edge.ts';
import {
  alarmAt,
  anEvent,
  due,
  inProfile,
  outboxOf,
  publish,
  send,
  startClock,
  stateOnDisk,
  tablesOf,
  user,
  visitor,
} from '../support/profile-world.ts';

beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

const asked = (body: JsonObject, query = '') =>
  call('POST', `/admin/api/triggers/preview${query}`, body, 'Bearer at_dev');

interface Gate {
  gate: string;
  verdict: string;
  detail: string;
}
const failed = (gates: Gate[]) => gates.find(({ verdict }) => verdict === 'failed');

const draft = (changes: JsonObject = {}): JsonObject => ({
  id: 'tried',
  category: 'transactional',
  transactionalReason: 'a test',
  entry: { on: [{ event: 'Product Viewed' }], if: { field: 'item.id', op: 'eq', value: 'ring' } },
  reeligibility: { mode: 'always' },
  steps: [{ id: 'send', send: { channels: ['in_app'], template: 'tried' } }],
  ...changes,
});

async function aTemplate(title = '안녕 {{item.id}}') {
  const { status } = await admin('PUT', 'templates/tried', {
    defaultLocale: 'ko',
    locales: { ko: { in_app: { layout: 'modal', title }, push: { title, body: 'B' } } },
  });
  expect(status).toBeLessThan(300);
}

describe('a preview', () => {
  it('of a draft that is nowhere stored shows every gate and the message, and leaves no trace', async () => {
    await aTemplate();
    const ref = await user('tried');
    await send(ref, [anEvent('Hello')]);
    const before = await stateOnDisk(ref);
    const event = { event: 'view_item', properties: { items: [{ item_id: 'ring' }] } };
    const rows = await inProfile(ref, ({ sql }) => sql.rowsWritten);
    const { status, body } = await asked({ trigger: draft(), userId: 'tried', event });
    expect({ status, reason: body.reason }).toEqual({ status: 200, reason: 'sent' });
    expect(new Set(body.gates.map(({ verdict }: Gate) => verdict))).toEqual(new Set(['passed']));
    expect(body.message).toMatchObject({
      trigger: 'tried',
      channel: 'in_app',
      layout: 'modal',
      content: { locale: 'ko', title: '안녕 ring' },
    });
    expect(await inProfile(ref, ({ sql }) => sql.rowsWritten)).toBe(rows);
    expect(await stateOnDisk(ref)).toEqual(before);
    expect(await due(ref)).toEqual([]);
    expect((await outboxOf(ref)).filter((id) => id.startsWith('msg_'))).toEqual([]);
    expect((await admin('GET', 'triggers/tried')).status).toBe(404);
  });

  it('names the gate that failed, with the value that was seen, in the language asked for', async () => {
    await aTemplate();
    const event = { type: 'track', name: 'Product Viewed', properties: { product_id: 'coat' } };
    const { body } = await asked({ trigger: draft(), userId: 'tried', event }, '?lang=en');
    expect(body.reason).toBe('not_matched');
    expect(failed(body.gates)).toMatchObject({
      gate: 'if',
      detail: expect.stringContaining('`item.id` is "coat"'),
    });
    expect(body.gates.at(-1)).toMatchObject({ gate: 'holdout', verdict: 'not_reached' });
    expect(body).not.toHaveProperty('message');
  });

  it('of a profile that does not exist looks at a new one, and makes none', async () => {
    await aTemplate('T');
    const trigger = draft({ entry: { on: [{ event: 'Hello' }] } });
    for (const [userId, ref] of [
      ['nobody', await user('nobody')],
      ['anon:nobody', await visitor('nobody')],
    ] as const) {
      expect((await asked({ trigger, userId })).body.reason).toBe('sent');
      expect(await tablesOf(ref)).toEqual([]);
      expect(await alarmAt(ref)).toBeNull();
    }
  });

  it('follows an anonymous profile to the user it has become', async () => {
    await aTemplate('{{user.id}}');
    const [known, before] = [await user('moved'), await visitor('moved')];
    await send(before, [anEvent('Hello')]);
    await send(known, [anEvent('$identify')], { links: [before] });
    const trigger = draft({ entry: { on: [{ event: 'Hello' }] } });
    expect((await asked({ trigger, userId: 'anon:moved' })).body.message.content.title).toBe('moved');
  });

  it('of a stored trigger takes its draft, also while another version is live', async () => {
    const ref = await user('stored');
    await send(ref, [anEvent('Hello')]);
    await publish({ id: 'stored', entry: { on: [{ event: 'Hello' }] } });
    const { body: live } = await admin('GET', 'triggers/stored');
    await admin('PUT', 'triggers/stored', {
      ...live,
      entry: { on: [{ event: 'Hello' }], if: { not: { field: 'user.id', op: 'exists' } } },
    });
    const tried = (await asked({ triggerId: 'stored', userId: 'stored' })).body;
    expect(failed(tried.gates)?.gate).toBe('if');
    await send(ref, [anEvent('Hello')]);
    expect(await due(ref)).toHaveLength(1);
  });

  it('takes an item as it is given, and the time', async () => {
    await aTemplate('{{item.title}} {{item.price}}');
    const ref = await user('item');
    const liked = { product_id: 'ring', price: 30_000, currency: 'KRW' };
    await send(ref, [anEvent('Product Added to Wishlist', liked)]);
    const trigger = draft({
      entry: { on: [{ item: 'price_drop', relation: ['liked'], minDrop: { pct: 50 } }] },
    });
    const ask = (price: number) => {
      const item = {
        id: 'ring',
        title: 'Ring',
        price,
        currency: 'KRW',
        previous: { price: 30_000, currency: 'KRW' },
      };
      return asked({ trigger, userId: 'item', event: { item } });
    };
    expect((await ask(15_000)).body.message.content.title).toBe('Ring 15000');
    expect(failed((await ask(16_000)).body.gates)?.gate).toBe('on');
    const ended = draft({ schedule: { end: '2031-01-01T00:00:00Z' }, entry: { on: [{ event: 'Goodbye' }] } });
    await aTemplate('T');
    expect((await asked({ trigger: ended, userId: 'item' })).body.reason).toBe('sent');
    const later = await asked({ trigger: ended, userId: 'item', now: '2031-06-01T00:00:00Z' });
    expect(failed(later.body.gates)?.gate).toBe('on');
  });

  it('refuses a draft that could not go live with the whole list', async () => {
    await aTemplate('T');
    const unknown = await asked({
      trigger: draft({ entry: { on: [{ event: 'Hello' }], if: { segment: 'ghost' } } }),
      userId: 'u',
    });
    expect([unknown.status, unknown.body.error.issues[0].path]).toEqual([422, 'entry.if.segment']);
    const misshapen = await asked({ trigger: { id: 'X Y' }, userId: 'u' });
    expect(misshapen.status).toBe(422);
    expect(misshapen.body.error.issues.length).toBeGreaterThan(2);
  });

  it('refuses a request that says too little or too much, and an unknown trigger', async () => {
    expect((await asked({ userId: 'u' })).body.error.issues).toMatchObject([{ path: 'trigger' }]);
    expect((await asked({ userId: 'u', triggerId: 'a', trigger: draft() })).status).toBe(400);
    expect((await asked({ trigger: draft() })).body.error.issues).toMatchObject([{ path: 'userId' }]);
    expect((await asked({ userId: 'anon:', trigger: draft() })).status).toBe(400);
    expect((await asked({ userId: 'u', trigger: draft(), event: {} })).body.error.issues).toMatchObject([
      { path: 'event.event' },
    ]);
    expect((await asked({ userId: 'u', triggerId: 'ghost' })).status).toBe(404);
    const { status } = await call('POST', '/admin/api/triggers/preview', { userId: 'u' }, 'Bearer sk_dev');
    expect([401, 403]).toContain(status);
  });
});
