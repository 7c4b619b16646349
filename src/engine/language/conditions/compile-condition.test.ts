import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, aTriggerIf, live, products, send } from '../../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../../testing/virtual-profile.ts';
import type { Relation } from '../../trigger.ts';

const alive = (config: ReturnType<typeof aConfig>) => new VirtualProfile({ config });

describe('relation', () => {
  const relatedBy = (relation: Relation) =>
    alive(aConfig({ triggers: [aTriggerIf({ relation }, { delivery: { caps: 'exempt' } })] }));
  const fires = (profile: VirtualProfile, id: string) =>
    reasonOf(profile.track('Hello', products(id))) !== 'not_matched';

  test.each<[Relation, string, string | null]>([
    ['liked', 'Product Added to Wishlist', 'Product Removed from Wishlist'],
    ['in_cart', 'Product Added', 'Product Removed'],
    ['in_cart', 'Wishlist Product Added to Cart', 'Order Completed'],
    ['purchased', 'Order Completed', null],
    ['viewed', 'Product Viewed', null],
    ['subscribed', 'Back in Stock Requested', null],
  ])('%s begins with %s and ends with %s', (relation, begins, ends) => {
    const profile = relatedBy(relation);
    expect(fires(profile, 'a')).toBe(false);
    profile.track(begins, products('a'));
    expect(fires(profile, 'a')).toBe(true);
    expect(fires(profile, 'b')).toBe(false);
    if (ends) profile.track(ends, products('a'));
    expect(fires(profile, 'a')).toBe(ends === null);
  });

  test('holds for the item of the very event that makes it', () => {
    const profile = alive(
      aConfig({
        triggers: [
          aTriggerIf({ relation: 'liked' }, { entry: { on: [{ event: 'Product Added to Wishlist' }] } }),
        ],
      }),
    );
    expect(reasonOf(profile.track('Product Added to Wishlist', products('a')))).toBe('sent');
  });

  test('fails for an event without an item', () => {
    const profile = relatedBy('liked');
    profile.track('Product Added to Wishlist', products('a'));
    expect(reasonOf(profile.track('Hello'))).toBe('not_matched');
  });
});

describe('segment', () => {
  const vip = { id: 'vip', if: { field: 'user.traits.tier', op: 'eq', value: 'VIP' } } as const;

  test('is up to date with the event that changes it', () => {
    const profile = alive(
      aConfig({
        segments: [vip],
        triggers: [aTriggerIf({ segment: 'vip' }, { entry: { on: [{ event: '$identify' }] } })],
      }),
    );
    expect(reasonOf(profile.identify({ tier: 'GOLD' }))).toBe('not_matched');
    expect(reasonOf(profile.identify({ tier: 'VIP' }))).toBe('sent');
  });

  test('that fails says what it saw', () => {
    const profile = alive(aConfig({ segments: [vip], triggers: [aTriggerIf({ segment: 'vip' })] }));
    expect(traceOf(profile.track('Hello'))).toMatchObject({
      path: 'entry.if',
      values: { segment: 'vip', 'user.traits.tier': null },
    });
  });

  test('that nobody knows holds for nobody', () => {
    const profile = alive(aConfig({ triggers: [aTriggerIf({ segment: 'gone' })] }));
    expect(reasonOf(profile.track('Hello'))).toBe('not_matched');
  });
});

describe('lookup', () => {
  const categories = {
    id: 'categories',
    rows: [
      { key: '실반지', url: '/c/thin-rings' },
      { key: 'constructor', url: '/c/builders' },
      { key: '실 반지', url: '/c/second' },
    ],
  };
  const searching = (match: 'exact' | 'normalized') =>
    alive(
      aConfig({
        lookups: [categories],
        triggers: [
          aTrigger({
            entry: {
              lookup: { table: 'categories', key: { ref: 'event.properties.query' }, match },
              key: ['lookup.url'],
              if: { field: 'session.page.path', op: 'ne', value: { ref: 'lookup.url' }, orMissing: true },
            },
            steps: [send({ data: { to: { ref: 'lookup.url' } } })],
          }),
        ],
      }),
    );
  const found = (profile: VirtualProfile, query: unknown) =>
    reasonOf(profile.track('Hello', { query: query as string })) !== 'not_matched';

  test.each(['실반지', ' 실반지 ', '실 반지', '실-반지', '실반지'.normalize('NFD')])(
    'normalized finds %j',
    (query) => {
      const profile = searching('normalized');
      expect(found(profile, query)).toBe(true);
      expect([...profile.state.log.keys()]).toEqual(['hello\n', 'hello\n["/c/thin-rings"]']);
    },
  );

  test('exact finds only what is written so', () => {
    expect(found(searching('exact'), '실반지')).toBe(true);
    expect(found(searching('exact'), ' 실반지')).toBe(false);
  });

  test.each(['하트목걸이', '', 'toString', '__proto__', 5, null, ['실반지']])(
    'without a row for %j doesn’t match',
    (query) => {
      const profile = searching('normalized');
      expect(found(profile, query)).toBe(false);
      expect(traceOf({ trace: profile.trace })).toMatchObject({ path: 'entry.lookup' });
    },
  );

  test('hands its row to the condition', () => {
    const profile = searching('normalized');
    profile.page('Thin rings', { path: '/c/thin-rings' });
    expect(found(profile, '실반지')).toBe(false);
  });
});

describe('where, in what a trigger listens to', () => {
  test('lets the event through or not, and says where it stands', () => {
    const profile = alive(
      aConfig({
        triggers: [
          aTrigger({
            entry: { on: [{ event: 'Hello', where: { field: 'event.properties.n', op: 'gt', value: 1 } }] },
          }),
        ],
      }),
    );
    expect(traceOf(profile.track('Hello', { n: 1 }))).toMatchObject({
      reason: 'not_matched',
      path: 'entry.on.0.where',
      values: { 'event.properties.n': 1 },
    });
    expect(reasonOf(profile.track('Hello', { n: 2 }))).toBe('sent');
  });

  test('sees the event as entry. too, and what the trigger itself has sent', () => {
    const profile = alive(
      aConfig({
        triggers: [
          aTrigger({
            entry: {
              on: [
                {
                  event: 'Hello',
                  where: {
                    all: [
                      { field: 'entry.event.properties.n', op: 'eq', value: { ref: 'event.properties.n' } },
                      { received: 'sent', trigger: 'self', count: { eq: 0 } },
                    ],
                  },
                },
              ],
            },
          }),
        ],
      }),
    );
    expect(reasonOf(profile.track('Hello', { n: 1 }))).toBe('sent');
    expect(reasonOf(profile.track('Hello', { n: 1 }))).toBe('not_matched');
  });

  test('of one listener may fail where another’s holds', () => {
    const profile = alive(
      aConfig({
        triggers: [
          aTrigger({
            entry: {
              on: [
                { event: 'Hello', where: { field: 'event.properties.n', op: 'eq', value: 1 } },
                { event: 'Hello', where: { field: 'event.properties.n', op: 'eq', value: 2 } },
                { event: 'Bye' },
              ],
            },
          }),
        ],
      }),
    );
    expect([1, 2, 3].map((n) => reasonOf(profile.track('Hello', { n })))).toEqual([
      'sent',
      'sent',
      'not_matched',
    ]);
    expect(reasonOf(profile.track('Bye'))).toBe('sent');
    expect(profile.track('Other').trace).toEqual([]);
  });
});

describe('a trigger that is not in force', () => {
  test.each([
    ['paused', aConfig({ triggers: [live(aTrigger(), { state: 'paused' })] })],
    ['stopped with all others', aConfig({ triggers: [aTrigger()], stopped: true })],
  ])('because it is %s says so', (_why, config) => {
    const profile = alive(config);
    expect(reasonOf(profile.track('Hello'))).toBe('paused');
    expect(profile.inbox()).toEqual([]);
  });
});
