/** Who takes part in experiments, and who left after a message, as the facts tell of them. */
import type { Fact } from '../engine/vocabulary.ts';
import type { ProfileFacts } from './profile-facts.ts';

export function keepExposures(db: D1Database, profiles: readonly ProfileFacts[]): D1PreparedStatement[] {
  const rows = profiles.flatMap(({ profileKey, facts }) =>
    facts.flatMap((fact) => exposuresOf(fact, fact.first?.profile ?? profileKey)),
  );
  if (rows.length === 0) return [];
  return [
    db
      .prepare(
        `INSERT INTO exposures (trigger_id, experiment, profile_key, variant, held_out, exposed_at)
         SELECT value ->> 'trigger', value ->> 'experiment', value ->> 'profile', value ->> 'variant', value ->> 'heldOut',
           value ->> 'at'
         FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
      )
      .bind(JSON.stringify(rows)),
  ];
}

/** In the trigger's experiment, in the workspace's hold-out, or in both. */
function exposuresOf({ kind, at, message, exposure, workspaceExposure: workspace }: Fact, profile: string) {
  const rows: object[] = [];
  if (message && exposure !== undefined) {
    const { trigger, variant } = message;
    rows.push({ profile, at, trigger, variant, experiment: exposure, heldOut: kind === 'held_out' ? 1 : 0 });
  }
  if (workspace) {
    const heldOut = workspace.heldOut ? 1 : 0;
    rows.push({ profile, at, trigger: '', variant: null, experiment: String(workspace.share), heldOut });
  }
  return rows;
}

export function keepReactions(db: D1Database, profiles: readonly ProfileFacts[]): D1PreparedStatement[] {
  const rows = profiles.flatMap(({ profileKey, facts }) =>
    facts.flatMap(({ seq, at, reaction, first }) => {
      if (!reaction) return [];
      const key = first ?? { profile: profileKey, seq };
      return [{ ...reaction, ...key, heldOut: reaction.heldOut ? 1 : 0, at }];
    }),
  );
  if (rows.length === 0) return [];
  return [
    db
      .prepare(
        `INSERT INTO reactions (profile_key, fact_seq, trigger_id, variant, channel, kind, held_out, sent_at, reacted_at)
         SELECT value ->> 'profile', value ->> 'seq', value ->> 'trigger', value ->> 'variant', value ->> 'channel',
           value ->> 'kind', value ->> 'heldOut', value ->> 'sentAt', value ->> 'at'
         FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
      )
      .bind(JSON.stringify(rows)),
  ];
}
