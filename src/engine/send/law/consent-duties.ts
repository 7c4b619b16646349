/**
 * What a law asks of whoever keeps consents to advertising, as dated data, and when it falls due. Pure: instants in, instants
 * out.
 *
 * Korea: who consents, refuses or withdraws is told of it within 14 days: the sender's name, what was said and when, and what
 * came of it. A consent is confirmed every second year, until the day before the day on which it was given; told are the
 * sender's name, that and when it was given, and how to keep or withdraw it. Silence keeps it. What nobody has asked to be
 * confirmed by then is taken for none, until it is.
 */
import { DAY_MS, HOUR_MS } from '../../time/duration.ts';
import { dayOf, instantReading, localTimeOf } from '../../time/zone-time.ts';

interface ConsentDuty {
  source: string;
  /** The day of the text that was read. */
  asOf: string;
  jurisdiction: string;
  purposes: readonly string[];
  /** The days of a consent are those of this clock. */
  zone: string;
  resultWithinDays: number;
  confirmEveryYears: number;
}

const CONSENT_DUTIES: readonly ConsentDuty[] = [
  {
    source: '정보통신망법 §50⑦⑧, 시행령 §62의2, §62의3',
    asOf: '2026-09-29',
    jurisdiction: 'KR',
    purposes: ['marketing', 'marketing_night'],
    zone: 'Asia/Seoul',
    resultWithinDays: 14,
    confirmEveryYears: 2,
  },
];

/** Asked so long before the last day, at ten in the morning: a message that fails can be sent again in time. */
const RENEWAL_LEAD_DAYS = 30;
const ASKED_AT_MS = 10 * HOUR_MS;

export interface Renewal {
  /** The law's last day for it, `YYYY-MM-DD`. */
  lastDay: string;
  /** When it should be asked. */
  askAt: number;
  /** The end of its last day. */
  lapsesAt: number;
}

/** The duties that a jurisdiction has for consents to this purpose; null where it has none. */
export function consentDuty(jurisdiction: string, purpose: string): ConsentDuty | null {
  return (
    CONSENT_DUTIES.find((duty) => duty.jurisdiction === jurisdiction && duty.purposes.includes(purpose)) ??
    null
  );
}

/** Until when the user must have been told what came of a consent, refusal or withdrawal. */
export function resultDueAt({ resultWithinDays }: ConsentDuty, saidAt: number): number {
  return saidAt + resultWithinDays * DAY_MS;
}

/**
 * The renewal that is to be asked next of a consent given at `grantedAt`: where several were missed, the last of them, for
 * one answer confirms them all. `confirmedUntil`: the end of the last day up to which it has been confirmed; 0 for never.
 */
export function renewalOf(
  duty: ConsentDuty,
  grantedAt: number,
  confirmedUntil: number,
  now: number,
): Renewal {
  const first = Math.floor(yearsSince(grantedAt, now) / duty.confirmEveryYears) - 1;
  for (let n = Math.max(1, first); ; n++) {
    const renewal = nthRenewal(duty, grantedAt, n);
    if (renewal.lapsesAt <= confirmedUntil) continue;
    if (nthRenewal(duty, grantedAt, n + 1).askAt > now) return renewal;
  }
}

/** Whether a renewal was missed: its last day has passed, and nobody has asked for it. */
export function isLapsed(duty: ConsentDuty, grantedAt: number, confirmedUntil: number, now: number): boolean {
  return lastLapse(duty, grantedAt, now) > confirmedUntil;
}

/** How a consent stands by the law: until when it has to be confirmed, and whether that was missed; null where it doesn't age. */
export function standingOf(
  jurisdiction: string,
  consent: { purpose: string; granted: boolean; at: number; confirmedUntil?: number },
  now: number,
): { lastDay: string; lapsed: boolean } | null {
  const duty = consent.granted ? consentDuty(jurisdiction, consent.purpose) : null;
  if (!duty) return null;
  const confirmed = consent.confirmedUntil ?? 0;
  const { lastDay } = renewalOf(duty, consent.at, confirmed, now);
  return { lastDay, lapsed: isLapsed(duty, consent.at, confirmed, now) };
}

/** The end of a day on the duty's clock. */
export function lastDayEndsAt({ zone }: ConsentDuty, day: string): number {
  return instantReading(zone, Date.parse(day) + DAY_MS);
}

/** The day of an instant on the duty's clock, `YYYY-MM-DD`. */
export function dayOn({ zone }: ConsentDuty, at: number): string {
  return new Date(dayOf(localTimeOf(zone, at)) * DAY_MS).toISOString().slice(0, 10);
}

/** The end of the newest last day that has passed; 0 where none has. */
function lastLapse(duty: ConsentDuty, grantedAt: number, now: number): number {
  if (now - grantedAt < (duty.confirmEveryYears * 365 - 1) * DAY_MS) return 0;
  const newest = Math.ceil((yearsSince(grantedAt, now) + 1) / duty.confirmEveryYears);
  for (let n = newest; n > 0; n--) {
    const { lapsesAt } = nthRenewal(duty, grantedAt, n);
    if (lapsesAt <= now) return lapsesAt;
  }
  return 0;
}

function yearsSince(at: number, now: number): number {
  return new Date(now).getUTCFullYear() - new Date(at).getUTCFullYear();
}

/** A day that the year lacks is the next one: the renewal of 29 February 2024 has 28 February 2026 for its last day. */
function nthRenewal({ zone, confirmEveryYears }: ConsentDuty, grantedAt: number, n: number): Renewal {
  const given = new Date(dayOf(localTimeOf(zone, grantedAt)) * DAY_MS);
  const year = given.getUTCFullYear() + n * confirmEveryYears;
  const anniversary = Date.UTC(year, given.getUTCMonth(), given.getUTCDate());
  return {
    lastDay: new Date(anniversary - DAY_MS).toISOString().slice(0, 10),
    askAt: instantReading(zone, anniversary - RENEWAL_LEAD_DAYS * DAY_MS + ASKED_AT_MS),
    lapsesAt: instantReading(zone, anniversary),
  };
}
