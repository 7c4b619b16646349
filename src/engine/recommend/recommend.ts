/**
 * Which items a message recommends: those of the lists that its step asks for, the heaviest first, then the popular ones;
 * none that the user has bought, that is sold out, that the message is about anyway, or that could not be shown.
 */
import type { ItemSnapshot, Json, JsonObject } from '../vocabulary.ts';
import { byScore, type Scored } from './top-list.ts';
import { type ListName, listName, listsOf, POPULAR, type Want } from './want.ts';

/** What was read of the catalog before the decision. */
export interface Recommended {
  lists: ReadonlyMap<ListName, readonly Scored[]>;
  /** Those that the catalog knows. */
  items: ReadonlyMap<string, ItemSnapshot>;
}

/** Besides the limit: some will be sold out, or can't be shown. */
const SPARE = 12;
/** Of the 8 KB that a message's values may have. */
const MAX_CHARACTERS = 4_096;

/** Whether everything that is wanted has been asked for. */
export function isInHand(want: Want, { lists }: Recommended): boolean {
  return listsOf(want).every((name) => lists.has(name));
}

/** Ids whose items have to be read, in the order in which they win. */
export function shortlist(
  want: Want,
  lists: Recommended['lists'],
  isOut: (itemId: string) => boolean,
): string[] {
  const { listed, popular } = inOrder(want, lists, isOut);
  return [...listed, ...popular].slice(0, want.limit + SPARE);
}

export interface Recommendations {
  items: JsonObject[];
  /** How many of them come from the lists; the others are the popular ones. */
  listed: number;
}

/** `needs`: fields that the template reads of each, and without which it could not be rendered. */
export function recommend(
  want: Want,
  known: Recommended,
  isOut: (itemId: string) => boolean,
  needs: ReadonlySet<string>,
): Recommendations {
  const { listed, popular } = inOrder(want, known.lists, isOut);
  const found: Recommendations = { items: [], listed: 0 };
  let characters = 0;
  for (const [i, itemId] of [...listed, ...popular].entries()) {
    if (found.items.length >= want.limit) break;
    const shown = shownOf(known.items.get(itemId), needs);
    if (!shown) continue;
    characters += JSON.stringify(shown).length;
    if (characters > MAX_CHARACTERS) break;
    found.items.push(shown);
    if (i < listed.length) found.listed += 1;
  }
  return found;
}

function inOrder(want: Want, lists: Recommended['lists'], isOut: (itemId: string) => boolean) {
  const scores = new Map<string, number>();
  for (const itemId of want.sources) {
    for (const [id, score] of lists.get(listName(want.list, itemId)) ?? []) {
      scores.set(id, (scores.get(id) ?? 0) + score);
    }
  }
  const isIn = (id: string) => !want.sources.includes(id) && !isOut(id);
  const listed = [...scores]
    .filter(([id]) => isIn(id))
    .sort(byScore)
    .map(([id]) => id);
  const popular = (lists.get(POPULAR) ?? []).map(([id]) => id).filter((id) => isIn(id) && !scores.has(id));
  return { listed, popular };
}

const FIELDS = ['id', 'title', 'url', 'imageUrl', 'price', 'currency'] as const;

function shownOf(item: ItemSnapshot | undefined, needs: ReadonlySet<string>): JsonObject | null {
  if (!item || item.stock === 0 || isBlank(item.title) || isBlank(item.url)) return null;
  const shown: JsonObject = {};
  for (const field of FIELDS) {
    const value: Json | undefined = item[field];
    if (value !== undefined) shown[field] = value;
    else if (needs.has(field)) return null;
  }
  return shown;
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}
