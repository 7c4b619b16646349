import { describe, expect, test } from 'vitest';
import { checkConditions } from '../../checks/check-condition.ts';
import { within } from '../../checks/walk-conditions.ts';
import { aConfig, aTrigger, aTriggerIf, send } from '../../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../../testing/virtual-profile.ts';
import type { NearCondition } from '../../trigger.ts';
import { metersBetween } from '../geo.ts';

const STORE = { lat: 37.5006, lng: 127.0364 };
/** 111 m further north. */
const DOOR = { lat: 37.5016, lng: 127.0364 };
const BUSAN = { lat: 35.1796, lng: 129.0756 };

function living(condition: NearCondition, consent = true): VirtualProfile {
  const profile = new VirtualProfile({ config: aConfig({ triggers: [aTriggerIf(condition)] }) });
  if (consent) profile.consent('push', true, { purpose: 'location' });
  return profile;
}

const nearStore: NearCondition = { near: { ...STORE, meters: 200 } };

test('metres are measured along the earth', () => {
  expect(metersBetween(STORE, DOOR)).toBeCloseTo(111.2, 0);
  expect(metersBetween({ lat: 37.5665, lng: 126.978 }, BUSAN) / 1_000).toBeCloseTo(325, 0);
  expect(metersBetween({ lat: 0, lng: 179.999 }, { lat: 0, lng: -179.999 })).toBeCloseTo(222.4, 0);
  expect(metersBetween(STORE, STORE)).toBe(0);
});

describe('near a place', () => {
  test.each([
    ['lat and lng among the properties', { ...DOOR }, {}],
    ['latitude and longitude', { latitude: DOOR.lat, longitude: DOOR.lng }, {}],
    ['the context’s location', {}, { location: { latitude: DOOR.lat, longitude: DOOR.lng, city: 'Seoul' } }],
    ['the context’s location before the properties', { ...BUSAN }, { location: { ...DOOR } }],
  ])('is read from %s', (_, properties, context) => {
    expect(reasonOf(living(nearStore).track('Hello', properties, { context }))).toBe('sent');
  });

  test('says how far off it was', () => {
    const decision = living({ near: { ...STORE, meters: 100 } }).track('Hello', { ...DOOR });
    expect(traceOf(decision)).toMatchObject({
      reason: 'not_matched',
      path: 'entry.if',
      values: { meters: 111 },
    });
  });

  test.each([
    {},
    { lat: 37.5 },
    { lat: '37.5', lng: '127.03' },
    { lat: 91, lng: 0 },
    { lat: null, lng: null },
  ])('is false where %j tells no place', (properties) => {
    expect(traceOf(living(nearStore).track('Hello', properties))).toMatchObject({
      reason: 'not_matched',
      values: { meters: null },
    });
  });

  test('is false without consent to the use of places, or once it is withdrawn', () => {
    const profile = living(nearStore, false);
    expect(traceOf(profile.track('Hello', { ...DOOR }))).toMatchObject({
      values: { locationConsent: false },
    });
    profile.consent('email', true);
    expect(reasonOf(profile.track('Hello', { ...DOOR }))).toBe('not_matched');
    profile.consent('email', true, { purpose: 'location' });
    expect(reasonOf(profile.track('Hello', { ...DOOR }))).toBe('sent');
    profile.advance('1h');
    profile.consent('push', false, { purpose: 'location' });
    expect(reasonOf(profile.track('Hello', { ...DOOR }))).toBe('not_matched');
  });

  test('falls back to what the edge sees of the user’s own request, for 20 km and more', () => {
    const context = { edge: { ...DOOR, timezone: 'Asia/Seoul' } };
    const far: NearCondition = { near: { ...STORE, meters: 20_000 } };
    expect(reasonOf(living(far).track('Hello', {}, { context }))).toBe('sent');
    expect(reasonOf(living({ near: { ...STORE, meters: 19_999 } }).track('Hello', {}, { context }))).toBe(
      'not_matched',
    );
    expect(reasonOf(living(far).track('Hello', { ...BUSAN }, { context }))).toBe('not_matched');
  });

  test('still holds for the same run when it is asked again before sending', () => {
    const trigger = aTrigger({
      steps: [{ id: 'wait', wait: '10m' }, send()],
      delivery: { recheck: nearStore },
    });
    const profile = new VirtualProfile({ config: aConfig({ triggers: [trigger] }) });
    profile.consent('push', true, { purpose: 'location' });
    profile.track('Hello', {}, { context: { location: { ...DOOR, city: 'Seoul' } } });
    expect([...profile.state.runs.values()][0]?.entry.event.context.location).toEqual(DOOR);
    profile.advance('10m');
    expect(profile.sends()).toBe(1);
  });

  test('may count past events by the place in their properties', () => {
    const profile = new VirtualProfile({
      config: aConfig({ triggers: [aTriggerIf({ did: 'Checked In', where: nearStore, count: { gte: 2 } })] }),
    });
    profile.consent('push', true, { purpose: 'location' });
    for (const place of [DOOR, BUSAN, STORE]) profile.track('Checked In', { ...place });
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
  });
});

describe('entering', () => {
  const entered: NearCondition = { ...nearStore, entered: true };

  test('fires on crossing in, and not while inside', () => {
    const profile = living(entered);
    expect(reasonOf(profile.track('Hello', { ...BUSAN }))).toBe('not_matched');
    expect(reasonOf(profile.track('Hello', { ...DOOR }))).toBe('sent');
    expect(traceOf(profile.track('Hello', { ...STORE }))).toMatchObject({
      values: { meters: 0, metersBefore: 111 },
    });
    expect(reasonOf(profile.track('Hello', { ...BUSAN }))).toBe('not_matched');
    expect(reasonOf(profile.track('Hello', { ...DOOR }))).toBe('sent');
  });

  test('any event that tells a place moves the user', () => {
    const profile = living(entered);
    profile.track('Location Updated', { ...BUSAN });
    profile.track('Something Else');
    expect(reasonOf(profile.track('Hello', { ...DOOR }))).toBe('sent');
  });

  test('is nothing that the first known place does', () => {
    expect(traceOf(living(entered).track('Hello', { ...DOOR }))).toMatchObject({
      reason: 'not_matched',
      values: { meters: 111, metersBefore: null },
    });
  });

  test('never rests on the edge’s place, and the edge’s place moves nobody', () => {
    const wide: NearCondition = { near: { ...STORE, meters: 30_000 }, entered: true };
    const profile = living(wide);
    profile.track('Hello', { ...BUSAN });
    expect(reasonOf(profile.track('Hello', {}, { context: { edge: { ...DOOR } } }))).toBe('not_matched');
    expect(reasonOf(profile.track('Hello', { ...DOOR }))).toBe('sent');
  });

  test('isn’t told by a place that arrives late', () => {
    const profile = living(entered);
    profile.advance('1h');
    profile.track('Hello', { ...BUSAN });
    expect(reasonOf(profile.track('Hello', { ...DOOR }, { timestamp: profile.now - 60_000 }))).toBe(
      'not_matched',
    );
    expect(profile.state.meta.place).toMatchObject(BUSAN);
  });

  test('no place is remembered without consent, and none that was stays when it is withdrawn', () => {
    const profile = living(entered, false);
    profile.track('Hello', { ...BUSAN });
    expect(profile.state.meta.place).toBeNull();
    profile.consent('push', true, { purpose: 'location' });
    profile.track('Hello', { ...BUSAN });
    expect(profile.state.meta.place).toMatchObject(BUSAN);
    profile.consent('push', false, { purpose: 'location', timestamp: profile.now + 1 });
    expect(profile.state.meta.place).toBeNull();
  });

  test('can’t be asked of past events, which stand outside of any crossing', () => {
    const issues = checkConditions(within({ did: 'X', where: entered }, 'if'));
    expect(issues).toEqual([{ path: 'if.where.entered', message: expect.stringContaining('cross in') }]);
    expect(checkConditions(within(entered, 'entry.on.0.where', 0, true))).toEqual([]);
  });
});
