/** What holds of every life with waits, holds, caps and releases in it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CapRule } from '../documents.ts';
import { variantOf } from '../runs/experiment.ts';
import { serializeState } from '../state.ts';
import { aConfig, aTrigger, live, products, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import { localParts, startOf } from '../time/zone-time.ts';

const on = (...events: string[]) => ({ on: events.map((event) => ({ event })) });
const variants = [
  { id: 'x', weight: 1 },
  { id: 'y', weight: 2 },
];
const triggers = [
  aTrigger({ id: 'push', entry: on('A', 'B'), steps: [send({ channels: ['push'] })] }),
  aTrigger({
    id: 'patient',
    priority: 80,
    entry: { ...on('A'), key: ['event.properties.k'] },
    delivery: { ifCapped: 'wait', quietHours: { action: 'hold', maxHold: '12h' } },
    steps: [{ id: 'wait', wait: '2h' }, send({ channels: ['push', 'sms'], mode: 'all' })],
    exit: [{ on: { event: 'Bye' }, matchKey: true }],
  }),
  aTrigger({
    id: 'daily',
    entry: on('B'),
    delivery: { sendWindow: { from: '19:00', to: '21:30' } },
    experiment: { variants },
    steps: [
      { id: 'arm', split: { x: 'tell', y: 'late' } },
      { id: 'late', wait: { time: '20:30' } },
      send({ id: 'tell', channels: ['sms', 'push'] }),
      { id: 'back', branch: [{ if: { did: 'Bye' }, goto: 'end' }, { goto: 'late' }] },
      { id: 'end', end: true },
    ],
  }),
  aTrigger({
    id: 'ask',
    priority: 20,
    entry: on('B'),
    delivery: { ifBusy: 'queue', ifCapped: 'wait' },
    steps: [
      { id: 'ask', waitFor: { event: 'A' }, timeout: '5h', onTimeout: 'push' },
      send(),
      send({ id: 'push', channels: ['push'] }),
    ],
  }),
  aTrigger({ id: 'silent', entry: { on: [{ inactive: '1d' }] }, steps: [send({ channels: ['push'] })] }),
  aTrigger({ id: 'dated', entry: { on: [{ date: 'user.traits.day', every: 'month' }] }, steps: [send()] }),
  aTrigger({
    id: 'many',
    entry: { ...on('C'), group: { within: '3h', max: 3 } },
    delivery: { quietHours: { action: 'next_channel' } },
    steps: [send({ channels: ['push', 'card'] })],
  }),
];
const rules: CapRule[] = [
  { count: 2, window: { last: '1d' }, channel: 'push' },
  { count: 3, window: { calendar: 'week', tz: 'workspace' } },
  { count: 1, window: { last: '3h' }, channel: 'sms' },
];
const policies = {
  caps: { id: 'caps' as const, rules },
  quietHours: { id: 'quiet_hours' as const, from: '22:30', to: '09:15', tz: 'user', action: 'hold' as const },
};
const config = aConfig({ triggers, policies });
const uncapped = aConfig({ triggers, policies: { quietHours: policies.quietHours } });

const act = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('track' as const),
      name: fc.constantFrom('A', 'B', 'C', 'Bye'),
      k: fc.constantFrom('1', '2'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 900 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('zone' as const),
      timezone: fc.constantFrom('America/New_York', 'Europe/Berlin', 'Asia/Seoul'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('consent' as const),
      channel: fc.constantFrom('push', 'sms'),
      granted: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('see' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('day' as const),
      day: fc.constantFrom('2026-12-04', '2026-11-30'),
    }),
  },
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;
const lives = fc.array(act, { maxLength: 30, size: 'max' });

interface Sent {
  at: number;
  channel: string;
  trigger: string;
}

function doOne(profile: VirtualProfile, one: Act, pass: (minutes: number) => void): void {
  switch (one.kind) {
    case 'track':
      profile.track(one.name, { k: one.k, ...products({ product_id: one.k, price: 1 }) });
      return;
    case 'pass':
      pass(one.minutes);
      return;
    case 'zone':
      profile.identify({ timezone: one.timezone });
      return;
    case 'consent':
      profile.consent(one.channel, one.granted);
      return;
    case 'day':
      profile.identify({ day: one.day });
      return;
    case 'see':
      for (const { id } of profile.next()) profile.ack('Viewed', id);
  }
}

/** Lives it in steps of `stepMs`; whatever may leave is claimed at once, and after every step. */
function lived(acts: Act[], stepMs: number, used = config) {
  const profile = new VirtualProfile({ config: used });
  const left: Sent[] = [];
  const dispatch = () => {
    for (const { channel, trigger } of profile.dispatch()) left.push({ at: profile.now, channel, trigger });
  };
  const pass = (minutes: number) => {
    const until = profile.now + minutes * 60_000;
    while (profile.now < until) {
      profile.advanceTo(Math.min(until, profile.now + stepMs));
      dispatch();
    }
  };
  for (const channel of ['push', 'sms']) profile.consent(channel);
  for (const one of acts) {
    doOne(profile, one, pass);
    dispatch();
  }
  pass(2 * 24 * 60);
  return { profile, left };
}

/** Every message that any trigger sent, by its own log. */
function sends(profile: VirtualProfile): Sent[] {
  return triggers.flatMap(({ id }) =>
    (profile.state.log.get(`${id}\n`)?.sent?.recent ?? []).map(([at, channel]) => ({
      at,
      channel,
      trigger: id,
    })),
  );
}
const HOUR = 3_600_000;

describe('over random lives', () => {
  test('no push or SMS leaves at night in Seoul without consent to the night', () => {
    fc.assert(
      fc.property(lives, fc.integer({ min: 1, max: 600 }), (acts, minutes) => {
        for (const { at } of lived(acts, minutes * 60_000, uncapped).left) {
          const { hour } = localParts('Asia/Seoul', at);
          expect(hour >= 8 && hour < 21).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('no cap is exceeded in any window', () => {
    fc.assert(
      fc.property(lives, (acts) => {
        const all = sends(lived(acts, HOUR).profile);
        const within = (from: number, until: number, channel?: string) =>
          all.filter(({ at, ...by }) => at > from && at <= until && (!channel || by.channel === channel))
            .length;
        for (const { at } of all) {
          expect(within(at - 24 * HOUR, at, 'push')).toBeLessThanOrEqual(2);
          expect(within(at - 3 * HOUR, at, 'sms')).toBeLessThanOrEqual(1);
          expect(within(startOf('week', 'Asia/Seoul', at) - 1, at)).toBeLessThanOrEqual(3);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('time that passes in one go does what it does in small steps', () => {
    fc.assert(
      fc.property(lives, fc.integer({ min: 7, max: 600 }), (acts, minutes) => {
        const run = (stepMs: number) => {
          const profile = new VirtualProfile({ config });
          for (const channel of ['push', 'sms']) profile.consent(channel);
          const pass = (span: number) => {
            const until = profile.now + span * 60_000;
            while (profile.now < until) profile.advanceTo(Math.min(until, profile.now + stepMs));
          };
          for (const one of acts) doOne(profile, one, pass);
          pass(3 * 24 * 60);
          return profile;
        };
        const [whole, steps] = [run(Number.POSITIVE_INFINITY), run(minutes * 60_000)];
        expect(sends(steps)).toEqual(sends(whole));
        expect(serializeState(steps.state)).toBe(serializeState(whole.state));
        expect(steps.facts).toEqual(whole.facts);
      }),
      { numRuns: 150 },
    );
  });

  test('what was announced as held is sent or cancelled under its id, or still held', () => {
    fc.assert(
      fc.property(lives, (acts) => {
        const { profile } = lived(acts, HOUR);
        const ids = (kind: string) =>
          profile.facts.flatMap((fact) => (fact.kind === kind && fact.message ? [fact.message.id] : []));
        const held = ids('message_held');
        expect(new Set(held).size).toBe(held.length);
        const waiting = [...profile.state.runs.values()].flatMap((run) =>
          Object.values(run.held?.messages ?? {}),
        );
        const ends = new Set([
          ...ids('message_cancelled'),
          ...profile.offers.map(({ id }) => id),
          ...waiting,
        ]);
        for (const id of held) expect(ends).toContain(id);
        for (const id of ids('message_cancelled')) expect(waiting).not.toContain(id);
      }),
      { numRuns: 200 },
    );
  });

  test('a restart or a new version never draws another arm', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(fc.constantFrom('Hello', 'publish'), { maxLength: 10 }),
        (id, acts) => {
          const trigger = aTrigger({
            experiment: { variants },
            entry: { concurrency: 'restart' },
            steps: [{ id: 'wait', wait: '1d' }, send()],
          });
          const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger] }), id });
          let version = 1;
          const [compiled] = profile.config.triggers.values();
          for (const one of acts) {
            if (one === 'publish') {
              version += 1;
              profile.config = aConfig({ triggers: [live(trigger, { version })] });
              continue;
            }
            profile.track('Hello');
            const drawn = [...profile.state.runs.values()].map((run) => run.variant);
            expect(drawn).toEqual(compiled ? [variantOf(compiled, id)] : []);
          }
        },
      ),
    );
  });
});
