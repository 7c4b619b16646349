/**
 * The log of what each trigger has done to this profile, in all and per key. It is kept for the profile's life: `never`,
 * `max` and `received` ask it, and no new version of a trigger resets it.
 */
import type { Draft } from '../delta.ts';
import type { Received, Tally, TriggerLog } from '../state.ts';

/** Instants kept per tally; a window that could hold more counts these. */
const RECENT_LIMIT = 50;

export function logKey(trigger: string, key: string): string {
  return `${trigger}\n${key}`;
}

/** Counts one occurrence for the trigger as a whole and, where there is one, for the key. */
export function tally(
  draft: Draft,
  about: { trigger: string; key: string },
  kind: Received | 'entry',
  channel: string,
  at: number,
  surface?: string,
): void {
  for (const key of about.key === '' ? [''] : ['', about.key]) {
    const id = logKey(about.trigger, key);
    const log = draft.get('log', id) ?? {};
    draft.put('log', id, {
      ...log,
      [kind]: add(log[kind], surface === undefined ? [at, channel] : [at, channel, surface]),
    });
  }
}

export function amendLog(draft: Draft, trigger: string, key: string, changes: TriggerLog): void {
  const id = logKey(trigger, key);
  draft.put('log', id, { ...draft.get('log', id), ...changes });
}

function add(before: Tally | undefined, occurrence: Tally['recent'][number]): Tally {
  const channel = occurrence[1];
  return {
    n: (before?.n ?? 0) + 1,
    recent: [...(before?.recent ?? []), occurrence].slice(-RECENT_LIMIT),
    byChannel: { ...before?.byChannel, [channel]: (before?.byChannel[channel] ?? 0) + 1 },
  };
}
