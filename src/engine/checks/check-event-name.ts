/** Names that begin with `$` are the system's: one that it doesn't send would make a trigger that never fires. */
import { nearestName } from './nearest-name.ts';
import type { Refusal } from './refusal.ts';

/** What clients' calls are called in history. */
const RECORDED = ['$page', '$screen', '$identify', '$group', '$alias', '$consent', '$device'];
/** Derived from others: triggers hear of them, history doesn't hold them. */
const DERIVED = ['$session_start', '$consent_renewal_due'];

/** What is wrong with a name to listen to, or (`inHistory`) to count; null where it can occur. */
export function eventNameFault(name: string, { inHistory }: { inHistory: boolean }): Refusal | string | null {
  if (!name.startsWith('$') || RECORDED.includes(name)) return null;
  if (DERIVED.includes(name)) {
    if (!inHistory) return null;
    const instead = name === '$session_start' ? '; use `user.sessions.count`' : '';
    return `\`${name}\` is derived and not kept in history${instead}`;
  }
  const legal = inHistory ? RECORDED : [...RECORDED, ...DERIVED];
  const nearest = nearestName(name, legal) ?? '';
  return { code: 'no_such_event', values: { name, legal: legal.join(', '), nearest } };
}
