import type { Draft } from '../delta.ts';
import type { Event, Json } from '../vocabulary.ts';

const DEVICE_LIMIT = 20;

/** `$device` registers an address of the user's, `$device_removed` forgets it. */
export function foldDevice(draft: Draft, event: Event): void {
  const { id, type, token, subscription, platform, locale, timezone } = event.properties;
  if (typeof id !== 'string') return;
  if (event.name === '$device_removed') {
    draft.remove('devices', id);
    return;
  }
  if (typeof type !== 'string') return;
  draft.put('devices', id, {
    type,
    address: token ?? subscription ?? null,
    platform: textOrNull(platform),
    locale: textOrNull(locale),
    timezone: textOrNull(timezone),
    at: event.timestamp,
  });
  // What was refused makes room first.
  const all = [...draft.entries('devices')];
  const ids = [...all.filter(([, one]) => one.refused), ...all.filter(([, one]) => !one.refused)].map(
    ([key]) => key,
  );
  for (const old of ids.slice(0, Math.max(0, ids.length - DEVICE_LIMIT))) draft.remove('devices', old);
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
