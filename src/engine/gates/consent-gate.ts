/**
 * Consent gates what leaves the app. In-app messages and cards follow the `law` policy's `inApp` setting; webhooks go to
 * the customer's own systems. `transactional` needs no marketing consent. Where the law wants consents confirmed, one whose
 * confirmation was missed is none (`send/law/consent-duties.ts`).
 */
import { consentKey } from '../fold/consents.ts';
import type { Round } from '../round.ts';
import { consentDuty, isLapsed } from '../send/law/consent-duties.ts';
import type { Channel } from '../trigger.ts';

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

function isGranted({ draft, config, now }: Asking, channel: Channel, purpose: string): boolean {
  const newest = ASKED[channel]
    .flatMap((name) => draft.get('consents', consentKey(name, purpose))?.[0] ?? [])
    .sort((a, b) => b.at - a.at)[0];
  if (!newest?.granted) return false;
  const duty = consentDuty(config.policies.law.jurisdiction, purpose);
  return duty === null || !isLapsed(duty, newest.at, newest.confirmedUntil ?? 0, now);
}
