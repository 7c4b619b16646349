import { describe, expect, test } from 'vitest';
import { nextDueAt } from './resume.ts';
import { aConfig, aTrigger, send } from './testing/builders.ts';
import { VirtualProfile } from './testing/virtual-profile.ts';

const pushing = aTrigger({ steps: [send({ channels: ['push'] })] });

function alive(...triggers: Parameters<typeof aTrigger>[0][]) {
  const profile = new VirtualProfile({
    config: aConfig({ triggers: triggers.length > 0 ? triggers.map(aTrigger) : [pushing] }),
  });
  profile.consent('push');
  return profile;
}

describe('the alarm', () => {
  test('that comes for nothing changes nothing', () => {
    const profile = alive();
    expect(profile.wake()).toEqual({ delta: [], effects: [], trace: [], duplicate: false });
    expect(nextDueAt(profile.state)).toBeNull();
  });

  test('is needed when the earliest wait or offer is due', () => {
    const profile = alive({ steps: [{ id: 'wait', wait: '10s' }, send({ channels: ['push'] })] });
    profile.track('Hello');
    const startedAt = profile.now;
    expect(nextDueAt(profile.state)).toBe(startedAt + 10_000);
    profile.advance('10s');
    expect(nextDueAt(profile.state)).toBe(startedAt + 40_000);
    profile.dispatch();
    expect(nextDueAt(profile.state)).toBeNull();
  });

  test('does not spin over a run whose trigger version is nowhere to be found', () => {
    const profile = alive({ steps: [{ id: 'wait', wait: '1h' }, send()] });
    profile.track('Hello');
    profile.config = aConfig();
    profile.advance('1h');
    expect(nextDueAt(profile.state)).toBeGreaterThan(profile.now + 3_600_000);
  });

  test('never turns time back', () => {
    const profile = alive();
    profile.track('Hello');
    const { lastNow } = profile.state.meta;
    profile.now -= 60_000;
    profile.wake();
    profile.track('Hello');
    expect(profile.state.meta.lastNow).toBe(lastNow);
  });
});

describe('what nobody settles', () => {
  test('is offered again, more and more seldom, up to once in five minutes', () => {
    const profile = alive({ delivery: { expireAfter: '2d' }, steps: [send({ channels: ['push'] })] });
    profile.track('Hello');
    profile.advance('1h');
    const at = profile.offers.map((offer) => offer.at);
    const pauses = at.slice(1).map((time, i) => (time - (at[i] ?? 0)) / 1_000);
    expect(pauses.slice(0, 8)).toEqual([30, 60, 120, 240, 300, 300, 300, 300]);
    expect(pauses.every((pause) => pause <= 300)).toBe(true);
    expect(new Set(profile.offers.map(({ id }) => id)).size).toBe(1);
  });

  test('is not offered while a lease is running', () => {
    const profile = alive();
    profile.track('Hello');
    profile.advanceTo(profile.now + 29_000);
    profile.claim(profile.outbox()[0]?.messageId ?? '');
    profile.advanceTo(profile.now + 29_999);
    expect(profile.offers).toHaveLength(1);
    profile.advanceTo(profile.now + 1);
    expect(profile.offers).toHaveLength(2);
  });

  test('ends with its expiry', () => {
    const profile = alive();
    profile.track('Hello');
    profile.advance('5h');
    expect(profile.outbox()).toEqual([]);
    expect(profile.facts.at(-1)).toMatchObject({ kind: 'message_cancelled', message: { reason: 'expired' } });
    expect(profile.state.runs.size).toBe(0);
  });
});
