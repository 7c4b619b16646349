import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aConfig, aTemplate, aTrigger, products, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { Recommend } from '../trigger.ts';
import type { ItemSnapshot } from '../vocabulary.ts';
import { type Recommended, recommend, shortlist } from './recommend.ts';
import type { Scored } from './top-list.ts';
import { listName, POPULAR, type Want } from './want.ts';

function anItem(id: string, changes: Partial<ItemSnapshot> = {}): ItemSnapshot {
  return { id, title: `Item ${id}`, url: `https://shop.kr/${id}`, price: 100, currency: 'KRW', ...changes };
}

function known(lists: Record<string, Scored[]>, items: ItemSnapshot[]): Recommended {
  return { lists: new Map(Object.entries(lists)), items: new Map(items.map((item) => [item.id, item])) };
}

const NOTHING_NEEDED: ReadonlySet<string> = new Set();
const ids = ({ items }: ReturnType<typeof recommend>) => items.map(({ id }) => id);

describe('which items are recommended', () => {
  const scored = fc.uniqueArray(
    fc.tuple(fc.integer({ min: 0, max: 30 }).map(String), fc.integer({ min: 1, max: 9 })),
    { selector: ([id]) => id, maxLength: 20 },
  );

  test('is what a naive recount says: scores added up, the popular ones after them, none of those out of question', () => {
    fc.assert(
      fc.property(
        fc.array(scored, { maxLength: 3 }),
        scored,
        fc.uniqueArray(fc.integer({ min: 0, max: 30 }).map(String), { maxLength: 6 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 30 }).map(String), { maxLength: 6 }),
        fc.integer({ min: 1, max: 10 }),
        (lists, popular, bought, soldOut, limit) => {
          const sources = lists.map((_, i) => `source-${i}`);
          const want: Want = { from: 'liked', limit, sources, list: 'viewed' };
          const all = Array.from({ length: 31 }, (_, i) => String(i));
          const catalog = all.map((id) => anItem(id, soldOut.includes(id) ? { stock: 0 } : {}));
          const named = Object.fromEntries(
            lists.map((list, i) => [listName('viewed', `source-${i}`), list as Scored[]]),
          );
          const given = known({ ...named, [POPULAR]: popular as Scored[] }, catalog);
          const found = recommend(want, given, (id) => bought.includes(id), NOTHING_NEEDED);

          const total = (id: string) =>
            lists.flat().reduce((sum, [other, score]) => sum + (other === id ? score : 0), 0);
          const listed = all
            .filter((id) => total(id) > 0)
            .sort((a, b) => total(b) - total(a) || (a < b ? -1 : 1));
          const naive = [...listed, ...popular.map(([id]) => id).filter((id) => total(id) === 0)]
            .filter((id) => !bought.includes(id) && !soldOut.includes(id))
            .slice(0, limit);
          expect(ids(found)).toEqual(naive);
          expect(found.listed).toBe(naive.filter((id) => total(id) > 0).length);
          const short = shortlist(want, given.lists, (id) => bought.includes(id));
          // Six sold-out ones are fewer than what is read besides.
          for (const id of naive) expect(short).toContain(id);
        },
      ),
    );
  });

  const popular: Want = { from: 'popular', limit: 3, sources: [], list: 'viewed' };
  const list: Scored[] = [
    ['a', 3],
    ['b', 2],
    ['c', 1],
  ];

  test('leaves out what the catalog does not know, and what has no title or no link', () => {
    const items = [anItem('a', { title: ' ' }), anItem('b')];
    expect(ids(recommend(popular, known({ [POPULAR]: list }, items), () => false, NOTHING_NEEDED))).toEqual([
      'b',
    ]);
  });

  test('leaves out what lacks a field that the template shows of each', () => {
    const items = [anItem('a'), anItem('b', { imageUrl: 'https://shop.kr/b.png' })];
    const given = known({ [POPULAR]: list }, items);
    expect(ids(recommend(popular, given, () => false, new Set(['imageUrl'])))).toEqual(['b']);
  });

  test('stops before they take up the room of the message’s other values', () => {
    const items = ['a', 'b', 'c'].map((id) => anItem(id, { title: 'x'.repeat(1_800) }));
    expect(ids(recommend(popular, known({ [POPULAR]: list }, items), () => false, NOTHING_NEEDED))).toEqual([
      'a',
      'b',
    ]);
  });
});

describe('a message', () => {
  const TEXT = '{{#recommendations}}{{title}} {{#money}}price{{/money}} {{/recommendations}}끝';
  const CATALOG = ['a', 'b', 'c', 'd', 'ring', 'band'].map((id) => anItem(id));

  function aProfile(asked: Recommend, text = TEXT) {
    const trigger = aTrigger({ steps: [send({ recommend: asked })] });
    return new VirtualProfile({
      config: aConfig({ triggers: [trigger], templates: [aTemplate({}, text)] }),
    });
  }

  const hello = (profile: VirtualProfile, lists: Record<string, Scored[]>) => {
    profile.recommended = known(lists, CATALOG);
    return profile.track('Hello');
  };
  const shown = (profile: VirtualProfile) => profile.inbox().at(-1)?.content.body;

  test('asks for its lists where they are not in hand, and says which', () => {
    const profile = aProfile({ from: 'last_viewed' });
    profile.track('Product Viewed', products('ring'));
    const { wants } = profile.track('Hello');
    expect(wants).toEqual([{ from: 'last_viewed', limit: 3, sources: ['ring'], list: 'viewed' }]);
    // What nobody asks for is empty, and no hole.
    expect(shown(profile)).toBe('끝');
  });

  test('shows what goes with the item viewed last, then what is popular, and explains which', () => {
    const profile = aProfile({ from: 'last_viewed', limit: 2 });
    profile.track('Product Viewed', products('band'));
    profile.advance('1m');
    profile.track('Product Viewed', products('ring'));
    const decision = hello(profile, {
      [listName('viewed', 'ring')]: [['a', 5]],
      [POPULAR]: [
        ['ring', 9],
        ['b', 8],
        ['c', 7],
      ],
    });
    expect(decision.wants).toBeUndefined();
    expect(shown(profile)).toBe('Item a 100원 Item b 100원 끝');
    expect(decision.trace).toMatchObject([
      {
        reason: 'sent',
        values: { recommended: { from: 'last_viewed', of: ['ring'], listed: 1, popular: 1 } },
      },
    ]);
  });

  test('never shows what was bought, nor the item that it is about', () => {
    const profile = aProfile({ from: 'popular', limit: 10 });
    profile.track('Order Completed', products('a', 'b'));
    profile.recommended = known({ [POPULAR]: CATALOG.map(({ id }, i): Scored => [id, 9 - i]) }, CATALOG);
    profile.track('Hello', products('ring'));
    expect(shown(profile)).toBe('Item c 100원 Item d 100원 Item band 100원 끝');
  });

  test('of a cart adds up what was bought with its three newest items, and shows none of the cart', () => {
    const profile = aProfile({ from: 'cart', limit: 2 });
    for (const id of ['d', 'ring', 'band', 'c']) {
      profile.track('Product Added', products(id));
      profile.advance('1m');
    }
    const lists = {
      [listName('bought', 'c')]: [['a', 2] as Scored, ['d', 9] as Scored],
      [listName('bought', 'band')]: [['b', 3] as Scored, ['ring', 9] as Scored],
      [listName('bought', 'ring')]: [['a', 2] as Scored],
      [POPULAR]: [],
    };
    expect(hello(profile, lists).wants).toBeUndefined();
    expect(shown(profile)).toBe('Item a 100원 Item b 100원 끝');
  });

  test('of likes and orders starts from the newest of them', () => {
    const liked = aProfile({ from: 'liked' });
    liked.track('Product Added to Wishlist', products('ring'));
    liked.track('Product Removed from Wishlist', products('ring'));
    liked.track('Product Added to Wishlist', products('band'));
    expect(liked.track('Hello').wants).toMatchObject([{ sources: ['band'], list: 'viewed' }]);
    const bought = aProfile({ from: 'bought' });
    bought.track('Order Completed', products('a'));
    bought.advance('1d');
    bought.track('Order Completed', products('b', 'c'));
    expect(bought.track('Hello').wants).toMatchObject([{ sources: ['c', 'b', 'a'], list: 'bought' }]);
  });

  test('that leaves the app is frozen with its recommendations', () => {
    const trigger = aTrigger({ steps: [send({ channels: ['webhook'], recommend: { from: 'popular' } })] });
    const config = aConfig({ triggers: [trigger], templates: [aTemplate({}, TEXT)] });
    const profile = new VirtualProfile({ config });
    hello(profile, { [POPULAR]: [['a', 1]] });
    profile.recommended = known({ [POPULAR]: [['b', 1]] }, CATALOG);
    const first = profile.dispatch()[0]?.values.recommendations;
    expect(first).toEqual([
      { id: 'a', title: 'Item a', url: 'https://shop.kr/a', price: 100, currency: 'KRW' },
    ]);
  });

  test('that a wait holds back asks when its time has come', () => {
    const steps = [{ id: 'wait', wait: '1h' as const }, send({ recommend: { from: 'last_viewed' } })];
    const config = aConfig({ triggers: [aTrigger({ steps })], templates: [aTemplate({}, TEXT)] });
    const profile = new VirtualProfile({ config });
    expect(profile.track('Hello').wants).toBeUndefined();
    profile.track('Product Viewed', products('ring'));
    profile.now += 3_600_000;
    expect(profile.wake().wants).toMatchObject([{ sources: ['ring'] }]);
  });

  test('whose template shows their images leaves out those without', () => {
    const profile = aProfile(
      { from: 'popular' },
      '{{#recommendations}}<{{imageUrl}}>{{#brand}}{{brand}}{{/brand}}{{/recommendations}}끝',
    );
    profile.recommended = known(
      {
        [POPULAR]: [
          ['a', 2],
          ['b', 1],
        ],
      },
      [anItem('a'), anItem('b', { imageUrl: 'https://shop.kr/b.png' })],
    );
    profile.track('Hello');
    expect(shown(profile)).toBe('<https://shop.kr/b.png>끝');
  });
});
