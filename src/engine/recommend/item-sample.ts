/**
 * What one view or order in some tells the catalog, so that it learns which items go together: one item, and the other
 * ones that the same person viewed, or bought, around it. No key of theirs goes along.
 *
 * Which events are sampled is a hash of the profile's key and the how-manieth it is: the same on every replay, and for
 * whoever sends the events not to be foreseen. Each sample weighs as many as it stands for. It is about any one of the
 * last few items, so that of two that go together each learns of the other. A person counts once a day for each item,
 * and for so many items, however much they click.
 */
import type { Config } from '../config.ts';
import type { Draft } from '../delta.ts';
import { splitRelationKey } from '../fold/relations.ts';
import { hash53 } from '../hash.ts';
import { productsOf } from '../items/products.ts';
import type { Meta } from '../state-meta.ts';
import { DAY_MS } from '../time/duration.ts';
import type { Event } from '../vocabulary.ts';

export type ItemListKind = 'viewed' | 'bought';

export interface ItemSample {
  list: ItemListKind;
  itemId: string;
  /** The others; may be none. */
  with: string[];
  /** How many views or orders it stands for. */
  weight: number;
  /** The other side of another one: it makes nothing more popular. */
  mirror?: true;
}

/** One of so many is taken. */
export interface Sampling {
  views: number;
  orders: number;
}

/** Orders are told six times as often: there are fewer of them, and they say more. */
const ORDERS_PER_VIEW = 6;

/** One of so many views, and of a sixth as many orders. */
export function samplingOf(views: number): Sampling {
  return { views, orders: Math.max(1, Math.round(views / ORDERS_PER_VIEW)) };
}

/** Of 32 views one, of five orders one: with two rows each, less than a tenth of a row for each view. */
export const SAMPLING = samplingOf(32);
export const EVERY_ONE = samplingOf(1);

/** What is looked at together: the item and at most eight others. */
const WINDOW = 9;
const WITHIN_MS = { viewed: DAY_MS, bought: 90 * DAY_MS };
/** Of one profile in a day. */
const MAX_A_DAY = 24;
const MAX_ID_LENGTH = 256;

/** After the event was folded. */
export function samplesOf(
  draft: Draft,
  event: Event,
  { sampling }: Pick<Config, 'sampling'>,
  now: number,
): ItemSample[] {
  const list = sampling && !event.imported && listOf(event);
  if (!list) return [];
  const every = list === 'viewed' ? sampling.views : sampling.orders;
  const items = newest(draft, list, event.timestamp);
  const today = sampledToday(draft, now);
  if (every === 1) {
    const named = new Set(productsOf(event, '').map(({ id }) => id));
    return samplesOfAll(draft, list, items, (id) => named.has(id) && isFree(today, id), today);
  }
  const n = draft.get('counts', event.name)?.n ?? 0;
  const drawn = hash53(`${draft.meta.key}\n${list}\n${n}`, 7);
  const free = drawn % every === 0 ? items.filter((id) => isFree(today, id)) : [];
  const itemId = free[Math.floor(drawn / every) % free.length];
  if (itemId === undefined) return [];
  note(draft, today, itemId);
  return [{ list, itemId, with: items.filter((id) => id !== itemId), weight: every }];
}

/** Where every event is taken, each item of it that is new today meets all that came before, and they it. */
function samplesOfAll(
  draft: Draft,
  list: ItemListKind,
  items: string[],
  isNew: (itemId: string) => boolean,
  today: Sampled,
): ItemSample[] {
  const samples: ItemSample[] = [];
  for (const [i, itemId] of items.entries()) {
    if (!isNew(itemId)) continue;
    note(draft, today, itemId);
    const before = items.slice(0, i);
    samples.push({ list, itemId, with: before, weight: 1 });
    for (const other of before)
      samples.push({ list, itemId: other, with: [itemId], weight: 1, mirror: true });
  }
  return samples;
}

function listOf({ name, origin }: Event): ItemListKind | null {
  if (origin === 'system') return null;
  if (name === 'Product Viewed') return 'viewed';
  return name === 'Order Completed' ? 'bought' : null;
}

/** The newest are at the end: a draft moves what it writes there. */
function newest(draft: Draft, list: ItemListKind, before: number): string[] {
  const kind = list === 'viewed' ? 'viewed' : 'purchased';
  const found: string[] = [];
  for (const [key, { on, at }] of draft.entries('relations')) {
    const { relation, itemId } = splitRelationKey(key);
    const isNear = on && before - at < WITHIN_MS[list];
    if (relation === kind && isNear && itemId.length <= MAX_ID_LENGTH) found.push(itemId);
  }
  return found.slice(-WINDOW);
}

type Sampled = NonNullable<Meta['sampled']>;

function sampledToday({ meta }: Draft, now: number): Sampled {
  const day = Math.floor(now / DAY_MS);
  return meta.sampled?.day === day ? { day, items: [...meta.sampled.items] } : { day, items: [] };
}

function isFree({ items }: Sampled, itemId: string): boolean {
  return items.length < MAX_A_DAY && !items.includes(hash53(itemId, 8));
}

function note(draft: Draft, today: Sampled, itemId: string): void {
  today.items.push(hash53(itemId, 8));
  draft.setMeta({ sampled: { ...today, items: [...today.items] } });
}
