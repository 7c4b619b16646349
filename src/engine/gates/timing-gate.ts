/**
 * When a message may go out: outside the quiet hours, the night of the law and the provider's closed hours, inside the
 * send window. What may not go out now is held to the first instant at which all of them allow it, or dropped where its
 * author says so. In-app messages and cards reach a user who is there: no hour is closed to them.
 */
import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import type { Draft } from '../delta.ts';
import { consentKey } from '../fold/consents.ts';
import type { Round } from '../round.ts';
import { timeZoneOf } from '../send/locale.ts';
import { type DailyWindow, isInside, nextAllowedAt } from '../time/daily-window.ts';
import { durationMs } from '../time/duration.ts';
import { usualWindow } from '../time/usual-hour.ts';
import type { Channel } from '../trigger.ts';
import type { Reason } from '../vocabulary.ts';

export type Timing =
  | { kind: 'now' }
  | { kind: 'hold'; until: number; reason: Reason }
  | { kind: 'drop'; reason: Reason }
  | { kind: 'next_channel'; reason: Reason };

interface Closed {
  window: DailyWindow;
  reason: Reason;
}

/** Media that the Korean night rule speaks of: all that reach a person, but e-mail. */
const NIGHT_CHANNELS: readonly Channel[] = [
  'push',
  'web_push',
  'sms',
  'lms',
  'kakao_brand',
  'line',
  'whatsapp',
];
const CONSENT_NAMES: Partial<Record<Channel, string>> = { lms: 'sms', kakao_brand: 'kakao' };
const KOREAN_NIGHT: DailyWindow = { from: '21:00', to: '08:00', zone: 'Asia/Seoul' };
/** Kakao takes advertising from 08:00 to 20:50 only; consent to the night does not lift it. */
const KAKAO_CLOSED: DailyWindow = { from: '20:50', to: '08:00', zone: 'Asia/Seoul' };

/** `reachedAt`: when the send was reached, where it has been held since. */
export function judgeTiming(
  round: Round,
  trigger: CompiledTrigger,
  channel: Channel,
  reachedAt = round.now,
): Timing {
  if (channel === 'in_app' || channel === 'card' || channel === 'webhook') return { kind: 'now' };
  const { now } = round;
  const law = lawfulHours(round, trigger, channel);
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
  trigger: CompiledTrigger,
  channel: Channel,
): { until: number; reason: Reason } | null {
  const timing = judgeTiming(round, trigger, channel);
  if (timing.kind === 'now') return null;
  if (timing.kind === 'hold') return timing;
  const law = lawfulHours(round, trigger, channel);
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
function lawfulHours({ draft, config }: Round, { document }: CompiledTrigger, channel: Channel): Closed[] {
  if (document.category === 'transactional' || config.policies.law.jurisdiction !== 'KR') return [];
  const closed: Closed[] = [];
  if (NIGHT_CHANNELS.includes(channel) && !hasNightConsent(draft, channel)) {
    closed.push({ window: KOREAN_NIGHT, reason: 'no_night_consent' });
  }
  if (channel === 'kakao_brand') closed.push({ window: KAKAO_CLOSED, reason: 'legal_hold' });
  return closed;
}

function hasNightConsent(draft: Draft, channel: Channel): boolean {
  const names = [channel, CONSENT_NAMES[channel]].filter((name) => name !== undefined);
  const newest = names
    .flatMap((name) => draft.get('consents', consentKey(name, 'marketing_night'))?.[0] ?? [])
    .sort((a, b) => b.at - a.at)[0];
  return newest?.granted ?? false;
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
