import type { ProfileFacts } from './profile-facts.ts';

/** Goals met, as the facts tell of them. */
export function keepConversions(db: D1Database, profiles: readonly ProfileFacts[]): D1PreparedStatement[] {
  const rows = profiles.flatMap(({ profileKey, facts }) =>
    facts.flatMap(({ seq, at, conversion, first }) => {
      if (!conversion) return [];
      const { heldOut, credited = true, workspace, ...told } = conversion;
      const side = workspace && { share: workspace.share, isOut: workspace.heldOut ? 1 : 0 };
      const key = first ?? { profile: profileKey, seq };
      return [{ ...told, ...side, ...key, heldOut: heldOut ? 1 : 0, credited: credited ? 1 : 0, at }];
    }),
  );
  if (rows.length === 0) return [];
  return [
    db
      .prepare(
        `INSERT INTO conversions (profile_key, fact_seq, trigger_id, trigger_version, variant, goal, held_out, value, currency,
           message_id, channel, experiment, workspace_share, workspace_held_out, credited, sent_at, converted_at)
         SELECT value ->> 'profile', value ->> 'seq', value ->> 'trigger', value ->> 'version', value ->> 'variant',
           value ->> 'goal', value ->> 'heldOut', value ->> 'value', value ->> 'currency', value ->> 'messageId',
           value ->> 'channel', value ->> 'experiment', value ->> 'share', value ->> 'isOut', value ->> 'credited', value ->> 'sentAt', value ->> 'at'
         FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
      )
      .bind(JSON.stringify(rows)),
  ];
}
