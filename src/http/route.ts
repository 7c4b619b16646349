import type { Env } from '../bindings.ts';

/** The holder of a request's key. `any` in a route's `auth` is a write or a server key. */
export type KeyKind = 'write' | 'server' | 'admin';

export interface RequestContext {
  env: Env;
  /** For work that outlives the response; it dies with the process, so nothing that must happen rests on it. */
  waitUntil(work: Promise<unknown>): void;
  /**
   * Takes this request's place among those under way, until it is answered: see `admission.ts`. The router does it for
   * requests without a body; who reads a body does it when it is there. Throws 503 where there is no room.
   */
  admit(bodyBytes: number): void;
  now: number;
  url: URL;
  /** Path parameters, decoded. */
  params: Record<string, string>;
  /** Who asks; null on public routes. */
  key: { kind: KeyKind; id: string } | null;
}

export interface Route {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** itty-router pattern: `/v1/items/:id`. */
  path: string;
  /** `body`: the key may also stand in the body or query, so the handler itself authenticates (ingest). */
  auth: KeyKind | 'any' | 'none' | 'body';
  handle(request: Request, context: RequestContext): Promise<Response>;
}
