/**
 * Web push in a real service worker, which a real push event wakes. Chromium's headless build has no push service to
 * subscribe at and no notifications to show, so three ends are the test's: the payload is handed to the browser where a
 * push service would have brought it, what the worker shows and opens is written down, and the clicks are dispatched in
 * the worker. The permission, the worker and its events, its storage and its requests are the browser's own.
 */
import type { Browser, BrowserContext, Page, Worker } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Client } from '../../src/sdk/types.ts';
import { type Api, apiOf } from '../support/api.ts';
import { launchBrowser } from '../support/browser.ts';
import { type PlainPage, servePlainPage } from '../support/plain-page.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

interface Shown {
  title: string;
  body?: string;
  tag?: string;
  data?: unknown;
  close(): void;
}

/** What is replaced of the worker. */
interface Scope {
  registration: { showNotification(title: string, options: Partial<Shown>): Promise<void> };
  clients: { openWindow(url: string): Promise<void> };
}

declare global {
  var shown: Shown[];
  var opened: string[];
  interface Window {
    reflex?: Client;
  }
}

const ARRIVES = { timeout: 10_000, interval: 50 };
/** Of a key pair that nobody has; a subscription with it is never asked for anything. */
const PUBLIC_KEY = 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM';

let server: RunningServer;
let api: Api;
let shop: PlainPage;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  api = apiOf(server);
  shop = await servePlainPage(server.url);
  await announceOn('web_push');
});
afterAll(async () => {
  await browser?.close();
  await shop?.close();
  await server?.[Symbol.asyncDispose]();
});

let context: BrowserContext;
let page: Page;
let worker: Worker;
let userId: string;
beforeEach(async () => {
  context = await browser.newContext();
  await context.grantPermissions(['notifications'], { origin: new URL(shop.url).origin });
  page = await context.newPage();
  await page.goto(shop.url);
  userId = `user-${crypto.randomUUID()}`;
  const running = context.waitForEvent('serviceworker');
  await page.evaluate(
    async ([user, publicKey]) => {
      await navigator.serviceWorker.register('/sw.js');
      const registration = await navigator.serviceWorker.ready;
      window.reflex?.identify(user);
      await window.reflex?.flush();
      await window.reflex?.enablePush({ registration, publicKey });
    },
    [userId, PUBLIC_KEY] as const,
  );
  worker = await running;
  await worker.evaluate(() => {
    const { registration, clients } = globalThis as unknown as Scope;
    globalThis.shown = [];
    globalThis.opened = [];
    registration.showNotification = async (title, options) => {
      const close = () => {
        globalThis.shown = globalThis.shown.filter((one) => one !== notification);
      };
      const notification = { title, ...options, close };
      globalThis.shown.push(notification);
    };
    clients.openWindow = async (url) => void globalThis.opened.push(url);
  });
});
afterEach(() => context.close());

/** A trigger that answers the event `Announced` on the channel. */
async function announceOn(channel: string): Promise<void> {
  const content = { title: 'Back again', body: 'The ring that you like', link: '{{event.properties.link}}' };
  const template = { id: 'news', defaultLocale: 'en', locales: { en: { [channel]: content } } };
  expect((await api.admin('PUT', 'templates/news', template)).status).toBeLessThan(300);
  const made = await api.admin('POST', 'triggers', {
    id: 'news',
    category: 'transactional',
    transactionalReason: 'asked for',
    entry: { on: [{ event: 'Announced' }] },
    reeligibility: { mode: 'always' },
    steps: [{ id: 'tell', send: { channels: [channel], template: 'news' } }],
  });
  expect(made.status, made.text).toBeLessThan(300);
  expect((await api.admin('POST', 'triggers/news/activate')).status).toBe(200);
}

/** What the server would hand to the push service for this user: the content of the delivery, under its id. */
async function delivered(link = '/p/1'): Promise<{ id: string; payload: object }> {
  await api.server('POST', '/v1/track', { userId, event: 'Announced', properties: { link } });
  const { id, content } = await vi.waitFor(async () => {
    const [delivery] = await deliveries();
    expect(delivery?.status).toBe('sent');
    return delivery;
  }, ARRIVES);
  const { title, body } = content;
  return { id, payload: { title, body, data: { message_id: id, trigger: 'news', link: content.link } } };
}

async function deliveries() {
  return (await api.admin('GET', `deliveries?userId=${userId}`)).body.items;
}

async function push(payload: unknown): Promise<void> {
  const session = await context.newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [one] }) => {
      if (one) resolve(one.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.deliverPushMessage', {
    origin: new URL(shop.url).origin,
    registrationId: await registered,
    data: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
  await session.detach();
}

const notifications = () =>
  worker.evaluate(() => globalThis.shown.map(({ title, body, tag }) => ({ title, body, tag })));

function happens(type: 'notificationclick' | 'notificationclose'): Promise<void> {
  return worker.evaluate((name) => {
    const [notification] = globalThis.shown;
    const waitUntil = () => {};
    dispatchEvent(Object.assign(new Event(name), { notification, waitUntil }));
  }, type);
}

const statusBecomes = (status: string) =>
  vi.waitFor(async () => expect((await deliveries())[0].status).toBe(status), ARRIVES);

it('a push is shown as a notification, and counts as shown to the user who enabled it', async () => {
  const { id, payload } = await delivered();
  await push(payload);
  await vi.waitFor(async () => {
    expect(await notifications()).toEqual([{ title: 'Back again', body: 'The ring that you like', tag: id }]);
  }, ARRIVES);
  await statusBecomes('shown');
});

it('a click counts, takes the notification away, and opens its link', async () => {
  const { payload } = await delivered('/p/1');
  await push(payload);
  await statusBecomes('shown');
  await happens('notificationclick');
  await statusBecomes('clicked');
  expect(await notifications()).toEqual([]);
  const [opened] = await worker.evaluate(() => globalThis.opened);
  expect(new URL(opened ?? '').origin + new URL(opened ?? '').pathname).toBe(
    `${new URL(shop.url).origin}/p/1`,
  );
});

it('a link that could run code opens nothing', async () => {
  const { id } = await delivered();
  await push({ title: 'x', data: { message_id: id, link: 'javascript:alert(1)' } });
  await statusBecomes('shown');
  await happens('notificationclick');
  await statusBecomes('clicked');
  expect(await worker.evaluate(() => globalThis.opened)).toEqual([]);
});

it('a notification that is closed counts as dismissed', async () => {
  const { id, payload } = await delivered();
  await push(payload);
  await statusBecomes('shown');
  await happens('notificationclose');
  await vi.waitFor(async () => {
    const { body } = await api.admin('GET', `profiles/${userId}`);
    const dismissed = body.timeline.filter(({ name }: { name: string }) => name === 'Message Dismissed');
    expect(dismissed).toMatchObject([{ properties: { message_id: id } }]);
  }, ARRIVES);
});

it('pushes that are not Reflex’s are left to the page, and harm nothing', async () => {
  for (const text of ['no JSON', '{"title":"The page’s own"}', '{"data":{"message_id":7}}', 'null'])
    await push(text);
  const { id, payload } = await delivered();
  await push(payload);
  await statusBecomes('shown');
  expect((await notifications()).map(({ tag }) => tag)).toEqual([id]);
});
