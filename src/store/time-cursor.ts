/** Where a newest-first listing goes on: after this row. Opaque to clients. */
export interface TimeCursor {
  createdAt: number;
  id: string;
}

function writeCursor({ createdAt, id }: TimeCursor): string {
  return `${createdAt.toString(36)}.${id}`;
}

/** Null for a text that is none. */
export function readCursor(text: string): TimeCursor | null {
  const [, time = '', id = ''] = /^([0-9a-z]{1,11})\.(.{1,400})$/su.exec(text) ?? [];
  const createdAt = Number.parseInt(time, 36);
  return Number.isSafeInteger(createdAt) && id !== '' ? { createdAt, id } : null;
}

/** A page of at most `limit` of the rows, of which one more was asked for, and where the next page begins. */
export function cutPage<T extends TimeCursor>(
  rows: T[],
  limit: number,
): { items: T[]; cursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, cursor: rows.length > limit && last ? writeCursor(last) : null };
}
