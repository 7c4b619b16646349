import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, aTriggerIf, send } from '../../testing/builders.ts';
import { reasonOf, VirtualProfile } from '../../testing/virtual-profile.ts';
import type { ReceivedCondition } from '../../trigger.ts';

const teller = (id: string, tags: string[] = []) =>
  aTrigger({
    id,
    tags,
    entry: { on: [{ event: id }], key: ['event.properties.k'] },
    steps: [send({ surface: id })],
  });
const asked = (condition: ReceivedCondition) =>
  aTriggerIf(condition, { entry: { key: ['event.properties.k'] }, steps: [send({ surface: 'asked' })] });

function life(condition: ReceivedCondition) {
  const profile = new VirtualProfile({
    config: aConfig({ triggers: [teller('first', ['join']), teller('second', ['join']), asked(condition)] }),
  });
  const tell = (trigger: string, k = 'k') => {
    profile.track(trigger, { k });
    return profile.inbox().at(-1)?.id ?? '';
  };
  const holds = (k = 'k') => reasonOf(profile.track('Hello', { k })) !== 'not_matched';
  return { profile, tell, holds };
}

describe('received', () => {
  test('sent holds from the decision, shown only from the acknowledgement', () => {
    const sent = life({ received: 'sent', trigger: 'first' });
    sent.tell('first');
    expect(sent.holds()).toBe(true);
    const shown = life({ received: 'shown', trigger: 'first' });
    const id = shown.tell('first');
    shown.profile.next();
    expect(shown.holds()).toBe(false);
    shown.profile.ack('Viewed', id);
    expect(shown.holds()).toBe(true);
  });

  test.each([
    ['clicked', 'Clicked'],
    ['dismissed', 'Dismissed'],
  ] as const)('%s holds once it was', (received, kind) => {
    const { profile, tell, holds } = life({ received, trigger: 'first' });
    const id = tell('first');
    profile.ack('Viewed', id);
    expect(holds()).toBe(false);
    profile.ack(kind, id);
    expect(holds()).toBe(true);
  });

  test('counts within a window: shown, but not in the last 30 s', () => {
    const { profile, tell, holds } = life({
      received: 'shown',
      trigger: 'first',
      count: { eq: 0 },
      window: { last: '30s' },
    });
    profile.ack('Viewed', tell('first'));
    profile.advance('29s');
    expect(holds()).toBe(false);
    profile.advance('1s');
    expect(holds()).toBe(true);
  });

  test('of a tag is of every trigger that bears it', () => {
    const { tell, holds } = life({ received: 'sent', tag: 'join', count: { gte: 2 } });
    tell('first');
    expect(holds()).toBe(false);
    tell('second');
    expect(holds()).toBe(true);
  });

  test('of another trigger or tag doesn’t count', () => {
    const other = life({ received: 'sent', trigger: 'second' });
    other.tell('first');
    expect(other.holds()).toBe(false);
    const untold = life({ received: 'sent', tag: 'unknown' });
    untold.tell('first');
    expect(untold.holds()).toBe(false);
  });

  test('without trigger and tag is of any trigger', () => {
    const { tell, holds } = life({ received: 'sent' });
    expect(holds()).toBe(false);
    tell('second');
    expect(holds()).toBe(true);
  });

  test('of itself counts its own', () => {
    const { holds } = life({ received: 'sent', trigger: 'self', count: { lt: 2 } });
    expect([holds(), holds(), holds()]).toEqual([true, true, false]);
  });

  test('with sameKey counts what this key got', () => {
    const { holds } = life({ received: 'sent', trigger: 'self', sameKey: true, count: { eq: 0 } });
    expect([holds('a'), holds('a'), holds('b'), holds('b')]).toEqual([true, false, true, false]);
  });

  test('on a channel counts that channel', () => {
    const { tell, holds } = life({ received: 'sent', trigger: 'first', channel: 'push' });
    tell('first');
    expect(holds()).toBe(false);
    const inApp = life({ received: 'sent', trigger: 'first', channel: 'in_app' });
    inApp.tell('first');
    expect(inApp.holds()).toBe(true);
  });

  test('since the session began leaves out what the session before got, though its first event is older', () => {
    const { profile, tell, holds } = life({
      received: 'sent',
      trigger: 'first',
      count: { eq: 0 },
      window: { since: 'session' },
    });
    tell('first');
    expect(holds()).toBe(false);
    profile.advance('40m');
    profile.track('Other', {}, { timestamp: profile.now - 45 * 60_000 });
    expect(holds()).toBe(true);
  });

  test('is kept for life, beyond the instants that are remembered', () => {
    const { profile, tell, holds } = life({ received: 'sent', trigger: 'first', count: { eq: 60 } });
    for (let i = 0; i < 60; i++) tell('first');
    profile.advance('3000d');
    expect(holds()).toBe(true);
  });

  test('outlives a new version of the trigger', () => {
    const { profile, tell, holds } = life({ received: 'sent', trigger: 'first' });
    tell('first');
    const changed = {
      document: { ...teller('first'), name: 'new' },
      version: 2,
      state: 'live',
      activatedAt: 9,
    } as const;
    profile.config = aConfig({ triggers: [changed, asked({ received: 'sent', trigger: 'first' })] });
    expect(holds()).toBe(true);
  });
});
