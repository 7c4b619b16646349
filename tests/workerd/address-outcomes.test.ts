/** What a provider says of its addresses reaches the profile with the message's own outcome: real profiles, D1 and limiters. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SendResult } from '../../src/channels/channel.ts';
import { aDispatcher, aProvider, fired, offersOf } from '../support/dispatcher.ts';
import { anEvent, publish, reasons, send, startClock, stateOnDisk, user } from '../support/profile-world.ts';

beforeAll(async () => {
  await publish({ id: 'pushed', entry: { on: [{ event: 'Pushed' }] } }, ['push']);
  await publish({ id: 'mailed', entry: { on: [{ event: 'Mailed' }] } }, ['email']);
});
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

async function withTwoPhones(name: string) {
  const ref = await user(name);
  await send(
    ref,
    ['phone', 'tablet'].map((id) => anEvent('$device', { id, type: 'fcm', token: `token-${id}` })),
  );
  return ref;
}

const dead = { deviceId: 'tablet', outcome: 'dead', code: 'UNREGISTERED' } as const;

describe('a dead token among several', () => {
  it.each<[string, SendResult]>([
    [
      'taken by another device',
      { kind: 'accepted', devices: [{ deviceId: 'phone', outcome: 'accepted', code: 'accepted' }, dead] },
    ],
    [
      'to come again for another',
      {
        kind: 'retry',
        code: 'UNAVAILABLE',
        devices: [{ deviceId: 'phone', outcome: 'retry', code: 'UNAVAILABLE' }, dead],
      },
    ],
  ])('is dropped, and says why, with a message that was %s', async (name, answer) => {
    const provider = aProvider(name);
    provider.answer = () => answer;
    const { ref, hint } = await fired(await withTwoPhones(name), 'Pushed');
    await aDispatcher(provider).consume([hint]);
    const devices = (await stateOnDisk(ref))?.devices;
    expect(devices?.get('tablet')).toMatchObject({ address: null, refused: { code: 'UNREGISTERED' } });
    expect(devices?.get('phone')).toMatchObject({ address: 'token-phone' });
    expect((await stateOnDisk(ref))?.suppressions.size).toBe(0);
  });
});

it('a provider’s word that the user wants no more withdraws the consent, and is told as the provider’s', async () => {
  const provider = aProvider('stopped');
  provider.answer = () => ({ kind: 'rejected', scope: 'message', code: 'opted_out', revokeConsent: true });
  const { ref, hint, dispatch } = await fired(await user('stopped'), 'Mailed');
  await aDispatcher(provider).consume([hint]);
  const [newest] = (await stateOnDisk(ref))?.consents.get('email|marketing') ?? [];
  expect(newest).toMatchObject({ granted: false, source: 'provider' });
  // No consent is asked of what is transactional.
  await send(ref, [anEvent('Mailed')]);
  expect((await reasons(ref, 'Mailed'))[0]).toBe('mailed: sent');
  expect(offersOf({ dispatch })).toHaveLength(1);
});
