/**
 * What D1 knows of a profile goes in one transaction: the tombstone first, so that nothing that is still on its way can
 * land afterwards (see `migrations/0006_erasures.sql`), then every row of before. Texts are overwritten before they are
 * deleted: SQLite only unlinks what it deletes, and D1 can be told neither `secure_delete` nor `VACUUM`.
 */
const DAY_MS = 86_400_000;

/** Of one profile's message ids; letters name them too. */
const ITS_DELIVERIES = 'SELECT id FROM deliveries WHERE profile_key = ?1 AND created_at <= ?2';
const ITS_LETTERS = `created_at <= ?2 + ${DAY_MS} AND (profile_key = ?1 OR message_id IN (${ITS_DELIVERIES}))`;
/** As many bytes as the text has: a value of the same size is written where the old one stood. */
const blank = (column: string) => `zeroblob(length(CAST(${column} AS BLOB)))`;

const STATEMENTS = [
  `INSERT INTO erasures (profile_key, erased_at) VALUES (?1, ?2)
   ON CONFLICT (profile_key) DO UPDATE SET erased_at = max(erased_at, ?2)`,
  `UPDATE delivery_contents SET content = ${blank('content')} WHERE id IN (${ITS_DELIVERIES})`,
  `DELETE FROM delivery_contents WHERE id IN (${ITS_DELIVERIES})`,
  `UPDATE dead_letters SET body = ${blank('body')} WHERE body IS NOT NULL AND ${ITS_LETTERS}`,
  `DELETE FROM dead_letters WHERE ${ITS_LETTERS}`,
  // A page of watchers names many: the others' part of the letter stays.
  `UPDATE dead_letters SET body = replace(body, ?1, 'erased') WHERE instr(body, ?1) > 0 AND created_at <= ?2 + ${DAY_MS}`,
  `DELETE FROM delivery_reports WHERE id IN (${ITS_DELIVERIES})`,
  'DELETE FROM address_profiles WHERE profile_key = ?1 AND sent_at <= ?2',
  'DELETE FROM deliveries WHERE profile_key = ?1 AND created_at <= ?2',
  'DELETE FROM conversions WHERE profile_key = ?1 AND converted_at <= ?2',
  'DELETE FROM holdouts WHERE profile_key = ?1 AND held_out_at <= ?2',
  'DELETE FROM shadow_sends WHERE profile_key = ?1 AND decided_at <= ?2',
  'DELETE FROM decisions WHERE profile_key = ?1 AND decided_at <= ?2',
  'DELETE FROM segment_members WHERE profile_key = ?1 AND changed_at <= ?2',
  'DELETE FROM exposures WHERE profile_key = ?1 AND exposed_at <= ?2',
  'DELETE FROM reactions WHERE profile_key = ?1 AND reacted_at <= ?2',
  'DELETE FROM active_days WHERE profile_key = ?1 AND told_at <= ?2',
  'DELETE FROM journey_stages WHERE profile_key = ?1 AND reached_at <= ?2',
  'DELETE FROM merged_profiles WHERE (profile_key = ?1 OR from_key = ?1) AND merged_at <= ?2',
];

/** Harmless to repeat; leaves what the same profile has done since. */
export async function eraseFromD1(db: D1Database, profileKey: string, erasedAt: number): Promise<void> {
  await db.batch(STATEMENTS.map((sql) => db.prepare(sql).bind(profileKey, erasedAt)));
}
