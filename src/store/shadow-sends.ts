/** What shadow versions would have sent, and how it differs from what the live ones did. */
import { statusRank } from './delivery-status.ts';
import type { ProfileFacts } from './profile-facts.ts';

export function keepShadowSends(db: D1Database, profiles: readonly ProfileFacts[]): D1PreparedStatement[] {
  const rows = profiles.flatMap(({ profileKey, facts }) =>
    facts.flatMap(({ kind, seq, at, message, first }) => {
      if (kind !== 'shadow' || !message) return [];
      const key = first ?? { profile: profileKey, seq };
      return [{ ...message, ...key, at, heldOut: message.reason === 'held_out' ? 1 : 0 }];
    }),
  );
  if (rows.length === 0) return [];
  return [
    db
      .prepare(
        `INSERT INTO shadow_sends (profile_key, fact_seq, trigger_id, trigger_version, variant, channel, held_out, decided_at)
         SELECT value ->> 'profile', value ->> 'seq', value ->> 'trigger', value ->> 'version', value ->> 'variant',
           value ->> 'channel', value ->> 'heldOut', value ->> 'at'
         FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
      )
      .bind(JSON.stringify(rows)),
  ];
}

export interface ShadowCounts {
  messages: number;
  people: number;
}

export interface ShadowExample {
  profileKey: string;
  channel: string;
  at: number;
}

export interface ShadowDiff {
  live: ShadowCounts;
  shadow: ShadowCounts & { heldOut: number };
  /** The same message: to the same person, on the same channel, decided in the same moment. */
  both: ShadowCounts;
  onlyLive: ShadowCounts & { examples: ShadowExample[] };
  onlyShadow: ShadowCounts & { examples: ShadowExample[] };
}

/** What was announced but taken back, or still waits, is no message to anybody. */
const MADE = `status NOT IN (${statusRank('cancelled')}, ${statusRank('held')})`;
const LIVE = `SELECT profile_key, channel, created_at AS at FROM deliveries
  WHERE trigger_id = ?1 AND created_at >= ?2 AND test = 0 AND ${MADE}`;
const SHADOW = `SELECT profile_key, channel, decided_at AS at FROM shadow_sends
  WHERE trigger_id = ?1 AND decided_at >= ?2 AND trigger_version = ?3 AND held_out = 0`;
const COUNT = 'SELECT COUNT(*) AS messages, COUNT(DISTINCT profile_key) AS people FROM';
const EXAMPLES = 20;

/** Since the shadow was set up. Reads one row a message of either version. */
export async function readShadowDiff(
  db: D1Database,
  trigger: string,
  shadow: { version: number; since: number },
): Promise<ShadowDiff> {
  const sets = {
    live: LIVE,
    shadow: SHADOW,
    both: `${LIVE} INTERSECT ${SHADOW}`,
    onlyLive: `${LIVE} EXCEPT ${SHADOW}`,
    onlyShadow: `${SHADOW} EXCEPT ${LIVE}`,
  };
  const bound = (sql: string) => db.prepare(sql).bind(trigger, shadow.since, shadow.version);
  // Each names all three values, whichever it reads.
  const asked = (set: string, select: string) => bound(`${select} (SELECT * FROM (${set}) WHERE ?3 = ?3)`);
  const newest = (set: string) =>
    bound(`SELECT * FROM (${set}) WHERE ?3 = ?3 ORDER BY at DESC, profile_key LIMIT ${EXAMPLES}`);
  const [live, own, both, onlyLive, onlyShadow, heldOut, liveRows, shadowRows] = await db.batch([
    asked(sets.live, COUNT),
    asked(sets.shadow, COUNT),
    asked(sets.both, COUNT),
    asked(sets.onlyLive, COUNT),
    asked(sets.onlyShadow, COUNT),
    bound(
      `SELECT COUNT(*) AS messages FROM shadow_sends
        WHERE trigger_id = ?1 AND decided_at >= ?2 AND trigger_version = ?3 AND held_out = 1`,
    ),
    newest(sets.onlyLive),
    newest(sets.onlyShadow),
  ]);
  return {
    live: countsOf(live),
    shadow: { ...countsOf(own), heldOut: countsOf(heldOut).messages },
    both: countsOf(both),
    onlyLive: { ...countsOf(onlyLive), examples: examplesOf(liveRows) },
    onlyShadow: { ...countsOf(onlyShadow), examples: examplesOf(shadowRows) },
  };
}

function countsOf(result: D1Result | undefined): ShadowCounts {
  const [row] = (result?.results ?? []) as ShadowCounts[];
  return { messages: row?.messages ?? 0, people: row?.people ?? 0 };
}

function examplesOf(result: D1Result | undefined): ShadowExample[] {
  const rows = (result?.results ?? []) as { profile_key: string; channel: string; at: number }[];
  return rows.map(({ profile_key, channel, at }) => ({ profileKey: profile_key, channel, at }));
}
