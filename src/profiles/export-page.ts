/**
 * Everything that a profile knows, in pages of bounded size: its state section by section, in the order of the keys, so
 * that what changes between two pages neither hides nor shifts the rest; then its events, chunk by chunk, and at last
 * those that are not in a chunk yet.
 */
import { SECTIONS } from '../engine/state.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import type { ExportPage } from '../protocol/profile-data-rpc.ts';
import { eventLine, profileLine, stateLines } from './export-lines.ts';
import type { ProfileStore } from './profile-store.ts';

/** In characters of JSON; a single entry or chunk may be larger. */
const PAGE_CHARS = 200_000;

/** The last entry told; of history, the last chunk that was told whole, and the last event told since. */
type Cursor = StateCursor | EventCursor;
interface StateCursor {
  section: number;
  key: string | null;
}
interface EventCursor {
  chunk: number;
  event: string | null;
}

export function exportPage(store: ProfileStore, cursor: string | null): ExportPage {
  const from = cursor === null ? null : (JSON.parse(cursor) as Cursor);
  if (from && 'chunk' in from) return eventsPage(store, from);
  const lines: JsonObject[] = from ? [] : [profileLine(store.state.meta)];
  return statePage(store, lines, from ?? { section: 0, key: null });
}

function statePage(
  { state }: ProfileStore,
  lines: JsonObject[],
  from: { section: number; key: string | null },
) {
  let chars = 0;
  for (let section = from.section; section < SECTIONS.length; section++) {
    const name = SECTIONS[section] as (typeof SECTIONS)[number];
    const after = section === from.section ? from.key : null;
    const keys = [...state[name].keys()].filter((key) => after === null || key > after).sort();
    for (const key of keys) {
      for (const line of stateLines(name, key, state[name].get(key))) {
        lines.push(line);
        chars += JSON.stringify(line).length;
      }
      if (chars >= PAGE_CHARS) return page(lines, { section, key });
    }
  }
  return page(lines, { chunk: 0, event: null });
}

/** Events keep their order on the way from memory into chunks: where one was told last is found again. */
function eventsPage({ history }: ProfileStore, from: EventCursor): ExportPage {
  let { chunk: told } = from;
  let { events, chunk } = history.eventsAfter(told);
  let last = events.findIndex(({ messageId }) => messageId === from.event);
  while (from.event !== null && last < 0 && chunk !== null) {
    told = chunk;
    ({ events, chunk } = history.eventsAfter(told));
    last = events.findIndex(({ messageId }) => messageId === from.event);
  }
  const lines: JsonObject[] = [];
  let chars = 0;
  for (const event of events.slice(last + 1)) {
    if (chars >= PAGE_CHARS) return page(lines, { chunk: told, event: lines.at(-1)?.messageId as string });
    const line = eventLine(event);
    lines.push(line);
    chars += JSON.stringify(line).length;
  }
  return page(lines, chunk === null ? null : { chunk, event: null });
}

function page(lines: JsonObject[], next: Cursor | null): ExportPage {
  return { kind: 'page', lines, cursor: next && JSON.stringify(next) };
}
