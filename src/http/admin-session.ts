/**
 * The admin page's session: who signed in, as a signed cookie. A page keeps no token; the cookie names the token's key and
 * dies with it, or after twelve hours.
 *
 *   reflex_admin = base64url({ id, print, exp }) . base64url(HMAC-SHA256)
 *
 * The signing key is derived from ID_SECRET under a label of its own, so that no signature made for something else is one
 * of a session. `print` is the beginning of the token's digest: another token under the same name is another session.
 *
 * Browsers send cookies unasked, so a cookie alone must not be enough for a change: it counts only where the browser also
 * says that the request comes from this very origin. SameSite=Strict says the same from the other end.
 */
import type { Env } from '../bindings.ts';
import { fromBase64url, isSignatureOf, signingKey, signText, toBase64url } from '../protocol/derived-key.ts';
import { ApiError } from './api-error.ts';

const SESSION_COOKIE = 'reflex_admin';
export const SESSION_SECONDS = 12 * 60 * 60;
const LABEL = 'reflex admin session v1';
const MAX_COOKIE_LENGTH = 600;
/** A name of a host has at most 253 characters. */
const MAX_ORIGIN_LENGTH = 300;

/** Whose session it is: the key's id, and what tells its token from another one under that id. */
export interface Session {
  id: string;
  print: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

const encoder = new TextEncoder();

/** The value of the cookie. */
export async function signSession(env: Pick<Env, 'ID_SECRET'>, session: Session): Promise<string> {
  const payload = toBase64url(encoder.encode(JSON.stringify(session)));
  return `${payload}.${await signText(await signingKey(env.ID_SECRET, LABEL), payload)}`;
}

/** The session that a request brings; null where there is none, or one that is forged, damaged or over. */
export async function readSession(
  env: Pick<Env, 'ID_SECRET'>,
  request: Request,
  now: number,
): Promise<Session | null> {
  const value = cookieOf(request);
  if (value === null || value.length > MAX_COOKIE_LENGTH) return null;
  const [payload, signature, more] = value.split('.');
  if (!payload || !signature || more !== undefined) return null;
  const bytes = fromBase64url(payload);
  const key = await signingKey(env.ID_SECRET, LABEL);
  if (!bytes || !(await isSignatureOf(key, payload, signature))) return null;
  const session = JSON.parse(new TextDecoder().decode(bytes)) as Session;
  return session.expiresAt > now ? session : null;
}

/** Throws 403 where a request that changes something doesn't come from a page of this origin. */
export function requireOwnOrigin(request: Request, url: URL): void {
  if (request.method === 'GET' || request.headers.get('origin') === url.origin) return;
  const said = request.headers.get('origin')?.slice(0, MAX_ORIGIN_LENGTH) ?? null;
  const expected = url.origin;
  throw new ApiError(
    403,
    'wrong_origin',
    'Signing in, and changes with a session, are taken from the admin page at this server’s own address; other callers send the admin token.',
    {
      issues: [
        {
          path: 'headers.origin',
          message: `expected \`${expected}\`; the request said ${said === null ? 'nothing' : `\`${said}\``}`,
          values: { expected, said: said ?? '' },
        },
      ],
    },
  );
}

/** `Set-Cookie` for a session, or with null the end of one. Without TLS (local development) it can't be `Secure`. */
export function sessionCookie(url: URL, value: string | null): string {
  const secure = url.protocol === 'https:' ? '; Secure' : '';
  const age = value === null ? 0 : SESSION_SECONDS;
  return `${SESSION_COOKIE}=${value ?? ''}; Path=/admin; HttpOnly; SameSite=Strict; Max-Age=${age}${secure}`;
}

function cookieOf(request: Request): string | null {
  const prefix = `${SESSION_COOKIE}=`;
  const found = (request.headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(prefix));
  return found?.slice(prefix.length) || null;
}
