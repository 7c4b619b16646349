/**
 * Requests to Reflex. Nothing here throws: no network is an answer like another. A key in the URL or body and a body of
 * plain text need no preflight, so that a message is one round trip away; only a user's token does, once a day.
 */
import type { Identity } from './identity.ts';
import type { ClientOptions } from './types.ts';

export interface Answer {
  /** 0 where none came. */
  status: number;
  retryAfter: string | null;
  body: { [name: string]: unknown } | null;
}

const TIMEOUT_MS = 15_000;

export class Caller {
  readonly #options: ClientOptions;
  readonly #identity: Identity;
  #token: { userId: string; token: Promise<string | null> } | null = null;

  constructor(options: ClientOptions, identity: Identity) {
    this.#options = options;
    this.#identity = identity;
  }

  url(path: string, query: { [name: string]: string } = {}): string {
    const { endpoint, writeKey } = this.#options;
    return `${endpoint.replace(/\/+$/, '')}${path}?${new URLSearchParams({ ...query, writeKey })}`;
  }

  /** Asked for with the user's token; once more with a new one where that is refused. */
  async call(
    method: string,
    path: string,
    query?: { [name: string]: string },
    body?: unknown,
  ): Promise<Answer> {
    const answer = await this.#once(method, path, query, body, await this.token());
    const isRefused = answer.status === 401 || answer.body?.identity === 'token_required';
    if (!isRefused) return answer;
    const token = await this.token(true);
    return token ? this.#once(method, path, query, body, token) : answer;
  }

  /** The signed-in user's token; null without one. One request to the app at a time. */
  token(isRefused = false): Promise<string | null> {
    const { getToken } = this.#options;
    const { userId } = this.#identity;
    if (!getToken || userId === null) return Promise.resolve(null);
    if (this.#token?.userId !== userId || isRefused) {
      const token = Promise.resolve()
        .then(() => getToken(isRefused))
        .then((given) => given ?? null)
        .catch(() => null);
      this.#token = { userId, token };
    }
    return this.#token.token;
  }

  async #once(
    method: string,
    path: string,
    query: { [name: string]: string } | undefined,
    body: unknown,
    token: string | null,
  ): Promise<Answer> {
    try {
      const response = await fetch(this.url(path, query), {
        method,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(token && { headers: { 'x-user-token': token } }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return {
        status: response.status,
        retryAfter: response.headers.get('retry-after'),
        body: await response.json().catch(() => null),
      };
    } catch {
      return { status: 0, retryAfter: null, body: null };
    }
  }
}
