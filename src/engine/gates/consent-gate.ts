/**
 * Consent gates what leaves the app. In-app messages and cards follow the `law` policy's `inApp` setting; webhooks go to
 * the customer's own systems. `transactional` needs no marketing consent. Where the law wants consents confirmed, one whose
 * confirmation was missed is none (`send/law/consent-duties.ts`).
 */
import type { Draft } from '../delta.ts';
import { consentKey } from '../fold/consents.ts';
import type { Round } from '../round.ts';
import { consentDuty, isLapsed } from '../send/law/consent-duties.ts';
import type { Channel } from '../trigger.ts';
import type { ConsentEntry } from '../vocabulary.ts';

type Asking = Pick<Round, 'draft' | 'config' | 'now'>;

/** The consent channels that speak for a channel; `sms` covers `lms`, both Kakao kinds are asked for as `kakao`. */
const ASKED: { [C in Channel]: readonly string[] } = {
  in_app: ['in_app'],
  card: ['in_app'],
  push: ['push'],
  web_push: ['web_push'],
  email: ['email'],
  sms: ['sms'],
  lms: ['lms', 'sms'],
  kakao_info: ['kakao'],
  kakao_brand: ['kakao'],
  line: ['line'],
  whatsapp: ['whatsapp'],
  webhook: [],
};

/** The name under which consent to a channel is given and taken back; null where none is asked for. */
export function consentNameOf(channel: Channel): string | null {
  return ASKED[channel].at(-1) ?? null;
}

export function hasConsent(
  asking: Asking,
  channel: Channel,
  category: 'marketing' | 'transactional',
): boolean {
  const isInApp = channel === 'in_app' || channel === 'card';
  if (category === 'transactional' || ASKED[channel].length === 0) return true;
  if (isInApp && !asking.config.policies.law.inApp) return true;
  return isGranted(asking, channel, 'marketing');
}

/** Whether advertising may reach this user at night as well. */
export function hasNightConsent(asking: Asking, channel: Channel): boolean {
  return isGranted(asking, channel, 'marketing_night');
}

/** The user's last word on advertising by this channel. */
export function newestConsent(
  draft: Draft,
  channel: Channel,
  purpose = 'marketing',
): ConsentEntry | undefined {
  return ASKED[channel]
    .flatMap((name) => draft.get('consents', consentKey(name, purpose))?.[0] ?? [])
    .sort((a, b) => b.at - a.at)[0];
}

function isGranted({ draft, config, now }: Asking, channel: Channel, purpose: string): boolean {
  const newest = newestConsent(draft, channel, purpose);
  if (!newest?.granted) return false;
  const duty = consentDuty(config.policies.law.jurisdiction, purpose);
  return duty === null || !isLapsed(duty, newest.at, newest.confirmedUntil ?? 0, now);
}

/** The consents, by their channel's name, that speak for a channel's advertising. */
export function consentChannelsOf(channel: Channel): readonly string[] {
  return ASKED[channel];
}
