/**
 * Each day's deliveries, conversions and, where the workspace exports them, decisions as NDJSON in a bucket, where one is
 * bound; without one nothing here is asked or kept.
 *
 *     exports/<kind>/<day>/00000.ndjson, 00001.ndjson, …   a part a turn, each a bounded number of rows
 *     exports/<kind>/<day>/manifest.json                   last: how many parts and lines there are
 *
 * A part is put first and noted after. Whoever dies between the two puts the same part once more: its name and its rows
 * follow from the noted place. Lines know profiles by key, and hold no user's id and nothing of a message's content, because
 * an erasure doesn't reach a bucket.
 *
 * D1 keeps decisions for a while only. A day that has begun to go by then gets no manifest of them: it isn't whole.
 */
import type { Env } from '../bindings.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../engine/time/duration.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import type { StoredLine } from '../protocol/workspace-export-schema.ts';
import { DECISIONS_KEPT_MS, exportDecisions, hasDecisions } from '../store/decisions.ts';
import {
  type ExportRows,
  type ExportSpan,
  exportConversions,
  exportDeliveries,
} from '../store/export-rows.ts';
import {
  EXPORTED_KINDS,
  type ExportedKind,
  type ExportPlace,
  putExportPlace,
  readExportPlace,
} from './daily-export-store.ts';

/** How long after its midnight a day is written: by then its facts have reached D1, unless something is wrong. */
const SETTLE_MS = HOUR_MS;
/** Days that were missed are made up for, so many at most. */
const CATCH_UP_DAYS = 30;
const TRY_AGAIN_MS = 5 * MINUTE_MS;
/** A part is full after so many lines, and over after so many pages of D1, each of at most 5,000 lines. */
const LINES_PER_PART = 5_000;
const PAGES_PER_PART = 10;

type Read = (
  db: D1Database,
  span: ExportSpan,
  cursor: string | null,
) => Promise<ExportRows<StoredLine> | null>;

const READ: Record<ExportedKind, Read> = {
  deliveries: exportDeliveries,
  conversions: exportConversions,
  decisions: exportDecisions,
};

export class DailyExports {
  readonly #sql: CountedSql;
  readonly #env: () => Pick<Env, 'DB' | 'EXPORTS'>;
  /** Whether the workspace exports decisions, as far as anybody has looked. */
  tellsDecisions = false;
  #notBefore = 0;

  constructor(sql: CountedSql, env: () => Pick<Env, 'DB' | 'EXPORTS'>) {
    this.#sql = sql;
    this.#env = env;
  }

  /** When there is something to write; null where no bucket is bound. */
  dueAt(now: number): number | null {
    if (!this.#env().EXPORTS) return null;
    const place = readExportPlace(this.#sql);
    if (placeDue(place, now)) return Math.max(now, this.#notBefore);
    return place && place.dayAt + 2 * DAY_MS + SETTLE_MS;
  }

  /** The next part, where one is due. What fails is told to the operator, and tried again later. */
  async writePart(now: number): Promise<void> {
    const { EXPORTS: bucket, DB: db } = this.#env();
    if (!bucket || now < this.#notBefore) return;
    const place = placeDue(readExportPlace(this.#sql), now);
    if (!place) return;
    try {
      putExportPlace(this.#sql, await this.#written(place, db, bucket, now));
    } catch (error) {
      this.#notBefore = now + TRY_AGAIN_MS;
      const { kind, dayAt } = place;
      const alert = { alert: 'daily_export_failed', kind, day: dayOf(dayAt), error: String(error) };
      // biome-ignore lint/suspicious/noConsole: a line for the operator; it names no user.
      console.error(JSON.stringify(alert));
    }
  }

  /** Answers the place after it. Throws where D1 or the bucket doesn't answer. */
  async #written(place: DuePlace, db: D1Database, bucket: R2Bucket, now: number): Promise<ExportPlace> {
    const { dayAt, kind } = place;
    if (kind === 'decisions' && dayAt < now - DECISIONS_KEPT_MS) return begun(dayAt, null);
    const after = await writtenPart(place, db, bucket);
    return after.cursor === null ? begun(dayAt, await this.#kindAfter(kind, dayAt, db)) : after;
  }

  async #kindAfter(kind: ExportedKind, dayAt: number, db: D1Database): Promise<ExportedKind | null> {
    const next = EXPORTED_KINDS[EXPORTED_KINDS.indexOf(kind) + 1] ?? null;
    if (next !== 'decisions' || this.tellsDecisions) return next;
    // Of the day on which they were switched off there are some.
    return (await hasDecisions(db, dayOver(dayAt))) ? next : null;
  }
}

function begun(dayAt: number, kind: ExportedKind | null): ExportPlace {
  return { dayAt, kind, parts: 0, lines: 0, cursor: null };
}

function dayOver(dayAt: number): ExportSpan {
  return { fromAt: dayAt, toAt: dayAt + DAY_MS };
}

type DuePlace = ExportPlace & { kind: ExportedKind };

/** Where to write on; null where every day that is over and settled is written. Begins with the newest of them. */
function placeDue(place: ExportPlace | null, now: number): DuePlace | null {
  if (place?.kind) return { ...place, kind: place.kind };
  const newestAt = Math.floor((now - SETTLE_MS) / DAY_MS) * DAY_MS - DAY_MS;
  const dayAt = place ? Math.max(place.dayAt + DAY_MS, newestAt - CATCH_UP_DAYS * DAY_MS) : newestAt;
  return dayAt > newestAt ? null : { ...begun(dayAt, null), kind: EXPORTED_KINDS[0] };
}

/** Answers how far the kind has come: with its last part the manifest is written. */
async function writtenPart(place: DuePlace, db: D1Database, bucket: R2Bucket): Promise<ExportPlace> {
  const { dayAt, kind } = place;
  const folder = `exports/${kind}/${dayOf(dayAt)}`;
  const { lines, cursor } = await readPart(place, db);
  const parts = place.parts + (lines.length > 0 ? 1 : 0);
  const after = { dayAt, kind, parts, lines: place.lines + lines.length, cursor };
  if (lines.length > 0) {
    const name = `${folder}/${String(place.parts).padStart(5, '0')}.ndjson`;
    await put(bucket, name, lines.join(''), 'application/x-ndjson');
  }
  if (cursor !== null) return after;
  const manifest = { day: dayOf(dayAt), kind, parts, lines: after.lines };
  await put(bucket, `${folder}/manifest.json`, `${JSON.stringify(manifest)}\n`, 'application/json');
  return after;
}

async function readPart({ dayAt, kind, cursor: from }: DuePlace, db: D1Database) {
  const lines: string[] = [];
  let cursor = from;
  for (let page = 0; page < PAGES_PER_PART && lines.length < LINES_PER_PART; page++) {
    const rows = await READ[kind](db, dayOver(dayAt), cursor);
    if (!rows) throw new Error(`the cursor of ${kind} is none: ${cursor}`);
    for (const line of rows.lines) lines.push(`${JSON.stringify(line)}\n`);
    cursor = rows.cursor;
    if (cursor === null) break;
  }
  return { lines, cursor };
}

function put(bucket: R2Bucket, name: string, text: string, contentType: string): Promise<unknown> {
  return bucket.put(name, text, { httpMetadata: { contentType } });
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
