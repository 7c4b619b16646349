/**
 * Days and stages of the workspace's report. An anonymous profile that has become another is that one here too: `merged_profiles`
 * says so, what was told of it before is moved, and what is told of it later lands at the other. So the order in which facts
 * come makes no difference, and nobody is two people.
 */
import { JOURNEY_STAGES } from '../engine/reporting/report-facts.ts';
import type { ProfileFacts } from './profile-facts.ts';

const OWNER = `coalesce((SELECT profile_key FROM merged_profiles WHERE from_key = value ->> 'profile'), value ->> 'profile')`;

/** Statements in their order: who is who, then what they did, then what had been told under the old name. */
export function keepAudience(db: D1Database, profiles: readonly ProfileFacts[]): D1PreparedStatement[] {
  const days: object[] = [];
  const stages: object[] = [];
  const merges: { from: string; to: string; at: number }[] = [];
  for (const { profileKey, facts } of profiles) {
    for (const { kind, at, activity, stage, merged, first } of facts) {
      const profile = first?.profile ?? profileKey;
      if (activity) days.push({ ...activity, profile, at });
      if (stage) stages.push({ stage: JOURNEY_STAGES.indexOf(stage), profile, at });
      if (kind === 'profile_merged' && merged !== undefined)
        merges.push({ from: merged, to: profileKey, at });
    }
  }
  return [
    ...some(db, MERGE, merges),
    ...some(db, ADD_DAYS, days),
    ...some(db, ADD_STAGES, stages),
    ...MOVE.flatMap((sql) => some(db, sql, merges)),
  ];
}

function some(db: D1Database, sql: string, rows: object[]): D1PreparedStatement[] {
  return rows.length === 0 ? [] : [db.prepare(sql).bind(JSON.stringify(rows))];
}

const MERGE = `
INSERT INTO merged_profiles (from_key, profile_key, merged_at)
SELECT value ->> 'from', value ->> 'to', value ->> 'at' FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`;

const ADD_DAYS = `
INSERT INTO active_days (day, profile_key, first_day, told_at)
SELECT value ->> 'day', ${OWNER}, value ->> 'firstDay', value ->> 'at' FROM json_each(?1) WHERE true
ON CONFLICT (day, profile_key) DO UPDATE SET first_day = excluded.first_day WHERE excluded.first_day < first_day`;

const ADD_STAGES = `
INSERT INTO journey_stages (profile_key, stage, reached_at)
SELECT ${OWNER}, value ->> 'stage', value ->> 'at' FROM json_each(?1) WHERE true
ON CONFLICT (profile_key, stage) DO UPDATE SET reached_at = excluded.reached_at
WHERE excluded.reached_at < reached_at`;

const FROM_KEYS = `SELECT value ->> 'from' FROM json_each(?1)`;
/** Only where the merge was taken in: whoever was erased stays gone. */
const MOVED = `JOIN merged_profiles AS m ON m.from_key = old.profile_key WHERE old.profile_key IN (${FROM_KEYS})`;
const IS_MERGED = `profile_key IN (${FROM_KEYS}) AND profile_key IN (SELECT from_key FROM merged_profiles)`;

const MOVE = [
  `INSERT INTO active_days (day, profile_key, first_day, told_at)
   SELECT old.day, m.profile_key, old.first_day, old.told_at FROM active_days AS old ${MOVED}
   ON CONFLICT (day, profile_key) DO UPDATE SET first_day = excluded.first_day WHERE excluded.first_day < first_day`,
  `DELETE FROM active_days WHERE ${IS_MERGED}`,
  `INSERT INTO journey_stages (profile_key, stage, reached_at)
   SELECT m.profile_key, old.stage, old.reached_at FROM journey_stages AS old ${MOVED}
   ON CONFLICT (profile_key, stage) DO UPDATE SET reached_at = excluded.reached_at
   WHERE excluded.reached_at < reached_at`,
  `DELETE FROM journey_stages WHERE ${IS_MERGED}`,
];
