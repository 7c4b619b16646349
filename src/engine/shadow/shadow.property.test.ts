/** A shadow version beside the live ones: nothing that leaves a profile, and no cap, knows of it. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { LiveTrigger } from '../config.ts';
import { serializeState } from '../state.ts';
import { aConfig, aTrigger, live, products, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { Trigger } from '../trigger.ts';

vi.setConfig({ testTimeout: 60_000 });

const NAMES = ['Hello', 'Bye', 'Product Viewed', 'Order Completed'];
const every = NAMES.slice(0, 3).map((event) => ({ event }));
const policies = {
  caps: {
    id: 'caps' as const,
    rules: [
      { count: 3, window: { last: '2h' as const } },
      { count: 2, window: { last: '1d' as const }, per: ['item.id'] },
    ],
  },
};

const OTHERS: Trigger[] = [
  aTrigger({ id: 'each', priority: 60, entry: { on: every }, steps: [send({ surface: 'a' })] }),
  aTrigger({
    id: 'slow',
    entry: { on: every, concurrency: 'restart' },
    exit: [{ on: { event: 'Order Completed' } }, { if: { did: 'Bye', count: { gte: 4 } } }],
    steps: [{ id: 'wait', wait: '40m' }, send({ channels: ['push', 'card'], mode: 'all' })],
    goals: [{ id: 'bought', on: { event: 'Order Completed' }, within: '1d' }],
    delivery: { ifCapped: 'wait' },
  }),
  aTrigger({
    id: 'after',
    entry: { on: [{ message: 'sent', trigger: 'slow' }] },
    steps: [send({ surface: 'b' })],
  }),
  aTrigger({ id: 'silent', entry: { on: [{ inactive: '3h' }] }, steps: [send({ channels: ['email'] })] }),
];

const tried = (changes: Partial<Trigger> & { entry?: Trigger['entry'] }): Trigger =>
  aTrigger({ id: 'tried', category: 'transactional', ...changes, entry: { on: every, ...changes.entry } });

const LIVE = tried({ steps: [send({ surface: 'a' })], reeligibility: { mode: 'cooldown', after: '1h' } });
const VERSIONS: Trigger[] = [
  tried({ priority: 90, steps: [send({ surface: 'a', channels: ['push', 'in_app'], mode: 'all' })] }),
  tried({
    entry: { on: [...every, { attribute: 'user.traits.a' }], key: ['item.id'] },
    reeligibility: { mode: 'cooldown', after: '30m', per: 'key' },
    steps: [
      { id: 'wait', wait: '17m' },
      send({ channels: ['card'] }),
      { id: 'set', set: { 'user.traits.a': 2 } },
      send({ channels: ['email'] }),
    ],
    exit: [{ on: { event: 'Order Completed' }, matchKey: true }],
    experiment: { holdout: 0.5 },
  }),
  tried({ entry: { on: [{ inactive: '50m' }] }, steps: [send({ channels: ['push'] })] }),
  tried({
    entry: { on: every, if: { did: 'Hello', count: { gte: 2 }, window: { last: '6h' } } },
    reeligibility: { mode: 'never' },
    steps: [
      // biome-ignore lint/suspicious/noThenProperty: the contract's name
      { id: 'ask', waitFor: { event: 'Bye' }, timeout: '1h', then: 'show', onTimeout: 'none' },
      send(),
      { id: 'none', end: true },
    ],
  }),
];
const shadow = (document: Trigger, activatedAt: number): LiveTrigger =>
  live(document, { version: 2, activatedAt });

const act = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('track' as const),
      name: fc.constantFrom(...NAMES),
      item: fc.constantFrom('x', 'y'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('identify' as const), value: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('ack' as const),
      how: fc.constantFrom('Viewed' as const, 'Dismissed' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('look' as const, 'dispatch' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.nat(6_000) }) },
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;
const lives = fc.array(act, { maxLength: 40, size: 'max' });

function lived(acts: Act[], triggers: (Trigger | LiveTrigger)[], shadows: Trigger[]): VirtualProfile {
  const profile = new VirtualProfile({ config: aConfig({ policies, triggers }) });
  profile.consent('push');
  profile.consent('email');
  profile.config = aConfig({ policies, triggers, shadows: shadows.map((one) => shadow(one, profile.now)) });
  for (const one of acts) perform(profile, one);
  return profile;
}

function perform(profile: VirtualProfile, one: Act): void {
  switch (one.kind) {
    case 'track':
      profile.track(one.name, products(one.item));
      return;
    case 'identify':
      profile.identify({ a: one.value });
      return;
    case 'look':
      profile.next();
      return;
    case 'dispatch':
      profile.dispatch();
      return;
    case 'pass':
      profile.advanceTo(profile.now + one.seconds * 1_000);
      return;
    case 'ack': {
      const [message] = profile.inbox();
      if (message) profile.ack(one.how, message.id);
    }
  }
}

/** All that anybody but the shadow's report can know of a profile. */
function worldOf({ state, facts, trace, offers }: VirtualProfile) {
  const {
    shadows: _,
    counters: __,
    built: ___,
    meta,
    ...sections
  } = JSON.parse(
    JSON.stringify(
      Object.fromEntries(
        Object.entries({ ...state }).map(([name, value]) => [
          name,
          value instanceof Map ? [...value] : value,
        ]),
      ),
    ),
  );
  const { shadowSeq: ____, lastNow: _____, ...rest } = meta;
  return {
    state: { ...sections, meta: rest },
    facts: facts.filter(({ kind }) => kind !== 'shadow'),
    trace: trace.filter(({ reason, path }) => reason !== 'shadow' && path !== 'entry.on'),
    offers,
  };
}

const wouldHaveSent = ({ facts }: VirtualProfile) =>
  facts.flatMap(({ kind, message, at }) =>
    kind === 'shadow' && message
      ? [`${at} ${message.trigger} v${message.version} ${message.channel} ${message.reason}`]
      : [],
  );

describe('with shadow versions beside them', () => {
  test('the live ones do, send, count and tell exactly what they would without', () => {
    let shadowed = 0;
    fc.assert(
      fc.property(
        lives,
        fc.subarray(VERSIONS, { minLength: 1, maxLength: 1 }),
        fc.boolean(),
        (acts, versions, hasLive) => {
          const triggers = hasLive ? [...OTHERS, LIVE] : OTHERS;
          const beside = lived(acts, triggers, versions);
          shadowed += wouldHaveSent(beside).length;
          expect(worldOf(beside)).toEqual(worldOf(lived(acts, triggers, [])));
          expect(serializeState(beside.state)).not.toContain('"shadow":"sent"');
        },
      ),
      { numRuns: 400 },
    );
    expect(shadowed).toBeGreaterThan(400);
  });

  test('a shadow would have sent what it sends when it is live, where it meets nobody', () => {
    let sent = 0;
    fc.assert(
      fc.property(
        lives,
        fc.constantFrom(...VERSIONS.filter(({ steps }) => !JSON.stringify(steps).includes('"set"'))),
        (acts, version) => {
          const quiet = acts.filter(({ kind }) => kind !== 'ack' && kind !== 'look');
          const told = wouldHaveSent(lived(quiet, [LIVE], [version]));
          const alone = lived(quiet, [live(version, { version: 2 })], []);
          // In the app a fact tells of a message; of what leaves, its offer; of the hold-out, a fact of its own.
          const real = [
            ...alone.facts.flatMap(({ kind, message, at }) =>
              message && (kind === 'message_queued' || kind === 'held_out')
                ? [`${at} tried v2 ${message.channel} ${kind === 'held_out' ? 'held_out' : 'sent'}`]
                : [],
            ),
            ...[...new Map(alone.offers.toReversed().map((offer) => [offer.id, offer])).values()].map(
              ({ id, at }) => `${at} tried v2 ${channelOf(alone, id)} sent`,
            ),
          ];
          sent += real.length;
          expect([...new Set(told)].sort()).toEqual([...new Set(real)].sort());
        },
      ),
      { numRuns: 300 },
    );
    expect(sent).toBeGreaterThan(300);
  });
});

/** Of a message that is under way, has been sent, or was taken back. */
function channelOf({ state, facts }: VirtualProfile, id: string): string | undefined {
  const entry = state.outbox.get(id);
  if (entry?.kind === 'message') return entry.input.channel;
  return state.settled.get(id)?.channel ?? facts.find(({ message }) => message?.id === id)?.message?.channel;
}
