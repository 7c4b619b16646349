import { describe, expect, test } from 'vitest';
import { aConfig, aTriggerIf, products } from '../../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../../testing/virtual-profile.ts';
import type { Condition, Count } from '../../trigger.ts';

const VIEW = 'Product Viewed';
const sameProduct: Condition = {
  field: 'event.properties.product_id',
  op: 'eq',
  value: { ref: 'entry.event.properties.product_id' },
};

function judgedBy(condition: Condition, event = 'Hello') {
  return new VirtualProfile({
    config: aConfig({
      triggers: [aTriggerIf(condition, { entry: { on: [{ event }] }, delivery: { caps: 'exempt' } })],
    }),
  });
}
const fires = (profile: VirtualProfile, name = 'Hello', properties = {}, options = {}) =>
  reasonOf(profile.track(name, properties, options)) !== 'not_matched';

describe('did', () => {
  test('counts the event that is being decided', () => {
    const profile = judgedBy({ did: VIEW, count: { eq: 3 } }, VIEW);
    expect([1, 2, 3, 4, 5].map(() => fires(profile, VIEW))).toEqual([false, false, true, false, false]);
  });

  test('counts only events that its where lets through, of the same product as the one decided', () => {
    const profile = judgedBy({ did: VIEW, where: sameProduct, count: { eq: 3 } }, VIEW);
    const views = ['a', 'b', 'a', 'b', 'c', 'a', 'a', 'b'];
    expect(views.map((id) => fires(profile, VIEW, products(id)))).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
      false,
      true,
    ]);
  });

  test('asks for one at least, unless told otherwise', () => {
    const profile = judgedBy({ did: VIEW });
    expect(fires(profile)).toBe(false);
    profile.track(VIEW);
    expect(fires(profile)).toBe(true);
  });

  test.each<[Count, boolean[]]>([
    [{ eq: 0 }, [true, false, false, false]],
    [{ gte: 1, lte: 2 }, [false, true, true, false]],
    [{ gt: 1 }, [false, false, true, true]],
    [{ lt: 2 }, [true, true, false, false]],
    [{}, [true, true, true, true]],
  ])('%j of 0, 1, 2, 3 events', (count, expected) => {
    const profile = judgedBy({ did: VIEW, count });
    const judged = expected.map(() => {
      const holds = fires(profile);
      profile.track(VIEW);
      return holds;
    });
    expect(judged).toEqual(expected);
  });

  test('does not count a repeated event', () => {
    const profile = judgedBy({ did: VIEW, count: { eq: 2 } }, VIEW);
    profile.track(VIEW, {}, { messageId: 'once' });
    expect(profile.track(VIEW, {}, { messageId: 'once' }).duplicate).toBe(true);
    expect(fires(profile, VIEW)).toBe(true);
  });

  test('says how many it counted', () => {
    const profile = judgedBy({ did: VIEW, count: { gte: 3 } });
    profile.track(VIEW);
    expect(traceOf(profile.track('Hello'))).toMatchObject({ path: 'entry.if.count', values: { count: 1 } });
  });

  test('counts what was imported', () => {
    const profile = judgedBy({ did: VIEW, count: { eq: 3 } }, VIEW);
    profile.track(VIEW, {}, { imported: true });
    profile.track(VIEW, {}, { imported: true });
    expect(fires(profile, VIEW)).toBe(true);
  });

  test('sees distinct values, however often they come', () => {
    const profile = judgedBy({ did: VIEW, distinct: 'event.properties.product_id', count: { gte: 2 } });
    for (const id of ['a', 'a', 'a']) profile.track(VIEW, products(id));
    expect(fires(profile)).toBe(false);
    profile.track(VIEW, products('b'));
    expect(fires(profile)).toBe(true);
  });

  test('adds up what is a number', () => {
    const profile = judgedBy({
      did: 'Order Completed',
      sum: { of: 'event.properties.revenue', is: { gte: 100 } },
    });
    profile.track('Order Completed', { revenue: 60 });
    profile.track('Order Completed', { revenue: '1000' });
    profile.track('Order Completed', {});
    expect(fires(profile)).toBe(false);
    profile.track('Order Completed', { revenue: 40 });
    expect(fires(profile)).toBe(true);
  });
});

describe('didNot', () => {
  test('holds until it happened', () => {
    const profile = judgedBy({ didNot: 'Signed Up' });
    expect(fires(profile)).toBe(true);
    profile.track('Signed Up');
    expect(fires(profile)).toBe(false);
  });

  test('is false for the very event that is being decided', () => {
    expect(fires(judgedBy({ didNot: 'Signed Up' }, 'Signed Up'), 'Signed Up')).toBe(false);
  });

  test('minds only events that its where lets through', () => {
    const profile = judgedBy({ didNot: VIEW, where: sameProduct });
    profile.track(VIEW, products('a'));
    expect(fires(profile, 'Hello', { product_id: 'a' })).toBe(false);
    expect(fires(profile, 'Hello', { product_id: 'b' })).toBe(true);
  });
});

describe('a window', () => {
  test('ends open at its older end: an event just as old as the window is outside', () => {
    const profile = judgedBy({ did: VIEW, window: { last: '30d' } });
    profile.track(VIEW);
    profile.advanceTo(profile.now + 30 * 86_400_000 - 1);
    expect(fires(profile)).toBe(true);
    profile.advanceTo(profile.now + 1);
    expect(fires(profile)).toBe(false);
  });

  test('rolls: the third view within it fires, whenever the first was', () => {
    const profile = judgedBy({ did: VIEW, count: { eq: 3 }, window: { last: '30d' } }, VIEW);
    const fired = ['0s', '19d', '11d', '1d'].map((pause) => {
      profile.advance(pause);
      return fires(profile, VIEW);
    });
    expect(fired).toEqual([false, false, false, true]);
  });

  test('is told by the time of the events, not by that of their arrival', () => {
    const profile = judgedBy({ did: VIEW, window: { last: '1h' } });
    profile.track(VIEW, {}, { timestamp: profile.now - 7_200_000 });
    expect(fires(profile)).toBe(false);
  });

  test('since the session began leaves out the session before', () => {
    const profile = judgedBy({ did: VIEW, window: { since: 'session' } });
    profile.track(VIEW);
    expect(fires(profile)).toBe(true);
    profile.advance('31m');
    expect(fires(profile)).toBe(false);
    profile.track(VIEW);
    expect(fires(profile)).toBe(true);
  });

  test('since the session began holds the event that opened it', () => {
    expect(fires(judgedBy({ did: 'Hello', window: { since: 'session' } }))).toBe(true);
  });

  test('since entry holds what started the run, and nothing before', () => {
    const profile = judgedBy({ did: 'Hello', count: { eq: 1 }, window: { since: 'entry' } });
    profile.track('Hello');
    profile.advance('1s');
    expect(fires(profile)).toBe(true);
  });
});

describe('occurrence', () => {
  test('first_ever holds for the first event of its name in the profile’s life', () => {
    const profile = judgedBy({ occurrence: 'first_ever' });
    profile.track('Other');
    expect([fires(profile), fires(profile)]).toEqual([true, false]);
    profile.advance('365d');
    expect(fires(profile)).toBe(false);
  });

  test('first_in_session holds once in each session', () => {
    const profile = judgedBy({ occurrence: 'first_in_session' });
    profile.track('Other');
    const first = [fires(profile), fires(profile)];
    profile.advance('30m');
    const stillTheSame = fires(profile);
    profile.advance('31m');
    const second = [fires(profile), fires(profile)];
    expect([first, stillTheSame, second]).toEqual([[true, false], false, [true, false]]);
  });

  test('is of each name by itself', () => {
    const profile = judgedBy({ occurrence: 'first_ever' });
    for (const name of ['__proto__', 'constructor', 'toString']) profile.track(name);
    expect(fires(profile)).toBe(true);
  });

  test('first_ever is past once the event was imported', () => {
    const profile = judgedBy({ occurrence: 'first_ever' });
    profile.track('Hello', {}, { imported: true });
    expect(fires(profile)).toBe(false);
  });
});
