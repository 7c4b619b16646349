/**
 * Consent gates what leaves the app. In-app messages and cards follow the `law` policy's `inApp` setting; webhooks go to
 * the customer's own systems. `transactional` needs no marketing consent.
 */
import type { Draft } from '../delta.ts';
import type { LawPolicy } from '../documents.ts';
import { consentKey } from '../fold/consents.ts';
import type { Channel } from '../trigger.ts';

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
  draft: Draft,
  channel: Channel,
  category: 'marketing' | 'transactional',
  law: LawPolicy,
): boolean {
  const asked = ASKED[channel];
  const inApp = channel === 'in_app' || channel === 'card';
  if (category === 'transactional' || asked.length === 0 || (inApp && !law.inApp)) return true;
  const newest = asked
    .flatMap((name) => draft.get('consents', consentKey(name, 'marketing'))?.[0] ?? [])
    .sort((a, b) => b.at - a.at)[0];
  return newest?.granted ?? false;
}

/** The consents, by their channel's name, that speak for a channel's advertising. */
export function consentChannelsOf(channel: Channel): readonly string[] {
  return ASKED[channel];
}
