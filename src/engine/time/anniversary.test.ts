import { describe, expect, test } from 'vitest';
import { nextOccurrence } from './anniversary.ts';

const next = (
  value: string | number,
  from: string,
  changes: { every?: 'year' | 'month'; time?: string; zone?: string } = {},
) => {
  const { every = null, time = null, zone = 'Asia/Seoul' } = changes;
  const at = nextOccurrence({ value, every, time }, Date.parse(from), zone);
  return at === null ? null : new Date(at).toISOString();
};
const year = { every: 'year' } as const;
const month = { every: 'month' } as const;

describe('a day that comes once', () => {
  test('is at nine in the morning in the zone, unless it says otherwise', () => {
    expect(next('2026-12-24', '2026-12-01T00:00:00Z')).toBe('2026-12-24T00:00:00.000Z');
    expect(next('2026-12-24', '2026-12-01T00:00:00Z', { time: '18:30' })).toBe('2026-12-24T09:30:00.000Z');
    expect(next('2026-12-24', '2026-12-01T00:00:00Z', { zone: 'America/New_York' })).toBe(
      '2026-12-24T14:00:00.000Z',
    );
  });

  test('of an instant keeps its own time', () => {
    expect(next('2026-12-24T10:15:30Z', '2026-12-01T00:00:00Z')).toBe('2026-12-24T10:15:30.000Z');
    expect(next(Date.parse('2026-12-24T10:15:30Z'), '2026-12-01T00:00:00Z')).toBe('2026-12-24T10:15:30.000Z');
  });

  test('is no more when it is over, and still is at its very instant', () => {
    expect(next('2026-12-24', '2026-12-24T00:00:00Z')).toBe('2026-12-24T00:00:00.000Z');
    expect(next('2026-12-24', '2026-12-24T00:00:00.001Z')).toBeNull();
  });

  test.each(['soon', '2026-13-01', '', '24.12.2026'])('named %j is none', (value) => {
    expect(next(value, '2026-12-01T00:00:00Z')).toBeNull();
  });
});

describe('a day of each year', () => {
  test('comes this year or next', () => {
    expect(next('1990-12-24', '2026-12-01T00:00:00Z', year)).toBe('2026-12-24T00:00:00.000Z');
    expect(next('1990-11-24', '2026-12-01T00:00:00Z', year)).toBe('2027-11-24T00:00:00.000Z');
    expect(next('1990-12-24', '2026-12-24T00:00:01Z', year)).toBe('2027-12-24T00:00:00.000Z');
  });

  test('29 February is the 28th in other years', () => {
    expect(next('2000-02-29', '2027-01-01T00:00:00Z', year)).toBe('2027-02-28T00:00:00.000Z');
    expect(next('2000-02-29', '2028-01-01T00:00:00Z', year)).toBe('2028-02-29T00:00:00.000Z');
    expect(next('2000-02-29', '2028-02-28T12:00:00Z', year)).toBe('2028-02-29T00:00:00.000Z');
  });

  test('is the zone’s year, not Greenwich’s', () => {
    expect(next('2000-01-01', '2026-12-31T23:30:00Z', { ...year, time: '00:30' })).toBe(
      '2027-12-31T15:30:00.000Z',
    );
  });

  test('doesn’t come round before it came first', () => {
    expect(next('2028-05-01', '2026-12-01T00:00:00Z', year)).toBe('2028-05-01T00:00:00.000Z');
  });
});

describe('a day of each month', () => {
  test('comes this month or next, across the year', () => {
    expect(next('2026-01-15', '2026-12-01T00:00:00Z', month)).toBe('2026-12-15T00:00:00.000Z');
    expect(next('2026-01-15', '2026-12-16T00:00:00Z', month)).toBe('2027-01-15T00:00:00.000Z');
  });

  test('that the month doesn’t have is its last one', () => {
    const days = ['2027-02-01', '2027-03-01', '2027-04-01'].map((from) =>
      next('2026-01-31', `${from}T00:00:00Z`, month),
    );
    expect(days).toEqual([
      '2027-02-28T00:00:00.000Z',
      '2027-03-31T00:00:00.000Z',
      '2027-04-30T00:00:00.000Z',
    ]);
  });

  test('keeps to the clock over a switch', () => {
    const newYork = { ...month, zone: 'America/New_York', time: '08:00' };
    expect(next('2026-01-14', '2027-03-13T12:00:00Z', newYork)).toBe('2027-03-14T12:00:00.000Z');
    expect(next('2026-01-14', '2027-02-13T12:00:00Z', newYork)).toBe('2027-02-14T13:00:00.000Z');
  });
});
