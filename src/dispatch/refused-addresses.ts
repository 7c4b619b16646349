/**
 * Whoever has refused messages at an address has done so for everybody who has it: two profiles with one number, and one
 * that was never written to. So the address is asked after just before each send, when the profile has said all it knows.
 * What it then learns is settled with the message. A refusal that is stored before this read stops the message; one that
 * comes later finds it at most 12 s from its call (`LATEST_START_MS`).
 */
import type { MessageInput } from '../engine/vocabulary.ts';
import type { StandingRefusal } from '../store/address-refusals.ts';
import type { DispatchDeps } from './dispatch-deps.ts';
import type { Outcome } from './send-message.ts';

type Refused = Extract<Outcome, { kind: 'refused' }>;

/** Null where the message may go there. */
export async function refusalAt(
  addressKey: string,
  { input, consentedAt = Number.NEGATIVE_INFINITY }: { input: MessageInput; consentedAt?: number },
  { addresses }: Pick<DispatchDeps, 'addresses'>,
): Promise<Refused | null> {
  const refusals = await addresses.refusals(addressKey, input.channel);
  // Who has agreed since has the last word.
  const standing = refusals.find(
    ({ marketingOnly, refusedAt }) =>
      refusedAt >= consentedAt && (!marketingOnly || input.category === 'marketing'),
  );
  return standing ? refusedBy(standing) : null;
}

function refusedBy({ marketingOnly, kind, provider, code, refusedAt }: StandingRefusal): Refused {
  const news = { toldAt: refusedAt, evidence: `${provider} ${code}` };
  return {
    kind: 'refused',
    reason: marketingOnly ? 'no_consent' : 'suppressed',
    ...news,
    ...(!marketingOnly && { rejection: { code } }),
    ...(kind !== 'bounced' && { revokeConsent: true as const }),
  };
}
