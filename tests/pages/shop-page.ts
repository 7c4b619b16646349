/** What each client's page offers to the test that drives it: the client's own calls, and nothing between. */
export interface ShopPage {
  anonymousId(): Promise<string>;
  page(name: string): void;
  track(event: string, properties: Record<string, unknown>): void;
  identify(userId: string, traits: Record<string, unknown>): void;
}

declare global {
  interface Window {
    shop: ShopPage;
  }
}

const query = new URLSearchParams(location.search);

/** The address of Reflex, which is all that a page has to configure. */
export const host = query.get('host') ?? '';
/** How events leave, where it is not one by one: `batches` of three, or `beacons`. */
export const mode = query.get('mode');
