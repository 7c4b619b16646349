import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { stranger, user, type Visitor } from '../support/visitor.ts';

const WISHLIST = 'Product Added to Wishlist';

let server: RunningServer;
let api: Api;
beforeAll(async () => {
  server = await startServer({ demo: true });
  api = apiOf(server);
});
afterAll(() => server?.[Symbol.asyncDispose]());

let items = 0;

/** An item of the shop that nobody has seen before. */
async function newItem(price: number | null): Promise<{ id: string; costs(price: number): Promise<void> }> {
  const id = `ITEM-${++items}`;
  const put = async (patch: object) => {
    const answer = await api.server('PUT', `/v1/items/${id}`, patch);
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'changed' } });
  };
  await put({ title: `반지 ${id}`, url: `/p/${id}`, stock: 5, ...(price === null ? {} : { price }) });
  return { id, costs: (now) => put({ price: now }) };
}

async function shopper(): Promise<Visitor> {
  const visitor = user(api);
  await visitor.agreesToPush();
  return visitor;
}

async function likes(visitor: Visitor, { id }: { id: string }): Promise<void> {
  await visitor.track(WISHLIST, { product_id: id });
}

/** The new prices of which a user has been told, oldest first, once there are as many as expected. */
async function expectTold(visitor: Visitor, prices: string[]): Promise<void> {
  await vi.waitFor(
    async () => {
      const pushes = (await visitor.deliveries()).filter(({ status }) => status === 'sent').reverse();
      const told = pushes.map(({ content }) => /→ ([\d,]+원)/.exec(content?.body ?? '')?.[1]);
      expect(told).toEqual(prices);
    },
    { timeout: 8_000, interval: 30 },
  );
}

/**
 * Silence can't be waited for. So a later drop that is sure to be told follows, on the same item where that is possible:
 * when it has come, whatever the earlier change was to bring would have come before it.
 */
async function expectNothingBut(visitor: Visitor, prices: string[]): Promise<void> {
  const other = await newItem(1_000);
  await likes(visitor, other);
  await other.costs(500);
  await expectTold(visitor, [...prices, '500원']);
}

it('a drop of what a user likes is told in one push, with the item, the old and the new price', async () => {
  const visitor = await shopper();
  const ring = await newItem(68_000);
  await likes(visitor, ring);
  await ring.costs(61_200);
  await expectTold(visitor, ['61,200원']);
  const [push] = await visitor.deliveries();
  expect(push).toMatchObject({ trigger: 'price-drop', channel: 'push', attempts: 1 });
  expect(push?.content?.title).toContain(`반지 ${ring.id}`);
  expect(push?.content?.body).toContain('68,000원 → 61,200원');
  expect(push?.content?.link).toBe(`/p/${ring.id}`);
});

it('a drop of what lies in the cart is told', async () => {
  const visitor = await shopper();
  const ring = await newItem(10_000);
  await visitor.track('Product Added', { product_id: ring.id, price: 10_000, currency: 'KRW', quantity: 1 });
  await ring.costs(9_000);
  await expectTold(visitor, ['9,000원']);
});

it('what counts is the price at which this user liked it', async () => {
  const [early, late] = [await shopper(), await shopper()];
  const ring = await newItem(10_000);
  await likes(early, ring);
  await ring.costs(9_600);
  await likes(late, ring);
  await ring.costs(9_500);
  await expectTold(early, ['9,500원']);
  await expectNothingBut(late, []);
});

it('five percent are enough, less is not', async () => {
  const visitor = await shopper();
  const ring = await newItem(10_000);
  await likes(visitor, ring);
  await ring.costs(9_501);
  await ring.costs(9_500);
  await expectTold(visitor, ['9,500원']);
});

it('a rise is not told, and doesn’t raise the price that a drop is measured against', async () => {
  const visitor = await shopper();
  const ring = await newItem(10_000);
  await likes(visitor, ring);
  await ring.costs(12_000);
  await ring.costs(9_900);
  await ring.costs(9_000);
  await expectTold(visitor, ['9,000원']);
});

it('an item’s first price is no drop', async () => {
  const visitor = await shopper();
  const ring = await newItem(null);
  await likes(visitor, ring);
  await ring.costs(10_000);
  await expectNothingBut(visitor, []);
});

it('the same price is told once, and only a lower one again', async () => {
  const visitor = await shopper();
  const ring = await newItem(10_000);
  await likes(visitor, ring);
  await ring.costs(9_000);
  await expectTold(visitor, ['9,000원']);
  for (const price of [10_000, 9_000, 10_000, 9_200]) await ring.costs(price);
  await ring.costs(8_000);
  await expectTold(visitor, ['9,000원', '8,000원']);
});

it('whoever has bought it is not told', async () => {
  const visitor = await shopper();
  const ring = await newItem(10_000);
  await likes(visitor, ring);
  await visitor.track('Order Completed', {
    order_id: 'o-1',
    products: [{ product_id: ring.id, price: 10_000, quantity: 1 }],
  });
  await ring.costs(5_000);
  await expectNothingBut(visitor, []);
});

it('whoever no longer likes it is not told', async () => {
  const visitor = await shopper();
  const ring = await newItem(10_000);
  await likes(visitor, ring);
  await visitor.track('Product Removed from Wishlist', { product_id: ring.id });
  await ring.costs(5_000);
  await expectNothingBut(visitor, []);
});

it('whoever likes it anew is told of the next drop from then on', async () => {
  const visitor = await shopper();
  const ring = await newItem(10_000);
  await likes(visitor, ring);
  await ring.costs(9_000);
  await expectTold(visitor, ['9,000원']);
  await visitor.track('Product Removed from Wishlist', { product_id: ring.id });
  await ring.costs(10_000);
  await likes(visitor, ring);
  await ring.costs(9_000);
  await expectTold(visitor, ['9,000원', '9,000원']);
});

it('a price in another currency is no drop', async () => {
  const visitor = await shopper();
  const ring = await newItem(10_000);
  await likes(visitor, ring);
  await api.server('PUT', `/v1/items/${ring.id}`, { price: 9, currency: 'USD' });
  await expectNothingBut(visitor, []);
});

it('without consent to push nothing is sent, and the decision says why', async () => {
  const visitor = user(api);
  const ring = await newItem(10_000);
  await likes(visitor, ring);
  await ring.costs(5_000);
  await vi.waitFor(async () => {
    expect(await visitor.reason('price-drop', '$item')).toMatchObject({ reason: 'no_consent' });
  });
  expect(await visitor.deliveries()).toEqual([]);
});

it('what an anonymous visitor liked is told to the user that they turn out to be, once', async () => {
  const visitor = await shopper();
  const before = stranger(api);
  const [theirs, shared] = [await newItem(10_000), await newItem(10_000)];
  await likes(before, theirs);
  await likes(before, shared);
  await likes(visitor, shared);
  await api.client('POST', '/v1/identify', { ...before.ids, ...visitor.ids });
  await theirs.costs(8_000);
  await expectTold(visitor, ['8,000원']);
  await shared.costs(7_000);
  await expectNothingBut(visitor, ['8,000원', '7,000원']);
});

it('the same drop, and the same like, told a hundred times at once, is one push', async () => {
  const visitor = await shopper();
  const ring = await newItem(10_000);
  const like = { ...visitor.ids, event: WISHLIST, properties: { product_id: ring.id }, messageId: 'like-1' };
  await Promise.all(Array.from({ length: 100 }, () => api.client('POST', '/v1/track', like)));
  await Promise.all(
    Array.from({ length: 100 }, () => api.server('PUT', `/v1/items/${ring.id}`, { price: 9_000 })),
  );
  await expectNothingBut(visitor, ['9,000원']);
});

it('everyone who likes it is told, each once', async () => {
  const ring = await newItem(10_000);
  const visitors = await Promise.all(Array.from({ length: 20 }, shopper));
  await Promise.all(visitors.map((visitor) => likes(visitor, ring)));
  await ring.costs(7_000);
  await Promise.all(visitors.map((visitor) => expectTold(visitor, ['7,000원'])));
});
