/**
 * Who sends an advertisement, and how to stop it, must stand in it (정보통신망법 §50④, 별표 6). What a channel needs and the
 * `law` policy lacks keeps a marketing trigger from going live: there would be no lawful way to say it.
 */
import type { LawPolicy } from '../documents.ts';
import type { Channel } from '../trigger.ts';
import type { Refusal } from './refusal.ts';

type SenderField = 'name' | 'phone' | 'address' | 'optOut080';

/** Each entry is needed; of several in one entry, any will do. */
const NEEDED: Record<Channel, SenderField[][]> = {
  in_app: [],
  card: [],
  webhook: [],
  push: [['name'], ['phone', 'address']],
  web_push: [['name'], ['phone', 'address']],
  email: [['name'], ['phone'], ['address']],
  sms: [['name'], ['optOut080']],
  lms: [['name'], ['optOut080']],
  kakao_info: [],
  kakao_brand: [['name'], ['optOut080']],
  line: [['name'], ['phone', 'address']],
  whatsapp: [['name'], ['phone', 'address']],
};

/** CAN-SPAM: the sender's postal address (15 USC 7704(a)(5)). */
const NEEDED_IN_US: Partial<Record<Channel, SenderField[][]>> = { email: [['name'], ['address']] };

/** What the law policy lacks for advertising on this channel; null where it lacks nothing. */
export function senderFault(channel: Channel, law: LawPolicy): Refusal | null {
  const needed = law.jurisdiction === 'US' ? (NEEDED_IN_US[channel] ?? []) : NEEDED[channel];
  const lacking = needed.filter((anyOf) => !anyOf.some((field) => law.sender?.[field]));
  if (lacking.length === 0) return null;
  const named = lacking.map((anyOf) => anyOf.map((field) => `\`sender.${field}\``).join(' or ')).join(', ');
  return { code: 'no_sender', values: { channel, lacking: named } };
}
