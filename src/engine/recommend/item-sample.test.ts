import { describe, expect, test } from 'vitest';
import { aConfig, aTemplate, aTrigger, products, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import { EVERY_ONE, type ItemSample, type Sampling, samplingOf } from './item-sample.ts';

const TRIGGER = aTrigger({ steps: [send({ recommend: { from: 'last_viewed' } })] });

function aVisitor({ id = 'u1', sampling = EVERY_ONE }: { id?: string; sampling?: Sampling } = {}) {
  const profile = new VirtualProfile({ config: aConfig({ triggers: [TRIGGER], sampling }), id });
  const samples: ItemSample[] = [];
  const track = (name: string, ...ids: string[]) => {
    const { samples: taken = [] } = profile.track(name, products(...ids));
    samples.push(...taken);
    return taken;
  };
  return { profile, samples, view: (id: string) => track('Product Viewed', id), track };
}

describe('a sample of a view', () => {
  test('where every one is taken, tells each two items of the other that were viewed within a day', () => {
    const { profile, view } = aVisitor();
    expect(view('a')).toEqual([{ list: 'viewed', itemId: 'a', with: [], weight: 1 }]);
    profile.advance('23h');
    expect(view('b')).toEqual([
      { list: 'viewed', itemId: 'b', with: ['a'], weight: 1 },
      { list: 'viewed', itemId: 'a', with: ['b'], weight: 1, mirror: true },
    ]);
    profile.advance('2h');
    expect(view('c').map(({ itemId, with: others }) => [itemId, ...others])).toEqual([
      ['c', 'b'],
      ['b', 'c'],
    ]);
  });

  test('where some are taken, is about any one of the last few items, so that each of two learns of the other', () => {
    const told: Record<string, number> = {};
    for (let i = 0; i < 200; i++) {
      const { view } = aVisitor({ id: `u${i}`, sampling: samplingOf(2) });
      for (const sample of [...view('a'), ...view('b')]) {
        if (sample.with.length === 0) continue;
        const pair = `${sample.itemId} with ${sample.with}`;
        told[pair] = (told[pair] ?? 0) + 1;
      }
    }
    expect(Object.keys(told).sort()).toEqual(['a with b', 'b with a']);
    for (const n of Object.values(told)) expect(n).toBeGreaterThan(20);
  });

  test('carries nobody’s key', () => {
    const { profile, samples, view } = aVisitor({ id: 'somebody' });
    for (const item of ['a', 'b', 'c']) view(item);
    expect(samples.length).toBeGreaterThan(0);
    expect(JSON.stringify(samples)).not.toContain('somebody');
    expect(JSON.stringify(samples)).not.toContain(profile.state.meta.key);
  });

  test('is taken of one view in so many, and weighs as many', () => {
    let n = 0;
    const weights = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const { samples, view } = aVisitor({ id: `u${i}`, sampling: samplingOf(24) });
      for (let k = 0; k < 12; k++) view(`i${k}`);
      n += samples.length;
      for (const { weight } of samples) weights.add(weight);
    }
    expect(weights).toEqual(new Set([24]));
    // 2,400 views: 100 on average, less the few who were sampled for the same item twice.
    expect(n).toBeGreaterThan(70);
    expect(n).toBeLessThan(125);
  });

  test('is the same on every replay', () => {
    const life = () => {
      const { samples, view } = aVisitor({ sampling: samplingOf(3) });
      for (let k = 0; k < 30; k++) view(`i${k % 7}`);
      return samples;
    };
    expect(life()).toEqual(life());
  });

  test('is taken once a day of one person and item, and of 24 items, however often they look', () => {
    const { profile, samples, view } = aVisitor({ sampling: samplingOf(2) });
    for (let k = 0; k < 500; k++) view('ring');
    expect(samples).toHaveLength(1);
    for (let k = 0; k < 500; k++) view(`i${k % 60}`);
    expect(samples).toHaveLength(24);
    expect(new Set(samples.map(({ itemId }) => itemId)).size).toBe(24);
    profile.advance('1d');
    for (let k = 0; k < 50; k++) view('ring');
    expect(samples.slice(24).filter(({ itemId }) => itemId === 'ring')).toHaveLength(1);
  });

  test('is not taken of a view that is imported, nor where no live trigger recommends', () => {
    const { profile } = aVisitor();
    expect(profile.track('Product Viewed', products('a'), { imported: true }).samples).toBeUndefined();
    const other = new VirtualProfile({ config: aConfig({ triggers: [aTrigger()], sampling: EVERY_ONE }) });
    expect(other.config.sampling).toBeNull();
    expect(other.track('Product Viewed', products('a')).samples).toBeUndefined();
    expect(other.state.meta.sampled).toBeUndefined();
  });

  test('is taken of no other event', () => {
    const { track } = aVisitor();
    expect(track('Product Added', 'a')).toEqual([]);
    expect(track('Product Added to Wishlist', 'a')).toEqual([]);
  });
});

test('samples of an order tell what was bought together, and before', () => {
  const { profile, track } = aVisitor();
  const pairs = (samples: ItemSample[]) =>
    samples.flatMap(({ itemId, with: others }) => others.map((other) => `${itemId}${other}`)).sort();
  expect(pairs(track('Order Completed', 'a', 'b', 'c'))).toEqual(['ab', 'ac', 'ba', 'bc', 'ca', 'cb']);
  profile.advance('60d');
  const later = track('Order Completed', 'd');
  expect(later[0]?.list).toBe('bought');
  expect(pairs(later.filter(({ itemId }) => itemId === 'd'))).toEqual(['da', 'db', 'dc']);
});

test('a template that shows recommendations without a step that recommends costs nothing', () => {
  const template = aTemplate({}, '{{#recommendations}}{{title}}{{/recommendations}}Hello');
  const profile = new VirtualProfile({ config: aConfig({ triggers: [aTrigger()], templates: [template] }) });
  expect(profile.config.sampling).toBeNull();
  expect(profile.track('Hello').wants).toBeUndefined();
  expect(profile.inbox()[0]?.content.body).toBe('Hello');
});
