/** A draft tried on what has happened, and then on what happens, before anybody receives anything. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type AdminPage, openAdminPage, seriousViolations, signIn } from '../support/admin-page.ts';
import { type Api, apiOf } from '../support/api.ts';
import { launchBrowser } from '../support/browser.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

const PEOPLE = ['mina', 'jun', 'sora', 'theo'];
/** Pushes cost something, one a day is allowed, and of two that want to go the more important one does. */
const live = { id: 'thanks', priority: 10, template: 'thanks', wanted: ['cart'] };
const rival = { id: 'rival', priority: 90, template: 'rival', wanted: ['cart', 'wish'] };

const WAITS = { timeout: 15_000, interval: 100 };

let server: RunningServer;
let api: Api;
let browser: Browser;
let marketer: AdminPage;

const triggerOf = ({ id, priority, template, wanted }: typeof live) => ({
  ...{ id, priority, category: 'marketing', reeligibility: { mode: 'always' } },
  entry: { on: [{ event: 'Looked' }], if: { field: 'event.properties.at', op: 'in', value: wanted } },
  steps: [{ id: 'tell', send: { channels: ['push'], template } }],
});

async function done(method: string, path: string, body?: unknown): Promise<void> {
  const answer = await api.admin(method, path, body);
  expect(answer).toMatchObject({ status: expect.toSatisfy((status) => status < 300) });
}

async function looks(userId: string, at: string): Promise<void> {
  const answer = await api.server('POST', '/v1/track', { userId, event: 'Looked', properties: { at } });
  expect(answer.status).toBe(200);
}

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  api = apiOf(server);
  const cost = { amount: 3, currency: 'KRW' };
  await done('PUT', 'channels/push', { provider: 'log', settings: {}, cost });
  const sender = { name: 'S', phone: '02-555-0101', optOut080: '080-123-4567' };
  await done('PUT', 'policies/law', { jurisdiction: 'KR', inApp: false, sender });
  await done('PUT', 'policies/quiet_hours', { from: '03:00', to: '03:01', tz: 'user', action: 'drop' });
  await done('PUT', 'policies/caps', { rules: [{ count: 1, window: { last: '24h' }, channel: 'push' }] });
  for (const id of ['thanks', 'rival']) {
    const push = { title: `From ${id}`, body: 'Have a look.' };
    await done('PUT', `templates/${id}`, { defaultLocale: 'en', locales: { en: { push } } });
  }
  await done('POST', 'triggers', triggerOf(live));
  await done('POST', 'triggers/thanks/activate');
  for (const userId of PEOPLE) {
    const consents = ['marketing', 'marketing_night'].map((purpose) => ({
      ...{ channel: 'push', purpose, granted: true },
    }));
    expect((await api.server('PUT', `/v1/profiles/${userId}/consents`, consents)).status).toBe(200);
  }
  for (const [userId, at] of [
    ['mina', 'cart'],
    ['jun', 'wish'],
    ['sora', 'elsewhere'],
  ] as const) {
    await looks(userId, at);
  }
  await done('POST', 'triggers', triggerOf(rival));
  marketer = await openAdminPage(browser, server.url);
  await signIn(marketer);
  // People are known to all who ask a moment after they are to their own object.
  const span = { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date().toISOString() };
  await vi.waitFor(async () => {
    const { body } = await api.admin('POST', 'triggers/backtest', { triggerId: 'rival', ...span });
    expect([body.profiles?.replayed, body.fidelity?.recorded]).toEqual([PEOPLE.length, 1]);
  }, WAITS);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

it('a draft lives the past again: who would have got what, at which cost, whom it would have displaced', async () => {
  const { page, faults, see } = marketer;
  await see('triggers/rival');
  await page.getByRole('button', { name: 'Backtest' }).click();
  const panel = page.getByRole('region', { name: 'Backtest' });
  await panel.getByRole('button', { name: 'Run the backtest' }).click();
  expect(await panel.locator('.sentence').textContent()).toBe(
    'Of 4 people, 2 would have got 2 messages (2 × app push), at a cost of ₩6; 1 message of other triggers would have been displaced for good.',
  );
  const rows = panel.getByRole('table', { name: 'Who would have got what' }).getByRole('row');
  expect(await rows.count()).toBe(3);
  expect(await rows.filter({ hasText: 'jun' }).textContent()).toMatch(/app push.*Looked.*From rival/);
  await panel.getByText('What would have given way').click();
  const displaced = panel.getByRole('table', { name: 'Displaced messages' }).getByRole('row').last();
  expect(await displaced.textContent()).toMatch(/mina.*thanks.*app push.*not at all.*yes/);
  await panel.getByText('What the trigger answered, how often').click();
  expect(await panel.locator('.facts').textContent()).toBe('sent2not_matched1');
  await panel
    .getByText(
      'To these people 1 message really went out in that time; lived again without this draft, 1 of them',
    )
    .waitFor();
  await panel.getByText('What a replay can’t know').click();
  await panel.getByText(/Nobody reacts to a message that was never sent/).waitFor();
  expect((await api.admin('GET', 'deliveries?trigger=rival')).body.items).toEqual([]);

  await page.getByLabel('Name', { exact: true }).fill('A rival');
  await panel.getByText('The draft has changed since; this is of before.').waitFor();
  await panel.getByLabel('To', { exact: true }).fill('2020-01-01');
  await panel.getByRole('button', { name: 'Run the backtest' }).click();
  await panel.getByRole('alert').getByText('expected an instant after').waitFor();
  expect(await panel.locator('.sentence').count()).toBe(0);
  expect(faults.splice(0)).toEqual([expect.stringContaining('the server responded with a status of 400')]);
});

it('a shadow starts with a promise that nothing is sent, keeps it, shows whom it would have reached, and ends', async () => {
  const { page } = marketer;
  const panel = page.getByRole('region', { name: 'Shadow' });
  const begin = panel.getByRole('button', { name: 'Start in shadow' });
  await panel.getByText('Save the draft first.').waitFor();
  expect(await begin.isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Save draft' }).click();
  await begin.click();
  const question = page.getByRole('dialog');
  await question.getByText('Start “A rival” in shadow?').waitFor();
  await question.getByText('When somebody does Looked').waitFor();
  await question.getByText('Nothing of this is sent to anybody').waitFor();
  await question.getByRole('button', { name: 'Start in shadow' }).click();
  await panel.getByText(/Version 1 has stood in shadow since .* It sends nothing\./).waitFor();

  await looks('theo', 'wish');
  const counts = panel.locator('.facts > div');
  await expect
    .poll(async () => {
      await panel.getByRole('button', { name: 'Look again' }).click();
      return counts.filter({ hasText: 'Only shadow' }).textContent();
    }, WAITS)
    .toBe('Only shadow1 message to 1 person');
  expect(await counts.allTextContents()).toEqual([
    'Live0 messages to 0 people',
    'Shadow1 message to 1 person',
    'Both the same0 messages to 0 people',
    'Only live0 messages to 0 people',
    'Only shadow1 message to 1 person',
  ]);
  const example = panel
    .getByRole('table', { name: 'Only the draft would have sent' })
    .getByRole('row')
    .last();
  expect(await example.textContent()).toMatch(/theo.*app push/);
  expect((await api.admin('GET', 'deliveries?userId=theo')).body.items).toEqual([]);
});

it('what it shows holds up before axe, in both languages, wide and narrow', async () => {
  const { page, faults } = marketer;
  for (const [language, width] of [
    ['English', 1280],
    ['English', 390],
    ['한국어', 390],
    ['한국어', 1280],
  ] as const) {
    await page.getByRole('button', { name: language }).click();
    await page.setViewportSize({ width, height: 860 });
    await page.getByRole('button', { name: /^(Run the backtest|백테스트 실행)$/ }).click();
    await page.getByText(/^(Of 4 people, 3 would|4명 중 3명이)/).waitFor();
    const details = page.getByRole('region', { name: /^(Backtest|백테스트)$/ }).locator('details');
    await details.evaluateAll((all) => {
      for (const one of all) one.setAttribute('open', '');
    });
    const limit = language === 'English' ? /^Nobody reacts/ : /아무도 반응하지 않습니다/;
    await page.getByRole('listitem').filter({ hasText: limit }).waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    const cut = await page.evaluate(() => {
      const aside = document.querySelector('aside');
      return aside && aside.scrollWidth - aside.clientWidth;
    });
    expect([language, width, await seriousViolations(page), wide, cut]).toEqual([language, width, [], 0, 0]);
  }
  expect(faults).toEqual([]);
});

it('a shadow that is ended is gone, and where there is neither draft nor shadow none is offered', async () => {
  const { page, see } = marketer;
  await page.getByRole('button', { name: 'English' }).click();
  const panel = page.getByRole('region', { name: 'Shadow' });
  await panel.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
  await panel.getByRole('button', { name: 'Start in shadow' }).waitFor();
  expect((await api.admin('GET', 'triggers/rival/shadow')).status).toBe(404);
  await see('triggers/thanks');
  await page.getByRole('button', { name: 'Backtest' }).click();
  await page.getByRole('region', { name: 'Backtest' }).waitFor();
  await expect.poll(() => page.getByRole('region', { name: 'Shadow' }).count()).toBe(0);
});

it('everybody comes in parts that add up, and one that fails loses none before it', async () => {
  const { page } = marketer;
  const crowd = Array.from({ length: 200 }, (_, i) => ({ type: 'identify', userId: `crowd-${i}` }));
  for (let from = 0; from < crowd.length; from += 50) {
    const batch = crowd.slice(from, from + 50);
    expect((await api.server('POST', '/v1/batch', { batch })).status).toBe(200);
  }
  const panel = page.getByRole('region', { name: 'Backtest' });
  await panel.getByLabel('Of whom').selectOption('all');
  const sentence = panel.locator('.sentence');
  const run = async () => {
    await panel.getByRole('button', { name: 'Run the backtest' }).click();
    return sentence.textContent();
  };
  await expect.poll(run, WAITS).toMatch(/^Of 200 people, .* These are not all yet\.$/);
  await page.route('**/backtest*', (route) => route.abort(), { times: 1 });
  const goOn = panel.getByRole('button', { name: 'Go on with the next people' });
  await goOn.click();
  await panel.getByRole('alert').getByText('The server can’t be reached.').waitFor();
  expect(await sentence.textContent()).toMatch(/^Of 200 people/);
  await goOn.click();
  await panel.getByText(/^Of 204 people, 1 would have got 1 message/).waitFor();
  expect(await goOn.count()).toBe(0);
});
