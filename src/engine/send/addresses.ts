/**
 * Where a channel's message goes, by what the profile holds: the traits `email`, `phone` and `lineUserId`, or the devices
 * that the app registered. Whether an address is real is its provider's to say; here it only has to look like one.
 */
import type { Config } from '../config.ts';
import type { Draft } from '../delta.ts';
import type { Channel } from '../trigger.ts';
import type { Json } from '../vocabulary.ts';

export type AddressKind = 'email' | 'phone' | 'line' | 'fcm' | 'apns' | 'web_push';

/** One place to send to. A message to devices has as many as there are devices. */
export interface Address {
  kind: AddressKind;
  /** E-mail address, telephone number as the app wrote it, LINE user id, device token, or push subscription. */
  value: Json;
  deviceId?: string;
  /** When the device was registered last. */
  registeredAt?: number;
}

const TRAITS: Partial<Record<Channel, { kind: AddressKind; trait: string }>> = {
  email: { kind: 'email', trait: 'email' },
  sms: { kind: 'phone', trait: 'phone' },
  lms: { kind: 'phone', trait: 'phone' },
  kakao_info: { kind: 'phone', trait: 'phone' },
  kakao_brand: { kind: 'phone', trait: 'phone' },
  whatsapp: { kind: 'phone', trait: 'phone' },
  line: { kind: 'line', trait: 'lineUserId' },
};

/** Devices that a channel's providers reach; `push` by one provider reaches that one's tokens only. */
const DEVICES: Partial<Record<Channel, readonly AddressKind[]>> = {
  push: ['fcm', 'apns'],
  web_push: ['web_push'],
};

const LOOKS_RIGHT: Partial<Record<AddressKind, RegExp>> = {
  email: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
  phone: /^\+?[\d\s().-]{7,24}$/,
  line: /^\S{1,100}$/,
};

/** Every address the channel has of this profile; none where it has none, or needs none (`webhook`). */
export function addressesOf(draft: Draft, channel: Channel, config: Config): Address[] {
  const named = TRAITS[channel];
  if (named) return traitAddress(draft, named.kind, named.trait);
  const provider = config.channels.get(channel)?.provider;
  const kinds = (DEVICES[channel] ?? []).filter((kind) => provider !== otherPush(kind));
  return [...draft.entries('devices')].flatMap(([deviceId, { type, address, at }]) => {
    const kind = kinds.find((one) => one === type);
    return kind === undefined || address === null
      ? []
      : [{ kind, value: address, deviceId, registeredAt: at }];
  });
}

/** Whether somebody sends on the channel and the profile can be reached there. */
export function isReachable(draft: Draft, channel: Channel, config: Config): boolean {
  if (channel === 'in_app' || channel === 'card') return true;
  if (!config.sendable.has(channel)) return false;
  return !needsAddress(channel, config) || addressesOf(draft, channel, config).length > 0;
}

/** The log of development reaches everybody, and so does what goes to a system of the customer's own. */
export function needsAddress(channel: Channel, config: Config): boolean {
  const provider = config.channels.get(channel)?.provider;
  return provider !== undefined && provider !== 'log' && channel !== 'webhook';
}

/**
 * Whether two writings are of one address. Numbers may lack their country: `010-1234-5678` is `+82 10 1234 5678`, told by
 * the digits that both have, of which eight have to agree.
 */
export function sameAddress(trait: string, a: string, b: string): boolean {
  if (trait === 'email') return a.trim().toLowerCase() === b.trim().toLowerCase();
  if (trait !== 'phone') return a.trim() === b.trim();
  const [short = '', long = ''] = [a, b].map(nationalDigits).sort((x, y) => x.length - y.length);
  return short.length >= 8 ? long.endsWith(short) : short === long;
}

function nationalDigits(number: string): string {
  return number.replace(/\D/g, '').replace(/^0+/, '');
}

function traitAddress(draft: Draft, kind: AddressKind, trait: string): Address[] {
  const value = draft.get('traits', trait)?.value;
  if (typeof value !== 'string' || !LOOKS_RIGHT[kind]?.test(value.trim())) return [];
  return [{ kind, value: value.trim() }];
}

function otherPush(kind: AddressKind): string | null {
  if (kind === 'fcm') return 'apns';
  return kind === 'apns' ? 'fcm' : null;
}
