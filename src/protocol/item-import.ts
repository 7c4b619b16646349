/** An import of many items, as its routes tell of it. */
import * as z from 'zod';
import type { ItemPatch } from './catalog-rpc.ts';

/** Chosen by whoever imports; the same one goes on with it. */
export const importIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected 1 to 64 letters, digits, `-` and `_`');

/** A line that was not written, counted from 1 as an editor does. */
const importErrorSchema = z.object({ line: z.int(), message: z.string() });
export type ImportError = z.infer<typeof importErrorSchema>;

/** How far an import has come. */
export const importProgressSchema = z.object({
  id: z.string(),
  /** So many lines are done: the next part begins after them. */
  linesDone: z.int(),
  accepted: z.int(),
  rejected: z.int(),
  /** The first 100 of what was rejected. */
  errors: z.array(importErrorSchema),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type ImportProgress = z.infer<typeof importProgressSchema>;

/** What a part adds; `errors` are its own. */
export const importAnswerSchema = importProgressSchema.extend({
  part: z.object({
    lines: z.int(),
    /** Lines that were done before. */
    skipped: z.int(),
    /** At most 1,000 of them. */
    errors: z.array(importErrorSchema),
  }),
});

/** One line's write, as a catalog shard is given many of them. */
export interface ImportedWrite {
  line: number;
  itemId: string;
  patch: ItemPatch;
  updatedAt: number | null;
  imported: boolean;
}

export interface ImportRequest {
  /** The import's id: a line of it that the item has had is ignored. */
  id: string;
  defaultCurrency?: string;
  /** In the order of their lines. */
  writes: ImportedWrite[];
}

export interface ImportResult {
  /** Together with what the item has, the patch breaks a limit. */
  refused: { line: number; path: string; message: string }[];
}
