/** What the app may show now: of in-app messages the best per surface, of cards all. Changes nothing. */
import { type Config, isLive } from './config.ts';
import type { ProfileState } from './state.ts';
import type { InboxMessage } from './vocabulary.ts';

/** Seconds after which a client without a socket should ask again. */
export const POLL_SECONDS = 30;
const MAX_MESSAGES = 50;

export function dueMessages(
  state: ProfileState,
  config: Config,
  now: number,
  query: { surface?: string; limit?: number; inAppLimit?: number },
): InboxMessage[] {
  const candidates = [...state.inbox.values()].filter(
    (message) =>
      message.expiresAt > now &&
      (message.test ? !config.stopped : isLive(config, message.trigger)) &&
      (query.surface === undefined || message.surface === query.surface),
  );
  const cards = candidates
    .filter(({ channel }) => channel === 'card')
    .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
  const limit = Math.min(query.limit ?? MAX_MESSAGES, MAX_MESSAGES);
  const inApp = bestPerSurface(candidates).slice(0, query.inAppLimit ?? MAX_MESSAGES);
  return [...inApp, ...cards].slice(0, limit);
}

function bestPerSurface(candidates: InboxMessage[]): InboxMessage[] {
  const best = new Map<string, InboxMessage>();
  for (const message of candidates) {
    if (message.channel === 'card' || message.shownAt !== undefined) continue;
    const rival = best.get(message.surface);
    if (!rival || comesFirst(message, rival) < 0) best.set(message.surface, message);
  }
  return [...best.values()].sort(comesFirst);
}

function comesFirst(a: InboxMessage, b: InboxMessage): number {
  return b.priority - a.priority || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}
