/**
 * The clients that pages use, as npm has them, in a real browser and across origins: nothing of them is changed or
 * replaced, and only their host is set.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { launchBrowser } from '../support/browser.ts';
import { clientStories, type OpenClient } from '../support/client-stories.ts';
import { type ShopPages, serveShopPages } from '../support/shop-pages.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

let server: RunningServer;
let api: Api;
let shop: ShopPages;
let browser: Browser;
beforeAll(async () => {
  [server, shop, browser] = await Promise.all([
    startServer({ demo: true }),
    serveShopPages(['segment', 'rudder']),
    launchBrowser(),
  ]);
  api = apiOf(server);
});
afterAll(async () => {
  await browser?.close();
  await shop?.close();
  await server?.[Symbol.asyncDispose]();
});

const ARRIVES = { timeout: 10_000, interval: 30 };

interface OpenPage extends OpenClient {
  leave(): Promise<unknown>;
  /** What the page has sent to Reflex: `POST /v1/t`. */
  sent: string[];
}

/** A new visitor's browser, with the page of that client. */
async function openPage(name: string, query: Record<string, string> = {}): Promise<OpenPage> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const { sent, faults } = watch(page);
  await page.goto(shop.urlOf(name, { host: server.url, ...query }));
  return {
    sent,
    leave: () => page.goto('about:blank'),
    anonymousId: await page.evaluate(() => window.shop.anonymousId()),
    page: (title) => page.evaluate((given) => window.shop.page(given), title),
    track: (event, properties) =>
      page.evaluate(([given, also]) => window.shop.track(given, also), [event, properties] as const),
    identify: (userId, traits) =>
      page.evaluate(([given, also]) => window.shop.identify(given, also), [userId, traits] as const),
    async close() {
      await context.close();
      expect(faults).toEqual([]);
    },
  };
}

/** What a developer would see in red: refused preflights, answers that aren't 2xx, errors of the client itself. */
function watch(page: Page) {
  const sent: string[] = [];
  const faults: string[] = [];
  const isOurs = (url: string) => url.startsWith(server.url);
  page.on('request', (request) => {
    if (isOurs(request.url())) sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  page.on('response', (response) => {
    if (isOurs(response.url()) && !response.ok()) faults.push(`${response.status()} ${response.url()}`);
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  return { sent, faults };
}

it('the browser holds its pages to the same-origin policy, without which these tests would show nothing', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(shop.urlOf('segment', { host: server.url }));
  const read = (path: string) =>
    page.evaluate(
      (url) =>
        fetch(url).then(
          ({ status }) => status,
          () => 'refused',
        ),
      server.url + path,
    );
  expect(await read('/health')).toBe('refused');
  expect(await read('/v1/projects/wk_dev/settings')).toBe(200);
  await context.close();
});

describe('@segment/analytics-next', () =>
  clientStories(
    () => api,
    () => openPage('segment'),
  ));
describe('@rudderstack/analytics-js', () =>
  clientStories(
    () => api,
    () => openPage('rudder'),
  ));

const together = [
  { client: 'segment', mode: 'batches', path: '/v1/b' },
  { client: 'rudder', mode: 'batches', path: '/v1/batch' },
  { client: 'rudder', mode: 'beacons', path: '/beacon/v1/batch' },
];

async function songsOf({ anonymousId }: OpenPage): Promise<object[]> {
  const { body } = await api.admin('GET', `profiles/anon:${anonymousId}`);
  return (body.timeline ?? []).map(({ properties }: { properties: object }) => properties);
}

it.each(together)(
  '$client sends three events together in $mode, and all arrive',
  async ({ client, mode, path }) => {
    const page = await openPage(client, { mode });
    for (const number of [1, 2, 3]) await page.track('Song Played', { number });
    await vi.waitFor(async () => {
      expect(await songsOf(page)).toHaveLength(3);
    }, ARRIVES);
    expect(page.sent.filter((request) => request.startsWith('POST'))).toEqual([`POST ${path}`]);
    await page.close();
  },
);

// RudderStack's client keeps a batch that is not full in the browser, until the next visit.
it.each(together.filter(({ path }) => path !== '/v1/batch'))(
  '$client sends what it still holds in $mode when the visitor leaves',
  async ({ client, mode }) => {
    const page = await openPage(client, { mode });
    await page.track('Song Played', { number: 1 });
    expect(await songsOf(page)).toEqual([]);
    await page.leave();
    await vi.waitFor(async () => {
      expect(await songsOf(page)).toMatchObject([{ number: 1 }]);
    }, ARRIVES);
    await page.close();
  },
);
