/**
 * Whether a happening is what an `on` waits for; of item changes also against which price. The scope's `entry` is what
 * its `where` sees as such: at entry this very event, at an exit, answer or goal what started the run.
 */

import type { CompiledOn } from '../compile/compile-on.ts';
import { judgeItem } from '../items/item-news.ts';
import { judgeTopic } from '../items/topic-news.ts';
import type { Failure } from '../language/conditions/check.ts';
import { elements } from '../language/operators.ts';
import type { Scope } from '../scope.ts';
import type { AttributeOn, ItemNews } from '../trigger.ts';
import type { Event, Json, Price } from '../vocabulary.ts';
import { isInstantOf, recurrenceOf } from './broadcast.ts';
import { type Happening, indexName } from './happening.ts';

export type Matched =
  /** `news`: what it was about an item. */
  { kind: 'matched'; reference: Price | null; news?: ItemNews } | { kind: 'none'; failure: Failure };

/** The first of the happenings that is what `on` waits for, else why the last one isn't; null where none is of its kind. */
export function matchFirst(
  on: CompiledOn,
  happenings: Happening[],
  event: Event | null,
  scope: Scope,
  triggerId: string,
): Matched | null {
  let result: Matched | null = null;
  for (const happening of happenings) {
    if (on.event !== indexName(happening)) continue;
    result = matchOn(on, happening, event, scope, triggerId);
    if (result.kind === 'matched') return result;
  }
  return result;
}

function matchOn(
  on: CompiledOn,
  happening: Happening,
  event: Event | null,
  scope: Scope,
  triggerId: string,
): Matched {
  switch (happening.kind) {
    case 'event':
      return matchEvent(on, event, scope, triggerId);
    case 'attribute':
      return matchAttribute(on, happening, scope);
    case 'segment': {
      const { segment, change } = happening;
      const { document } = on;
      const holds =
        'segment' in document &&
        'change' in document &&
        document.segment === segment &&
        document.change === change;
      return holds ? MATCHED : none(on.path, { segment, change });
    }
    case 'message': {
      const { what, trigger } = happening;
      const { document } = on;
      const isMeant = 'message' in document && document.message === what;
      const holds = isMeant && (document.trigger === undefined || document.trigger === trigger);
      return holds ? MATCHED : none(on.path, { message: what, trigger });
    }
    case 'timer':
      return happening.trigger === triggerId ? matchTimer(on, event, scope) : none(on.path, {});
  }
}

const MATCHED: Matched = { kind: 'matched', reference: null };

function none(path: string, values: Failure['values']): Matched {
  return { kind: 'none', failure: { path, values } };
}

function matchEvent(on: CompiledOn, event: Event | null, scope: Scope, triggerId: string): Matched {
  const failure = on.where?.(scope) ?? null;
  if (failure) return { kind: 'none', failure };
  const { document } = on;
  if (!('item' in document || 'topic' in document)) return MATCHED;
  if (!event?.item) return none(on.path, {});
  const context = { draft: scope.draft, now: scope.now, trigger: triggerId };
  const verdict =
    'item' in document
      ? judgeItem(document, event.item, on.path, context)
      : judgeTopic(document, event.item, on.path, context);
  if (verdict.kind === 'none') return verdict;
  const news = 'item' in document ? document.item : document.change;
  return { kind: 'matched', reference: verdict.reference, news };
}

/** Of several broadcasts of a trigger the one that has this instant; its segment is asked at the moment it arrives. */
function matchTimer(on: CompiledOn, event: Event | null, scope: Scope): Matched {
  const { document } = on;
  if (!('at' in document)) {
    const failure = on.where?.(scope) ?? null;
    return failure ? { kind: 'none', failure } : MATCHED;
  }
  if (event && !isInstantOf(recurrenceOf(document), event.timestamp)) return none(`${on.path}.at`, {});
  if (document.segment === undefined) return MATCHED;
  const failure = scope.config.segments.get(document.segment)?.(scope) ?? null;
  return failure ? { kind: 'none', failure: { ...failure, path: `${on.path}.segment` } } : MATCHED;
}

function matchAttribute(
  on: CompiledOn,
  { path, from, to }: Extract<Happening, { kind: 'attribute' }>,
  scope: Scope,
): Matched {
  const { document } = on;
  const values = { from: from[0] ?? null, to: to[0] ?? null };
  if (!('attribute' in document) || document.attribute !== path) return none(on.path, values);
  const holds =
    fromHolds(document, from, on, scope) &&
    (on.to === null || isAmong(to, on.to(scope))) &&
    moves(document.by, from[0], to[0]);
  return holds ? MATCHED : none(on.path, values);
}

/** Only a change of what was there counts, unless `from` says `missing`. */
function fromHolds({ from: wanted }: AttributeOn, found: Json[], on: CompiledOn, scope: Scope): boolean {
  if (wanted === 'missing') return found.length === 0;
  if (found.length === 0) return false;
  return on.from === null || isAmong(found, on.from(scope));
}

function isAmong(found: Json[], wanted: Json | undefined): boolean {
  const accepted: (Json | undefined)[] = Array.isArray(wanted) ? wanted : [wanted];
  return elements(found).some((value) => accepted.includes(value));
}

function moves(by: AttributeOn['by'], from: Json | undefined, to: Json | undefined): boolean {
  if (by === undefined || by === 'any') return true;
  if (typeof from !== 'number' || typeof to !== 'number') return false;
  return by === 'increase' ? to > from : to < from;
}
