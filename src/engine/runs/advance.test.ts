import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, live, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Condition, Step, Trigger } from '../trigger.ts';

const aLife = (...triggers: Trigger[]) => new VirtualProfile({ config: aConfig({ triggers }) });
const slow: Step[] = [{ id: 'wait', wait: '1h' }, send()];
const HOUR = 3_600_000;

describe('a wait', () => {
  test('never ends early, and ends to the millisecond', () => {
    const profile = aLife(aTrigger({ steps: slow }));
    const startedAt = profile.now;
    profile.track('Hello');
    profile.now = startedAt + HOUR - 1;
    profile.wake();
    expect(profile.sends()).toBe(0);
    profile.now = startedAt + HOUR;
    profile.wake();
    expect(profile.sends()).toBe(1);
    profile.wake();
    expect(profile.sends()).toBe(1);
  });

  test('says at which step the run waits', () => {
    const profile = aLife(aTrigger({ steps: [{ id: 'day', wait: '1d' }, send()] }));
    expect(traceOf(profile.track('Hello'))).toEqual({
      id: 'hello',
      version: 1,
      reason: 'waiting',
      path: 'steps.day',
    });
  });

  test('is counted from when it was reached', () => {
    const steps: Step[] = [{ id: 'a', wait: '1h' }, send(), { id: 'b', wait: '2h' }, send({ id: 'again' })];
    const profile = aLife(aTrigger({ steps }));
    const startedAt = profile.now;
    profile.track('Hello');
    profile.advance('3h');
    expect(profile.state.log.get('hello\n')?.sent?.recent.map(([at]) => at - startedAt)).toEqual([
      HOUR,
      3 * HOUR,
    ]);
  });

  test('that ends late, for the alarm came late, makes the next one no shorter', () => {
    const steps: Step[] = [{ id: 'a', wait: '1h' }, { id: 'b', wait: '1h' }, send()];
    const profile = aLife(aTrigger({ steps }));
    profile.track('Hello');
    profile.now += 5 * HOUR;
    profile.wake();
    expect(profile.sends()).toBe(0);
    profile.advance('1h');
    expect(profile.sends()).toBe(1);
  });

  test('of many runs end together, the best of them first', () => {
    const low = aTrigger({ id: 'low', priority: 10, steps: slow });
    const high = aTrigger({ id: 'high', priority: 90, steps: slow });
    const profile = aLife(low, high);
    profile.track('Hello');
    profile.advance('1h');
    expect(profile.inbox().map(({ trigger }) => trigger)).toEqual(['high']);
    expect(reasonOf(profile, 'low')).toBe('outranked');
  });
});

describe('a branch', () => {
  const tier = (value: string): Condition => ({ field: 'user.traits.tier', op: 'eq', value });
  const steps: Step[] = [
    {
      id: 'where',
      branch: [
        { if: tier('VIP'), goto: 'vip' },
        { if: tier('GOLD'), goto: 'gold' },
      ],
    },
    send({ id: 'other', surface: 'other' }),
    { id: 'done', end: true },
    send({ id: 'vip', surface: 'vip' }),
    { id: 'done-too', end: true },
    send({ id: 'gold', surface: 'gold' }),
  ];

  test.each([
    ['VIP', 'vip'],
    ['GOLD', 'gold'],
    ['NEW', 'other'],
  ])('leads %s to %s', (value, surface) => {
    const profile = aLife(aTrigger({ steps }));
    profile.identify({ tier: value });
    profile.track('Hello');
    expect(profile.inbox().map((message) => message.surface)).toEqual([surface]);
  });

  test('sees what started the run, however long ago', () => {
    const asked: Condition = { field: 'entry.event.properties.n', op: 'eq', value: 1 };
    const profile = aLife(
      aTrigger({
        steps: [
          { id: 'wait', wait: '1h' },
          { id: 'where', branch: [{ if: asked, goto: 'one' }] },
          { id: 'none', end: true },
          send({ id: 'one' }),
        ],
      }),
    );
    profile.track('Hello', { n: 1 });
    profile.track('Other', { n: 2 });
    profile.advance('1h');
    expect(profile.sends()).toBe(1);
  });

  test('may send again every day until something happens', () => {
    const steps: Step[] = [
      send(),
      { id: 'day', wait: '1d' },
      { id: 'back', branch: [{ if: { didNot: 'Signed Up' }, goto: 'show' }] },
    ];
    const profile = aLife(aTrigger({ steps }));
    profile.track('Hello');
    profile.advance('3d');
    expect(profile.sends()).toBe(4);
    const ids = new Set(
      profile.facts.flatMap(({ kind, message }) => (kind === 'message_queued' ? [message?.id] : [])),
    );
    expect(ids.size).toBe(4);
    profile.track('Signed Up');
    profile.advance('3d');
    expect(profile.sends()).toBe(4);
    expect(profile.state.runs.size).toBe(0);
  });

  test('may wait again and again before it sends', () => {
    const steps: Step[] = [
      { id: 'hour', wait: '1h' },
      { id: 'ready', branch: [{ if: { didNot: 'Ready' }, goto: 'hour' }] },
      send(),
    ];
    const profile = aLife(aTrigger({ steps }));
    profile.track('Hello');
    profile.advance('5h');
    expect([profile.sends(), profile.state.runs.size]).toEqual([0, 1]);
    profile.track('Ready');
    profile.advance('1h');
    expect(profile.sends()).toBe(1);
  });
});

describe('a refused send', () => {
  test('ends the step, never the run', () => {
    const steps: Step[] = [send({ channels: ['email'] }), send({ id: 'next' })];
    const profile = aLife(aTrigger({ steps }));
    const decision = profile.track('Hello');
    expect(decision.trace.map(({ reason }) => reason)).toEqual(['no_consent', 'sent']);
  });
});

describe('a run', () => {
  test('keeps the version that it began under', () => {
    const first = aTrigger({ steps: [{ id: 'wait', wait: '1h' }, send({ surface: 'old' })] });
    const second = aTrigger({ steps: [{ id: 'wait', wait: '1h' }, send({ surface: 'new' })] });
    const profile = aLife(first);
    profile.track('Hello');
    const config = aConfig({ triggers: [live(second, { version: 2 })] });
    const [old] = aConfig({ triggers: [first] }).triggers.values();
    if (old) config.pinned.set('hello@1', old);
    profile.config = config;
    profile.advance('1h');
    expect(profile.inbox().map(({ surface, version }) => [surface, version])).toEqual([['old', 1]]);
  });

  test('sends nothing while its trigger is paused, or all are stopped', () => {
    const trigger = aTrigger({ steps: slow });
    for (const config of [
      aConfig({ triggers: [live(trigger, { state: 'paused' })] }),
      aConfig({ triggers: [trigger], stopped: true }),
    ]) {
      const profile = aLife(trigger);
      profile.track('Hello');
      profile.config = config;
      profile.advance('1h');
      expect(reasonOf(profile)).toBe('paused');
      expect([profile.sends(), profile.inbox()]).toEqual([0, []]);
    }
  });

  test('whose messages are seen leaves nothing behind', () => {
    const profile = aLife(aTrigger());
    profile.track('Hello');
    expect(profile.state.runs.size).toBe(1);
    profile.ack('Viewed', profile.inbox()[0]?.id ?? '');
    expect(profile.state.runs.size).toBe(0);
  });
});

describe('what a decision sets off in its own round', () => {
  const sentOn = (channel: 'in_app' | 'card' | 'push') => {
    const first = aTrigger({ steps: [send({ channels: [channel] })] });
    const next = aTrigger({
      id: 'next',
      entry: { on: [{ message: 'sent', trigger: 'hello' }] },
      steps: [send({ channels: ['webhook'] })],
    });
    const profile = aLife(first, next);
    profile.consent('push');
    profile.track('Hello');
    return profile;
  };

  test.each(['in_app', 'card'] as const)('is what listens to a message shown in the app: %s', (channel) => {
    expect(sentOn(channel).outbox()).toMatchObject([{ trigger: 'next' }]);
  });

  test('is not what listens to a message that is yet to leave', () => {
    const profile = sentOn('push');
    expect(profile.outbox()).toMatchObject([{ trigger: 'hello' }]);
    profile.dispatch();
    expect(profile.outbox()).toMatchObject([{ trigger: 'next' }]);
  });

  test('of an old event is nothing, and says so', () => {
    const profile = aLife(aTrigger());
    const late = profile.track('Hello', {}, { timestamp: profile.now - 3_600_001 });
    expect(late.trace).toEqual([{ id: 'hello', version: 1, reason: 'late_event', path: 'entry.on' }]);
    expect(profile.inbox()).toEqual([]);
  });
});
