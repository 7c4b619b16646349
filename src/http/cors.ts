/**
 * Pages of any origin send events here: the write key, not the origin, says who may. The clients' own headers
 * (RudderStack: `AnonymousId`, `SentAt`, `Rsa-*`) change with their versions, so whatever is asked for is allowed.
 * Cookies are never allowed, so a page can do nothing that a key does not.
 */
const METHODS = 'GET, POST, PUT, DELETE, OPTIONS';

/** `/admin` and `/u` are left out: they are pages of their own, called by nobody else's. */
export function isCrossOrigin(pathname: string): boolean {
  return (
    pathname.startsWith('/v1/') ||
    pathname.startsWith('/beacon/') ||
    pathname === '/sourceConfig' ||
    pathname === '/sourceConfig/'
  );
}

/** The answer to a preflight. */
export function preflight(request: Request): Response {
  const headers = new Headers({
    'access-control-allow-methods': METHODS,
    'access-control-max-age': '86400',
    vary: 'Origin, Access-Control-Request-Headers',
  });
  const asked = request.headers.get('access-control-request-headers');
  if (asked) headers.set('access-control-allow-headers', asked);
  return new Response(null, { status: 204, headers });
}

/** Lets the calling page read the answer, errors included: a client that can't see `Retry-After` can't honour it. */
export function allowOrigin(request: Request, response: Response): void {
  const origin = request.headers.get('origin');
  const { headers } = response;
  headers.set('access-control-allow-origin', origin ?? '*');
  if (origin === null) return;
  headers.set('access-control-expose-headers', 'Retry-After, ETag');
  headers.append('vary', 'Origin');
}
