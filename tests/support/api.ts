/** The public API of a running server, with the development keys. */

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The text as JSON; null where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the API answers
  body: any;
}

export interface CallOptions {
  headers?: Record<string, string>;
  /** Sent as it is; `body` is sent as JSON. */
  raw?: string | Uint8Array<ArrayBuffer>;
}

type Call = (method: string, path: string, body?: unknown, options?: CallOptions) => Promise<Answer>;

export interface Api {
  url: string;
  /** As a page or app calls: with the write key. */
  client: Call;
  /** As the app's backend calls: with the server key. */
  server: Call;
  /** As a marketer calls: below `/admin/api/`, with the admin token. */
  admin: Call;
  /** With no key at all, unless the options bring one. */
  stranger: Call;
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** `fetcher` reaches what the url alone doesn't. */
export function apiOf({ url }: { url: string }, fetcher: Fetch = fetch): Api {
  const call =
    (authorization: string | null, prefix = ''): Call =>
    async (method, path, body, { headers = {}, raw } = {}) => {
      const response = await fetcher(url + prefix + path, {
        method,
        headers: { ...(authorization ? { authorization } : {}), ...headers },
        body: raw ?? (body === undefined ? null : JSON.stringify(body)),
        redirect: 'manual',
      });
      // Not `text()`: workerd warns of it where the type is not a text's.
      const text = new TextDecoder().decode(await response.arrayBuffer());
      return { status: response.status, headers: response.headers, text, body: parse(text) };
    };
  return {
    url,
    client: call(basic('wk_dev')),
    server: call('Bearer sk_dev'),
    admin: call('Bearer at_dev', '/admin/api/'),
    stranger: call(null),
  };
}

/** An `Authorization` header as Segment's clients write it. */
export function basic(key: string): string {
  return `Basic ${btoa(`${key}:`)}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
