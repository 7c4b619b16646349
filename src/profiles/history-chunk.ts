/** Events for good: those of some commits together, in as few rows as they fit into. */
import type { LoggedEvent } from './log-entry.ts';

export interface Chunk {
  /** The last seq of the commits in it. */
  seq: number;
  /** The newest timestamp in it. */
  maxAt: number;
  /** Bounds of the clients' own times: where a repeated id is looked for. */
  minOriginalAt: number;
  maxOriginalAt: number;
  /** Event names, each between line feeds: which chunks a scan may skip. */
  names: string;
  body: string;
}

/** 64 events of the largest kind fit into one; a whole chunk is parsed to look into it. */
const MAX_CHUNK_CHARS = 250_000;

/** Oldest first, as given; none where there are no events. */
export function chunksOf(seq: number, events: LoggedEvent[], maxChars = MAX_CHUNK_CHARS): Chunk[] {
  const chunks: Chunk[] = [];
  let some: LoggedEvent[] = [];
  let texts: string[] = [];
  let chars = 0;
  for (const event of events) {
    const text = JSON.stringify(event);
    if (some.length > 0 && chars + text.length > maxChars) {
      chunks.push(chunkOf(seq, some, texts));
      some = [];
      texts = [];
      chars = 0;
    }
    some.push(event);
    texts.push(text);
    chars += text.length + 1;
  }
  if (some.length > 0) chunks.push(chunkOf(seq, some, texts));
  return chunks;
}

export function parseEvents(body: string): LoggedEvent[] {
  return JSON.parse(body) as LoggedEvent[];
}

function chunkOf(seq: number, events: LoggedEvent[], texts: string[]): Chunk {
  const originalAt = events.map((event) => event.originalAt);
  return {
    seq,
    minOriginalAt: Math.min(...originalAt),
    maxOriginalAt: Math.max(...originalAt),
    maxAt: Math.max(...events.map(({ timestamp }) => timestamp)),
    names: `\n${[...new Set(events.map(({ name }) => name))].join('\n')}\n`,
    body: `[${texts.join(',')}]`,
  };
}
