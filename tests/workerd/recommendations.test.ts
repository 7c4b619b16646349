/** Which items go together, from the visitors' views and orders to another one's message; and what that costs. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { catalogStub, popularStub } from '../../src/protocol/stubs.ts';
import { catalogShard, inCatalog, namespaceOf, rowsOf } from '../support/catalog-objects.ts';
import { aDispatcher, aProvider, fired } from '../support/dispatcher.ts';
import { call } from '../support/profile-edge.ts';
import { meter } from '../support/profile-meter.ts';
import {
  anEvent,
  at,
  due,
  inProfile,
  profileOf,
  publish,
  reasons,
  send,
  startClock,
  user,
  visitor,
} from '../support/profile-world.ts';
import { api } from '../support/workerd-api.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const SHARDS = [...Array.from({ length: 64 }, (_, i) => `catalog-${i}`), 'catalog-popular'];
const LIST = '{{#recommendations}}[{{id}} {{title}} {{#money}}price{{/money}} {{url}}]{{/recommendations}}.';
const TEXTS = {
  defaultLocale: 'ko',
  locales: { ko: { in_app: { layout: 'modal', body: LIST }, webhook: { data: { list: LIST } } } },
};

function recommending(id: string, event: string, from: string, channel = 'in_app', limit = 3) {
  const step = { id: 'send', send: { channels: [channel], template: id, recommend: { from, limit } } };
  return publish({ id, entry: { on: [{ event }] }, steps: [step] }, [channel], TEXTS);
}

beforeAll(async () => {
  await recommending('also-viewed', 'Hello', 'last_viewed');
  await recommending('also-bought', 'Leaving', 'cart', 'webhook');
  const step = { channels: ['in_app'], template: 'also-viewed', recommend: { from: 'liked' } };
  await publish(
    {
      id: 'later',
      entry: { on: [{ event: 'Left' }] },
      steps: [
        { id: 'wait', wait: '1h' },
        { id: 'send', send: step },
      ],
    },
    ['in_app'],
    TEXTS,
  );
});

let seconds = 0;
/** Lists that an isolate has read are ten seconds old at most. */
const later = (by = 60) => {
  seconds += by;
  return at(seconds);
};

beforeEach(() => {
  startClock();
  later();
});
afterEach(() => {
  vi.useRealTimers();
});

async function putItems(ids: string[], changes: Record<string, unknown> = {}) {
  const items = ids.map((id) => ({
    id,
    title: `제품 ${id}`,
    url: `https://shop.kr/${id}`,
    price: 1_000,
    currency: 'KRW',
    ...changes,
  }));
  expect((await call('POST', '/v1/items/batch', { items })).status).toBe(200);
}

const view = (product_id: string) => anEvent('Product Viewed', { product_id });
const order = (...ids: string[]) =>
  anEvent('Order Completed', { order_id: ids.join(), products: ids.map((product_id) => ({ product_id })) });

/** So many visitors who each look at these items; what they tell the catalog has arrived. */
async function visitors(name: string, count: number, events: () => ReturnType<typeof anEvent>[]) {
  const ids = Array.from({ length: count }, (_, i) => `${name}-${i}`);
  await Promise.all(ids.map(async (id) => send(await user(id), events())));
  await arrived();
}

/** What leaves behind the answers has no end that anybody waits for. */
async function arrived() {
  let before = -1;
  for (let now = await rowsWritten(); now !== before; now = await rowsWritten()) {
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function rowsWritten(): Promise<number> {
  const rows = await Promise.all(SHARDS.map((name) => inCatalog(name, async ({ sql }) => sql.rowsWritten)));
  return rows.reduce((sum, n) => sum + n, 0);
}

const bodyOf = async (id: string) => (await due(await user(id))).at(-1)?.content.body as string | undefined;
const idsIn = (text: string | undefined) => [...(text ?? '').matchAll(/\[(\S+) /g)].map((match) => match[1]);

describe('what goes together', () => {
  it('costs less than a tenth of a row a view, and the profile nothing', async () => {
    const items = Array.from({ length: 40 }, (_, i) => `cost-${i}`);
    await putItems(items);
    // A shard's first sample of all makes its table, once for ever.
    for (const itemId of items) {
      await catalogStub(env, itemId).noteTogether({ list: 'viewed', itemId, with: ['other'], weight: 1 });
    }
    await popularStub(env).notePopular([]);
    await arrived();
    const before = await rowsWritten();
    const metered = await meter(await user('cost-0'));
    for (let i = 0; i < 50; i++) {
      const ref = await user(`cost-${i}`);
      const views = Array.from({ length: 20 }, (_, k) => view(`cost-${(i * 7 + k * k) % 40}`));
      if (i > 0) {
        later(7);
        await send(ref, views);
        continue;
      }
      // Every event a commit of its own, as from a page.
      await send(ref, [anEvent('Began')]);
      for (const one of views) {
        expect(await metered.cost(() => send(ref, [one]))).toMatchObject({
          rows: 1,
          alarms: 0,
          commits: 1,
          dispatches: 0,
          factBatches: 0,
          statements: 0,
        });
      }
    }
    // One order to 33 views, as shops have them.
    for (let i = 0; i < 30; i++) {
      later(7);
      await send(await user(`cost-${i}`), [order(`cost-${i}`, `cost-${i + 1}`)]);
    }
    await arrived();
    const rows = (await rowsWritten()) - before;
    expect(rows).toBeGreaterThan(30);
    expect(rows / 1_000).toBeLessThanOrEqual(0.1);
  });

  it('costs a row a sample in a shard, none of an item that it does not have, and popular items one in five seconds', async () => {
    const note = (itemId: string) => ({ list: 'viewed' as const, itemId, with: ['b'], weight: 32 });
    await inCatalog('catalog-rows', async (catalog) => {
      await catalog.put('a', { title: 'a' }, null);
      const unknown = await rowsOf(catalog, () => catalog.noteTogether(note('x')));
      const first = await rowsOf(catalog, () => catalog.noteTogether(note('a')));
      const next = await rowsOf(catalog, () => catalog.noteTogether(note('a')));
      expect([unknown, first, next].map(({ written }) => written)).toEqual([0, 3, 1]);
      await catalog.notePopular([note('a')]);
      const soon = await rowsOf(catalog, () => catalog.notePopular([note('a'), note('b')]));
      later(5);
      const then = await rowsOf(catalog, () => catalog.notePopular([note('a')]));
      expect([soon, then].map(({ written }) => written)).toEqual([0, 1]);
    });
  });

  it('reaches a third person’s message: best first, filled up with what is popular, without bought and sold-out ones', async () => {
    await putItems(['ring', 'band', 'chain', 'watch', 'pearl']);
    await putItems(['gone'], { stock: 0 });
    await visitors('pairs', 60, () => [view('ring'), view('band'), view('gone'), view('chain')]);
    await visitors('alone', 40, () => [view('watch'), view('watch')]);
    later();
    const me = await user('third');
    await send(me, [order('chain'), view('ring'), anEvent('Hello')]);
    const shown = idsIn(await bodyOf('third'));
    // Those that the popular list has of earlier lives may come after; the first is what went with the ring.
    expect(shown[0]).toBe('band');
    expect(shown).toHaveLength(3);
    for (const never of ['ring', 'chain', 'gone']) expect(shown).not.toContain(never);
    expect(await bodyOf('third')).toContain('[band 제품 band 1,000원 https://shop.kr/band]');
    const [explained] = await profileOf(me).decisions(1);
    expect(explained?.triggers[0]?.values).toEqual({
      recommended: { from: 'last_viewed', of: ['ring'], listed: 1, popular: 2 },
    });
  });

  it('is asked for behind a wait too, by what is liked then', async () => {
    await visitors('liking', 60, () => [view('pearl'), view('watch')]);
    const me = await user('waits');
    await send(me, [anEvent('Left'), anEvent('Product Added to Wishlist', { product_id: 'pearl' })]);
    later(3_600);
    await inProfile(me, (profile) => profile.alarm());
    expect(idsIn(await bodyOf('waits'))[0]).toBe('watch');
  });

  it('leaves the same bytes on every attempt, whatever becomes popular meanwhile', async () => {
    await putItems(['tea', 'pot', 'cup']);
    await visitors('tea', 40, () => [order('tea', 'pot')]);
    later();
    const ref = await user('buys-tea');
    await send(ref, [anEvent('Product Added', { product_id: 'tea' })]);
    const provider = aProvider('carrier', { idempotent: true });
    provider.answer = () => ({ kind: 'retry', code: 'busy' });
    const { consume } = aDispatcher(provider);
    const { hint } = await fired(ref, 'Leaving');
    await consume([hint]);
    await visitors('cups', 40, () => [order('tea', 'cup'), view('cup')]);
    await putItems(['pot'], { title: '새 이름', stock: 0 });
    later(600);
    provider.answer = () => ({ kind: 'accepted' });
    await consume([hint]);
    const [first, second] = provider.calls;
    expect(idsIn(JSON.parse(first?.content ?? '{}').data.list)[0]).toBe('pot');
    expect(second).toEqual(first);
  });

  it('is the same in a preview and in a test message', async () => {
    later();
    const me = await user('tries');
    await send(me, [anEvent('$identify', {}, { traits: { reflexTest: true } }), view('ring')]);
    const asked = { triggerId: 'also-viewed', userId: 'tries', event: { type: 'track', event: 'Hello' } };
    const preview = await api.admin('POST', 'triggers/preview', asked);
    expect(preview.status, preview.text).toBe(200);
    const previewed = preview.body.message.content.body;
    expect(idsIn(previewed)[0]).toBe('band');
    const test = await api.admin('POST', 'triggers/also-viewed/test', { userId: 'tries' });
    expect(test.status, test.text).toBe(200);
    expect(await bodyOf('tries')).toBe(previewed);
  });

  it('that cannot be asked for is done without: what is popular, else nothing, and the message goes out', async () => {
    later();
    const me = await user('cut-off');
    const away = async () => {
      throw new Error('away');
    };
    await inProfile(me, (profile) => {
      const methods = { goingWith: away, popular: away, read: away, noteTogether: away, notePopular: away };
      Object.defineProperty(profile, 'env', { value: { ...env, CATALOG: { getByName: () => methods } } });
    });
    await send(me, [view('nobody-knows-it'), anEvent('Hello')]);
    expect(await bodyOf('cut-off')).toMatch(/\.$/);
  });

  it('keeps nobody’s key, nor lists of items that the shop does not have; whoever is erased leaves nothing there', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => `private-person-${i}`);
    await visitors('private-person', 40, () => [view('no-item-of-the-shop'), view('ring'), view('band')]);
    await Promise.all(ids.slice(0, 5).map((id) => call('DELETE', `/v1/profiles/${id}`)));
    const lists = await Promise.all(
      SHARDS.map((name) =>
        inCatalog(name, async ({ sql }) =>
          sql.hasTable('together') ? sql.all<{ id: string; body: string }>('SELECT * FROM together') : [],
        ),
      ),
    );
    const text = JSON.stringify(lists);
    // It was told of them: else there would be nothing to look for.
    expect(text).toContain('no-item-of-the-shop');
    for (const { key, id } of await Promise.all(ids.map(user))) {
      expect(text).not.toContain(key);
      expect(text).not.toContain(id);
    }
    expect(lists.flat().map(({ id }) => id)).not.toContain('no-item-of-the-shop');
  });

  it('goes with the item when it is removed', async () => {
    const lists = () => catalogShard('catalog-removed').goingWith('lamp', 'viewed');
    await inCatalog('catalog-removed', async (catalog) => {
      await catalog.put('lamp', { title: 'lamp' }, null);
      await catalog.noteTogether({ list: 'viewed', itemId: 'lamp', with: ['bulb'], weight: 24 });
    });
    expect(await lists()).toEqual([['bulb', 24]]);
    await inCatalog('catalog-removed', (catalog) => catalog.remove('lamp'));
    expect(await lists()).toEqual([]);
  });

  it('has one list of what is popular, bounded, which outlives the object but for the last seconds', async () => {
    const note = (itemId: string) => [{ list: 'viewed' as const, itemId, with: [], weight: 32 }];
    const shard = catalogShard('catalog-outlives');
    for (let i = 0; i < 40; i++) {
      later(5);
      await shard.notePopular(note(`item-${i}`));
    }
    await shard.notePopular(note('the-last-second'));
    const before = await shard.popular();
    expect(before).toHaveLength(32);
    expect(before[0]?.[0]).toBe('item-39');
    await evictDurableObject(shard);
    const after = await shard.popular();
    const kept = before.filter(([id]) => id !== 'the-last-second');
    expect(kept).toHaveLength(31);
    expect(after.slice(0, 31)).toEqual(kept);
  });
});

/** The catalog of one profile, as it sees it: counted, and answering when it is told to. */
async function aCatalogFor(ref: ProfileRef) {
  const asked: string[] = [];
  let answer = () => {};
  const opened = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const told = (what: string, value: unknown) => async () => {
    asked.push(what);
    await opened;
    return value;
  };
  const item = { id: 'z', title: '제품 z', url: 'https://shop.kr/z', price: 1, currency: 'KRW' };
  const methods = {
    goingWith: told('list', [['z', 1]]),
    popular: told('popular', []),
    read: told('item', { item, version: 1 }),
    noteTogether: told('note', undefined),
    notePopular: told('note', undefined),
  };
  await inProfile(ref, (profile) => {
    Object.defineProperty(profile, 'env', { value: { ...env, CATALOG: namespaceOf(methods) } });
  });
  return { asked, answer };
}

describe('a decision that waits for its lists', () => {
  it('is none where nothing is recommended: the catalog is asked nothing', async () => {
    const ref = await user('asks-nothing');
    const { asked } = await aCatalogFor(ref);
    await send(ref, [anEvent('Opened'), anEvent('Product Added', { product_id: 'lone' })]);
    expect(asked).toEqual([]);
  });

  it('commits what came before it, and goes on from there, each message with lists of its own', async () => {
    const ref = await user('many-at-once');
    const { answer } = await aCatalogFor(ref);
    answer();
    const batch = [
      anEvent('Opened'),
      anEvent('Product Added', { product_id: 'basket-1' }),
      anEvent('Leaving'),
      anEvent('Product Added', { product_id: 'basket-2' }),
      anEvent('Leaving'),
      anEvent('Opened'),
    ];
    await send(ref, batch);
    const decisions = await profileOf(ref).decisions(10);
    expect(decisions.map(({ event }) => event.messageId)).toEqual(
      batch.map(({ messageId }) => messageId).reverse(),
    );
    const told = decisions.flatMap(({ triggers }) => triggers.map(({ reason, values }) => [reason, values]));
    const about = (...of: string[]) => ({ recommended: { from: 'cart', of, listed: 1, popular: 0 } });
    expect(told).toEqual([
      ['sent', about('basket-2', 'basket-1')],
      ['sent', about('basket-1')],
    ]);
    await send(ref, batch);
    expect(await profileOf(ref).decisions(10)).toEqual(decisions);
  });

  it('is made once, where the event comes twice meanwhile', async () => {
    const ref = await user('twice-at-once');
    const { asked, answer } = await aCatalogFor(ref);
    const event = anEvent('Hello');
    await send(ref, [view('waited-for')]);
    const answers = [send(ref, [event], { read: {} }), send(ref, [event], { read: {} })];
    await vi.waitFor(() => expect(asked).toContain('list'));
    answer();
    const due = (await Promise.all(answers)).map((one) => one.kind === 'done' && one.due?.messages.length);
    expect(due).toEqual([1, 1]);
    expect(await reasons(ref, 'Hello')).toEqual(['also-viewed: sent']);
  });

  it('is left to the known profile, where the anonymous one has become it meanwhile', async () => {
    const ref = await visitor('becomes-somebody');
    const known = await user('somebody-known');
    const { asked, answer } = await aCatalogFor(ref);
    await send(ref, [view('waited-for-too')]);
    const event = anEvent('Hello');
    const waiting = send(ref, [event]);
    await vi.waitFor(() => expect(asked).toContain('list'));
    await send(known, [anEvent('$identify')], { links: [ref] });
    answer();
    expect(await waiting).toMatchObject({ kind: 'moved', to: { id: known.id } });
    await send(known, [event]);
    expect(await reasons(known, 'Hello')).toEqual(['also-viewed: sent']);
  });
});
