/**
 * Folds an anonymous profile that has been frozen and handed over into the known one.
 *
 * Nothing may be sent twice after it, and nothing lost: runs with the same trigger and key become one (the older stays),
 * logs add up (re-eligibility is the stricter), the lowest notified price is the lower, consent is the newer, traits and
 * relations are the last writer's. Message ids don't change: who still claims one under the old name is forwarded.
 */
import { cancelMessage } from './cancel-run.ts';
import type { Decision } from './decide.ts';
import type { Draft } from './delta.ts';
import { mergeLedgers } from './fold/consents.ts';
import { splitRelationKey, WATCHED } from './fold/relations.ts';
import { mergeLogs } from './merge-logs.ts';
import { higherPrice } from './price.ts';
import { OFFER_AGAIN_MS, putFact, putOut, type Round, type RoundInput, startRound } from './round.ts';
import type { EventCount, Meta, ProfileState, RelationEntry, Run } from './state.ts';
import { putWatchOrders } from './watch-orders.ts';

/** `state` is the known profile's. */
export interface MergeInput extends RoundInput {
  /** The anonymous one; null where it had never been written. */
  handover: ProfileState | null;
  from: { id: string; key: string };
  mergeId: string;
}

export function mergeProfiles(input: MergeInput): Decision {
  const { state, handover, from, mergeId } = input;
  const round = startRound(input, null);
  round.draft.put('links', from.key, { id: from.id, outcome: 'merged' });
  if (handover) {
    foldValues(round.draft, handover);
    foldRuns(round, handover, state.links.size + 1);
    foldWatches(round, handover, from.key);
    round.draft.setMeta(mergedMeta(state.meta, handover.meta));
    const retryAt = round.now + OFFER_AGAIN_MS;
    putOut(round, { kind: 'merged', id: `merged:${from.key}`, from: from.key, mergeId, retryAt });
  }
  return { delta: round.draft.delta(), effects: round.effects, trace: [], duplicate: false };
}

function foldValues(draft: Draft, anonymous: ProfileState): void {
  for (const [name, trait] of anonymous.traits) {
    const own = draft.get('traits', name);
    if (!own || own.at < trait.at) draft.put('traits', name, trait);
  }
  for (const [name, count] of anonymous.counts) {
    draft.put('counts', name, addCounts(draft.get('counts', name), count));
  }
  for (const [key, relation] of anonymous.relations) {
    draft.put('relations', key, mergeRelations(draft.get('relations', key), relation));
  }
  for (const [key, ledger] of anonymous.consents) {
    draft.put('consents', key, mergeLedgers(draft.get('consents', key) ?? [], ledger));
  }
  for (const [key, log] of anonymous.log) draft.put('log', key, mergeLogs(draft.get('log', key), log));
  for (const [id, device] of anonymous.devices) draft.put('devices', id, device);
  for (const [id, settled] of anonymous.settled) draft.put('settled', id, settled);
}

function addCounts(own: EventCount | undefined, theirs: EventCount): EventCount {
  if (!own) return { ...theirs, session: 0, inSession: 0 };
  return {
    ...own,
    n: own.n + theirs.n,
    firstAt: Math.min(own.firstAt, theirs.firstAt),
    lastAt: Math.max(own.lastAt, theirs.lastAt),
  };
}

/** The last writer wins; where both hold, it began with the earlier, at the higher of the two prices. */
function mergeRelations(own: RelationEntry | undefined, theirs: RelationEntry): RelationEntry {
  if (!own) return theirs;
  const newer = own.at >= theirs.at ? own : theirs;
  if (!own.on || !theirs.on) return newer;
  const quantity = (own.quantity ?? 0) + (theirs.quantity ?? 0);
  return {
    ...newer,
    since: Math.min(own.since, theirs.since),
    price: higherPrice(own.price, theirs.price),
    ...(quantity > 0 && { quantity }),
  };
}

/** Run ids are numbers of their profile: the newcomers' get a prefix, their messages with them. */
function foldRuns(round: Round, anonymous: ProfileState, ordinal: number): void {
  const { draft } = round;
  const renamed = (id: string) => `m${ordinal}.${id}`;
  for (const [id, message] of anonymous.inbox) {
    draft.put('inbox', id, { ...message, runId: renamed(message.runId) });
  }
  foldOutbox(round, anonymous, renamed);
  for (const [, run] of anonymous.runs) foldRun(round, { ...run, id: renamed(run.id) });
}

/** Messages go on under their ids; facts are told anew, for they are numbered by profile. */
function foldOutbox(round: Round, anonymous: ProfileState, renamed: (id: string) => string): void {
  for (const [id, entry] of anonymous.outbox) {
    if (entry.kind === 'message') {
      putOut(round, { ...entry, id, runId: renamed(entry.runId), retryAt: round.now + OFFER_AGAIN_MS });
    } else if (entry.kind === 'fact' && entry.fact.message) {
      putFact(round, { kind: entry.fact.kind, message: entry.fact.message });
    }
  }
}

function foldRun(round: Round, newcomer: Run): void {
  const { draft } = round;
  const rival = [...draft.entries('runs')]
    .map(([, own]) => own)
    .find((own) => own.trigger === newcomer.trigger && own.key === newcomer.key);
  const stays = !rival || newcomer.startedAt < rival.startedAt ? newcomer : rival;
  const goes = stays === newcomer ? rival : newcomer;
  if (goes) {
    for (const messageId of goes.open) cancelMessage(round, messageId, 'already_running');
    draft.remove('runs', goes.id);
  }
  draft.put('runs', stays.id, stays);
}

/** The known profile watches what the anonymous one did, and the old rows go. */
function foldWatches(round: Round, anonymous: ProfileState, fromKey: string): void {
  const items = new Set<string>();
  for (const [key, relation] of anonymous.relations) {
    const { relation: name, itemId } = splitRelationKey(key);
    if (relation.on && WATCHED.includes(name)) items.add(itemId);
  }
  putWatchOrders(round, items);
  for (const [itemId, { registered }] of anonymous.watches) {
    const watch = { itemId, profile: fromKey, relations: [], since: 0, registered };
    const retryAt = round.now + OFFER_AGAIN_MS;
    putOut(round, { kind: 'watch', id: `watch:${fromKey}:${itemId}`, watch, retryAt });
  }
}

function mergedMeta(own: Meta, theirs: Meta): Partial<Meta> {
  const [earlier, later] = own.lastSeenAt >= theirs.lastSeenAt ? [theirs, own] : [own, theirs];
  const session = own.sessionLastAt >= theirs.sessionLastAt ? own : theirs;
  return {
    firstId: own.seq === 0 || theirs.createdAt < own.createdAt ? theirs.firstId : own.firstId,
    firstSeenAt: Math.min(own.firstSeenAt || theirs.firstSeenAt, theirs.firstSeenAt || own.firstSeenAt),
    lastSeenAt: later.lastSeenAt,
    sessionCount: own.sessionCount + theirs.sessionCount,
    sessionStartedAt: session.sessionStartedAt,
    sessionOpenedBy: session.sessionOpenedBy,
    sessionLastAt: session.sessionLastAt,
    page: session.page,
    timezone: later.timezone ?? earlier.timezone,
    locale: later.locale ?? earlier.locale,
    orderCount: own.orderCount + theirs.orderCount,
    orderValue: own.orderValue + theirs.orderValue,
    orderLastAt: Math.max(own.orderLastAt, theirs.orderLastAt),
    lastViewed: later.lastViewed ?? earlier.lastViewed,
  };
}
