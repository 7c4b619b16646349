/** A send that may not go out yet. */
import { describe, expect, test } from 'vitest';
import type { CapRule } from '../documents.ts';
import { aConfig, aTemplate, aTrigger, type Published, products, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Trigger } from '../trigger.ts';

const seoul = (clock: string, day = '2026-12-01') => Date.parse(`${day}T${clock}+09:00`);
const pushing = (changes: Parameters<typeof aTrigger>[0] = {}) =>
  aTrigger({ steps: [send({ channels: ['push'] })], ...changes });

/** At 22:00 in Seoul, with consent to pushes but not to the night. */
function night(triggers: Trigger[] = [pushing()], rest: Published = {}, clock = '22:00:00') {
  const profile = new VirtualProfile({ config: aConfig({ triggers, ...rest }), at: seoul(clock) });
  profile.consent('push');
  return profile;
}
const morning = (profile: VirtualProfile) => profile.advanceTo(seoul('08:00:00', '2026-12-02'));
const capped = (...rules: CapRule[]) => ({ policies: { caps: { id: 'caps' as const, rules } } });
const heldFacts = (profile: VirtualProfile, kind: string) =>
  profile.facts.filter((fact) => fact.kind === kind).map(({ message }) => message);

describe('a message that is held', () => {
  test('is announced under the id that it is sent under', () => {
    const profile = night();
    profile.track('Hello');
    const [held, ...more] = heldFacts(profile, 'message_held');
    expect(held).toMatchObject({ trigger: 'hello', channel: 'push', reason: 'no_night_consent' });
    expect(more).toEqual([]);
    morning(profile);
    expect(profile.outbox().map(({ messageId }) => messageId)).toEqual([held?.id]);
    expect(heldFacts(profile, 'message_cancelled')).toEqual([]);
  });

  test('keeps that id through a merge', () => {
    const anonymous = night();
    anonymous.track('Hello');
    const known = new VirtualProfile({ config: anonymous.config, id: 'u2', at: anonymous.now });
    known.merge(anonymous);
    morning(known);
    expect(known.outbox().map(({ messageId }) => messageId)).toEqual([
      heldFacts(anonymous, 'message_held')[0]?.id,
    ]);
  });

  test('uses no cap, and is asked for it at its release', () => {
    const rules = [{ count: 1, window: { last: '1d' as const } }];
    const card = aTrigger({
      id: 'card',
      entry: { on: [{ event: 'Card' }] },
      steps: [send({ channels: ['card'] })],
    });
    const profile = night([pushing(), card], capped(...rules));
    profile.track('Hello');
    expect(reasonOf(profile.track('Card'), 'card')).toBe('sent');
    morning(profile);
    expect(reasonOf(profile)).toBe('frequency_capped');
    expect(heldFacts(profile, 'message_cancelled')).toMatchObject([{ reason: 'frequency_capped' }]);
  });

  test('uses no budget', () => {
    const channels = [
      { id: 'push' as const, provider: 'log', settings: {}, cost: { amount: 10, currency: 'KRW' } },
    ];
    const profile = night([pushing({ budget: { perUserPerDay: 10 } })], { channels });
    profile.track('Hello');
    expect(profile.state.spending.size).toBe(0);
    morning(profile);
    expect([...profile.state.spending.values()]).toEqual([{ day: '2026-12-02', amount: 10 }]);
  });

  test('uses no surface', () => {
    const rules = [{ count: 1, window: { last: '1d' as const }, trigger: 'hello' }];
    const waiting = aTrigger({ priority: 90, delivery: { ifCapped: 'wait' } });
    const profile = night([waiting, aTrigger({ id: 'other' })], capped(...rules));
    profile.track('Hello');
    profile.ack('Viewed', profile.inbox()[0]?.id ?? '');
    const decision = profile.track('Hello');
    expect([reasonOf(decision), reasonOf(decision, 'other')]).toEqual(['frequency_capped', 'sent']);
  });

  test('is no entry and no send: whoever asks sees nothing yet', () => {
    const profile = night();
    profile.track('Hello');
    expect([profile.sends(), profile.state.log.size]).toEqual([0, 0]);
  });

  test('is cancelled by an exit, and D1 hears of it', () => {
    const profile = night([pushing({ exit: [{ on: { event: 'Order Completed' } }] })]);
    profile.track('Hello');
    expect(reasonOf(profile.track('Order Completed'))).toBe('exited');
    expect(heldFacts(profile, 'message_cancelled')).toEqual([
      { ...heldFacts(profile, 'message_held')[0], reason: 'exited' },
    ]);
    morning(profile);
    expect([profile.sends(), profile.state.runs.size]).toEqual([0, 0]);
  });

  test('on its second night says nothing new, and keeps its id', () => {
    const window = { from: '09:00', to: '10:00', days: ['tue' as const] };
    const profile = night([pushing({ delivery: { sendWindow: window } })]);
    profile.track('Hello');
    morning(profile);
    profile.wake();
    profile.advance('7d');
    expect(heldFacts(profile, 'message_held')).toHaveLength(1);
    expect(profile.offers.map(({ id }) => id)).toContain(heldFacts(profile, 'message_held')[0]?.id);
  });
});

describe('at its release everything is asked again:', () => {
  test.each<[string, Parameters<typeof aTrigger>[0], (profile: VirtualProfile) => void, string]>([
    ['consent', {}, (profile) => profile.consent('push', false), 'no_consent'],
    [
      'recheck',
      { delivery: { recheck: { didNot: 'Order Completed' } } },
      (profile) => profile.track('Order Completed'),
      'recheck_failed',
    ],
    [
      'pause',
      {},
      (profile) => Object.assign(profile, { config: aConfig({ triggers: [pushing()], stopped: true }) }),
      'paused',
    ],
    [
      'an exit that time alone fulfils',
      { exit: [{ if: { field: 'user.lastSeenAt', op: 'olderThan', value: '2h' } }] },
      () => {},
      'exited',
    ],
  ])('%s', (_name, changes, meanwhile, reason) => {
    const profile = night([pushing(changes)]);
    expect(reasonOf(profile.track('Hello'))).toBe('no_night_consent');
    profile.advance('1h');
    meanwhile(profile);
    morning(profile);
    expect(reasonOf(profile)).toBe(reason);
    expect([profile.sends(), profile.outbox()]).toEqual([0, []]);
    expect(heldFacts(profile, 'message_cancelled')).toMatchObject([{ reason }]);
  });

  test('re-eligibility, which another key may have used up', () => {
    const keyed = pushing({ entry: { key: ['item.id'] }, reeligibility: { mode: 'never' } });
    const profile = night([keyed]);
    for (const id of ['a', 'b'])
      expect(reasonOf(profile.track('Hello', products(id)))).toBe('no_night_consent');
    morning(profile);
    expect(profile.outbox()).toHaveLength(1);
    expect(heldFacts(profile, 'message_cancelled')).toMatchObject([{ reason: 'not_eligible' }]);
  });

  test.each(['never', 'cooldown'] as const)(
    're-eligibility that counts entries is not used up by the run itself: %s',
    (mode) => {
      const profile = night([
        pushing({
          reeligibility: { mode, counts: 'entry', ...(mode === 'cooldown' && { after: '7d' as const }) },
        }),
      ]);
      profile.track('Hello');
      morning(profile);
      expect(reasonOf(profile)).toBe('sent');
    },
  );

  test('the template, which sees what is known by then', () => {
    const templates = [aTemplate({}, '{{user.traits.name}}')];
    const profile = night([pushing()], { templates });
    profile.track('Hello');
    profile.identify({ name: '이슬' });
    morning(profile);
    expect(profile.outbox()[0]?.values).toMatchObject({ user: { traits: { name: '이슬' } } });
  });

  test('arbitration: of all that are due at the same instant the best wins', () => {
    const rules = [{ count: 1, window: { last: '1d' as const }, channel: 'push' as const }];
    const low = pushing({ id: 'low', priority: 10, entry: { on: [{ event: 'Low' }] } });
    const high = pushing({ id: 'high', priority: 90, entry: { on: [{ event: 'High' }] } });
    const profile = night([low, high], capped(...rules));
    profile.track('Low');
    profile.advance('1h');
    profile.track('High');
    morning(profile);
    expect(profile.outbox().map(({ trigger }) => trigger)).toEqual(['high']);
    expect(traceOf(profile, 'low')).toMatchObject({ reason: 'outranked', values: { winner: 'high' } });
  });
});

describe('its expiry', () => {
  test('by default stands still during the hold', () => {
    const profile = night();
    profile.track('Hello');
    morning(profile);
    expect(profile.outbox()[0]?.expiresAt).toBe(profile.now + 4 * 3_600_000);
  });

  test('that its author wrote counts from when the send was reached', () => {
    const early = night([pushing({ delivery: { expireAfter: '10h' } })]);
    expect(reasonOf(early.track('Hello'))).toBe('expired');
    const profile = night([pushing({ delivery: { expireAfter: '12h' } })]);
    expect(reasonOf(profile.track('Hello'))).toBe('no_night_consent');
    morning(profile);
    expect(profile.outbox()[0]?.expiresAt).toBe(seoul('10:00:00', '2026-12-02'));
  });

  test('may be an instant that the entry names', () => {
    const delivery = { expireAfter: { until: 'event.properties.ends_at', offset: '-1h' } };
    const profile = night([pushing({ delivery })]);
    expect(reasonOf(profile.track('Hello', { ends_at: '2026-12-02T08:30:00+09:00' }))).toBe('expired');
    profile.track('Hello', { ends_at: '2026-12-02T10:00:00+09:00' });
    morning(profile);
    expect(profile.outbox()[0]?.expiresAt).toBe(seoul('09:00:00', '2026-12-02'));
  });
});
