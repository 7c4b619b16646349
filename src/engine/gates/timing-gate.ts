/**
 * When a message may go out: outside the quiet hours, the night of the law and the provider's closed hours, inside the
 * send window. What may not go out now is held to the first instant at which all of them allow it, or dropped where its
 * author says so. In-app messages and cards reach a user who is there: no hour is closed to them.
 */
import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import type { Reason } from '../reasons.ts';
import type { Round } from '../round.ts';
import { type ClosedHours, closedHours } from '../send/law/lawful-hours.ts';
import { knownZoneOf, timeZoneOf } from '../send/locale.ts';
import { type DailyWindow, isInside, nextAllowedAt } from '../time/daily-window.ts';
import { durationMs } from '../time/duration.ts';
import { usualWindow } from '../time/usual-hour.ts';
import type { Channel } from '../trigger.ts';
import { hasNightConsent } from './consent-gate.ts';

type Category = 'marketing' | 'transactional';

export type Timing =
  | { kind: 'now' }
  | { kind: 'hold'; until: number; reason: Reason }
  | { kind: 'drop'; reason: Reason }
  | { kind: 'next_channel'; reason: Reason };

/** `reachedAt`: when the send was reached, where it has been held since. */
export function judgeTiming(
  round: Round,
  trigger: CompiledTrigger,
  channel: Channel,
  reachedAt = round.now,
): Timing {
  if (channel === 'in_app' || channel === 'card' || channel === 'webhook') return { kind: 'now' };
  const { now } = round;
  const law = lawfulHours(round, channel, trigger.document.category);
  const quiet = quietHours(round, trigger);
  const closed = [...law.map(({ window }) => window), ...(quiet ? [quiet] : [])];
  const open = sendWindow(round, trigger, closed);
  const unlawful = law.find(({ window }) => isInside(window, now));
  const isQuiet = quiet !== null && isInside(quiet, now);
  const isOutside = open !== null && !isInside(open, now);
  if (!unlawful && !isQuiet && !isOutside) return { kind: 'now' };
  const action = actionFor(round, trigger, isQuiet, isOutside);
  if (action !== 'hold') return { kind: action, reason: 'quiet_drop' };
  const until = nextAllowedAt({ closed, open: open ? [open] : [] }, now);
  const maxHold = trigger.document.delivery?.quietHours?.maxHold;
  const isTooLong = until === null || (maxHold !== undefined && until - reachedAt > durationMs(maxHold));
  if (isTooLong) return { kind: 'drop', reason: 'quiet_drop' };
  return { kind: 'hold', until, reason: unlawful?.reason ?? 'quiet_hold' };
}

/**
 * Of a message that was decided in time and is about to be sent: until when it still has to wait; null where it may go.
 * What its author drops in such hours isn't dropped any more, but the law holds it.
 */
export function judgeDispatch(
  round: Round,
  trigger: CompiledTrigger | undefined,
  channel: Channel,
  category: Category,
): { until: number; reason: Reason } | null {
  const timing = trigger ? judgeTiming(round, trigger, channel) : null;
  if (timing?.kind === 'now') return null;
  if (timing?.kind === 'hold') return timing;
  // The message says itself what it is: the law asks no trigger.
  const law = lawfulHours(round, channel, category);
  const unlawful = law.find(({ window }) => isInside(window, round.now));
  const until = nextAllowedAt({ closed: law.map(({ window }) => window), open: [] }, round.now);
  return unlawful && until !== null ? { until, reason: unlawful.reason } : null;
}

/** Marketing keeps to the workspace's quiet hours; a transactional message only where its author asks for them. */
function quietHours(round: Round, { document }: CompiledTrigger): DailyWindow | null {
  const { quietHours: policy, workspace } = round.config.policies;
  if (!policy || (document.category === 'transactional' && !document.delivery?.quietHours)) return null;
  const zone = policy.tz === 'user' ? timeZoneOf(round.draft, workspace) : policy.tz;
  return { from: policy.from, to: policy.to, zone };
}

/** The hours that the law or the provider closes. */
function lawfulHours(round: Round, channel: Channel, category: Category): ClosedHours[] {
  return closedHours({
    channel,
    category,
    jurisdiction: round.config.policies.law.jurisdiction,
    zone: knownZoneOf(round.draft),
    hasNightConsent: hasNightConsent(round, channel),
  });
}

function sendWindow(
  round: Round,
  trigger: CompiledTrigger,
  closed: readonly DailyWindow[],
): DailyWindow | null {
  const window = trigger.document.delivery?.sendWindow;
  if (!window) return null;
  const zone = timeZoneOf(round.draft, round.config.policies.workspace);
  if (window === 'usual') return usualWindow(round, zone, closed);
  return { from: window.from, to: window.to, zone, ...(window.days && { days: window.days }) };
}

/** Quiet hours and send windows are their author's, and what is dropped breaks no law; the law alone only holds. */
function actionFor(
  { config }: Round,
  { document: { delivery } }: CompiledTrigger,
  isQuiet: boolean,
  isOutside: boolean,
): 'hold' | 'drop' | 'next_channel' {
  const quiet = delivery?.quietHours?.action ?? config.policies.quietHours?.action ?? 'hold';
  if (isQuiet && quiet !== 'hold') return quiet;
  const window = delivery?.sendWindow;
  return isOutside && window && window !== 'usual' ? (window.outside ?? 'hold') : 'hold';
}
