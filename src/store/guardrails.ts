/**
 * Guardrails: a trigger whose messages drive too many people away pauses itself.
 *
 *     a reaction's fact is written → what its trigger has sent, and who left after it, is counted anew, since the trigger
 *     was last activated → crossed: paused as by hand, with the reason in the audit and in `guardrail_pauses`
 *
 * Counted from rows, not kept as a number: the same facts again count the same. Reactions to messages of before the last
 * activation don't count, so that who activates it again isn't overruled at once. The count and the pause are of one
 * moment: the pause is refused where somebody has activated or paused it meanwhile (see `commit-change.ts`).
 */
import type { Env } from '../bindings.ts';
import type { GuardrailsPolicy } from '../engine/documents.ts';
import { isCrossed } from '../engine/statistics/guardrail.ts';
import type { Trigger } from '../engine/trigger.ts';
import { loadConfig } from './config-cache.ts';
import { statusRank } from './delivery-status.ts';
import { readRow } from './read-documents.ts';
import { changeState } from './write-documents.ts';

/** What was counted, since the trigger was last activated. */
export interface GuardrailCount {
  /** Reactions per thousand messages. */
  threshold: number;
  sinceAt: number;
  messages: number;
  /** Messages after which somebody left. */
  reactions: number;
}

const GUARDRAIL_AUTHOR = 'guardrail';

/** Reactions per thousand messages; null where the trigger has no guardrail. */
function thresholdOf(
  { perThousand, triggers = {} }: GuardrailsPolicy,
  { id, category }: Pick<Trigger, 'id' | 'category'>,
): number | null {
  if (Object.hasOwn(triggers, id)) return triggers[id] ?? null;
  return category === 'marketing' ? perThousand : null;
}

/** Held, cancelled and failed messages have driven nobody away. */
const WENT_OUT = `(status IN (${statusRank('queued')}, ${statusRank('unknown')}, ${statusRank('sent')})
  OR status >= ${statusRank('delivered')})`;

const COUNTS = `
WITH since AS (
  SELECT coalesce(MAX(at), 0) AS at FROM audit WHERE kind = 'trigger' AND id = ?1 AND action = 'activate'
)
SELECT since.at AS sinceAt,
  (SELECT COUNT(*) FROM deliveries
   WHERE trigger_id = ?1 AND created_at >= since.at AND test = 0 AND ${WENT_OUT}) AS messages,
  (SELECT COUNT(DISTINCT profile_key || ' ' || sent_at) FROM reactions
   WHERE trigger_id = ?1 AND sent_at >= since.at AND held_out = 0) AS reactions
FROM since`;

/** Null where the trigger has no guardrail. */
export async function readGuardrail(
  env: Env,
  policy: GuardrailsPolicy,
  trigger: Pick<Trigger, 'id' | 'category'>,
): Promise<GuardrailCount | null> {
  const threshold = thresholdOf(policy, trigger);
  if (threshold === null) return null;
  const row = await env.DB.withSession('first-primary')
    .prepare(COUNTS)
    .bind(trigger.id)
    .first<Omit<GuardrailCount, 'threshold'>>();
  return row && { threshold, ...row };
}

/**
 * Asks the guardrails of these triggers. Throws where D1 does; asking again is harmless.
 *
 * @returns ids of the triggers that it has paused
 */
export async function askGuardrails(env: Env, triggers: Iterable<string>, now: number): Promise<string[]> {
  const paused: string[] = [];
  for (const id of new Set(triggers)) if (await guard(env, id, now)) paused.push(id);
  return paused;
}

async function guard(env: Env, id: string, now: number): Promise<boolean> {
  const { policies, triggers } = await loadConfig(env);
  const trigger = triggers.get(id);
  if (!trigger) return false;
  const count = () => readGuardrail(env, policies.guardrails, trigger.document);
  const first = await count();
  if (!first || !crossed(first)) return false;
  const detail = JSON.stringify(first);
  const done = await changeState<'not_crossed'>(env, {
    kind: 'trigger',
    id,
    action: 'pause',
    author: GUARDRAIL_AUTHOR,
    now,
    ifMatch: null,
    detail,
    check: async () => {
      const row = await readRow(env, 'trigger', id);
      const again = row?.state === 'live' ? await count() : null;
      return again && crossed(again) ? null : 'not_crossed';
    },
    alongside: () => [
      env.DB.prepare(
        `INSERT INTO guardrail_pauses (trigger_id, paused_at, detail) VALUES (?1, ?2, ?3)
         ON CONFLICT (trigger_id) DO UPDATE SET paused_at = excluded.paused_at, detail = excluded.detail`,
      ).bind(id, now, detail),
    ],
  });
  if (done.kind === 'busy') throw new Error(`the configuration is being changed: ${id} is not paused yet`);
  return done.kind === 'done';
}

function crossed({ reactions, messages, threshold }: GuardrailCount): boolean {
  return isCrossed(reactions, messages, threshold / 1_000);
}

export type GuardrailPause = GuardrailCount & { pausedAt: number };

/** Triggers that have paused themselves and were not activated since. */
export async function readGuardrailPauses(env: Env): Promise<Map<string, GuardrailPause>> {
  const { results } = await env.DB.prepare('SELECT trigger_id, paused_at, detail FROM guardrail_pauses').all<{
    trigger_id: string;
    paused_at: number;
    detail: string;
  }>();
  return new Map(
    results.map(({ trigger_id: id, paused_at: pausedAt, detail }) => [
      id,
      { ...(JSON.parse(detail) as GuardrailCount), pausedAt },
    ]),
  );
}

/** A statement, with the activation. */
export function forgetGuardrailPause(env: Env, trigger: string): D1PreparedStatement {
  return env.DB.prepare('DELETE FROM guardrail_pauses WHERE trigger_id = ?').bind(trigger);
}
