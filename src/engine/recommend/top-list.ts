/**
 * The heaviest of very many, in bounded room: Space-Saving (Metwally, Agrawal, El Abbadi 2005) over weights that halve
 * with time. A newcomer to a full list takes the place of the lightest entry, and with it that one's weight as its
 * possible error, so that with W the weight of all that was added and k the places:
 *
 *     weight − error ≤ what the id really weighs ≤ weight,   error ≤ W / k
 *
 * and whoever really weighs more than W / k is in the list. Entries are ranked by what they weigh for certain, so that a
 * newcomer doesn't profit from whose place it took.
 */
export interface TopList {
  /** The weights are those of this instant. */
  at: number;
  entries: TopEntry[];
}

export type TopEntry = [id: string, weight: number, error: number];

export interface TopRule {
  places: number;
  halfLifeMs: number;
}

/** An id and what it weighs for certain. */
export type Scored = [id: string, score: number];

/** What has decayed to this isn't worth its bytes. */
const FORGOTTEN = 0.01;

export function emptyTop(): TopList {
  return { at: 0, entries: [] };
}

/** The list with each id heavier by `weight` as of `now`. An instant before the list's own counts as that. */
export function addToTop(
  list: TopList,
  ids: readonly string[],
  weight: number,
  now: number,
  rule: TopRule,
): TopList {
  const at = Math.max(list.at, now);
  const entries = new Map(decayed(list, at, rule).map((entry) => [entry[0], entry]));
  for (const id of ids) {
    const known = entries.get(id);
    if (known) {
      entries.set(id, [id, known[1] + weight, known[2]]);
      continue;
    }
    let inherited = 0;
    if (entries.size >= rule.places) {
      const lightest = [...entries.values()].reduce((a, b) => (isLighter(b, a) ? b : a));
      entries.delete(lightest[0]);
      inherited = lightest[1];
    }
    entries.set(id, [id, inherited + weight, inherited]);
  }
  return { at, entries: [...entries.values()] };
}

/** Best first; of equals the smaller id. At most `limit`. */
export function ranked(list: TopList, now: number, rule: TopRule, limit: number): Scored[] {
  return decayed(list, Math.max(list.at, now), rule)
    .map(([id, weight, error]): Scored => [id, rounded(weight - error)])
    .sort(byScore)
    .slice(0, limit);
}

export function byScore([idA, a]: Scored, [idB, b]: Scored): number {
  return b - a || Number(idA > idB) - Number(idA < idB);
}

function decayed({ at, entries }: TopList, now: number, { halfLifeMs }: TopRule): TopEntry[] {
  const share = 2 ** ((at - now) / halfLifeMs);
  if (share === 1) return entries;
  return entries.flatMap(([id, weight, error]): TopEntry[] => {
    const left = weight * share;
    return left < FORGOTTEN ? [] : [[id, left, error * share]];
  });
}

/** Of equals the greater id goes, whatever the order in which they came. */
function isLighter([idA, a]: TopEntry, [idB, b]: TopEntry): boolean {
  return a < b || (a === b && idA > idB);
}

/** Weights that are equal but for the last digits are equal, so that the id decides. */
function rounded(score: number): number {
  return Math.round(score * 1e6) / 1e6;
}
