import type { Env } from '../bindings.ts';
import type { DeadLetter } from '../store/dead-letters.ts';

/** The queue that a letter came from, by the name of its dead-letter queue, and the kinds of messages that it carries. */
const QUEUES = {
  'reflex-dispatch-dead': { binding: 'DISPATCH', kinds: ['message'] },
  'reflex-facts-dead': { binding: 'FACTS', kinds: ['facts'] },
  'reflex-fanout-dead': { binding: 'FANOUT', kinds: ['page', 'broadcast'] },
  'reflex-export-dead': { binding: 'EXPORT_STREAM', kinds: ['export'] },
} as const;

/** Null where the letter is of no queue, or not what the queue carries: it would only come back. */
export function queueOf(
  env: Env,
  { source, body }: Pick<DeadLetter, 'source' | 'body'>,
): Pick<Queue<unknown>, 'sendBatch'> | null {
  if (!Object.hasOwn(QUEUES, source)) return null;
  const { binding, kinds } = QUEUES[source as keyof typeof QUEUES];
  const isReadable =
    typeof body === 'object' &&
    body !== null &&
    'v' in body &&
    body.v === 1 &&
    'kind' in body &&
    kinds.some((kind) => kind === body.kind);
  return isReadable ? (env[binding] ?? null) : null;
}
