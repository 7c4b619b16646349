/**
 * What a queue gave up on, kept for a person to look at. Nothing is lost by that: the dispatch and facts queues carry
 * hints of what the profile's outbox holds and offers again, and a watcher's page is kept by its shard.
 */
import type { Env } from '../bindings.ts';
import { type DeadLetter, keepDeadLetter } from '../store/dead-letters.ts';

interface DeadLetterDeps {
  keep(letters: DeadLetter[]): Promise<void>;
}

const RETRY_SECONDS = 60;

function deadLetterDeps(env: Env): DeadLetterDeps {
  return {
    keep: async (letters) => {
      await env.DB.batch(letters.map((letter) => keepDeadLetter(env.DB, letter)));
    },
  };
}

/** For every `…-dead` queue. A letter is acknowledged once D1 has it. */
export async function consumeDeadLetters(
  batch: MessageBatch<unknown>,
  env: Env,
  deps: DeadLetterDeps = deadLetterDeps(env),
): Promise<void> {
  if (batch.messages.length === 0) return;
  try {
    await deps.keep(batch.messages.map((message) => toLetter(batch.queue, message)));
  } catch {
    batch.retryAll({ delaySeconds: RETRY_SECONDS });
    return;
  }
  batch.ackAll();
}

function toLetter(queue: string, { id, timestamp, attempts, body }: Message<unknown>): DeadLetter {
  return {
    id: `${queue}:${id}`,
    source: queue,
    profileKey: textField(body, 'profile'),
    messageId: textField(body, 'messageId'),
    code: 'queue_gave_up',
    attempts,
    body,
    createdAt: timestamp.getTime(),
    expiresAt: null,
  };
}

function textField(body: unknown, name: string): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const value = (body as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : null;
}
