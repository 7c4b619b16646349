/** Names, texts, traits and event properties that would be code, where a marketer reads them. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AdminPage, openAdminPage, signIn } from '../support/admin-page.ts';
import { type Api, apiOf } from '../support/api.ts';
import { launchBrowser } from '../support/browser.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

const EVIL = '"><img src=x onerror="window.hit=1"><script>window.hit=1</script>';
const PAGE_EVENT = { event: '$page' };

let server: RunningServer;
let api: Api;
let browser: Browser;
let marketer: AdminPage;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  api = apiOf(server);
  await seed();
  marketer = await openAdminPage(browser, server.url);
  await signIn(marketer);
  await marketer.page.getByRole('heading', { name: 'Triggers' }).waitFor();
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** Everything that others can write, filled with markup. */
async function seed(): Promise<void> {
  const text = {
    layout: 'modal',
    title: EVIL,
    body: EVIL,
    buttons: [{ id: 'go', text: EVIL, action: { type: 'dismiss' } }],
  };
  const html = { layout: 'html', html: `<p>${EVIL}</p><a href="javascript:parent.hit=1">x</a>` };
  const email = { subject: EVIL, html: `<h1 style="color:red">Mail</h1>${EVIL}` };
  const template = { defaultLocale: 'en', locales: { en: { in_app: text, card: html, email } } };
  const trigger = {
    id: 'hostile',
    name: EVIL,
    tags: [EVIL.slice(0, 60)],
    category: 'marketing',
    entry: { on: [PAGE_EVENT, { event: EVIL }] },
    reeligibility: { mode: 'always' },
    steps: [{ id: 'show', send: { channels: ['in_app'], template: 'hostile' } }],
  };
  const segment = { name: EVIL, if: { field: 'user.traits.x', op: 'eq', value: EVIL } };
  const sender = { name: 'Shop', phone: '02-000-0000', address: 'Seoul', optOut080: '080-000-0000' };
  const stored = [
    await api.admin('PUT', 'policies/law', { jurisdiction: 'KR', sender }),
    await api.admin('PUT', 'templates/hostile', template),
    await api.admin('PUT', 'segments/hostile', segment),
    await api.admin('POST', 'triggers', trigger),
    await api.admin('POST', 'triggers/hostile/activate'),
    await api.admin('POST', 'keys', { kind: 'write', label: EVIL.slice(0, 90) }),
    await api.client('POST', '/v1/identify', { userId: EVIL, traits: { [EVIL]: EVIL } }),
    await api.client('POST', '/v1/page?sync=1', { userId: EVIL, name: EVIL, properties: { [EVIL]: EVIL } }),
    await api.client('POST', '/v1/track', { userId: EVIL, event: EVIL, properties: { a: EVIL } }),
  ];
  for (const { status, text: answer } of stored) expect([200, 201], answer).toContain(status);
}

it('is text in every view, and never becomes an element', async () => {
  const { page, see, faults, hosts } = marketer;
  const views = [
    'triggers',
    'triggers/hostile',
    'templates',
    'templates/hostile',
    'segments',
    'segments/hostile',
    'deliveries',
    'keys',
    'audit',
    `users/${encodeURIComponent(EVIL)}`,
  ];
  let read = 0;
  for (const view of views) {
    await see(view);
    const found = await page.evaluate(() => ({
      scripts: document.querySelectorAll('#app script, #app img[src=x], #app [onerror]').length,
      hit: 'hit' in window,
      isRead: document.body.innerText.includes('onerror'),
    }));
    expect([view, found.scripts, found.hit]).toEqual([view, 0, false]);
    if (found.isRead) read++;
  }
  // Where it stands, it is read as it was written.
  expect(read).toBeGreaterThanOrEqual(5);
  expect(
    await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])),
  ).not.toContain('onerror');
  expect(faults).toEqual([]);
  expect([...hosts]).toEqual([server.url]);
});

it('is text in the preview too, or stays locked in a frame that can do nothing', async () => {
  const { page, see } = marketer;
  await see('templates/hostile');
  await page.locator('.phone h2').waitFor();
  expect(await page.locator('.phone h2').textContent()).toBe(EVIL);
  expect(await page.locator('.phone img, .phone script').count()).toBe(0);

  await page.getByRole('button', { name: 'card' }).click();
  const frame = page.locator('.phone iframe');
  await frame.waitFor();
  expect(await frame.getAttribute('sandbox')).not.toContain('allow-same-origin');

  const [mail] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/admin/frame')),
    page.getByRole('button', { name: 'e-mail' }).click(),
  ]);
  // Shown with its own style, and so locked in that the test itself can't look inside.
  expect(await mail.text()).toContain('<h1 style="color:red">Mail</h1>');
  expect(mail.headers()['content-security-policy']).toMatch(
    /^sandbox; default-src 'none'; style-src 'unsafe-inline'/,
  );
  expect(await page.locator('iframe.mail-frame').getAttribute('sandbox')).toBe('');
  expect(await page.evaluate(() => 'hit' in window)).toBe(false);
});
