/**
 * The ledger of whom a link speaks for, followed to where an anonymous profile has gone: the opt-out of what was sent to a
 * visitor is that of the user whom the visitor has become.
 *
 * Changes take the way of every other consent: a `$consent` event, decided by the profile. A link names no user's id, and so
 * makes no profile that isn't there.
 */
import type { Env } from '../../bindings.ts';
import type { Event } from '../../engine/vocabulary.ts';
import { unavailable } from '../../http/api-error.ts';
import type { IngestDeps } from '../deps.ts';
import { digest, ownEvent } from '../own-events.ts';
import { callProfile } from '../profile-calls.ts';
import { type Change, changed } from './changes.ts';
import { type Ledger, ledgerOf, standing } from './ledger.ts';

type Deps = Pick<IngestDeps, 'profile'>;

/** Which text people agreed to or refused: the page's words (`page-words.ts`). Whoever changes those changes this. */
const TEXT_VERSION = 'reflex-preferences-1';
/** An anonymous profile moves once; more would be a loop. */
const MAX_MOVES = 3;

interface OwnLedger {
  profileKey: string;
  /** Null where nobody is known any more. */
  ledger: Ledger | null;
}

export async function readLedger(deps: Deps, env: Env, linkedKey: string): Promise<OwnLedger> {
  let profileKey = linkedKey;
  for (let moves = 0; moves <= MAX_MOVES; moves++) {
    const result = await callProfile(deps, env, profileKey, (profile) => profile.consents());
    if (result.kind === 'known') return { profileKey, ledger: ledgerOf(result.consents) };
    if (result.kind === 'unknown') return { profileKey, ledger: null };
    profileKey = result.to.key;
  }
  throw unavailable('The profile cannot be found now.', 1);
}

/**
 * Writes the changes down. Where they come twice at once, both have read the same ledger, and make the same events: the
 * profile takes each of them once.
 *
 * @param source what a ledger's entry says of where it was given
 */
export async function writeChanges(
  deps: Deps,
  env: Env,
  { profileKey, ledger }: { profileKey: string; ledger: Ledger },
  changes: readonly Change[],
  { source, now }: { source: string; now: number },
): Promise<Ledger> {
  if (changes.length === 0) return ledger;
  // Clocks of two places differ: the later word must be the newer one.
  const newest = changes.map(({ channel, purpose }) => standing(ledger, channel, purpose)?.at ?? 0);
  const at = Math.max(now, ...newest.map((before) => before + 1));
  const events = await Promise.all(
    changes.map((change) => eventOf(change, ledger, { source, at, profileKey })),
  );
  // Without a user's id: a profile that was erased meanwhile is not made anew.
  const profile = { kind: 'user' as const, id: '', key: profileKey };
  const { kind } = await callProfile(deps, env, profileKey, (rpc) => rpc.ingest({ profile, events }));
  // It became another one in this very moment: the same again finds where it went.
  if (kind !== 'done') throw unavailable('The profile is being merged; send the same again.', 1);
  return changed(ledger, changes, at);
}

async function eventOf(
  { channel, purpose, granted }: Change,
  ledger: Ledger,
  { source, at, profileKey }: { source: string; at: number; profileKey: string },
): Promise<Event> {
  const before = standing(ledger, channel, purpose)?.at ?? 0;
  const messageId = `preferences_${await digest([profileKey, channel, purpose, granted, before])}`;
  const properties = { channel, purpose, granted, source, textVersion: TEXT_VERSION };
  return ownEvent('$consent', properties, { now: at, origin: 'server' }, { messageId });
}
