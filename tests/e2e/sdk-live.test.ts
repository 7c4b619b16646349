/** What an open page hears without having asked: over one socket, from the very turn that decided it. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../../src/sdk/types.ts';
import { type Api, apiOf } from '../support/api.ts';
import { launchBrowser } from '../support/browser.ts';
import { type PlainPage, servePlainPage } from '../support/plain-page.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

declare global {
  interface Window {
    reflex?: Client;
  }
}

let server: RunningServer;
let api: Api;
let shop: PlainPage;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  api = apiOf(server);
  shop = await servePlainPage(server.url);
  const workspace = { id: 'workspace', tz: 'Asia/Seoul', locale: 'en', currency: 'KRW', identity: 'off' };
  expect((await api.admin('PUT', 'policies/workspace', workspace)).status).toBeLessThan(300);
  const texts = { title: 'Cheaper', body: '{{#money}}item.price{{/money}}', layout: 'slideup' };
  await api.admin('PUT', 'templates/drop', {
    id: 'drop',
    defaultLocale: 'en',
    locales: { en: { in_app: texts } },
  });
  const made = await api.admin('POST', 'triggers', {
    id: 'drop',
    category: 'marketing',
    entry: { on: [{ item: 'price_drop', relation: ['liked'] }], key: ['item.id'] },
    reeligibility: { mode: 'always', per: 'key' },
    exit: [{ on: { event: 'Order Completed' } }],
    steps: [{ id: 'show', send: { channels: ['in_app'], template: 'drop' } }],
  });
  expect(made.status, made.text).toBeLessThan(300);
  expect((await api.admin('POST', 'triggers/drop/activate')).status).toBe(200);
});
afterAll(async () => {
  await browser?.close();
  await shop?.close();
  await server?.[Symbol.asyncDispose]();
});

let items = 0;

/** A page whose visitor likes an item, and whose socket is open. */
async function openAndLike(): Promise<{ page: Page; drop(): Promise<void>; sockets: () => number }> {
  const item = `ring-${++items}`;
  await api.server('PUT', `/v1/items/${item}`, { title: 'Ring', price: 84_000, currency: 'KRW' });
  const context = await browser.newContext();
  const page = await context.newPage();
  let sockets = 0;
  const isOpen = new Promise<void>((resolve) => {
    page.on('websocket', (socket) => {
      sockets += 1;
      socket.on('framereceived', () => resolve());
    });
  });
  await page.goto(shop.url);
  await page.evaluate(async (id) => {
    window.reflex?.track('Product Added to Wishlist', { product_id: id, price: 84_000, currency: 'KRW' });
    await window.reflex?.flush();
  }, item);
  await isOpen;
  const drop = async () => {
    const put = await api.server('PUT', `/v1/items/${item}`, { price: 70_000 });
    expect(put.status).toBe(200);
  };
  return { page, drop, sockets: () => sockets };
}

it('a price drop is on the screen while the page is open, and nobody has polled', async () => {
  const { page, drop, sockets } = await openAndLike();
  const polls: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/messages/next')) polls.push(request.url());
  });
  await drop();
  const message = page.getByRole('status', { name: 'Cheaper' });
  await message.waitFor();
  expect(await message.innerText()).toContain('₩70,000');
  expect(polls).toEqual([]);
  expect(sockets()).toBe(1);
});

it('a message whose trigger is paused leaves the screen by itself', async () => {
  const { page, drop } = await openAndLike();
  await drop();
  const message = page.getByRole('status', { name: 'Cheaper' });
  await message.waitFor();
  try {
    expect((await api.admin('POST', 'triggers/drop/pause')).status).toBe(200);
    await message.waitFor({ state: 'detached', timeout: 10_000 });
  } finally {
    await api.admin('POST', 'triggers/drop/activate');
  }
});
