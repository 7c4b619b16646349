/** A user under a law, to whom one trigger sends on one channel whenever `Hello` comes. */
import type { LawPolicy, Policies } from '../../../src/engine/documents.ts';
import { aConfig, aTemplate, aTrigger, send } from '../../../src/engine/testing/builders.ts';
import { traceOf, VirtualProfile } from '../../../src/engine/testing/virtual-profile.ts';
import type { Channel, Trigger } from '../../../src/engine/trigger.ts';

export const SENDER = {
  name: '은빛공방',
  phone: '02-1234-5678',
  address: '서울 종로구 1',
  optOut080: '080-123-4567',
};

export interface Lived {
  at: string;
  channel?: Channel;
  category?: Trigger['category'];
  jurisdiction?: LawPolicy['jurisdiction'];
  inApp?: boolean;
  /** `push`, or `push|marketing_night`. */
  consents?: string[];
  zone?: string;
  policies?: Partial<Policies>;
  body?: string;
}

const ASKED: Partial<Record<Channel, string>> = { lms: 'sms', kakao_brand: 'kakao', kakao_info: 'kakao' };

/** Just before `at`; with consent to advertising on the channel unless it is said otherwise. */
export function lawfulLife(lived: Lived): VirtualProfile {
  const {
    at,
    channel = 'push',
    category = 'marketing',
    jurisdiction = 'KR',
    inApp = false,
    zone,
    body,
  } = lived;
  const trigger = aTrigger({
    category,
    ...(category === 'transactional' && { transactionalReason: 'a receipt' }),
    steps: [send({ channels: [channel] })],
  });
  const law: LawPolicy = { id: 'law', jurisdiction, inApp, sender: SENDER };
  const config = aConfig({
    triggers: [trigger],
    templates: [aTemplate({}, body)],
    policies: { law, ...lived.policies },
  });
  const profile = new VirtualProfile({ config, at: Date.parse(at) - 1_000 });
  if (zone !== undefined) profile.identify({ timezone: zone });
  for (const said of lived.consents ?? [ASKED[channel] ?? channel]) {
    const [name = '', purpose = 'marketing'] = said.split('|');
    profile.consent(name, true, { purpose });
  }
  profile.now = Date.parse(at);
  return profile;
}

export interface Verdict {
  reason: string | undefined;
  /** Where it is held. */
  until?: string;
}

/** What becomes of a message that falls due at that instant. */
export function verdictAt(lived: Lived): Verdict {
  const profile = lawfulLife(lived);
  const said = traceOf(profile.track('Hello'));
  const until = said?.values?.until;
  return { reason: said?.reason, ...(typeof until === 'string' && { until }) };
}

export const SENT: Verdict = { reason: 'sent' };
export const held = (reason: string, until: string): Verdict => ({
  reason,
  until: new Date(until).toISOString(),
});
export const NO_CONSENT: Verdict = { reason: 'no_consent' };
