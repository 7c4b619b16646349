import { describe, expect, test } from 'vitest';
import type { Segment } from '../documents.ts';
import type { Condition } from '../trigger.ts';
import { checkSegment } from './check-segment.ts';

const known = (...segments: Segment[]) => new Map(segments.map((segment) => [segment.id, segment]));
const issues = (condition: Condition, others = known()) =>
  checkSegment({ id: 'mine', if: condition }, others);
const USER: Condition = { field: 'user.traits.tier', op: 'eq', value: 'VIP' };

describe('a segment is about the user alone', () => {
  test.each<Condition>([
    USER,
    { did: 'Order Completed', where: { field: 'event.properties.total', op: 'gt', value: 1 } },
    { did: 'Order Completed', sum: { of: 'event.properties.total', is: { gte: 100 } } },
    { sequence: [{ did: 'A' }, { did: 'B' }], within: '1d', same: 'event.properties.cart_id' },
    { did: 'Hello', where: { near: { lat: 37, lng: 127, meters: 500 } } },
    { received: 'sent', trigger: 'hello' },
    { localTime: ['09:00', '18:00'] },
  ])('and may ask %j', (condition) => {
    expect(issues(condition)).toEqual([]);
  });

  test.each<[Condition, string]>([
    [{ occurrence: 'first_ever' }, 'if.occurrence'],
    [{ any: [{ relation: 'liked' }] }, 'if.any.0.relation'],
    [{ near: { lat: 37, lng: 127, meters: 500 } }, 'if.near'],
    [{ did: 'X', where: { relation: 'liked' } }, 'if.where.relation'],
  ])('and never of the event being decided: %j', (condition, path) => {
    expect(issues(condition)).toMatchObject([
      { path, message: 'speaks of the event being decided; a segment is about the user' },
    ]);
  });

  test.each<[Condition, string, string]>([
    [{ not: { field: 'event.name', op: 'eq', value: 'X' } }, 'if.not.field', 'event.name'],
    [{ field: 'item.price', op: 'gt', value: 1 }, 'if.field', 'item.price'],
    [{ ...USER, value: { ref: 'item.brand' } } as Condition, 'if.value.ref', 'item.brand'],
    [{ did: 'X', where: { field: 'entry.event.name', op: 'exists' } }, 'if.where.field', 'entry.event.name'],
  ])('and reads nothing else: %j', (condition, path, read) => {
    expect(issues(condition)).toMatchObject([
      {
        path,
        message: `\`${read}\` speaks of the event being decided; a segment reads \`user.\`, and \`event.\` inside a \`where\``,
      },
    ]);
  });

  test.each<Condition>([
    { received: 'sent', trigger: 'self' },
    { received: 'sent', trigger: 'hello', sameKey: true },
  ])('and belongs to no trigger: %j', (condition) => {
    expect(issues(condition)).toMatchObject([
      { path: 'if', message: '`self` and `sameKey` speak of a trigger; a segment belongs to none' },
    ]);
  });

  test('and keeps to what any condition keeps to', () => {
    expect(issues({ field: 'user.trait', op: 'exists' })).toMatchObject([
      { path: 'if.field', message: expect.stringContaining('`user` has no `trait`') },
    ]);
  });
});

describe('a segment that asks another', () => {
  const asks = (id: string, ...others: string[]): Segment => ({
    id,
    if: { all: others.map((segment) => ({ segment })) },
  });

  test('needs it to be there', () => {
    expect(issues({ any: [USER, { segment: 'vip' }] })).toMatchObject([
      { path: 'if.any.1.segment', message: 'there is no segment `vip`' },
    ]);
    expect(issues({ segment: 'vip' }, known({ id: 'vip', if: USER }))).toEqual([]);
  });

  test('must not come back to itself, however long the way', () => {
    const round = { path: 'if.segment', message: expect.stringContaining('defined by `mine` itself') };
    expect(issues({ segment: 'mine' })).toMatchObject([
      { path: 'if.segment', message: '`mine` is, in the end, defined by `mine` itself' },
    ]);
    expect(issues({ segment: 'a' }, known(asks('a', 'b'), asks('b', 'c', 'mine'), asks('c', 'a')))).toEqual([
      round,
    ]);
  });

  test('is told from others that go round among themselves', () => {
    expect(issues({ segment: 'a' }, known(asks('a', 'b'), asks('b', 'a', 'gone')))).toEqual([]);
  });
});
