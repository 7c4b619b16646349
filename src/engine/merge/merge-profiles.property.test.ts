import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ProfileState } from '../state.ts';
import { aConfig, aTrigger, products, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';

const step = fc.record({
  who: fc.constantFrom('known' as const, 'anonymous' as const),
  what: fc.constantFrom(
    'Hello',
    'Product Added',
    'Product Removed',
    'Product Added to Wishlist',
    'Order Completed',
  ),
  about: fc.constantFrom('a', 'b', 'toString'),
  consent: fc.option(fc.boolean()),
});
type Lived = typeof step extends fc.Arbitrary<infer T> ? T[] : never;

const keyed = aTrigger({
  entry: { key: ['item.id'] },
  steps: [send({ channels: ['in_app', 'card', 'push'], mode: 'all' })],
});

function lived(life: Lived) {
  const config = aConfig({ triggers: [keyed] });
  const anonymous = new VirtualProfile({ config, id: 'a1', kind: 'anonymous' });
  const both = { anonymous, known: new VirtualProfile({ config, at: anonymous.now }) };
  for (const { who, what, about, consent } of life) {
    if (consent !== null) both[who].consent('push', consent);
    both[who].track(what, products(about));
    for (const profile of Object.values(both)) profile.advance('1m');
  }
  return both;
}

/** What a section holds of each key, in both lives together. */
function together<T>(
  before: ProfileState[],
  read: (state: ProfileState) => Map<string, T>,
  count: (one: T) => number,
) {
  const sums = new Map<string, number>();
  for (const state of before) {
    for (const [key, one] of read(state)) sums.set(key, (sums.get(key) ?? 0) + count(one));
  }
  return [...sums].sort();
}

test('a merge loses no relation, consent, count, trait or log entry of either life', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25, size: 'max' }), (life) => {
      const { known, anonymous } = lived(life);
      const before = structuredClone([known.state, anonymous.state]);
      known.merge(anonymous);
      const after = [known.state];
      for (const section of ['relations', 'traits', 'log'] as const) {
        const keys = (states: ProfileState[]) =>
          together(
            states,
            (state) => state[section] as Map<string, unknown>,
            () => 0,
          );
        expect(keys(after)).toEqual(keys(before));
      }
      const entries = (states: ProfileState[]) =>
        together(
          states,
          ({ consents }) => consents,
          ({ length }) => length,
        );
      expect(entries(after)).toEqual(entries(before));
      const counts = (states: ProfileState[]) =>
        together(
          states,
          (state) => state.counts,
          ({ n }) => n,
        );
      expect(counts(after)).toEqual(counts(before));
      const sent = (states: ProfileState[]) =>
        together(
          states,
          ({ log }) => log,
          (one) => one.sent?.n ?? 0,
        );
      expect(sent(after)).toEqual(sent(before));
    }),
  );
});

test('after a merge the newest consent of either is in force, and no message id stands twice', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25, size: 'max' }), (life) => {
      const { known, anonymous } = lived(life);
      const newest = [...known.state.consents, ...anonymous.state.consents]
        .flatMap(([, ledger]) => ledger)
        .sort((a, b) => b.at - a.at)[0];
      known.merge(anonymous);
      expect(known.state.consents.get('push|marketing')?.[0]).toEqual(newest);
      const ids = [...known.inbox().map(({ id }) => id), ...known.outbox().map(({ messageId }) => messageId)];
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});
