/** What every client must bring about, whichever it is: its calls arrive, and fire what they should. */
import { expect, it, vi } from 'vitest';
import type { Api } from './api.ts';
import { linkOf, visitorOf } from './visitor.ts';

/** A client with a user that nobody has seen before. Its calls may return before anything is sent. */
export interface OpenClient {
  anonymousId: string;
  page(name: string): void | Promise<void>;
  track(event: string, properties: Record<string, unknown>): void | Promise<void>;
  identify(userId: string, traits: Record<string, unknown>): void | Promise<void>;
  /** Ends it, and sees that everything it has asked for was answered well. */
  close(): Promise<void>;
}

const ARRIVES = { timeout: 10_000, interval: 30 };
let users = 0;

export function clientStories(apiOfFile: () => Api, open: () => Promise<OpenClient>): void {
  const use = async (work: (client: OpenClient, api: Api) => Promise<void>) => {
    const client = await open();
    await work(client, apiOfFile());
    await client.close();
  };

  it('brings pages, events and traits to the profile of the user whom it identifies', () =>
    use(async (client, api) => {
      const userId = `client-user-${process.pid}-${++users}`;
      await client.page('Home');
      await client.track('Song Played', { title: '은하수', seconds: 211.5, tags: ['a', 'b'] });
      await client.identify(userId, { plan: 'gold', name: '민아' });
      await vi.waitFor(async () => {
        const { body } = await api.admin('GET', `profiles/${userId}`);
        expect(body).toMatchObject({
          userId,
          anonymousIds: [client.anonymousId],
          traits: { plan: 'gold', name: '민아' },
        });
        const timeline = body.timeline as { name: string; properties: object }[];
        expect(timeline.map(({ name }) => name).sort()).toEqual(['$identify', '$page', 'Song Played']);
        expect(timeline.find(({ name }) => name === '$page')?.properties).toMatchObject({ name: 'Home' });
        expect(timeline.find(({ name }) => name === 'Song Played')?.properties).toMatchObject({
          title: '은하수',
          seconds: 211.5,
          tags: ['a', 'b'],
        });
      }, ARRIVES);
    }));

  it('fires the invitation to join by a visitor’s first page', () =>
    use(async (client, api) => {
      await client.page('Home');
      const visitor = visitorOf(api, { anonymousId: client.anonymousId });
      await vi.waitFor(async () => {
        expect(await visitor.next()).toMatchObject([{ trigger: 'signup-nudge' }]);
      }, ARRIVES);
    }));

  it('fires the search prompt by a search', () =>
    use(async (client, api) => {
      await client.track('Products Searched', { query: '실 반지' });
      const visitor = visitorOf(api, { anonymousId: client.anonymousId });
      await vi.waitFor(async () => {
        const [message] = await visitor.next('search');
        expect(message).toMatchObject({ trigger: 'search-prompt' });
        expect(linkOf(message)).toBe('/c/thin-rings');
      }, ARRIVES);
    }));

  it('fires the notice of a lower price for what it has put on the wishlist', () =>
    use(async (client, api) => {
      const number = ++users;
      const userId = `client-user-${process.pid}-${number}`;
      const itemId = `CLIENT-ITEM-${number}`;
      const item = { title: '달무늬 반지', url: `/p/${itemId}`, price: 50_000, currency: 'KRW' };
      await api.server('PUT', `/v1/items/${itemId}`, item);
      const visitor = visitorOf(api, { userId });
      await visitor.agreesToPush();
      await client.identify(userId, {});
      await client.track('Product Added to Wishlist', { product_id: itemId, price: 50_000, currency: 'KRW' });
      await vi.waitFor(async () => {
        const { body } = await api.admin('GET', `profiles/${userId}`);
        expect(body.relations).toMatchObject([{ relation: 'liked', itemId }]);
      }, ARRIVES);
      await api.server('PUT', `/v1/items/${itemId}`, { price: 40_000 });
      await vi.waitFor(async () => {
        const [push] = await visitor.deliveries();
        expect(push).toMatchObject({ trigger: 'price-drop', channel: 'push', status: 'sent' });
        expect(push?.content?.body).toContain('50,000원 → 40,000원');
      }, ARRIVES);
    }));
}
