/** The browser SDK in a real browser: on a page of another origin, under a strict policy, against the running server. */
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../src/sdk/types.ts';
import { type Api, apiOf } from '../support/api.ts';
import { launchBrowser } from '../support/browser.ts';
import { type PlainPage, servePlainPage } from '../support/plain-page.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { visitorOf } from '../support/visitor.ts';

declare global {
  interface Window {
    reflex?: Client;
  }
}

const ARRIVES = { timeout: 10_000, interval: 50 };

let server: RunningServer;
let api: Api;
let shop: PlainPage;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer({ demo: true }), launchBrowser()]);
  api = apiOf(server);
  shop = await servePlainPage(server.url);
});
afterAll(async () => {
  await browser?.close();
  await shop?.close();
  await server?.[Symbol.asyncDispose]();
});

let contexts: BrowserContext[] = [];
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  contexts = [];
});

async function newContext(): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: 'ko-KR' });
  contexts.push(context);
  return context;
}

interface Tab {
  page: Page;
  /** What a developer would see in red. */
  faults: string[];
}

async function open(context: BrowserContext): Promise<Tab> {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket|ERR_INTERNET/.test(message.text()))
      faults.push(message.text());
  });
  await page.goto(shop.url);
  return { page, faults };
}

const anonymousIdIn = (page: Page) => page.evaluate(() => window.reflex?.anonymousId ?? '');
const track = (page: Page, event: string, properties: Record<string, string> = {}) =>
  page.evaluate(([name, given]) => window.reflex?.track(name, given), [event, properties] as const);

/** Names of what the profile has on record, newest first. */
async function recorded(anonymousId: string): Promise<string[]> {
  const { body } = await api.admin('GET', `profiles/${encodeURIComponent(`anon:${anonymousId}`)}/decisions`);
  return (body?.items ?? []).map((item: { event: { name: string } }) => item.event.name);
}

describe('a page with the one script tag', () => {
  it('invites a stranger in a dialog that holds the focus, and reports what became of it', async () => {
    const { page, faults } = await open(await newContext());
    await page.focus('#own');
    await page.evaluate(() => window.reflex?.page('Home'));
    const dialog = page.getByRole('dialog', { name: /은하주얼리가 처음|쿠폰이 기다리고/ });
    await dialog.waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.shadowRoot !== null)).toBe(true);
    const id = await anonymousIdIn(page);
    await vi.waitFor(async () => expect(await recorded(id)).toContain('Message Viewed'), ARRIVES);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await vi.waitFor(async () => expect(await recorded(id)).toContain('Message Dismissed'), ARRIVES);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('own');
    expect(await visitorOf(api, { anonymousId: id }).next()).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('answers a search with a banner whose button leads to the category, and moves nothing on the page', async () => {
    const { page, faults } = await open(await newContext());
    const before = await page.locator('h1').boundingBox();
    await track(page, 'Products Searched', { query: '실반지' });
    const banner = page.getByRole('status', { name: '실반지 모아 보기' });
    await banner.waitFor();
    expect(await page.locator('h1').boundingBox()).toEqual(before);
    const id = await anonymousIdIn(page);
    await banner.getByRole('button', { name: '보러 가기' }).click();
    await page.waitForURL('**/c/thin-rings');
    await vi.waitFor(async () => expect(await recorded(id)).toContain('Message Clicked'), ARRIVES);
    expect(faults).toEqual([]);
  });

  it('has no serious fault for axe, in light and in dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open(await newContext());
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.evaluate(() => window.reflex?.page('Home'));
      await page.getByRole('dialog').waitFor();
      // An evaluated script is not the page's own: its policy doesn't apply.
      await page.evaluate(axe.source);
      const found = await page.evaluate(async () => {
        const { axe } = window as unknown as {
          axe: { run(): Promise<{ violations: { id: string; impact: string }[] }> };
        };
        return (await axe.run()).violations.filter(({ impact }) => /serious|critical/.test(impact));
      });
      expect(found.map(({ id }) => id)).toEqual([]);
    }
  });
});

describe('two tabs', () => {
  it('show a message once', async () => {
    const context = await newContext();
    const first = await open(context);
    const second = await open(context);
    await Promise.all([first, second].map(({ page }) => page.evaluate(() => window.reflex?.page('Home'))));
    const dialogs = [first, second].map(({ page }) => page.getByRole('dialog'));
    await vi.waitFor(async () => {
      const counts = await Promise.all(dialogs.map((dialog) => dialog.count()));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
    }, ARRIVES);
    await second.page.waitForTimeout(300);
    const counts = await Promise.all(dialogs.map((dialog) => dialog.count()));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it('keep the pause between two messages together', async () => {
    const context = await newContext();
    await context.clock.install();
    const first = await open(context);
    const second = await open(context);
    await first.page.evaluate(() => window.reflex?.page('Home'));
    const tabs = [first, second];
    const invitation = await vi.waitFor(async () => {
      const counts = await Promise.all(tabs.map(({ page }) => page.getByRole('dialog').count()));
      expect(counts).toContain(1);
      return tabs[counts.indexOf(1)]?.page;
    }, ARRIVES);
    const other = tabs.find(({ page }) => page !== invitation)?.page;
    if (!invitation || !other) throw new Error('both tabs show it, or none');
    await invitation.keyboard.press('Escape');
    const id = await anonymousIdIn(other);
    await vi.waitFor(async () => expect(await recorded(id)).toContain('Message Dismissed'), ARRIVES);
    await track(other, 'Products Searched', { query: '실반지' });
    await vi.waitFor(
      async () =>
        expect(await visitorOf(api, { anonymousId: id }).next()).toMatchObject([
          { trigger: 'search-prompt' },
        ]),
      ARRIVES,
    );
    const banners = () => Promise.all(tabs.map(({ page }) => page.getByRole('status').count()));
    for (let seconds = 0; seconds < 25; seconds += 5) {
      expect([seconds, await banners()]).toEqual([seconds, [0, 0]]);
      await context.clock.runFor(5_000);
    }
    await context.clock.runFor(6_000);
    await vi.waitFor(async () => expect((await banners()).sort()).toEqual([0, 1]), ARRIVES);
  });

  it('are the same visitor, and become the same user together', async () => {
    const context = await newContext();
    const first = await open(context);
    const second = await open(context);
    expect(await anonymousIdIn(second.page)).toBe(await anonymousIdIn(first.page));
    await first.page.evaluate(() => window.reflex?.identify('two-tabs'));
    await vi.waitFor(
      async () => expect(await second.page.evaluate(() => window.reflex?.userId)).toBe('two-tabs'),
      ARRIVES,
    );
  });
});

describe('without network', () => {
  it('events wait, survive the end of the page, and are each counted once', async () => {
    const context = await newContext();
    const { page, faults } = await open(context);
    const id = await anonymousIdIn(page);
    await context.setOffline(true);
    for (let n = 0; n < 5; n++) await track(page, 'Kept Offline', { n: String(n) });
    await page.evaluate(() => window.reflex?.flush());
    await page.close();
    await context.setOffline(false);
    const { page: next } = await open(context);
    await track(next, 'Back Online');
    await vi.waitFor(async () => {
      const names = await recorded(id);
      expect(names.filter((name) => name === 'Kept Offline')).toHaveLength(5);
      expect(names).toContain('Back Online');
    }, ARRIVES);
    expect(faults).toEqual([]);
  });

  it('the page never hears of it', async () => {
    const context = await newContext();
    const { page, faults } = await open(context);
    await context.setOffline(true);
    const answers = await page.evaluate(async () => {
      window.reflex?.page('Home');
      await window.reflex?.flush();
      return [await window.reflex?.messages.next(), await window.reflex?.messages.isValid('msg_x')];
    });
    expect(answers).toEqual([null, false]);
    expect(faults).toEqual([]);
  });
});

it('works where the browser has neither storage, locks nor channels', async () => {
  const context = await newContext();
  await context.addInitScript(() => {
    Object.defineProperty(globalThis, 'localStorage', {
      get() {
        throw new DOMException('no', 'SecurityError');
      },
    });
    Object.defineProperty(navigator, 'locks', { value: undefined });
    Object.defineProperty(globalThis, 'BroadcastChannel', { value: undefined });
    Object.defineProperty(globalThis, 'WebSocket', { value: undefined });
  });
  const { page, faults } = await open(context);
  await page.evaluate(() => window.reflex?.page('Home'));
  await page.getByRole('dialog').waitFor();
  expect(faults).toEqual([]);
});
