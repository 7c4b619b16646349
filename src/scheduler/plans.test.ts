import { describe, expect, it } from 'vitest';
import type { LiveDocuments } from '../engine/config.ts';
import { aTrigger, live } from '../engine/testing/builders.ts';
import type { Trigger } from '../engine/trigger.ts';
import { hasInstant, instantToTell, nextInstant, type Plan, plansOf } from './plans.ts';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 11, 1, 12);
const iso = (at: number) => new Date(at).toISOString();
const NEVER = Number.MAX_SAFE_INTEGER;

function inForce(document: Trigger, changes: Partial<LiveDocuments> = {}): LiveDocuments {
  const rest = {
    head: 1,
    stopped: false,
    templates: [],
    segments: [],
    lookups: [],
    channels: [],
    policies: {},
  };
  return { ...rest, triggers: [live(document, { activatedAt: 7 })], ...changes };
}

const daily: Plan = { trigger: 'daily', firstAt: NOON, everyMs: 24 * HOUR, endsAt: NEVER };
const once: Plan = { ...daily, everyMs: 0 };

describe('the plans in force', () => {
  it('are those of live triggers, from the first instant inside the schedule', () => {
    const document = aTrigger({
      id: 'digest',
      schedule: { start: iso(NOON + HOUR), end: iso(NOON + 100 * HOUR) },
      entry: { on: [{ at: iso(NOON), every: '1d' }, { event: 'Hello' }] },
    });
    expect(plansOf(inForce(document))).toEqual([
      {
        trigger: 'digest',
        firstAt: NOON + 24 * HOUR,
        everyMs: 24 * HOUR,
        endsAt: NOON + 100 * HOUR,
        activatedAt: 7,
      },
    ]);
  });

  it('are none while the trigger is paused, or everything is stopped', () => {
    const document = aTrigger({ entry: { on: [{ at: iso(NOON) }] } });
    expect(plansOf(inForce(document, { triggers: [live(document, { state: 'paused' })] }))).toEqual([]);
    expect(plansOf(inForce(document, { stopped: true }))).toEqual([]);
  });

  it('include the instant that an exit waits for, whatever the schedule of the entry', () => {
    const document = aTrigger({ schedule: { end: iso(NOON - HOUR) }, exit: [{ on: { at: iso(NOON) } }] });
    expect(plansOf(inForce(document))).toMatchObject([{ firstAt: NOON, endsAt: NEVER }]);
  });

  it('leave out a single instant that lies outside the schedule', () => {
    const on = [{ at: iso(NOON) }];
    expect(plansOf(inForce(aTrigger({ schedule: { start: iso(NOON + 1) }, entry: { on } })))).toEqual([]);
    const [ended] = plansOf(inForce(aTrigger({ schedule: { end: iso(NOON) }, entry: { on } })));
    expect(ended && nextInstant(ended, 0)).toBeNull();
  });
});

describe('the next instant', () => {
  it.each([
    ['before the first', daily, NOON - 1, NOON],
    ['at one', daily, NOON + 24 * HOUR, NOON + 24 * HOUR],
    ['after one', daily, NOON + 1, NOON + 24 * HOUR],
    ['at a single one', once, NOON, NOON],
    ['after a single one', once, NOON + 1, null],
    ['at the end', { ...daily, endsAt: NOON + 24 * HOUR }, NOON + 1, null],
  ] as const)('%s', (_, plan, fromAt, next) => {
    expect(nextInstant(plan, fromAt)).toBe(next);
  });
});

describe('what is told', () => {
  const often: Plan = { ...daily, everyMs: HOUR / 4 };

  it.each([
    ['nothing before it is due', daily, NOON, NOON - 1, null],
    ['the instant itself', daily, NOON, NOON, NOON],
    ['one that was missed by an hour', once, NOON, NOON + HOUR, NOON],
    ['not one that was missed by more', once, NOON, NOON + HOUR + 1, null],
    ['of several the newest', often, NOON, NOON + HOUR, NOON + HOUR],
    [
      'none that the end has cut off',
      { ...often, endsAt: NOON + HOUR / 2 },
      NOON,
      NOON + HOUR,
      NOON + HOUR / 4,
    ],
  ] as const)('%s', (_, plan, nextAt, now, told) => {
    expect(instantToTell(plan, nextAt, now)).toBe(told);
  });
});

it('a plan has its own instants and no others', () => {
  expect([NOON, NOON + 48 * HOUR, NOON + HOUR, NOON - 24 * HOUR].map((at) => hasInstant(daily, at))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(hasInstant({ ...daily, endsAt: NOON + 48 * HOUR }, NOON + 48 * HOUR)).toBe(false);
});
