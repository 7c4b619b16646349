import { expect, it } from 'vitest';
import { aMessage, anAdapter, aWorld, claimed, hint, NOW } from '../../tests/support/dispatch-world.ts';
import type { MessageInput } from '../engine/vocabulary.ts';
import type { ClaimResult } from '../protocol/rpc.ts';
import type { StandingRefusal } from '../store/address-refusals.ts';

const NUMBER = 'phone:+821012345678';
const to = [{ kind: 'phone' as const, value: '010-1234-5678' }];
const refusal = (change: Partial<StandingRefusal> = {}): StandingRefusal => ({
  ...{ marketingOnly: false, kind: 'opted_out', provider: 'twilio', code: 'STOP', refusedAt: NOW - 1_000 },
  ...change,
});

async function sending(
  refusals: StandingRefusal[],
  category: MessageInput['category'],
  consentedAt?: number,
) {
  const { world, consume, claims } = aWorld();
  const adapter = anAdapter(() => ({ kind: 'accepted' }), { reports: 'messages' });
  world.adapter = adapter;
  world.refusals.set(NUMBER, refusals);
  const claim = claimed(aMessage({ channel: 'push', category }));
  claims.set('p1/msg_1', [
    { ...claim, to, ...(consentedAt !== undefined && { consentedAt }) } as ClaimResult,
  ]);
  await consume([hint()]);
  return { calls: adapter.calls, row: world.rows.get('msg_1'), settled: world.settled[0]?.[2], world };
}

it.each<[string, StandingRefusal[], MessageInput['category'], number | undefined, boolean]>([
  ['nothing was refused', [], 'marketing', undefined, true],
  ['everything was', [refusal()], 'marketing', undefined, false],
  ['everything was', [refusal()], 'transactional', undefined, false],
  ['advertising was', [refusal({ marketingOnly: true })], 'marketing', undefined, false],
  ['advertising was', [refusal({ marketingOnly: true })], 'transactional', undefined, true],
  ['they agreed before', [refusal()], 'marketing', NOW - 2_000, false],
  ['they agreed at that moment', [refusal()], 'marketing', NOW - 1_000, false],
  ['they have agreed since', [refusal()], 'marketing', NOW - 999, true],
  [
    'of two the later stands',
    [refusal({ refusedAt: NOW - 5_000 }), refusal({ marketingOnly: true })],
    'marketing',
    NOW - 3_000,
    false,
  ],
])(
  'an address where %s (%j, %s, agreed at %s) is written to: %s',
  async (_, refusals, category, consentedAt, isSent) => {
    const { calls, row } = await sending(refusals, category, consentedAt);
    expect(calls).toHaveLength(isSent ? 1 : 0);
    expect(row?.status).toBe(isSent ? 'sent' : 'cancelled');
  },
);

it('settles what the profile should have known, with when it was said and by whom', async () => {
  const { settled, row, world } = await sending([refusal({ kind: 'opted_out' })], 'marketing');
  expect(settled).toEqual({
    ...{ kind: 'refused', reason: 'suppressed', at: NOW, toldAt: NOW - 1_000, evidence: 'twilio STOP' },
    ...{ rejection: { code: 'STOP' }, revokeConsent: true },
  });
  expect(row).toMatchObject({ status: 'cancelled', reason: 'suppressed', attempts: 1 });
  // Nobody has failed: there is nothing to replay.
  expect(world.extras).toEqual([{}]);
});

it('takes a dead address for no opinion of its holder’s', async () => {
  const { settled } = await sending([refusal({ kind: 'bounced', code: '30005' })], 'transactional');
  expect(settled).toMatchObject({ kind: 'refused', rejection: { code: '30005' } });
  expect(settled).not.toHaveProperty('revokeConsent');
});

it('asks before each send, once, and only where a provider reports', async () => {
  expect((await sending([], 'marketing')).world.log.filter((step) => step === 'refusals')).toHaveLength(1);
  const { world, consume, claims } = aWorld();
  claims.set('p1/msg_1', [claimed()]);
  await consume([hint()]);
  expect(world.log).not.toContain('refusals');
});
