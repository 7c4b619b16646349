/**
 * Frequency caps: how many messages a profile may get in a window, over a channel, a surface, a tag, a trigger or a
 * category. What counts is what was sent, by every trigger that isn't exempt itself. A capped message is dropped, and says so.
 */

import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import type { Config } from '../config.ts';
import type { CapRule } from '../documents.ts';
import { calendarZone, compileWindow } from '../language/windows.ts';
import type { Scope } from '../scope.ts';
import type { CappedSend } from '../state.ts';
import { durationMs } from '../time/duration.ts';
import { nextStartOf, startOf } from '../time/zone-time.ts';
import type { Channel } from '../trigger.ts';
import type { JsonObject } from '../vocabulary.ts';
import { capKey } from './cap-keys.ts';

/** A message that is to be sent, or that some trigger got through in the same round. */
export interface SentNow {
  trigger: CompiledTrigger;
  channel: Channel;
  surface: string | undefined;
  scope: Scope;
}

interface Capped {
  rule: number;
  /** Who took the last of the room in this very round; absent where there was none before it. */
  winner?: string;
  values: JsonObject;
  /** When there is room again, should nothing else be sent. */
  freeAt: number;
}

/** The rule that forbids one more; null where none does. `sentNow` has been sent in this very round. */
export function cappedBy(asked: SentNow, sentNow: readonly SentNow[]): Capped | null {
  if (isExempt(asked.trigger)) return null;
  for (const [i, rule] of asked.scope.config.policies.caps.rules.entries()) {
    const key = keyUnder(rule, asked);
    if (key === null) continue;
    const sent = sentWithin(rule, key, asked.scope);
    const count = sent.length;
    if (count < rule.count) continue;
    const freeAt = freeFrom(rule, sent, asked.scope);
    const winner = winnerOf(rule, key, count, asked, sentNow);
    return winner === undefined
      ? { rule: i, freeAt, values: { count, rule: i } }
      : { rule: i, winner, freeAt, values: { count, rule: i, winner } };
  }
  return null;
}

function winnerOf(
  rule: CapRule,
  key: string,
  count: number,
  { trigger }: SentNow,
  sentNow: readonly SentNow[],
): string | undefined {
  const rivals = sentNow.filter(
    (sent) => sent.trigger.id !== trigger.id && !isExempt(sent.trigger) && keyUnder(rule, sent) === key,
  );
  return count - rivals.length < rule.count ? rivals.at(-1)?.trigger.id : undefined;
}

/** What the rule counts the message under: '' where it counts all alike; null where it has no say in it. */
function keyUnder(rule: CapRule, { trigger, channel, surface, scope }: SentNow): string | null {
  if (!covers(rule, trigger) || !isOn(rule, channel, surface)) return null;
  return rule.per ? capKey(rule.per, scope) : '';
}

function isExempt(trigger: CompiledTrigger): boolean {
  return trigger.document.delivery?.caps === 'exempt';
}

function covers(rule: CapRule, { id, document }: CompiledTrigger): boolean {
  return (
    (rule.trigger === undefined || rule.trigger === id) &&
    (rule.category === undefined || rule.category === document.category) &&
    (rule.tag === undefined || (document.tags ?? []).includes(rule.tag))
  );
}

function isOn(rule: CapRule, channel: string, surface: string | undefined): boolean {
  return (
    (rule.channel === undefined || rule.channel === channel) &&
    (rule.surface === undefined || rule.surface === surface)
  );
}

/** When the messages that count were sent, oldest first. */
function sentWithin(rule: CapRule, key: string, scope: Scope): number[] {
  const afterAt = compileWindow(rule.window)(scope);
  const sent: number[] = [];
  for (const { at, trigger, channel, surface } of rule.per ? notedUnder(key, scope) : logged(scope)) {
    if (at > afterAt && isOn(rule, channel, surface) && countsFor(rule, scope.config, trigger)) sent.push(at);
  }
  return sent.sort((a, b) => a - b);
}

/** When the last of the messages that are too many leaves the window. */
function freeFrom({ window, count }: CapRule, sent: number[], scope: Scope): number {
  const leaves = sent[sent.length - count] ?? scope.now;
  if ('last' in window) return leaves + durationMs(window.last);
  const zone = calendarZone(window, scope);
  const units = window.count ?? 1;
  let freeAt = nextStartOf(window.calendar, zone, scope.now);
  for (let i = 1; i < units && startOf(window.calendar, zone, freeAt, units) <= leaves; i++) {
    freeAt = nextStartOf(window.calendar, zone, freeAt);
  }
  return freeAt;
}

function notedUnder(key: string, { draft }: Scope): CappedSend[] {
  return draft.get('capped', key) ?? [];
}

/** Asks the log, not the triggers in force: what an archived one sent was sent all the same. */
function* logged({ draft }: Scope): Generator<Omit<CappedSend, 'surface'> & { surface: string | undefined }> {
  for (const [key, { sent }] of draft.entries('log')) {
    // Under a run's key stands what stands under the trigger's own already.
    if (!sent || !key.endsWith('\n')) continue;
    for (const [at, channel, surface] of sent.recent) {
      yield { at, trigger: key.slice(0, -1), channel, surface };
    }
  }
}

/** Of a trigger that is gone, only the id is known. */
function countsFor(rule: CapRule, config: Config, triggerId: string): boolean {
  const trigger = config.triggers.get(triggerId);
  if (trigger) return !isExempt(trigger) && covers(rule, trigger);
  const named = rule.tag !== undefined || rule.category !== undefined;
  return !named && (rule.trigger === undefined || rule.trigger === triggerId);
}
