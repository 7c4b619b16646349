import type { Env } from '../bindings.ts';
import type { Issue } from '../engine/checks/issue.ts';
import { checkItemWrite, type ItemWriteRequest } from '../protocol/item-schema.ts';
import { inParallel } from './in-parallel.ts';
import { currencyFor, type ItemDeps, writeItem } from './item-writes.ts';

/** An item of a batch that was not written, by its place in the batch. */
export interface Rejection {
  index: number;
  code: 'invalid_item' | 'unavailable';
  message: string;
}

interface Entry {
  index: number;
  id: string;
  write: ItemWriteRequest;
}

const CONCURRENT_WRITES = 25;

/** Writes the good ones; of one id one after the other, so that the last wins. Answers what was rejected, in order. */
export async function writeBatch(
  deps: ItemDeps,
  env: Env,
  items: unknown[],
  now: number,
): Promise<Rejection[]> {
  const { entries, rejected } = sortOut(items, now);
  const writes = entries.map((entry) => entry.write);
  const currency = await currencyFor(deps, env, writes);
  const byId = [...Map.groupBy(entries, (entry) => entry.id).values()];
  await inParallel(byId, CONCURRENT_WRITES, async (ofOneId) => {
    for (const entry of ofOneId) {
      const rejection = await writeEntry(deps, env, entry, currency);
      if (rejection !== null) rejected.push(rejection);
    }
  });
  return rejected.sort((a, b) => a.index - b.index);
}

function sortOut(items: unknown[], now: number): { entries: Entry[]; rejected: Rejection[] } {
  const entries: Entry[] = [];
  const rejected: Rejection[] = [];
  for (const [index, item] of items.entries()) {
    const checked = checkItemWrite(item, now);
    if (checked.kind === 'invalid') rejected.push(invalid(index, checked.issues));
    else if (checked.document.id === null)
      rejected.push(invalid(index, [{ path: 'id', message: 'is missing' }]));
    else entries.push({ index, id: checked.document.id, write: checked.document });
  }
  return { entries, rejected };
}

async function writeEntry(
  deps: ItemDeps,
  env: Env,
  { index, id, write }: Entry,
  currency: string | undefined,
): Promise<Rejection | null> {
  const result = await writeItem(deps, env, id, write, currency);
  if (result.kind === 'refused') return invalid(index, [result]);
  if (result.kind !== 'unavailable') return null;
  return { index, code: 'unavailable', message: 'not written; send it again, which is harmless' };
}

function invalid(index: number, issues: Issue[]): Rejection {
  const message = issues.map((issue) => [issue.path, issue.message].filter(Boolean).join(': ')).join('; ');
  return { index, code: 'invalid_item', message };
}
