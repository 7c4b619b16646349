/**
 * What a provider reports of a message after it took it, or of a person who has told it to stop, as the profile hears it:
 * `$report`, an event of the system's that no client can send.
 *
 *     kind        of the message                 of the person
 *     opened      seen, as if acknowledged
 *     clicked     clicked, as if acknowledged
 *     failed      did not arrive
 *     bounced     did not arrive                 the address is dead: nothing more is sent there
 *     refused     did not arrive                 wants no more: consent is withdrawn
 *     complained                                 wants no more, and nothing more is sent there
 *     opted_out                                  wants no more
 *
 * `of` says what is refused: `marketing` alone, or `everything`; then the channel is suppressed too. A mere delivery is
 * D1's affair, and wakes nobody. What a report says of an address that the user has replaced since is not about them.
 */
import { newestConsent } from '../gates/consent-gate.ts';
import { isStill, suppress, withdrawConsent } from '../gates/suppression.ts';
import { hashId } from '../hash.ts';
import type { Round } from '../round.ts';
import { CHANNELS, type Channel } from '../trigger.ts';
import type { Event } from '../vocabulary.ts';
import { acknowledgeOne, whatLeft } from './acknowledge.ts';
import type { Happening } from './happening.ts';

export const REPORT = '$report';

export type ReportKind =
  | 'delivered'
  | 'opened'
  | 'clicked'
  | 'failed'
  | 'bounced'
  | 'refused'
  | 'complained'
  | 'opted_out';

export interface ToldReport {
  provider: string;
  /** The provider's own name of this report: told again, it is the same. */
  id: string;
  kind: ReportKind;
  /** In the provider's words. */
  code: string;
  at: number;
  channel: Channel;
  messageId: string | null;
  /** As the provider writes it. */
  address: string | null;
  of: 'marketing' | 'everything';
}

/** For one profile. */
export function reportEvent(report: ToldReport, profileKey: string, now: number): Event {
  const { provider, id, kind, code, channel, messageId, address, of } = report;
  const at = Math.min(report.at, now);
  return {
    messageId: `report:${hashId([provider, id, kind, messageId ?? '', profileKey].join('\n'))}`,
    name: REPORT,
    timestamp: at,
    receivedAt: now,
    originalAt: at,
    origin: 'system',
    properties: { provider, kind, code, channel, of, message_id: messageId, address },
    context: {},
  };
}

/** What of it is news to triggers. */
export function hearReport(round: Round, event: Event): Happening[] {
  const told: Happening[] = [];
  if (event.origin !== 'system') return told;
  const { kind, message_id: messageId } = event.properties;
  const id = typeof messageId === 'string' ? messageId : null;
  if (id !== null) {
    if (kind === 'opened') acknowledgeOne(round, id, 'shown', told);
    if (kind === 'clicked') acknowledgeOne(round, id, 'clicked', told);
    if (kind === 'failed' || kind === 'bounced' || kind === 'refused') noteFailure(round, id, told);
  }
  hearOfPerson(round, event);
  return told;
}

/** Once, whatever else is reported of it. */
function noteFailure(round: Round, id: string, told: Happening[]): void {
  const message = whatLeft(round, id);
  if (!message || message.failed) return;
  round.draft.put('settled', id, { ...message, failed: true });
  if (!message.test) told.push({ kind: 'message', what: 'failed', trigger: message.trigger });
}

function hearOfPerson({ draft, now }: Round, { properties, timestamp }: Event): void {
  const { kind, provider, code, address, of } = properties;
  const channel = CHANNELS.find((one) => one === properties.channel);
  const isRefusal = kind === 'refused' || kind === 'complained' || kind === 'opted_out';
  if (!channel || (!isRefusal && kind !== 'bounced') || !isStill(draft, channel, address)) return;
  const at = Math.min(timestamp, now);
  if (isRefusal) withdrawConsent(draft, channel, at, `${provider} ${code}`);
  const consent = newestConsent(draft, channel);
  // Who has agreed again since is told again, and their address tried again.
  if (of === 'everything' && !(consent?.granted && consent.at > at)) {
    suppress(draft, channel, String(code), at);
  }
}
