/**
 * A provider said that the user's address on a channel is dead or unwilling: nothing is sent there any more, until the user
 * has another one or consents anew. Devices lose their token one by one instead, where the provider says which it was, and say why.
 */
import type { Draft } from '../delta.ts';
import { CONSENT_EVENT, consentKey, mergeLedgers } from '../fold/consents.ts';
import type { Happening } from '../runs/happening.ts';
import { sameAddress } from '../send/addresses.ts';
import type { Channel } from '../trigger.ts';
import type { ConsentEntry, Event, MessageEntry } from '../vocabulary.ts';

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
  /** Who says so, in the provider's own code: `twilio 21610`. */
  evidence?: string;
  /** When the provider was told; absent: now. */
  toldAt?: number;
}

/** The trait that holds the address. */
const ADDRESS_TRAITS: Partial<Record<Channel, string>> = {
  email: 'email',
  sms: 'phone',
  lms: 'phone',
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

/** Answers with what triggers may hear of it. What a provider said may be old by now: an address that the user has replaced since is not the one that was refused. */
export function hearOfUser(
  draft: Draft,
  { input: { channel }, to = [] }: MessageEntry,
  { rejection, revokeConsent, evidence, toldAt }: UserNews,
  now: number,
): Happening | null {
  const at = Math.min(toldAt ?? now, now);
  const withdrawn = revokeConsent ? withdrawConsent(draft, channel, at, evidence) : null;
  if (!rejection) return withdrawn;
  const { deviceIds, code } = rejection;
  for (const deviceId of deviceIds ?? []) {
    const device = draft.get('devices', deviceId);
    const sentTo = to.find((address) => address.deviceId === deviceId);
    if (!device || (sentTo?.registeredAt !== undefined && device.at > sentTo.registeredAt)) continue;
    draft.put('devices', deviceId, { ...device, address: null, refused: { code, at } });
  }
  const [sentTo] = to;
  if (deviceIds === undefined && isStill(draft, channel, sentTo?.value)) suppress(draft, channel, code, at);
  return withdrawn;
}

/** Nothing is sent there any more, whatever it is about. */
export function suppress(draft: Draft, channel: Channel, code: string, at: number): void {
  draft.put('suppressions', addressed(channel), { code, at });
}

/** Whether the address is the one that the user has now; true where that can't be told. */
export function isStill(draft: Draft, channel: Channel, address: unknown): boolean {
  const trait = ADDRESS_TRAITS[channel];
  if (trait === undefined || typeof address !== 'string') return true;
  const value = draft.get('traits', trait)?.value;
  return typeof value !== 'string' || sameAddress(trait, value, address);
}

/**
 * The user told the provider to stop: as good as telling us, and told to triggers like it; null where it was said before.
 * Told twice, it is once.
 */
export function withdrawConsent(
  draft: Draft,
  channel: Channel,
  at: number,
  evidence?: string,
): Happening | null {
  const name = CONSENT_NAMES[channel] ?? channel;
  const key = consentKey(name, 'marketing');
  const ledger = draft.get('consents', key) ?? [];
  const source = 'provider';
  const entry: ConsentEntry = { granted: false, at, source, ...(evidence && { evidence }) };
  const [newest] = ledger;
  const isKnown = newest?.granted === false && newest.evidence === entry.evidence && newest.at <= at;
  if (!isKnown) draft.put('consents', key, mergeLedgers([entry], ledger));
  const properties = { channel: name, purpose: 'marketing', granted: false, source };
  return newest?.granted ? { kind: 'event', name: CONSENT_EVENT, properties } : null;
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
export function addressed(channel: Channel): Channel {
  return channel === 'lms' ? 'sms' : channel;
}
