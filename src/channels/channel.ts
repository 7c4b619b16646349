/**
 * What a provider adapter is. An adapter knows one provider's protocol and nothing of who called it: a message comes in
 * rendered, one `SendResult` goes out. It may be called again with the same message id and the same content, and must
 * then send the same bytes.
 */
import type { Channel } from '../engine/trigger.ts';
import type { Json, JsonObject } from '../engine/vocabulary.ts';

export type SendResult =
  | { kind: 'accepted'; providerId?: string }
  /**
   * Sending it again won't help. `address`: this recipient's is dead, and is not written to again; `deviceId` says which
   * device it was. `account`: nothing can be sent as things are set up; messages wait until it is mended. `revokeConsent`:
   * the user told the provider to stop.
   */
  | {
      kind: 'rejected';
      scope: 'message' | 'address' | 'account';
      code: string;
      deviceId?: string;
      revokeConsent?: true;
    }
  /** Not taken this time. `afterMs` is the provider's own wish. */
  | { kind: 'retry'; afterMs?: number; code: string }
  /** Not before `untilAt`: a quota, a closed window. `account`: nor any other message. */
  | { kind: 'park'; untilAt: number; code: string; scope?: 'message' | 'account' }
  /** The provider may or may not have it: the answer was lost. */
  | { kind: 'unknown'; code: string };

/** What a provider says when it is asked whether it has a message. */
export type LookupResult =
  | { kind: 'found'; providerId?: string }
  | { kind: 'absent' }
  | { kind: 'unknown'; code: string };

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
  locale: string;
  content: JsonObject;
}

export interface SendDeps {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  now: () => number;
  settings: { [name: string]: Json };
  secret: string | null;
  /** Development only: addresses of this machine are legal targets. */
  allowLoopback: boolean;
  /** Access tokens of the provider's, minted once for all senders. */
  tokens?: Tokens;
}

/**
 * OAuth and JWT tokens that must not be minted by every sender for itself. `name` says whose: provider, account and the id of
 * the key, so that a new key doesn't get the old one's token.
 *
 *     const token = await deps.tokens.get(`fcm:${project}:${keyId}`, async () => ({ value, expiresAt }));
 *     …401 → await deps.tokens.forget(name, token), and once more
 */
export interface Tokens {
  /** Throws what `mint` throws, or where another sender's minting takes too long: answer `retry` then. */
  get(name: string, mint: () => Promise<{ value: string; expiresAt: number }>): Promise<string>;
  /** The provider refused it. */
  forget(name: string, value: string): Promise<void>;
}

export interface ChannelAdapter {
  provider: string;
  /** A second call with the same message id reaches the recipient once. */
  idempotent: boolean;
  /** How long the provider knows an id again; absent: for as long as a message lives. */
  idempotentForMs?: number;
  /** Its content is kept for people to look at, because it goes nowhere else. */
  keepsContent: boolean;
  /** Answers, never throws, for whatever the provider does. */
  send(message: OutgoingMessage, deps: SendDeps): Promise<SendResult>;
  /** Whether the provider has the message already: asked before a message may be sent a second time. Never throws. */
  lookup?(message: OutgoingMessage, deps: SendDeps): Promise<LookupResult>;
  /** The host that the message goes to, where one provider has several that fail apart: `fcm.googleapis.com`. */
  endpointOf?(message: OutgoingMessage, settings: SendDeps['settings']): string;
}
