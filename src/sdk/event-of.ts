/** Calls as Segment's clients send them, so that one server serves both. */
import type { QueuedEvent } from './event-queue.ts';
import type { Identity } from './identity.ts';
import type { Properties } from './types.ts';

export type Call =
  | { type: 'track'; event: string; properties?: Properties }
  | { type: 'identify'; traits?: Properties }
  | { type: 'page'; name?: string; properties?: Properties };

export function eventOf(
  call: Call,
  { anonymousId, userId }: Pick<Identity, 'anonymousId' | 'userId'>,
): QueuedEvent {
  return {
    ...call,
    messageId: crypto.randomUUID(),
    timestamp: new Date().toISOString(),
    anonymousId,
    ...(userId !== null && { userId }),
    context: context(),
  };
}

function context() {
  const { document, navigator, location } = globalThis;
  return {
    library: { name: 'reflex-browser' },
    locale: navigator?.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...(document && {
      page: {
        path: location.pathname,
        url: location.href,
        search: location.search,
        title: document.title,
        referrer: document.referrer,
      },
    }),
  };
}
