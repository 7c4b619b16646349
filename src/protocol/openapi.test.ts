import { describe, expect, test } from 'vitest';
import { describeApi } from './openapi.ts';

const ROUTES = [
  { method: 'POST', path: '/admin/api/triggers', auth: 'admin' },
  { method: 'PUT', path: '/admin/api/templates/:id', auth: 'admin' },
  { method: 'PUT', path: '/admin/api/channels/:id', auth: 'admin' },
  { method: 'PUT', path: '/v1/items/:id', auth: 'server' },
  { method: 'POST', path: '/v1/track', auth: 'body' },
  { method: 'GET', path: '/v1/profiles/:userId/export', auth: 'server' },
  { method: 'GET', path: '/admin/api/triggers/:id/report', auth: 'admin' },
  { method: 'POST', path: '/u/:token', auth: 'none' },
  { method: 'GET', path: '/health', auth: 'none' },
];

// biome-ignore lint/suspicious/noExplicitAny: a JSON document of any shape
const api: any = describeApi(ROUTES);

describe('the API description', () => {
  test('names every route that is served, with its parameters and who may call it', () => {
    expect(Object.keys(api.paths)).toEqual([
      '/admin/api/triggers',
      '/admin/api/templates/{id}',
      '/admin/api/channels/{id}',
      '/v1/items/{id}',
      '/v1/track',
      '/v1/profiles/{userId}/export',
      '/admin/api/triggers/{id}/report',
      '/u/{token}',
      '/health',
    ]);
    expect(api.paths['/v1/items/{id}'].put).toMatchObject({
      security: [{ serverKey: [] }],
      parameters: [{ name: 'id', in: 'path', required: true }],
    });
  });

  test('describes what a mailbox posts to a link, and that a person is answered', () => {
    const { requestBody, responses } = api.paths['/u/{token}'].post;
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data']) {
      expect(JSON.stringify(requestBody.content[type])).toContain('One-Click');
    }
    expect(Object.keys(responses['2XX'].content)).toEqual(['text/html']);
    expect(Object.keys(responses.default.content)).toEqual(['text/html']);
  });

  test('describes a trigger as it is checked, conditions inside conditions', () => {
    const trigger = api.paths['/admin/api/triggers'].post.requestBody.content['application/json'].schema;
    expect(trigger.required).toEqual(['id', 'category', 'entry', 'reeligibility', 'steps']);
    expect(trigger.properties.entry.properties.if).toEqual({ $ref: '#/components/schemas/Condition' });
    const [all] = api.components.schemas.Condition.anyOf;
    expect(all.properties.all.items).toEqual({ $ref: '#/components/schemas/Condition' });
  });

  test('describes each line of an export', () => {
    const { content } = api.paths['/v1/profiles/{userId}/export'].get.responses['2XX'];
    const lines = content['application/x-ndjson'].schema.oneOf;
    const types = lines.map(
      ({ properties }: { properties: { type: { const: string } } }) => properties.type.const,
    );
    expect(types).toEqual(
      expect.arrayContaining(['profile', 'trait', 'consent', 'event', 'delivery', 'end']),
    );
  });

  test('describes what a report answers, and that it answers nothing else', () => {
    const { content } = api.paths['/admin/api/triggers/{id}/report'].get.responses['2XX'];
    const { schema } = content['application/json'];
    expect(schema.required).toEqual(expect.arrayContaining(['sent', 'offered', 'waiting', 'perChannel']));
    expect(schema.additionalProperties).toBe(false);
    expect(schema.properties.conversionRate.anyOf).toContainEqual({ type: 'null' });
  });

  test('describes the call that tells an endpoint of deliveries, conversions and decisions', () => {
    const { parameters, requestBody } = api.webhooks['reflex.export'].post;
    expect(parameters.map(({ name }: { name: string }) => name)).toContain('webhook-signature');
    const { type, lines } = requestBody.content['application/json'].schema.properties;
    expect(type.const).toBe('reflex.export');
    const told = lines.items.anyOf.map(
      ({ properties }: { properties: { type: { const: string } } }) => properties.type.const,
    );
    expect(told).toEqual(['delivery', 'conversion', 'decision']);
  });

  test('refers only to what it contains', () => {
    const refs = [...JSON.stringify(api).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(refs.length).toBeGreaterThan(10);
    expect(refs.filter((name) => api.components.schemas[name ?? ''] === undefined)).toEqual([]);
    expect(JSON.stringify(api)).not.toContain('$defs');
  });
});
