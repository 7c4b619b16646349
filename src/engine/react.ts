/**
 * One round's reaction to what happened: exits first, then goals, then the runs that waited for it, then the triggers that
 * listen; all that reach a send compete. What the round itself changes (a `set` step, a message sent) may set more in
 * motion, a bounded number of times.
 */

import type { CompiledTrigger } from './compile/compile-trigger.ts';
import { isLive } from './config.ts';
import { explain, type Round, type RoundInput } from './round.ts';
import type { Run, RunEntry } from './run-state.ts';
import { advanceAll } from './runs/advance.ts';
import { derived, type LastSeen } from './runs/derived.ts';
import { enter, entryOf } from './runs/enter.ts';
import { applyExits } from './runs/exits.ts';
import { noticeGoals } from './runs/goals.ts';
import { type Happening, isLate } from './runs/happening.ts';
import { listenersTo } from './runs/listening.ts';
import { answered } from './runs/wait-for.ts';
import { foreseeSegments } from './segments/memberships.ts';
import type { Event } from './vocabulary.ts';

/** A `set` that triggers a `set` that triggers a `set` … ends here. */
const MAX_PASSES = 3;

export function react(
  round: Round,
  input: RoundInput,
  event: Event | null,
  first: Happening[],
  due: Run[] = [],
): void {
  reactTo(round, input, event, first, due);
  foreseeSegments(round);
}

/** Without looking ahead: what happened, and what it sets in motion. */
export function reactTo(
  round: Round,
  input: RoundInput,
  event: Event | null,
  first: Happening[],
  due: Run[],
): void {
  const last: LastSeen = new Map();
  let happenings = [...first, ...derived(round, input, event, last)];
  let writes = round.draft.writes;
  let seen: Set<string> | undefined;
  let moving = due;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    round.happened?.push(...happenings);
    applyExits(round, event, happenings);
    noticeGoals(round, event, happenings);
    const runs = moving.filter((run) => round.draft.get('runs', run.id) !== undefined);
    const freed = pass === 0 ? waitingForSurface(round, runs) : [];
    // Whose time has run out at this very instant isn't answered any more.
    const woken = answered(round, event, happenings).filter(({ id }) => !runs.some((run) => run.id === id));
    const begun = entered(round, event, happenings);
    const sentBefore = round.taken.sends.length;
    // One that goes on may have been ended by one that begins in its place.
    const going = [...runs, ...freed, ...woken].filter(({ id }) => round.draft.get('runs', id) !== undefined);
    advanceAll(round, [...going, ...begun]);
    explainSilent(round, begun);
    moving = [];
    const hasWritten = round.draft.writes !== writes;
    const news = hasWritten ? [...shownAtOnce(round, sentBefore), ...derived(round, input, event, last)] : [];
    writes = round.draft.writes;
    if (news.length === 0) return;
    const known = seen ?? new Set(happenings.map((one) => JSON.stringify(one)));
    happenings = news.filter((one) => !known.has(JSON.stringify(one)));
    if (happenings.length === 0) return;
    for (const one of happenings) known.add(JSON.stringify(one));
    seen = known;
  }
}

function entered(round: Round, event: Event | null, happenings: Happening[]): Run[] {
  const late = event !== null && isLate(event, round.now);
  let begun: RunEntry | undefined;
  return listenersTo(round, happenings).flatMap((trigger) => {
    if (!isLive(round.config, trigger.id)) {
      explain(round, trigger, 'paused');
      return [];
    }
    if (late) {
      explain(round, trigger, 'late_event', { path: 'entry.on' });
      return [];
    }
    begun ??= entryOf(round, event, happenings);
    const run = enter(
      round,
      trigger,
      event,
      happenings,
      ownTimerOf(round, trigger, event, happenings) ?? begun,
    );
    if (run) round.draft.put('runs', run.id, run);
    return run ? [run] : [];
  });
}

/** Of several timers that are due at once, each trigger begins with its own. */
function ownTimerOf(
  round: Round,
  { id }: CompiledTrigger,
  event: Event | null,
  happenings: Happening[],
): RunEntry | undefined {
  if (event !== null) return undefined;
  const own = happenings.find((one) => one.kind === 'timer' && one.trigger === id);
  return own && entryOf(round, null, [own]);
}

/** In-app messages and cards are sent with the decision; of what leaves the app the dispatcher tells. */
function shownAtOnce({ taken }: Round, from: number): Happening[] {
  return taken.sends
    .slice(from)
    .filter(({ channel }) => channel === 'in_app' || channel === 'card')
    .map(({ trigger }) => ({ kind: 'message', what: 'sent', trigger: trigger.id }));
}

/** Runs that neither sent nor waited: without a word, nobody would know that they were entered. */
function explainSilent(round: Round, runs: Run[]): void {
  if (runs.length === 0) return;
  const explained = new Set(round.trace.map(({ id }) => id));
  for (const { trigger: id, version } of runs) {
    if (!explained.has(id)) explain(round, { id, version }, 'entered');
  }
}

/** Runs that are held for a surface try again whenever anything happens: it may have become free. */
function waitingForSurface(round: Round, already: Run[]): Run[] {
  return [...round.draft.entries('runs')]
    .map(([, run]) => run)
    .filter(
      (run) =>
        run.held && Object.hasOwn(run.held.messages, 'in_app') && !already.some(({ id }) => id === run.id),
    );
}
