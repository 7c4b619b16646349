/**
 * Which lines of an import an item still has to take. It remembers the last line that changed it, so that a part which is sent
 * again because its acknowledgement got lost changes nothing, even where two of its lines are about one item and the first of
 * them would undo the second.
 */
import type { ItemRecord } from './item-record.ts';

export function hasHadLine(
  { lastImport }: ItemRecord,
  { id, line }: NonNullable<ItemRecord['lastImport']>,
): boolean {
  return lastImport?.id === id && line <= lastImport.line;
}
