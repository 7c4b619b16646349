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

/** Some events that stay together: their text, with commas between, and what finds them. */
export interface Piece {
  text: string;
  names: string[];
  times: number[];
  originalTimes: number[];
}

export function pieceOf(event: LoggedEvent): Piece {
  const { name, timestamp, originalAt } = event;
  return { text: JSON.stringify(event), names: [name], times: [timestamp], originalTimes: [originalAt] };
}

/** Oldest first, as given; none where there are no events. */
export function chunksOf(seq: number, pieces: Piece[], maxChars = MAX_CHUNK_CHARS): Chunk[] {
  const chunks: Chunk[] = [];
  let some: Piece[] = [];
  let chars = 0;
  for (const piece of pieces) {
    if (some.length > 0 && chars + piece.text.length > maxChars) {
      chunks.push(chunkOf(seq, some));
      some = [];
      chars = 0;
    }
    some.push(piece);
    chars += piece.text.length + 1;
  }
  if (some.length > 0) chunks.push(chunkOf(seq, some));
  return chunks;
}

export function parseEvents(body: string): LoggedEvent[] {
  return JSON.parse(body) as LoggedEvent[];
}

function chunkOf(seq: number, pieces: Piece[]): Chunk {
  const originalTimes = pieces.flatMap((piece) => piece.originalTimes);
  return {
    seq,
    minOriginalAt: Math.min(...originalTimes),
    maxOriginalAt: Math.max(...originalTimes),
    maxAt: Math.max(...pieces.flatMap(({ times }) => times)),
    names: `\n${[...new Set(pieces.flatMap(({ names }) => names))].join('\n')}\n`,
    body: `[${pieces.map(({ text }) => text).join(',')}]`,
  };
}
