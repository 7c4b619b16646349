import { jsonResponse } from './json-response.ts';
import type { Route } from './route.ts';

/** 200 when D1 answers, else 503. That the bindings are there has been checked before any route runs. */
export const healthRoute: Route = {
  method: 'GET',
  path: '/health',
  auth: 'none',
  async handle(_request, { env }) {
    try {
      await env.DB.prepare('SELECT 1').first();
      return jsonResponse({ status: 'ok' });
    } catch {
      return jsonResponse({ status: 'unavailable', message: 'The database does not answer.' }, 503);
    }
  },
};
