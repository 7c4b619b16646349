import type { ProfileFacts } from './profile-facts.ts';

/** Messages that nobody got because the person is in a hold-out, as the facts tell of them. */
export function keepHoldouts(db: D1Database, profiles: readonly ProfileFacts[]): D1PreparedStatement[] {
  const rows = profiles.flatMap(({ profileKey, facts }) =>
    facts.flatMap(({ kind, at, message }) =>
      kind === 'held_out' && message ? [{ ...message, profileKey, at }] : [],
    ),
  );
  if (rows.length === 0) return [];
  return [
    db
      .prepare(
        `INSERT INTO holdouts (id, profile_key, trigger_id, trigger_version, variant, channel, held_out_at)
         SELECT value ->> 'id', value ->> 'profileKey', value ->> 'trigger', value ->> 'version', value ->> 'variant',
           value ->> 'channel', value ->> 'at'
         FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
      )
      .bind(JSON.stringify(rows)),
  ];
}
