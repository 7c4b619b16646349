import type * as z from 'zod';
import { type Issue, invalidRequest } from './api-error.ts';

/** A body that has passed its schema. Throws 400 that says `what` is wrong, with the path of every issue. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown, what: string): T {
  const { data, error } = schema.safeParse(body);
  if (error) throw invalidRequest(what, issuesOf(error));
  return data as T;
}

/** What a schema found, as answers name it: `batch.3.messageId`. */
export function issuesOf(error: z.ZodError): Issue[] {
  return error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
}
