/**
 * What a request has proven about who the user is, and what follows from it. Three modes of the deployment
 * (`policies.workspace.identity`):
 *
 * - `off`: a userId is believed. For development.
 * - `optional`: events are believed; a known user's messages, devices and consents need a token or the server key.
 * - `required`: a known user's events need one too.
 *
 * A token that is given is checked in every mode but `off`, and must be the user's own. Anonymous visitors need none
 * and reach only their own profile; one that has become a known user's is written to, but not answered from.
 */
import type { IdentityMode } from '../engine/documents.ts';
import { ApiError, unavailable } from '../http/api-error.ts';
import type { RequestContext } from '../http/route.ts';
import type { IngestDeps } from './deps.ts';
import { badToken, verifyUserToken } from './user-token.ts';

export interface Proof {
  mode: IdentityMode;
  /** The server key may speak for any user. */
  isServer: boolean;
  /** The user that a valid token named; null without a token. */
  subject: string | null;
}

/** Throws 401 for a token that is given and wrong, 503 where the mode can't be read. */
export async function proofOf(
  deps: Pick<IngestDeps, 'loadConfig'>,
  request: Request,
  { env, key, now }: Pick<RequestContext, 'env' | 'key' | 'now'>,
): Promise<Proof> {
  const mode = await loadMode(deps, env);
  const isServer = key?.kind === 'server';
  const token = mode === 'off' || isServer ? null : request.headers.get('x-user-token');
  return { mode, isServer, subject: token === null ? null : await verifyUserToken(env, token, now) };
}

async function loadMode(
  deps: Pick<IngestDeps, 'loadConfig'>,
  env: RequestContext['env'],
): Promise<IdentityMode> {
  try {
    const config = await deps.loadConfig(env);
    return config.policies.workspace.identity;
  } catch (error) {
    const message = 'The configuration can’t be read now. Nothing has been applied; send the same again.';
    throw unavailable(message, 2, error);
  }
}

/** Whether events may be written under this userId. */
export function mayWriteAs(proof: Proof, userId: string): boolean {
  if (proof.mode === 'off' || proof.isServer) return true;
  return proof.subject === null ? proof.mode === 'optional' : proof.subject === userId;
}

/** Whether this user's messages may be read. Throws 401 where the token is another user's. */
export function mayReadAs(proof: Proof, userId: string): boolean {
  if (proof.mode === 'off' || proof.isServer || proof.subject === userId) return true;
  if (proof.subject !== null) throw badToken();
  return false;
}

/** Whether an anonymous id that has become a known user's is answered from that user's profile. */
export function mayReadMoved(proof: Proof): boolean {
  return proof.mode === 'off';
}

/** 401: a known user's own matters were asked for without any proof. */
export function tokenRequired(): ApiError {
  return new ApiError(401, 'token_required', 'A known user needs X-User-Token, or the server key, for this.');
}
