/** What a template or an event brings along reaches neither the page's document nor its storage. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Client } from '../../src/sdk/types.ts';
import { type Api, apiOf } from '../support/api.ts';
import { launchBrowser } from '../support/browser.ts';
import { type PlainPage, servePlainPage } from '../support/plain-page.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

declare global {
  interface Window {
    reflex?: Client;
    pwned?: string;
  }
}

const ATTACK =
  '<img src=x onerror="parent.pwned=1;window.pwned=1;localStorage.pwned=1"><script>window.pwned=1</script>';

let server: RunningServer;
let api: Api;
let shop: PlainPage;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  api = apiOf(server);
  // A page without a policy: nothing but the SDK's own care protects it.
  shop = await servePlainPage(server.url, { policy: null });
});
afterAll(async () => {
  await browser?.close();
  await shop?.close();
  await server?.[Symbol.asyncDispose]();
});

/** A trigger that answers the event with this content. */
async function answers(event: string, content: Record<string, unknown>): Promise<void> {
  const id = event.toLowerCase();
  const template = { id, defaultLocale: 'en', locales: { en: { in_app: content } } };
  expect((await api.admin('PUT', `templates/${id}`, template)).status).toBeLessThan(300);
  const trigger = {
    id,
    category: 'marketing',
    entry: { on: [{ event }] },
    reeligibility: { mode: 'always' },
    steps: [{ id: 'show', send: { channels: ['in_app'], template: id } }],
  };
  const made = await api.admin('POST', 'triggers', trigger);
  expect(made.status, made.text).toBeLessThan(300);
  expect((await api.admin('POST', `triggers/${id}/activate`)).status).toBe(200);
}

async function visit(event: string, properties = {}): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(shop.url);
  await page.evaluate(([name, given]) => window.reflex?.track(name, given), [event, properties] as const);
  await page.getByRole('dialog').waitFor();
  return page;
}

async function isUnharmed(page: Page): Promise<void> {
  // Long enough for a picture that fails to say so.
  await page.waitForTimeout(300);
  expect(await page.evaluate(() => [window.pwned, localStorage.getItem('pwned')])).toEqual([undefined, null]);
}

it('an event’s property in a structured message is text', async () => {
  await answers('Texts', {
    layout: 'modal',
    title: '{{event.properties.title}}',
    body: '{{event.properties.title}}',
    buttons: [{ id: 'go', text: '{{event.properties.title}}', action: { type: 'dismiss' } }],
  });
  const page = await visit('Texts', { title: ATTACK });
  expect(await page.getByRole('heading', { level: 2 }).textContent()).toBe(ATTACK);
  await isUnharmed(page);
});

it('a link that would run code is not followed', async () => {
  await answers('Links', {
    layout: 'modal',
    title: 'Links',
    buttons: [{ id: 'go', text: 'Go', action: { type: 'open', url: '{{event.properties.url}}' } }],
  });
  const page = await visit('Links', { url: 'javascript:window.pwned=1' });
  await page.getByRole('button', { name: 'Go' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await isUnharmed(page);
  expect(page.url()).toBe(shop.url);
});

it('a message’s own HTML lives in an origin of its own, and reports its clicks', async () => {
  await answers('Html', {
    layout: 'html',
    title: 'Own',
    html: `${ATTACK}<p>{{event.properties.name}}</p><button data-reflex-click="yes">Yes</button>
      <script>try { parent.document.title = 'pwned' } catch {}
      parent.postMessage({ nonce: 'guessed', type: 'dismiss' }, '*')</script>`,
  });
  const page = await visit('Html', { name: '<b id="injected">x</b>' });
  const frame = page.frameLocator('iframe');
  expect(await frame.locator('p').textContent()).toBe('<b id="injected">x</b>');
  await isUnharmed(page);
  expect(await page.title()).toBe('Shop');
  // The guessed nonce closed nothing.
  await frame.getByRole('button', { name: 'Yes' }).click();
  const id = await page.evaluate(() => window.reflex?.anonymousId);
  await vi.waitFor(
    async () => {
      const { body } = await api.admin('GET', `profiles/${encodeURIComponent(`anon:${id}`)}/decisions`);
      expect(body.items.map((item: { event: { name: string } }) => item.event.name)).toContain(
        'Message Clicked',
      );
    },
    { timeout: 10_000, interval: 50 },
  );
});
