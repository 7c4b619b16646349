/**
 * What a provider adapter is. An adapter knows one provider's protocol and nothing of who called it: a message comes in
 * rendered, one `SendResult` goes out. It may be called again with the same message id, the same content and the same
 * addresses, and must then send the same bytes.
 */
import type { Address } from '../engine/send/addresses.ts';
import type { Channel } from '../engine/trigger.ts';
import type { Json, JsonObject } from '../engine/vocabulary.ts';

export type SendResult = SendVerdict & {
  /** Of a message to devices: what became of it on each. The verdict is the best of them. */
  devices?: DeviceReport[];
};

type SendVerdict =
  | { kind: 'accepted'; providerId?: string }
  /**
   * Sending it again won't help. `address`: this recipient's is dead, and is not written to again; of a message to devices,
   * `devices` says which. `account`: nothing can be sent as things are set up; messages wait until it is mended.
   * `revokeConsent`: the recipient has told the provider to stop.
   */
  | { kind: 'rejected'; scope: 'message' | 'address' | 'account'; code: string; revokeConsent?: true }
  /** Not taken this time. `afterMs` is the provider's own wish. */
  | { kind: 'retry'; afterMs?: number; code: string }
  /** Not before `untilAt`: a quota, a closed window. `account`: nor any other message. */
  | { kind: 'park'; untilAt: number; code: string; scope?: 'message' | 'account' }
  /** The provider may or may not have it: the answer was lost. */
  | { kind: 'unknown'; code: string };

export interface DeviceReport {
  deviceId: string;
  /** `dead`: the token or subscription is no more, and the profile forgets it. */
  outcome: 'accepted' | 'dead' | 'rejected' | 'retry' | 'unknown';
  code: string;
}

export interface OutgoingMessage {
  id: string;
  channel: Channel;
  trigger: string;
  version: number;
  variant: string | null;
  category: 'marketing' | 'transactional';
  priority: number;
  createdAt: number;
  expiresAt: number;
  user: { id: string | null; anonymousId: string | null };
  /** As they were when the message was claimed first. Empty where the channel needs none. */
  to: Address[];
  locale: string;
  content: JsonObject;
  /** Headers that an e-mail carries besides its own: `List-Unsubscribe`. */
  emailHeaders?: Record<string, string>;
}

export interface SendDeps {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  now: () => number;
  settings: { [name: string]: Json };
  secret: string | null;
  /** Development only: addresses of this machine are legal targets. */
  allowLoopback: boolean;
  /** Where telephone numbers without a country code are at home: two letters, ISO 3166. */
  region: string;
  /** Access tokens and signed claims of the provider's, minted once for all senders. */
  tokens: Tokens;
}

/**
 * OAuth and JWT tokens that must not be minted by every sender for itself: providers count how often they are asked (APNs
 * refuses more than one in 20 minutes). `name` says whose: `tokenName`, so that a new key doesn't get the old one's token.
 *
 *     const token = await deps.tokens.get(await tokenName(…), async () => ({ value, expiresAt }));
 *     …401 → await deps.tokens.forget(name, token), and once more
 */
export interface Tokens {
  /** Throws what `mint` throws, or where another sender's minting takes too long: answer `retry` then. */
  get(name: string, mint: () => Promise<{ value: string; expiresAt: number }>): Promise<string>;
  /** The provider refused it. */
  forget(name: string, value: string): Promise<void>;
}

/** What a provider can do and allows, as data: for whoever decides what may be sent by it. */
export interface Capabilities {
  /** Null: every channel. */
  channels: readonly Channel[] | null;
  /** Whether its terms allow advertising, or on which of its channels. */
  advertising: boolean | readonly Channel[];
  /** Local times between which it takes advertising, where it doesn't always. */
  advertisingHours: Partial<Record<Channel, { from: string; to: string; zone: string }>>;
  /** Most bytes of a channel's text (SMS) or of the whole payload (push). */
  maxBytes: Partial<Record<Channel, { bytes: number; encoding: 'utf-8' | 'euc-kr' }>>;
  /**
   * How a second call with the same message id reaches the recipient once. `key`: the provider recognises it. `collapse`:
   * the second replaces the first on the device. `none`: it doesn't.
   */
  idempotency: 'key' | 'collapse' | 'none';
  /** How long the provider knows an id again; absent: for as long as a message lives. */
  idempotentForMs?: number;
  /** What one message costs where the channel's settings don't say; null: unknown. */
  unitCost: { amount: number; currency: string } | null;
}

export interface ChannelAdapter {
  provider: string;
  capabilities: Capabilities;
  /** A second call with the same message id reaches the recipient once. */
  idempotent: boolean;
  /**
   * Whether it tells later, by a callback, what became of a message; `addresses`: also of people who tell it to stop, by
   * their address alone.
   */
  reports?: 'messages' | 'addresses';
  /** Its content is kept for people to look at, because it goes nowhere else. */
  keepsContent: boolean;
  /** Answers, never throws, for whatever the provider does. */
  send(message: OutgoingMessage, deps: SendDeps): Promise<SendResult>;
  /**
   * Asked before a message may be sent a second time: what became of it, by the provider's own list. Null where the provider
   * has never had it; `unknown` where that can't be told. Never throws.
   */
  lookUp?(message: OutgoingMessage, deps: SendDeps): Promise<SendResult | null>;
  /** The host that the message goes to (several together: `a+b`), where one provider has several that fail apart: `fcm.googleapis.com`. */
  endpointOf?(message: OutgoingMessage, settings: SendDeps['settings']): string | undefined;
}
