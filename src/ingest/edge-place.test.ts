import { expect, test } from 'vitest';
import { ingestHarness } from '../../tests/support/ingest-harness.ts';
import { edgePlace } from './edge-place.ts';

test('the edge’s place is read from texts, and is whole or absent', () => {
  const cf = (properties: object) => edgePlace(properties as Request['cf']);
  expect(cf({ timezone: 'Asia/Seoul', latitude: '37.56600', longitude: '126.97840' })).toEqual({
    timezone: 'Asia/Seoul',
    lat: 37.566,
    lng: 126.9784,
  });
  expect(cf({ latitude: '37.5' })).toBeUndefined();
  expect(cf({ latitude: '', longitude: ' ' })).toBeUndefined();
  expect(edgePlace(undefined)).toBeUndefined();
});

test.each([
  ['wk_test', { timezone: 'Asia/Seoul', lat: 37.5, lng: 127 }],
  ['sk_test', undefined],
])('a request with the key %s has the edge’s place %j', async (key, edge) => {
  const { handle, env, requests } = ingestHarness('off');
  const request = new Request('https://edge.test/v1/track', {
    method: 'POST',
    headers: { authorization: key.startsWith('sk') ? `Bearer ${key}` : `Basic ${btoa(`${key}:`)}` },
    body: JSON.stringify({ event: 'X', userId: 'u' }),
  });
  Object.assign(request, { cf: { timezone: 'Asia/Seoul', latitude: '37.5', longitude: '127' } });
  expect((await handle(request, env, { waitUntil() {} })).status).toBe(200);
  expect(requests[0]?.events[0]?.context.edge).toEqual(edge);
});
