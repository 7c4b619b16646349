/**
 * What the browser SDKs fetch before they send anything: analytics.js its integrations, RudderStack's client its
 * source. The least that makes each of them start and send to this very host.
 */
import { authorize, headerKey, queryKey } from '../http/auth.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { Route } from '../http/route.ts';
import type { IngestDeps } from './deps.ts';

export function clientSettingsRoutes(deps: Pick<IngestDeps, 'findKey'>): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/projects/:writeKey/settings',
      auth: 'none',
      async handle(_request, { env, url, params }) {
        const writeKey = params.writeKey ?? '';
        await authorize(deps.findKey, env, writeKey, 'write');
        return jsonResponse(segmentSettings(writeKey, url));
      },
    },
    {
      method: 'GET',
      path: '/sourceConfig',
      auth: 'none',
      async handle(request, { env, url }) {
        const writeKey = headerKey(request) ?? queryKey(url) ?? '';
        await authorize(deps.findKey, env, writeKey, 'write');
        return jsonResponse(rudderSourceConfig(writeKey));
      },
    },
  ];
}

function segmentSettings(writeKey: string, url: URL) {
  const insecure = url.protocol === 'http:' ? { protocol: 'http' } : {};
  return {
    integrations: { 'Segment.io': { apiKey: writeKey, apiHost: `${url.host}/v1`, ...insecure } },
    plan: { track: { __default: { enabled: true } }, identify: { __default: { enabled: true } } },
  };
}

function rudderSourceConfig(writeKey: string) {
  return {
    source: {
      id: 'reflex',
      name: 'Reflex',
      writeKey,
      enabled: true,
      workspaceId: 'reflex',
      config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
      dataplanes: {},
      destinations: [],
    },
  };
}
