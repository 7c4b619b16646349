import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createRouter } from '../../src/http/router.ts';
import { itemRoutes } from '../../src/ingest/item-routes.ts';
import type { ItemDeps } from '../../src/ingest/item-writes.ts';
import { catalogStub } from '../../src/protocol/stubs.ts';

const realCatalog: ItemDeps = { catalog: catalogStub, defaultCurrency: async () => 'KRW' };

/** The item routes behind the real router, for a holder of a server key unless another is given. */
async function call(method: string, path: string, body?: unknown, { deps = realCatalog, key = 'sk' } = {}) {
  const route = createRouter(itemRoutes(deps), {
    findKey: async (_, raw) =>
      raw === 'sk' ? { kind: 'server', id: 'sk' } : raw === 'wk' ? { kind: 'write', id: 'wk' } : null,
    reportFault: () => {},
  });
  const request = new Request(`https://reflex.example${path}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const response = await route(request, env, { waitUntil: () => {} });
  return {
    status: response.status,
    etag: response.headers.get('etag'),
    retryAfter: response.headers.get('retry-after'),
    body: await response.json(),
  };
}

describe('items over HTTP', () => {
  it('are put, read and deleted', async () => {
    const put = await call('PUT', '/v1/items/ring%2F14k', { title: 'Ring', price: 100 });
    expect(put).toMatchObject({
      status: 200,
      etag: '"1"',
      body: { id: 'ring/14k', title: 'Ring', price: 100, currency: 'KRW', outcome: 'changed' },
    });
    expect(await call('GET', '/v1/items/ring%2F14k')).toMatchObject({
      status: 200,
      etag: '"1"',
      body: { id: 'ring/14k', title: 'Ring', price: 100, currency: 'KRW' },
    });
    expect(await call('DELETE', '/v1/items/ring%2F14k')).toMatchObject({
      status: 200,
      body: { success: true },
    });
    expect((await call('GET', '/v1/items/ring%2F14k')).status).toBe(404);
    expect((await call('DELETE', '/v1/items/ring%2F14k')).body).toEqual({
      error: { code: 'not_found', message: 'There is no item with this id.' },
    });
  });

  it('can be written back as they were read', async () => {
    await call('PUT', '/v1/items/again', { title: 'Ring', price: 100 });
    const { body } = await call('GET', '/v1/items/again');
    expect(await call('PUT', '/v1/items/again', body)).toMatchObject({
      status: 200,
      body: { outcome: 'unchanged' },
    });
  });

  it('say so where an older write was ignored', async () => {
    await call('PUT', '/v1/items/old', { price: 100, updatedAt: '2026-08-02T00:00:00Z' });
    const late = await call('PUT', '/v1/items/old', { price: 90, updatedAt: '2026-08-01T00:00:00Z' });
    expect(late).toMatchObject({ status: 200, etag: '"1"', body: { price: 100, outcome: 'ignored' } });
  });

  it('are refused with path and reason, and nothing is applied', async () => {
    expect(await call('PUT', '/v1/items/bad', { price: -1, title: 'Ring' })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', issues: [{ path: 'price', message: 'at least 0' }] } },
    });
    expect((await call('GET', '/v1/items/bad')).status).toBe(404);
    expect(await call('PUT', '/v1/items/bad', { id: 'other' })).toMatchObject({
      status: 400,
      body: { error: { issues: [{ path: 'id' }] } },
    });
    expect((await call('PUT', '/v1/items/bad', '{"price":')).status).toBe(400);
    expect((await call('PUT', `/v1/items/${'x'.repeat(201)}`, { price: 1 })).status).toBe(400);
    expect((await call('PUT', '/v1/items/bad', { title: 'x'.repeat(70_000) })).status).toBe(413);
  });

  it('are refused where they would outgrow their limit together with what is there', async () => {
    await call('PUT', '/v1/items/grown', { attributes: { a: 'x'.repeat(5000) } });
    expect(await call('PUT', '/v1/items/grown', { attributes: { b: 'x'.repeat(5000) } })).toMatchObject({
      status: 400,
      body: { error: { issues: [{ path: 'attributes' }] } },
    });
  });

  it("are the backend's: a write key may not touch them", async () => {
    expect((await call('PUT', '/v1/items/ring', {}, { key: 'wk' })).status).toBe(403);
    expect((await call('GET', '/v1/items/ring', undefined, { key: 'unknown' })).status).toBe(401);
    expect((await call('POST', '/v1/items/batch', { items: [{ id: 'a' }] }, { key: 'wk' })).status).toBe(403);
  });

  it("answer 503 with a time where the catalog can't be reached", async () => {
    const away = () => Promise.reject(new Error('overloaded'));
    const catalog = () => ({
      ...{ put: away, read: away, standing: away, remove: away, subscribe: away, unsubscribe: away },
    });
    const deps = { ...realCatalog, catalog };
    for (const [method, body] of [
      ['PUT', { title: 'Ring' }],
      ['GET', undefined],
      ['DELETE', undefined],
    ] as const) {
      expect(await call(method, '/v1/items/ring', body, { deps })).toMatchObject({
        status: 503,
        retryAfter: '5',
        body: { error: { code: 'unavailable' } },
      });
    }
    expect((await call('POST', '/v1/items/batch', { items: [{ id: 'a' }] }, { deps })).body).toMatchObject({
      accepted: 0,
      rejected: [{ index: 0, code: 'unavailable' }],
    });
  });

  it("do not need the workspace's currency where no price is written", async () => {
    const defaultCurrency = () => Promise.reject(new Error('D1 is away'));
    const deps = { ...realCatalog, defaultCurrency };
    expect((await call('PUT', '/v1/items/plain', { title: 'Ring' }, { deps })).status).toBe(200);
  });
});

describe('a batch of items', () => {
  it('applies the good ones and rejects the bad ones each with its place and reason', async () => {
    const items = [
      { id: 'b1', price: 10 },
      { id: 'b2', price: -1 },
      { price: 3 },
      'text',
      { id: 'b3', price: 30, currency: 'USD' },
    ];
    const { status, body } = await call('POST', '/v1/items/batch', { items });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        success: true,
        accepted: 2,
        rejected: [
          { index: 1, code: 'invalid_item', message: 'price: at least 0' },
          { index: 2, code: 'invalid_item', message: 'id: is missing' },
          { index: 3, code: 'invalid_item', message: 'expected an object, got text' },
        ],
      },
    });
    expect((await call('GET', '/v1/items/b1')).body).toEqual({ id: 'b1', price: 10, currency: 'KRW' });
    expect((await call('GET', '/v1/items/b3')).body).toEqual({ id: 'b3', price: 30, currency: 'USD' });
    expect((await call('GET', '/v1/items/b2')).status).toBe(404);
  });

  it('writes one id in the order given', async () => {
    const items = Array.from({ length: 30 }, (_, index) => ({ id: 'same', stock: index }));
    await call('POST', '/v1/items/batch', { items });
    expect(await call('GET', '/v1/items/same')).toMatchObject({ etag: '"30"', body: { stock: 29 } });
  });

  it('holds 1 to 1,000 items, and is applied as a whole or not at all where its shape is wrong', async () => {
    const many = (count: number) => ({
      items: Array.from({ length: count }, (_, index) => ({ id: `m${index % 50}` })),
    });
    expect((await call('POST', '/v1/items/batch', many(1000))).body).toMatchObject({
      accepted: 1000,
      rejected: [],
    });
    for (const body of [
      many(1001),
      { items: [] },
      { items: 'text' },
      [{ id: 'a' }],
      { items: [{ id: 'z9' }], more: 1 },
    ]) {
      expect(await call('POST', '/v1/items/batch', body)).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_request' } },
      });
    }
    expect((await call('GET', '/v1/items/z9')).status).toBe(404);
  });
});
