/**
 * One attempt at one claimed message: who sends on its channel, what it reads, and what the provider's answer means.
 * Nothing is written here.
 */
import type { ChannelAdapter, OutgoingMessage, SendDeps, SendResult } from '../channels/channel.ts';
import type { Address } from '../engine/send/addresses.ts';
import type { JsonObject, MessageInput, Reason } from '../engine/vocabulary.ts';
import { composeMessage } from './compose-message.ts';
import type { DispatchDeps } from './dispatch-deps.ts';
import { nextRetry } from './retry-policy.ts';

export type Outcome =
  /** `content` where the provider keeps it for people to look at. */
  | { kind: 'sent'; content?: JsonObject }
  | { kind: 'over'; status: 'failed' | 'dead' | 'unknown'; reason: Reason; code: string }
  | { kind: 'again'; afterMs: number; code: string };

interface Attempt {
  input: MessageInput;
  to: Address[];
  /** 1 the first time. */
  number: number;
  /** The attempt before ended without a word: its provider may have been called. */
  isLost: boolean;
}

/** Throws only where the documents can't be read: then nothing has been sent. */
export async function sendMessage(attempt: Attempt, deps: DispatchDeps): Promise<Outcome> {
  const { input } = attempt;
  const { channels, policies } = await deps.documents.config();
  const route = deps.route(input.channel, channels.get(input.channel), deps.isDevelopment);
  if (!route) return { kind: 'over', status: 'failed', reason: 'no_channel', code: 'no_provider' };
  const { adapter, settings } = route;
  if (attempt.isLost && !adapter.lookUp && !isRepeatable(adapter, input, deps.now())) {
    return { kind: 'over', status: 'unknown', reason: 'unknown_outcome', code: 'lease_lost' };
  }
  const template = await deps.documents.template(input.template.id, input.template.version);
  if (!template) return { kind: 'over', status: 'failed', reason: 'render_error', code: 'template_gone' };
  const composed = composeMessage(input, template, policies, attempt.to);
  if (composed.kind === 'refused') {
    return {
      kind: 'over',
      status: 'failed',
      reason: 'render_error',
      code: `render_refused: ${composed.path}`,
    };
  }
  const secret = await deps.documents.secret(input.channel);
  const sendDeps = {
    fetch: deps.fetch,
    now: deps.now,
    settings,
    secret,
    allowLoopback: deps.isDevelopment,
    region: policies.law.jurisdiction,
    tokens: deps.tokens,
  };
  const { message } = composed;
  const known = attempt.number > 1 ? await lookUp(adapter, message, sendDeps) : null;
  const result = known ?? (await answerOf(() => adapter.send(message, sendDeps)));
  if (result.kind === 'accepted') {
    return adapter.keepsContent ? { kind: 'sent', content: message.content } : { kind: 'sent' };
  }
  return judge(result, attempt, adapter, deps.now());
}

/**
 * A provider that keeps a list is asked before anything is sent to it a second time. Null where it has never had the
 * message, or keeps none.
 */
async function lookUp(
  adapter: ChannelAdapter,
  message: OutgoingMessage,
  sendDeps: SendDeps,
): Promise<SendResult | null> {
  if (!adapter.lookUp) return null;
  try {
    return await adapter.lookUp(message, sendDeps);
  } catch {
    return { kind: 'unknown', code: 'adapter_fault' };
  }
}

/** Whether a second call under the same id, at that time, reaches the recipient once. A key is remembered for a while. */
function isRepeatable(adapter: ChannelAdapter, { createdAt }: MessageInput, at: number): boolean {
  const { idempotencyMs = Number.POSITIVE_INFINITY } = adapter.capabilities;
  return adapter.idempotent && at - createdAt < idempotencyMs;
}

/** An adapter that throws has a fault, and may have called its provider before. */
async function answerOf(send: () => Promise<SendResult>): Promise<SendResult> {
  try {
    return await send();
  } catch {
    return { kind: 'unknown', code: 'adapter_fault' };
  }
}

function judge(
  result: Exclude<SendResult, { kind: 'accepted' }>,
  { input, number }: Attempt,
  adapter: ChannelAdapter,
  now: number,
): Outcome {
  const { code } = result;
  switch (result.kind) {
    case 'rejected':
      return { kind: 'over', status: 'failed', reason: 'provider_error', code };
    case 'park':
      return { kind: 'again', afterMs: Math.max(0, result.untilAt - now), code };
    case 'unknown': {
      const next = again(input.messageId, number, undefined, 'unknown_outcome', code);
      const at = now + (next.kind === 'again' ? next.afterMs : 0);
      return adapter.lookUp || isRepeatable(adapter, input, at)
        ? next
        : { kind: 'over', status: 'unknown', reason: 'unknown_outcome', code };
    }
    case 'retry':
      return again(input.messageId, number, result.afterMs, 'provider_error', code);
    default:
      return result satisfies never;
  }
}

function again(
  messageId: string,
  attempt: number,
  afterMs: number | undefined,
  reason: Reason,
  code: string,
): Outcome {
  const retry = nextRetry(messageId, attempt, afterMs);
  return retry.kind === 'retry'
    ? { kind: 'again', afterMs: retry.afterMs, code }
    : { kind: 'over', status: 'dead', reason, code };
}
