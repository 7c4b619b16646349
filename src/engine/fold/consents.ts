import type { Draft } from '../delta.ts';
import type { ConsentEntry, Event } from '../vocabulary.ts';

export const CONSENT_EVENT = '$consent';
const LEDGER_LIMIT = 50;

export function consentKey(channel: string, purpose: string): string {
  return `${channel}|${purpose}`;
}

/** A `$consent` event enters the ledger; the newest entry by its own time is in force, however late it arrives. */
export function foldConsent(draft: Draft, event: Event): void {
  const { channel, purpose, granted, source, textVersion } = event.properties;
  if (typeof channel !== 'string' || typeof purpose !== 'string' || typeof granted !== 'boolean') return;
  const entry: ConsentEntry = { granted, at: event.timestamp };
  if (typeof source === 'string') entry.source = source;
  if (typeof textVersion === 'string') entry.textVersion = textVersion;
  const key = consentKey(channel, purpose);
  draft.put('consents', key, mergeLedgers([entry], draft.get('consents', key) ?? []));
}

/** Newest first; of entries of the same instant, a refusal stands above a grant. */
export function mergeLedgers(a: ConsentEntry[], b: ConsentEntry[]): ConsentEntry[] {
  return [...a, ...b]
    .sort((x, y) => y.at - x.at || Number(x.granted) - Number(y.granted))
    .slice(0, LEDGER_LIMIT);
}
