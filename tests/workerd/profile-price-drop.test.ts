/** From the shop's price to one push: catalog, watcher shard, fan-out, profile and dispatch, all real. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { namespaceOf } from '../support/catalog-objects.ts';
import { call, deliveriesOf, quiet, track } from '../support/profile-edge.ts';
import {
  at,
  inProfile,
  outboxOf,
  publish,
  reasons,
  rebind,
  ring,
  startClock,
  user,
} from '../support/profile-world.ts';

// Real queues on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 });

beforeAll(async () => {
  const push = { title: '{{item.title}}', body: '{{entry.referencePrice}} → {{item.price}}' };
  await publish(
    {
      id: 'drop',
      entry: {
        on: [
          {
            item: 'price_drop',
            relation: ['liked', 'in_cart'],
            minDrop: { pct: 5 },
            versus: 'price_when_related',
          },
        ],
        if: { not: { relation: 'purchased' } },
        key: ['item.id'],
      },
      reeligibility: { mode: 'always', per: 'key' },
      exit: [{ on: { event: 'Order Completed' }, matchKey: true }],
    },
    ['push'],
    { defaultLocale: 'ko', locales: { ko: { push } } },
  );
});
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

let minutes = 0;

/** Each step of a life a minute later than the one before. */
function tick(): void {
  minutes += 1;
  at(minutes * 60);
}

async function price(id: string, amount: number, currency = 'KRW') {
  tick();
  const put = await call('PUT', `/v1/items/${id}`, { title: '실반지', price: amount, currency });
  expect(put.status).toBe(200);
}

async function shop(userId: string, event: string, id: string, more = {}) {
  tick();
  expect((await track({ userId }, event, { product_id: id, ...more })).status).toBe(200);
}

/** Likes, and waits until the watcher shard knows. */
async function like(userId: string, id: string, event = 'Product Added to Wishlist') {
  await shop(userId, event, id);
  await registered(userId);
}

async function registered(userId: string) {
  const ref = await user(userId);
  await vi.waitFor(async () => {
    expect((await outboxOf(ref)).filter((entry) => entry.startsWith('watch:'))).toEqual([]);
  });
}

/** What has been pushed to the user so far, oldest first, once the queues are quiet. */
async function pushed(userId: string, count: number): Promise<unknown[]> {
  const { key } = await user(userId);
  const mine = async () => (await deliveriesOf('drop')).filter(({ profileKey }) => profileKey === key);
  await vi.waitFor(async () => expect((await mine()).length).toBeGreaterThanOrEqual(count), {
    timeout: 10_000,
  });
  await quiet();
  const records = await mine();
  expect(records.every(({ status, attempts }) => status === 'sent' && attempts === 1)).toBe(true);
  return records.reverse().map(({ content }) => content?.body);
}

describe('a price that drops', () => {
  it('is told to those who like the item, once each, against the price at which they liked it', async () => {
    await price('ring', 100_000);
    await like('early', 'ring');
    await price('ring', 80_000);
    await like('late', 'ring');
    expect(await pushed('early', 1)).toEqual(['100000 → 80000']);
    await price('ring', 70_000);
    await price('ring', 70_000);
    expect(await pushed('early', 2)).toEqual(['100000 → 80000', '100000 → 70000']);
    expect(await pushed('late', 1)).toEqual(['80000 → 70000']);
  });

  it('too little is told to nobody', async () => {
    await price('little', 100_000);
    await like('patient', 'little');
    await price('little', 95_001);
    await price('little', 95_000);
    expect(await pushed('patient', 1)).toEqual(['100000 → 95000']);
  });

  it('between the like and its registration is told all the same', async () => {
    await price('between', 100_000);
    const ref = await user('unlucky');
    const unavailable = { watch: async () => ({ kind: 'unavailable', retryAfterSeconds: 5 }) };
    await inProfile(ref, (profile) => rebind(profile, { WATCHERS: namespaceOf(unavailable) }));
    await shop('unlucky', 'Product Added to Wishlist', 'between');
    await price('between', 80_000);
    await price('between', 75_000);
    await inProfile(ref, (profile) => rebind(profile, {}));
    tick();
    await ring(ref);
    await registered('unlucky');
    expect(await pushed('unlucky', 1)).toEqual(['100000 → 75000']);
    await price('between', 70_000);
    expect(await pushed('unlucky', 2)).toEqual(['100000 → 75000', '100000 → 70000']);
  });

  it('that goes up and down again is told only where it is lower than it was told before', async () => {
    await price('flaps', 100_000);
    await like('watchful', 'flaps');
    for (const amount of [80_000, 100_000, 80_000, 120_000, 90_000, 80_000, 79_000])
      await price('flaps', amount);
    const bodies = await pushed('watchful', 1);
    // Changes that follow each other faster than the telling are told as one.
    expect(bodies.at(-1)).toBe('100000 → 79000');
    expect(bodies.length).toBeLessThanOrEqual(2);
    await price('flaps', 100_000);
    await price('flaps', 79_000);
    await quiet();
    expect(await pushed('watchful', 1)).toEqual(bodies);
  });

  it('is not told after the item was unliked or bought', async () => {
    await price('gone', 100_000);
    for (const name of ['unlikes', 'buys', 'stays']) await like(name, 'gone');
    await shop('unlikes', 'Product Removed from Wishlist', 'gone');
    await shop('buys', 'Order Completed', 'gone', { order_id: 'o1', products: [{ product_id: 'gone' }] });
    await registered('unlikes');
    await price('gone', 50_000);
    expect(await pushed('stays', 1)).toHaveLength(1);
    expect(await pushed('unlikes', 0)).toEqual([]);
    expect(await pushed('buys', 0)).toEqual([]);
    expect(await reasons(await user('buys'), '$item')).toEqual(['drop: not_matched']);
  });

  it('is told of a cart too, and of an item liked anew against its new price', async () => {
    await price('anew', 100_000);
    await like('returns', 'anew', 'Product Added');
    await price('anew', 90_000);
    expect(await pushed('returns', 1)).toEqual(['100000 → 90000']);
    await shop('returns', 'Product Removed', 'anew');
    await registered('returns');
    await like('returns', 'anew');
    await price('anew', 85_000);
    expect(await pushed('returns', 2)).toEqual(['100000 → 90000', '90000 → 85000']);
  });

  it('in another currency is none; liked anew in it, it is measured there', async () => {
    await price('abroad', 100_000);
    await like('travels', 'abroad');
    await price('abroad', 70, 'USD');
    await price('abroad', 50, 'USD');
    await quiet();
    expect(await pushed('travels', 0)).toEqual([]);
    await shop('travels', 'Product Removed from Wishlist', 'abroad');
    await registered('travels');
    await like('travels', 'abroad');
    await price('abroad', 40, 'USD');
    expect(await pushed('travels', 1)).toEqual(['50 → 40']);
  });
});
