/**
 * Entering a trigger: `on` → schedule → lookup → `if` → re-eligibility → concurrency. What survives becomes a run at its
 * first step; whether it sends is decided among all that survive.
 */

import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import { keptProperties } from '../event-view.ts';
import { judgeReeligibility } from '../gates/reeligibility.ts';
import type { Failure } from '../language/conditions/check.ts';
import { edgePlaceOf, ownPlaceOf } from '../language/geo.ts';
import { findRow } from '../language/lookup-index.ts';
import { elements } from '../language/operators.ts';
import { explain, type Round, scopeOf } from '../round.ts';
import type { Run, RunEntry } from '../run-state.ts';
import type { Event, EventContext, Json, JsonObject } from '../vocabulary.ts';
import { cancelRun } from './cancel-run.ts';
import { variantOf } from './experiment.ts';
import { joinGroup, startGroup } from './group.ts';
import { type Happening, indexName } from './happening.ts';
import { type Matched, matchFirst } from './match-on.ts';

const RUN_LIMIT = 200;
/** What a run remembers of the event that started it. */
const ENTRY_PROPERTIES_LIMIT = 8_192;

/** The new run, ready to move; null with the reason in the trace. `begun` is `entryOf` the same happenings. */
export function enter(
  round: Round,
  trigger: CompiledTrigger,
  event: Event | null,
  happenings: Happening[],
  begun: RunEntry,
): Run | null {
  const entry: RunEntry = { event: begun.event, item: begun.item, referencePrice: null, lookup: null };
  const matched = matchAny(round, trigger, event, happenings, entry);
  if (matched.kind === 'none') {
    // Once it has answered, it is no news that something else of the round isn't what it waits for.
    const hasAnswered = round.trace.some(({ id }) => id === trigger.id);
    return hasAnswered ? null : refuse(round, trigger, matched.failure);
  }
  if (round.now < trigger.startsAt || round.now >= trigger.endsAt) {
    return refuse(round, trigger, { path: 'schedule', values: {} });
  }
  entry.referencePrice = matched.reference;
  if (matched.news) entry.news = matched.news;
  const looked = lookUp(round, trigger, entry);
  if (looked.kind === 'none') return refuse(round, trigger, looked.failure);
  entry.lookup = looked.row;
  const keyValues = keyOf(round, trigger, entry);
  const key = trigger.key.length === 0 ? '' : JSON.stringify(keyValues);
  const failure = trigger.check ? trigger.check(scopeOf(round, entry, { trigger: trigger.id, key })) : null;
  if (failure) return refuse(round, trigger, failure);
  return admit(round, trigger, entry, key, keyValues);
}

/** What would start a run, whether or not it may: for a message that is sent by hand. */
export function entryAsIs(
  round: Round,
  trigger: CompiledTrigger,
  event: Event | null,
  happenings: Happening[],
): RunEntry {
  const entry = entryOf(round, event, happenings);
  const matched = matchAny(round, trigger, event, happenings, entry);
  const looked = lookUp(round, trigger, entry);
  if (matched.kind === 'matched') {
    entry.referencePrice = matched.reference;
    if (matched.news) entry.news = matched.news;
  }
  if (looked.kind === 'found') entry.lookup = looked.row;
  return entry;
}

function refuse(round: Round, trigger: CompiledTrigger, failure: Failure): null {
  explain(round, trigger, 'not_matched', failure);
  return null;
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
  const joined = running && joinGroup(round, trigger, running, entry);
  if (joined !== undefined) return joined;
  const failure = judgeReeligibility(trigger, { key }, draft, now);
  if (failure) {
    explain(round, trigger, 'not_eligible', failure);
    return null;
  }
  if (running && trigger.document.entry.concurrency !== 'restart') {
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
  const run: Run = {
    id: `${runSeq}`,
    trigger: trigger.id,
    version: trigger.version,
    key,
    keyValues,
    startedAt: now,
    entry,
    variant: variantOf(trigger, draft.meta.firstId),
    group: null,
    step: 0,
    dueAt: null,
    held: null,
    sends: 0,
    open: [],
  };
  return startGroup(round, trigger, run);
}

/** A run of this trigger and key that still has steps to go. */
function runningOf(round: Round, triggerId: string, key: string): Run | undefined {
  for (const [, run] of round.draft.entries('runs')) {
    if (run.trigger === triggerId && run.key === key && run.step !== null) return run;
  }
  return undefined;
}

function matchAny(
  round: Round,
  trigger: CompiledTrigger,
  event: Event | null,
  happenings: Happening[],
  entry: RunEntry,
): Matched {
  const scope = scopeOf(round, entry, { trigger: trigger.id, key: '' });
  let result: Matched = { kind: 'none', failure: { path: 'entry.on', values: {} } };
  for (const on of trigger.on) {
    result = matchFirst(on, happenings, event, scope, trigger.id) ?? result;
    if (result.kind === 'matched') return result;
  }
  return result;
}

/** What starts the run; a timer or settlement is an event by its own name, without properties but those that it is told with. */
export function entryOf(round: Round, event: Event | null, happenings: Happening[]): RunEntry {
  const { item, now } = round;
  const rest = { item, referencePrice: null, lookup: null };
  if (!event) {
    const [first] = happenings;
    const name = first ? indexName(first) : '$timer';
    const messageId = `${name}:${now}`;
    const properties = first && 'properties' in first ? first.properties : {};
    return { event: { messageId, name, timestamp: now, properties, context: {} }, ...rest };
  }
  // Every trigger that listens begins with the same event.
  round.entryEvent ??= entryEventOf(event);
  return { event: round.entryEvent, ...rest };
}

function entryEventOf(event: Event): RunEntry['event'] {
  const { messageId, name, timestamp } = event;
  const properties = keptProperties(event.properties, ENTRY_PROPERTIES_LIMIT);
  return { messageId, name, timestamp, properties, context: keptContext(event) };
}

function keptContext(event: Event): EventContext {
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
  return context;
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
  if (trigger.key.length === 0) return [];
  const scope = scopeOf(round, entry, null);
  return trigger.key.map((read) => elements(read(scope))[0] ?? null);
}
