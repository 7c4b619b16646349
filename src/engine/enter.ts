/**
 * Entering a trigger: `on` → lookup → `if` → re-eligibility → concurrency. What survives becomes a run at its first
 * step; whether it sends is decided among all that survive.
 */

import { cancelRun } from './cancel-run.ts';
import { type CompiledOn, type CompiledTrigger, ITEM_EVENT } from './compile-trigger.ts';
import type { Failure } from './conditions/check.ts';
import { keptProperties } from './event-view.ts';
import { edgePlaceOf, ownPlaceOf } from './geo.ts';
import { findRow } from './lookup-index.ts';
import { elements } from './operators.ts';
import { judgePriceDrop } from './price-drop.ts';
import { judgeReeligibility } from './reeligibility.ts';
import { explain, type Round, scopeOf } from './round.ts';
import type { Scope } from './scope.ts';
import type { Run, RunEntry } from './state.ts';
import type { Event, EventContext, Json, JsonObject, Price } from './vocabulary.ts';

const RUN_LIMIT = 200;
/** What a run remembers of the event that started it. */
const ENTRY_PROPERTIES_LIMIT = 8_192;

/** The new run, or null with the reason in the trace. */
export function enter(round: Round, trigger: CompiledTrigger, event: Event, names: string[]): Run | null {
  const entry = entryOf(round, event);
  const matched = matchAny(round, trigger, event, names, entry);
  if (matched.kind === 'none') {
    explain(round, trigger, 'not_matched', matched.failure);
    return null;
  }
  entry.referencePrice = matched.reference;
  const looked = lookUp(round, trigger, entry);
  if (looked.kind === 'none') {
    explain(round, trigger, 'not_matched', looked.failure);
    return null;
  }
  entry.lookup = looked.row;
  const keyValues = keyOf(round, trigger, entry);
  const key = trigger.key.length === 0 ? '' : JSON.stringify(keyValues);
  const failure = trigger.check?.(scopeOf(round, entry, { trigger: trigger.id, key })) ?? null;
  if (failure) {
    explain(round, trigger, 'not_matched', failure);
    return null;
  }
  return admit(round, trigger, entry, key, keyValues);
}

function admit(
  round: Round,
  trigger: CompiledTrigger,
  entry: RunEntry,
  key: string,
  keyValues: Json[],
): Run | null {
  const { draft, now } = round;
  const running = runningOf(round, trigger.id, key);
  const restart = trigger.document.entry.concurrency === 'restart';
  const failure = judgeReeligibility(trigger, key, draft, now);
  if (failure) {
    explain(round, trigger, 'not_eligible', failure);
    return null;
  }
  if (running && !restart) {
    explain(round, trigger, 'already_running', { path: 'entry.concurrency' });
    return null;
  }
  if (running) cancelRun(round, running, 'exited');
  if ([...draft.entries('runs')].length >= RUN_LIMIT) {
    explain(round, trigger, 'not_eligible', { path: 'entry', values: { runs: RUN_LIMIT } });
    return null;
  }
  const runSeq = draft.meta.runSeq + 1;
  draft.setMeta({ runSeq });
  return {
    id: `${runSeq}`,
    trigger: trigger.id,
    version: trigger.version,
    key,
    keyValues,
    startedAt: now,
    entry,
    step: 0,
    dueAt: null,
    sends: 0,
    open: [],
  };
}

/** A run of this trigger and key that still has steps to go. */
function runningOf(round: Round, triggerId: string, key: string): Run | undefined {
  for (const [, run] of round.draft.entries('runs')) {
    if (run.trigger === triggerId && run.key === key && run.step !== null) return run;
  }
  return undefined;
}

type Matched = { kind: 'matched'; reference: Price | null } | { kind: 'none'; failure: Failure };

function matchAny(
  round: Round,
  trigger: CompiledTrigger,
  event: Event,
  names: string[],
  entry: RunEntry,
): Matched {
  const scope = scopeOf(round, entry, { trigger: trigger.id, key: '' });
  let result: Matched = { kind: 'none', failure: { path: 'entry.on', values: {} } };
  for (const on of trigger.on) {
    if (!names.includes(on.event)) continue;
    result = matchOn(on, event, scope, trigger.id);
    if (result.kind === 'matched') return result;
  }
  return result;
}

/**
 * Whether this event is what `on` waits for. For item changes also against which price. The scope's `entry` is what the
 * `where` sees as such: at entry this very event, at an exit what started the run.
 */
export function matchOn(on: CompiledOn, event: Event, scope: Scope, triggerId: string): Matched {
  const failure = on.where?.(scope) ?? null;
  if (failure) return { kind: 'none', failure };
  if (on.event !== ITEM_EVENT || !on.item) return { kind: 'matched', reference: null };
  if (!event.item) return { kind: 'none', failure: { path: on.path, values: {} } };
  const verdict = judgePriceDrop(on.item, event.item, on.path, {
    draft: scope.draft,
    now: scope.now,
    trigger: triggerId,
  });
  return verdict.kind === 'drop' ? { kind: 'matched', reference: verdict.reference } : verdict;
}

function entryOf(round: Round, event: Event): RunEntry {
  const context: EventContext = {};
  for (const name of ['page', 'locale', 'timezone'] as const) {
    if (event.context[name] !== undefined) context[name] = event.context[name] as never;
  }
  // What `near` reads when a run asks again: the places alone, whatever else a client says of its location.
  const places = {
    location: ownPlaceOf({ properties: {}, context: event.context }),
    edge: edgePlaceOf(event),
  };
  for (const name of ['location', 'edge'] as const) if (places[name]) context[name] = { ...places[name] };
  return {
    event: {
      messageId: event.messageId,
      name: event.name,
      timestamp: event.timestamp,
      properties: keptProperties(event.properties, ENTRY_PROPERTIES_LIMIT),
      context,
    },
    item: round.item,
    referencePrice: null,
    lookup: null,
  };
}

type LookedUp = { kind: 'found'; row: JsonObject | null } | { kind: 'none'; failure: Failure };

function lookUp(round: Round, trigger: CompiledTrigger, entry: RunEntry): LookedUp {
  const { lookup } = trigger;
  if (!lookup) return { kind: 'found', row: null };
  const wanted = lookup.key(scopeOf(round, entry, null));
  const table = round.config.lookups.get(lookup.table);
  const text = typeof wanted === 'string' ? wanted : null;
  const row = text === null || !table ? undefined : findRow(table, text, lookup.match);
  return row
    ? { kind: 'found', row }
    : { kind: 'none', failure: { path: 'entry.lookup', values: { key: wanted ?? null } } };
}

/** The first value under each of the key's paths. */
function keyOf(round: Round, trigger: CompiledTrigger, entry: RunEntry): Json[] {
  const scope: Scope = scopeOf(round, entry, null);
  return trigger.key.map((read) => elements(read(scope))[0] ?? null);
}
