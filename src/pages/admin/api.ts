/** The admin API, as this page calls it: the session's cookie says who asks. */
import { session } from './session.ts';

export interface Issue {
  path: string;
  message: string;
  /** Which sentence it is, of those that have a code. */
  code?: string;
  /** What `message` speaks of. */
  values?: Record<string, string | number>;
}

/** An answer that is no success, in the API's own words. */
export class ApiFault extends Error {
  readonly status: number;
  readonly code: string;
  readonly issues: Issue[];

  constructor(status: number, code: string, message: string, issues: Issue[]) {
    super(message);
    this.status = status;
    this.code = code;
    this.issues = issues;
  }
}

export interface Page<T> {
  items: T[];
  cursor: string | null;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** `path` is below `/admin/api/`. Throws an `ApiFault`; where the session is over, the sign-in comes up by itself. */
export async function call<T>(method: Method, path: string, body?: unknown, ifMatch?: string): Promise<T> {
  const answer = await request(method, `/admin/api/${path}`, body, ifMatch);
  return answer.body as T;
}

/** A document and its `ETag`: what a later `PUT` was based on. */
export async function read<T>(path: string): Promise<{ document: T; etag: string }> {
  const { body, headers } = await request('GET', `/admin/api/${path}`);
  return { document: body as T, etag: headers.get('etag') ?? '' };
}

/** Every page of a list, so far as a person may still want to look through it. */
export async function readAll<T>(path: string): Promise<T[]> {
  const items: T[] = [];
  const asked = `${path}${path.includes('?') ? '&' : '?'}limit=200`;
  let query = '';
  for (let page = 0; page < MOST_PAGES; page++) {
    const { items: more, cursor } = await call<Page<T>>('GET', asked + query);
    items.push(...more);
    if (cursor === null) break;
    query = `&cursor=${encodeURIComponent(cursor)}`;
  }
  return items;
}

const MOST_PAGES = 25;

export async function request(
  method: Method,
  url: string,
  body?: unknown,
  ifMatch?: string,
): Promise<{ body: unknown; headers: Headers }> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(ifMatch ? { 'if-match': ifMatch } : {}),
    },
    body: body === undefined ? null : JSON.stringify(body),
  }).catch(() => {
    throw new ApiFault(0, 'offline', 'The server can’t be reached. Nothing was changed.', []);
  });
  const text = await response.text();
  const parsed = text === '' ? null : parse(text);
  if (response.ok) return { body: parsed, headers: response.headers };
  const error = (parsed as { error?: { code: string; message: string; issues?: Issue[] } } | null)?.error;
  if (response.status === 401 && url.startsWith('/admin/api/')) session.value = null;
  throw new ApiFault(
    response.status,
    error?.code ?? 'unknown',
    error?.message ?? `HTTP ${response.status}`,
    error?.issues ?? [],
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
