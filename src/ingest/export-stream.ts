/**
 * An export as a stream of NDJSON: a page is asked for when the reader has room for it, so that memory holds one at a
 * time. Where a page can't be had the stream breaks off, and lacks its last line, `end`.
 */
import type { Json, JsonObject } from '../engine/vocabulary.ts';
import type { ExportLine } from '../protocol/export-schema.ts';
import type { ExportPage } from '../protocol/profile-data-rpc.ts';

type Page = Extract<ExportPage, { kind: 'page' }>;

export interface ExportSource {
  first: Page;
  nextPage(cursor: string): Promise<Exclude<ExportPage, { kind: 'unavailable' }>>;
  /** What D1 holds; of the anonymous profiles that have become this one, too. */
  records(anonymousIds: string[]): AsyncIterable<ExportLine[]>;
}

const encoder = new TextEncoder();

export function exportStream(source: ExportSource): ReadableStream<Uint8Array> {
  const pages = pagesOf(source);
  let lines = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pages.next();
        if (!done) {
          lines += value.length;
          controller.enqueue(encoder.encode(value.map((line) => `${JSON.stringify(line)}\n`).join('')));
          return;
        }
        const end: ExportLine = { type: 'end', lines };
        controller.enqueue(encoder.encode(`${JSON.stringify(end)}\n`));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

async function* pagesOf({ first, nextPage, records }: ExportSource): AsyncGenerator<object[]> {
  const anonymousIds: string[] = [];
  let page = first;
  for (;;) {
    for (const line of page.lines) {
      const id = anonymousIdOf(line);
      if (id !== null) anonymousIds.push(id);
    }
    yield page.lines;
    if (page.cursor === null) break;
    const next = await nextPage(page.cursor);
    if (next.kind !== 'page') throw new Error('the profile has gone while it was exported');
    page = next;
  }
  yield* records(anonymousIds);
}

function anonymousIdOf({ type, outcome, anonymousId }: JsonObject): string | null {
  const id: Json | undefined = type === 'identity' && outcome === 'merged' ? anonymousId : undefined;
  return typeof id === 'string' ? id : null;
}
