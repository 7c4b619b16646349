/** `/admin/api/export/*`: what a warehouse takes, and the ids that join it. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Fact, JsonObject } from '../../src/engine/vocabulary.ts';
import { type WorkspaceLine, workspaceLineSchema } from '../../src/protocol/workspace-export-schema.ts';
import { applyFacts } from '../../src/store/facts.ts';
import {
  anEvent,
  due,
  outboxOf,
  publish,
  readyAt,
  START,
  send,
  startClock,
  user,
} from '../support/profile-world.ts';
import { api } from '../support/workerd-api.ts';

vi.setConfig({ testTimeout: 30_000 });
const PEOPLE = ['ann', 'bob', 'cho'];
const iso = (seconds: number) => new Date(START + seconds * 1_000).toISOString();

beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

type Line<T extends WorkspaceLine['type']> = Extract<WorkspaceLine, { type: T }>;

/** All of it, request after request; each line as its schema has it. */
async function exported<T extends WorkspaceLine['type']>(
  path: string,
  query: string,
  type: T,
): Promise<Line<T>[]> {
  const lines: Line<T>[] = [];
  let cursor: string | null = null;
  do {
    const next = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, text, headers } = await api.admin('GET', `export/${path}?${query}${next}`);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
    const some = text
      .trimEnd()
      .split('\n')
      .map((line) => workspaceLineSchema.parse(JSON.parse(line)));
    const end = some.pop() as Line<'end'>;
    expect(end).toMatchObject({ type: 'end', lines: some.length });
    expect(some.every((line) => line.type === type)).toBe(true);
    lines.push(...(some as Line<T>[]));
    cursor = end.cursor;
  } while (cursor !== null);
  return lines;
}

async function lived(): Promise<void> {
  await publish({
    id: 'exported',
    entry: { on: [{ event: 'Hello' }], if: { not: { field: 'user.id', op: 'eq', value: 'bob' } } },
    goals: [
      { id: 'bought', on: { event: 'Order Completed' }, within: '1d', value: 'event.properties.revenue' },
    ],
  });
  for (const [i, name] of PEOPLE.entries()) {
    const ref = await user(name);
    await readyAt(10 + i);
    await send(ref, [anEvent('Hello', { n: i })]);
    expect(await due(ref)).toHaveLength(name === 'bob' ? 0 : 1);
    await readyAt(60 + i);
    await send(ref, [anEvent('Order Completed', { revenue: 100 * (i + 1) })]);
    await vi.waitFor(async () => expect(await outboxOf(ref)).toEqual([]), { timeout: 8_000 });
  }
}

describe('the exports', () => {
  it('tell everything that was decided, also what sent nothing, and join by their ids', async () => {
    await lived();
    const span = `from=${iso(0)}&to=${iso(600)}`;
    const events = await exported('events', span, 'event');
    const decisions = await exported('decisions', span, 'decision');
    const deliveries = await exported('deliveries', span, 'delivery');
    const conversions = await exported('conversions', span, 'conversion');
    expect(events.map(({ userId, name }) => `${userId} ${name}`).sort()).toEqual(
      PEOPLE.flatMap((name) => [`${name} Hello`, `${name} Order Completed`]),
    );
    expect(decisions.map(({ userId, reason }) => `${userId} ${reason}`).sort()).toEqual([
      'ann sent',
      'bob not_matched',
      'cho sent',
    ]);
    const byId = new Map(deliveries.map((one) => [one.id, one]));
    for (const { event, userId, messageId, reason, profile, at } of decisions) {
      expect(events.find((one) => one.messageId === event && one.profile === profile)).toMatchObject({
        userId,
        name: 'Hello',
      });
      if (reason !== 'sent') continue;
      const delivery = byId.get(messageId ?? '');
      expect(delivery).toMatchObject({ profile, createdAt: at, trigger: 'exported', channel: 'in_app' });
      expect(
        conversions.filter((one) => one.profile === profile && one.sentAt === delivery?.createdAt),
      ).toMatchObject([
        { trigger: 'exported', goal: 'bought', heldOut: false, value: userId === 'ann' ? 100 : 300 },
      ]);
    }
    expect([deliveries.length, conversions.length]).toEqual([2, 2]);
  });

  it('come in parts that lose nothing and repeat nothing', async () => {
    const facts = Array.from({ length: 2_300 }, (_, i): Fact => {
      const message = {
        ...{ id: `msg_of_many_${i}`, trigger: 'many', version: 1, variant: null, channel: 'push' as const },
        ...{ reason: 'queued' as const, createdAt: START + 1_000_000 + Math.floor(i / 7) },
      };
      return { seq: i + 1, kind: 'message_queued', at: START, message };
    });
    for (let from = 0; from < facts.length; from += 500) {
      await applyFacts(env.DB, [{ profileKey: 'key-of-many', facts: facts.slice(from, from + 500) }]);
    }
    const deliveries = await exported('deliveries', `from=${iso(1_000)}&to=${iso(9_000)}`, 'delivery');
    expect(deliveries.map(({ id }) => id).sort()).toEqual(facts.map(({ message }) => message?.id).sort());
  });

  it('keep to their span, and refuse what is none', async () => {
    expect(
      (await exported('events', `from=${iso(12)}&to=${iso(60)}`, 'event')).map(({ userId }) => userId),
    ).toEqual(['cho']);
    expect(await exported('deliveries', `from=${iso(13)}&to=${iso(900)}`, 'delivery')).toEqual([]);
    expect(await exported('conversions', `to=${iso(60)}`, 'conversion')).toEqual([]);
    for (const path of ['events', 'decisions', 'deliveries', 'conversions']) {
      const refused = async (query: string) => {
        const { status, body } = await api.admin('GET', `export/${path}?${query}`);
        return [status, ...body.error.issues.map(({ path: at }: JsonObject) => at)];
      };
      expect(await refused('from=yesterday')).toEqual([400, 'from']);
      expect(await refused('cursor=!')).toEqual([400, 'cursor']);
    }
    expect((await api.stranger('GET', '/admin/api/export/events')).status).toBe(401);
  });
});
