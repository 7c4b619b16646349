import * as z from 'zod';
import type { Lookup } from '../engine/documents.ts';
import { idSchema } from './common-schema.ts';
import { fields } from './schema-kit.ts';

/** Of the document's JSON text: a row of D1 holds 2 MB. */
export const MAX_LOOKUP_BYTES = 1024 * 1024;

const cellSchema = z.union([z.string().max(2048), z.number(), z.boolean(), z.null()], {
  error: 'expected text, a number, true, false or null',
});

export const lookupSchema = fields({
  id: idSchema,
  rows: z
    .array(z.object({ key: z.string().min(1).max(200) }).catchall(cellSchema))
    .min(1)
    .max(10_000),
}) satisfies z.ZodType<Lookup>;
