/**
 * The ladder, from nothing to the real thing. All rungs are driven with the same bodies, by the same number of users,
 * in the same process of workerd, so that only the difference between them counts.
 */

/** The rung that the others are measured against: the least that a design which remembers anything can cost. */
export const REFERENCE = 'row';

export const RUNGS = [
  { id: 'worker', worker: 'nulls', title: 'Worker alone', path: () => '/worker' },
  { id: 'object', worker: 'nulls', title: '+ a call to an object', path: (user) => `/object?user=${user}` },
  { id: 'row', worker: 'nulls', title: '+ one row written', path: (user) => `/row?user=${user}` },
  { id: 'ingest', worker: 'reflex', title: 'Reflex: an ordinary event', path: () => '/v1/track' },
];

/** In bytes. */
export const BODY_SIZE = 304;

/** A Segment client's track call, made `BODY_SIZE` long by its title. */
export function bodyOf(user, serial, now) {
  const call = {
    type: 'track',
    userId: user,
    event: 'Product Viewed',
    messageId: `bench-${now}-${serial}`,
    timestamp: new Date(now).toISOString(),
    properties: { product_id: 'RG-101', name: '', price: 68_000, currency: 'KRW' },
    context: { page: { path: '/p/RG-101' } },
  };
  call.properties.name = 'x'.repeat(BODY_SIZE - JSON.stringify(call).length);
  return JSON.stringify(call);
}
