/** Whatever stood in the ledger and in whatever order wishes come: each is done, once, and nothing else with it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ASKED_CHANNELS, PURPOSES } from '../../protocol/unsubscribe-form.ts';
import { changed, changesFor, type Wish } from './changes.ts';
import { isGranted, keyOf, type Ledger } from './ledger.ts';

const channels = fc.constantFrom(...ASKED_CHANNELS);
const purposes = fc.constantFrom(...PURPOSES);
const wishes = fc.oneof(
  fc.constant<Wish>({ kind: 'unsubscribe' }),
  fc.constant<Wish>({ kind: 'everything' }),
  fc.record<Wish & { kind: 'set' }>({
    kind: fc.constant('set'),
    channel: channels,
    purpose: purposes,
    granted: fc.boolean(),
  }),
);
const entries = fc.tuple(channels, purposes, fc.boolean(), fc.nat(1_000));
const ledgers = fc
  .array(entries, { maxLength: 14 })
  .map(
    (all): Ledger =>
      new Map(all.map(([channel, purpose, granted, at]) => [keyOf(channel, purpose), { granted, at }])),
  );

test('a wish is done, and asked again changes nothing', () => {
  let written = 0;
  fc.assert(
    fc.property(
      ledgers,
      fc.option(channels, { nil: null }),
      fc.array(wishes, { minLength: 1, maxLength: 6 }),
      (start, channel, all) => {
        let ledger = start;
        for (const wish of all) {
          const changes = changesFor(wish, channel, ledger);
          const keys = changes.map((change) => keyOf(change.channel, change.purpose));
          expect(new Set(keys).size).toBe(keys.length);
          // Nobody agrees to anything by refusing.
          if (wish.kind !== 'set') expect(changes.every(({ granted }) => !granted)).toBe(true);
          else expect(changes.every((change) => change.channel === wish.channel)).toBe(true);
          for (const { channel: of, purpose, granted } of changes) {
            expect(ledger.get(keyOf(of, purpose))?.granted).not.toBe(granted);
          }
          ledger = changed(ledger, changes, 2_000);
          written += changes.length;
          expect(changesFor(wish, channel, ledger)).toEqual([]);
          expect(granted(ledger, refusedBy(wish, channel))).toEqual([]);
        }
      },
    ),
  );
  expect(written).toBeGreaterThan(100);
});

/** The channels of which nothing may be left; null is all. */
function refusedBy(wish: Wish, channel: (typeof ASKED_CHANNELS)[number] | null): readonly string[] {
  if (wish.kind === 'set') return !wish.granted && wish.purpose === 'marketing' ? [wish.channel] : [];
  return wish.kind === 'everything' || channel === null ? ASKED_CHANNELS : [channel];
}

function granted(ledger: Ledger, of: readonly string[]): string[] {
  return ASKED_CHANNELS.filter(
    (channel) => of.includes(channel) && PURPOSES.some((purpose) => isGranted(ledger, channel, purpose)),
  );
}
