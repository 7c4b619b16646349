/**
 * A trigger's experiment: who takes part on which side, and what they did. Sums of each person's outcomes are taken in D1, so
 * that a comparison reads one row a participant and one a conversion, and carries a row for each arm.
 */
import {
  type ArmOutcome,
  type ArmSize,
  type ExperimentReport,
  type HoldoutReport,
  judgeExperiment,
  judgeHoldout,
} from '../engine/statistics/experiment.ts';
import type { Trigger } from '../engine/trigger.ts';

const SIZES = `
SELECT variant, held_out AS heldOut, COUNT(*) AS people FROM exposures
WHERE trigger_id = ?1 AND experiment = ?2 GROUP BY variant, held_out`;

const OUTCOMES = `
SELECT goal, variant, held_out AS heldOut, COUNT(*) AS active, SUM(value) AS sum, SUM(value * value) AS sumOfSquares,
  COUNT(CASE WHEN value <> 0 THEN 1 END) AS paying
FROM (
  SELECT goal, variant, held_out, profile_key,
    SUM(CASE WHEN coalesce(currency, ?3) = ?3 THEN coalesce(value, 0) ELSE 0 END) AS value
  FROM conversions WHERE trigger_id = ?1 AND experiment = ?2 GROUP BY goal, variant, held_out, profile_key
)
GROUP BY goal, variant, held_out`;

const HOLDOUT_OUTCOMES = `
SELECT '' AS goal, NULL AS variant, heldOut, COUNT(*) AS active, SUM(value) AS sum, SUM(value * value) AS sumOfSquares,
  COUNT(CASE WHEN value <> 0 THEN 1 END) AS paying
FROM (
  SELECT workspace_held_out AS heldOut, profile_key,
    SUM(CASE WHEN coalesce(currency, ?2) = ?2 THEN coalesce(value, 0) ELSE 0 END) AS value
  FROM conversions WHERE workspace_share = ?1 AND credited = 1 GROUP BY workspace_held_out, profile_key
)
GROUP BY heldOut`;

/** What all marketing together has changed, by the workspace's hold-out of this share. An event counts once: its credit. */
export async function readHoldout(db: D1Database, share: number, currency: string): Promise<HoldoutReport> {
  const [sizes, outcomes] = await db.batch<unknown>([
    db.prepare(SIZES).bind('', String(share)),
    db.prepare(HOLDOUT_OUTCOMES).bind(share, currency),
  ]);
  return judgeHoldout(share, sizes?.results as ArmSize[], outcomes?.results as ArmOutcome[]);
}

/** @param experiment see `experimentOf` */
export async function readExperiment(
  db: D1Database,
  trigger: Trigger,
  experiment: string,
  context: { currency: string; workspaceShare: number },
): Promise<ExperimentReport> {
  const [sizes, outcomes] = await db.batch<unknown>([
    db.prepare(SIZES).bind(trigger.id, experiment),
    db.prepare(OUTCOMES).bind(trigger.id, experiment, context.currency),
  ]);
  return judgeExperiment(
    trigger,
    context.workspaceShare,
    sizes?.results as ArmSize[],
    outcomes?.results as ArmOutcome[],
  );
}
