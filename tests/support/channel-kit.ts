/** Messages for providers, and what a provider's adapter is given to send them with. */
import type { OutgoingMessage, SendDeps } from '../../src/channels/channel.ts';
import { createTokens } from '../../src/dispatch/tokens.ts';
import type { Address } from '../../src/engine/send/addresses.ts';
import type { Channel } from '../../src/engine/trigger.ts';
import type { JsonObject } from '../../src/engine/vocabulary.ts';
import { limiters } from './memory-limiter.ts';

export const MESSAGE_ID = 'msg_0123456789abcdefghijkl_0123456789a_0';

export function aMessageFor(
  channel: Channel,
  content: JsonObject,
  change: Partial<OutgoingMessage> = {},
): OutgoingMessage {
  const now = Date.now();
  return {
    id: MESSAGE_ID,
    channel,
    trigger: 'price-drop',
    version: 1,
    variant: null,
    category: 'transactional',
    priority: 50,
    createdAt: now,
    expiresAt: now + 3_600_000,
    user: { id: 'u1', anonymousId: null },
    to: [],
    locale: 'ko',
    content,
    ...change,
  };
}

export const EMAIL: Address = { kind: 'email', value: 'someone@example.com' };
export const PHONE: Address = { kind: 'phone', value: '010-1234-5678' };

export function sendDeps(change: Partial<SendDeps> = {}): SendDeps {
  return {
    fetch,
    now: Date.now,
    settings: {},
    secret: null,
    allowLoopback: true,
    region: 'KR',
    tokens: memoryTokens(),
    ...change,
  };
}

/** An isolate's tokens, with a limiter of its own. */
function memoryTokens() {
  const now = () => Date.now();
  const all = limiters(now);
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  return createTokens(new Map(), { limiter: (name) => all.of(name), now, sleep });
}

/** An answer as an adapter's judge takes it. */
export function answerOf(status: number, body: unknown = {}, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'answer' as const, status, headers: new Headers(headers), text };
}
