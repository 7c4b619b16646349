import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, live, products, send } from './testing/builders.ts';
import { VirtualProfile } from './testing/virtual-profile.ts';
import type { Trigger } from './trigger.ts';

const pushing = (changes: Partial<Trigger> = {}) =>
  aTrigger({ steps: [send({ channels: ['push'] })], ...changes });

function queued(changes: Partial<Trigger> = {}) {
  const trigger = pushing(changes);
  const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger] }) });
  profile.consent('push');
  profile.track('Hello', products('a'));
  const id = profile.outbox()[0]?.messageId ?? '';
  return { profile, id, trigger };
}
const gone = (reason: string) => ({ kind: 'gone', reason });

describe('a claim', () => {
  test('takes the message under a lease of 30 s, with its input as it was decided', () => {
    const { profile, id } = queued();
    const claimed = profile.claim(id);
    expect(claimed).toMatchObject({
      kind: 'claimed',
      attempt: 1,
      message: { messageId: id, channel: 'push', trigger: 'hello', createdAt: profile.now },
    });
    expect(profile.claim(id)).toEqual({ kind: 'leased', untilAt: profile.now + 30_000 });
  });

  test('may be made again when the lease has run out: the same message, the next attempt', () => {
    const { profile, id } = queued();
    const first = profile.claim(id);
    profile.now += 29_999;
    expect(profile.claim(id).kind).toBe('leased');
    profile.now += 1;
    const second = profile.claim(id);
    expect(second).toMatchObject({ kind: 'claimed', attempt: 2 });
    expect(second.kind === 'claimed' && first.kind === 'claimed' && second.message).toEqual(
      first.kind === 'claimed' && first.message,
    );
  });

  test.each(['', 'msg_unknown', '__proto__', 'fact:1'])('of %j is gone', (id) => {
    expect(queued().profile.claim(id)).toEqual(gone('settled'));
  });

  test('of what was settled is gone', () => {
    const { profile, id } = queued();
    profile.claim(id);
    profile.settle(id);
    expect(profile.claim(id)).toEqual(gone('settled'));
  });
});

describe('what has changed since the decision cancels a message', () => {
  const cancelled = (profile: VirtualProfile, id: string) =>
    profile.facts.filter(({ kind, message }) => kind === 'message_cancelled' && message?.id === id);

  test('that has expired', () => {
    const [inTime, late] = [queued(), queued()];
    inTime.profile.now += 4 * 3_600_000 - 1;
    expect(inTime.profile.claim(inTime.id).kind).toBe('claimed');
    late.profile.now += 4 * 3_600_000;
    expect(late.profile.claim(late.id)).toEqual(gone('expired'));
  });

  test('whose trigger is paused, archived or stopped', () => {
    for (const config of [
      (trigger: Trigger) => aConfig({ triggers: [live(trigger, { state: 'paused' })] }),
      () => aConfig(),
      (trigger: Trigger) => aConfig({ triggers: [trigger], stopped: true }),
    ]) {
      const { profile, id, trigger } = queued();
      profile.config = config(trigger);
      expect(profile.claim(id)).toEqual(gone('paused'));
      expect(cancelled(profile, id)).toMatchObject([{ message: { reason: 'paused' } }]);
      expect(profile.claim(id)).toEqual(gone('settled'));
      expect(profile.state.runs.size).toBe(0);
    }
  });

  test('whose consent was withdrawn', () => {
    const { profile, id } = queued();
    profile.advance('1s');
    profile.consent('push', false);
    expect(profile.claim(id)).toEqual(gone('no_consent'));
  });

  test('whose recheck no longer holds, asked of the item that started the run', () => {
    const recheck = { not: { relation: 'purchased' } } as const;
    const [other, same] = [queued({ delivery: { recheck } }), queued({ delivery: { recheck } })];
    other.profile.track('Order Completed', products('b'));
    expect(other.profile.claim(other.id).kind).toBe('claimed');
    same.profile.track('Order Completed', products('a'));
    expect(same.profile.claim(same.id)).toEqual(gone('recheck_failed'));
  });

  test('whose run has exited, though a dispatcher held it at that moment', () => {
    const { profile, id } = queued({ exit: [{ on: { event: 'Bye' } }] });
    profile.claim(id);
    profile.track('Bye');
    expect(profile.outbox()).toHaveLength(1);
    profile.settle(id, { kind: 'retry', afterMs: 1_000 });
    profile.now += 30_000;
    expect(profile.claim(id)).toEqual(gone('exited'));
    expect(profile.outbox()).toEqual([]);
  });

  test('that may have been sent already, its dispatcher never having said: not cancelled, but unknown', () => {
    const { profile, id } = queued({ exit: [{ on: { event: 'Bye' } }] });
    profile.claim(id);
    profile.now += 30_000;
    profile.track('Bye');
    expect(cancelled(profile, id)).toMatchObject([{ message: { reason: 'unknown_outcome' } }]);
    expect(profile.claim(id)).toEqual(gone('settled'));

    const late = queued();
    late.profile.claim(late.id);
    late.profile.now += 4 * 3_600_000;
    expect(late.profile.claim(late.id)).toEqual(gone('expired'));
    expect(cancelled(late.profile, late.id)).toMatchObject([{ message: { reason: 'unknown_outcome' } }]);
  });

  test('that its dispatcher gave back: cancelled, for it was not sent', () => {
    const { profile, id } = queued({ exit: [{ on: { event: 'Bye' } }] });
    profile.claim(id);
    profile.settle(id, { kind: 'retry', afterMs: 60_000 });
    profile.now += 30_000;
    profile.track('Bye');
    expect(cancelled(profile, id)).toMatchObject([{ message: { reason: 'exited' } }]);
  });
});

describe('what is taken back after a provider may have got it', () => {
  const toldOf = (profile: VirtualProfile) =>
    profile.facts.flatMap(({ kind, message }) => (kind === 'message_cancelled' ? [message?.reason] : []));

  test('is told as unknown where a lease ran out without a word', () => {
    const { profile, id } = queued({ exit: [{ on: { event: 'Bye' } }] });
    profile.claim(id);
    profile.now += 30_000;
    profile.track('Bye');
    expect(toldOf(profile)).toEqual(['unknown_outcome']);
  });

  test.each([
    [true, 'unknown_outcome'],
    [undefined, 'exited'],
  ] as const)('(%s) is told as %s after a retry', (mayBeSent, reason) => {
    const { profile, id } = queued({ exit: [{ on: { event: 'Bye' } }] });
    profile.claim(id);
    profile.settle(id, { kind: 'retry', afterMs: 60_000, ...(mayBeSent && { mayBeSent }) });
    profile.track('Bye');
    expect(toldOf(profile)).toEqual([reason]);
  });
});

describe('what a claim leaves', () => {
  test('of what is gone or leased: nothing is written, and nobody told', () => {
    const { profile, id } = queued();
    profile.claim(id);
    const before = JSON.stringify([...profile.state.outbox]);
    const told = profile.facts.length;
    for (const one of [id, 'msg_unknown']) profile.claim(one);
    expect(JSON.stringify([...profile.state.outbox])).toBe(before);
    expect(profile.facts).toHaveLength(told);
  });

  test('at night: the message stays in the outbox until the morning, and its default expiry stands still', () => {
    const { profile, id } = queued();
    const expiresAt = profile.outbox()[0]?.expiresAt ?? 0;
    // 21:00 in Seoul, in a profile whose clock began at noon; without this it would have expired by then.
    profile.now += 9 * 3_600_000;
    const entry = profile.state.outbox.get(id);
    if (entry?.kind !== 'message') throw new Error('no message');
    const inForce = { ...entry, input: { ...entry.input, expiresAt: expiresAt + 6 * 3_600_000 } };
    profile.state.outbox.set(id, inForce);
    expect(profile.claim(id)).toEqual(gone('no_night_consent'));
    const morning = profile.now + 11 * 3_600_000;
    expect(profile.state.outbox.get(id)).toMatchObject({
      retryAt: morning,
      attempts: 0,
      input: { expiresAt: expiresAt + (6 + 11) * 3_600_000 },
    });
    profile.now = morning;
    expect(profile.claim(id).kind).toBe('claimed');
  });
});

describe('settling', () => {
  test('ends the message and its run; a second time it changes nothing', () => {
    const { profile, id } = queued();
    profile.claim(id);
    expect(profile.settle(id)).not.toEqual([]);
    expect([profile.outbox(), profile.state.runs.size]).toEqual([[], 0]);
    const told = profile.facts.length;
    expect(profile.settle(id)).toEqual([]);
    expect(profile.facts).toHaveLength(told);
    expect(profile.settle(id, { kind: 'retry', afterMs: 0 })).toEqual([]);
    expect(profile.settle('msg_unknown')).toEqual([]);
  });

  test('as failed ends it too', () => {
    const { profile, id } = queued();
    profile.claim(id);
    profile.settle(id, { kind: 'failed' });
    expect(profile.outbox()).toEqual([]);
    profile.advance('1h');
    expect(profile.offers).toHaveLength(1);
  });

  test('as retry gives the lease back and offers the message when its time has come', () => {
    const { profile, id } = queued();
    const at = profile.now;
    profile.claim(id);
    profile.settle(id, { kind: 'retry', afterMs: 5_000 });
    profile.advanceTo(at + 4_999);
    expect(profile.offers).toHaveLength(1);
    profile.advanceTo(at + 5_000);
    expect(profile.offers.at(-1)).toEqual({ at: at + 5_000, id });
    expect(profile.claim(id)).toMatchObject({ kind: 'claimed', attempt: 2 });
  });
});
