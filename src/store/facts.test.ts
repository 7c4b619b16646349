import { expect, it } from 'vitest';
import type { Reason } from '../engine/reasons.ts';
import type { Fact, FactKind } from '../engine/vocabulary.ts';
import { deliveriesOf } from './facts.ts';

const fact = (
  seq: number,
  kind: FactKind,
  at: number,
  reason: Reason = 'queued',
  channel = 'in_app' as const,
): Fact => ({
  seq,
  kind,
  at,
  message: { id: 'msg_1', trigger: 't', version: 1, variant: null, channel, reason, createdAt: 100 },
});

it('folds the facts of one message into what they prove together, in any order', () => {
  const facts = [
    fact(1, 'message_queued', 100),
    fact(2, 'message_shown', 200, 'shown'),
    fact(3, 'message_clicked', 300, 'shown'),
    fact(4, 'message_expired', 400, 'expired'),
  ];
  const expected = [
    {
      id: 'msg_1',
      profileKey: 'p',
      trigger: 't',
      version: 1,
      variant: null,
      channel: 'in_app',
      status: 'clicked',
      reason: 'shown',
      attempts: 0,
      createdAt: 100,
      sentAt: 200,
      updatedAt: 400,
      shownAt: 200,
      clickedAt: 300,
    },
  ];
  expect(deliveriesOf([{ profileKey: 'p', facts }])).toEqual(expected);
  expect(deliveriesOf([{ profileKey: 'p', facts: facts.toReversed() }])).toEqual(expected);
  expect(deliveriesOf(facts.toReversed().map((one) => ({ profileKey: 'p', facts: [one, one] })))).toEqual(
    expected,
  );
});

it.each([
  ['message_queued', 'queued', 'queued'],
  ['message_held', 'quiet_hold', 'held'],
  ['message_held', 'no_night_consent', 'held'],
  ['message_cancelled', 'exited', 'cancelled'],
  ['message_cancelled', 'unknown_outcome', 'unknown'],
  ['message_expired', 'expired', 'cancelled'],
  ['message_failed', 'provider_error', 'failed'],
] as const)('reads %s for %s as %s', (kind, reason, status) => {
  expect(deliveriesOf([{ profileKey: 'p', facts: [fact(1, kind, 100, reason)] }])).toMatchObject([
    { status, reason, sentAt: null },
  ]);
});

it('says nothing of facts that are of no message, or of a kind that it does not know', () => {
  const facts = [
    { seq: 1, kind: 'profile_created', at: 1 } as const,
    { ...fact(2, 'message_shown', 1), kind: 'constructor' as FactKind },
  ];
  expect(deliveriesOf([{ profileKey: 'p', facts }])).toEqual([]);
});
