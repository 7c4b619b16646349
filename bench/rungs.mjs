/**
 * The ladders, from nothing to the real thing. All rungs are driven with the same bodies, by the same number of users,
 * in the same process of workerd, so that only the difference between them counts.
 */

/** In bytes. */
export const BODY_SIZE = 304;

const nulls = (path) => ({ worker: 'nulls', path: (user) => `${path}?user=${user}` });
const reflex = { worker: 'reflex', path: () => '/v1/track' };

export const RUNGS = [
  { id: 'worker', title: 'Worker alone', ...nulls('/worker'), body: viewed },
  { id: 'object', title: '+ a call to an object', ...nulls('/object'), body: viewed },
  { id: 'row', title: '+ one row written', ...nulls('/row'), body: viewed },
  { id: 'ordinary', title: 'Reflex: an ordinary event', ...reflex, body: viewed },
  {
    id: 'batch',
    title: 'Reflex: a batch of ordinary events',
    ...reflex,
    path: () => '/v1/batch',
    body: viewedMany,
  },
  { id: 'queue', title: 'The null queue path', ...nulls('/fire'), body: dropped, delivers: true },
  {
    id: 'restate',
    title: 'Restate: event → webhook',
    worker: 'restate',
    path: (user) => `/user/${user}/event`,
    body: dropped,
    delivers: true,
  },
  { id: 'firing', title: 'Reflex: event → webhook', ...reflex, body: dropped, delivers: true },
];

/**
 * Each ladder's rungs, the one that the others are measured against, and how many times its cost the last one may have.
 */
export const LADDERS = [
  {
    id: 'ordinary',
    title: 'An ordinary event',
    rungs: rungsOf('worker', 'object', 'row', 'ordinary'),
    reference: 'row',
    referenceTitle: 'one row written',
    target: 1.35,
  },
  {
    id: 'firing',
    title: 'An event that fires a webhook',
    rungs: rungsOf('queue', 'firing'),
    reference: 'queue',
    referenceTitle: 'the null queue path',
    target: 1.35,
  },
];

export function rungOf(id) {
  const rung = RUNGS.find((one) => one.id === id);
  if (!rung) throw new Error(`There is no rung ${id}; there are ${RUNGS.map((one) => one.id).join(', ')}.`);
  return rung;
}

function rungsOf(...ids) {
  return ids.map(rungOf);
}

/** A Segment client's track call that fires nothing, made `BODY_SIZE` long by its title. */
function viewed(user, serial, now) {
  const properties = { product_id: 'RG-101', name: '', price: 68_000, currency: 'KRW' };
  return padded(trackCall('Product Viewed', user, serial, now, properties), BODY_SIZE);
}

/** How many events a batch has, and of how many users. */
export const BATCH = { events: 100, users: 10 };

function viewedMany(_user, serial, now, { users, group = 'user' }) {
  const batch = Array.from({ length: BATCH.events }, (_, i) => {
    const user = `bench-${group}-${(serial * BATCH.users + (i % BATCH.users)) % users}`;
    return JSON.parse(viewed(user, `${serial}-${i}`, now));
  });
  return JSON.stringify({ batch });
}

/** One that the trigger `drop-hook` listens to. The sink knows it again by its serial number. */
function dropped(user, serial, now) {
  const properties = { item: 'RG-101', category: 'shoes', price: 19, serial, name: '' };
  return padded(trackCall('price_drop', user, serial, now, properties), BODY_SIZE);
}

function trackCall(event, userId, serial, now, properties) {
  const timestamp = new Date(now).toISOString();
  const messageId = `bench-${now}-${serial}`;
  return {
    type: 'track',
    userId,
    event,
    messageId,
    timestamp,
    properties,
    context: { page: { path: '/p/RG-101' } },
  };
}

function padded(call, size) {
  call.properties.name = 'x'.repeat(Math.max(0, size - JSON.stringify(call).length));
  return JSON.stringify(call);
}
