import type { ProfileFacts } from './profile-facts.ts';

/** Goals met, as the facts tell of them. */
export function keepConversions(db: D1Database, profiles: readonly ProfileFacts[]): D1PreparedStatement[] {
  return profiles.flatMap(({ profileKey, facts }) =>
    facts.flatMap(({ seq, at, conversion, first }) => {
      if (!conversion) return [];
      const key = first ?? { profile: profileKey, seq };
      const { trigger, version, variant, goal, heldOut, value, sentAt } = conversion;
      return [
        db
          .prepare(
            `INSERT INTO conversions (profile_key, fact_seq, trigger_id, trigger_version, variant, goal, held_out,
               value, sent_at, converted_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING`,
          )
          .bind(key.profile, key.seq, trigger, version, variant, goal, heldOut ? 1 : 0, value, sentAt, at),
      ];
    }),
  );
}
