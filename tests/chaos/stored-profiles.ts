/**
 * The profiles as they lie on disk, for what the API can't tell: which events each of them holds, what waits in it, and
 * whether an alarm stands for that. Read while nothing runs. This rests on workerd's own layout: one SQLite file for each
 * object, and the alarms of a class in `metadata.sqlite`, in nanoseconds.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { applyDelta } from '../../src/engine/delta.ts';
import { nextDueAt } from '../../src/engine/resume.ts';
import { emptyState, type ProfileState, parseState } from '../../src/engine/state.ts';
import type { LogEntry, LoggedEvent } from '../../src/profiles/log-entry.ts';

export interface StoredProfile {
  id: string;
  kind: 'user' | 'anonymous';
  /** Set where it has been merged into another one. */
  movedTo: string | null;
  /** Of every event in its history, as often as it is there. */
  messageIds: string[];
  outbox: string[];
  waitingRuns: number;
  /** Milliseconds; null where nothing waits. */
  dueAt: number | null;
  /** Milliseconds; null where none stands. */
  alarmAt: number | null;
}

export function readProfiles(stateDir: string): StoredProfile[] {
  const folder = join(stateDir, 'v3', 'do', 'reflex-ProfileObject');
  const alarms = readAlarms(join(folder, 'metadata.sqlite'));
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sqlite') && name !== 'metadata.sqlite')
    .flatMap((name) => {
      const alarmAt = alarms.get(name.slice(0, -'.sqlite'.length)) ?? null;
      return readProfile(join(folder, name), alarmAt) ?? [];
    });
}

function readAlarms(path: string): Map<string, number> {
  const database = new DatabaseSync(path, { readOnly: true });
  const statement = database.prepare('SELECT actor_id, scheduled_time FROM _cf_ALARM');
  statement.setReadBigInts(true);
  const rows = statement.all() as { actor_id: string; scheduled_time: bigint }[];
  database.close();
  return new Map(rows.map((row) => [row.actor_id, Number(row.scheduled_time / 1_000_000n)]));
}

/** Null for an object that was called and never wrote. */
function readProfile(path: string, alarmAt: number | null): StoredProfile | null {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    if (!hasTable(database, 'log')) return null;
    const { state, events } = readLog(database);
    const { meta } = state;
    return {
      id: meta.id,
      kind: meta.kind,
      movedTo: meta.movedTo?.id ?? null,
      messageIds: events.filter(({ system }) => !system).map(({ messageId }) => messageId),
      outbox: [...state.outbox.keys()],
      waitingRuns: [...state.runs.values()].filter(({ dueAt }) => dueAt !== null).length,
      dueAt: meta.movedTo ? null : nextDueAt(state),
      alarmAt,
    };
  } finally {
    database.close();
  }
}

function readLog(database: DatabaseSync): { state: ProfileState; events: LoggedEvent[] } {
  const all = <Row>(sql: string, ...values: number[]) => database.prepare(sql).all(...values) as Row[];
  const events: LoggedEvent[] = [];
  let state = emptyState({ kind: 'anonymous', id: '', key: '' }, 0);
  let seq = 0;
  if (hasTable(database, 'snapshot')) {
    const parts = all<{ seq: number; body: string }>('SELECT seq, body FROM snapshot ORDER BY id');
    const [first] = parts;
    // A merge makes the tables before there is a snapshot.
    if (first) state = parseState(parts.map(({ body }) => body).join(''));
    seq = first?.seq ?? 0;
    for (const { body } of all<{ body: string }>('SELECT body FROM history'))
      events.push(...JSON.parse(body));
  }
  const rows = all<{ body: string }>('SELECT body FROM log WHERE seq > ? ORDER BY seq', seq);
  for (const { body } of rows) {
    const entry = JSON.parse(body) as LogEntry;
    applyDelta(state, entry.delta);
    events.push(...entry.events);
  }
  return { state, events };
}

function hasTable(database: DatabaseSync, name: string): boolean {
  return database.prepare('SELECT 1 FROM sqlite_master WHERE name = ?').get(name) !== undefined;
}
