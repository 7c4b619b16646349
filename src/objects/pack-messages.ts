import { jsonBytes } from '../protocol/item-limits.ts';

/** `sendBatch` takes 100 messages and 256 KB; some room is left for what the queue adds to each. */
const MAX_MESSAGES = 100;
const MAX_BYTES = 240_000;

/** Splits messages into batches that a queue takes in one call each, in order. */
export function packMessages<T>(messages: T[]): T[][] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = jsonBytes(message);
    if (batch.length === MAX_MESSAGES || (batch.length > 0 && bytes + size > MAX_BYTES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  return batch.length === 0 ? batches : [...batches, batch];
}

/**
 * Sends in as few calls as they fit into. Never throws, and stops where the queue refuses: what isn't sent, or gets lost,
 * is sent again by whoever keeps it.
 */
export async function sendUntilRefused<T>(queue: Pick<Queue<T>, 'sendBatch'>, messages: T[]): Promise<void> {
  for (const batch of packMessages(messages)) {
    try {
      await queue.sendBatch(batch.map((body) => ({ body, contentType: 'json' as const })));
    } catch {
      return;
    }
  }
}
