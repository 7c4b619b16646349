import { describe, expect, test } from 'vitest';
import type { CallBody, CallType } from '../protocol/events.ts';
import { type Envelope, normalize } from './normalize.ts';

const RECEIVED = Date.UTC(2026, 10, 24, 12);
const mintId = () => 'minted';

function normalized(type: CallType, body: CallBody, more: Partial<Envelope> = {}) {
  const envelope: Envelope = { receivedAt: RECEIVED, origin: 'client', imported: false, ...more };
  return normalize(type, { messageId: 'm1', ...body }, envelope, mintId);
}

describe('normalize', () => {
  test('a track keeps its name and properties', () => {
    const body = { event: 'Signed Up', userId: 'u1', anonymousId: 'a1', properties: { plan: 'pro' } };
    expect(normalized('track', body)).toEqual({
      userId: 'u1',
      anonymousId: 'a1',
      event: {
        messageId: 'm1',
        name: 'Signed Up',
        timestamp: RECEIVED,
        originalAt: RECEIVED,
        receivedAt: RECEIVED,
        origin: 'client',
        properties: { plan: 'pro' },
        context: {},
      },
    });
  });

  test('a page is $page; its own name and category go to the properties', () => {
    const body = { name: 'Product', category: 'Shop', properties: { path: '/p/1', name: 'other' } };
    const { event } = normalized('page', { anonymousId: 'a1', ...body });
    expect(event.name).toBe('$page');
    expect(event.properties).toEqual({ path: '/p/1', name: 'Product', category: 'Shop' });
    expect(event.context.page).toEqual({ path: '/p/1' });
  });

  test('a page without a name of its own keeps the one in its properties', () => {
    const { event } = normalized('page', { anonymousId: 'a1', name: null, properties: { name: 'Home' } });
    expect(event.properties).toEqual({ name: 'Home' });
  });

  test('a screen is $screen', () => {
    const { event } = normalized('screen', { anonymousId: 'a1', name: 'Cart' });
    expect(event).toMatchObject({ name: '$screen', properties: { name: 'Cart' } });
  });

  test('identify takes traits from the context too, and the call’s own are the newer word', () => {
    const body = {
      userId: 'u1',
      traits: { name: 'Kim', phone: null },
      context: { traits: { name: 'old', tier: 'VIP' }, locale: 'ko' },
    };
    const { event } = normalized('identify', body);
    expect(event).toMatchObject({ name: '$identify', properties: {}, context: { locale: 'ko' } });
    expect(event.traits).toEqual({ name: 'Kim', phone: null, tier: 'VIP' });
    expect(event.context).not.toHaveProperty('traits');
  });

  test.each(['track', 'page', 'screen', 'group'] as const)('a %s sets no trait', (type) => {
    const body = { event: 'X', userId: 'u1', traits: { a: 1 }, context: { traits: { b: 2 } } };
    expect(normalized(type, body).event).not.toHaveProperty('traits');
  });

  test('a group keeps its traits as properties', () => {
    const { event } = normalized('group', { userId: 'u1', groupId: 7, traits: { name: 'Acme' } });
    expect(event).toMatchObject({ name: '$group', properties: { groupId: '7', traits: { name: 'Acme' } } });
  });

  test('an alias names who the user was', () => {
    const call = normalized('alias', { userId: 'u1', previousId: 'a1' });
    expect(call).toMatchObject({
      userId: 'u1',
      previousId: 'a1',
      event: { name: '$alias', properties: { previousId: 'a1' } },
    });
  });

  test('numbers become ids, empty ones are none', () => {
    expect(normalized('track', { event: 'X', userId: 42, anonymousId: '' })).toMatchObject({ userId: '42' });
    expect(normalized('track', { event: 'X', userId: '', anonymousId: 'a' })).not.toHaveProperty('userId');
  });

  test.each([undefined, null, ''])('an event with the messageId %j is given one', (messageId) => {
    expect(normalized('track', { event: 'X', userId: 'u', messageId } as CallBody).event.messageId).toBe(
      'minted',
    );
  });

  test('an event’s own sentAt goes before its batch’s', () => {
    const timestamp = new Date(RECEIVED - 60_000).toISOString();
    const at = (body: CallBody) =>
      normalized('track', { event: 'X', userId: 'u', timestamp, ...body }, { sentAt: RECEIVED }).event
        .timestamp;
    expect(at({})).toBe(RECEIVED - 60_000);
    expect(at({ sentAt: RECEIVED - 50_000 })).toBe(RECEIVED - 10_000);
  });

  test('an imported event says so', () => {
    expect(normalized('track', { event: 'X', userId: 'u' }, { imported: true }).event.imported).toBe(true);
  });

  test('what the edge sees is noted beside what the client says, and a client can’t forge it', () => {
    const edge = { timezone: 'Asia/Seoul', lat: 37.5, lng: 127 };
    const context = { timezone: 'Europe/Paris', edge: { lat: 0, lng: 0 } };
    expect(normalized('track', { event: 'X', userId: 'u' }, { edge }).event.context).toEqual({ edge });
    expect(normalized('track', { event: 'X', userId: 'u', context }, { edge }).event.context).toEqual({
      timezone: 'Europe/Paris',
      edge,
    });
    expect(normalized('track', { event: 'X', userId: 'u', context }).event.context).toEqual({
      timezone: 'Europe/Paris',
    });
  });

  test('keys such as __proto__ are data like any other', () => {
    const properties = JSON.parse('{"__proto__":{"admin":true},"constructor":1}');
    const { event } = normalized('track', { event: 'Product Added', userId: 'u', properties });
    expect(Object.getPrototypeOf(event.properties)).toBe(Object.prototype);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});
