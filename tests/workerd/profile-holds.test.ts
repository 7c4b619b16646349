/** What waits in a profile: held messages, runs that listen, goals; through sleep, alarms and new versions. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { admin } from '../support/admin-client.ts';
import { meter } from '../support/profile-meter.ts';
import {
  alarmAt,
  anEvent,
  at,
  due,
  outboxOf,
  publish,
  ring,
  START,
  send,
  sleep,
  startClock,
  stateOnDisk,
  user,
} from '../support/profile-world.ts';

vi.setConfig({ testTimeout: 20_000 });
const HOUR = 3_600;

beforeAll(async () => {
  // It is noon in Seoul when a test begins.
  await publish(
    {
      id: 'later',
      entry: { on: [{ event: 'Later' }] },
      exit: [{ on: { event: 'Bye' } }],
      delivery: { sendWindow: { from: '13:00', to: '14:00' } },
    },
    ['push'],
    { defaultLocale: 'ko', locales: { ko: { push: { title: 'Later', body: 'later' } } } },
  );
  await publish({
    id: 'aims',
    entry: { on: [{ event: 'Aim' }] },
    goals: [{ id: 'buy', on: { event: 'Order Completed' }, within: '7d', value: 'event.properties.revenue' }],
  });
  await publish({
    id: 'asks',
    entry: { on: [{ event: 'Ask' }] },
    steps: [
      { id: 'ask', waitFor: { event: 'Answer' }, timeout: '1h', onTimeout: 'end' },
      { id: 'send', send: { channels: ['in_app'], template: 'asks', surface: 'answer' } },
      { id: 'end', end: true },
    ],
  });
});
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

describe('a held message', () => {
  it('is announced, sleeps with its profile, and leaves by the alarm under the id it was announced under', async () => {
    const ref = await user('held');
    const { facts } = await meter(ref);
    await send(ref, [anEvent('Later')]);
    const told = facts.calls.flat().flatMap((body) => body.facts);
    const held = told.find(({ kind }) => kind === 'message_held')?.message;
    expect(held).toMatchObject({ trigger: 'later', channel: 'push', reason: 'quiet_hold' });
    expect(await outboxOf(ref)).not.toContain(held?.id);
    await sleep(ref);
    expect([...((await stateOnDisk(ref))?.runs.values() ?? [])].map(({ dueAt }) => dueAt)).toEqual([
      START + HOUR * 1_000,
    ]);
    expect(await alarmAt(ref)).toBeLessThanOrEqual(START + HOUR * 1_000);
    at(HOUR);
    await meter(ref);
    await ring(ref);
    expect(await outboxOf(ref)).toContain(held?.id);
  });

  it('that an exit takes back is told as cancelled', async () => {
    const ref = await user('taken back');
    const { facts } = await meter(ref);
    await send(ref, [anEvent('Later')]);
    await send(ref, [anEvent('Bye')]);
    const told = facts.calls.flat().flatMap((body) => body.facts);
    expect(told.map(({ kind, message }) => [kind, message?.reason])).toEqual([
      ['profile_created', undefined],
      ['message_held', 'quiet_hold'],
      ['message_cancelled', 'exited'],
    ]);
  });
});

describe('a run that listens', () => {
  it('goes on in the answer to the event that it waited for, after a sleep too', async () => {
    const ref = await user('listening');
    await send(ref, [anEvent('Ask')]);
    await sleep(ref);
    await send(ref, [anEvent('Answer')]);
    expect((await due(ref)).map(({ surface }) => surface)).toEqual(['answer']);
  });
});

describe('a goal', () => {
  it('of a version that is no longer in force still converts', async () => {
    const ref = await user('aiming');
    const { facts } = await meter(ref);
    await send(ref, [anEvent('Aim')]);
    const [message] = await due(ref);
    await send(ref, [anEvent('Message Viewed', { message_id: message?.id ?? '' })]);
    const { body } = await admin('GET', 'triggers/aims');
    const draft = { ...body, name: 'Second', goals: [] };
    expect((await admin('PUT', 'triggers/aims', draft)).status).toBe(200);
    expect((await admin('POST', 'triggers/aims/activate')).status).toBe(200);
    await sleep(ref);
    at(60);
    const again = await meter(ref);
    facts.calls.length = 0;
    await send(ref, [anEvent('Order Completed', { revenue: 7 })]);
    const told = again.facts.calls.flat().flatMap((one) => one.facts);
    expect(told.flatMap(({ conversion }) => (conversion ? [conversion] : []))).toMatchObject([
      { trigger: 'aims', version: 1, goal: 'buy', value: 7 },
    ]);
  });
});
