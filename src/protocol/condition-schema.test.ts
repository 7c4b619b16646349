import { describe, expect, test } from 'vitest';
import { conditionSchema } from './condition-schema.ts';
import { POLICY_SCHEMAS } from './policy-schema.ts';
import { checkDocument } from './schema-kit.ts';

function issuesOf(condition: unknown): { path: string; message: string }[] {
  const checked = checkDocument(conditionSchema, condition);
  return checked.kind === 'valid' ? [] : checked.issues;
}

test.each([
  { sequence: [{ did: 'A' }, { didNot: 'B', where: { field: 'user.id', op: 'exists' } }], within: '1h' },
  { sequence: [{ did: 'A' }], within: '30d', same: 'event.properties.product_id' },
  { localTime: ['09:00', '18:00'] },
  { localTime: ['21:00:30', '08:00'], days: ['fri', 'sat'] },
  { near: { lat: 37.5, lng: 127, meters: 500 } },
  { near: { lat: -90, lng: 180, meters: 20_000 }, entered: true },
  { did: 'A', window: { calendar: 'week', count: 2, tz: 'workspace' } },
  { received: 'sent', trigger: 'self', window: { calendar: 'day' } },
])('%j is a condition', (condition) => {
  expect(issuesOf(condition)).toEqual([]);
});

describe('a condition that is not one is told where, and what would be right', () => {
  test.each([
    [{ sequence: [], within: '1h' }, 'sequence', 'empty'],
    [{ sequence: [{ did: 'A' }] }, 'within', 'expected a duration'],
    [{ sequence: [{ received: 'sent' }], within: '1h' }, 'sequence.0', '`did`, `didNot`'],
    [{ sequence: [{ did: 'A', count: { gte: 2 } }], within: '1h' }, 'sequence.0.count', "isn't a field here"],
    [{ localTime: ['9:00', '18:00'] }, 'localTime.0', 'such as `09:00`'],
    [{ localTime: ['09:00', '24:00'] }, 'localTime.1', 'such as `09:00`'],
    [{ localTime: ['09:00'] }, 'localTime', 'two times of day'],
    [{ localTime: ['09:00', '18:00'], days: ['monday'] }, 'days.0', '`mon`'],
    [{ localTime: ['09:00', '18:00'], days: [] }, 'days', 'empty'],
    [{ near: { lat: 91, lng: 0, meters: 5 } }, 'near.lat', 'at most 90'],
    [{ near: { lat: 37.5, lng: 127 } }, 'near.meters', 'is missing'],
    [{ did: 'A', window: { calendar: 'year' } }, 'window.calendar', '`month`'],
    [{ did: 'A', window: { calendar: 'day', count: 0 } }, 'window.count', 'at least 1'],
    [{ did: 'A', window: { calendar: 'day', tz: 'Asia/Seoul' } }, 'window.tz', '`workspace`'],
  ])('%j', (condition, path, message) => {
    expect(issuesOf(condition)).toMatchObject([{ path, message: expect.stringContaining(message) }]);
  });
});

describe('a cap', () => {
  const issues = (rule: object) => {
    const checked = checkDocument(POLICY_SCHEMAS.caps, { id: 'caps', rules: [{ count: 1, ...rule }] });
    return checked.kind === 'valid' ? [] : checked.issues;
  };

  test('may count calendar days, a surface, and each item by itself', () => {
    const window = { calendar: 'day', tz: 'workspace' };
    expect(issues({ window, surface: 'banner', per: ['item.id'] })).toEqual([]);
  });

  test('must not read what is not there, nor count since something', () => {
    expect(issues({ window: { last: '1d' }, per: ['item.colour'] })).toMatchObject([
      { path: 'rules.0.per.0', message: expect.stringContaining('`item` has no `colour`') },
    ]);
    expect(issues({ window: { since: 'session' } })).toMatchObject([
      { path: 'rules.0.window.since', message: expect.stringContaining('available') },
    ]);
  });
});
