/** Each day's deliveries and conversions in a bucket, written by the scheduler. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { storedLineSchema, workspaceLineSchema } from '../../src/protocol/workspace-export-schema.ts';
import { emptyBucket, forgetPlace, scheduler, turnAt, wakeAt, written } from '../support/daily-bucket.ts';
import { startClock } from '../support/profile-world.ts';
import { api } from '../support/workerd-api.ts';

vi.setConfig({ testTimeout: 30_000 });
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TODAY = Date.UTC(2030, 0, 20);

beforeEach(startClock);
afterEach(async () => {
  await forgetPlace();
  await evictDurableObject(scheduler());
  await emptyBucket();
  await env.DB.batch(
    ['deliveries', 'conversions', 'decisions'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  );
  vi.useRealTimers();
});

const NUMBERS = 'WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)';
const DELIVERIES = `INSERT INTO deliveries (id, profile_key, trigger_id, trigger_version, variant, channel, status, reason,
  attempts, created_at, sent_at, updated_at) ${NUMBERS}
  SELECT 'msg_' || ?1 || '_' || i, 'key_' || (i % 97), 'daily', 1, NULL, 'push', 50, 'sent', 1, ?1 + i / 3, ?1 + i, ?1 + i FROM n`;
const CONVERSIONS = `INSERT INTO conversions (profile_key, fact_seq, trigger_id, trigger_version, variant, goal, held_out, value,
  sent_at, converted_at) ${NUMBERS}
  SELECT 'key_' || ?1 || '_' || (i % 97), i, 'daily', 1, 'a', 'bought', 0, i * 1.5, ?1 + i, ?1 + i * 2 FROM n`;

const DECISIONS = `INSERT INTO decisions (profile_key, fact_seq, event_key, event_name, answers, decided_at) ${NUMBERS}
  SELECT 'key_' || (i % 97), ?1 / 1000 + i, 'e' || i, 'Hello',
    '[{"trigger":"a","version":1,"reason":"not_matched"},{"trigger":"b","version":2,"reason":"sent","messageId":"msg_' || i || '"}]',
    ?1 + i / 3 FROM n`;

async function decisionsOf(dayAt: number, events: number): Promise<void> {
  await env.DB.prepare(DECISIONS).bind(dayAt, events).run();
}

/** What D1 has of a day: so many of each, at least one, from its first instant on. */
async function aDay(dayAt: number, { deliveries = 1, conversions = 1 } = {}): Promise<void> {
  await env.DB.batch([
    env.DB.prepare(DELIVERIES).bind(dayAt, deliveries),
    env.DB.prepare(CONVERSIONS).bind(dayAt, conversions),
  ]);
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

describe('a day’s decisions', () => {
  const LAST_DAY = 'decisions/2030-01-19';
  const exporting = async (exportDecisions: boolean) => {
    const { status } = await api.admin('PUT', 'policies/workspace', { exportDecisions });
    expect(status).toBeLessThan(300);
  };
  afterEach(() => api.admin('DELETE', 'policies/workspace'));

  it('are written where the workspace exports them, in parts that lose and repeat nothing', async () => {
    await exporting(true);
    await decisionsOf(TODAY - DAY, 3_100);
    await decisionsOf(TODAY, 1);
    await wakeAt(TODAY + HOUR);
    const objects = await written();
    const parts = partsOf(objects, LAST_DAY).map((text) => text.trimEnd().split('\n'));
    expect(parts.map(({ length }) => length)).toEqual([5_000, 1_200]);
    const lines = parts.flat().map((line) => storedLineSchema.parse(JSON.parse(line)));
    expect(new Set(lines.map(({ id }) => id)).size).toBe(6_200);
    expect(Object.keys(lines[1] ?? {})).toEqual(
      'type id profile eventKey name at trigger version reason messageId'.split(' '),
    );
    expect(JSON.parse(objects[`exports/${LAST_DAY}/manifest.json`] ?? '')).toEqual({
      ...{ day: '2030-01-19', kind: 'decisions', parts: 2, lines: 6_200 },
    });
  });

  it('are said to be none where there were none, and are not spoken of where nobody asked for them', async () => {
    await exporting(true);
    await wakeAt(TODAY + HOUR);
    expect(JSON.parse((await written())[`exports/${LAST_DAY}/manifest.json`] ?? '')).toMatchObject({
      lines: 0,
    });
    await emptyBucket();
    await exporting(false);
    await wakeAt(TODAY + DAY + HOUR);
    expect(Object.keys(await written()).filter((name) => name.includes('decisions'))).toEqual([]);
  });

  it('are written, too, for the day on which they were switched off', async () => {
    await exporting(false);
    await decisionsOf(TODAY - DAY, 2);
    await wakeAt(TODAY + HOUR);
    expect(
      partsOf(await written(), LAST_DAY)
        .join('')
        .trimEnd()
        .split('\n'),
    ).toHaveLength(4);
  });

  it('that have begun to go are given no manifest, though the day’s deliveries are made up for', async () => {
    await exporting(true);
    await wakeAt(TODAY + HOUR);
    await emptyBucket();
    await decisionsOf(TODAY, 5);
    for (let turn = 0; turn < 60; turn++) await turnAt(TODAY + 16 * DAY + HOUR);
    const days = (kind: string) =>
      Object.keys(objects).filter(
        (name) => name.startsWith(`exports/${kind}/`) && name.endsWith('manifest.json'),
      );
    const objects = await written();
    expect(days('deliveries')).toHaveLength(16);
    // Of fourteen days are kept those that began no longer ago.
    expect(days('decisions')[0]).toBe('exports/decisions/2030-01-23/manifest.json');
    expect(days('decisions')).toHaveLength(13);
  });

  it('go from D1 after a fortnight, five thousand a turn, also without a bucket', async () => {
    await decisionsOf(TODAY - 20 * DAY, 12_000);
    await decisionsOf(TODAY - 14 * DAY, 1);
    const left = async () =>
      (await env.DB.prepare('SELECT count(*) AS n FROM decisions').first<{ n: number }>())?.n;
    expect(await turnAt(TODAY, {})).toBe(TODAY);
    expect(await left()).toBe(7_001);
    expect(await turnAt(TODAY, {})).toBe(TODAY);
    expect(await turnAt(TODAY, {})).toBe(TODAY + 30 * 60_000);
    expect(await left()).toBe(1);
    await turnAt(TODAY + 1, {});
    expect(await left()).toBe(0);
  });
});
