/**
 * Calls to profiles. A failed call is tried once more where the platform says that this is wise; what still fails is
 * 503 for the whole request: nothing is acknowledged that is not durable, and a repeated event changes nothing.
 */
import type { Env } from '../bindings.ts';
import { type ApiError, unavailable } from '../http/api-error.ts';
import type {
  DueMessages,
  IngestRequest,
  MessageQuery,
  NextResult,
  ProfileRef,
  ProfileRpc,
} from '../protocol/rpc.ts';
import type { IngestDeps } from './deps.ts';
import { movedProfiles } from './moved-profiles.ts';

type Profiles = Pick<IngestDeps, 'profile' | 'moved'>;
type Refusable = { kind: 'unavailable'; retryAfterSeconds: number };

/** Anonymous → known is one step; more would be a loop. */
const MAX_MOVES = 2;

export interface IngestOutcome {
  due?: DueMessages;
  /** The known user that an anonymous profile has become. */
  movedTo?: ProfileRef;
}

/**
 * Sends events to a profile, following it where it has moved.
 *
 * @param whenMoved asked before anything is sent on; may change the request, or throw to refuse it
 */
export async function ingest(
  deps: Profiles,
  env: Env,
  request: IngestRequest,
  whenMoved: (request: IngestRequest) => IngestRequest = (same) => same,
): Promise<IngestOutcome> {
  const { moved = movedProfiles } = deps;
  let current = request;
  let target = moved.to(request.profile.key);
  for (let moves = 0; moves <= MAX_MOVES; moves++) {
    if (target) current = forwardedTo(target, whenMoved(current));
    const result = await callProfile(deps, env, current.profile.key, (profile) => profile.ingest(current));
    if (result.kind === 'done') {
      return { ...(result.due && { due: result.due }), ...(target && { movedTo: target }) };
    }
    if (result.kind === 'stale') {
      // The user that it had become was erased: from the beginning, as whom it was sent.
      moved.forget(request.profile.key);
      current = request;
      target = undefined;
    } else if (result.kind === 'moved') {
      target = result.to;
      moved.remember(current.profile.key, target);
    } else {
      // A newer build's answer: it may be this Worker's turn to be updated.
      result satisfies never;
      throw notNow(1);
    }
  }
  throw notNow(1);
}

/**
 * The link goes along: where the merge was begun but never committed, this event completes it. A profile that has it
 * already asks nobody.
 */
function forwardedTo(
  to: ProfileRef,
  { profile: from, links = [], ...request }: IngestRequest,
): IngestRequest {
  return { ...request, profile: to, links: [...links, from], forwarded: true };
}

/** What is due for a profile; for one that has moved, where to. */
export async function nextMessages(
  deps: Profiles,
  env: Env,
  profileKey: string,
  query: MessageQuery,
): Promise<Exclude<NextResult, Refusable>> {
  const { moved = movedProfiles } = deps;
  const target = moved.to(profileKey);
  if (target) return { kind: 'moved', to: target };
  const result = await callProfile(deps, env, profileKey, (profile) => profile.next(query));
  if (result.kind === 'moved') moved.remember(profileKey, result.to);
  // A newer build's answer.
  else if (result.kind !== 'done') throw notNow(1);
  return result;
}

/** One call, on a new stub for each attempt. Throws 503 where the profile can't answer now. */
export async function callProfile<T>(
  deps: Profiles,
  env: Env,
  profileKey: string,
  call: (profile: ProfileRpc) => Promise<T>,
): Promise<Exclude<T, Refusable>> {
  return callStub(() => call(deps.profile(env, profileKey)));
}

/** The same for any stub; `call` takes a new one each time. */
export async function callStub<T>(call: () => Promise<T>): Promise<Exclude<T, Refusable>> {
  const result = await attemptTwice(call);
  if (isRefusal(result)) throw notNow(result.retryAfterSeconds);
  return result as Exclude<T, Refusable>;
}

async function attemptTwice<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!mayRetry(error)) throw notNow(2, error);
  }
  try {
    return await attempt();
  } catch (error) {
    throw notNow(2, error);
  }
}

/** An overloaded object is only loaded more by a retry. */
function mayRetry(error: unknown): boolean {
  const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
  return retryable === true && overloaded !== true;
}

function isRefusal(result: unknown): result is Refusable {
  return typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'unavailable';
}

function notNow(retryAfterSeconds: number, cause?: unknown): ApiError {
  const message =
    'Not everything could be made durable now. Send the same again: what was applied is not applied twice.';
  return unavailable(message, retryAfterSeconds, cause);
}
