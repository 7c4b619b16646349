/**
 * Segments are always true: generated segments over generated populations, with time passing, against a look at everything
 * each time. What a profile keeps, what its triggers were told, and what the list in D1 was told must agree with it, at
 * every instant at which anybody could look. A failure is shrunk and printed with its seed.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { condition as counting, properties } from '../../../tests/support/counting-conditions.ts';
import type { NaiveEvent } from '../../../tests/support/naive-conditions.ts';
import { type NaivePerson, naiveMember } from '../../../tests/support/naive-segments.ts';
import { checkSegment } from '../checks/check-segment.ts';
import type { Decision } from '../decide.ts';
import type { Segment } from '../documents.ts';
import { aConfig, aTrigger } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { Condition, On } from '../trigger.ts';

const POPULATIONS = 2_000;
const PEOPLE = 2;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WORKSPACE_ZONE = 'Asia/Seoul';
/** A Saturday before the clocks of New York go back; the month ends. */
const BIRTH_AT = Date.parse('2026-10-31T16:00:00-04:00');

const span = fc.constantFrom('60s', '1h', '1d', '2d', '1w');
const timed: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    field: fc.constantFrom('user.lastSeenAt', 'user.traits.at', 'user.traits.at'),
    op: fc.constantFrom('olderThan', 'withinLast', 'withinNext'),
    value: span,
  }) as fc.Arbitrary<Condition>,
  fc.record(
    {
      localTime: fc.constantFrom(['09:00', '18:00'], ['22:00', '03:30'], ['01:30', '02:30']),
      days: fc.constantFrom(['sun'], ['sat', 'sun'], ['mon', 'wed']),
    },
    { requiredKeys: ['localTime'] },
  ) as unknown as fc.Arbitrary<Condition>,
  fc.constant<Condition>({ field: 'user.traits.tier', op: 'eq', value: 'A' }),
);
const legal = counting.filter((one) => checkSegment({ id: 's', if: one }, new Map()).length === 0);
const leaf = fc.oneof(
  { weight: 3, arbitrary: legal.filter((one) => !JSON.stringify(one).includes('"since"')) },
  { weight: 2, arbitrary: timed },
);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 4, arbitrary: leaf },
  {
    weight: 2,
    arbitrary: fc.array(leaf, { minLength: 2, maxLength: 3 }).map((all): Condition => ({ all })),
  },
  { weight: 2, arbitrary: fc.tuple(leaf, leaf).map((any): Condition => ({ any })) },
  { weight: 1, arbitrary: leaf.map((not): Condition => ({ not })) },
  { weight: 1, arbitrary: leaf.map((one): Condition => ({ all: [{ segment: 's0' }, { not: one }] })) },
  { weight: 1, arbitrary: fc.constant<Condition>({ not: { segment: 's0' } }) },
);
const who = fc.nat(PEOPLE - 1);
const act = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('event' as const),
      who,
      name: fc.constantFrom('X', 'X', 'Y', 'Ask'),
      properties,
      lateMs: fc.constantFrom(0, 0, 0, 1, MINUTE, HOUR, DAY - 1, DAY, 3 * DAY),
      imported: fc.nat(9).map((n) => n === 0),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(1, MINUTE - 1, MINUTE, HOUR, 5 * HOUR, DAY - 1, DAY, DAY + 1, 6 * DAY),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('trait' as const),
      who,
      traits: fc.oneof(
        fc.record({ tier: fc.constantFrom('A', 'B') }),
        fc.record({ inMs: fc.constantFrom(-2 * DAY, -HOUR, 0, HOUR, 26 * HOUR, 3 * DAY, 9 * DAY) }),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('zone' as const),
      who,
      timezone: fc.constantFrom('America/New_York', 'Asia/Seoul', 'Pacific/Kiritimati', 'Africa/Cairo'),
    }),
  },
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

class Watched extends VirtualProfile {
  wakes = 0;
  override wake(): Decision {
    this.wakes += 1;
    return super.wake();
  }
}

class Person {
  readonly profile: Watched;
  readonly #events: NaiveEvent[] = [];
  /** The first is asked by the others alone. */
  readonly #segments: Segment[];
  #traits: Record<string, string | number> = {};
  #zone = WORKSPACE_ZONE;
  #lastSeenAt = 0;
  compared = 0;

  constructor(id: string, segments: Segment[]) {
    const triggers = segments.slice(1).map((segment) =>
      aTrigger({
        id: `hears-${segment.id}`,
        entry: {
          on: (['entered', 'left'] as const).map((change): On => ({ segment: segment.id, change })),
        },
        steps: [{ id: 'note', set: { [`user.traits.heard_${segment.id}`]: 'yes' } }],
      }),
    );
    this.#segments = segments;
    this.profile = new Watched({ config: aConfig({ triggers, segments }), id, at: BIRTH_AT });
  }

  live(one: Exclude<Act, { kind: 'pass' }>): void {
    const { profile } = this;
    if (one.kind === 'event') {
      const timestamp = profile.now - one.lateMs;
      profile.track(one.name, one.properties, {
        timestamp,
        ...(one.imported && { imported: true as const }),
      });
      this.#events.push({ name: one.name, timestamp, properties: one.properties });
      this.#lastSeenAt = Math.max(this.#lastSeenAt, timestamp);
      return;
    }
    if (one.kind === 'zone') this.#zone = one.timezone;
    const traits: Record<string, string | number> =
      one.kind === 'zone'
        ? { timezone: one.timezone }
        : 'inMs' in one.traits
          ? { at: profile.now + one.traits.inMs }
          : one.traits;
    this.#traits = { ...this.#traits, ...traits };
    profile.identify(traits, { origin: 'server' });
  }

  /** Everybody has begun: a profile that has never had an event is in nothing. */
  compare(): void {
    const { profile } = this;
    if (profile.state.meta.registered === false) return;
    const person: NaivePerson = {
      now: profile.now,
      events: this.#events,
      asked: { name: 'Ask', timestamp: profile.now, properties: {} },
      zones: { user: this.#zone, workspace: WORKSPACE_ZONE },
      sessionAt: 0,
      traits: this.#traits,
      lastSeenAt: this.#lastSeenAt,
      segments: Object.fromEntries(this.#segments.map((one) => [one.id, one.if])),
    };
    for (const { id, if: asked } of this.#segments.slice(1)) {
      const expected = naiveMember(asked, person);
      if (expected === null) continue;
      const about = `${id} of ${profile.state.meta.id}: ${JSON.stringify(asked)}`;
      expect(profile.state.segments.get(id)?.member, about).toBe(expected);
      const told = profile.facts.filter(({ segment }) => segment?.id === id).at(-1)?.kind;
      expect(told === 'segment_entered', about).toBe(expected);
      this.compared += 1;
    }
  }
}

function populate(conditions: Condition[]): Person[] {
  const segments = conditions.map((one, i): Segment => ({ id: `s${i}`, members: i > 0, if: one }));
  return Array.from({ length: PEOPLE }, (_, i) => new Person(`u${i}`, segments));
}

const segments = fc
  .tuple(leaf, fc.array(condition, { minLength: 1, maxLength: 2 }))
  .map(([a, b]) => [a, ...b]);

test(`${POPULATIONS} populations: who is in a segment is who a look at everything finds, at every instant`, () => {
  let compared = 0;
  fc.assert(
    fc.property(segments, fc.array(act, { maxLength: 20, size: 'max' }), (conditions, acts) => {
      const people = populate(conditions);
      for (const one of acts) {
        if (one.kind === 'pass') for (const { profile } of people) profile.advanceTo(profile.now + one.ms);
        else people[one.who]?.live(one);
        for (const person of people) person.compare();
      }
      for (const person of people) compared += person.compared;
    }),
    { numRuns: POPULATIONS },
  );
  expect(compared).toBeGreaterThan(10 * POPULATIONS);
}, 120_000);

test('minute by minute nothing is late, and wakes are few', () => {
  fc.assert(
    fc.property(segments, fc.array(act, { minLength: 6, maxLength: 12, size: 'max' }), (conditions, acts) => {
      const [person] = populate(conditions) as [Person];
      for (const one of acts) if (one.kind !== 'pass') person.live({ ...one, who: 0 });
      const events = person.profile.events.length;
      for (let minute = 0; minute < 3 * 24 * 60; minute += 7) {
        person.profile.advanceTo(BIRTH_AT + minute * MINUTE);
        person.compare();
      }
      // An event leaves each window once, and takes each `where` with it; a clock has two edges a day.
      expect(person.profile.wakes).toBeLessThanOrEqual(conditions.length * 3 * (events + 3 * 6));
    }),
    { numRuns: 60 },
  );
}, 120_000);
