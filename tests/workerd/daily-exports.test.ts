/** Each day's deliveries and conversions in a bucket, written by the scheduler. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { workspaceLineSchema } from '../../src/protocol/workspace-export-schema.ts';
import type { SchedulerObject } from '../../src/scheduler/scheduler-object.ts';
import { rebind, startClock } from '../support/profile-world.ts';
import { api } from '../support/workerd-api.ts';

vi.setConfig({ testTimeout: 30_000 });
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TODAY = Date.UTC(2030, 0, 20);
const scheduler = () => env.SCHEDULER.getByName('scheduler') as unknown as DurableObjectStub<SchedulerObject>;

beforeEach(startClock);
afterEach(async () => {
  await forgetPlace();
  await evictDurableObject(scheduler());
  await emptyBucket();
  await env.DB.batch([env.DB.prepare('DELETE FROM deliveries'), env.DB.prepare('DELETE FROM conversions')]);
  vi.useRealTimers();
});

async function forgetPlace(): Promise<void> {
  await runInDurableObject(scheduler(), ({ sql }) => {
    if (sql.hasTable('daily_export')) sql.all('DROP TABLE daily_export');
  });
}

async function emptyBucket(): Promise<void> {
  const { objects } = await env.TEST_BUCKET.list();
  if (objects.length > 0) await env.TEST_BUCKET.delete(objects.map(({ key }) => key));
}

const NUMBERS = 'WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)';
const DELIVERIES = `INSERT INTO deliveries (id, profile_key, trigger_id, trigger_version, variant, channel, status, reason,
  attempts, created_at, sent_at, updated_at) ${NUMBERS}
  SELECT 'msg_' || ?1 || '_' || i, 'key_' || (i % 97), 'daily', 1, NULL, 'push', 50, 'sent', 1, ?1 + i / 3, ?1 + i, ?1 + i FROM n`;
const CONVERSIONS = `INSERT INTO conversions (profile_key, fact_seq, trigger_id, trigger_version, variant, goal, held_out, value,
  sent_at, converted_at) ${NUMBERS}
  SELECT 'key_' || ?1 || '_' || (i % 97), i, 'daily', 1, 'a', 'bought', 0, i * 1.5, ?1 + i, ?1 + i * 2 FROM n`;

/** What D1 has of a day: so many of each, at least one, from its first instant on. */
async function aDay(dayAt: number, { deliveries = 1, conversions = 1 } = {}): Promise<void> {
  await env.DB.batch([
    env.DB.prepare(DELIVERIES).bind(dayAt, deliveries),
    env.DB.prepare(CONVERSIONS).bind(dayAt, conversions),
  ]);
}

/** What the scheduler is bound to; `{}`: to no bucket. */
type Bindings = { EXPORTS?: Pick<R2Bucket, 'put'> };

/** A turn of the scheduler at this instant; when its alarm rings next. Evicted before, it knows only what is on disk. */
async function turnAt(now: number, bindings: Bindings = { EXPORTS: env.TEST_BUCKET }): Promise<number> {
  vi.setSystemTime(now);
  await scheduler().fillProgress('none');
  await evictDurableObject(scheduler());
  return runInDurableObject(scheduler(), async (object, { storage }) => {
    rebind(object, bindings);
    await object.alarm();
    return (await storage.getAlarm()) ?? Number.POSITIVE_INFINITY;
  });
}

/** Turns until nothing is due at once; how many there were. */
async function wakeAt(now: number): Promise<number> {
  for (let turns = 1; turns <= 60; turns++) if ((await turnAt(now)) > now) return turns;
  throw new Error('the scheduler does not come to rest');
}

/** Every object: its name, and what it holds. */
async function written(): Promise<Record<string, string>> {
  const { objects } = await env.TEST_BUCKET.list();
  const found = objects.map(async ({ key }) => [key, await (await env.TEST_BUCKET.get(key))?.text()]);
  return Object.fromEntries(await Promise.all(found));
}

/** The lines of a kind as a request is told them, without those that end its parts. */
async function pulled(kind: string, fromAt: number): Promise<string> {
  const [from, to] = [fromAt, fromAt + DAY].map((at) => new Date(at).toISOString());
  let text = '';
  for (let cursor: string | null = ''; cursor !== null; ) {
    const next: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await api.admin('GET', `export/${kind}?from=${from}&to=${to}${next}`);
    const lines = answer.text.trimEnd().split('\n');
    cursor = JSON.parse(lines.pop() ?? '').cursor;
    text += lines.map((line) => `${line}\n`).join('');
  }
  return text;
}

const partsOf = (objects: Record<string, string>, folder: string) =>
  Object.keys(objects)
    .filter((name) => name.startsWith(`exports/${folder}/`) && name.endsWith('.ndjson'))
    .map((name) => objects[name] ?? '');

describe('a daily export', () => {
  it('holds what a request for that day is told, an hour after its midnight', async () => {
    await aDay(TODAY - 2 * DAY);
    await aDay(TODAY - DAY, { deliveries: 40, conversions: 30 });
    await aDay(TODAY);
    await wakeAt(TODAY - HOUR);
    expect(Object.keys(await written()).every((name) => name.includes('/2030-01-18/'))).toBe(true);
    await emptyBucket();
    await wakeAt(TODAY + HOUR - 1);
    expect(await written()).toEqual({});
    await wakeAt(TODAY + HOUR);
    const objects = await written();
    expect(Object.keys(objects)).toEqual([
      'exports/conversions/2030-01-19/00000.ndjson',
      'exports/conversions/2030-01-19/manifest.json',
      'exports/deliveries/2030-01-19/00000.ndjson',
      'exports/deliveries/2030-01-19/manifest.json',
    ]);
    for (const kind of ['deliveries', 'conversions']) {
      const text = objects[`exports/${kind}/2030-01-19/00000.ndjson`] ?? '';
      expect(text).toBe(await pulled(kind, TODAY - DAY));
      const lines = text.trimEnd().split('\n');
      for (const line of lines) workspaceLineSchema.parse(JSON.parse(line));
      const manifest = JSON.parse(objects[`exports/${kind}/2030-01-19/manifest.json`] ?? '');
      expect(manifest).toEqual({ day: '2030-01-19', kind, parts: 1, lines: lines.length });
      expect(lines).toHaveLength(kind === 'deliveries' ? 40 : 30);
    }
  });

  it('comes in parts of bounded size, a turn and a row each, and loses and repeats nothing', async () => {
    await aDay(TODAY - DAY, { deliveries: 11_500, conversions: 7_000 });
    // Of other days: rows that are passed over make no part.
    await aDay(TODAY - 3 * DAY, { conversions: 6_000 });
    const turns = await wakeAt(TODAY + HOUR);
    const objects = await written();
    const deliveries = partsOf(objects, 'deliveries/2030-01-19');
    expect(deliveries.map((text) => text.split('\n').length - 1)).toEqual([5_000, 5_000, 1_500]);
    expect(deliveries.join('')).toBe(await pulled('deliveries', TODAY - DAY));
    const conversions = partsOf(objects, 'conversions/2030-01-19');
    expect(conversions.join('')).toBe(await pulled('conversions', TODAY - DAY));
    expect(conversions.join('').split('\n').length - 1).toBe(7_000);
    expect(turns).toBe(deliveries.length + conversions.length);
    const { rows } = await runInDurableObject(scheduler(), ({ sql }) => ({
      rows: sql.all('SELECT * FROM daily_export').length,
    }));
    expect(rows).toBe(1);
  });

  it('is the same, byte by byte, wherever it was cut off, and when it is written again', async () => {
    await aDay(TODAY - DAY, { deliveries: 11_500, conversions: 300 });
    await wakeAt(TODAY + HOUR);
    const whole = await written();
    await forgetPlace();
    // Over what is there. The answer to each name's first put is lost, as by a kill before it is noted.
    const names: string[] = [];
    const put: R2Bucket['put'] = async (name: string, ...rest: unknown[]) => {
      names.push(name);
      const made = await (env.TEST_BUCKET.put as (...all: unknown[]) => Promise<R2Object>)(name, ...rest);
      if (names.filter((one) => one === name).length === 1) throw new Error('lost');
      return made;
    };
    const alerts = vi.spyOn(console, 'error').mockImplementation(() => {});
    // Each turn is another object's, which knows nothing of the failure before.
    for (let turn = 0; turn < 14; turn++) await turnAt(TODAY + HOUR, { EXPORTS: { put } });
    expect(alerts).toHaveBeenCalledTimes(Object.keys(whole).length);
    expect(String(alerts.mock.calls[0])).toContain('"alert":"daily_export_failed","kind":"deliveries"');
    alerts.mockRestore();
    expect(await written()).toEqual(whole);
    expect(new Set(names)).toEqual(new Set(Object.keys(whole)));
    expect(names.length).toBeGreaterThan(new Set(names).size);
  });

  it('waits five minutes after a failure, and holds nothing else up', async () => {
    await aDay(TODAY - DAY);
    const alerts = vi.spyOn(console, 'error').mockImplementation(() => {});
    const down = { put: () => Promise.reject(new Error('down')) };
    expect(await turnAt(TODAY + HOUR, { EXPORTS: down })).toBe(TODAY + HOUR + 5 * 60_000);
    expect(alerts).toHaveBeenCalledTimes(1);
    alerts.mockRestore();
    await wakeAt(TODAY + HOUR + 5 * 60_000);
    expect(Object.keys(await written())).toHaveLength(4);
  });

  it('makes up for days that were missed, each in its own folder, at most thirty', async () => {
    await wakeAt(TODAY + HOUR);
    for (let day = 0; day < 4; day++) await aDay(TODAY + day * DAY);
    await wakeAt(TODAY + 4 * DAY + 2 * HOUR);
    const days = Object.keys(await written()).flatMap(
      (name) => /deliveries\/(.*)\/00000/.exec(name)?.[1] ?? [],
    );
    expect(days).toEqual(['2030-01-20', '2030-01-21', '2030-01-22', '2030-01-23']);
    await emptyBucket();
    for (let turn = 0; turn < 4; turn++) await turnAt(TODAY + 400 * DAY + HOUR);
    expect(Object.keys(await written())[0]).toBe('exports/conversions/2031-01-24/manifest.json');
  });

  it('names no user: only keys, and nothing of what a message says', async () => {
    await aDay(TODAY - DAY);
    await wakeAt(TODAY + HOUR);
    const objects = await written();
    const fields = (kind: string) =>
      Object.keys(JSON.parse(objects[`exports/${kind}/2030-01-19/00000.ndjson`] ?? '')).sort();
    const of = 'id profile trigger type variant version';
    expect(fields('deliveries')).toEqual(
      `${of} attempts channel createdAt reason sentAt status`.split(' ').sort(),
    );
    expect(fields('conversions')).toEqual(`${of} convertedAt goal heldOut sentAt value`.split(' ').sort());
  });

  it('is nothing at all without a bucket: no table, and no alarm but the usual look', async () => {
    await aDay(TODAY - DAY);
    const nextAt = await turnAt(TODAY + HOUR, {});
    expect(nextAt).toBe(TODAY + HOUR + 30 * 60_000);
    expect(await runInDurableObject(scheduler(), ({ sql }) => sql.hasTable('daily_export'))).toBe(false);
    expect(await written()).toEqual({});
    await runDurableObjectAlarm(scheduler());
    expect(await runInDurableObject(scheduler(), ({ sql }) => sql.hasTable('daily_export'))).toBe(false);
  });
});
