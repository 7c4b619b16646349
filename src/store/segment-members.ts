/** Lists of members: D1 knows profiles by their key alone. */
import type { Fact } from '../engine/vocabulary.ts';
import type { ProfileFacts } from './profile-facts.ts';

/** One statement, whatever the order and however often the facts come. */
export function keepMembers(db: D1Database, profiles: readonly ProfileFacts[]): D1PreparedStatement[] {
  const rows = profiles.flatMap(({ profileKey, facts }) => facts.flatMap((fact) => rowsOf(profileKey, fact)));
  if (rows.length === 0) return [];
  return [
    db
      .prepare(
        `INSERT INTO segment_members (profile_key, segment_id, fact_seq, is_member, changed_at)
         SELECT value ->> 'profileKey', value ->> 'segment', value ->> 'seq', value ->> 'isMember', value ->> 'at'
         FROM json_each(?1) WHERE true
         ON CONFLICT (profile_key, segment_id) DO UPDATE
         SET fact_seq = excluded.fact_seq, is_member = excluded.is_member, changed_at = excluded.changed_at
         WHERE excluded.fact_seq > fact_seq`,
      )
      .bind(JSON.stringify(rows)),
  ];
}

function rowsOf(profileKey: string, { kind, seq, at, segment }: Fact) {
  if (!segment || (kind !== 'segment_entered' && kind !== 'segment_left')) return [];
  const { id, of } = segment;
  const about = of ? { profileKey: of.profile, seq: of.seq } : { profileKey, seq };
  return [{ ...about, segment: id, isMember: kind === 'segment_entered' ? 1 : 0, at }];
}

export async function countMembers(db: D1Database, segment: string): Promise<number> {
  const row = await db
    .prepare('SELECT count(*) AS n FROM segment_members WHERE segment_id = ? AND is_member = 1')
    .bind(segment)
    .first<{ n: number }>();
  return row?.n ?? 0;
}

/** Keys in their order, after `after`; the cursor is null on the last page. */
export async function listMembers(
  db: D1Database,
  segment: string,
  { after, limit }: { after: string; limit: number },
): Promise<{ keys: string[]; cursor: string | null }> {
  const { results } = await db
    .prepare(
      `SELECT profile_key FROM segment_members WHERE segment_id = ? AND is_member = 1 AND profile_key > ?
       ORDER BY profile_key LIMIT ?`,
    )
    .bind(segment, after, limit + 1)
    .all<{ profile_key: string }>();
  const keys = results.slice(0, limit).map((row) => row.profile_key);
  return { keys, cursor: results.length > limit ? (keys.at(-1) ?? null) : null };
}

/** A profile that was idle for so long that it is gone is in no list. */
export async function forgetMember(db: D1Database, profileKey: string): Promise<void> {
  await db.prepare('DELETE FROM segment_members WHERE profile_key = ?').bind(profileKey).run();
}
