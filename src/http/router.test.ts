import { describe, expect, test } from 'vitest';
import { ingestHarness, KEYS } from '../../tests/support/ingest-harness.ts';
import { Admission } from './admission.ts';
import { ApiError } from './api-error.ts';
import type { Fault } from './error-response.ts';
import { jsonResponse } from './json-response.ts';
import type { Route } from './route.ts';
import { createRouter } from './router.ts';

const { env } = ingestHarness();

function route(path: string, handle: Route['handle'], more: Partial<Route> = {}): Route {
  return { method: 'GET', path, auth: 'none', handle, ...more };
}

/** Resolves when it is told to. */
function gate(): { opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

function routerOf(...routes: Route[]) {
  return routerWith({}, ...routes);
}

function routerWith(more: { admission?: Admission }, ...routes: Route[]) {
  const faults: Fault[] = [];
  const router = createRouter(routes, {
    findKey: async (_env, raw) => KEYS[raw] ?? null,
    reportFault: (fault) => faults.push(fault),
    ...more,
  });
  const fetch = (path: string, init: RequestInit = {}, bindings = env) =>
    router(new Request(`https://edge.test${path}`, init), bindings, { waitUntil() {} });
  return { fetch, faults };
}

const echo = route('/v1/echo/:id', async (_request, { params, key }) => jsonResponse({ params, key }));

describe('the router', () => {
  test('decodes path parameters', async () => {
    const response = await routerOf(echo).fetch('/v1/echo/anon%3A%EA%B0%80');
    expect(await response.json()).toEqual({ params: { id: 'anon:가' }, key: null });
  });

  test('answers 400 to a path that is not percent-encoded UTF-8', async () => {
    const response = await routerOf(echo).fetch('/v1/echo/%ff');
    expect(response.status).toBe(400);
  });

  test('answers 404 to an unknown path', async () => {
    const response = await routerOf(echo).fetch('/v1/nothing');
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      error: { code: 'not_found', message: 'There is nothing at this path.' },
    });
  });

  test('answers 405 to a wrong method and names the right ones', async () => {
    const put = route('/v1/echo/:id', async () => jsonResponse({}), { method: 'PUT' });
    const response = await routerOf(echo, put).fetch('/v1/echo/1', { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, PUT');
  });

  test('turns an ApiError into the error shape, with Retry-After in whole seconds', async () => {
    const issues = [{ path: 'batch.3.messageId', message: 'must be shorter' }];
    const failing = route('/v1/x', async () => {
      throw new ApiError(503, 'unavailable', 'Later.', { issues, retryAfterSeconds: 1.2 });
    });
    const response = await routerOf(failing).fetch('/v1/x');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await response.json()).toEqual({ error: { code: 'unavailable', message: 'Later.', issues } });
  });

  test('answers an unexpected fault with a request id and no word of what it was', async () => {
    const failing = route('/v1/x/:id', async () => {
      throw new TypeError('user kim@example.com is undefined');
    });
    const { fetch, faults } = routerOf(failing);
    const response = await fetch('/v1/x/kim');
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toMatch(/kim|TypeError|at /);
    const { requestId } = JSON.parse(text).error;
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(faults).toMatchObject([{ requestId, method: 'GET', route: '/v1/x/:id' }]);
  });

  test('reports the cause of a refusal without answering it', async () => {
    const failing = route('/v1/x', async () => {
      throw new ApiError(503, 'unavailable', 'Later.', { cause: new Error('inside') });
    });
    const { fetch, faults } = routerOf(failing);
    expect(await (await fetch('/v1/x')).text()).not.toContain('inside');
    expect(faults).toMatchObject([{ error: { message: 'inside' } }]);
  });

  test('names missing bindings, and only them', async () => {
    const { DB: _db, ...rest } = env;
    const response = await routerOf(echo).fetch('/v1/echo/1', {}, { ...rest, ID_SECRET: '' } as never);
    expect(response.status).toBe(500);
    expect((await response.json()) as unknown).toMatchObject({
      error: { message: 'The deployment lacks ID_SECRET, DB.' },
    });
  });

  test('reads a body that no handler wanted', async () => {
    const request = new Request('https://edge.test/v1/nothing', { method: 'POST', body: 'x' });
    const router = createRouter([], { findKey: async () => null, reportFault() {} });
    await router(request, env, { waitUntil() {} });
    expect(request.bodyUsed).toBe(true);
  });
});

describe('more requests than an isolate takes on', () => {
  const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
  /** One place, held by a request until `open`. */
  async function full(auth: Route['auth'], work: Route['handle'] = async () => jsonResponse({})) {
    const { opened, open } = gate();
    const inside = gate();
    const slow = route('/v1/slow', async () => {
      inside.open();
      await opened;
      return jsonResponse({});
    });
    const admission = new Admission({ requests: 1, bytes: 1_000 });
    const { fetch, faults } = routerWith(
      { admission },
      { ...slow, auth: 'any' },
      route('/v1/x', work, { auth, method: 'POST' }),
      route('/v1/x', work, { auth }),
    );
    const holding = fetch('/v1/slow', bearer('sk_test'));
    await inside.opened;
    return { fetch, faults, open, holding };
  }

  test.each(['any', 'write', 'server', 'body'] as const)(
    'are refused with 503 and the time to wait, on a route for %j keys, and served when there is room',
    async (auth) => {
      const { fetch, faults, open, holding } = await full(auth);
      const refused = await fetch('/v1/x', bearer('sk_test'));
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await refused.json()).toMatchObject({ error: { code: 'overloaded' } });
      expect(faults).toEqual([]);
      open();
      expect((await holding).status).toBe(200);
      expect((await fetch('/v1/x', bearer('sk_test'))).status).toBe(200);
    },
  );

  test('keep nobody from the admin API and from the health check', async () => {
    const { fetch } = await full('admin');
    expect((await fetch('/v1/x', bearer('at_test'))).status).toBe(200);
    expect((await fetch('/health')).status).toBe(200);
  });

  test('give their place back when they fail', async () => {
    const failing = async () => {
      throw new ApiError(400, 'invalid_request', 'No.');
    };
    const admission = new Admission({ requests: 1, bytes: 1_000 });
    const { fetch } = routerWith({ admission }, route('/v1/x', failing, { auth: 'any' }));
    for (let times = 0; times < 3; times++) {
      expect((await fetch('/v1/x', bearer('sk_test'))).status).toBe(400);
    }
  });

  test('a body on its way holds no place', async () => {
    const { opened, open } = gate();
    const body = new ReadableStream({
      async start(controller) {
        await opened;
        controller.close();
      },
    });
    const admission = new Admission({ requests: 1, bytes: 1_000 });
    const reading = route(
      '/v1/x',
      async (request, context) => {
        const bytes = (await request.arrayBuffer()).byteLength;
        context.admit(bytes);
        return jsonResponse({});
      },
      { auth: 'body', method: 'POST' },
    );
    const { fetch } = routerWith({ admission }, reading);
    const slow = fetch('/v1/x', { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect((await fetch('/v1/x', { method: 'POST', body: '{}' })).status).toBe(200);
    open();
    expect((await slow).status).toBe(200);
  });

  test('an object or a database that has too much to do is 503 with the time to wait, too, and is reported', async () => {
    const errors = [
      Object.assign(new Error('Durable Object is overloaded.'), { overloaded: true }),
      new Error('D1_ERROR: D1 DB is overloaded. Requests queued for too long.'),
    ];
    for (const error of errors) {
      const { fetch, faults } = routerOf(
        route('/v1/x', async () => {
          throw error;
        }),
      );
      const response = await fetch('/v1/x');
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
      expect(faults).toMatchObject([{ error }]);
    }
  });
});

describe('/health', () => {
  test('answers 200 when the database does', async () => {
    expect((await routerOf().fetch('/health')).status).toBe(200);
  });

  test('answers 503 when it does not', async () => {
    const DB = { prepare: () => ({ first: () => Promise.reject(new Error('down')) }) };
    const response = await routerOf().fetch('/health', {}, { ...env, DB: DB as never });
    expect(response.status).toBe(503);
  });
});

describe('CORS', () => {
  const headers = {
    origin: 'https://shop.test',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,anonymousid,rsa-retry-attempt',
  };

  test.each(['/v1/track', '/beacon/v1/batch', '/sourceConfig', '/sourceConfig/'])(
    'answers the preflight of %s, reflecting origin and headers',
    async (path) => {
      const response = await routerOf(echo).fetch(path, { method: 'OPTIONS', headers });
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.test');
      expect(response.headers.get('access-control-allow-headers')).toBe(
        'authorization,anonymousid,rsa-retry-attempt',
      );
      expect(response.headers.get('access-control-allow-methods')).toContain('POST');
      expect(response.headers.get('access-control-max-age')).toBe('86400');
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    },
  );

  test('lets the page read errors and Retry-After', async () => {
    const failing = route('/v1/x', async () => {
      throw new ApiError(503, 'unavailable', 'Later.', { retryAfterSeconds: 1 });
    });
    const response = await routerOf(failing).fetch('/v1/x', { headers: { origin: 'https://shop.test' } });
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.test');
    expect(response.headers.get('access-control-expose-headers')).toContain('Retry-After');
    expect(response.headers.get('vary')).toContain('Origin');
  });

  test('allows any origin where none is named', async () => {
    const response = await routerOf(echo).fetch('/v1/echo/1');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });

  test.each(['/admin/api/triggers', '/u/token', '/health'])(
    'says nothing of other origins at %s',
    async (path) => {
      const response = await routerOf(echo).fetch(path, { headers: { origin: 'https://evil.test' } });
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      const asked = await routerOf(echo).fetch(path, { method: 'OPTIONS', headers });
      expect(asked.headers.get('access-control-allow-origin')).toBeNull();
    },
  );
});

describe('keys of routes', () => {
  const basic = (key: string) => ({ headers: { authorization: `Basic ${btoa(`${key}:`)}` } });
  const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
  const at = (auth: Route['auth']) => routerOf({ ...echo, auth });

  test.each([
    ['any', basic('wk_test'), 200],
    ['any', bearer('sk_test'), 200],
    ['any', bearer('at_test'), 403],
    ['any', bearer('unknown'), 401],
    ['any', {}, 401],
    ['write', bearer('sk_test'), 200],
    ['server', bearer('sk_test'), 200],
    ['server', basic('sk_test'), 200],
    ['server', bearer('wk_test'), 403],
    ['server', bearer('at_test'), 403],
    ['admin', bearer('at_test'), 200],
    ['admin', bearer('sk_test'), 403],
    ['admin', bearer('wk_test'), 403],
    ['admin', {}, 401],
  ] as const)('a route for %j keys answers %j with %i', async (auth, init, status) => {
    expect((await at(auth).fetch('/v1/echo/1', init)).status).toBe(status);
  });

  test('a write key may stand in the query, a server key or admin token for their own routes may not', async () => {
    expect((await at('any').fetch('/v1/echo/1?writeKey=wk_test')).status).toBe(200);
    expect((await at('server').fetch('/v1/echo/1?writeKey=sk_test')).status).toBe(401);
    expect((await at('admin').fetch('/v1/echo/1?writeKey=at_test')).status).toBe(401);
  });

  test('every cause within a status has the same body, and none holds the key', async () => {
    const answers = await Promise.all(
      [
        {},
        basic('unknown'),
        bearer('unknown'),
        bearer('x'.repeat(10_000)),
        { headers: { authorization: 'Basic %' } },
      ].map(async (init) => (await at('server').fetch('/v1/echo/1', init)).text()),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).not.toContain('unknown"');
  });
});
