/** A marketer at work: the admin page in a real browser, against the running server. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AdminPage, openAdminPage, seriousViolations, signIn } from '../support/admin-page.ts';
import { type Api, apiOf } from '../support/api.ts';
import { launchBrowser } from '../support/browser.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { linkOf, stranger } from '../support/visitor.ts';

let server: RunningServer;
let api: Api;
let browser: Browser;
let marketer: AdminPage;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  api = apiOf(server);
  marketer = await openAdminPage(browser, server.url);
  await signIn(marketer);
  await marketer.page.getByRole('heading', { name: 'Triggers' }).waitFor();
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

it('a recipe becomes a draft, is previewed, activated, and answers a client’s search', async () => {
  const { page } = marketer;
  await page.getByRole('link', { name: 'New trigger' }).click();
  await page.getByRole('link', { name: /Search → category/ }).click();
  await page
    .getByLabel('Keywords and where they lead')
    .fill('실반지, /c/thin-rings, 실반지\n탄생석, /c/birthstones, 탄생석');
  await page.getByRole('button', { name: 'Make the draft' }).click();
  await page.getByRole('heading', { level: 1, name: '검색어 → 카테고리 안내' }).waitFor();
  const visitor = stranger(api);
  expect(await visitor.track('Products Searched', { query: '탄생석' })).toEqual([]);

  await page.getByText('The event that it is tried on').click();
  await page
    .getByLabel('Event (JSON)')
    .fill('{"event": "Products Searched", "properties": {"query": "탄생석"}}');
  await page.getByRole('button', { name: 'Try it' }).click();
  const gates = page.getByRole('list', { name: 'Gates' });
  await gates.waitFor();
  expect(await gates.locator('li.failed').count()).toBe(0);
  expect(await page.locator('.phone section h2').textContent()).toBe('탄생석 모아 보기');

  await page.getByLabel('Priority 0–100').fill('77');
  await page.getByRole('button', { name: 'Activate', exact: true }).click();
  const question = page.getByRole('dialog');
  await question.getByText('When somebody does Products Searched').waitFor();
  await question.getByText('in-app message').waitFor();
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'hidden' });
  expect((await api.admin('GET', 'triggers/search-prompt')).body.liveStatus).not.toBe('live');
  await page.getByRole('button', { name: 'Activate', exact: true }).click();
  await question.getByRole('button', { name: 'Activate' }).click();
  await page.locator('.badge.active').waitFor();

  const messages = await visitor.track('Products Searched', { query: '탄생석' });
  expect(messages).toMatchObject([
    { trigger: 'search-prompt', priority: 77, content: { title: '탄생석 모아 보기' } },
  ]);
  expect(linkOf(messages[0])).toBe('/c/birthstones');
});

it('form and JSON edit one document; JSON that doesn’t parse loses nothing; faults stand at their fields', async () => {
  const { page, see } = marketer;
  await see('triggers/search-prompt');
  await page.getByLabel('Name', { exact: true }).fill('Search helper');
  await page.getByRole('button', { name: 'JSON' }).click();
  const json = page.getByLabel('The whole document');
  expect(JSON.parse(await json.inputValue()).name).toBe('Search helper');

  const whole = await json.inputValue();
  const broken = whole.replace('"Search helper"', '"Search helper and more');
  await json.fill(broken);
  await page.getByText(/Not JSON yet/).waitFor();
  expect(await json.inputValue()).toBe(broken);
  expect(await page.getByLabel('Name', { exact: true }).isDisabled()).toBe(true);
  await json.fill(broken.replace('and more', 'and more"'));
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Search helper and more');

  await page.getByLabel('Expires after').fill('soon');
  const issue = page.getByRole('region', { name: 'Can’t be activated yet' });
  await issue.getByRole('button', { name: 'delivery.expireAfter' }).click();
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-path'))).toBe(
    'delivery.expireAfter',
  );
  await page.getByLabel('Expires after').fill('10m');
  await issue.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByText('The draft is saved.').waitFor();
  expect((await api.admin('GET', 'triggers/search-prompt')).body.name).toBe('Search helper and more');
});

it('a report counts what happened, and says when it is too little to tell', async () => {
  const { page, see } = marketer;
  const texts = { in_app: { layout: 'modal', title: 'Hello' } };
  const arms = [
    { id: 'a', weight: 1 },
    { id: 'b', weight: 1 },
  ];
  const written = [
    await api.admin('PUT', 'policies/reports', { journey: true, activity: true }),
    await api.admin('PUT', 'templates/compared', { defaultLocale: 'en', locales: { en: texts } }),
    await api.admin('POST', 'triggers', {
      ...{ id: 'compared', category: 'marketing', reeligibility: { mode: 'never' } },
      entry: { on: [{ event: 'Signed Up' }] },
      steps: [{ id: 'show', send: { channels: ['in_app'], template: 'compared' } }],
      experiment: { holdout: 0.4, variants: arms },
      goals: [
        { id: 'order', on: { event: 'Order Completed' }, within: '1d', value: 'event.properties.revenue' },
      ],
    }),
    await api.admin('POST', 'triggers/compared/activate'),
  ];
  for (const { status, text } of written) expect(status, text).toBeLessThan(300);
  await see('reports/compared');
  await page.getByText(/^Decisions are not kept/).waitFor();
  const workspace = { identity: 'optional', exportDecisions: true };
  expect((await api.admin('PUT', 'policies/workspace', workspace)).status).toBeLessThan(300);
  await see('reports');
  await see('reports/compared');
  await page.getByText(/^Decisions are kept for 14 days; none/).waitFor();
  const batch = Array.from({ length: 40 }, (_, i) => i).flatMap((i) =>
    ['Product Viewed', 'Signed Up', ...(i % 4 === 0 ? ['Order Completed'] : [])].map((event) => ({
      ...{ type: 'track', anonymousId: `compared-${i}`, event, messageId: crypto.randomUUID() },
      properties: event === 'Order Completed' ? { revenue: 1_000, order_id: `o${i}` } : {},
    })),
  );
  expect((await api.client('POST', '/v1/batch', { batch })).status).toBe(200);
  await expect
    .poll(async () => (await api.admin('GET', 'triggers/compared/report')).body.perGoal, { timeout: 15_000 })
    .toMatchObject({ order: {} });
  await expect
    .poll(async () => {
      const { perGoal } = (await api.admin('GET', 'triggers/compared/report')).body;
      return perGoal.order.converted + perGoal.order.heldOutConverted;
    })
    .toBe(10);
  const decisions = async () => (await api.admin('GET', 'triggers/compared/report')).body.decisions;
  await expect.poll(async () => (await decisions()).decided.people, { timeout: 15_000 }).toBe(40);
  await see('reports');
  await see('reports/compared');
  await page.getByText('Not enough data yet to say anything.').first().waitFor();
  await page.getByRole('heading', { name: 'Guardrail' }).waitFor();
  expect(await page.locator('.tiles dd strong').first().textContent()).toBe('40');
  const { offered, waiting } = (await api.admin('GET', 'triggers/compared/report')).body;
  expect(waiting).toBe(offered);
  const tiles = await page.locator('.tiles > div').allInnerTexts();
  expect(tiles[1]).toMatch(
    new RegExp(`^Offered in the app\\s+${offered}\\s+${offered} waiting for the app$`),
  );
  expect(tiles.filter((text) => /Sent|Opened/.test(text))).toEqual([]);
  expect(tiles.find((text) => text.startsWith('Clicked'))).toMatch(/not enough data/);
  const { fired, reasons } = await decisions();
  expect(fired.people).toBe(offered);
  expect(reasons.map(({ reason }: { reason: string }) => reason).sort()).toEqual(['held_out', 'sent']);
  const why = page.getByRole('table', { name: 'Why people did not get it' });
  expect(await why.getByRole('row').nth(1).innerText()).toMatch(
    new RegExp(`^Would have been sent.*held_out\\s+${40 - offered}\\s+${40 - offered}$`),
  );
  await see('reports');
  const journey = page.getByRole('table', { name: 'Journey' });
  await journey.waitFor();
  expect(await journey.getByRole('row', { name: /^Bought 10 / }).count()).toBe(1);
});

it('warnings and refusals are told in Korean to who reads Korean, with the API’s own words where those say more', async () => {
  const { status } = await api.admin('POST', 'triggers', {
    ...{
      id: 'patient',
      category: 'transactional',
      transactionalReason: 'a test',
      reeligibility: { mode: 'always' },
    },
    entry: { on: [{ event: 'Product Added' }], if: { field: 'user.cart.count', op: 'gt', value: 0 } },
    steps: [
      { id: 'wait', wait: '1h' },
      { id: 'show', send: { channels: ['in_app'], template: 'compared' } },
    ],
  });
  expect(status).toBe(201);
  const korean = await openAdminPage(browser, server.url, { locale: 'ko-KR' });
  await signIn(korean);
  await korean.page.getByRole('heading', { name: '트리거' }).waitFor();
  await korean.see('triggers/patient');
  const warnings = korean.page.getByRole('region', { name: '알아 둘 점' });
  await warnings.getByText(/이 대기 뒤에는 종료 조건과/).waitFor();
  expect(await warnings.innerText()).not.toContain('protect');
  await korean.page.getByLabel('유효 기간').fill('soon');
  const refused = korean.page.getByRole('region', { name: '아직 켤 수 없습니다' });
  await refused.getByText(/같은 기간이나/).waitFor();
  expect(await refused.innerText()).not.toContain('expected');
  expect(await korean.page.locator('p.issue').first().innerText()).toContain('같은 기간이나');
  await korean.see('deliveries');
  const badge = korean.page.locator('td .badge').first();
  expect([await badge.innerText(), await badge.getAttribute('title')]).toEqual(['대기', 'queued']);
  await korean.see('reports/nowhere');
  const refusal = korean.page.getByRole('alert');
  await refusal.getByText('찾을 수 없습니다.').waitFor();
  await refusal.getByText('There is no trigger nowhere.').waitFor();
  await korean.context.close();
});

it('every view holds up before axe, in both languages, wide and narrow, and asks nothing of another host', async () => {
  await api.client('POST', '/v1/page', { anonymousId: 'seen', name: 'Home' });
  const views =
    'triggers reports reports/compared new new/broadcast triggers/search-prompt templates templates/search-prompt users/anon:seen deliveries dead-letters segments lookups/search-keywords channels policies policies/workspace keys audit';
  const narrow = await openAdminPage(browser, server.url, { locale: 'ko-KR', width: 390 });
  expect(await seriousViolations(narrow.page)).toEqual([]);
  await signIn(narrow);
  await narrow.page.getByRole('heading', { name: '트리거' }).waitFor();
  for (const view of views.split(' ')) {
    for (const { page, see } of [marketer, narrow]) {
      await see(view);
      expect([view, await seriousViolations(page)]).toEqual([view, []]);
      expect([view, await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)]).toEqual([
        view,
        0,
      ]);
    }
  }
  for (const { hosts, faults } of [marketer, narrow]) {
    expect([...hosts]).toEqual([server.url]);
    expect(faults).toEqual([]);
  }
});
