/**
 * Deliveries, conversions and decisions to an endpoint of the workspace's own, as they come:
 *
 *     written to D1 → named on the queue `export` → read again, signed, posted (`export-consumer.ts`)
 *
 * It is named before whoever told of it is settled: where the queue doesn't take it, everything is done once more. So each
 * change is told at least once. Set up by bindings, which are fixed for an isolate's life: without them nothing is computed.
 */
import type { Env } from '../bindings.ts';
import type { ExportMessage } from '../protocol/queue-messages.ts';
import type { ExportNames } from '../store/export-rows.ts';

/** One call's lines: some 60 KB, and as a queue's message far below the 128 KB that one may have. */
const LINES_PER_MESSAGE = 200;
/** `sendBatch` takes 256 KB. */
const MESSAGES_PER_SEND = 5;

/** Throws where the queue doesn't take them. */
export async function streamExport(
  { EXPORT_STREAM: queue, EXPORT_WEBHOOK_URL: url }: Pick<Env, 'EXPORT_STREAM' | 'EXPORT_WEBHOOK_URL'>,
  names: () => Partial<ExportNames>,
): Promise<void> {
  if (!queue || !url) return;
  const messages = messagesOf(names());
  for (let from = 0; from < messages.length; from += MESSAGES_PER_SEND) {
    const some = messages.slice(from, from + MESSAGES_PER_SEND);
    await queue.sendBatch(some.map((body) => ({ body, contentType: 'json' as const })));
  }
}

function messagesOf({
  deliveries = [],
  conversions = [],
  decisions = [],
}: Partial<ExportNames>): ExportMessage[] {
  const messages: ExportMessage[] = [];
  const length = Math.max(deliveries.length, conversions.length);
  for (let from = 0; from < length; from += LINES_PER_MESSAGE / 2) {
    const to = from + LINES_PER_MESSAGE / 2;
    const names = { deliveries: deliveries.slice(from, to), conversions: conversions.slice(from, to) };
    messages.push({ v: 1, kind: 'export', ...names });
  }
  return [...messages, ...inMessages(decisions)];
}

function inMessages(all: ExportNames['decisions']): ExportMessage[] {
  const messages: ExportNames['decisions'][] = [];
  let room = 0;
  for (const name of all) {
    const [, , lines] = name;
    if (lines > room) {
      messages.push([]);
      room = LINES_PER_MESSAGE;
    }
    room -= lines;
    messages.at(-1)?.push(name);
  }
  return messages.map((decisions) => ({ v: 2, kind: 'export', decisions }));
}
