/** What is told of messages, and when a trigger may be entered at all. */
import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { MessageOn, Trigger } from '../trigger.ts';

const telling = (message: MessageOn['message'], trigger?: string) =>
  aTrigger({
    id: 'after',
    entry: { on: [{ message, ...(trigger && { trigger }) }] },
    steps: [send({ channels: ['card'] })],
  });
const push = aTrigger({ steps: [send({ channels: ['push'] })] });
function aLife(...triggers: Trigger[]) {
  const profile = new VirtualProfile({ config: aConfig({ triggers }) });
  profile.consent('push');
  return profile;
}

describe('a message that is sent', () => {
  test('is told when the dispatcher has settled it', () => {
    const profile = aLife(push, telling('sent', 'hello'));
    profile.track('Hello');
    const id = profile.outbox()[0]?.messageId ?? '';
    profile.claim(id);
    expect(profile.sends('after')).toBe(0);
    profile.settle(id);
    expect(profile.sends('after')).toBe(1);
    profile.settle(id);
    expect(profile.sends('after')).toBe(1);
  });

  test('is told at once where it is shown in the app', () => {
    const profile = aLife(aTrigger(), telling('sent', 'hello'));
    expect(reasonOf(profile.track('Hello'), 'after')).toBe('sent');
    expect(profile.sends('after')).toBe(1);
  });

  test('is nobody’s who was held out', () => {
    const profile = aLife(aTrigger({ experiment: { holdout: 1 } }), telling('sent'));
    expect(reasonOf(profile.track('Hello'), 'after')).toBeUndefined();
  });

  test('that failed is told as failed', () => {
    const profile = aLife(push, telling('sent', 'hello'), { ...telling('failed'), id: 'sorry' });
    profile.track('Hello');
    const id = profile.outbox()[0]?.messageId ?? '';
    profile.claim(id);
    profile.settle(id, { kind: 'failed' });
    expect([profile.sends('after'), profile.sends('sorry')]).toEqual([0, 1]);
  });

  test('of another trigger is no match', () => {
    const profile = aLife(push, telling('sent', 'other'));
    profile.track('Hello');
    profile.dispatch();
    expect(traceOf(profile, 'after')).toMatchObject({ reason: 'not_matched', values: { trigger: 'hello' } });
  });

  test('about being sent doesn’t go on for ever', () => {
    const profile = aLife(aTrigger(), telling('sent'));
    profile.track('Hello');
    expect(profile.sends('after')).toBeLessThan(4);
  });
});

describe('what the app says of a message', () => {
  test.each([
    ['shown', 'Viewed'],
    ['clicked', 'Clicked'],
    ['dismissed', 'Dismissed'],
    ['failed', 'Failed'],
  ] as const)('is told as %s, once', (what, kind) => {
    const profile = aLife(aTrigger(), telling(what, 'hello'));
    profile.track('Hello');
    const id = profile.inbox()[0]?.id ?? '';
    expect(reasonOf(profile.ack(kind, id), 'after')).toBe('sent');
    profile.ack(kind, id);
    expect(profile.sends('after')).toBe(1);
  });

  test('of a click says that it was shown, too', () => {
    const profile = aLife(aTrigger(), telling('shown'));
    profile.track('Hello');
    expect(reasonOf(profile.ack('Clicked', profile.inbox()[0]?.id ?? ''), 'after')).toBe('sent');
  });

  test('of a message that nobody knows is told nobody', () => {
    const profile = aLife(aTrigger(), telling('clicked'));
    expect(reasonOf(profile.ack('Clicked', 'msg_unknown'), 'after')).toBeUndefined();
  });
});

describe('a schedule', () => {
  const start = '2026-12-01T12:00:00+09:00';
  const end = '2026-12-02T12:00:00+09:00';

  test.each([
    [-1, 'not_matched'],
    [0, 'sent'],
    [86_400_000 - 1, 'sent'],
    [86_400_000, 'not_matched'],
  ])('is open from its start to just before its end: %d ms after the start says %s', (afterMs, reason) => {
    const profile = new VirtualProfile({
      config: aConfig({ triggers: [aTrigger({ schedule: { start, end } })] }),
      at: Date.parse(start) + afterMs,
    });
    const decision = profile.track('Hello');
    expect(reasonOf(decision)).toBe(reason);
    if (reason === 'not_matched') expect(traceOf(decision)?.path).toBe('schedule');
  });

  test('that is over leaves alone the runs that began in it', () => {
    const trigger = aTrigger({ schedule: { end }, steps: [{ id: 'wait', wait: '3d' }, send()] });
    const profile = aLife(trigger);
    profile.track('Hello');
    profile.advance('3d');
    expect(profile.sends()).toBe(1);
  });
});
