/** From a shop's new item to one push for each follower: catalog, topic shards, fan-out, profile and dispatch, all real. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { call, deliveriesOf, quiet, track } from '../support/profile-edge.ts';
import { at, outboxOf, publish, readyAt, startClock, user } from '../support/profile-world.ts';

// Real queues on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 });

beforeAll(async () => {
  const push = { title: '{{item.title}}', body: '{{item.id}}' };
  await publish(
    {
      id: 'topics',
      entry: {
        on: [
          { topic: 'brand', change: 'new_item' },
          { topic: 'keyword', change: 'new_item' },
          { topic: 'keyword', change: 'price_drop' },
        ],
        key: ['item.id'],
      },
      reeligibility: { mode: 'always', per: 'key' },
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
async function tick(): Promise<void> {
  minutes += 1;
  await readyAt(minutes * 60);
  at(minutes * 60);
}

async function tell(userId: string, event: 'Followed' | 'Unfollowed', type: string, value: string) {
  await tick();
  expect((await track({ userId }, `Topic ${event}`, { type, value })).status).toBe(200);
  const ref = await user(userId);
  await vi.waitFor(async () => {
    expect((await outboxOf(ref)).filter((entry) => entry.startsWith('follow:'))).toEqual([]);
  });
}

async function write(id: string, fields: object) {
  await tick();
  expect((await call('PUT', `/v1/items/${id}`, { title: '실반지', ...fields })).status).toBe(200);
}

/** The items that were pushed to the user, oldest first, once the queues are quiet. */
async function pushed(userId: string, count: number): Promise<unknown[]> {
  const { key } = await user(userId);
  const mine = async () => (await deliveriesOf('topics')).filter(({ profileKey }) => profileKey === key);
  await vi.waitFor(async () => expect((await mine()).length).toBeGreaterThanOrEqual(count), {
    timeout: 10_000,
  });
  await quiet();
  return (await mine()).reverse().map(({ content }) => content?.body);
}

describe('an item that is new', () => {
  it('is told once to each who follows any of its topics, and to nobody else', async () => {
    await tell('one', 'Followed', 'keyword', '담수 진주');
    await tell('several', 'Followed', 'keyword', '담수진주');
    await tell('several', 'Followed', 'brand', 'Moon');
    await tell('left', 'Followed', 'brand', 'moon');
    await tell('left', 'Unfollowed', 'brand', 'MOON');
    await tell('other', 'Followed', 'category', 'moon');
    const item = { brand: 'moon', attributes: { keywords: ['담수진주', '14k'] } };
    await write('first', { ...item, price: 100, currency: 'KRW' });
    expect(await pushed('one', 1)).toEqual(['first']);
    expect(await pushed('several', 1)).toEqual(['first']);
    await write('first', { title: '다른 이름' });
    await write('loaded', { ...item, imported: true });
    await write('first', { price: 90 });
    expect(await pushed('one', 2)).toEqual(['first', 'first']);
    await write('first', { price: 95 });
    await write('first', { price: 90 });
    expect([await pushed('one', 2), await pushed('several', 2)]).toEqual(Array(2).fill(['first', 'first']));
    expect([await pushed('left', 0), await pushed('other', 0)]).toEqual([[], []]);
  });
});
