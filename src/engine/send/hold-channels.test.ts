/** Held on some channels: a message that is on its way already, and a send on several. */
import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, type Published, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
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
const heldFacts = (profile: VirtualProfile, kind: string) =>
  profile.facts.filter((fact) => fact.kind === kind).map(({ message }) => message);

describe('a message that is claimed when the night has begun', () => {
  function queuedLate(changes: Parameters<typeof aTrigger>[0] = {}, rest: Published = {}) {
    const profile = night([pushing(changes)], rest, '20:59:00');
    profile.track('Hello');
    const id = profile.outbox()[0]?.messageId ?? '';
    profile.now = seoul('21:00:01');
    return { profile, id };
  }

  test('goes back to wait for the morning', () => {
    const { profile, id } = queuedLate();
    expect(profile.claim(id)).toEqual({ kind: 'gone', reason: 'no_night_consent' });
    profile.advanceTo(seoul('07:59:59', '2026-12-02'));
    expect(profile.offers.map(({ at }) => at)).toEqual([seoul('20:59:00')]);
    morning(profile);
    expect(profile.offers.at(-1)).toEqual({ at: seoul('08:00:00', '2026-12-02'), id });
    expect(profile.claim(id).kind).toBe('claimed');
  });

  test('with the time that it had left by default, not what its author wrote', () => {
    const { profile, id } = queuedLate();
    profile.claim(id);
    morning(profile);
    const claimed = profile.claim(id);
    expect(claimed.kind === 'claimed' && claimed.message.expiresAt).toBe(
      seoul('20:59:00') + 4 * 3_600_000 + (profile.now - seoul('21:00:01')),
    );
    const authored = queuedLate({ delivery: { expireAfter: '4h' } });
    authored.profile.claim(authored.id);
    morning(authored.profile);
    expect(authored.profile.claim(authored.id)).toEqual({ kind: 'gone', reason: 'settled' });
    expect(heldFacts(authored.profile, 'message_cancelled')).toMatchObject([{ reason: 'expired' }]);
  });

  test('though its author drops what falls into quiet hours', () => {
    const quietHours = {
      id: 'quiet_hours' as const,
      from: '21:00',
      to: '08:00',
      tz: 'user',
      action: 'drop' as const,
    };
    const { profile, id } = queuedLate({}, { policies: { quietHours } });
    expect(profile.claim(id)).toMatchObject({ kind: 'gone', reason: 'no_night_consent' });
  });

  test('and an exit still takes it back', () => {
    const { profile, id } = queuedLate({ exit: [{ on: { event: 'Bye' } }] });
    profile.claim(id);
    profile.track('Bye');
    expect(profile.claim(id)).toEqual({ kind: 'gone', reason: 'settled' });
  });
});

describe('mode all', () => {
  const both = pushing({ steps: [send({ channels: ['email', 'push'], mode: 'all' })] });

  test('sends what may go now and holds the rest', () => {
    const profile = night([both]);
    profile.consent('email');
    const decision = profile.track('Hello');
    expect(decision.trace.map(({ reason }) => reason)).toEqual(['sent', 'no_night_consent']);
    expect(profile.outbox().map(({ channel }) => channel)).toEqual(['email']);
    morning(profile);
    expect(profile.sends('hello', 'push')).toBe(1);
    expect(profile.sends('hello', 'email')).toBe(1);
  });

  test('is not held back by its own first message', () => {
    const profile = night([{ ...both, reeligibility: { mode: 'never' } }]);
    profile.consent('email');
    profile.track('Hello');
    morning(profile);
    expect(profile.sends('hello', 'push')).toBe(1);
  });

  test('tells of every channel that it refuses, and takes back what was announced', () => {
    const two = pushing({ steps: [send({ channels: ['push', 'sms'], mode: 'all' })] });
    const profile = night([two]);
    profile.consent('sms');
    profile.track('Hello');
    const announced = heldFacts(profile, 'message_held');
    expect(announced.map((message) => message?.channel)).toEqual(['push', 'sms']);
    profile.advance('1h');
    profile.consent('sms', false);
    const before = profile.trace.length;
    morning(profile);
    expect(profile.trace.slice(before).map(({ reason }) => reason)).toEqual(['sent', 'no_consent']);
    expect(heldFacts(profile, 'message_cancelled')).toMatchObject([
      { id: announced[1]?.id, channel: 'sms', reason: 'no_consent' },
    ]);
  });

  test('says why a channel got nothing, though another got it', () => {
    const profile = night([both], {}, '12:00:00');
    expect(profile.track('Hello').trace.map(({ reason }) => reason)).toEqual(['sent', 'no_consent']);
  });
});
