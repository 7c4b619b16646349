/**
 * A decision that recommends items says which lists it wants, and is made once more when they are there. They are asked for
 * only then, so that an event that sends no such message costs nothing.
 */
import { type Recommended, shortlist } from '../engine/recommend/recommend.ts';
import { isOutOfQuestion, listsOf, type Want } from '../engine/recommend/want.ts';
import type { ItemSnapshot } from '../engine/vocabulary.ts';
import type { Turn, TurnPort } from './turn-port.ts';

/** A turn that was decided, or what has to be asked for first: then nothing of what wants it was taken. */
export type Attempt<T> = { answer: T } | { wants: readonly Want[] };

/** Of a turn that can't be decided yet. */
export function undecided<T>(wants: readonly Want[]): Turn<Attempt<T>> {
  return { effects: [], isUndecided: true, answer: () => ({ wants }) };
}

export type RecommendedPort = Pick<TurnPort, 'lists' | 'items' | 'store'>;

/** Decides, asks for what that wants, and decides again, until it wants nothing more. Waits for nothing where it never did. */
export function withLists<T>(
  port: RecommendedPort,
  attempt: (known: Recommended | null) => Attempt<T>,
): T | Promise<T> {
  const attempted = attempt(null);
  return 'answer' in attempted ? attempted.answer : askAndAttempt(port, attempted.wants, attempt);
}

async function askAndAttempt<T>(
  port: RecommendedPort,
  firstWants: readonly Want[],
  attempt: (known: Recommended | null) => Attempt<T>,
): Promise<T> {
  let known = await askFor(port, firstWants, null);
  for (;;) {
    const attempted = attempt(known);
    if ('answer' in attempted) return attempted.answer;
    known = await askFor(port, attempted.wants, known);
  }
}

/** What was known and what is wanted besides. Never throws: items that can't be read aren't recommended. */
async function askFor(
  port: RecommendedPort,
  wants: readonly Want[],
  known: Recommended | null,
): Promise<Recommended> {
  const relations = port.store()?.state.relations;
  const lists = await port.lists([...new Set(wants.flatMap(listsOf))]);
  const ids = wants.flatMap((want) =>
    shortlist(want, lists, (itemId) => isOutOfQuestion((key) => relations?.get(key), want, itemId)),
  );
  const items = await port.items([...new Set(ids)]).catch(() => new Map<string, ItemSnapshot>());
  return {
    lists: new Map([...(known?.lists ?? []), ...lists]),
    items: new Map([...(known?.items ?? []), ...items]),
  };
}
