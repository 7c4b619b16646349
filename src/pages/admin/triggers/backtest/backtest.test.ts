import { expect, it } from 'vitest';
import { type Backtest, joined } from './backtest.ts';

const item = (userId: string) => ({
  ...{ userId, anonymousId: null, at: '2027-03-01T00:00:00.000Z', channel: 'push' as const },
  ...{ variant: null, event: 'Hello', content: null },
});
const part = (change: Partial<Backtest>): Backtest => ({
  profiles: { replayed: 200, skipped: 1, events: 900 },
  messages: { count: 0, people: 0, heldOut: 2, perChannel: {}, cost: [] },
  reasons: {},
  items: [],
  displaced: [],
  fidelity: { recorded: 5, reproduced: 4 },
  limits: ['A sentence.'],
  cursor: 'next',
  ...change,
});

it('parts of a backtest add up: counts by adding, lists by joining, and the last one says how to go on', () => {
  const first = part({
    messages: {
      ...{ count: 2, people: 1, heldOut: 0, perChannel: { push: 2 } },
      cost: [{ currency: 'KRW', amount: 6 }],
    },
    reasons: { sent: 2, not_matched: 7 },
    items: [item('a'), item('a')],
  });
  const second = part({
    profiles: { replayed: 10, skipped: 0, events: 30 },
    messages: {
      ...{ count: 2, people: 2, heldOut: 1, perChannel: { push: 1, email: 1 } },
      cost: [
        { currency: 'USD', amount: 0.5 },
        { currency: 'KRW', amount: 3 },
      ],
    },
    reasons: { sent: 2, no_consent: 1 },
    items: [item('b'), item('c')],
    cursor: null,
  });
  expect(joined(first, second)).toEqual({
    profiles: { replayed: 210, skipped: 1, events: 930 },
    messages: {
      ...{ count: 4, people: 3, heldOut: 1, perChannel: { push: 3, email: 1 } },
      cost: [
        { currency: 'KRW', amount: 9 },
        { currency: 'USD', amount: 0.5 },
      ],
    },
    reasons: { sent: 4, not_matched: 7, no_consent: 1 },
    items: [item('a'), item('a'), item('b'), item('c')],
    displaced: [],
    fidelity: { recorded: 10, reproduced: 8 },
    limits: ['A sentence.'],
    cursor: null,
  });
});
