/**
 * Frequency caps `per` something: so many messages per item, say, whichever trigger sends them. What a message was about
 * can't be told from its trigger's log, so sends are noted under the values of the paths that a rule in force names. A
 * message without one of those values is about nothing of the kind, and the rule has no say in it.
 */
import type { CapRule } from '../documents.ts';
import { elements } from '../language/operators.ts';
import { compilePath, type PathReader } from '../language/path.ts';
import type { Scope } from '../scope.ts';
import type { CappedSend } from '../state.ts';
import type { Channel } from '../trigger.ts';

/** As many as a rule may allow. */
const KEPT_PER_KEY = 50;
const KEY_LIMIT = 500;

/** Rules are compiled when they are first asked; a policy's document doesn't change. */
const readers = new WeakMap<string[], PathReader[]>();

/** The values that a message counts under; null where it has not all of them. */
export function capKey(per: string[], scope: Scope): string | null {
  let reads = readers.get(per);
  if (!reads) {
    reads = per.map(compilePath);
    readers.set(per, reads);
  }
  const values = reads.map((read) => elements(read(scope))[0]);
  return values.includes(undefined) ? null : JSON.stringify([per, values]);
}

export function noteCapped(
  scope: Scope,
  rules: readonly CapRule[],
  sent: { trigger: string; channel: Channel; surface: string | undefined },
): void {
  const { draft, now } = scope;
  const keys = new Set(rules.flatMap(({ per }) => (per ? [capKey(per, scope)] : [])));
  for (const key of keys) {
    if (key === null) continue;
    const note: CappedSend = { at: now, trigger: sent.trigger, channel: sent.channel };
    if (sent.surface !== undefined) note.surface = sent.surface;
    draft.put('capped', key, [...(draft.get('capped', key) ?? []), note].slice(-KEPT_PER_KEY));
  }
  if (keys.size === 0) return;
  const all = [...draft.entries('capped')];
  for (const [old] of all.slice(0, Math.max(0, all.length - KEY_LIMIT))) draft.remove('capped', old);
}

/** The sends of both profiles, as one has had them. */
export function mergeCapped(own: CappedSend[] | undefined, theirs: CappedSend[]): CappedSend[] {
  return [...(own ?? []), ...theirs].sort((a, b) => a.at - b.at).slice(-KEPT_PER_KEY);
}
