import { jsonText } from '../http/json-response.ts';
import type { Route } from '../http/route.ts';
import { type Bodies, describeApi } from '../protocol/openapi.ts';

/** `GET /openapi.json`: describes `routes` and itself. `bodies` are those that the protocol's schemas don't name. */
export function openApiRoute(routes: readonly Route[], bodies: Bodies = {}): Route {
  let text: string | undefined;
  const route: Route = {
    method: 'GET',
    path: '/openapi.json',
    auth: 'none',
    async handle() {
      text ??= JSON.stringify(describeApi([...routes, route], bodies));
      return jsonText(text);
    },
  };
  return route;
}
