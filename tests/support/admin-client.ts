import { env } from 'cloudflare:workers';
import { adminRoutes } from '../../src/admin/admin-routes.ts';
import { channelHealth } from '../../src/dispatch/channel-health.ts';
import { deadLetterRoutes } from '../../src/dispatch/dead-letter-routes.ts';
import { createRouter } from '../../src/http/router.ts';
import { findKey } from '../../src/store/keys.ts';

const handle = createRouter([...adminRoutes({ channelHealth }), ...deadLetterRoutes()], {
  findKey,
  reportFault: ({ error }) => {
    throw error;
  },
});

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the API answers
  body: any;
  etag: string | null;
}

/** Calls the admin API in this isolate, with the development token unless another one is given. */
export async function admin(
  method: string,
  path: string,
  body?: unknown,
  options: { token?: string; ifMatch?: string } = {},
): Promise<Answer> {
  const headers = new Headers({ authorization: `Bearer ${options.token ?? 'at_dev'}` });
  if (options.ifMatch !== undefined) headers.set('if-match', options.ifMatch);
  const request = new Request(`http://reflex.test/admin/api/${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const response = await handle(request, env, { waitUntil() {} });
  const text = await response.text();
  return {
    status: response.status,
    body: text === '' ? null : JSON.parse(text),
    etag: response.headers.get('etag'),
  };
}
