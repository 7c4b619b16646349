/**
 * The generic webhook, signed as Standard Webhooks says. The body is
 *
 *     { "type": "reflex.message", "timestamp": "<the message's createdAt>",
 *       "message": { "id", "trigger", "version", "variant", "category", "createdAt", "expiresAt" },
 *       "user": { "id", "anonymousId" },
 *       "data": <the template's `webhook.data`, rendered> }
 *
 * and the same on every attempt, byte for byte; only `webhook-timestamp` and the signature over it change. `webhook-id`
 * is the message's id: a receiver that has seen it answers 2xx and does nothing.
 *
 * Answers: 2xx took it. 410 and any redirect mean that the endpoint isn't there. 408, 425, 429 and 5xx come again, not
 * before their `Retry-After`. Any other 4xx is final. No answer at all leaves it unknown, and it comes again under the
 * same id.
 */

import { checkPublicUrl } from '../protocol/public-address.ts';
import type { ChannelAdapter, OutgoingMessage, SendDeps, SendResult } from './channel.ts';
import { parseRetryAfter } from './retry-after.ts';
import { parseSecrets, signWebhook } from './webhook-signature.ts';

/** Half of the lease that a message is sent under. */
const TIMEOUT_MS = 15_000;
/** As much of an answer as is read so that the connection can be used again. */
const MAX_DRAINED_BYTES = 64 * 1024;
const RETRIED = new Set([408, 425, 429]);

export function createWebhookAdapter(options: { timeoutMs?: number } = {}): ChannelAdapter {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  return {
    provider: 'webhook',
    capabilities: {
      channels: ['webhook'],
      advertising: true,
      advertisingHours: {},
      maxBytes: {},
      idempotency: 'key',
      unitCost: { amount: 0, currency: 'KRW' },
    },
    idempotent: true,
    keepsContent: false,
    send: (message, deps) => sendWebhook(message, deps, timeoutMs),
  };
}

export const webhookAdapter = createWebhookAdapter();

async function sendWebhook(message: OutgoingMessage, deps: SendDeps, timeoutMs: number): Promise<SendResult> {
  const verdict = verdictOn(deps.settings, deps.allowLoopback);
  if (verdict.kind === 'refused') return { kind: 'rejected', scope: 'account', code: 'url_refused' };
  const secrets = parseSecrets(deps.secret ?? '');
  if (secrets.kind === 'unusable') return { kind: 'rejected', scope: 'account', code: 'secret_unusable' };

  const body = webhookBody(message);
  const timestampSeconds = Math.floor(deps.now() / 1000);
  const signature = await signWebhook({ id: message.id, timestampSeconds, body, keys: secrets.keys });
  try {
    const response = await deps.fetch(verdict.url.href, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Reflex-Webhooks/1',
        'webhook-id': message.id,
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

const verdicts = new WeakMap<SendDeps['settings'], ReturnType<typeof checkPublicUrl>>();

/** Settings never change: whoever saves them anew makes new ones. Nor does what kind of deployment this is. */
function verdictOn(settings: SendDeps['settings'], allowLoopback: boolean) {
  const known = verdicts.get(settings);
  if (known) return known;
  const verdict = checkPublicUrl(typeof settings.url === 'string' ? settings.url : '', { allowLoopback });
  verdicts.set(settings, verdict);
  return verdict;
}

/** The payload as it is signed and sent. */
function webhookBody(message: OutgoingMessage): string {
  return JSON.stringify({
    type: 'reflex.message',
    timestamp: new Date(message.createdAt).toISOString(),
    message: {
      id: message.id,
      trigger: message.trigger,
      version: message.version,
      variant: message.variant,
      category: message.category,
      createdAt: new Date(message.createdAt).toISOString(),
      expiresAt: new Date(message.expiresAt).toISOString(),
    },
    user: message.user,
    data: message.content.data ?? null,
  });
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
