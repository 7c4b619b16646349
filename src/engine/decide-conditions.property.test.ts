/**
 * Counting conditions as `decide` answers them, kept as events come or scanned, against a look at every event
 * (`tests/support/naive-conditions.ts`): generated conditions over generated histories with repetitions, imports, late and
 * permuted events, sessions, zones, reloads and publications. A failure is shrunk and printed with its seed.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { condition, properties } from '../../tests/support/counting-conditions.ts';
import { type NaiveEvent, type NaiveLife, naiveHolds } from '../../tests/support/naive-conditions.ts';
import { checkTriggerDocument } from './checks/check-trigger.ts';
import { classOf } from './language/conditions/counted-form.ts';
import { parseState, serializeState } from './state.ts';
import { aConfig, aTriggerIf, send } from './testing/builders.ts';
import { traceOf, VirtualProfile } from './testing/virtual-profile.ts';
import type { Condition } from './trigger.ts';
import type { JsonObject } from './vocabulary.ts';

const HISTORIES = 5_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WORKSPACE_ZONE = 'Asia/Seoul';
/** A Saturday before the clocks of New York go back; the month ends. */
const BIRTH_AT = Date.parse('2026-10-31T16:00:00-04:00');

const act = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('event' as const),
      name: fc.constantFrom('X', 'X', 'Y', 'Z'),
      properties,
      lateMs: fc.constantFrom(0, 0, 0, 0, 1, MINUTE, HOUR, 12 * HOUR, DAY - 1, DAY, 3 * DAY),
      imported: fc.nat(9).map((n) => n === 0),
      server: fc.nat(4).map((n) => n === 0),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), properties }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const), which: fc.nat(20), properties }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(1, MINUTE, 30 * MINUTE, 30 * MINUTE + 1, HOUR, 5 * HOUR, DAY - 1, DAY, 6 * DAY),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('zone' as const),
      timezone: fc.constantFrom('America/New_York', 'Asia/Seoul', 'Pacific/Kiritimati', 'Africa/Cairo'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('reload' as const, 'publish' as const), part: fc.nat(3) }),
  },
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

/** What the judged triggers say: to have entered is all, so that nothing is sent and nothing counts but events. */
const configOf = (conditions: Condition[]) =>
  aConfig({
    triggers: conditions.map((one, i) =>
      aTriggerIf(one, {
        id: `c${i}`,
        entry: { on: [{ event: 'Ask' }] },
        steps: [
          {
            id: 'nobody',
            branch: [{ if: { field: 'user.id', op: 'missing' }, goto: 'show' }, { goto: 'end' }],
          },
          send(),
          { id: 'end', end: true },
        ],
      }),
    ),
  });

class Twins {
  readonly profile: VirtualProfile;
  readonly #conditions: Condition[];
  readonly #events = new Map<string, NaiveEvent>();
  #zone = WORKSPACE_ZONE;
  #session = { openedBy: 0, lastAt: Number.NEGATIVE_INFINITY };
  answers = 0;

  constructor(conditions: Condition[]) {
    this.#conditions = conditions;
    this.profile = new VirtualProfile({ config: configOf(conditions), at: BIRTH_AT });
  }

  live(one: Act): void {
    const { profile } = this;
    switch (one.kind) {
      case 'event':
        this.#take(one.name, one.properties, one);
        return;
      case 'ask':
        this.#ask(one.properties);
        return;
      case 'again': {
        const id = [...this.#events.keys()][one.which % Math.max(1, this.#events.size)];
        if (id !== undefined)
          expect(profile.track('X', one.properties, { messageId: id }).duplicate).toBe(true);
        return;
      }
      case 'pass':
        profile.advanceTo(profile.now + one.ms);
        return;
      case 'zone':
        profile.identify({ timezone: one.timezone }, { origin: 'server' });
        this.#zone = one.timezone;
        return;
      case 'reload':
        profile.state = parseState(serializeState(profile.state));
        return;
      case 'publish':
        profile.config = configOf(this.#conditions.slice(one.part));
        return;
    }
  }

  #take(
    name: string,
    properties: JsonObject,
    how: { lateMs?: number; imported?: boolean; server?: boolean } = {},
  ) {
    const { profile } = this;
    const timestamp = profile.now - (how.lateMs ?? 0);
    const event = profile.anEvent(name, properties, {
      timestamp,
      origin: how.server ? 'server' : 'client',
      ...(how.imported && { imported: true as const }),
    });
    if (!how.server && !how.imported) {
      if (profile.now - this.#session.lastAt > 30 * MINUTE) this.#session.openedBy = timestamp;
      this.#session.lastAt = profile.now;
    }
    this.#events.set(event.messageId, { name, timestamp, properties });
    return { decision: profile.receive(event), asked: { name, timestamp, properties } };
  }

  #ask(properties: JsonObject): void {
    this.profile.config = configOf(this.#conditions);
    const { decision, asked } = this.#take('Ask', properties);
    const life: NaiveLife = {
      now: this.profile.now,
      events: [...this.#events.values()],
      asked,
      zones: { user: this.#zone, workspace: WORKSPACE_ZONE },
      sessionAt: this.#session.openedBy,
    };
    for (const [i, condition] of this.#conditions.entries()) {
      const expected = naiveHolds(condition, life);
      if (expected === null) continue;
      const said = traceOf(decision, `c${i}`)?.reason;
      expect(said, JSON.stringify(condition)).toBe(expected ? 'entered' : 'not_matched');
      this.answers += 1;
    }
  }
}

test(`${HISTORIES} histories: what decide answers is what a look at every event gives`, () => {
  const tried = { answers: 0, counted: 0, scanned: 0 };
  fc.assert(
    fc.property(
      fc.array(condition, { minLength: 1, maxLength: 4 }),
      fc.array(act, { maxLength: 24, size: 'max' }),
      properties,
      (conditions, acts, last) => {
        const twins = new Twins(conditions);
        for (const one of acts) twins.live(one);
        twins.live({ kind: 'ask', properties: last });
        tried.answers += twins.answers;
        for (const one of conditions) {
          tried['sequence' in one || classOf(one as never) === 'scanned' ? 'scanned' : 'counted'] += 1;
        }
      },
    ),
    { numRuns: HISTORIES },
  );
  // Both ways of counting were asked, often enough to mean something.
  expect(tried.counted).toBeGreaterThan(HISTORIES / 2);
  expect(tried.scanned).toBeGreaterThan(HISTORIES);
  expect(tried.answers).toBeGreaterThan(4 * HISTORIES);
}, 120_000);

test('the generated conditions are such as could be published', () => {
  fc.assert(
    fc.property(condition, (one) => {
      expect(checkTriggerDocument(aTriggerIf(one, { entry: { on: [{ event: 'Ask' }] } }))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
