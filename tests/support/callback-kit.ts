/** Callbacks as providers' own libraries would accept them, and what Reflex is given to judge them by. */
import type { Callback, CallbackChannel, CallbackDeps } from '../../src/channels/callbacks/callback.ts';
import type { Channel } from '../../src/engine/trigger.ts';
import { CERTIFICATE, CERTIFICATE_URL } from './sns-signer.ts';

const encoder = new TextEncoder();

export function aCallback(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  { url = 'https://reflex.example/v1/callbacks/x', now = Date.now() } = {},
): Callback {
  const bytes = typeof body === 'string' ? new Uint8Array(encoder.encode(body)) : body;
  return { url: new URL(url), headers: new Headers(headers), body: bytes, now };
}

export function aChannel(id: Channel, change: Partial<CallbackChannel> = {}): CallbackChannel {
  return { id, settings: {}, secret: null, callbackSecret: null, token: null, ...change };
}

/** Amazon, as far as it is asked for a certificate or a confirmation; `asked` says what was. */
export function amazon(answer: () => Response = () => new Response('')): CallbackDeps & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    fetch: async (url) => {
      asked.push(url);
      return url === CERTIFICATE_URL ? new Response(CERTIFICATE) : answer();
    },
  };
}
