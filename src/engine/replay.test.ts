import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, live, products, send } from './testing/builders.ts';
import { VirtualProfile } from './testing/virtual-profile.ts';
import type { Trigger } from './trigger.ts';

const pushing = (changes: Partial<Trigger> = {}) =>
  aTrigger({ steps: [send({ channels: ['push'] })], ...changes });

/** A message that was given up at the first attempt. */
function givenUp(changes: Partial<Trigger> = {}) {
  const trigger = pushing(changes);
  const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger] }) });
  profile.consent('push');
  profile.track('Hello', products('a'));
  const [message] = profile.outbox();
  if (!message) throw new Error('nothing was sent');
  const id = message.messageId;
  profile.claim(id);
  profile.settle(id, { kind: 'failed' });
  return { profile, id, message, trigger };
}
const refused = (reason: string) => ({ kind: 'refused', reason });
const gone = (reason: string) => ({ kind: 'gone', reason });

describe('a message that was given up', () => {
  test('is taken back whole, under its id, and sent', () => {
    const { profile, id, message } = givenUp();
    expect(profile.state.runs.size).toBe(0);
    expect(profile.replay(id)).toEqual({ kind: 'replayed' });
    expect(profile.offers.at(-1)?.id).toBe(id);
    expect(profile.claim(id)).toMatchObject({ kind: 'claimed', attempt: 2, to: [], message, replayOf: 1 });
    profile.settle(id);
    expect([profile.outbox(), profile.state.runs.size, profile.state.undelivered.size]).toEqual([[], 0, 0]);
  });

  test('replayed twice is sent once', () => {
    const { profile, id } = givenUp();
    profile.replay(id);
    expect(profile.replay(id)).toEqual({ kind: 'under_way' });
    profile.claim(id);
    expect(profile.replay(id)).toEqual({ kind: 'under_way' });
    profile.settle(id);
    expect(profile.replay(id)).toEqual(refused('gone'));
  });

  test('that failed again is another failure: who still replays the first changes nothing', () => {
    const { profile, id } = givenUp();
    profile.replay(id);
    profile.claim(id);
    profile.settle(id, { kind: 'failed' });
    expect(profile.replay(id, 1)).toEqual({ kind: 'overtaken' });
    expect(profile.outbox()).toEqual([]);
    expect(profile.replay(id, 2)).toEqual({ kind: 'replayed' });
    expect(profile.claim(id)).toMatchObject({ attempt: 3, replayOf: 2 });
  });

  test('blocks no entry while it lies there, nor when it is back', () => {
    const { profile, id } = givenUp();
    profile.track('Hello', products('a'));
    expect(profile.outbox()).toHaveLength(1);
    profile.replay(id);
    profile.dispatch();
    profile.track('Hello', products('a'));
    expect(profile.trace.at(-1)?.reason).toBe('sent');
  });

  test.each(['', 'msg_unknown', '__proto__', 'fact:1'])('is refused where it is unknown: %j', (id) => {
    expect(givenUp().profile.replay(id)).toEqual(refused('gone'));
  });

  test('is refused once it has expired, and forgotten with the next event', () => {
    const { profile, id } = givenUp();
    profile.now += 4 * 3_600_000;
    expect(profile.replay(id)).toEqual(refused('expired'));
    profile.track('Anything');
    expect(profile.state.undelivered.size).toBe(0);
  });

  test('is refused once its run would have exited', () => {
    const { profile, id } = givenUp({ exit: [{ on: { event: 'Bye' } }] });
    profile.track('Bye');
    expect(profile.replay(id)).toEqual(refused('exited'));
    expect(profile.outbox()).toEqual([]);
  });

  test('makes room after ten newer ones', () => {
    const { profile, id } = givenUp();
    for (let i = 0; i < 10; i++) {
      profile.track('Hello', products('a'));
      const next = profile.outbox()[0]?.messageId ?? '';
      profile.claim(next);
      profile.settle(next, { kind: 'failed' });
    }
    expect(profile.state.undelivered.size).toBe(10);
    expect(profile.replay(id)).toEqual(refused('gone'));
  });

  test('moves with a merge', () => {
    const config = aConfig({ triggers: [pushing({ category: 'transactional', transactionalReason: 'r' })] });
    const anonymous = new VirtualProfile({ config, id: 'a1', kind: 'anonymous' });
    const known = new VirtualProfile({ config, id: 'u1', at: anonymous.now });
    anonymous.track('Hello');
    const id = anonymous.outbox()[0]?.messageId ?? '';
    anonymous.claim(id);
    anonymous.settle(id, { kind: 'failed' });
    known.merge(anonymous);
    expect(known.replay(id)).toEqual({ kind: 'replayed' });
    expect(known.claim(id)).toMatchObject({ kind: 'claimed', attempt: 2 });
    known.settle(id);
    expect(known.state.runs.size).toBe(0);
  });
});

describe('the claim of a replayed message asks again', () => {
  const recheck = { not: { relation: 'purchased' } } as const;
  test.each<[string, Partial<Trigger>, (of: ReturnType<typeof givenUp>) => void, string]>([
    [
      'consent',
      {},
      ({ profile }) => profile.consent('push', false, { timestamp: profile.now + 1 }),
      'no_consent',
    ],
    [
      'pause',
      {},
      ({ profile, trigger }) => {
        profile.config = aConfig({ triggers: [live(trigger, { state: 'paused' })] });
      },
      'paused',
    ],
    [
      'recheck',
      { delivery: { recheck } },
      ({ profile }) => profile.track('Order Completed', products('a')),
      'recheck_failed',
    ],
    ['exits', { exit: [{ on: { event: 'Bye' } }] }, ({ profile }) => profile.track('Bye'), 'settled'],
    [
      'expiry',
      {},
      ({ profile }) => {
        profile.now += 4 * 3_600_000;
      },
      'expired',
    ],
  ])('for %s', (_, changes, change, reason) => {
    const of = givenUp(changes);
    of.profile.now += 1_000;
    expect(of.profile.replay(of.id)).toEqual({ kind: 'replayed' });
    change(of);
    expect(of.profile.claim(of.id)).toEqual(gone(reason));
    expect(of.profile.outbox()).toEqual([]);
  });
});

describe('an attempt that was none', () => {
  test('leaves the message as it was: the next attempt has the same number', () => {
    const profile = new VirtualProfile({ config: aConfig({ triggers: [pushing()] }) });
    profile.consent('push');
    profile.track('Hello');
    const id = profile.outbox()[0]?.messageId ?? '';
    for (let i = 0; i < 20; i++) {
      expect(profile.claim(id)).toMatchObject({ kind: 'claimed', attempt: 1 });
      profile.settle(id, { kind: 'retry', afterMs: 1_000, untried: true });
    }
    expect(profile.claim(id)).toMatchObject({ attempt: 1 });
  });
});
