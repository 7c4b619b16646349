/**
 * A provider said that the user's address on a channel is dead or unwilling: nothing is sent there any more, until the user
 * has another one or consents anew. Devices are forgotten one by one instead, where the provider says which it was.
 */
import type { Draft } from '../delta.ts';
import { consentKey, mergeLedgers } from '../fold/consents.ts';
import type { Channel } from '../trigger.ts';
import type { Event, MessageEntry } from '../vocabulary.ts';

export interface AddressRejection {
  /** What the provider said. */
  code: string;
  /** Which of the user's devices were refused; absent: it was the channel's address. */
  deviceIds?: string[];
}

/** What a provider's answer says of the user, besides what became of the message. */
export interface UserNews {
  rejection?: AddressRejection;
  /** The user told the provider to stop. */
  revokeConsent?: true;
}

/** The trait that holds the address. */
const ADDRESS_TRAITS: Partial<Record<Channel, string>> = {
  email: 'email',
  sms: 'phone',
  kakao_info: 'phone',
  kakao_brand: 'phone',
  line: 'lineUserId',
  whatsapp: 'phone',
};
const DEVICE_TYPES: Partial<Record<Channel, readonly string[]>> = {
  push: ['fcm', 'apns'],
  web_push: ['web_push'],
};
/** Under whose name consent is kept. */
const CONSENT_NAMES: Partial<Record<Channel, string>> = {
  lms: 'sms',
  kakao_info: 'kakao',
  kakao_brand: 'kakao',
};

export function isSuppressed(draft: Draft, channel: Channel): boolean {
  return draft.get('suppressions', addressed(channel)) !== undefined;
}

export function hearOfUser(
  draft: Draft,
  { input: { channel } }: MessageEntry,
  { rejection, revokeConsent }: UserNews,
  at: number,
): void {
  if (rejection) rejectAddress(draft, channel, rejection, at);
  if (revokeConsent) withdrawConsent(draft, channel, at);
}

function rejectAddress(draft: Draft, channel: Channel, rejection: AddressRejection, at: number): void {
  const { deviceIds, code } = rejection;
  if (deviceIds === undefined) draft.put('suppressions', addressed(channel), { code, at });
  else for (const deviceId of deviceIds) draft.remove('devices', deviceId);
}

/** The user told the provider to stop: as good as telling us. */
function withdrawConsent(draft: Draft, channel: Channel, at: number): void {
  const key = consentKey(CONSENT_NAMES[channel] ?? channel, 'marketing');
  const entry = { granted: false, at, source: 'provider' };
  draft.put('consents', key, mergeLedgers([entry], draft.get('consents', key) ?? []));
}

/** Before the event's traits are folded: what matters is that the address changes. */
export function liftSuppressions(draft: Draft, event: Event): void {
  if (draft.isEmpty('suppressions')) return;
  for (const [channel, { at }] of [...draft.entries('suppressions')]) {
    if (isNewAddress(draft, channel as Channel, event) || consentsAnew(channel as Channel, event, at)) {
      draft.remove('suppressions', channel);
    }
  }
}

function isNewAddress(draft: Draft, channel: Channel, { name, properties, traits }: Event): boolean {
  if (name === '$device') return (DEVICE_TYPES[channel] ?? []).includes(String(properties.type));
  const trait = ADDRESS_TRAITS[channel];
  const value = trait === undefined ? undefined : traits?.[trait];
  return trait !== undefined && value !== undefined && value !== draft.get('traits', trait)?.value;
}

function consentsAnew(channel: Channel, { name, properties, timestamp }: Event, since: number): boolean {
  const asked = CONSENT_NAMES[channel] ?? channel;
  return (
    name === '$consent' && properties.channel === asked && properties.granted === true && timestamp > since
  );
}

/** A long text goes to the same number. */
function addressed(channel: Channel): Channel {
  return channel === 'lms' ? 'sms' : channel;
}
