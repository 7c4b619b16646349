/**
 * Shadow versions: each decides on all that happens, by the same engine, and nobody notices.
 *
 *     the live world has decided → what happened in the round → the shadow's view of the state → the same reaction →
 *     its own runs and log are kept, what it would have sent becomes facts, its answers are explained as `shadow`
 *
 * All else that it did is dropped with the view: no cap, budget or surface is used, nothing is sent, and the live world's
 * runs, messages and facts are numbered as if it weren't there; its own facts count downwards from −1.
 */
import type { Draft } from '../delta.ts';
import { reactTo } from '../react.ts';
import { putFact, type Round, type RoundInput, startRound } from '../round.ts';
import { type Happening, indexName } from '../runs/happening.ts';
import { dueTimers, nextTimerIn } from '../runs/timers.ts';
import type { Event, Fact, OutboxEntry } from '../vocabulary.ts';
import type { Shadow } from './compile-shadow.ts';
import type { ShadowState } from './shadow-state.ts';
import { beginShadow, shadowStateOf, shadowView } from './shadow-view.ts';

/** Whether there are any, or were: what they left behind has to go. */
export function hasShadows({ state, config }: RoundInput): boolean {
  return config.shadows.length > 0 || state.shadows.size > 0;
}

/** To be called once the round has reacted. `event` is null where time, or a dispatcher, set it off. */
export function castShadows(round: Round, input: RoundInput, event: Event | null): void {
  const { draft, config } = round;
  for (const [id] of [...draft.entries('shadows')]) {
    if (!config.shadows.some(({ trigger }) => trigger.id === id)) draft.remove('shadows', id);
  }
  for (const shadow of config.shadows) cast(round, input, event, shadow);
}

function cast(round: Round, input: RoundInput, event: Event | null, shadow: Shadow): void {
  const { trigger, config } = shadow;
  const { draft, now } = round;
  const happened = round.happened ?? [];
  const before = standing(draft, shadow);
  const isConcerned = (before?.runs.length ?? 0) > 0 || config.timed.length > 0 || listens(shadow, happened);
  if (!isConcerned) return;
  const own = before ?? beginShadow(input.state, shadow);
  const aside: Round = {
    ...round,
    ...shadowView(round, input.state, shadow, own),
    ...{ config, effects: [], trace: [], ruledOut: [], happened: null },
  };
  const due = own.runs.filter(({ dueAt }) => event === null && dueAt !== null && dueAt <= now);
  const timers = event === null ? dueTimers(aside) : [];
  if (happened.length === 0 && due.length === 0 && timers.length === 0) return;
  reactTo(aside, input, event, [...happened, ...timers], due);
  keepCounters(draft, aside.draft);
  const after = shadowStateOf(aside.draft, shadow);
  if (JSON.stringify(before) !== JSON.stringify(after)) draft.put('shadows', trigger.id, after);
  for (const message of aside.effects.flatMap(wouldBeSent)) {
    putFact(round, { kind: 'shadow', message: { ...message, version: trigger.version } });
  }
  for (const { id, version, reason, path, values } of aside.trace) {
    round.trace.push({
      id,
      version,
      reason: 'shadow',
      ...(path && { path }),
      values: { ...values, would: reason },
    });
  }
}

function standing(draft: Draft, { trigger, since }: Shadow): ShadowState | undefined {
  const known = draft.get('shadows', trigger.id);
  return known?.since === since ? known : undefined;
}

function listens({ config }: Shadow, happened: readonly Happening[]): boolean {
  return happened.some((one) => config.byEvent.has(indexName(one)));
}

/** What is counted once from history is counted for both worlds. */
function keepCounters(draft: Draft, view: Draft): void {
  for (const section of ['counters', 'built'] as const) {
    for (const key of view.written(section)) {
      const value = view.get(section, key);
      if (value !== undefined && value !== draft.get(section, key)) draft.put(section, key, value as never);
    }
  }
}

/** In the app a message is told of when it is made, elsewhere it stands in the outbox; of a hold-out's a fact tells. */
function wouldBeSent(entry: OutboxEntry): NonNullable<Fact['message']>[] {
  if (entry.kind === 'message') {
    const { messageId: id, trigger, version, variant, channel, createdAt } = entry.input;
    return [{ id, trigger, version, variant, channel, reason: 'sent', createdAt }];
  }
  if (entry.kind !== 'fact' || !entry.fact.message) return [];
  const { kind, message } = entry.fact;
  if (kind === 'held_out') return [message];
  return kind === 'message_queued' ? [{ ...message, reason: 'sent' }] : [];
}

/** Whether time has come for one of the shadows' runs or timers; null: never. */
export function nextShadowAt(input: RoundInput): number | null {
  const times = input.config.shadows.flatMap((shadow) => {
    if (shadow.config.timed.length === 0) return [];
    const round = startRound(input, null);
    const own = standing(round.draft, shadow) ?? beginShadow(input.state, shadow);
    const { draft } = shadowView(round, input.state, shadow, own);
    const at = nextTimerIn({ ...round, draft, config: shadow.config });
    return at === null ? [] : [at];
  });
  return times.length === 0 ? null : Math.min(...times);
}
