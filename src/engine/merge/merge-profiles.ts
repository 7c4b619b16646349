/**
 * Folds an anonymous profile that has been frozen and handed over into the known one.
 *
 * Nothing may be sent twice after it, and nothing lost: runs with the same trigger and key become one (the older stays),
 * logs add up (re-eligibility is the stricter), the lowest notified price is the lower, consent is the newer, traits and
 * relations are the last writer's. Message ids don't change: who still claims one under the old name is forwarded.
 */

import type { Decision } from '../decide.ts';
import type { Draft } from '../delta.ts';
import { mergeLedgers } from '../fold/consents.ts';
import { orderId, splitRelationKey } from '../fold/relations.ts';
import { mergeCapped } from '../gates/cap-keys.ts';
import { higherPrice } from '../items/price.ts';
import { putWatchOrders, watchedRelations } from '../items/watch-orders.ts';
import { OFFER_AGAIN_MS, putFact, putOut, type Round, type RoundInput, startRound } from '../round.ts';
import type { Run } from '../run-state.ts';
import { cancelRun } from '../runs/cancel-run.ts';
import { goalKey } from '../runs/goals.ts';
import type { EventCount, ProfileState, RelationEntry } from '../state.ts';
import type { Meta } from '../state-meta.ts';
import type { WatchOrder } from '../vocabulary.ts';
import { mergeCounters } from './merge-counters.ts';
import { mergeLogs } from './merge-logs.ts';
import { keepWithinMax } from './merge-max.ts';
import { cancelWhatWasGot } from './merge-pending.ts';
import { mergeTopics } from './merge-topics.ts';

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
    foldCounts(round.draft, state, handover);
    mergeCounters(round.draft, state, handover);
    foldRuns(round, state, handover);
    foldMemory(round.draft, handover);
    foldMemberships(round, handover, from.key);
    foldWatches(round, handover, from.key);
    mergeTopics(round, handover, from.key);
    round.draft.setMeta(mergedMeta(state.meta, handover.meta));
    const { journey, activity } = round.config.policies.reports;
    if (journey || activity) putFact(round, { kind: 'profile_merged', merged: from.key });
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
  for (const [key, relation] of anonymous.relations) {
    draft.put('relations', key, mergeRelations(draft.get('relations', key), relation));
  }
  for (const [key, ledger] of anonymous.consents) {
    draft.put('consents', key, mergeLedgers(draft.get('consents', key) ?? [], ledger));
  }
  for (const [key, log] of anonymous.log) draft.put('log', key, mergeLogs(draft.get('log', key), log));
  for (const [key, sends] of anonymous.capped) {
    draft.put('capped', key, mergeCapped(draft.get('capped', key), sends));
  }
  for (const [id, device] of anonymous.devices) draft.put('devices', id, device);
  for (const [id, settled] of anonymous.settled) draft.put('settled', id, settled);
  for (const [channel, suppression] of anonymous.suppressions)
    draft.put('suppressions', channel, suppression);
}

/**
 * Counts add up. The session that goes on gets a new ordinal, and what has happened in it goes along: what came first in
 * it doesn't come first again.
 */
function foldCounts(draft: Draft, own: ProfileState, anonymous: ProfileState): void {
  const goesOn = laterSession(own.meta, anonymous.meta) === own.meta ? own : anonymous;
  const session = own.meta.sessionCount + anonymous.meta.sessionCount;
  for (const name of new Set([...own.counts.keys(), ...anonymous.counts.keys()])) {
    const [mine, theirs] = [own.counts.get(name), anonymous.counts.get(name)];
    const current = goesOn.counts.get(name);
    const inSession = current?.session === goesOn.meta.sessionCount ? current.inSession : 0;
    const merged: EventCount = {
      ...addCounts(mine, theirs),
      session: inSession > 0 ? session : 0,
      inSession,
    };
    const changed = theirs !== undefined || (inSession > 0 && mine?.session !== session);
    if (changed) draft.put('counts', name, merged);
  }
}

function addCounts(a: EventCount | undefined, b: EventCount | undefined) {
  return {
    n: (a?.n ?? 0) + (b?.n ?? 0),
    firstAt: Math.min(a?.firstAt ?? Infinity, b?.firstAt ?? Infinity),
    lastAt: Math.max(a?.lastAt ?? 0, b?.lastAt ?? 0),
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

/** What triggers have been told already isn't told them again. */
function foldMemory(draft: Draft, anonymous: ProfileState): void {
  for (const [key, { firedFor }] of anonymous.timers) {
    const own = draft.get('timers', key)?.firedFor ?? 0;
    if (firedFor > own) draft.put('timers', key, { firedFor });
  }
  for (const [id, theirs] of anonymous.spending) {
    const own = draft.get('spending', id);
    if (own?.day === theirs.day) draft.put('spending', id, { ...own, amount: own.amount + theirs.amount });
    else if (!own || own.day < theirs.day) draft.put('spending', id, theirs);
  }
}

/**
 * Who was in a segment under either name isn't told to have entered it; all are asked anew, at once. The lists lose the
 * anonymous profile: its last word there is numbered after all that it has said itself.
 */
function foldMemberships(round: Round, anonymous: ProfileState, fromKey: string): void {
  const { draft, now } = round;
  for (const [id, { listed, nextAt: _, ...theirs }] of anonymous.segments) {
    const own = draft.get('segments', id);
    const of = { profile: fromKey, seq: anonymous.meta.factSeq + 1 };
    if (listed) putFact(round, { kind: 'segment_left', segment: { id, of } });
    if (!own || (theirs.member && !own.member)) {
      draft.put('segments', id, { ...theirs, ...(own?.listed && { listed: own.listed }) });
    }
  }
  for (const [id, membership] of [...draft.entries('segments')]) {
    draft.put('segments', id, { ...membership, nextAt: now });
  }
}

/** Run ids are numbers of their profile: the newcomers' get a prefix, their messages and goals with them. */
function foldRuns(round: Round, state: ProfileState, anonymous: ProfileState): void {
  const { draft } = round;
  const renamed = (id: string) => `m${state.links.size + 1}.${id}`;
  for (const [id, message] of anonymous.inbox) {
    draft.put('inbox', id, { ...message, runId: renamed(message.runId) });
  }
  foldOutbox(round, anonymous, renamed);
  for (const [id, { entry, run, ...rest }] of anonymous.undelivered) {
    const moved = { ...entry, runId: renamed(entry.runId) };
    draft.put('undelivered', id, {
      ...rest,
      entry: moved,
      run: run && { ...run, id: moved.runId },
    });
  }
  for (const [, goal] of anonymous.goals) {
    const runId = renamed(goal.runId);
    draft.put('goals', goalKey({ ...goal, runId }), { ...goal, runId });
  }
  // Only the known profile's own: one profile's runs are no rivals of each other.
  const own = [...draft.entries('runs')].map(([, run]) => run);
  const newcomers = [...anonymous.runs.values()].map((run) => ({ ...run, id: renamed(run.id) }));
  for (const run of newcomers) {
    const rivals = own.filter(({ trigger, key }) => trigger === run.trigger && key === run.key);
    foldRun(round, run, rivals);
  }
  cancelWhatWasGot(round, { own: state, theirs: anonymous }, newcomers);
  keepWithinMax(round, [state, anonymous]);
}

/** Messages go on under their ids; facts are told anew, for they are numbered by profile, under the key that they had. */
function foldOutbox(round: Round, anonymous: ProfileState, renamed: (id: string) => string): void {
  for (const [id, entry] of anonymous.outbox) {
    if (entry.kind === 'message') {
      putOut(round, { ...entry, id, runId: renamed(entry.runId), retryAt: round.now + OFFER_AGAIN_MS });
    } else if (entry.kind === 'fact' && entry.fact.kind !== 'profile_created' && !entry.fact.segment) {
      const { seq, ...fact } = entry.fact;
      putFact(round, { first: { profile: anonymous.meta.key, seq }, ...fact });
    }
  }
}

function foldRun(round: Round, newcomer: Run, rivals: Run[]): void {
  round.draft.put('runs', newcomer.id, newcomer);
  const isOlder = rivals.every(({ startedAt }) => newcomer.startedAt < startedAt);
  for (const run of isOlder ? rivals : [newcomer]) cancelRun(round, run, 'already_running');
}

/** The known profile watches what the anonymous one did, and the old rows go. */
function foldWatches(round: Round, anonymous: ProfileState, fromKey: string): void {
  const items = new Set<string>();
  for (const [key, relation] of anonymous.relations) {
    const { relation: name, itemId } = splitRelationKey(key);
    if (relation.on && watchedRelations(round.config).includes(name)) items.add(itemId);
  }
  putWatchOrders(round, items);
  const leave = (itemId: string, about: Partial<WatchOrder>, more: { offered?: number } = {}) => {
    const orderedAt = Math.max(round.now, anonymous.meta.lastNow + 1);
    const watch = { since: 0, ...about, itemId, profile: fromKey, relations: [], orderedAt };
    const retryAt = round.now + OFFER_AGAIN_MS;
    putOut(round, { kind: 'watch', id: `watch:${fromKey}:${itemId}`, watch, retryAt, ...more });
  };
  for (const [itemId, { registered }] of anonymous.watches) {
    if (!anonymous.outbox.has(orderId(itemId))) leave(itemId, { registered });
  }
  for (const entry of anonymous.outbox.values()) {
    // It may still be on its way, or carried out without an answer: so what follows it counts as offered before.
    if (entry.kind === 'watch') leave(entry.watch.itemId, entry.watch, { offered: 0 });
  }
}

function laterSession(own: Meta, theirs: Meta): Meta {
  return own.sessionLastAt >= theirs.sessionLastAt ? own : theirs;
}

function mergedMeta(own: Meta, theirs: Meta): Partial<Meta> {
  const [earlier, later] = own.lastSeenAt >= theirs.lastSeenAt ? [theirs, own] : [own, theirs];
  const session = laterSession(own, theirs);
  return {
    firstId: own.seq === 0 || theirs.createdAt < own.createdAt ? theirs.firstId : own.firstId,
    firstSeenAt: Math.min(own.firstSeenAt || theirs.firstSeenAt, theirs.firstSeenAt || own.firstSeenAt),
    lastSeenAt: later.lastSeenAt,
    sessionCount: own.sessionCount + theirs.sessionCount,
    sessionStartedAt: session.sessionStartedAt,
    sessionOpenedBy: session.sessionOpenedBy,
    sessionLastAt: session.sessionLastAt,
    sessionIntervals: {
      n: own.sessionIntervals.n + theirs.sessionIntervals.n,
      sumMs: own.sessionIntervals.sumMs + theirs.sessionIntervals.sumMs,
    },
    page: session.page,
    timezone: later.timezone ?? earlier.timezone,
    edgeTimezone: later.edgeTimezone ?? earlier.edgeTimezone,
    place: (own.place?.at ?? 0) >= (theirs.place?.at ?? 0) ? own.place : theirs.place,
    locale: later.locale ?? earlier.locale,
    orderCount: own.orderCount + theirs.orderCount,
    orderValue: own.orderValue + theirs.orderValue,
    orderLastAt: Math.max(own.orderLastAt, theirs.orderLastAt),
    lastViewed: later.lastViewed ?? earlier.lastViewed,
    exposedShare: own.exposedShare || theirs.exposedShare,
    activeUntil: Math.max(own.activeUntil, theirs.activeUntil),
    firstActiveDay: earliest(own.firstActiveDay, theirs.firstActiveDay),
    journey: own.journey | theirs.journey,
    firstOrderId: own.firstOrderId ?? theirs.firstOrderId,
  };
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
