/**
 * Who asks. One answer for every cause within a status, so that nobody learns from it which keys exist; the key itself
 * never appears in it.
 *
 * A key is looked for in this order, and the first one found decides: `Authorization: Basic base64(KEY:)` (the colon
 * may be missing), `Authorization: Bearer KEY`, `writeKey` in the body (ingest only), `?writeKey=`. The admin API also takes
 * the admin page's session (`admin-session.ts`).
 */
import type { Env } from '../bindings.ts';
import { readSession, requireOwnOrigin, type Session } from './admin-session.ts';
import { ApiError, unavailable } from './api-error.ts';
import type { KeyKind, Route } from './route.ts';

type KeyHolder = { kind: KeyKind; id: string };
/** Looks a raw key up by its digest; null for an unknown or revoked one. */
export type FindKey = (env: Env, raw: string) => Promise<KeyHolder | null>;
/** Whose session it is; null where the key that began it is gone. */
export type FindSession = (env: Env, session: Session) => Promise<KeyHolder | null>;

const MAX_KEY_LENGTH = 256;

/** Kinds that open a route: a server key may do all that a write key may. */
const ACCEPTED: Record<KeyKind | 'any', readonly KeyKind[]> = {
  write: ['write', 'server'],
  any: ['write', 'server'],
  server: ['server'],
  admin: ['admin'],
};

/** The key in the `Authorization` header, if there is one. */
export function headerKey(request: Request): string | undefined {
  const header = request.headers.get('authorization');
  if (!header) return undefined;
  const space = header.indexOf(' ');
  const scheme = header.slice(0, space).toLowerCase();
  const credentials = header.slice(space + 1).trim();
  if (scheme === 'bearer') return credentials || undefined;
  return scheme === 'basic' ? basicUser(credentials) : undefined;
}

/** The key in the query, if there is one. */
export function queryKey(url: URL): string | undefined {
  return url.searchParams.get('writeKey') || undefined;
}

/** The holder of `raw`, who may do what `needed` says. Throws 401 or 403, or 503 where keys can't be looked up. */
export async function authorize(
  findKey: FindKey,
  env: Env,
  raw: string | undefined,
  needed: KeyKind | 'any',
): Promise<KeyHolder> {
  const holder = raw && raw.length <= MAX_KEY_LENGTH ? await lookUp(() => findKey(env, raw)) : null;
  return holderWhoMay(holder, needed);
}

function holderWhoMay(holder: KeyHolder | null, needed: KeyKind | 'any'): KeyHolder {
  if (!holder) throw new ApiError(401, 'unauthorized', 'The key is missing, unknown or revoked.');
  if (!ACCEPTED[needed].includes(holder.kind)) {
    throw new ApiError(403, 'forbidden', 'This kind of key may not do that.');
  }
  return holder;
}

/** Authenticates a route whose key can't stand in the body. A server key or admin token is taken from the header only. */
export async function authorizeRoute(
  { findKey, findSession }: { findKey: FindKey; findSession?: FindSession },
  env: Env,
  request: Request,
  url: URL,
  auth: Exclude<Route['auth'], 'none' | 'body'>,
): Promise<KeyHolder> {
  if (auth === 'admin' && findSession && !request.headers.has('authorization')) {
    const session = await readSession(env, request, Date.now());
    if (session) {
      requireOwnOrigin(request, url);
      return holderWhoMay(await lookUp(() => findSession(env, session)), auth);
    }
  }
  const fromQuery = auth === 'any' || auth === 'write' ? queryKey(url) : undefined;
  return authorize(findKey, env, headerKey(request) ?? fromQuery, auth);
}

async function lookUp(find: () => Promise<KeyHolder | null>): Promise<KeyHolder | null> {
  try {
    return await find();
  } catch (error) {
    throw unavailable('Keys can’t be checked now. Nothing has been applied; send the same again.', 2, error);
  }
}

function basicUser(credentials: string): string | undefined {
  try {
    const text = atob(credentials);
    const colon = text.indexOf(':');
    return (colon < 0 ? text : text.slice(0, colon)) || undefined;
  } catch {
    return undefined;
  }
}
