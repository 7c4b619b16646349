/** `/admin/session`: the admin page's sign-in. The token is seen once, here; what the page then holds is a cookie. */
import type { Env } from '../bindings.ts';
import {
  readSession,
  requireOwnOrigin,
  SESSION_SECONDS,
  sessionCookie,
  signSession,
} from '../http/admin-session.ts';
import { authorize, type FindKey, type FindSession } from '../http/auth.ts';
import { jsonResponse } from '../http/json-response.ts';
import { readJson } from '../http/read-body.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { isObject } from './request-document.ts';

const PATH = '/admin/session';
const MAX_BODY_BYTES = 1024;

export interface SessionDeps {
  findKey: FindKey;
  findSession: FindSession;
  /** What tells one token from another under the same id; says nothing of the token. */
  printOf(raw: string): Promise<string>;
}

export function sessionRoutes(deps: SessionDeps): Route[] {
  return [
    { method: 'GET', path: PATH, auth: 'none', handle: (request, context) => read(request, context, deps) },
    { method: 'POST', path: PATH, auth: 'none', handle: (request, context) => begin(request, context, deps) },
    { method: 'DELETE', path: PATH, auth: 'none', handle: end },
  ];
}

/** Whether there is a session. Not a 401: a page that asks first is no failure. */
async function read(request: Request, { env, now }: RequestContext, deps: SessionDeps): Promise<Response> {
  const session = await readSession(env, request, now);
  const holder = session && (await deps.findSession(env, session));
  return jsonResponse({
    id: holder?.id ?? null,
    expiresAt: holder && session ? iso(session.expiresAt) : null,
  });
}

/** `{ token }` → the cookie. Throws 401 for what is no admin token, 403 from another origin. */
async function begin(
  request: Request,
  { env, url, now }: RequestContext,
  deps: SessionDeps,
): Promise<Response> {
  requireOwnOrigin(request, url);
  const body = await readJson(request, MAX_BODY_BYTES);
  const token = isObject(body) && typeof body.token === 'string' ? body.token.trim() : '';
  const { id } = await authorize(deps.findKey, env, token, 'admin');
  const expiresAt = now + SESSION_SECONDS * 1000;
  const value = await signSession(env, { id, print: await deps.printOf(token), expiresAt });
  const response = jsonResponse({ id, expiresAt: iso(expiresAt) });
  response.headers.set('set-cookie', sessionCookie(url, value));
  return response;
}

async function end(request: Request, { url }: { env: Env; url: URL }): Promise<Response> {
  requireOwnOrigin(request, url);
  return new Response(null, { status: 204, headers: { 'set-cookie': sessionCookie(url, null) } });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
