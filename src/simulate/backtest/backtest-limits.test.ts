import { expect, it } from 'vitest';
import { aTrigger, send } from '../../engine/testing/builders.ts';
import { backtestLimits } from './backtest-limits.ts';

it('tells of recommendations, which a replay can’t know, where the trigger has them', () => {
  const recommending = aTrigger({ steps: [send({ recommend: { from: 'liked' } })] });
  const told = backtestLimits(recommending, 'en');
  expect(told).toContainEqual(expect.stringContaining('recommendations come of this person’s own events'));
  expect(backtestLimits(aTrigger(), 'en')).not.toContainEqual(expect.stringContaining('recommendations'));
  expect(backtestLimits(recommending, 'ko')).toHaveLength(told.length);
});
