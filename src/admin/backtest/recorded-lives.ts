/** Lives and items as the objects keep them, read within what one request may spend. */
import type { Env } from '../../bindings.ts';
import type { ItemStanding } from '../../protocol/catalog-rpc.ts';
import { catalogStub, profileStub } from '../../protocol/stubs.ts';
import { itemsOf } from '../../simulate/backtest/recorded-items.ts';
import type { Recording } from '../../simulate/backtest/recorded-life.ts';
import type { Spending } from './spending.ts';

/** Longer lives are skipped: one of them would be an answer of its own. */
const MAX_LIFE_EVENTS = 20_000;
/** Of one life, the newest. */
const MAX_ITEMS = 200;

/** Null where there is none any more, it has become another's, or it is too long. */
export async function readLife(env: Env, key: string, spending: Spending): Promise<Recording | null> {
  let who: Recording['who'] | null = null;
  const events: Recording['events'] = [];
  let cursor: number | null = null;
  do {
    spending.spend();
    const part = await profileStub(env, key).recording(cursor);
    if (part.kind !== 'part') return null;
    who ??= part.who;
    events.push(...part.events);
    if (events.length > MAX_LIFE_EVENTS) return null;
    cursor = part.cursor;
  } while (cursor !== null);
  return who && { who, events };
}

/** Those of the life that aren't known yet are read and kept: many people have to do with the same items. */
export async function readItems(
  env: Env,
  { events }: Recording,
  currency: string,
  known: Map<string, ItemStanding>,
  spending: Spending,
): Promise<void> {
  const unknown = [...itemsOf(events, currency)].slice(-MAX_ITEMS).filter((id) => !known.has(id));
  await Promise.all(
    unknown.map(async (id) => {
      spending.spend();
      known.set(id, await catalogStub(env, id).standing(id));
    }),
  );
}

/** What the longest life may cost: parts and items. */
export const CALLS_OF_A_LIFE = MAX_ITEMS + 10;
