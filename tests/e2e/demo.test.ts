/** The demo shop as a person meets it: in a real browser, on the server as `npm start` leaves it. */
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { launchBrowser } from '../support/browser.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 860 };
const ATTACK = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>';

let server: RunningServer;
let api: Api;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer({ demo: true }), launchBrowser()]);
  api = apiOf(server);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

let contexts: BrowserContext[] = [];
/** What a developer would see in red, and every address of another host. */
const faults: string[] = [];
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  contexts = [];
  expect(faults.splice(0)).toEqual([]);
});

async function open({ locale = 'ko-KR', viewport = DESK } = {}): Promise<Page> {
  const context = await browser.newContext({ locale, viewport, reducedMotion: 'reduce' });
  contexts.push(context);
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${server.url}/`)) faults.push(request.url());
  });
  await page.goto(`${server.url}/demo`);
  return page;
}

/** Past the invitation, which every stranger gets. */
async function openAsKnown(options = {}): Promise<Page> {
  const page = await open(options);
  const invitation = page.getByRole('dialog');
  await invitation.waitFor();
  await page.keyboard.press('Escape');
  await invitation.waitFor({ state: 'detached' });
  return page;
}

async function joinAs(page: Page, name: string): Promise<void> {
  await page.getByRole('banner').getByRole('button', { name: '가입 · 로그인' }).click();
  await page.getByLabel('이름').fill(name);
  await page.getByLabel('푸시 광고 받기').check();
  await page.getByLabel('밤(21–08시)에도 받기').check();
  await page.getByRole('dialog').getByRole('button', { name: '가입 · 로그인' }).click();
  await page.getByRole('banner').getByText(`${name}님`).waitFor();
}

const panelOf = (page: Page) => page.getByRole('complementary');
const tab = (page: Page, name: string) => panelOf(page).getByRole('tab', { name });

it('a stranger is invited to join, and the button leads to the benefits inside the shop', async () => {
  const page = await open({ locale: 'en-US' });
  await page.getByRole('dialog', { name: 'New to Eunha Jewellery?' }).waitFor();
  const verdict = panelOf(page).getByRole('listitem').filter({ hasText: 'signup-nudge' });
  await verdict.getByText('sent', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'See the benefits' }).click();
  await page.getByRole('heading', { name: 'What members get' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/demo/');
  await panelOf(page).getByText('Message Clicked').waitFor();
});

it('a search shows the banner beside the panel, and its button leads to the category inside the shop', async () => {
  const page = await openAsKnown();
  await page.getByRole('searchbox').fill('실 반지');
  await page.keyboard.press('Enter');
  const banner = page.getByRole('status', { name: '실반지 모아 보기' });
  await banner.waitFor();
  const [box, beside] = [await banner.boundingBox(), await panelOf(page).boundingBox()];
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(beside?.x ?? 0);
  await banner.getByRole('button', { name: '보러 가기' }).click();
  await page.getByRole('heading', { level: 1, name: '실반지' }).waitFor();
  expect(page.url()).toBe(`${server.url}/demo/#/c/thin-rings`);
  expect(await page.getByRole('main').getByRole('listitem').count()).toBe(2);
});

it('who joins with consent and likes an item hears that its owner made it cheaper, and opens it from there', async () => {
  const page = await openAsKnown();
  await joinAs(page, '미나');
  await page.getByRole('button', { name: '찜하기: 하트 펜던트 목걸이' }).click();
  await panelOf(page).getByText('Product Added to Wishlist').waitFor();
  await panelOf(page).getByText('$consent').nth(1).waitFor();
  await tab(page, '사장님').click();
  await page.getByRole('button', { name: '10% 내리기: 하트 펜던트 목걸이' }).click();
  await tab(page, '메시지').click();
  const push = panelOf(page).getByRole('button', { name: '하트 펜던트 목걸이 가격이 내렸어요' });
  await push.waitFor();
  expect(await push.innerText()).toContain('(광고)');
  expect(await push.innerText()).toContain('미나님, 84,000원 → 75,600원');
  await push.click();
  await page.getByRole('heading', { level: 1, name: '하트 펜던트 목걸이' }).waitFor();
  await panelOf(page).getByText('clicked', { exact: true }).waitFor();
});

it('an order carries its products and revenue, and whoever signs out is a stranger again', async () => {
  const page = await openAsKnown();
  await joinAs(page, '수아');
  await page.getByRole('button', { name: '담기: 담수진주 귀걸이' }).click();
  await page.getByRole('button', { name: '담기: 담수진주 귀걸이' }).click();
  await page.getByRole('button', { name: '장바구니 (2)' }).click();
  await page.getByRole('button', { name: '주문하기' }).click();
  await panelOf(page).getByText('Order Completed').waitFor();
  const userId = await page.evaluate(() => JSON.parse(localStorage['reflex.wk_dev.ids']).userId as string);
  const { body } = await api.admin('GET', `profiles/${userId}`);
  expect(
    body.timeline.find(({ name }: { name: string }) => name === 'Order Completed').properties,
  ).toMatchObject({
    order_id: expect.stringMatching(/^EH-/),
    revenue: 90_000,
    currency: 'KRW',
    products: [{ product_id: 'ER-301', price: 45_000, currency: 'KRW', quantity: 2 }],
  });
  await page.getByRole('button', { name: '로그아웃' }).click();
  await page.getByRole('banner').getByRole('button', { name: '가입 · 로그인' }).waitFor();
  expect(await page.evaluate(() => JSON.parse(localStorage['reflex.wk_dev.ids']).userId)).toBeNull();
});

it('hostile names and searches stay text, on the page and in what is stored', async () => {
  const page = await openAsKnown();
  await joinAs(page, ATTACK);
  await page.getByRole('searchbox').fill(ATTACK);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: ATTACK }).waitFor();
  await page.getByRole('link', { name: '전체 상품 보기' }).click();
  await page.getByRole('button', { name: '찜하기: 은하수 체인 목걸이' }).click();
  await panelOf(page).getByText('Product Added to Wishlist').waitFor();
  await tab(page, '사장님').click();
  await page.getByRole('button', { name: '10% 내리기: 은하수 체인 목걸이' }).click();
  await tab(page, '메시지').click();
  // The name comes back from the server, inside the message.
  await panelOf(page).getByText(`${ATTACK}님, 52,000원`).waitFor();
  await page.reload();
  await page.getByRole('banner').getByText(`${ATTACK}님`).waitFor();
  const found = await page.evaluate(() => ({
    pwned: (window as unknown as { pwned?: number }).pwned,
    elements: document.querySelectorAll('img, script:not([src])').length,
  }));
  expect(found).toEqual({ pwned: undefined, elements: 0 });
});

it.each([
  ['a desk', DESK],
  ['a phone', PHONE],
])('on %s axe finds nothing serious, and nothing is wider than the screen', async (_, viewport) => {
  const page = await openAsKnown({ viewport });
  if (viewport === PHONE) await page.getByRole('button', { name: 'Reflex 열기' }).click();
  for (const name of ['메시지', '사장님', '실시간']) {
    await tab(page, name).click();
    expect(await seriousFaults(page)).toEqual([]);
  }
  await page.getByRole('button', { name: '닫기' }).click();
  await page.getByRole('link', { name: /오월의 에메랄드/ }).click();
  await page.getByRole('banner').getByRole('button', { name: '가입 · 로그인' }).click();
  expect(await seriousFaults(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
});

async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    interface Violation {
      id: string;
      impact: string;
      nodes: { html: string }[];
    }
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    return (await axe.run()).violations
      .filter(({ impact }) => /serious|critical/.test(impact))
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}

it('a closed panel asks nothing, and neither does a page in the background', async () => {
  const page = await openAsKnown();
  await panelOf(page).getByText('Message Dismissed').waitFor();
  await panelOf(page).getByRole('button', { name: '닫기' }).click();
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/admin/api/')) asked.push(request.url());
  });
  await page.waitForTimeout(1_300);
  expect(asked).toEqual([]);
  const turn = (state: DocumentVisibilityState) =>
    page.evaluate((now) => {
      Object.defineProperty(document, 'visibilityState', { value: now, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  await turn('hidden');
  await page.getByRole('button', { name: 'Reflex 열기' }).click();
  await page.waitForTimeout(1_300);
  expect(asked).toEqual([]);
  await turn('visible');
  await expect.poll(() => asked.length, { timeout: 5_000, interval: 50 }).toBeGreaterThan(2);
});

it('where the development keys are refused the page says so', async () => {
  const context = await browser.newContext({ locale: 'en-US' });
  contexts.push(context);
  const page = await context.newPage();
  // As a deployment answers any key that it doesn't know.
  const refusal = await api.stranger('GET', '/v1/items/RG-101', undefined, {
    headers: { authorization: 'Bearer sk_of_nobody' },
  });
  expect(refusal.status).toBe(401);
  await page.route('**/v1/**', (route) => route.fulfill({ status: refusal.status, body: refusal.text }));
  await page.route('**/admin/api/**', (route) => route.fulfill({ status: 401, body: refusal.text }));
  await page.goto(`${server.url}/demo/`);
  await page.getByRole('heading', { name: 'The demo can’t run here' }).waitFor();
  await page.getByText('npm start').waitFor();
});
