/**
 * What a provider says by itself: reports of messages that it took, and of people who told it to stop. An adapter here
 * knows one provider's way to prove that it is the provider, and its words; it stores nothing and knows no profile.
 *
 * It is verified by one of the channels that the provider serves: each has its own secret. What can't be verified is
 * refused without a word about why.
 */
import type { ReportKind } from '../../engine/runs/hear-report.ts';
import type { Channel } from '../../engine/trigger.ts';
import type { Json } from '../../engine/vocabulary.ts';
import type { NamedAddress } from '../../protocol/address-key.ts';

/** A request as it came: what is signed is its bytes. */
export interface Callback {
  url: URL;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
  now: number;
}

/** One of the channels that the provider serves here. */
export interface CallbackChannel {
  id: Channel;
  settings: { [name: string]: Json };
  /** What is sent with; some providers sign with it too. */
  secret: string | null;
  callbackSecret: string | null;
  /** Stands in the address, where the provider has no signature; null where no callback secret is set. */
  token: string | null;
}

export interface CallbackDeps {
  /** For certificates, and to confirm a subscription: of addresses that the adapter has checked. */
  fetch(url: string, init: RequestInit): Promise<Response>;
}

export interface Report {
  /** The provider's own name of it: told again, it is the same. */
  id: string;
  kind: ReportKind;
  /** In the provider's words; never a text that could carry an address. */
  code: string;
  /** By the provider's clock. */
  at: number;
  /** Null where it names an address alone. */
  messageId: string | null;
  address: NamedAddress | null;
  /** Which channel it is about, where no message says so. */
  channel: Channel | null;
  /** What somebody refuses by it. */
  of: 'marketing' | 'everything';
}

export interface CallbackAdapter {
  provider: string;
  /** Whether it is the provider's, as far as this channel can tell. Never throws for what a stranger sends. */
  verify(callback: Callback, channel: CallbackChannel, deps: CallbackDeps): Promise<boolean>;
  /**
   * What it says; what isn't understood or concerns nobody is left out. `channels`: those that verified it.
   */
  read(callback: Callback, channels: readonly CallbackChannel[]): Report[];
  /** Where the provider asks to be told that it may send from now on: tells it. False where that couldn't be done. */
  confirm?(callback: Callback, deps: CallbackDeps): Promise<boolean>;
  /** What the provider wants to hear, where that isn't just any 200. */
  answer?(): Response;
  /** GET: the provider asks whether the address is ours. Null: it isn't. */
  challenge?(url: URL, channels: readonly CallbackChannel[]): Promise<string | null>;
}
