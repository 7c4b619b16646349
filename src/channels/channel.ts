/**
 * What a provider adapter is. An adapter knows one provider's protocol and nothing of who called it: a message comes in
 * rendered, one `SendResult` goes out. It may be called again with the same message id and the same content, and must
 * then send the same bytes.
 */
import type { Channel } from '../engine/trigger.ts';
import type { Json, JsonObject } from '../engine/vocabulary.ts';

export type SendResult =
  | { kind: 'accepted'; providerId?: string }
  /** Sending it again won't help. `address`: this recipient's; `account`: nothing can be sent as things are set up. */
  | { kind: 'rejected'; scope: 'message' | 'address' | 'account'; code: string }
  /** Not taken this time. `afterMs` is the provider's own wish. */
  | { kind: 'retry'; afterMs?: number; code: string }
  /** Not before `untilAt`: a quota, a closed window. */
  | { kind: 'park'; untilAt: number; code: string }
  /** The provider may or may not have it: the answer was lost. */
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
}

export interface ChannelAdapter {
  provider: string;
  /** A second call with the same message id reaches the recipient once. */
  idempotent: boolean;
  /** Its content is kept for people to look at, because it goes nowhere else. */
  keepsContent: boolean;
  /** Answers, never throws, for whatever the provider does. */
  send(message: OutgoingMessage, deps: SendDeps): Promise<SendResult>;
}
