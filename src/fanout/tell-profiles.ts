/** Gives each of many profiles an event of its own, a bounded number at a time. */
import type { Event } from '../engine/vocabulary.ts';
import type { ProfileRef, ProfileRpc } from '../protocol/rpc.ts';

export interface TellDeps {
  /** A new stub each time: one that has failed stays broken. */
  profile(key: string): Pick<ProfileRpc, 'ingest'>;
  /** Lets whatever else waits for this machine have its turn. */
  pause(): Promise<void>;
}

export interface Told {
  key: string;
  /** The event's id carries the profile's key: of one that has moved, the new one's. */
  eventFor(profileKey: string): Event;
}

/** Null: all have it. */
export type RetryAfterSeconds = number | null;

const CONCURRENT_PROFILES = 25;
/**
 * Calls that begin between two pauses. Objects of the same machine answer each other without any I/O, and workerd looks for
 * I/O and timers only when nothing else is left to do: without pauses, users' requests and the first message of all would
 * wait until everybody has been told. A pause is a
 * millisecond, and dear: told without any, a profile costs 166 µs; after every eight 194, and the first webhook leaves after
 * 19 ms; after every four 274 and 13; after every twelve 185 and 23.
 */
const PROFILES_PER_PAUSE = 8;
/** An anonymous profile moves once; a longer chain is a mistake that must not go round for ever. */
const MAX_MOVES = 3;
const RETRY_SECONDS = 5;
const OVERLOADED_SECONDS = 30;

export async function tellAll(told: Told[], deps: TellDeps): Promise<RetryAfterSeconds> {
  let begun = 0;
  let pause = Promise.resolve();
  const outcomes = await mapBounded(told, CONCURRENT_PROFILES, async (one) => {
    if (begun > 0 && begun % PROFILES_PER_PAUSE === 0) pause = pause.then(() => deps.pause());
    begun++;
    await pause;
    return tell(one, deps);
  });
  const delays = outcomes.filter((outcome) => outcome !== null);
  return delays.length > 0 ? Math.max(...delays) : null;
}

/** An overloaded object must be left alone for a while; anything else may pass at once. */
export function delayAfter(error: unknown): number {
  const isOverloaded =
    typeof error === 'object' && error !== null && 'overloaded' in error && error.overloaded === true;
  return isOverloaded ? OVERLOADED_SECONDS : RETRY_SECONDS;
}

async function tell({ key, eventFor }: Told, deps: TellDeps): Promise<RetryAfterSeconds> {
  // A page carries no id, for it must name nobody: the profile knows its own, and one that doesn't exist isn't made.
  let profile: ProfileRef = { kind: 'user', id: '', key };
  try {
    for (let moves = 0; moves <= MAX_MOVES; moves++) {
      const events = [eventFor(profile.key)];
      const result = await deps.profile(profile.key).ingest({ profile, events });
      if (result.kind === 'done') return null;
      if (result.kind === 'unavailable') return result.retryAfterSeconds;
      if (result.kind !== 'moved') return RETRY_SECONDS;
      profile = result.to;
    }
    return RETRY_SECONDS;
  } catch (error) {
    return delayAfter(error);
  }
}

async function mapBounded<T, R>(items: T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const entries = items.entries();
  const worker = async () => {
    for (const [index, item] of entries) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
