/** Which relations of a user make an item's news theirs. */
import type { Draft } from '../delta.ts';
import { relationKey } from '../fold/relations.ts';
import type { Failure } from '../language/conditions/check.ts';
import type { RelationEntry } from '../state.ts';
import { durationMs } from '../time/duration.ts';
import type { ItemOn } from '../trigger.ts';
import type { JsonObject, Price } from '../vocabulary.ts';

/** The relations that a listener without `relation` counts. */
export const ANY_RELATION = ['liked', 'in_cart', 'viewed', 'subscribed'] as const;

/** `reference`: of a price drop, what it is measured against. */
export type NewsVerdict = { kind: 'news'; reference: Price | null } | { kind: 'none'; failure: Failure };

export interface NewsContext {
  draft: Draft;
  now: number;
  trigger: string;
}

/** The relations to the item that hold and that the listener counts; `relationWithin` asks of a view when it was last. */
export function relationsTo(itemId: string, on: ItemOn, { draft, now }: NewsContext): RelationEntry[] {
  const afterAt = on.relationWithin ? now - durationMs(on.relationWithin) : Number.NEGATIVE_INFINITY;
  return (on.relation ?? ANY_RELATION).flatMap((relation) => {
    const entry = draft.get('relations', relationKey(relation, itemId));
    if (!entry?.on) return [];
    return (relation === 'viewed' ? entry.at : entry.since) > afterAt ? [entry] : [];
  });
}

export function none(path: string, values: JsonObject): Extract<NewsVerdict, { kind: 'none' }> {
  return { kind: 'none', failure: { path, values } };
}

/** Where notices of one trigger for one item are remembered; a run's key is JSON and never begins with `@`. */
export function itemLogKey(itemId: string): string {
  return `@${itemId}`;
}
