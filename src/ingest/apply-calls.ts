/**
 * Takes a request's accepted calls to their profiles: one RPC for each profile. A profile that another one links in the
 * same request goes first: its events are part of what is merged. The request is acknowledged when all have committed.
 */
import type { RequestContext } from '../http/route.ts';
import { type DueJson, dueJson, NOTHING_DUE, TOKEN_REQUIRED } from '../protocol/message-json.ts';
import type { IngestRequest, MessageQuery } from '../protocol/rpc.ts';
import type { IngestDeps } from './deps.ts';
import { type Group, groupByProfile } from './group-by-profile.ts';
import { mayReadAs, mayReadMoved, type Proof } from './identity.ts';
import { inParallel } from './in-parallel.ts';
import type { AcceptedCall } from './normalize.ts';
import { type IngestOutcome, ingest } from './profile-calls.ts';

const MAX_PARALLEL = 40;

/**
 * Returns what is due for the profile of the last call where `read` asks for it, else null. Throws 503 where a profile
 * could not commit.
 */
export async function applyCalls(
  deps: Pick<IngestDeps, 'profile' | 'moved'>,
  context: Pick<RequestContext, 'env'>,
  calls: AcceptedCall[],
  proof: Proof,
  read: MessageQuery | null,
): Promise<DueJson | null> {
  const groups = await groupByProfile(context.env, calls);
  const last = groups.at(-1);
  const reading = read !== null && last && mayRead(proof, last) ? read : null;
  let answer: IngestOutcome = {};
  const send = async (group: Group) => {
    const request = toRequest(group, group === last ? reading : null);
    const outcome = await ingest(deps, context.env, request, (moved) => forwarded(moved, proof));
    if (group === last) answer = outcome;
  };
  if (groups.length === 1 && last) await send(last);
  else {
    await inParallel(groups.filter(isUnlinked), MAX_PARALLEL, send);
    await inParallel(groups.filter(isLinking), MAX_PARALLEL, send);
  }
  if (read === null) return null;
  if (!last) return NOTHING_DUE;
  if (!reading || (answer.movedTo && !mayReadMoved(proof))) return TOKEN_REQUIRED;
  return answer.due ? dueJson(answer.due) : NOTHING_DUE;
}

function isLinking(group: Group): boolean {
  return group.links.size > 0;
}

function isUnlinked(group: Group): boolean {
  return group.links.size === 0;
}

function mayRead(proof: Proof, { profile }: Group): boolean {
  return profile.kind === 'anonymous' || mayReadAs(proof, profile.id);
}

function toRequest(group: Group, read: MessageQuery | null): IngestRequest {
  const request: IngestRequest = { profile: group.profile, events: group.events };
  if (group.links.size > 0) request.links = [...group.links.values()];
  if (read) request.read = read;
  return request;
}

/** Whoever knows an anonymous id may send events under it, but doesn't get the messages of the user it has become. */
function forwarded(request: IngestRequest, proof: Proof): IngestRequest {
  if (mayReadMoved(proof)) return request;
  const { read: _read, ...rest } = request;
  return rest;
}
