/** A step that waits for something to happen, or for its time to run out. */
import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, products, send } from '../testing/builders.ts';
import { reasonOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Step, Trigger, WaitForStep } from '../trigger.ts';

const steps = (waitFor: Partial<WaitForStep> = {}): Step[] => [
  {
    id: 'ask',
    waitFor: { event: 'Order Completed' },
    timeout: '1h',
    // biome-ignore lint/suspicious/noThenProperty: the contract’s word; nothing awaits a step.
    then: 'thanks',
    onTimeout: 'nudge',
    ...waitFor,
  },
  send({ id: 'thanks', surface: 'thanks' }),
  { id: 'done', end: true },
  send({ id: 'nudge', surface: 'nudge' }),
];

function life(waitFor: Partial<WaitForStep> = {}, changes: Parameters<typeof aTrigger>[0] = {}) {
  const triggers: Trigger[] = [aTrigger({ steps: steps(waitFor), ...changes })];
  return new VirtualProfile({ config: aConfig({ triggers }) });
}
const shown = (profile: VirtualProfile) => profile.inbox().map(({ surface }) => surface);

describe('a run that waits for an event', () => {
  test('goes on in the very round of the event that answers', () => {
    const profile = life();
    expect(reasonOf(profile.track('Hello'))).toBe('waiting');
    const decision = profile.track('Order Completed');
    expect(reasonOf(decision)).toBe('sent');
    expect(shown(profile)).toEqual(['thanks']);
    profile.advance('2h');
    expect(profile.sends()).toBe(1);
  });

  test('takes the other branch when its time has run out, to the millisecond', () => {
    const profile = life();
    const startedAt = profile.now;
    profile.track('Hello');
    profile.advanceTo(startedAt + 3_600_000 - 1);
    expect(shown(profile)).toEqual([]);
    profile.advanceTo(startedAt + 3_600_000);
    expect(shown(profile)).toEqual(['nudge']);
    profile.track('Order Completed');
    expect(profile.sends()).toBe(1);
  });

  test('goes on with the next step where it names none', () => {
    const next: Step[] = [{ id: 'ask', waitFor: { event: 'Yes' }, timeout: '1h' }, send()];
    for (const answers of [true, false]) {
      const profile = new VirtualProfile({ config: aConfig({ triggers: [aTrigger({ steps: next })] }) });
      profile.track('Hello');
      if (answers) profile.track('Yes');
      else profile.advance('1h');
      expect(profile.sends()).toBe(1);
    }
  });

  test('is not answered by another event, by the one that started it, nor by one that its `where` refuses', () => {
    const profile = life({
      waitFor: { event: 'Hello', where: { field: 'event.properties.n', op: 'gt', value: 1 } },
    });
    profile.track('Hello', { n: 5 });
    profile.track('Other', { n: 5 });
    expect(reasonOf(profile.track('Hello', { n: 1 }))).toBe('already_running');
    expect(shown(profile)).toEqual([]);
    profile.track('Hello', { n: 2 });
    expect(shown(profile)).toContain('thanks');
  });

  test('compares with what started it', () => {
    const sameCart = {
      field: 'event.properties.cart',
      op: 'eq',
      value: { ref: 'entry.event.properties.cart' },
    } as const;
    const profile = life({ waitFor: { event: 'Order Completed', where: sameCart } });
    profile.track('Hello', { cart: 'c1' });
    profile.track('Order Completed', { cart: 'c2' });
    expect(shown(profile)).toEqual([]);
    profile.track('Order Completed', { cart: 'c1' });
    expect(shown(profile)).toEqual(['thanks']);
  });

  test('with matchKey is answered for its own key only', () => {
    const profile = life(
      { matchKey: true },
      { entry: { key: ['item.id'] }, reeligibility: { mode: 'always', per: 'key' } },
    );
    for (const id of ['a', 'b']) profile.track('Hello', products(id));
    profile.track('Order Completed', products('x', 'b'));
    expect([...profile.state.runs.values()].map(({ key, step }) => [key, step])).toEqual([
      ['["a"]', 0],
      ['["b"]', null],
    ]);
  });

  test('is answered by what is derived: a segment, an attribute, a message', () => {
    const segments = [{ id: 'vip', if: { field: 'user.traits.tier', op: 'eq' as const, value: 'VIP' } }];
    for (const waitFor of [
      { segment: 'vip', change: 'entered' as const },
      { attribute: 'user.traits.tier', from: 'missing' as const },
    ]) {
      const trigger = aTrigger({ steps: steps({ waitFor }) });
      const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger], segments }) });
      profile.track('Hello');
      expect(reasonOf(profile.identify({ tier: 'VIP' }))).toBe('sent');
    }
    const first = send({ id: 'first' });
    const clicked = aTrigger({
      steps: [first, ...steps({ waitFor: { message: 'clicked', trigger: 'hello' } })],
    });
    const profile = new VirtualProfile({ config: aConfig({ triggers: [clicked] }) });
    profile.track('Hello');
    profile.ack('Clicked', profile.inbox()[0]?.id ?? '');
    expect(shown(profile)).toEqual(['thanks']);
  });

  test('may ask again and again', () => {
    const circle: Step[] = [
      // biome-ignore lint/suspicious/noThenProperty: the contract’s word; nothing awaits a step.
      { id: 'ask', waitFor: { event: 'Yes' }, timeout: '1d', then: 'thanks', onTimeout: 'end' },
      send({ id: 'thanks', channels: ['card'] }),
      { id: 'back', branch: [{ goto: 'ask' }] },
      { id: 'end', end: true },
    ];
    const profile = new VirtualProfile({ config: aConfig({ triggers: [aTrigger({ steps: circle })] }) });
    profile.track('Hello');
    for (let i = 0; i < 3; i++) {
      profile.advance('1h');
      profile.track('Yes');
    }
    expect(profile.sends()).toBe(3);
    profile.advance('1d');
    profile.track('Yes');
    expect(profile.sends()).toBe(3);
  });

  test('is gone when the same event starts the trigger anew', () => {
    const restarting = life({ waitFor: { event: 'Hello' } }, { entry: { concurrency: 'restart' } });
    restarting.track('Hello');
    restarting.advance('1m');
    const { trace } = restarting.track('Hello');
    expect(trace.map(({ reason }) => reason)).not.toContain('sent');
    expect([...restarting.state.runs.values()].map(({ startedAt }) => startedAt)).toEqual([restarting.now]);
  });

  test('exits before it is answered', () => {
    const profile = life({}, { exit: [{ on: { event: 'Order Completed' } }] });
    profile.track('Hello');
    expect(reasonOf(profile.track('Order Completed'))).toBe('exited');
    expect(profile.sends()).toBe(0);
  });
});
