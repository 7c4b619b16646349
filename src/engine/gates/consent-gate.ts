/**
 * Consent gates what leaves the app. In-app messages and cards follow the `law` policy's `inApp` setting; webhooks go to
 * the customer's own systems. `transactional` needs no marketing consent.
 */
import type { Draft } from '../delta.ts';
import type { LawPolicy } from '../documents.ts';
import { consentKey } from '../fold/consents.ts';
import type { Channel } from '../trigger.ts';
import type { ConsentEntry } from '../vocabulary.ts';

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
  draft: Draft,
  channel: Channel,
  category: 'marketing' | 'transactional',
  law: LawPolicy,
): boolean {
  const asked = ASKED[channel];
  const inApp = channel === 'in_app' || channel === 'card';
  if (category === 'transactional' || asked.length === 0 || (inApp && !law.inApp)) return true;
  return newestConsent(draft, channel)?.granted ?? false;
}

/** The user's last word on advertising by this channel. */
export function newestConsent(draft: Draft, channel: Channel): ConsentEntry | undefined {
  return ASKED[channel]
    .flatMap((name) => draft.get('consents', consentKey(name, 'marketing'))?.[0] ?? [])
    .sort((a, b) => b.at - a.at)[0];
}
