import * as z from 'zod';
import type { Segment } from '../engine/documents.ts';
import { idSchema } from './common-schema.ts';
import { conditionSchema } from './condition-schema.ts';
import { fields } from './schema-kit.ts';

export const MAX_SEGMENT_BYTES = 64 * 1024;

export const segmentSchema = fields({
  id: idSchema,
  name: z.string().max(200).exactOptional(),
  members: z.boolean().exactOptional(),
  if: conditionSchema,
}) satisfies z.ZodType<Segment>;
