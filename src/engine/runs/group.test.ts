/** Several entries collected into one run. */
import { describe, expect, test } from 'vitest';
import { aConfig, aTemplate, aTrigger, type Published, products, send } from '../testing/builders.ts';
import { reasonOf, VirtualProfile } from '../testing/virtual-profile.ts';

const grouping = (changes: Parameters<typeof aTrigger>[0] = {}) =>
  aTrigger({
    category: 'transactional',
    transactionalReason: 'r',
    steps: [send({ channels: ['push'] })],
    ...changes,
    entry: {
      on: [{ item: 'price_drop', relation: ['liked'] }],
      group: { within: '1h', max: 3 },
      ...changes.entry,
    },
  });
const template = aTemplate({}, '{{#entry.items}}[{{id}} {{price}}]{{/entry.items}}');

/** Likes these items at 100. */
function liking(ids: string[], changes: Parameters<typeof aTrigger>[0] = {}, rest: Published = {}) {
  const config = aConfig({ triggers: [grouping(changes)], templates: [template], ...rest });
  const profile = new VirtualProfile({ config });
  for (const id of ids) {
    profile.itemChanged({ id, price: 100, currency: 'KRW' }, { unseen: true });
    profile.track('Product Added to Wishlist', products({ product_id: id, price: 100, currency: 'KRW' }));
  }
  return profile;
}
const drop = (profile: VirtualProfile, id: string, price: number, more = {}) =>
  reasonOf(profile.itemChanged({ id, price, currency: 'KRW', ...more }));
const itemsTold = (profile: VirtualProfile, at = -1) =>
  ((profile.outbox().at(at)?.values.entry as { items?: { id: string; price: number }[] })?.items ?? []).map(
    ({ id, price }) => [id, price],
  );

describe('a group', () => {
  test('is told once, after its time, with all that was collected, the largest drop first', () => {
    const profile = liking(['a', 'b', 'c']);
    const began = profile.now;
    expect(drop(profile, 'a', 90)).toBe('waiting');
    profile.advance('30m');
    expect(drop(profile, 'b', 50)).toBe('waiting');
    profile.advanceTo(began + 3_600_000 - 1);
    expect(profile.outbox()).toEqual([]);
    profile.advanceTo(began + 3_600_000);
    expect(itemsTold(profile)).toEqual([
      ['b', 50],
      ['a', 90],
    ]);
    expect(profile.sends()).toBe(1);
    profile.advance('2h');
    expect(profile.sends()).toBe(1);
  });

  test('goes out in the very round of the entry that fills it', () => {
    const profile = liking(['a', 'b', 'c']);
    drop(profile, 'a', 90);
    drop(profile, 'b', 50);
    expect(drop(profile, 'c', 70)).toBe('sent');
    expect(itemsTold(profile)).toEqual([
      ['b', 50],
      ['c', 70],
      ['a', 90],
    ]);
  });

  test('takes an item once, as it was last', () => {
    const profile = liking(['a', 'b']);
    drop(profile, 'a', 90);
    drop(profile, 'b', 60);
    drop(profile, 'a', 40);
    profile.advance('1h');
    expect(itemsTold(profile)).toEqual([
      ['a', 40],
      ['b', 60],
    ]);
  });

  test('begins anew once it has gone out', () => {
    const profile = liking(['a', 'b']);
    drop(profile, 'a', 90);
    profile.advance('1h');
    profile.dispatch();
    expect(drop(profile, 'b', 90)).toBe('waiting');
    profile.advance('1h');
    expect(itemsTold(profile)).toEqual([['b', 90]]);
  });

  test('asks recheck of each item by itself, and says nothing where none is left', () => {
    const recheck = { relation: 'liked' } as const;
    const profile = liking(['a', 'b'], { delivery: { recheck } });
    drop(profile, 'a', 90);
    drop(profile, 'b', 50);
    profile.track('Product Removed from Wishlist', products('b'));
    profile.advance('1h');
    expect(itemsTold(profile)).toEqual([['a', 90]]);
    profile.dispatch();
    drop(profile, 'a', 80);
    profile.track('Product Removed from Wishlist', products('a'));
    profile.advance('1h');
    expect(reasonOf(profile)).toBe('recheck_failed');
    expect(profile.outbox()).toEqual([]);
  });

  test('asks recheck by the item’s own paths, too, whatever is being done at that moment', () => {
    const recheck = { field: 'item.id', op: 'ne', value: 'b' } as const;
    const profile = liking(['a', 'b', 'c'], { delivery: { recheck } });
    for (const id of ['a', 'b', 'c']) drop(profile, id, 50);
    expect(itemsTold(profile).map(([id]) => id)).toEqual(['a', 'c']);
    const viewed = liking([], {
      delivery: { recheck },
      entry: { on: [{ event: 'Product Viewed' }], group: { within: '1h', max: 3 } },
    });
    for (const id of ['a', 'b']) viewed.track('Product Viewed', products({ product_id: id, price: 1 }));
    viewed.advance('1h');
    expect(itemsTold(viewed).map(([id]) => id)).toEqual(['a']);
  });

  test('is cancelled at dispatch when none of its items is worth telling any more', () => {
    const profile = liking(['a', 'b'], { delivery: { recheck: { relation: 'liked' } } });
    drop(profile, 'a', 90);
    drop(profile, 'b', 50);
    profile.advance('1h');
    const id = profile.outbox()[0]?.messageId ?? '';
    profile.track('Product Removed from Wishlist', products('a'));
    const still = structuredClone(profile.state);
    expect(profile.claim(id).kind).toBe('claimed');
    profile.state = still;
    profile.track('Product Removed from Wishlist', products('b'));
    expect(profile.claim(id)).toEqual({ kind: 'gone', reason: 'recheck_failed' });
  });

  test('is remembered as the lowest notified, for every item that it told of and no other', () => {
    const recheck = { not: { relation: 'purchased' } } as const;
    const profile = liking(['a', 'b'], { delivery: { recheck } });
    drop(profile, 'a', 80);
    drop(profile, 'b', 50);
    profile.track('Order Completed', products('b'));
    profile.advance('1h');
    expect(itemsTold(profile)).toEqual([['a', 80]]);
    const lowest = (id: string) => profile.state.log.get(`hello\n@${id}`)?.lowest?.price.amount;
    expect([lowest('a'), lowest('b')]).toEqual([80, undefined]);
    drop(profile, 'a', 100);
    expect(drop(profile, 'a', 85)).toBe('not_matched');
    expect(drop(profile, 'a', 79)).toBe('waiting');
  });

  test('is cancelled by an exit while it collects', () => {
    const profile = liking(['a'], { exit: [{ on: { event: 'Bye' } }] });
    drop(profile, 'a', 90);
    expect(reasonOf(profile.track('Bye'))).toBe('exited');
    profile.advance('1h');
    expect(profile.sends()).toBe(0);
  });

  test('of another key collects for itself', () => {
    const profile = liking(['a', 'b'], { entry: { key: ['item.brand'] } });
    drop(profile, 'a', 90, { brand: 'x' });
    drop(profile, 'b', 90, { brand: 'y' });
    profile.advance('1h');
    expect([itemsTold(profile, 0), itemsTold(profile, 1)]).toEqual([[['a', 90]], [['b', 90]]]);
  });

  test('joins a run that its re-eligibility would refuse to begin', () => {
    const profile = liking(['a', 'b'], { reeligibility: { mode: 'never', counts: 'entry' } });
    expect([drop(profile, 'a', 90), drop(profile, 'b', 90)]).toEqual(['waiting', 'waiting']);
    profile.advance('1h');
    expect(itemsTold(profile)).toHaveLength(2);
    expect(drop(profile, 'a', 50)).toBe('not_eligible');
  });
});
