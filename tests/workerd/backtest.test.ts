/** A backtest through the API, over what real profiles and a real catalog have kept. */
import { env } from 'cloudflare:workers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/engine/vocabulary.ts';
import { REGISTRY_SHARDS, registryShard } from '../../src/protocol/stubs.ts';
import { dropConfig } from '../../src/store/config-cache.ts';
import { alarmAt, inProfile, stateOnDisk, user } from '../support/profile-world.ts';
import { api } from '../support/workerd-api.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const REAL_QUEUES = { timeout: 20_000, interval: 100 };

const PEOPLE = 30;
const PEOPLE_KNOWN = Array.from({ length: PEOPLE }, (_, i) => `tested-${i}`);
const ITEMS = ['ring', 'coat', 'hat'];
const FROM = new Date(Date.now() - 60_000).toISOString();
const TO = new Date(Date.now() + 3_600_000).toISOString();

const dropTrigger = (changes: JsonObject = {}): JsonObject => ({
  id: 'drop',
  category: 'marketing',
  priority: 80,
  entry: {
    on: [{ item: 'price_drop', relation: ['liked'], minDrop: { pct: 10 } }],
    if: { not: { field: 'user.traits.tier', op: 'eq', value: 'none' } },
    key: ['item.id'],
  },
  reeligibility: { mode: 'always' },
  steps: [{ id: 'tell', send: { channels: ['push'], template: 'drop' } }],
  ...changes,
});

async function done(answer: Promise<{ status: number; text: string }>): Promise<void> {
  const { status, text } = await answer;
  if (status >= 300) throw new Error(text);
}

const like = (userId: string, item: string) =>
  api.client('POST', '/v1/track', {
    userId,
    event: 'Product Added to Wishlist',
    properties: { product_id: item, price: 10_000, currency: 'KRW' },
  });
const price = (item: string, amount: number) =>
  done(api.server('PUT', `/v1/items/${item}`, { title: item, price: amount, currency: 'KRW', stock: 5 }));

const backtest = (body: JsonObject) =>
  api.admin('POST', 'triggers/backtest', { from: FROM, to: TO, ...body });
const sentBy = async (trigger: string) =>
  (await api.admin('GET', `deliveries?trigger=${trigger}&status=sent&limit=200`)).body.items;

/** As a person tells messages apart. */
const named = ({ userId, channel, content }: JsonObject) =>
  JSON.stringify([userId, channel, (content as JsonObject).title, (content as JsonObject).body]);

async function registered(): Promise<number> {
  let known = 0;
  for (let shard = 0; shard < REGISTRY_SHARDS; shard++) {
    known += (await registryShard(env, shard).page(null, 1_000)).keys.length;
  }
  return known;
}

/** Who likes what: everybody something, some two things. */
const likes = PEOPLE_KNOWN.flatMap((userId, i) => [
  [userId, ITEMS[i % 3] as string],
  ...(i % 4 === 0 ? [[userId, ITEMS[(i + 1) % 3] as string]] : []),
]) as [string, string][];

beforeAll(async () => {
  dropConfig();
  const push = { title: '{{item.title}}', body: '{{item.price}} {{entry.referencePrice}}' };
  await done(api.admin('PUT', 'templates/drop', { defaultLocale: 'ko', locales: { ko: { push } } }));
  await done(
    api.admin('PUT', 'templates/hello', {
      defaultLocale: 'ko',
      locales: { ko: { push: { title: 'Hi', body: 'Hi' } } },
    }),
  );
  await done(
    api.admin('PUT', 'policies/law', {
      jurisdiction: 'KR',
      inApp: false,
      sender: { name: 'S', phone: '02-555-0101', optOut080: '080-123-4567' },
    }),
  );
  await done(
    api.admin('PUT', 'policies/quiet_hours', { from: '03:00', to: '03:01', tz: 'user', action: 'drop' }),
  );
  await done(
    api.admin('PUT', 'channels/push', {
      provider: 'log',
      settings: {},
      cost: { amount: 3, currency: 'KRW' },
    }),
  );
  await done(api.admin('POST', 'triggers', dropTrigger()));
  await done(api.admin('POST', 'triggers/drop/activate'));
  for (const item of ITEMS) await price(item, 10_000);
  for (const [i, userId] of PEOPLE_KNOWN.entries()) {
    await done(
      api.client('POST', '/v1/identify', { userId, traits: { tier: i % 5 === 0 ? 'none' : 'gold' } }),
    );
    for (const purpose of ['marketing', 'marketing_night']) {
      await done(
        api.server('PUT', `/v1/profiles/${userId}/consents`, {
          channel: 'push',
          purpose,
          granted: i % 7 !== 0,
        }),
      );
    }
  }
  for (const [userId, item] of likes) await done(like(userId, item));
  await vi.waitFor(async () => expect(await registered()).toBeGreaterThanOrEqual(PEOPLE), REAL_QUEUES);
  const watching = async () => {
    for (const userId of PEOPLE_KNOWN) {
      const state = await stateOnDisk(await user(userId));
      if ([...(state?.outbox.values() ?? [])].some(({ kind }) => kind === 'watch')) return false;
    }
    return true;
  };
  await vi.waitFor(async () => expect(await watching()).toBe(true), REAL_QUEUES);
  await price('ring', 8_000);
  await price('coat', 9_500);
  await price('hat', 7_000);
  const expected = likes.filter(([userId, item]) => {
    const i = PEOPLE_KNOWN.indexOf(userId);
    return i % 5 !== 0 && i % 7 !== 0 && item !== 'coat';
  }).length;
  await vi.waitFor(async () => expect(await sentBy('drop')).toHaveLength(expected), REAL_QUEUES);
});

afterAll(async () => {
  await api.admin('POST', 'triggers/drop/archive');
});

describe('a backtest through the API', () => {
  it('of the price drop that is live is what it really sent, message for message, and costs what they cost', async () => {
    const real = (await sentBy('drop')).map(named).sort();
    expect(real.length).toBeGreaterThan(10);
    const { status, body } = await backtest({ triggerId: 'drop' });
    expect({ status, message: body.error }).toEqual({ status: 200, message: undefined });
    expect(body.items.map(named).sort()).toEqual(real);
    expect(body).toMatchObject({
      trigger: 'drop',
      profiles: { replayed: PEOPLE, skipped: 0 },
      messages: {
        count: real.length,
        perChannel: { push: real.length },
        cost: [{ currency: 'KRW', amount: 3 * real.length }],
      },
      displaced: [],
      fidelity: { recorded: real.length, reproduced: real.length },
      cursor: null,
    });
  });

  it('writes no row and sets no alarm', async () => {
    const refs = await Promise.all(PEOPLE_KNOWN.map(user));
    const standing = () =>
      Promise.all(
        refs.map(async (ref) => [
          await inProfile(ref, ({ sql }) => sql.rowsWritten),
          await alarmAt(ref),
          await stateOnDisk(ref),
        ]),
      );
    const before = await standing();
    expect((await backtest({ trigger: dropTrigger({ id: 'drafted' }) })).body.messages.count).toBeGreaterThan(
      10,
    );
    expect(await standing()).toEqual(before);
    expect((await api.admin('GET', 'triggers/drafted')).status).toBe(404);
  });

  it('of a draft that wins over the live one says whose messages it would have taken', async () => {
    await done(
      api.admin('PUT', 'policies/caps', { rules: [{ count: 1, window: { last: '24h' }, channel: 'push' }] }),
    );
    dropConfig();
    const rival = dropTrigger({
      id: 'rival',
      priority: 100,
      steps: [{ id: 'tell', send: { channels: ['push'], template: 'hello' } }],
    });
    const { body } = await backtest({ trigger: rival });
    await done(api.admin('DELETE', 'policies/caps'));
    expect(body.displaced.length).toBeGreaterThan(10);
    expect(
      new Set(body.displaced.map(({ trigger, wasSent }: JsonObject) => `${trigger} ${wasSent}`)),
    ).toEqual(new Set(['drop true']));
    expect(body.displaced).toHaveLength(body.messages.people);
    expect(body.reasons).toMatchObject({ sent: body.messages.count, frequency_capped: expect.any(Number) });
  });

  it('goes through a sample in parts, the same people every time', async () => {
    const seen = async (sample: number | 'all') => {
      const parts: JsonObject[] = [];
      let cursor: string | null = null;
      do {
        const { status, body } = await backtest({
          triggerId: 'drop',
          sample,
          ...(cursor !== null && { cursor }),
        });
        expect(status).toBe(200);
        parts.push(body);
        cursor = body.cursor;
      } while (cursor !== null);
      const replayed = parts.map(({ profiles }) => (profiles as { replayed: number }).replayed);
      return {
        lines: parts.flatMap(({ items }) => items as JsonObject[]).map(named),
        replayed: replayed.reduce((a, b) => a + b, 0),
      };
    };
    const [all, ten, again] = [await seen('all'), await seen(10), await seen(10)];
    expect([all.replayed, ten.replayed]).toEqual([PEOPLE, 10]);
    expect(again).toEqual(ten);
    expect(all.lines).toEqual(expect.arrayContaining(ten.lines));
  });

  it('refuses what it can’t try, with what would be right', async () => {
    const refused = async (body: JsonObject) => {
      const { status, body: answer } = await api.admin('POST', 'triggers/backtest', body);
      return [status, ...(answer.error.issues ?? []).map(({ path }: JsonObject) => path)];
    };
    expect(await refused({ triggerId: 'drop', from: TO, to: FROM })).toEqual([400, 'to']);
    expect(await refused({ from: FROM, to: TO })).toEqual([400, 'trigger']);
    expect(await refused({ triggerId: 'drop', from: FROM, to: TO, cursor: 'x' })).toEqual([400, 'cursor']);
    expect(await refused({ triggerId: 'nobody', from: FROM, to: TO })).toEqual([404]);
    const broken = dropTrigger({ steps: [{ id: 'tell', send: { channels: ['push'], template: 'none' } }] });
    expect(await refused({ trigger: broken, from: FROM, to: TO })).toEqual([422, 'steps.0.send.template']);
  });
});
