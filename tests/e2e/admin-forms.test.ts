/** What the forms make, and what a marketer does beside writing: tests, replays, keys, and the big red button. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AdminPage, openAdminPage, seriousViolations, signIn } from '../support/admin-page.ts';
import { type Api, apiOf } from '../support/api.ts';
import { launchBrowser } from '../support/browser.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { receiveWebhooks, type WebhookReceiver } from '../support/webhook-receiver.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** What the endpoint answers. */
let status = 204;
let server: RunningServer;
let api: Api;
let browser: Browser;
let marketer: AdminPage;
let endpoint: WebhookReceiver;
beforeAll(async () => {
  [server, browser, endpoint] = await Promise.all([
    startServer(),
    launchBrowser(),
    receiveWebhooks(() => ({ status })),
  ]);
  api = apiOf(server);
  marketer = await openAdminPage(browser, server.url);
  await signIn(marketer);
  await marketer.page.getByRole('heading', { name: 'Triggers' }).waitFor();
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await endpoint?.close();
});

it('forms say all that most triggers need: steps of each kind, variants, a recheck, and goals', async () => {
  const { page, see } = marketer;
  await see('new/low-stock');
  await page.getByRole('button', { name: 'Make the draft' }).click();
  await page.getByRole('heading', { level: 1, name: '품절 임박' }).waitFor();
  await page.getByText('an item that somebody has (liked, in_cart) has 5 or fewer left').waitFor();

  await page.getByText('Experiment with variants').click();
  for (const _ of 'ab') await page.getByRole('button', { name: '+ variant' }).click();
  const what = page.getByRole('group', { name: 'What' });
  for (const kind of ['Wait for', 'Branch', 'Split', 'Set a trait', 'End']) {
    await what.getByRole('button', { name: `+ ${kind}`, exact: true }).click();
  }
  await what.getByLabel('Event').fill('Product Viewed');
  await what.getByLabel('At most for').fill('2h');
  await what.getByLabel('If not, go to').fill('end-1');
  await what.getByLabel('Go to', { exact: true }).fill('split-1');
  await what.getByLabel('a goes to').fill('set-1');
  await what.getByLabel('b goes to').fill('end-1');
  await what.getByLabel('Trait').fill('user.traits.hurried');
  await what.getByLabel('Becomes').fill('3');
  await page.getByRole('button', { name: '+ goal' }).click();
  await page.getByRole('group', { name: 'Goals' }).getByLabel('Within').last().fill('7d');
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByText('The draft is saved.').waitFor();

  const { body } = await api.admin('GET', 'triggers/low-stock');
  expect(body.steps.slice(1)).toEqual([
    { id: 'wait-for-1', waitFor: { event: 'Product Viewed' }, timeout: '2h', onTimeout: 'end-1' },
    {
      id: 'branch-1',
      branch: [{ if: { field: 'user.known', op: 'eq', value: true }, goto: 'split-1' }],
    },
    { id: 'split-1', split: { a: 'set-1', b: 'end-1' } },
    { id: 'set-1', set: { 'user.traits.hurried': 3 } },
    { id: 'end-1', end: true },
  ]);
  expect(body.experiment.variants).toEqual([
    { id: 'a', weight: 1 },
    { id: 'b', weight: 1 },
  ]);
  expect(body.goals).toMatchObject([{ id: 'ordered' }, { id: 'ordered-2', within: '7d' }]);
  expect(await seriousViolations(page)).toEqual([]);
});

/** Webhooks that have come for a user. */
const hooksFor = (userId: string) =>
  endpoint.received.filter(({ body }) => JSON.parse(body).data.to === userId);

it('a test goes to a marked user; what failed is sent again from the dead letters', async () => {
  const { page, see } = marketer;
  const settings = { url: endpoint.url };
  await api.admin('PUT', 'channels/webhook', { provider: 'webhook', settings, secret: SECRET });
  await api.admin('PUT', 'templates/hook', {
    defaultLocale: 'en',
    locales: { en: { webhook: { data: { to: '{{user.id}}' } } } },
  });
  await api.admin('POST', 'triggers', {
    id: 'hook',
    category: 'transactional',
    transactionalReason: 'asked for',
    entry: { on: [{ event: 'Asked' }] },
    reeligibility: { mode: 'always' },
    steps: [{ id: 'tell', send: { channels: ['webhook'], template: 'hook' } }],
  });
  await api.admin('POST', 'triggers/hook/activate');
  await api.server('POST', '/v1/identify', { userId: 'tester', traits: { reflexTest: true } });
  await see('triggers/hook');
  await page.getByLabel('User id, or anon:…').fill('tester');
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByText('A test message is on its way (webhook).').waitFor();
  await expect.poll(() => hooksFor('tester')).toHaveLength(1);

  status = 400;
  await api.server('POST', '/v1/track', { userId: 'buyer', event: 'Asked' });
  await expect.poll(() => hooksFor('buyer')).toHaveLength(1);
  status = 204;
  await see('dead-letters');
  const again = page.getByRole('button', { name: 'Send again' });
  await expect
    .poll(async () => {
      await page.getByRole('button', { name: 'Look again' }).click();
      return again.count();
    })
    .toBe(1);
  await again.click();
  await page.getByText('It is on its way.').waitFor();
  await expect.poll(() => hooksFor('buyer')).toHaveLength(2);
  expect(new Set(hooksFor('buyer').map(({ body }) => body)).size).toBe(1);
});

it('a key is shown once, works, and is refused when it has been revoked', async () => {
  const { page, see } = marketer;
  await see('keys');
  await page.getByLabel('Kind').selectOption('server');
  await page.getByLabel('Label').fill('the nightly job');
  await page.getByRole('button', { name: 'Make a key' }).click();
  const key = (await page.locator('code.secret').textContent()) ?? '';
  const asked = () =>
    api.stranger('GET', '/v1/profiles/buyer', undefined, { headers: { authorization: `Bearer ${key}` } });
  expect((await asked()).status).toBe(200);
  await see('triggers');
  await see('keys');
  expect(await page.getByText(key).count()).toBe(0);
  const row = page.getByRole('row', { name: /the nightly job/ });
  await row.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await row.getByRole('button', { name: 'Revoke' }).waitFor({ state: 'detached' });
  await expect.poll(async () => (await asked()).status, { timeout: 12_000 }).toBe(401);
});

it('everything stops by one button, says so on every view, and goes on', async () => {
  const { page } = marketer;
  const asks = async (userId: string) => {
    await api.server('POST', '/v1/track', { userId, event: 'Asked' });
    const { body } = await api.admin('GET', `profiles/${userId}/decisions`);
    return body.items[0].triggers.map(({ reason }: { reason: string }) => reason);
  };
  await page.getByRole('button', { name: 'Stop all' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop everything' }).click();
  await page.getByText('Everything is stopped: no trigger sends anything.').waitFor();
  await expect.poll(() => asks('late'), { timeout: 12_000 }).toEqual(['paused']);
  await page.getByRole('button', { name: 'Resume all' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
  await expect.poll(() => asks('later'), { timeout: 12_000 }).toEqual(['sent']);
});

it('at night too, by the colours that the system asks for, every view can be read', async () => {
  const dark = await openAdminPage(browser, server.url, { colorScheme: 'dark' });
  expect(await seriousViolations(dark.page)).toEqual([]);
  await signIn(dark);
  for (const view of [
    'triggers',
    'triggers/low-stock',
    'new',
    'templates/low-stock',
    'users/buyer',
    'keys',
  ]) {
    await dark.see(view);
    expect([view, await seriousViolations(dark.page)]).toEqual([view, []]);
  }
});
