import { describe, expect, test } from 'vitest';
import { aConfig, aTriggerIf, products } from '../../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../../testing/virtual-profile.ts';
import type { Condition, FieldCondition } from '../../trigger.ts';
import type { JsonObject } from '../../vocabulary.ts';

function judge(condition: Condition, properties: JsonObject, traits: JsonObject = {}) {
  const profile = new VirtualProfile({ config: aConfig({ triggers: [aTriggerIf(condition)] }) });
  profile.identify(traits);
  return profile.track('Hello', properties);
}
const matches = (...life: Parameters<typeof judge>) => reasonOf(judge(...life)) === 'sent';
const field = (path: string, rest: Omit<FieldCondition, 'field'>): Condition => ({ field: path, ...rest });

describe('a field', () => {
  test.each(['ne', 'lt', 'lte'] as const)('that is missing is not %s, unless orMissing says so', (op) => {
    expect(matches(field('event.properties.n', { op, value: 5 }), {})).toBe(false);
    expect(matches(field('event.properties.n', { op, value: 5 }), { n: null })).toBe(false);
    expect(matches(field('event.properties.n', { op, value: 5, orMissing: true }), {})).toBe(true);
    expect(matches(field('event.properties.n', { op, value: 5, orMissing: true }), { n: null })).toBe(true);
  });

  test('that holds an empty list is missing', () => {
    const condition = field('event.properties.list', { op: 'eq', value: 'x', orMissing: true });
    expect(matches(condition, { list: [] })).toBe(true);
    expect(matches(condition, { list: ['y'] })).toBe(false);
  });

  test('that is 0, empty or false is not missing', () => {
    const condition = field('event.properties.n', { op: 'eq', value: 'x', orMissing: true });
    for (const n of [0, '', false]) expect(matches(condition, { n })).toBe(false);
  });

  test('across an array holds where any element does', () => {
    const condition = field('event.properties.products.category', { op: 'eq', value: '반지' });
    const order = products({ product_id: 'a', category: '목걸이' }, { product_id: 'b', category: '반지' });
    expect(matches(condition, order)).toBe(true);
    expect(matches(field('event.properties.products.price', { op: 'gt', value: 1 }), order)).toBe(false);
  });

  test('across arrays in arrays sees every element', () => {
    const condition = field('event.properties.a.b.c', { op: 'eq', value: 3 });
    expect(matches(condition, { a: [{ b: [{ c: 1 }, { c: 2 }] }, { b: { c: 3 } }, 7, null] })).toBe(true);
  });

  test('is compared with what another path yields, any of it', () => {
    const condition = field('event.properties.category', {
      op: 'eq',
      value: { ref: 'user.traits.interests' },
    });
    expect(matches(condition, { category: '반지' }, { interests: ['목걸이', '반지'] })).toBe(true);
    expect(matches(condition, { category: '팔찌' }, { interests: ['목걸이', '반지'] })).toBe(false);
    expect(matches(condition, { category: '팔찌' }, { interests: '팔찌' })).toBe(true);
  });

  test('is compared with a whole list where the operator takes one', () => {
    const any = field('event.properties.products.product_id', {
      op: 'hasAll',
      value: { ref: 'user.traits.wanted.id' },
    });
    const wanted = { wanted: [{ id: 'a' }, { id: 'b' }] };
    expect(matches(any, products('a', 'b', 'c'), wanted)).toBe(true);
    expect(matches(any, products('a', 'c'), wanted)).toBe(false);
  });

  test('never equals what is missing', () => {
    for (const op of ['eq', 'ne', 'in', 'hasAll', 'hasAny', 'lt'] as const) {
      expect(matches(field('event.properties.n', { op, value: { ref: 'user.traits.n' } }), { n: 1 })).toBe(
        false,
      );
    }
  });

  test('exists without a value', () => {
    expect(matches(field('event.properties.n', { op: 'exists' }), { n: 0 })).toBe(true);
    expect(matches(field('event.properties.n', { op: 'missing' }), {})).toBe(true);
  });

  test('that fails says where it stands, and what it saw', () => {
    const decision = judge(
      { all: [field('user.traits.tier', { op: 'eq', value: 'VIP' })] },
      {},
      { tier: 'GOLD' },
    );
    expect(traceOf(decision)).toEqual({
      id: 'hello',
      version: 1,
      reason: 'not_matched',
      path: 'entry.if.all.0',
      values: { 'user.traits.tier': 'GOLD' },
    });
  });
});

describe('paths', () => {
  test.each([
    ['event.name', 'Hello'],
    ['event.messageId', 'm-1'],
    ['event.context.page.path', '/home'],
    ['user.id', 'u1'],
    ['user.known', true],
    ['user.locale', 'ko-KR'],
    ['user.timezone', 'Asia/Seoul'],
    ['user.cart.count', 0],
    ['user.cart.value', 0],
    ['user.orders.count', 0],
    ['user.sessions.count', 1],
    ['entry.event.name', 'Hello'],
    ['entry.event.properties.deep.er', 1],
  ])('%s reads %j', (path, value) => {
    const profile = new VirtualProfile({
      config: aConfig({ triggers: [aTriggerIf(field(path, { op: 'eq', value }))] }),
    });
    const context = { page: { path: '/home' }, locale: 'ko-KR', timezone: 'Asia/Seoul' };
    const decision = profile.track('Hello', { deep: { er: 1 } }, { messageId: 'm-1', context });
    expect(traceOf(decision)).toMatchObject({ reason: 'sent' });
  });

  test.each([
    'user.cart.oldestAt',
    'user.orders.lastAt',
    'user.lastViewed.id',
    'session.page.path',
    'item.id',
  ])('%s is missing where there is none', (path) => {
    expect(matches(field(path, { op: 'missing' }), {})).toBe(true);
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'read %s only where somebody set it',
    (name) => {
      const there = field(`event.properties.${name}`, { op: 'exists' });
      expect(matches(there, {})).toBe(false);
      expect(matches(there, JSON.parse(`{"${name}": 1}`))).toBe(true);
      expect(matches(field(`user.traits.${name}`, { op: 'exists' }), {})).toBe(false);
      expect(matches(field(`user.traits.${name}`, { op: 'exists' }), {}, JSON.parse(`{"${name}": 1}`))).toBe(
        true,
      );
    },
  );

  test('the cart adds up price × quantity over distinct products, and knows its oldest', () => {
    const cart = (path: string, value: number) =>
      aTriggerIf(field(`user.cart.${path}`, { op: 'eq', value }), { id: `cart-${path}` });
    const profile = new VirtualProfile({ config: aConfig() });
    const bornAt = profile.now;
    profile.track('Product Added', products({ product_id: 'a', price: 100, quantity: 2 }));
    profile.advance('1m');
    profile.track('Product Added', products({ product_id: 'b', price: 30 }));
    profile.track('Product Added', products({ product_id: 'a', price: 100, quantity: 1 }));
    profile.config = aConfig({ triggers: [cart('count', 2), cart('value', 330), cart('oldestAt', bornAt)] });
    const decision = profile.track('Hello');
    const said = decision.trace.map(({ id, reason, values }) => [id, reason, values]);
    expect(said.filter(([, reason]) => reason === 'not_matched')).toEqual([]);
  });

  test('the last product looked at is the newest by its own time', () => {
    const profile = new VirtualProfile({
      config: aConfig({ triggers: [aTriggerIf(field('user.lastViewed.id', { op: 'eq', value: 'new' }))] }),
    });
    profile.track('Product Viewed', products('new'));
    profile.track('Product Viewed', products('old'), { timestamp: profile.now - 1_000 });
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
  });
});

describe('all, any and not', () => {
  const yes: Condition = field('event.name', { op: 'exists' });
  const no: Condition = field('event.name', { op: 'missing' });

  test.each<[Condition, boolean]>([
    [{ all: [yes, yes] }, true],
    [{ all: [yes, no] }, false],
    [{ any: [no, yes] }, true],
    [{ any: [no, no] }, false],
    [{ not: no }, true],
    [{ not: { not: yes } }, true],
    [{ not: { any: [no, { all: [yes, yes] }] } }, false],
  ])('%j is %j', (condition, expected) => {
    expect(matches(condition, {})).toBe(expected);
  });

  test('a failing any tells of all it saw', () => {
    const one = field('event.properties.a', { op: 'eq', value: 1 });
    const two = field('event.properties.b', { op: 'eq', value: 2 });
    expect(traceOf(judge({ any: [one, two] }, { a: 2 }))).toMatchObject({
      path: 'entry.if.any',
      values: { 'event.properties.a': 2, 'event.properties.b': null },
    });
  });
});
