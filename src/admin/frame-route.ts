/** `POST /admin/frame`: HTML as it was sent, under a policy that lets it show itself and nothing else. */

import { readBody } from '../http/read-body.ts';
import type { Route } from '../http/route.ts';

const MAX_BYTES = 1024 * 1024;

/** `sandbox`: an origin of its own without script, wherever it is opened. */
const POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-ancestors 'self'";

/** A form's `html`, for the frame that previews an e-mail. */
export function frameRoute(): Route {
  return {
    method: 'POST',
    path: '/admin/frame',
    auth: 'admin',
    async handle(request) {
      const form = new URLSearchParams(new TextDecoder().decode(await readBody(request, MAX_BYTES)));
      return new Response(form.get('html') ?? '', {
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': POLICY,
          'referrer-policy': 'no-referrer',
          'x-content-type-options': 'nosniff',
        },
      });
    },
  };
}
