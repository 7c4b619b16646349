/**
 * Consents that the law wants confirmed, as a timer that triggers may listen to: `$consent_renewal_due`.
 *
 *     asked 30 days before the earliest last day, then every week until that day, until a message of such a trigger was sent
 *
 * One asking speaks of all consents that fall due with the earliest. A message that a provider has taken confirms those that
 * it spoke of: whoever says nothing has kept them. Nothing is stored for it but in the ledger's own entries, and only a
 * configuration with such a trigger looks at all.
 */
import { consentKey } from '../fold/consents.ts';
import type { Round } from '../round.ts';
import { consentDuty, dayOn, lastDayEndsAt, type Renewal, renewalOf } from '../send/law/consent-duties.ts';
import { DAY_MS } from '../time/duration.ts';
import type { JsonObject, MessageEntry } from '../vocabulary.ts';
import { CONSENT_RENEWAL } from './happening.ts';

const AGAIN_MS = 7 * DAY_MS;

interface Due extends Renewal {
  channel: string;
  purpose: string;
  grantedAt: number;
  grantedOn: string;
}

/** When a user is to be asked next, and what the event says; null where no consent of theirs ages. */
export function nextRenewal(round: Round, askedAt: number): { dueAt: number; properties: JsonObject } | null {
  const all = renewalsOf(round).sort((a, b) => a.askAt - b.askAt || a.channel.localeCompare(b.channel));
  for (const due of all) {
    const dueAt = nextAskAt(due, askedAt);
    if (dueAt === null) continue;
    const together = all.filter(({ askAt }) => askAt <= due.lapsesAt);
    return { dueAt, properties: propertiesOf(together, due.lastDay) };
  }
  return null;
}

/** Null once it has been asked as often as it helps. */
function nextAskAt({ askAt, lapsesAt }: Due, askedAt: number): number | null {
  if (askedAt < askAt) return askAt;
  const nextAt = askAt + (Math.floor((askedAt - askAt) / AGAIN_MS) + 1) * AGAIN_MS;
  return nextAt < lapsesAt ? nextAt : null;
}

function renewalsOf({ draft, config, now }: Round): Due[] {
  const { jurisdiction } = config.policies.law;
  return [...draft.entries('consents')].flatMap(([key, [newest]]) => {
    const [channel = '', purpose = ''] = key.split('|');
    const duty = newest?.granted ? consentDuty(jurisdiction, purpose) : null;
    if (!newest || !duty) return [];
    const renewal = renewalOf(duty, newest.at, newest.confirmedUntil ?? 0, now);
    return [{ channel, purpose, grantedAt: newest.at, grantedOn: dayOn(duty, newest.at), ...renewal }];
  });
}

function propertiesOf(due: Due[], lastDay: string): JsonObject {
  return {
    lastDay,
    consents: due.map(({ channel, purpose, grantedAt, grantedOn, lastDay: until }) => ({
      channel,
      purpose,
      grantedAt: new Date(grantedAt).toISOString(),
      grantedOn,
      lastDay: until,
    })),
    /** For texts. */
    summary: due.map(({ channel, purpose, grantedOn }) => `${channel} ${purpose} ${grantedOn}`).join(', '),
  };
}

/** A message that asked has been sent. */
export function confirmRenewals({ draft, config }: Round, { runId }: MessageEntry): void {
  const event = draft.get('runs', runId)?.entry.event;
  const { consents } = event?.name === CONSENT_RENEWAL ? event.properties : {};
  if (!Array.isArray(consents)) return;
  for (const asked of consents as JsonObject[]) {
    const { channel, purpose, grantedAt, lastDay } = asked as Record<string, string>;
    const key = consentKey(String(channel), String(purpose));
    const [newest, ...older] = draft.get('consents', key) ?? [];
    const duty = consentDuty(config.policies.law.jurisdiction, String(purpose));
    // One that was given anew since has a day of its own.
    if (!newest?.granted || !duty || newest.at !== Date.parse(String(grantedAt))) continue;
    const confirmedUntil = Math.max(newest.confirmedUntil ?? 0, lastDayEndsAt(duty, String(lastDay)));
    draft.put('consents', key, [{ ...newest, confirmedUntil }, ...older]);
  }
}
