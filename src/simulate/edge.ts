/** The edge of a simulated world: the API's own routes, over profiles and a catalog in memory. */
import type { Env } from '../bindings.ts';
import { messageIsValid } from '../engine/send/message-id.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { ApiError } from '../http/api-error.ts';
import { authorizeRoute } from '../http/auth.ts';
import { errorResponse } from '../http/error-response.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { consentRoutes } from '../ingest/consent-routes.ts';
import type { IngestDeps } from '../ingest/deps.ts';
import { deviceRoutes } from '../ingest/device-routes.ts';
import { ingestRoutes } from '../ingest/ingest-routes.ts';
import { itemRoutes } from '../ingest/item-routes.ts';
import type { ItemDeps } from '../ingest/item-writes.ts';
import { messageRoutes } from '../ingest/message-routes.ts';
import { MovedProfiles } from '../ingest/moved-profiles.ts';
import { preferenceRoutes } from '../ingest/preference-routes.ts';
import { profileRoutes } from '../ingest/profile-routes.ts';
import type { Call } from './life-schema.ts';
import type { World } from './world.ts';

export interface Answer {
  status: number;
  /** Null where the answer has none, or none in JSON. */
  body: JsonObject | null;
}

const ORIGIN = 'http://simulation.invalid';
/** What profiles' keys are made with. */
export const SECRET = 'simulation';
/** Of the environment the routes read that secret alone; all else comes through their deps. */
const ENV = { ID_SECRET: SECRET, ENVIRONMENT: 'development' } as unknown as Env;

export class Edge {
  readonly #world: World;
  readonly #deps: IngestDeps & ItemDeps;
  readonly #routes: { route: Route; pattern: URLPathPattern }[];

  constructor(world: World) {
    this.#world = world;
    this.#deps = {
      findKey: async (_env, raw) => (raw === 'write' || raw === 'server' ? { kind: raw, id: raw } : null),
      loadConfig: async () => world.config,
      messageIsValid,
      profile: (_env, key) => world.profile(key).answers,
      moved: new MovedProfiles(),
      catalog: () => world.catalog,
      defaultCurrency: async () => world.config.policies.workspace.currency,
    };
    this.#routes = [
      ...ingestRoutes(this.#deps),
      ...messageRoutes(this.#deps),
      ...preferenceRoutes(this.#deps),
      ...deviceRoutes(this.#deps),
      ...consentRoutes(this.#deps),
      ...profileRoutes(this.#deps),
      ...itemRoutes(this.#deps),
    ].map((route) => ({ route, pattern: patternOf(route.path) }));
  }

  /** Answers as the Worker would, errors too. */
  async answer(call: Call): Promise<Answer> {
    const url = new URL(call.path, ORIGIN);
    let response: Response;
    try {
      response = await this.#respond(url, call);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      response = errorResponse(error, { method: call.method, route: call.path }, ({ error: cause }) => {
        throw cause;
      });
    }
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as JsonObject) : null };
  }

  async #respond(url: URL, { method, body, auth }: Call): Promise<Response> {
    const found = this.#find(method, url.pathname);
    const needsServer = /^\/v1\/(items|profiles)(\/|$)/.test(url.pathname);
    const key = auth ?? (needsServer ? 'server' : 'write');
    const request = new Request(url, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && body !== null && method !== 'GET' && { body: JSON.stringify(body) }),
    });
    const context: RequestContext = {
      admit() {},
      env: ENV,
      waitUntil: () => {},
      now: this.#world.now,
      url,
      params: found.params,
      key: null,
    };
    const { route } = found;
    if (route.auth !== 'none' && route.auth !== 'body') {
      context.key = await authorizeRoute(this.#deps.findKey, ENV, request, url, route.auth);
    }
    return route.handle(request, context);
  }

  #find(method: string, pathname: string): { route: Route; params: Record<string, string> } {
    for (const { route, pattern } of this.#routes) {
      const params = route.method === method ? pattern(pathname) : null;
      if (params) return { route, params };
    }
    throw new ApiError(404, 'not_found', 'There is nothing at this path, or not by this method.');
  }
}

/** The parameters of a path that fits; null where it doesn't. */
type URLPathPattern = (pathname: string) => Record<string, string> | null;

function patternOf(path: string): URLPathPattern {
  const names = path.split('/');
  return (pathname) => {
    const parts = pathname.split('/');
    if (parts.length !== names.length) return null;
    const params: Record<string, string> = {};
    for (const [i, name] of names.entries()) {
      const part = decoded(parts[i] ?? '');
      if (name.startsWith(':') && part !== '') params[name.slice(1)] = part;
      else if (name !== part) return null;
    }
    return params;
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
