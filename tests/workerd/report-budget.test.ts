/** What reports cost, row by row: nothing where no live document asks for them, and so much where one does. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dropConfig } from '../../src/store/config-cache.ts';
import { admin } from '../support/admin-client.ts';
import { type Cost, meter } from '../support/profile-meter.ts';
import {
  anEvent,
  at,
  outboxOf,
  profileOf,
  publish,
  readyAt,
  ring,
  send,
  startClock,
  user,
} from '../support/profile-world.ts';

const NOTHING: Cost = { rows: 0, alarms: 0, commits: 0, dispatches: 0, factBatches: 0, statements: 0 };
const ONE_ROW: Cost = { ...NOTHING, rows: 1, commits: 1 };

beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

async function aSettledProfile(id: string) {
  const ref = await user(id);
  const metered = await meter(ref);
  await send(ref, [anEvent('Began')]);
  await settle(ref);
  at(60);
  await ring(ref);
  return { ref, ...metered };
}

const seqsOf = async (ref: Awaited<ReturnType<typeof user>>) =>
  (await outboxOf(ref)).flatMap((id) => (id.startsWith('fact:') ? [Number(id.slice(5))] : []));
const settle = async (ref: Awaited<ReturnType<typeof user>>) => profileOf(ref).settleFacts(await seqsOf(ref));

describe('the bill of reports', () => {
  it('of days and stages is one batch of facts on the day’s first event, and nothing on the others', async () => {
    await admin('PUT', 'policies/reports', { journey: true, activity: true });
    dropConfig();
    const { ref, cost } = await aSettledProfile('daily');
    await readyAt(61);
    expect(await cost(() => send(ref, [anEvent('Opened')]))).toEqual(ONE_ROW);
    await readyAt(86_400 * 2);
    const first = await cost(() => send(ref, [anEvent('Opened')]));
    expect(first).toMatchObject({ rows: 1, commits: 1, factBatches: 1, dispatches: 0, statements: 0 });
    expect(await cost(() => settle(ref))).toMatchObject({ rows: 1, commits: 1 });
    await readyAt(86_400 * 2 + 1);
    expect(await cost(() => send(ref, [anEvent('Product Viewed')]))).toMatchObject({
      rows: 1,
      factBatches: 1,
    });
    expect(await cost(() => send(ref, [anEvent('Product Viewed')]))).toMatchObject({
      rows: 1,
      factBatches: 0,
    });
    await admin('DELETE', 'policies/reports');
    dropConfig();
  });

  it('of an experiment is one fact a person, with their first message alone', async () => {
    const arms = [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 1 },
    ];
    await publish({ id: 'compared', entry: { on: [{ event: 'Pushed' }] }, experiment: { variants: arms } }, [
      'push',
    ]);
    dropConfig();
    const { ref, cost } = await aSettledProfile('compared-1');
    await readyAt(62);
    const first = await cost(() => send(ref, [anEvent('Pushed')]));
    expect(first).toMatchObject({ rows: 1, dispatches: 1, factBatches: 1 });
    await readyAt(63);
    const second = await cost(() => send(ref, [anEvent('Pushed')]));
    expect(second).toMatchObject({ rows: 1, dispatches: 1, factBatches: 0 });
  });

  it('of who leaves is one fact, and none where no message went before', async () => {
    const { ref, cost } = await aSettledProfile('leaves');
    await readyAt(62);
    expect(await cost(() => send(ref, [anEvent('Push Disabled')]))).toEqual(ONE_ROW);
    await publish({ id: 'rings', entry: { on: [{ event: 'Ring' }] } }, ['push']);
    dropConfig();
    await readyAt(63);
    await send(ref, [anEvent('Ring')]);
    expect(await cost(() => send(ref, [anEvent('Push Disabled')]))).toMatchObject({
      rows: 1,
      factBatches: 1,
    });
  });

  it('of decisions is the alarm, one batch of facts and one row to settle it; without the option, nothing', async () => {
    await publish({
      id: 'refuses',
      entry: { on: [{ event: 'Opened' }], if: { did: 'Opened', count: { eq: 1_000_000 } } },
    });
    const { ref, cost, facts } = await aSettledProfile('decided');
    await readyAt(61);
    expect(await cost(() => send(ref, [anEvent('Opened')]))).toEqual(ONE_ROW);
    await admin('PUT', 'policies/workspace', { exportDecisions: true });
    dropConfig();
    await readyAt(120);
    facts.calls.length = 0;
    // That nobody listens to has no decision.
    expect(await cost(() => send(ref, [anEvent('Unheard')]))).toEqual(ONE_ROW);
    expect(await cost(() => send(ref, [anEvent('Opened')]))).toEqual({
      ...ONE_ROW,
      alarms: 1,
      factBatches: 1,
    });
    expect(facts.calls.map((batch) => batch.map(({ facts: some }) => some.length))).toEqual([[1]]);
    expect(await cost(() => settle(ref))).toEqual(ONE_ROW);
    // The alarm stands: it is paid once in half a minute. Facts of one turn travel and are settled together.
    const many = Array.from({ length: 20 }, () => anEvent('Opened'));
    expect(await cost(() => send(ref, many))).toEqual({ ...ONE_ROW, factBatches: 1 });
    expect(facts.calls.map((batch) => batch.map(({ facts: some }) => some.length))).toEqual([[1], [20]]);
    expect(await cost(() => settle(ref))).toEqual(ONE_ROW);
    await readyAt(240);
    expect(await cost(() => ring(ref))).toEqual(NOTHING);
    await admin('DELETE', 'policies/workspace');
    dropConfig();
  });
});
