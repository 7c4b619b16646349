/** Getting into the admin page, and not. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAdminPage, signIn } from '../support/admin-page.ts';
import { type Answer, type Api, apiOf } from '../support/api.ts';
import { launchBrowser } from '../support/browser.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

let server: RunningServer;
let api: Api;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  api = apiOf(server);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const begin = (token: string, origin = server.url) =>
  api.stranger('POST', '/admin/session', { token }, { headers: { origin } });
const cookieOf = ({ headers }: Answer) => headers.get('set-cookie')?.split(';')[0] ?? '';
const withCookie = (cookie: string, origin?: string) => ({ headers: { cookie, ...(origin && { origin }) } });

it('a wrong token is told so, the right one opens; neither stays anywhere that a script can read', async () => {
  const marketer = await openAdminPage(browser, server.url);
  const { page, context, faults } = marketer;
  await signIn(marketer, 'wk_dev');
  await page.getByRole('alert').getByText('This token opens nothing here.').waitFor();
  expect(await page.getByLabel('Admin token').inputValue()).toBe('');
  await signIn(marketer);
  await page.getByRole('heading', { name: 'Triggers' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Triggers' }).waitFor();
  const kept = await page.evaluate(() =>
    JSON.stringify([
      document.cookie,
      { ...localStorage },
      { ...sessionStorage },
      document.documentElement.outerHTML,
    ]),
  );
  expect(kept).not.toContain('at_dev"');
  expect(kept).not.toContain('reflex_admin=');
  const [cookie] = await context.cookies(`${server.url}/admin/`);
  expect(cookie).toMatchObject({ name: 'reflex_admin', httpOnly: true, sameSite: 'Strict', path: '/admin' });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Admin token').waitFor();
  expect(await context.cookies(`${server.url}/admin/`)).toEqual([]);
  expect(faults).toEqual([]);
});

it.each([
  ['en-US', '.languages [lang=ko]', '한국어'],
  ['ko-KR', 'label', '관리자 토큰'],
])(
  'Korean is legible where the system has no letters for it, however late the font comes (%s)',
  async (locale, place, text) => {
    const { page, faults } = await openAdminPage(browser, server.url, { locale });
    await page.route('**/fonts/files/*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await route.continue();
    });
    await page.reload();
    const word = page.locator(place, { hasText: text });
    // Of a letter's height; the boxes that stand for missing letters are narrow.
    const width = () =>
      word.evaluate((element) => {
        const letters = document.createRange();
        letters.selectNodeContents(element);
        const { fontSize } = getComputedStyle(element);
        return (
          letters.getBoundingClientRect().width /
          Number.parseFloat(fontSize) /
          (element.textContent ?? '').length
        );
      });
    await expect.poll(width, { timeout: 5_000 }).toBeGreaterThan(0.75);
    expect(faults).toEqual([]);
  },
);

describe('a session', () => {
  it('reads, and changes from its own page only', async () => {
    const cookie = cookieOf(await begin('at_dev'));
    expect((await api.stranger('GET', '/admin/api/triggers', undefined, withCookie(cookie))).status).toBe(
      200,
    );
    const segment = { id: 'made', if: { field: 'user.known', op: 'eq', value: true } };
    const put = (origin?: string) =>
      api.stranger('PUT', '/admin/api/segments/made', segment, withCookie(cookie, origin));
    for (const origin of [undefined, 'https://evil.example', 'null']) {
      expect(await put(origin)).toMatchObject({ status: 403, body: { error: { code: 'wrong_origin' } } });
    }
    expect((await put(server.url)).status).toBe(201);
    expect((await api.admin('GET', 'audit')).body.items[0]).toMatchObject({
      author: 'at_dev',
      document: 'made',
    });
  });

  it('opens nothing but the admin API', async () => {
    const cookie = cookieOf(await begin('at_dev'));
    expect(
      (await api.stranger('GET', '/v1/profiles/u', undefined, withCookie(cookie, server.url))).status,
    ).toBe(401);
  });

  it.each(['wk_dev', 'sk_dev', 'at_other', ''])('isn’t begun with %j', async (token) => {
    const answer = await begin(token);
    expect([401, 403]).toContain(answer.status);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('isn’t begun from a page of somebody else, which is told what was wrong and what would be right', async () => {
    const { status, body } = await begin('at_dev', 'https://evil.example');
    expect([status, body.error.code]).toEqual([403, 'wrong_origin']);
    expect(body.error.issues).toMatchObject([
      {
        path: 'headers.origin',
        message: `expected \`${server.url}\`; the request said \`https://evil.example\``,
      },
    ]);
    const silent = await api.stranger('POST', '/admin/session', { token: 'at_dev' });
    expect(silent.body.error.issues[0].message).toBe(`expected \`${server.url}\`; the request said nothing`);
  });

  it.each([
    ['en-US', 'The token was not looked at', 'another address than'],
    ['ko-KR', '토큰은 확인하지 않았습니다', '다른 주소'],
  ])(
    'that a proxy’s other address keeps from beginning isn’t laid to the token (%s)',
    async (locale, ...words) => {
      const { page } = await openAdminPage(browser, server.url, { locale });
      // As behind a proxy that serves the page under one name and calls the server by another.
      await page.route('**/admin/session', async (route) => {
        const headers = { ...route.request().headers(), origin: 'https://proxy.example' };
        const response = await route.fetch({ headers });
        await route.fulfill({ response });
      });
      await page.reload();
      await page.getByLabel(/Admin token|관리자 토큰/).fill('at_dev');
      await page.keyboard.press('Enter');
      const alert = page.getByRole('alert');
      for (const text of [...words, server.url]) await alert.getByText(text).waitFor();
    },
  );

  it('ends with the key that began it', async () => {
    const { body: key } = await api.admin('POST', 'keys', { kind: 'admin', label: 'for a while' });
    const cookie = cookieOf(await begin(key.key));
    const ask = () => api.stranger('GET', '/admin/api/triggers', undefined, withCookie(cookie));
    expect((await ask()).status).toBe(200);
    expect((await api.admin('DELETE', `keys/${key.id}`)).status).toBe(204);
    expect((await ask()).status).toBe(401);
    expect((await api.stranger('GET', '/admin/session', undefined, withCookie(cookie))).body.id).toBeNull();
  });

  it('that is forged opens nothing', async () => {
    const [payload = ''] = cookieOf(await begin('at_dev')).split('.');
    const forged = withCookie(`${payload}.${'A'.repeat(43)}`);
    expect((await api.stranger('GET', '/admin/api/triggers', undefined, forged)).status).toBe(401);
  });
});

it('the page stands under a policy without inline code, in nobody else’s frame', async () => {
  const { headers } = await api.stranger('GET', '/admin/');
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
});
