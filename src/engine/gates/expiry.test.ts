import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { Channel } from '../trigger.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a message expires', () => {
  test.each<[Channel, number]>([
    ['in_app', 30 * MINUTE],
    ['card', 30 * 24 * HOUR],
    ['push', 4 * HOUR],
    ['web_push', 4 * HOUR],
    ['email', 24 * HOUR],
    ['sms', 12 * HOUR],
    ['lms', 12 * HOUR],
    ['kakao_info', 12 * HOUR],
    ['kakao_brand', 12 * HOUR],
  ])('on %s after %d ms, unless its author says otherwise', (channel, afterMs) => {
    for (const [expireAfter, spanMs] of [
      [undefined, afterMs],
      ['10m', 10 * MINUTE],
    ] as const) {
      const trigger = aTrigger({
        category: 'transactional',
        steps: [send({ channels: [channel] })],
        ...(expireAfter && { delivery: { expireAfter } }),
      });
      const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger] }) });
      profile.track('Hello');
      const [message] = [...profile.inbox(), ...profile.outbox()];
      expect(message?.expiresAt).toBe(profile.now + spanMs);
    }
  });

  test('counted from the moment its send was reached', () => {
    const trigger = aTrigger({ steps: [{ id: 'wait', wait: '1h' }, send()] });
    const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger] }) });
    profile.track('Hello');
    profile.advance('1h');
    expect(profile.inbox()[0]?.expiresAt).toBe(profile.now + 30 * MINUTE);
  });

  test('to the millisecond, unseen, and D1 hears of it', () => {
    const profile = new VirtualProfile({ config: aConfig({ triggers: [aTrigger()] }) });
    profile.track('Hello');
    profile.advanceTo(profile.now + 30 * MINUTE - 1);
    profile.wake();
    expect(profile.next()).toHaveLength(1);
    profile.advanceTo(profile.now + 1);
    expect(profile.next()).toEqual([]);
    profile.wake();
    expect(profile.inbox()).toEqual([]);
    expect(profile.facts.at(-1)).toMatchObject({ kind: 'message_expired', message: { reason: 'expired' } });
    expect(profile.state.runs.size).toBe(0);
  });

  test('seen: nobody calls that expired', () => {
    const profile = new VirtualProfile({ config: aConfig({ triggers: [aTrigger()] }) });
    profile.track('Hello');
    profile.ack('Viewed', profile.inbox()[0]?.id ?? '');
    profile.advance('31m');
    profile.wake();
    expect(profile.inbox()).toEqual([]);
    expect(profile.facts.map(({ kind }) => kind)).not.toContain('message_expired');
  });
});
