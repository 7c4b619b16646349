/**
 * One request to a provider: bounded in time and in what is read of the answer, and never redirected. What went wrong on
 * the way is told by where: before a byte was sent it is safe to come again, after that nobody knows.
 */
import type { JsonObject } from '../engine/vocabulary.ts';
import type { SendResult } from './channel.ts';
import type { ProviderCall } from './provider.ts';
import { parseRetryAfter } from './retry-after.ts';

export interface HttpRequest {
  url: string;
  /** POST unless given. */
  method?: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
}

export type HttpAnswer =
  | { kind: 'answer'; status: number; headers: Headers; text: string }
  | { kind: 'lost'; result: Extract<SendResult, { kind: 'retry' | 'unknown' }> };

/** What providers answer a send with is a few hundred bytes. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * What the connection failed with before anything was sent, as Node's `fetch` says it. workerd has one sentence for a
 * connection that was refused and one that broke, so there it stays unknown; Cloudflare's edge answers with a status.
 */
const NOT_CONNECTED = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT|DNS lookup/;
/** The edge's own: the origin refused the connection, could not be reached or found, or had no certificate to trust. */
const NOT_SENT = new Set([521, 523, 525, 526, 530]);

export async function callHttp(request: HttpRequest, call: ProviderCall): Promise<HttpAnswer> {
  const { url, method = 'POST', headers, body } = request;
  try {
    const response = await call.fetch(url, {
      method,
      redirect: 'manual',
      signal: call.signal,
      headers,
      ...(body !== undefined && { body }),
    });
    return {
      kind: 'answer',
      status: response.status,
      headers: response.headers,
      text: await readText(response),
    };
  } catch (error) {
    return { kind: 'lost', result: lostBy(error) };
  }
}

/** The answer's JSON object; an empty one where it is none. */
export function jsonOf(text: string): JsonObject {
  try {
    return objectIn(JSON.parse(text));
  } catch {
    return {};
  }
}

/** A value that should be an object; an empty one where it isn't. */
export function objectIn(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** A value that should be a list of objects; those of it that are. */
export function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map(objectIn) : [];
}

/** A provider's own code, fit for a code of ours: never a text that could carry an address. */
export function codeIn(value: unknown, otherwise: string): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && /^[A-Za-z0-9_.:-]{1,60}$/.test(value) ? value : otherwise;
}

/** `retry`, with the provider's `Retry-After` where it sent one, else `leastMs`. */
export function retryBy(headers: Headers, code: string, now: number, leastMs?: number): SendResult {
  const afterMs = parseRetryAfter(headers.get('retry-after'), now) ?? leastMs;
  return afterMs === undefined ? { kind: 'retry', code } : { kind: 'retry', afterMs, code };
}

/**
 * What a status means where the provider's answer says nothing better. A 5xx other than 503 may come from a gateway behind
 * which the message was taken: where a second send would be a second message, that is not known.
 */
export function judgeStatus(
  { status, headers }: Extract<HttpAnswer, { kind: 'answer' }>,
  { isIdempotent, now }: { isIdempotent: boolean; now: number },
): SendResult {
  const code = `http_${status}`;
  if (status === 429 || status === 503 || NOT_SENT.has(status)) return retryBy(headers, code, now);
  if (status >= 500 || status === 408) {
    return isIdempotent ? retryBy(headers, code, now) : { kind: 'unknown', code };
  }
  const isSetUpWrong = status < 400 || status === 401 || status === 403 || status === 404;
  return { kind: 'rejected', scope: isSetUpWrong ? 'account' : 'message', code };
}

function lostBy(error: unknown): Extract<SendResult, { kind: 'retry' | 'unknown' }> {
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')) {
    return { kind: 'unknown', code: 'timeout' };
  }
  return NOT_CONNECTED.test(describe(error))
    ? { kind: 'retry', code: 'not_connected' }
    : { kind: 'unknown', code: 'network_error' };
}

/** Node keeps the reason in `cause`, and several of them (IPv4, IPv6) in `cause.errors`. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code, errors } = error as { code?: unknown; errors?: unknown[] };
  return [error.message, code, describe(error.cause), ...(errors ?? []).map(describe)].join(' ');
}

/** As much as anybody needs; a body that is cut off after its status is what has come of it. */
async function readText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let bytes = 0; bytes < MAX_ANSWER_BYTES; ) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      bytes += value.byteLength;
      text += decoder.decode(value, { stream: true });
    }
    await reader.cancel();
  } catch {
    // The status is the answer.
  }
  return text;
}
