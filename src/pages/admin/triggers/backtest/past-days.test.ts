import { expect, it } from 'vitest';
import { instantsOf, lastDays } from './past-days.ts';

const noon = new Date(2027, 2, 15, 12);

it('begins with the last 30 days, today among them', () => {
  expect(lastDays(noon)).toEqual({ from: '2027-02-14', to: '2027-03-15' });
});

it('takes both days whole, in the reader’s own time', () => {
  expect(instantsOf({ from: '2027-02-28', to: '2027-02-28' }, noon)).toEqual({
    from: new Date(2027, 1, 28).toISOString(),
    to: new Date(2027, 2, 1).toISOString(),
  });
});

it('ends now where the last day is not over: what is still to come is no record', () => {
  expect(instantsOf({ from: '2027-03-01', to: '2027-03-15' }, noon).to).toBe(noon.toISOString());
});
