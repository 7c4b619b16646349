/** What a fault in the middle leaves behind: nothing, and a retry that works. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { serializeState } from '../../src/engine/state.ts';
import type { CountedSql } from '../../src/objects/counted-sql.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { dropConfig } from '../../src/store/config-cache.ts';
import { meter } from '../support/profile-meter.ts';
import {
  anEvent,
  at,
  due,
  inProfile,
  outboxOf,
  profileOf,
  publish,
  reasons,
  send,
  sleep,
  startClock,
  stateOnDisk,
  user,
  visitor,
} from '../support/profile-world.ts';

// Real queues on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 });

beforeAll(async () => {
  await publish({ id: 'greets', entry: { on: [{ event: 'Came' }] } });
  await publish({ id: 'pushes', entry: { on: [{ event: 'Came' }] } }, ['push']);
});
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

/** The next statement of this kind fails, after what came before it in its transaction. */
function failOnce(sql: CountedSql, statement: string): void {
  const { all, run } = sql;
  const failing = (query: string) => {
    if (!query.startsWith(statement)) return;
    Object.assign(sql, { all, run });
    throw new Error('the disk is full');
  };
  sql.all = (query, ...bindings) => {
    failing(query);
    return all.call(sql, query, ...bindings) as never;
  };
  sql.run = (query, ...bindings) => {
    failing(query);
    run.call(sql, query, ...bindings);
  };
}

async function diskText(ref: ProfileRef): Promise<string | null> {
  const state = await stateOnDisk(ref);
  return state && serializeState(state);
}

describe('a commit that fails', () => {
  it.each([
    ['the first', 0, 'INSERT INTO log'],
    ['an ordinary', 10, 'INSERT INTO log'],
    ['the first snapshot', 63, 'INSERT INTO history'],
    ['a later snapshot', 127, 'INSERT INTO dedupe'],
    ['trimming', 127, 'DELETE FROM history'],
  ])(
    '(%s) leaves memory and disk as they were, and the retry decides once',
    async (name, commits, statement) => {
      const ref = await user(`fails ${name}`);
      await meter(ref);
      for (let i = 0; i < commits; i++) await send(ref, [anEvent('Opened')]);
      const before = { disk: await diskText(ref), view: await profileOf(ref).describe() };
      const event = anEvent('Came');
      await inProfile(ref, async (profile) => {
        failOnce(profile.sql, statement);
        await expect(profile.ingest({ profile: ref, events: [event] })).rejects.toThrow('the disk is full');
      });
      expect(await diskText(ref)).toBe(before.disk);
      expect(await profileOf(ref).describe()).toEqual(before.view);
      expect(await due(ref)).toEqual([]);
      await send(ref, [event]);
      await send(ref, [event]);
      expect(await due(ref)).toHaveLength(1);
      expect(await reasons(ref, 'Came')).toEqual(['greets: sent', 'pushes: sent']);
      const view = await profileOf(ref).describe();
      await sleep(ref);
      expect(await profileOf(ref).describe()).toEqual(view);
    },
  );

  it("takes no other call's events with it", async () => {
    const ref = await user('fails beside another');
    await send(ref, [anEvent('Opened')]);
    const results = await inProfile(ref, (profile) => {
      failOnce(profile.sql, 'INSERT INTO log');
      const calls = ['First', 'Second', 'Third'].map((name) =>
        profile.ingest({ profile: ref, events: [anEvent(name)] }),
      );
      return Promise.allSettled(calls);
    });
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    const view = await profileOf(ref).describe();
    expect(view?.timeline.map(({ name }) => name).sort()).toEqual(['Opened', 'Second', 'Third']);
  });

  it('of a claim gives no lease: the message can be claimed at once', async () => {
    const ref = await user('fails claiming');
    const { dispatch } = await meter(ref);
    await send(ref, [anEvent('Came')]);
    const id = dispatch.calls[0]?.[0]?.messageId ?? '';
    await inProfile(ref, async (profile) => {
      failOnce(profile.sql, 'INSERT INTO log');
      await expect(profile.claim(id)).rejects.toThrow('the disk is full');
    });
    expect(await profileOf(ref).claim(id)).toMatchObject({ kind: 'claimed', attempt: 1 });
  });

  it('of a freeze leaves the anonymous profile alive, and the merge is done by the retry', async () => {
    const [anonymous, known] = [await visitor('fails freezing'), await user('fails freezing')];
    await send(anonymous, [anEvent('Opened')]);
    await inProfile(anonymous, ({ sql }) => failOnce(sql, 'INSERT INTO log'));
    const link = () => send(known, [anEvent('$identify')], { links: [anonymous] });
    expect(await link()).toMatchObject({ kind: 'unavailable' });
    expect(await send(anonymous, [anEvent('Opened')])).toEqual({ kind: 'done' });
    expect(await link()).toEqual({ kind: 'done' });
    const view = await profileOf(known).describe();
    expect(view?.anonymousIds).toEqual(['fails freezing']);
    expect(await reasons(known, 'Opened')).toEqual([]);
    expect((await stateOnDisk(known))?.counts.get('Opened')?.n).toBe(2);
  });
});

describe('a fault of the engine', () => {
  /** A document that no schema would let in, as an older build or a hand in the database may have left it. */
  async function corrupt(id: string, change: string) {
    await env.DB.batch([
      env.DB.prepare(`UPDATE document_versions SET body = ${change} WHERE kind = 'trigger' AND id = ?1`).bind(
        id,
      ),
      env.DB.prepare('UPDATE config_head SET version = version + 1'),
      env.DB.prepare(
        // A version is immutable: an isolate reads it again only as one that was activated anew.
        `UPDATE documents SET changed_head = (SELECT version FROM config_head), activated_at = activated_at + 1
          WHERE kind = 'trigger' AND id = ?1`,
      ).bind(id),
    ]);
    dropConfig();
  }

  it('half-way through a request applies nothing of it', async () => {
    await publish({ id: 'faulty', entry: { on: [{ event: 'Faulty' }] } });
    const ref = await user('engine fault');
    await meter(ref);
    await send(ref, [anEvent('Opened')]);
    const before = { disk: await diskText(ref), view: await profileOf(ref).describe() };
    await corrupt('faulty', "json_remove(body, '$.reeligibility')");
    const request = { profile: ref, events: [anEvent('Came'), anEvent('Faulty'), anEvent('Came')] };
    await inProfile(ref, async (profile) => {
      await expect(profile.ingest(request)).rejects.toThrow();
    });
    expect(await diskText(ref)).toBe(before.disk);
    expect(await profileOf(ref).describe()).toEqual(before.view);
    await corrupt('faulty', 'json_set(body, \'$.reeligibility\', json(\'{"mode":"always"}\'))');
    await send(ref, request.events);
    expect(await reasons(ref, 'Faulty')).toEqual(['faulty: sent']);
    expect(await reasons(ref, 'Came')).toHaveLength(4);
  });
});

describe('what is too large for one row', () => {
  it('a batch whose explanation takes megabytes is kept, and so is a state of megabytes', async () => {
    for (let i = 0; i < 12; i++) {
      const rows = Array.from({ length: 40 }, (_, n) => ({ field: `event.properties.p${n}`, op: 'missing' }));
      const never = { field: 'event.properties.never', op: 'exists' };
      await publish({ id: `wide-${i}`, entry: { on: [{ event: 'Wide' }], if: { all: [...rows, never] } } });
    }
    await publish({ id: 'heavy', entry: { on: [{ event: 'Heavy' }], key: ['event.properties.n'] } }, [
      'webhook',
    ]);
    const ref = await user('large');
    await meter(ref);
    await send(
      ref,
      Array.from({ length: 2_500 }, () => anEvent('Wide', { note: '가'.repeat(100) })),
    );
    for (let part = 0; part < 8; part++) {
      const heavy = (n: number) => anEvent('Heavy', { n: part * 25 + n, note: '가😀'.repeat(2_500) });
      await send(
        ref,
        Array.from({ length: 25 }, (_, n) => heavy(n)),
      );
    }
    for (let i = 0; i < 70; i++) await send(ref, [anEvent('Opened')]);
    const disk = await diskText(ref);
    // Of UTF-8: more than a row may hold.
    expect(new TextEncoder().encode(disk ?? '').length).toBeGreaterThan(2_097_152);
    const longest = await inProfile(ref, ({ sql }) =>
      ['log', 'snapshot', 'history'].map(
        (table) => sql.all(`SELECT MAX(LENGTH(CAST(body AS BLOB))) AS bytes FROM ${table}`)[0]?.bytes,
      ),
    );
    for (const bytes of longest) expect(bytes).toBeLessThan(2_000_000);
    const waiting = await outboxOf(ref);
    at(1);
    await sleep(ref);
    expect(await diskText(ref)).toBe(disk);
    expect(await outboxOf(ref)).toEqual(waiting);
    expect(waiting.length).toBeGreaterThan(100);
    expect(await profileOf(ref).decisions(10_000)).toHaveLength(2_770);
  });
});
