/** What holds of every life, whatever happens in it. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { decide } from './decide.ts';
import { applyDelta, type Delta } from './delta.ts';
import { REASONS } from './reasons.ts';
import { resume } from './resume.ts';
import { type ProfileState, parseState, SECTIONS, serializeState } from './state.ts';
import { aConfig, aTemplate, aTrigger, aTriggerIf, products, send } from './testing/builders.ts';
import { VirtualProfile } from './testing/virtual-profile.ts';
import type { Event, JsonObject } from './vocabulary.ts';

// Thousands of lives: seconds, on a machine that has other work too.
vi.setConfig({ testTimeout: 60_000 });

const NAMES = ['Hello', 'Bye', 'Product Viewed', '__proto__', 'constructor', 'toString'] as const;
const ODD = fc.constantFrom('a', 'a', 'a', 'b', '__proto__', 'constructor', 'toString', '\n', '');

const everyName = NAMES.map((event) => ({ event }));
const config = aConfig({
  templates: [
    aTemplate({ id: 'hole' }, '{{user.traits.b}}'),
    aTemplate({ defaults: { 'user.traits.a': '-' } }, '{{user.traits.a}} {{event.name}}'),
  ],
  lookups: [
    {
      id: 'table',
      rows: [
        { key: 'a', url: '/a' },
        { key: '__proto__', url: '/p' },
      ],
    },
  ],
  segments: [{ id: 'seg', if: { field: 'user.traits.a', op: 'exists' } }],
  policies: { caps: { id: 'caps', rules: [{ count: 5, window: { last: '1d' }, channel: 'push' }] } },
  triggers: [
    aTrigger({
      id: 'each',
      entry: { on: everyName, key: ['event.properties.k'] },
      exit: [{ on: { event: 'Bye' }, matchKey: true }],
    }),
    aTrigger({
      id: 'slow',
      priority: 70,
      category: 'transactional',
      entry: { on: everyName, concurrency: 'restart', key: ['item.id'] },
      reeligibility: { mode: 'cooldown', after: '1h', per: 'key' },
      steps: [
        { id: 'wait', wait: '30m' },
        send({ channels: ['push', 'card'], mode: 'all' }),
        { id: 'more', wait: '1h' },
        send(),
      ],
    }),
    aTriggerIf(
      {
        any: [
          { did: '__proto__', count: { gte: 2 }, window: { last: '1h' } },
          { segment: 'seg' },
          { relation: 'viewed' },
        ],
      },
      {
        id: 'judged',
        entry: { on: everyName, lookup: { table: 'table', key: { ref: 'event.properties.k' } } },
        steps: [send({ surface: '__proto__' })],
      },
    ),
    aTrigger({
      id: 'low',
      priority: 10,
      entry: { on: everyName },
      reeligibility: { mode: 'always', max: 3 },
    }),
    aTrigger({
      id: 'push',
      entry: { on: everyName },
      reeligibility: { mode: 'cooldown', after: '1h', counts: 'shown' },
      steps: [send({ channels: ['push'] })],
    }),
    aTrigger({ id: 'hole', entry: { on: everyName }, steps: [send({ template: 'hole', surface: 'hole' })] }),
    aTrigger({
      id: 'patient',
      entry: { on: everyName },
      reeligibility: { mode: 'never', counts: 'entry' },
      exit: [{ if: { did: 'Bye', count: { gte: 3 } } }],
      steps: [{ id: 'wait', wait: '10m' }, send({ channels: ['card'] })],
    }),
    aTrigger({
      id: 'drop',
      category: 'transactional',
      entry: { on: [{ item: 'price_drop', relation: ['viewed'] }], key: ['item.id'] },
      steps: [send({ channels: ['push'] })],
    }),
  ],
});

const price = fc.integer({ min: 1, max: 50 });
const act = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('track' as const),
      name: fc.constantFrom(...NAMES),
      k: ODD,
      price,
      late: fc.nat(7).map((n) => n === 0),
      server: fc.boolean(),
      imported: fc.nat(9).map((n) => n === 0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('identify' as const), name: ODD }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('consent' as const), granted: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('ack' as const),
      how: fc.constantFrom('Viewed' as const, 'Clicked' as const, 'Dismissed' as const),
      which: fc.nat(5),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('price' as const),
      id: fc.constantFrom('a', '__proto__'),
      price,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.nat(5_000) }) },
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;
const lives = fc.array(act, { maxLength: 40, size: 'max' });

/** An own property, whatever its name. */
const named = (name: string, value: number): JsonObject => JSON.parse(`{${JSON.stringify(name)}:${value}}`);

/** The event that an act is; null where time passes or the catalog changes. */
function eventOf(profile: VirtualProfile, one: Act): Event | null {
  switch (one.kind) {
    case 'track': {
      const properties = {
        ...products({ product_id: one.k, price: one.price }),
        ...named(one.k, 1),
        k: one.k,
      };
      return profile.anEvent(one.name, properties, {
        timestamp: profile.now - (one.late ? 4_000_000 : 0),
        origin: one.server ? 'server' : 'client',
        ...(one.imported && { imported: true }),
      });
    }
    case 'identify':
      return profile.anEvent('$identify', {}, { traits: named(one.name, 1) });
    case 'consent':
      return profile.anEvent('$consent', { channel: 'push', purpose: 'marketing', granted: one.granted });
    case 'ack': {
      const ids = [...profile.inbox().map(({ id }) => id), ...profile.state.settled.keys()];
      return profile.anEvent(`Message ${one.how}`, {
        message_id: ids[one.which % Math.max(1, ids.length)] ?? '',
      });
    }
    default:
      return null;
  }
}

/** Lives it, and calls back before each event is received. */
function live(
  acts: Act[],
  before: (profile: VirtualProfile, event: Event) => void = () => {},
): VirtualProfile {
  const profile = new VirtualProfile({ config });
  profile.itemChanged({ id: 'a', price: 50, currency: 'KRW' });
  for (const one of acts) {
    const event = eventOf(profile, one);
    if (event) {
      before(profile, event);
      profile.receive(event);
    } else if (one.kind === 'price') profile.itemChanged({ id: one.id, price: one.price, currency: 'KRW' });
    else if (one.kind === 'look') profile.next();
    else if (one.kind === 'pass') profile.advanceTo(profile.now + one.seconds * 1_000);
  }
  return profile;
}

/** Reading is all that may be done with it. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    for (const one of value.values()) frozen(one);
    const refuse = () => {
      throw new Error('a state is never edited');
    };
    Object.assign(value, { set: refuse, delete: refuse, clear: refuse });
  }
  for (const one of Object.values(value)) frozen(one);
  return Object.freeze(value);
}

const copyOf = (state: ProfileState) => parseState(serializeState(state));

/** The fold as its documentation tells it, over plain lists. */
function foldedApart(state: ProfileState, delta: Delta): ProfileState {
  const folded = copyOf(state);
  for (const [section, key, value] of JSON.parse(JSON.stringify(delta)) as Delta) {
    if (section === 'meta') {
      folded.meta = { ...folded.meta, [key]: value };
      continue;
    }
    const others = [...folded[section]].filter(([name]) => name !== key) as [string, never][];
    const map = new Map(value === null ? others : [...others, [key, value as never]]);
    Object.assign(folded, { [section]: map });
  }
  return folded;
}

describe('in every life', () => {
  test('deciding edits neither state nor event, and decides the same on a state that was written and read', () => {
    fc.assert(
      fc.property(lives, (acts) => {
        live(acts, (profile, event) => {
          const state = frozen(copyOf(profile.state));
          const common = { history: profile, config, now: profile.now };
          const apart = decide({ ...common, state, event: frozen(structuredClone(event)) });
          expect(apart).toEqual(decide({ ...common, state: profile.state, event }));
          expect(resume({ ...common, state })).toEqual(resume({ ...common, state: profile.state }));
        });
      }),
    );
  });

  test('a decision’s writes, folded anywhere, make the same state', () => {
    fc.assert(
      fc.property(lives, (acts) => {
        live(acts, (profile, event) => {
          const { delta } = decide({
            state: profile.state,
            history: profile,
            config,
            now: profile.now,
            event,
          });
          const applied = copyOf(profile.state);
          applyDelta(applied, delta);
          expect(serializeState(foldedApart(profile.state, delta))).toBe(serializeState(applied));
          applyDelta(applied, delta);
          for (const section of SECTIONS) {
            expect(applied[section]).toEqual(foldedApart(profile.state, delta)[section]);
          }
        });
      }),
    );
  });

  test('an event that comes twice changes nothing the second time', () => {
    fc.assert(
      fc.property(lives, (acts) => {
        const received: Event[] = [];
        const profile = live(acts, (_, event) => received.push(event));
        const before = serializeState(profile.state);
        for (const event of received) {
          expect(profile.receive(event)).toEqual({ delta: [], effects: [], trace: [], duplicate: true });
        }
        expect(serializeState(profile.state)).toBe(before);
      }),
    );
  });

  test('no message has the id of another, and what must leave stands in the outbox', () => {
    fc.assert(
      fc.property(lives, (acts) => {
        const profile = live(acts, (one, event) => {
          const { delta, effects } = decide({ state: one.state, history: one, config, now: one.now, event });
          const after = foldedApart(one.state, delta);
          for (const effect of effects) expect(after.outbox.has(effect.id)).toBe(true);
        });
        const sent = profile.trace.flatMap(({ messageId }) => (messageId === undefined ? [] : [messageId]));
        expect(new Set(sent).size).toBe(sent.length);
        expect(profile.facts.map(({ seq }) => seq)).toEqual(profile.facts.map((_, i) => i + 1));
      }),
    );
  });

  test('every trigger that listens explains itself, with a reason of the list', () => {
    fc.assert(
      fc.property(lives, (acts) => {
        const profile = live(acts, (one, event) => {
          if (event.imported) return;
          const { trace } = decide({ state: one.state, history: one, config, now: one.now, event });
          for (const { id } of config.byEvent.get(event.name)?.all ?? []) {
            expect(trace.map((said) => said.id)).toContain(id);
          }
        });
        for (const { reason } of profile.trace) expect(REASONS).toContain(reason);
      }),
    );
  });

  test('a surface never has two messages waiting from one round, and runs with steps to go have distinct keys', () => {
    fc.assert(
      fc.property(lives, (acts) => {
        const profile = live(acts);
        const due = profile.next().filter(({ channel }) => channel === 'in_app');
        expect(new Set(due.map(({ surface }) => surface)).size).toBe(due.length);
        const under = [...profile.state.runs.values()].filter(({ step }) => step !== null);
        expect(new Set(under.map(({ trigger, key }) => `${trigger}\n${key}`)).size).toBe(under.length);
        for (const run of profile.state.runs.values()) {
          for (const id of run.open)
            expect(profile.state.inbox.has(id) || profile.state.outbox.has(id)).toBe(true);
        }
      }),
    );
  });
});
