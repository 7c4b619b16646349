/**
 * One signed call to an endpoint of somebody else's, as Standard Webhooks says: bounded in time and in what is read of the
 * answer, never redirected, and only to public addresses.
 *
 * Answers: 2xx took it. 410 and any redirect mean that the endpoint isn't there. 408, 425, 429 and 5xx come again, not
 * before their `Retry-After`. Any other 4xx is final. No answer at all leaves it unknown.
 */
import { checkPublicUrl } from '../protocol/public-address.ts';
import type { SendDeps, SendResult } from './channel.ts';
import { parseRetryAfter } from './retry-after.ts';
import { parseSecrets, signWebhook } from './webhook-signature.ts';

/** As much of an answer as is read so that the connection can be used again. */
const MAX_DRAINED_BYTES = 64 * 1024;
const RETRIED = new Set([408, 425, 429]);

/** A receiver that has seen `id` answers 2xx and does nothing. */
interface SignedPost {
  url: string;
  id: string;
  /** JSON: the bytes that are signed and sent. */
  body: string;
  timeoutMs: number;
}

/** Never throws. */
export async function postSigned(
  { url, id, body, timeoutMs }: SignedPost,
  deps: Pick<SendDeps, 'fetch' | 'now' | 'secret' | 'allowLoopback'>,
): Promise<SendResult> {
  const verdict = verdictOn(url, deps.allowLoopback);
  if (verdict.kind === 'refused') return { kind: 'rejected', scope: 'account', code: 'url_refused' };
  const secrets = parseSecrets(deps.secret ?? '');
  if (secrets.kind === 'unusable') return { kind: 'rejected', scope: 'account', code: 'secret_unusable' };

  const timestampSeconds = Math.floor(deps.now() / 1000);
  const signature = await signWebhook({ id, timestampSeconds, body, keys: secrets.keys });
  try {
    const response = await deps.fetch(verdict.url.href, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Reflex-Webhooks/1',
        'webhook-id': id,
        'webhook-timestamp': String(timestampSeconds),
        'webhook-signature': signature,
      },
      body,
    });
    await drain(response);
    return judge(response, deps.now());
  } catch (error) {
    const isTimeout = error instanceof Error && error.name === 'TimeoutError';
    return { kind: 'unknown', code: isTimeout ? 'timeout' : 'network_error' };
  }
}

/** On the URL that was asked about last: one message after the other goes to the same. */
let lastVerdict: { url: string; allowLoopback: boolean; verdict: ReturnType<typeof checkPublicUrl> } | null =
  null;

function verdictOn(url: string, allowLoopback: boolean): ReturnType<typeof checkPublicUrl> {
  if (lastVerdict?.url !== url || lastVerdict.allowLoopback !== allowLoopback) {
    lastVerdict = { url, allowLoopback, verdict: checkPublicUrl(url, { allowLoopback }) };
  }
  return lastVerdict.verdict;
}

function judge(response: Response, now: number): SendResult {
  const { status } = response;
  const code = `http_${status}`;
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  if (status === 410 || (status >= 300 && status < 400)) return { kind: 'rejected', scope: 'account', code };
  if (RETRIED.has(status) || status >= 500) {
    const afterMs = parseRetryAfter(response.headers.get('retry-after'), now);
    return afterMs === undefined ? { kind: 'retry', code } : { kind: 'retry', afterMs, code };
  }
  return { kind: 'rejected', scope: 'message', code };
}

/** The status is the answer: a body that is endless, slow or cut off changes nothing about it. */
async function drain(response: Response): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (let bytes = 0; bytes <= MAX_DRAINED_BYTES; ) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.byteLength;
    }
    await reader.cancel();
  } catch {
    // Cut off or timed out after the status had come.
  }
}
