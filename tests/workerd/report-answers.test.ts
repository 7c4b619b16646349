/** That reports answer what the API's description says of them: no field more, none less, none of another kind. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { reportRoutes } from '../../src/admin/report-route.ts';
import { shadowRoutes } from '../../src/admin/shadow-routes.ts';
import { answerSchema } from '../../src/protocol/openapi.ts';
import { dropConfig } from '../../src/store/config-cache.ts';
import { admin } from '../support/admin-client.ts';
import { anEvent, due, publish, send, startClock, user } from '../support/profile-world.ts';

vi.setConfig({ testTimeout: 20_000 });
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

/** What strict schemas have to say of the answer at this address; nothing is right. */
async function faultsOf(route: string, asked: string) {
  const { status, body } = await admin('GET', asked);
  expect([asked, status]).toEqual([asked, 200]);
  const schema = answerSchema('GET', `/admin/api/${route}`);
  return schema?.safeParse(body).error?.issues ?? (schema ? [] : ['it has no schema']);
}

const EVERYTHING = {
  id: 'told',
  category: 'marketing',
  entry: { on: [{ event: 'Hello' }] },
  experiment: {
    holdout: 0.4,
    variants: [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 1 },
    ],
  },
  goals: [
    { id: 'order', on: { event: 'Order Completed' }, within: '1d', value: 'event.properties.revenue' },
    { id: 'visit', on: { event: 'Product Viewed' }, within: '1d' },
  ],
};

/** So that every part of a report has something to tell. */
async function live(i: number): Promise<void> {
  const ref = await user(`told-${i}`);
  await send(ref, [anEvent('Hello')]);
  const [message] = await due(ref);
  if (message && i % 2 === 0) await send(ref, [anEvent('Message Clicked', { message_id: message.id })]);
  const currency = i % 5 === 0 ? { currency: 'USD' } : {};
  if (i % 3 === 0) await send(ref, [anEvent('Order Completed', { revenue: 10.5, ...currency })]);
  if (i % 4 === 0) await send(ref, [anEvent('Application Uninstalled')]);
}

describe('the answer of every report', () => {
  it('is of the form that the description says, where there is nothing to tell', async () => {
    await publish({ id: 'quiet', entry: { on: [{ event: 'Never' }] } });
    expect(await faultsOf('triggers/:id/report', 'triggers/quiet/report')).toEqual([]);
    expect(await faultsOf('reports/messages', 'reports/messages')).toEqual([]);
    expect(await faultsOf('reports/audience', 'reports/audience')).toEqual([]);
  });

  it('and where there is all that a report can tell', async () => {
    await admin('PUT', 'policies/reports', { journey: true, activity: true });
    await admin('PUT', 'policies/holdout', { share: 0.2 });
    await publish(EVERYTHING);
    const { status } = await admin('PUT', 'triggers/told', { ...(await storedDraft()), priority: 60 });
    expect(status).toBe(200);
    expect((await admin('POST', 'triggers/told/shadow')).status).toBeLessThan(300);
    dropConfig();
    for (let i = 0; i < 24; i++) await live(i);
    await vi.waitFor(
      async () => {
        const { body } = await admin('GET', 'triggers/told/report');
        const { heldOut, clicked, waiting, experiment, guardrail } = body;
        const told = {
          heldOut,
          clicked,
          waiting,
          arms: experiment?.arms.length,
          guardrail: guardrail?.messages,
        };
        for (const [what, n] of Object.entries(told)) expect(n, what).toBeGreaterThan(0);
        expect(body.otherValues.USD).toBeGreaterThan(0);
        expect(experiment.againstHoldout).toHaveLength(2);
        const all = (await admin('GET', 'reports/messages')).body;
        expect(all.holdout.arms.length).toBeGreaterThan(0);
        expect((await admin('GET', 'triggers/told/shadow-report')).body.both.messages).toBeGreaterThan(0);
        expect((await admin('GET', 'reports/audience')).body.journey[0].reached).toBeGreaterThan(0);
      },
      { timeout: 10_000, interval: 100 },
    );
    const routes = [...reportRoutes(), ...shadowRoutes()].filter(({ path }) => path.includes('report'));
    expect(routes).toHaveLength(4);
    for (const { path } of routes) {
      const route = path.replace('/admin/api/', '');
      expect([route, await faultsOf(route, route.replace(':id', 'told'))]).toEqual([route, []]);
    }
  });
});

async function storedDraft() {
  const { body } = await admin('GET', 'triggers/told');
  const { version, status, updatedAt, updatedBy, liveVersion, liveStatus, ...document } = body;
  return document;
}
