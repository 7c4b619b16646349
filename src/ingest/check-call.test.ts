import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CALL_SCHEMAS, CALL_TYPES, MAX_EVENT_BYTES } from '../protocol/events.ts';
import { checkCall, isCall } from './check-call.ts';

const track = { event: 'Product Viewed', userId: 'u1' };

describe('checkCall', () => {
  test.each([
    ['no event', { userId: 'u1' }, 'event'],
    ['an empty event', { ...track, event: '' }, 'event'],
    ['an event that is no name', { ...track, event: 7 }, 'event'],
    ['a reserved name', { ...track, event: '$page' }, 'event'],
    ['nobody', { event: 'X' }, 'userId'],
    ['an empty userId', { event: 'X', userId: '' }, 'userId'],
    ['a userId that is an object', { event: 'X', userId: {} }, 'userId'],
    ['a messageId of 100 characters', { ...track, messageId: 'm'.repeat(100) }, 'messageId'],
    ['a messageId that is a number', { ...track, messageId: 1 }, 'messageId'],
    ['properties that are a list', { ...track, properties: [] }, 'properties'],
    ['a context that is a text', { ...track, context: 'web' }, 'context'],
  ])('says where a track with %s is wrong', (_what, body, path) => {
    const checked = checkCall('track', body, true);
    expect(checked).toMatchObject({ ok: false, code: 'invalid_request', issues: [{ path }] });
    expect(checked.ok ? '' : checked.message).toContain(path);
  });

  test.each([
    ['a number as id', { ...track, userId: 42 }],
    ['an anonymousId alone', { event: 'X', anonymousId: 'a1' }],
    ['nulls', { ...track, anonymousId: null, properties: null, context: null, messageId: null }],
    ['fields of its own', { ...track, _metadata: { a: 1 }, integrations: { All: false } }],
    ['a messageId of 99 characters', { ...track, messageId: 'm'.repeat(99) }],
  ])('takes a track with %s', (_what, body) => {
    expect(checkCall('track', body, true).ok).toBe(true);
  });

  test('an alias needs both ids', () => {
    expect(checkCall('alias', { userId: 'u', previousId: 'a' }, true).ok).toBe(true);
    expect(checkCall('alias', { userId: 'u' }, true)).toMatchObject({ issues: [{ path: 'previousId' }] });
    expect(checkCall('alias', { previousId: 'a', anonymousId: 'b' }, true)).toMatchObject({
      issues: [{ path: 'userId' }],
    });
  });

  test.each([undefined, 'charge', 7, 'toString'])('names the types there are for type %j', (type) => {
    expect(checkCall(type, track, true)).toMatchObject({
      ok: false,
      message: expect.stringContaining('track, identify, page'),
    });
  });

  test.each([
    ['ASCII', 'a', 1],
    ['Hangul', '가', 3],
  ])('an event may have 32 KB in UTF-8 and not a byte more (%s)', (_name, letter, width) => {
    const room = MAX_EVENT_BYTES - JSON.stringify({ ...track, properties: { t: '' } }).length;
    const letters = Math.floor(room / width);
    const text = letter.repeat(letters) + 'x'.repeat(room - letters * width);
    expect(checkCall('track', { ...track, properties: { t: text } }, true).ok).toBe(true);
    expect(checkCall('track', { ...track, properties: { t: `${text}x` } }, true)).toMatchObject({
      ok: false,
      code: 'too_large',
      message: expect.stringContaining('32 KB'),
    });
  });

  test('an event that nests to the bottom of the stack is refused, not fatal', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(checkCall('track', { ...track, properties: { deep } }, true)).toMatchObject({ ok: false });
  });

  test('agrees with the schemas on every input', () => {
    const value = fc.oneof(
      fc.constantFrom(undefined, null, '', '$page', 'X', 'm'.repeat(99), 'm'.repeat(100), 'i'.repeat(513)),
      fc.constantFrom(0, 1, Number.POSITIVE_INFINITY, true, [], [1], {}, { a: [{}] }),
    );
    const fields = [
      'event',
      'userId',
      'anonymousId',
      'previousId',
      'groupId',
      'messageId',
      'properties',
      'traits',
      'context',
    ];
    const anyCall = fc.oneof(
      fc.record(Object.fromEntries(fields.map((field) => [field, value])), { requiredKeys: [] }),
      value,
    );
    fc.assert(
      fc.property(fc.constantFrom(...CALL_TYPES), anyCall, (type, raw) => {
        expect(isCall(type, raw)).toBe(CALL_SCHEMAS[type].safeParse(raw).success);
      }),
      { numRuns: 2_000 },
    );
  });
});
