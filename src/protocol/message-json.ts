import type { InboxMessage, JsonObject } from '../engine/vocabulary.ts';
import type { DueMessages } from './rpc.ts';

/** A message as the client reads it; `content` always has all its fields, null where the author wrote none. */
interface MessageJson {
  id: string;
  trigger: string;
  version: number;
  variant: string | null;
  channel: 'in_app' | 'card';
  surface: string;
  layout: string;
  priority: number;
  createdAt: string;
  expiresAt: string;
  content: JsonObject;
}

/** `cursor` says what the client has seen; `next` is the number of seconds until it should ask again. */
export interface DueJson {
  cursor: string;
  messages: MessageJson[];
  next: number;
  /** There may be messages, but a known user's need the user's token. */
  identity?: 'token_required';
}

const EMPTY_CONTENT = { locale: null, title: null, body: null, image: null, buttons: [], html: null };

function messageJson(message: InboxMessage): MessageJson {
  const { id, trigger, version, variant, channel, surface, layout, priority, content } = message;
  return {
    id,
    trigger,
    version,
    variant,
    channel,
    surface,
    layout,
    priority,
    createdAt: new Date(message.createdAt).toISOString(),
    expiresAt: new Date(message.expiresAt).toISOString(),
    content: { ...EMPTY_CONTENT, ...content },
  };
}

export function dueJson({ cursor, messages, next }: DueMessages): DueJson {
  return { cursor, messages: messages.map(messageJson), next };
}

/** The answer where there is no profile to ask. */
export const NOTHING_DUE: DueJson = { cursor: '0', messages: [], next: 60 };

/** The answer to someone who has not proven to be the user: no message, and why. */
export const TOKEN_REQUIRED: DueJson = { ...NOTHING_DUE, identity: 'token_required' };
