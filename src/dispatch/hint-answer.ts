/**
 * What a queue's message is answered with. `failed` goes through the queue's own retries and at last to its dead-letter
 * queue, where a person can see it. A hint that met another's lease comes again when the lease ends, but never becomes a
 * dead letter: the outbox offers the message by then anyway.
 */
export type HintAnswer = 'done' | 'failed' | { againInMs: number };

/** `max_retries` of the dispatch queue in wrangler.toml: one more goes to the dead-letter queue. */
const QUEUE_RETRIES = 5;
const AFTER_FAILURE_SECONDS = 10;

type Hint = Pick<Message, 'attempts' | 'ack' | 'retry'>;

export function answerHint(hint: Hint, answer: HintAnswer): void {
  if (answer === 'done') hint.ack();
  else if (answer === 'failed') hint.retry({ delaySeconds: AFTER_FAILURE_SECONDS });
  else comeAgain(hint, answer.againInMs);
}

function comeAgain(hint: Hint, againInMs: number): void {
  // Rounded up: a hint that comes too early would be turned away.
  const delaySeconds = Math.max(1, Math.ceil(againInMs / 1000));
  if (hint.attempts > QUEUE_RETRIES) hint.ack();
  else hint.retry({ delaySeconds });
}
