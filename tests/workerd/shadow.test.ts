/** Shadow versions as the deployment keeps them: beside the live one, through D1, in a report of what they would change. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/engine/vocabulary.ts';
import { loadConfig } from '../../src/store/config-cache.ts';
import { eraseFromD1 } from '../../src/store/erase-from-d1.ts';
import { applyFacts } from '../../src/store/facts.ts';
import { admin } from '../support/admin-client.ts';
import { meter } from '../support/profile-meter.ts';
import {
  anEvent,
  at,
  due,
  outboxOf,
  publish,
  readyAt,
  reasons,
  ring,
  START,
  send,
  startClock,
  stateOnDisk,
  user,
} from '../support/profile-world.ts';

vi.setConfig({ testTimeout: 20_000 });
const REAL_QUEUES = { timeout: 8_000 };

beforeEach(startClock);
afterEach(async () => {
  for (const id of ['shadowed', 'explained', 'alone', 'cast', 'metered', 'refused'])
    await admin('POST', `triggers/${id}/archive`);
  vi.useRealTimers();
});

const only = (value: string) => ({ field: 'event.properties.k', op: 'eq', value });
const listening = (asked: JsonObject): JsonObject => ({ on: [{ event: 'Hello' }], if: asked });

/** The live one wants `a`, the draft `a` or `b`. */
async function aShadow(id: string, change: JsonObject = {}) {
  await publish({ id, entry: listening(only('a')) });
  const { body } = await admin('GET', `triggers/${id}`);
  const entry = listening({ field: 'event.properties.k', op: 'in', value: ['b', 'a'] });
  await admin('PUT', `triggers/${id}`, { ...body, entry, ...change });
  expect((await admin('POST', `triggers/${id}/shadow`)).body).toMatchObject({ trigger: id, version: 2 });
}

async function settled(id: string): Promise<void> {
  await vi.waitFor(async () => expect(await outboxOf(await user(id))).toEqual([]), REAL_QUEUES);
}

describe('a shadow version', () => {
  it('sends nothing, says so, and reports who would have got what', async () => {
    await aShadow('shadowed');
    for (const [i, k] of ['a', 'b', 'c', 'b'].entries()) {
      await readyAt(60 + i);
      await send(await user(`person-${i}`), [anEvent('Hello', { k })]);
    }
    expect((await due(await user('person-0'))).map(({ version }) => version)).toEqual([1]);
    expect(await due(await user('person-1'))).toEqual([]);
    expect(await reasons(await user('person-1'), 'Hello')).toEqual([
      'shadowed: not_matched',
      'shadowed: shadow',
    ]);
    for (let i = 0; i < 4; i++) await settled(`person-${i}`);
    const { status, body } = await admin('GET', 'triggers/shadowed/shadow-report');
    expect(status).toBe(200);
    const example = (i: number) => ({
      userId: `person-${i}`,
      anonymousId: null,
      channel: 'in_app',
      at: new Date(START + (60 + i) * 1_000).toISOString(),
    });
    expect(body).toEqual({
      ...{ trigger: 'shadowed', version: 2, since: new Date(START).toISOString() },
      live: { messages: 1, people: 1 },
      shadow: { messages: 3, people: 3, heldOut: 0 },
      both: { messages: 1, people: 1 },
      onlyLive: { messages: 0, people: 0, examples: [] },
      onlyShadow: { messages: 2, people: 2, examples: [example(3), example(1)] },
    });
  });

  it('is explained with what it would have answered', async () => {
    await aShadow('explained');
    const ref = await user('explained');
    await send(ref, [anEvent('Hello', { k: 'b' })]);
    const { body } = await admin('GET', 'profiles/explained/decisions?lang=en');
    expect(body.items[0].triggers).toMatchObject([
      { id: 'explained', version: 1, reason: 'not_matched' },
      {
        id: 'explained',
        version: 2,
        reason: 'shadow',
        values: { would: 'sent' },
        text: expect.stringContaining('shadow'),
      },
    ]);
  });

  it('stands also where nothing is live, and ends when it goes live, is archived or stopped', async () => {
    await publish({ id: 'alone', entry: listening(only('a')) });
    await admin('POST', 'triggers/alone/archive');
    const { body } = await admin('GET', 'triggers/alone');
    await admin('PUT', 'triggers/alone', body);
    const standing = async () => (await admin('GET', 'triggers/alone/shadow')).status;
    const shadows = async () =>
      (await loadConfig(env)).shadows.map(({ trigger: { id, version } }) => `${id} v${version}`);
    for (const end of ['DELETE shadow', 'POST activate', 'POST archive']) {
      await admin('PUT', 'triggers/alone', { ...body, name: end });
      expect((await admin('POST', 'triggers/alone/shadow')).status).toBe(200);
      expect([await standing(), (await shadows()).length]).toEqual([200, 1]);
      const [method = '', path] = end.split(' ');
      expect((await admin(method, `triggers/alone/${path}`)).status).toBeLessThan(300);
      expect([await standing(), await shadows()]).toEqual([404, []]);
    }
  });

  it('goes on by its own alarm, and its rows go with it', async () => {
    await aShadow('cast', {
      steps: [
        { id: 'wait', wait: '1h' },
        { id: 'send', send: { channels: ['in_app'], template: 'cast' } },
      ],
    });
    const ref = await user('waiting');
    await send(ref, [anEvent('Hello', { k: 'b' })]);
    await settled('waiting');
    await readyAt(3_600);
    await ring(ref);
    expect((await stateOnDisk(ref))?.meta.shadowSeq).toBe(-1);
    await send(ref, [anEvent('Hello', { k: 'b' })]);
    await admin('DELETE', 'triggers/cast/shadow');
    await readyAt(3_700);
    await send(ref, [anEvent('Bye')]);
    expect((await stateOnDisk(ref))?.shadows.size).toBe(0);
  });

  it('costs an event that it doesn’t listen to nothing, nor any event where none stands', async () => {
    const ref = await user('metered');
    await send(ref, [anEvent('Hello', { k: 'a' })]);
    await settled('metered');
    const { cost } = await meter(ref);
    const costOf = (name: string) => cost(() => send(ref, [anEvent(name)]));
    const before = await costOf('Elsewhere');
    await aShadow('metered');
    await loadConfig(env);
    expect(await costOf('Elsewhere')).toEqual(before);
    await admin('DELETE', 'triggers/metered/shadow');
    await admin('POST', 'triggers/metered/archive');
    await loadConfig(env);
    expect(await costOf('Hello')).toEqual(before);
  });

  it('is refused where there is no draft, or a draft that can’t stand in shadow', async () => {
    await publish({ id: 'refused', entry: listening(only('a')) });
    expect((await admin('POST', 'triggers/refused/shadow')).status).toBe(409);
    expect((await admin('POST', 'triggers/nobody/shadow')).status).toBe(404);
    expect((await admin('GET', 'triggers/refused/shadow-report')).status).toBe(404);
    const { body } = await admin('GET', 'triggers/refused');
    await admin('PUT', 'triggers/refused', { ...body, entry: { on: [{ at: '2031-01-01T00:00:00Z' }] } });
    const refused = await admin('POST', 'triggers/refused/shadow');
    expect([refused.status, refused.body.error.issues[0].path]).toEqual([422, 'entry.on.0']);
  });

  it('tells D1 the same thing twice without a second row, and an erasure takes it along', async () => {
    at(0);
    const message = {
      id: 'm',
      trigger: 'told',
      version: 2,
      variant: null,
      channel: 'push' as const,
      reason: 'sent' as const,
      createdAt: START,
    };
    const facts = [{ seq: -1, kind: 'shadow' as const, at: START, message }];
    const count = async () =>
      (
        await env.DB.prepare("SELECT COUNT(*) AS n FROM shadow_sends WHERE profile_key = 'key-told'").first<{
          n: number;
        }>()
      )?.n;
    for (let i = 0; i < 2; i++) await applyFacts(env.DB, [{ profileKey: 'key-told', facts }]);
    expect(await count()).toBe(1);
    await eraseFromD1(env.DB, 'key-told', START + 1);
    await applyFacts(env.DB, [{ profileKey: 'key-told', facts }]);
    expect(await count()).toBe(0);
  });
});
