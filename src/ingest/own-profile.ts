/**
 * What is a user's alone: devices and consents. Unlike ordinary events they are not sent on from an anonymous id that
 * has become a known user's: whoever knows that id could take the user's push messages, or consent in the user's name.
 */
import type { Event } from '../engine/vocabulary.ts';
import type { RequestContext } from '../http/route.ts';
import type { IngestRequest, ProfileRef } from '../protocol/rpc.ts';
import type { IngestDeps } from './deps.ts';
import { mayReadMoved, type Proof, proofOf, tokenRequired } from './identity.ts';
import { ingest } from './profile-calls.ts';
import { mayActFor } from './subject.ts';

/** Throws 401 where the request has not proven to be this user's. */
export async function ownProof(
  deps: IngestDeps,
  request: Request,
  context: RequestContext,
  profile: ProfileRef,
): Promise<Proof> {
  const proof = await proofOf(deps, request, context);
  if (!mayActFor(proof, profile)) throw tokenRequired();
  return proof;
}

export async function writeOwn(
  deps: IngestDeps,
  request: Request,
  context: RequestContext,
  profile: ProfileRef,
  events: Event[],
): Promise<void> {
  const proof = await ownProof(deps, request, context, profile);
  const whenMoved = (same: IngestRequest): IngestRequest => {
    if (!proof.isServer && !mayReadMoved(proof)) throw tokenRequired();
    return same;
  };
  await ingest(deps, context.env, { profile, events }, whenMoved);
}
