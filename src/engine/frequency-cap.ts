/**
 * Frequency caps: how many messages a profile may get in a window, over a channel, a tag, a trigger or a category. What
 * counts is what was sent, by every trigger that isn't exempt itself. A capped message is dropped, and says so.
 */
import type { CompiledTrigger } from './compile-trigger.ts';
import type { Config } from './config.ts';
import type { Draft } from './delta.ts';
import type { CapRule } from './documents.ts';
import { durationMs } from './duration.ts';
import type { Channel } from './trigger.ts';
import { logKey } from './trigger-log.ts';
import type { JsonObject } from './vocabulary.ts';

interface Asked {
  draft: Draft;
  config: Config;
  now: number;
  trigger: CompiledTrigger;
  channel: Channel;
}

/** The rule that forbids one more; null where none does. */
export function cappedBy(asked: Asked): { rule: number; values: JsonObject } | null {
  if (isExempt(asked.trigger)) return null;
  for (const [i, rule] of asked.config.policies.caps.rules.entries()) {
    if (!covers(rule, asked.trigger, asked.channel)) continue;
    const count = sentWithin(rule, asked);
    if (count >= rule.count) return { rule: i, values: { count, rule: i } };
  }
  return null;
}

function isExempt(trigger: CompiledTrigger): boolean {
  return trigger.document.delivery?.caps === 'exempt';
}

function covers(rule: CapRule, { id, document }: CompiledTrigger, channel: string | null): boolean {
  return (
    (rule.channel === undefined || channel === null || rule.channel === channel) &&
    (rule.trigger === undefined || rule.trigger === id) &&
    (rule.category === undefined || rule.category === document.category) &&
    (rule.tag === undefined || (document.tags ?? []).includes(rule.tag))
  );
}

function sentWithin(rule: CapRule, { draft, config, now }: Asked): number {
  const afterAt = now - durationMs(rule.window.last);
  let count = 0;
  for (const trigger of config.triggers.values()) {
    if (isExempt(trigger) || !covers(rule, trigger, null)) continue;
    const recent = draft.get('log', logKey(trigger.id, ''))?.sent?.recent ?? [];
    count += recent.filter(
      ([at, by]) => at > afterAt && (rule.channel === undefined || rule.channel === by),
    ).length;
  }
  return count;
}
