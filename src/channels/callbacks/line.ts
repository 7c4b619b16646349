/**
 * LINE signs the body with the channel's secret. It reports no deliveries of pushes; `unfollow` is a person who has blocked
 * or removed the account, which LINE doesn't say when something is sent to them. Whoever follows again has not agreed to
 * advertising by that.
 */
import { objectIn, objectsIn } from '../http-call.ts';
import type { CallbackAdapter } from './callback.ts';
import { fromBase64, isMacOf } from './proof.ts';
import { epochIn, jsonIn, textFrom } from './read-json.ts';

export const lineCallbacks: CallbackAdapter = {
  provider: 'line',
  verify: ({ headers, body }, { callbackSecret }) =>
    isMacOf(fromBase64(headers.get('x-line-signature')), body, callbackSecret ?? '', 'SHA-256'),
  read: (callback) =>
    objectsIn(objectIn(jsonIn(callback)).events).flatMap((event) => {
      const userId = textFrom(objectIn(event.source), 'userId');
      if (event.type !== 'unfollow' || userId === null) return [];
      return [
        {
          id: textFrom(event, 'webhookEventId') ?? `${userId}:${event.timestamp}`,
          kind: 'opted_out' as const,
          code: 'unfollow',
          at: epochIn(event.timestamp, 1, callback.now),
          messageId: null,
          address: { kind: 'line' as const, value: userId },
          channel: 'line' as const,
          of: 'everything' as const,
        },
      ];
    }),
};
