/** One in-app message per surface: who gets it, and when it is busy. */
import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, live, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Trigger } from '../trigger.ts';

const aLife = (...triggers: (Trigger | ReturnType<typeof live>)[]) =>
  new VirtualProfile({ config: aConfig({ triggers }) });
const showing = (id: string, changes: Partial<Trigger> = {}) => aTrigger({ id, ...changes });

describe('of several messages for one surface', () => {
  test('the one of higher priority wins; the others are outranked and name it', () => {
    const profile = aLife(
      showing('low', { priority: 10 }),
      showing('high', { priority: 90 }),
      showing('mid'),
    );
    const decision = profile.track('Hello');
    expect(reasonOf(decision, 'high')).toBe('sent');
    for (const id of ['low', 'mid']) {
      expect(traceOf(decision, id)).toMatchObject({
        reason: 'outranked',
        path: 'steps.show.send.surface',
        values: { surface: 'default', winner: 'high' },
      });
    }
    expect(profile.inbox().map(({ trigger }) => trigger)).toEqual(['high']);
  });

  test('of equal priority the earlier activated wins', () => {
    const profile = aLife(
      live(showing('a'), { activatedAt: 2 }),
      live(showing('b'), { activatedAt: 1 }),
      live(showing('c'), { activatedAt: 3 }),
    );
    expect(reasonOf(profile.track('Hello'), 'b')).toBe('sent');
  });

  test('of equal activation the id that comes first wins', () => {
    const profile = aLife(live(showing('b')), live(showing('a')));
    expect(reasonOf(profile.track('Hello'), 'a')).toBe('sent');
  });

  test('an outranked one was not sent: it may come with the next event', () => {
    const never = { reeligibility: { mode: 'never' } } as const;
    const profile = aLife(showing('a', { priority: 90, ...never }), showing('b', never));
    profile.track('Hello');
    profile.ack('Viewed', profile.inbox()[0]?.id ?? '');
    const decision = profile.track('Hello');
    expect([reasonOf(decision, 'a'), reasonOf(decision, 'b')]).toEqual(['not_eligible', 'sent']);
  });

  test('a trigger of several sends has all of them before a lesser one has any', () => {
    const high = showing('high', {
      priority: 90,
      steps: [send({ channels: ['push'] }), send({ id: 'then' })],
    });
    const profile = aLife(high, showing('low'));
    profile.consent('push');
    const decision = profile.track('Hello');
    expect(decision.trace.map(({ id, reason }) => [id, reason])).toEqual([
      ['high', 'sent'],
      ['high', 'sent'],
      ['low', 'outranked'],
    ]);
  });

  test('on different surfaces all are sent, and cards always', () => {
    const profile = aLife(
      showing('a'),
      showing('b', { steps: [send({ surface: 'search' })] }),
      showing('c', { steps: [send({ channels: ['card'] })] }),
      showing('d', { steps: [send({ channels: ['card'] })] }),
    );
    expect(profile.track('Hello').trace.map(({ reason }) => reason)).toEqual([
      'sent',
      'sent',
      'sent',
      'sent',
    ]);
  });
});

describe('a surface', () => {
  const twice = () => {
    const profile = aLife(aTrigger());
    profile.track('Hello');
    return profile;
  };

  test('is busy for 30 s after a message on it was handed out', () => {
    const profile = twice();
    profile.next();
    profile.advanceTo(profile.now + 29_999);
    expect(traceOf(profile.track('Hello'))).toMatchObject({
      reason: 'surface_busy',
      values: { surface: 'default' },
    });
    profile.advanceTo(profile.now + 1);
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
  });

  test('is free once that message is acknowledged', () => {
    for (const kind of ['Viewed', 'Clicked', 'Dismissed', 'Failed'] as const) {
      const profile = twice();
      const [message] = profile.next();
      profile.ack(kind, message?.id ?? '');
      expect(reasonOf(profile.track('Hello'))).toBe('sent');
    }
  });

  test('is not busy with what nobody has fetched, nor with cards, nor on another surface', () => {
    expect(reasonOf(twice().track('Hello'))).toBe('sent');
    const profile = aLife(
      showing('card', { entry: { on: [{ event: 'Card' }] }, steps: [send({ channels: ['card'] })] }),
      showing('other', { entry: { on: [{ event: 'Other' }] }, steps: [send({ surface: 'other' })] }),
      aTrigger(),
    );
    profile.track('Card');
    profile.track('Other');
    expect(profile.next()).toHaveLength(2);
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
  });

  test('is free once an exit took the message back', () => {
    const profile = aLife(aTrigger({ exit: [{ on: { event: 'Bye' } }] }));
    profile.track('Hello');
    profile.next();
    profile.track('Bye');
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
  });
});
