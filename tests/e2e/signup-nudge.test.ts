import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { linkOf, stranger, user, visitorOf } from '../support/visitor.ts';

const RING = { product_id: 'RG-101', name: '별빛 실반지', price: 68000, currency: 'KRW' };

let server: RunningServer;
let api: Api;
beforeAll(async () => {
  server = await startServer({ demo: true });
  api = apiOf(server);
});
afterAll(() => server?.[Symbol.asyncDispose]());

describe('the first invitation to join', () => {
  it('is in the answer to an anonymous visitor’s first page', async () => {
    const visitor = stranger(api);
    const messages = await visitor.page('Home');
    expect(messages).toMatchObject([{ trigger: 'signup-nudge', channel: 'in_app', surface: 'default' }]);
    expect(linkOf(messages[0])).toBe('/benefits');
  });

  it('comes with the first page alone', async () => {
    const visitor = stranger(api);
    await visitor.sees((await visitor.page('Home'))[0]);
    expect(await visitor.page('Rings')).toEqual([]);
    expect(await visitor.reason('signup-nudge', '$page')).toMatchObject({ reason: 'not_matched' });
  });

  it('leads whoever has read the benefits straight to the signup', async () => {
    const messages = await stranger(api).page('Benefit Guide');
    expect(messages).toMatchObject([{ trigger: 'signup-nudge' }]);
    expect(linkOf(messages[0])).toBe('/signup');
  });

  it('never comes after the signup', async () => {
    const visitor = stranger(api);
    await visitor.track('Signed Up');
    expect(await visitor.page('Home')).toEqual([]);
    expect(await visitor.reason('signup-nudge', '$page')).toMatchObject({ reason: 'not_matched' });
  });

  it('never comes to a known user', async () => {
    expect(await user(api).page('Home')).toEqual([]);
  });

  it('is taken back by a signup that comes before it was seen', async () => {
    const visitor = stranger(api);
    expect(await visitor.page('Home')).toHaveLength(1);
    expect(await visitor.track('Signed Up')).toEqual([]);
    expect(await visitor.next()).toEqual([]);
  });

  it.each([
    ['has joined before', ['Signed Up']],
    ['is new to the shop', []],
  ])('is taken back by the login of a user who %s', async (_who, history) => {
    const known = user(api);
    for (const event of history) await known.track(event);
    const visitor = stranger(api);
    expect(await visitor.page('Home')).toHaveLength(1);
    const answer = await api.client('POST', '/v1/identify?sync=1', { ...visitor.ids, ...known.ids });
    expect(answer.body).toMatchObject({ success: true, messages: [] });
    expect(await known.next()).toEqual([]);
  });
});

describe('the second invitation', () => {
  it('doesn’t come within 30 seconds of the first', async () => {
    const visitor = stranger(api);
    await visitor.sees((await visitor.page('Home'))[0]);
    expect(await visitor.track('Product Viewed', RING)).toEqual([]);
    expect(await visitor.reason('signup-nudge-again', 'Product Viewed')).toMatchObject({
      reason: 'not_matched',
    });
  });

  it('doesn’t come to whoever has not seen the first', async () => {
    const visitor = stranger(api);
    await visitor.page('Home');
    const messages = await visitor.track('Product Viewed', RING);
    expect(messages.map(({ trigger }) => trigger)).not.toContain('signup-nudge-again');
  });

  describe('once the time between them is over', () => {
    /** The shop's own trigger, with a second in place of its thirty. */
    beforeAll(async () => {
      const { body } = await api.admin('GET', 'triggers/signup-nudge-again');
      const hasty = JSON.parse(JSON.stringify(body).replace('"last":"30s"', '"last":"1s"'));
      expect(hasty).not.toEqual(body);
      expect((await api.admin('PUT', 'triggers/signup-nudge-again', hasty)).status).toBe(200);
      expect((await api.admin('POST', 'triggers/signup-nudge-again/activate')).status).toBe(200);
    });

    const ignoresTheFirst = async (firstPage: string) => {
      const visitor = stranger(api);
      await visitor.sees((await visitor.page(firstPage))[0]);
      return visitor;
    };
    const viewsUntilAsked = async (visitor: ReturnType<typeof stranger>) =>
      vi.waitFor(
        async () => {
          const [message] = await visitor.track('Product Viewed', RING);
          expect(message).toMatchObject({ trigger: 'signup-nudge-again', surface: 'product_detail' });
          return message;
        },
        { timeout: 10_000, interval: 250 },
      );

    it('comes on the product page, one time, and never a third', async () => {
      const visitor = await ignoresTheFirst('Home');
      const second = await viewsUntilAsked(visitor);
      expect(linkOf(second)).toBe('/benefits');
      await visitor.sees(second);
      for (const event of ['Product Viewed', 'Product Added', 'Product Added to Wishlist']) {
        expect(await visitor.track(event, RING)).toEqual([]);
        expect(await visitor.reason('signup-nudge-again', event)).toMatchObject({ reason: 'not_eligible' });
      }
      expect(await visitor.page('Home')).toEqual([]);
    });

    it('leads whoever has read the benefits straight to the signup', async () => {
      const visitor = await ignoresTheFirst('Home');
      await visitor.page('Benefit Guide');
      expect(linkOf(await viewsUntilAsked(visitor))).toBe('/signup');
    });

    it('never comes after the signup, nor to a user who has become known', async () => {
      const [joined, returned, ignoring] = await Promise.all([
        ignoresTheFirst('Home'),
        ignoresTheFirst('Home'),
        ignoresTheFirst('Home'),
      ]);
      await joined.track('Signed Up');
      const { ids } = user(api);
      await api.client('POST', '/v1/identify', { ...returned.ids, ...ids });
      await viewsUntilAsked(ignoring);
      expect(await joined.track('Product Viewed', RING)).toEqual([]);
      expect(await visitorOf(api, ids).track('Product Viewed', RING)).toEqual([]);
    });
  });
});
