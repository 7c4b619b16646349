import { CHANNELS } from '../engine/trigger.ts';
import type { Issue } from '../http/api-error.ts';
import type { DeliveryFilter } from '../store/delivery-list.ts';
import { DELIVERY_STATUSES } from '../store/delivery-status.ts';
import { readCursor, type TimeCursor } from '../store/time-cursor.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;

interface PageQuery {
  limit: number;
  after?: TimeCursor;
}

/** What a listing was asked for, and what is wrong with the asking. */
export function readPageQuery(query: URLSearchParams): { page: PageQuery; issues: Issue[] } {
  const issues: Issue[] = [];
  const page: PageQuery = { limit: DEFAULT_LIMIT };
  const limit = query.get('limit');
  if (limit !== null && /^\d{1,6}$/.test(limit) && Number(limit) > 0) {
    page.limit = Math.min(MAX_LIMIT, Number(limit));
  } else if (limit !== null) {
    issues.push({ path: 'limit', message: `is not a whole number from 1 to ${MAX_LIMIT}` });
  }
  const cursor = query.get('cursor');
  const after = cursor === null ? null : readCursor(cursor);
  if (after) page.after = after;
  else if (cursor !== null) issues.push({ path: 'cursor', message: 'is not a cursor of an earlier answer' });
  return { page, issues };
}

/** The same with a delivery's filters; `userId` is resolved by the caller. */
export function readDeliveryQuery(query: URLSearchParams): { filter: DeliveryFilter; issues: Issue[] } {
  const { page, issues } = readPageQuery(query);
  const filter: DeliveryFilter = { ...page };
  const trigger = query.get('trigger');
  if (trigger !== null) filter.trigger = trigger;
  const channel = oneOf('channel', CHANNELS, query, issues);
  if (channel) filter.channel = channel;
  const status = oneOf('status', DELIVERY_STATUSES, query, issues);
  if (status) filter.status = status;
  return { filter, issues };
}

export function oneOf<T extends string>(
  name: string,
  known: readonly T[],
  query: URLSearchParams,
  issues: Issue[],
): T | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const found = known.find((one) => one === text);
  if (!found) issues.push({ path: name, message: `is not one of ${known.join(', ')}` });
  return found;
}
