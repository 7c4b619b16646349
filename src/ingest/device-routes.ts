/**
 * Devices: where a push goes. Whoever registers one under a user's id receives that user's messages, so a known user's
 * needs the user's token or the server key.
 */
import * as z from 'zod';
import type { JsonObject } from '../engine/vocabulary.ts';
import { invalidRequest } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import { parseBody } from '../http/parse-schema.ts';
import { parseJson, readBody, readJson } from '../http/read-body.ts';
import type { RequestContext, Route } from '../http/route.ts';
import type { IngestDeps } from './deps.ts';
import { digest, ownEvent } from './own-events.ts';
import { writeOwn } from './own-profile.ts';
import { subjectOf, subjectOfQuery } from './subject.ts';

const text = z.string().max(200).nullish();
const about = { platform: text, locale: text, timezone: text };

const device = z.discriminatedUnion(
  'type',
  [
    z.looseObject({
      type: z.enum(['fcm', 'apns']),
      token: z.string('is needed').min(1, 'is needed').max(4_096),
      ...about,
    }),
    z.looseObject({
      type: z.literal('web_push'),
      /** What `PushManager.subscribe` gave the page. */
      subscription: z.looseObject(
        {
          endpoint: z.url({ protocol: /^https$/, error: 'must be an https URL' }).max(2_048),
          keys: z.object({ p256dh: z.string().max(200), auth: z.string().max(100) }),
        },
        'is needed: what PushManager.subscribe gives',
      ),
      ...about,
    }),
  ],
  { error: 'must be fcm, apns or web_push' },
);

export function deviceRoutes(deps: IngestDeps): Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/devices',
      auth: 'any',
      async handle(request, context) {
        const body = await readJson(request);
        const properties = await deviceProperties(body);
        const profile = await subjectOf(context.env, body as object);
        await writeOwn(deps, request, context, profile, [ownEvent('$device', properties, makerOf(context))]);
        return jsonResponse({ id: properties.id });
      },
    },
    {
      method: 'DELETE',
      path: '/v1/devices/:id',
      auth: 'any',
      async handle(request, context) {
        const { env, params, url } = context;
        const raw = await readBody(request);
        const body = raw.byteLength > 0 ? parseJson(raw) : null;
        const profile = await (isObject(body) ? subjectOf(env, body) : subjectOfQuery(env, url.searchParams));
        const removed = ownEvent('$device_removed', { id: params.id ?? '' }, makerOf(context));
        await writeOwn(deps, request, context, profile, [removed]);
        return jsonResponse({ success: true });
      },
    },
  ];
}

/** The id is the address's: registering it again, as apps do at every start, is the same device. */
async function deviceProperties(body: unknown): Promise<JsonObject & { id: string }> {
  const data = parseBody(device, body, 'This is not a device.');
  const properties: JsonObject & { id: string } = { id: '', type: data.type };
  if (data.type === 'web_push') {
    const { endpoint, keys } = data.subscription;
    properties.subscription = { endpoint, keys };
    properties.id = `dev_${await digest([data.type, endpoint])}`;
  } else {
    properties.token = data.token;
    properties.id = `dev_${await digest([data.type, data.token])}`;
  }
  for (const field of ['platform', 'locale', 'timezone'] as const) {
    const value = data[field];
    if (value) properties[field] = value;
  }
  return properties;
}

function makerOf({ key, now }: RequestContext) {
  return { now, origin: key?.kind === 'server' ? 'server' : 'client' } as const;
}

function isObject(body: unknown): body is object {
  if (body === null) return false;
  if (typeof body !== 'object') throw invalidRequest('The body must be an object, or absent.');
  return true;
}
