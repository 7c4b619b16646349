/**
 * The hours in which advertising may not reach a person, as dated data: each rule says whose law it is, as read when,
 * which media it speaks of and on whose clock. Hours are closed-open, to the second: 21:00:00 is closed, 08:00:00 isn't.
 *
 * Korea: its night is told on Korea's clock wherever the recipient is; consent to the night opens it; e-mail is exempt.
 * United States: calls and texts, on the clock of whoever is called; no consent opens it. Where that clock isn't known, what is
 * closed on any of the country's clocks is closed: an area code says where a number was bought, not where it rings. States
 * that are stricter (20:00 in Florida, Oklahoma, Washington) are the `quiet_hours` policy's to follow.
 * Kakao: takes Brand Messages from 08:00 to 20:50 only, whatever they say; consent to the night doesn't open that.
 */

import type { Reason } from '../../reasons.ts';
import type { DailyWindow } from '../../time/daily-window.ts';
import type { Channel } from '../../trigger.ts';

interface HoursRule {
  source: string;
  /** The day of the text that was read. */
  asOf: string;
  /** Null: a provider's own rule, whatever the law. */
  jurisdiction: string | null;
  channels: readonly Channel[];
  from: string;
  to: string;
  zone: 'recipient' | (string & {});
  /** The clocks that a recipient may live by whose own isn't known; all of them are kept to. */
  unknownZones?: readonly string[];
  /** The purpose whose consent opens these hours. */
  openedBy?: 'marketing_night';
  reason: Extract<Reason, 'no_night_consent' | 'legal_hold'>;
}

/** A place for each clock that the United States and its territories live by, from Guam to Puerto Rico (15 USC 261, 263). */
const US_ZONES = [
  'Pacific/Guam',
  'Pacific/Pago_Pago',
  'Pacific/Honolulu',
  'America/Adak',
  'America/Anchorage',
  'America/Los_Angeles',
  'America/Phoenix',
  'America/Denver',
  'America/Chicago',
  'America/New_York',
  'America/Puerto_Rico',
];

export const HOURS_RULES: readonly HoursRule[] = [
  {
    source: '정보통신망법 §50③, 시행령 §61②',
    asOf: '2026-09-29',
    jurisdiction: 'KR',
    channels: ['push', 'web_push', 'sms', 'lms', 'kakao_brand', 'line', 'whatsapp'],
    from: '21:00',
    to: '08:00',
    zone: 'Asia/Seoul',
    openedBy: 'marketing_night',
    reason: 'no_night_consent',
  },
  {
    source: '47 CFR 64.1200(c)(1)',
    asOf: '2026-11-22',
    jurisdiction: 'US',
    channels: ['sms', 'lms'],
    from: '21:00',
    to: '08:00',
    zone: 'recipient',
    unknownZones: US_ZONES,
    reason: 'legal_hold',
  },
  {
    source: 'Kakao, result code 3022',
    asOf: '2026-06-23',
    jurisdiction: null,
    channels: ['kakao_brand'],
    from: '20:50',
    to: '08:00',
    zone: 'Asia/Seoul',
    reason: 'legal_hold',
  },
];

export interface ClosedHours {
  window: DailyWindow;
  reason: Reason;
}

interface Asked {
  channel: Channel;
  category: 'marketing' | 'transactional';
  jurisdiction: string;
  /** The recipient's own; null where nothing has told it. */
  zone: string | null;
  hasNightConsent: boolean;
}

/** What is closed to this message. A law speaks of advertising alone; a provider's rule of all that it carries. */
export function closedHours({
  channel,
  category,
  jurisdiction,
  zone,
  hasNightConsent,
}: Asked): ClosedHours[] {
  return HOURS_RULES.filter(
    (rule) =>
      rule.channels.includes(channel) &&
      (rule.jurisdiction === null || (rule.jurisdiction === jurisdiction && category === 'marketing')) &&
      !(rule.openedBy && hasNightConsent),
  ).flatMap(({ from, to, reason, ...rule }) =>
    clocksOf(rule, zone).map((clock) => ({ window: { from, to, zone: clock }, reason })),
  );
}

function clocksOf(
  { zone: clock, unknownZones = [] }: Pick<HoursRule, 'zone' | 'unknownZones'>,
  zone: string | null,
): readonly string[] {
  if (clock !== 'recipient') return [clock];
  return zone === null ? unknownZones : [zone];
}
