/**
 * The hours in which advertising may not reach a person, as dated data: each rule says whose law it is, as read when,
 * which media it speaks of and on whose clock. Hours are closed-open, to the second: 21:00:00 is closed, 08:00:00 isn't.
 *
 * Korea: its night is told on Korea's clock wherever the recipient is; consent to the night opens it; e-mail is exempt.
 * United States: calls and texts, on the clock of whoever is called; no consent opens it.
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
  /** The purpose whose consent opens these hours. */
  openedBy?: 'marketing_night';
  reason: Extract<Reason, 'no_night_consent' | 'legal_hold'>;
}

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
  /** The recipient's own. */
  zone: string;
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
  ).map(({ from, to, zone: clock, reason }) => ({
    window: { from, to, zone: clock === 'recipient' ? zone : clock },
    reason,
  }));
}
