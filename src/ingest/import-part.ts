/**
 * One part of an import of items: lines of NDJSON, written to the catalog's shards in few calls each, and acknowledged as a
 * whole once all of them are in.
 *
 *     lines that are done → skipped;  the others → checked one by one → by shard → written → the import's row moves on
 *
 * Killed anywhere, nothing is lost and nothing done twice: what was not acknowledged is sent again, and each item remembers
 * the last line of the import that it has had (`catalog/import-writes.ts`), so that an older line can't undo a newer one.
 */
import type { Env } from '../bindings.ts';
import { ApiError, invalidRequest } from '../http/api-error.ts';
import type { CatalogRpc } from '../protocol/catalog-rpc.ts';
import type { ImportError, ImportedWrite, ImportProgress, ImportResult } from '../protocol/item-import.ts';
import { checkItemWrite } from '../protocol/item-schema.ts';
import { catalogShardOf } from '../protocol/stubs.ts';
import { inParallel } from './in-parallel.ts';
import { currencyFor, type ItemDeps, RETRY_AFTER_SECONDS } from './item-writes.ts';

export const MAX_PART_LINES = 10_000;
/** A shard takes so many at once: its turn is short, and others get theirs between two. */
const WRITES_PER_CALL = 250;
/** Calls under way: shards that are busy hold the import back, not the other way round. */
const CONCURRENT_CALLS = 16;
const MAX_MESSAGE_CHARS = 300;
const MAX_TOLD_ERRORS = 1_000;

export interface ImportDeps extends Pick<ItemDeps, 'defaultCurrency'> {
  /** A new stub for the catalog shard that holds the item. */
  catalog(env: Env, itemId: string): Pick<CatalogRpc, 'importItems'>;
  readImport(env: Env, id: string): Promise<ImportProgress | null>;
  /** Moves the import on from `from`, unless somebody has; answers where it stands then. */
  takeImportStep(
    env: Env,
    step: {
      id: string;
      from: number;
      linesDone: number;
      accepted: number;
      rejected: number;
      errors: ImportError[];
    },
    now: number,
  ): Promise<ImportProgress>;
}

export interface ImportPart {
  id: string;
  /** How many lines of the import come before this part. */
  from: number;
  lines: string[];
  now: number;
}

export interface ImportAnswer extends ImportProgress {
  part: { lines: number; skipped: number; errors: ImportError[] };
}

export async function importPart(deps: ImportDeps, env: Env, part: ImportPart): Promise<ImportAnswer> {
  const { id, from, lines, now } = part;
  if (lines.length === 0) throw invalidRequest('The part has no line.');
  if (lines.length > MAX_PART_LINES) {
    throw invalidRequest(`A part has at most ${MAX_PART_LINES} lines; split it further.`);
  }
  const known = await deps.readImport(env, id);
  const done = known?.linesDone ?? 0;
  if (from > done) {
    throw new ApiError(
      409,
      'gap',
      `Of this import ${done} lines are done; the next part is \`from=${done}\`.`,
    );
  }
  const skipped = Math.min(lines.length, done - from);
  if (known && skipped === lines.length) {
    return { ...known, part: { lines: lines.length, skipped, errors: [] } };
  }
  const { writes, errors } = checkLines(lines.slice(skipped), done, now);
  errors.push(...(await writeAll(deps, env, id, writes)));
  errors.sort((a, b) => a.line - b.line);
  const linesDone = from + lines.length;
  const blank = lines.slice(skipped).filter((line) => line.trim() === '').length;
  const rejected = errors.length;
  const accepted = lines.length - skipped - blank - rejected;
  const step = { id, from: done, linesDone, accepted, rejected, errors };
  const progress = await deps.takeImportStep(env, step, now);
  return { ...progress, part: { lines: lines.length, skipped, errors: errors.slice(0, MAX_TOLD_ERRORS) } };
}

/** The lines of a part; the last one may end without a line break. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function checkLines(
  lines: string[],
  before: number,
  now: number,
): { writes: ImportedWrite[]; errors: ImportError[] } {
  const writes: ImportedWrite[] = [];
  const errors: ImportError[] = [];
  for (const [index, text] of lines.entries()) {
    if (text.trim() === '') continue;
    const line = before + index + 1;
    const checked = checkLine(text, now);
    if (typeof checked === 'string') errors.push({ line, message: checked.slice(0, MAX_MESSAGE_CHARS) });
    else writes.push({ line, ...checked });
  }
  return { writes, errors };
}

/** What is wrong with it, in words, where something is. */
function checkLine(text: string, now: number): Omit<ImportedWrite, 'line'> | string {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    return 'is not valid JSON; expected one item a line';
  }
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  // An import is a first load unless a line says otherwise.
  const checked = checkItemWrite(isObject ? { imported: true, ...(input as object) } : input, now);
  if (checked.kind === 'invalid') {
    return checked.issues.map(({ path, message }) => [path, message].filter(Boolean).join(': ')).join('; ');
  }
  const { id: itemId, ...write } = checked.document;
  return itemId === null ? 'id: is missing' : { itemId, ...write };
}

/** All or an error: a part that can't be written whole is sent again, which is harmless. */
async function writeAll(
  deps: ImportDeps,
  env: Env,
  id: string,
  writes: ImportedWrite[],
): Promise<ImportError[]> {
  const defaultCurrency = await currencyFor(deps, env, writes);
  const byShard = Map.groupBy(writes, ({ itemId }) => catalogShardOf(itemId));
  const results = await inParallel([...byShard.values()], CONCURRENT_CALLS, async (ofShard) => {
    const refused: ImportResult['refused'] = [];
    // One call after the other: a shard takes the lines in their order.
    for (let at = 0; at < ofShard.length; at += WRITES_PER_CALL) {
      const some = ofShard.slice(at, at + WRITES_PER_CALL);
      const request = { id, writes: some, ...(defaultCurrency !== undefined && { defaultCurrency }) };
      refused.push(...(await writeSome(deps.catalog(env, some[0]?.itemId ?? ''), request)).refused);
    }
    return refused;
  });
  return results.flat().map(({ line, path, message }) => ({ line, message: `${path}: ${message}` }));
}

async function writeSome(
  shard: Pick<CatalogRpc, 'importItems'>,
  request: Parameters<CatalogRpc['importItems']>[0],
): Promise<ImportResult> {
  try {
    return await shard.importItems(request);
  } catch (cause) {
    const message = 'The catalog is busy; send the part again, which is harmless.';
    throw new ApiError(503, 'unavailable', message, { retryAfterSeconds: RETRY_AFTER_SECONDS, cause });
  }
}
