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
 * What answers mean: `signed-post.ts`. Where none came it is unknown, and it comes again under the same id.
 */
import type { ChannelAdapter, OutgoingMessage, SendDeps, SendResult } from './channel.ts';
import { postSigned } from './signed-post.ts';

/** Half of the lease that a message is sent under. */
const TIMEOUT_MS = 15_000;

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

function sendWebhook(message: OutgoingMessage, deps: SendDeps, timeoutMs: number): Promise<SendResult> {
  const { url } = deps.settings;
  const post = {
    url: typeof url === 'string' ? url : '',
    id: message.id,
    body: webhookBody(message),
    timeoutMs,
  };
  return postSigned(post, deps);
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
