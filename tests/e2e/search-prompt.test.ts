import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { linkOf, stranger, type Visitor } from '../support/visitor.ts';

const SEARCHED = 'Products Searched';

let server: RunningServer;
let api: Api;
beforeAll(async () => {
  server = await startServer({ demo: true });
  api = apiOf(server);
});
afterAll(() => server?.[Symbol.asyncDispose]());

/** Someone who has been to the shop before: no invitation to join comes between. */
async function regular(): Promise<Visitor> {
  const visitor = stranger(api);
  await visitor.sees((await visitor.page('Home'))[0]);
  return visitor;
}

it.each([
  ['as the table has it', '실반지'],
  ['with a space inside', '실 반지'],
  ['with spaces around', ' 실반지 '],
  ['decomposed, as macOS types it', '실반지'.normalize('NFD')],
  ['decomposed, with spaces around and inside', ' 실  반지 '.normalize('NFD')],
])('a keyword %s is answered with the link to its category', async (_how, query) => {
  const messages = await (await regular()).track(SEARCHED, { query });
  expect(messages).toMatchObject([
    { trigger: 'search-prompt', surface: 'search', content: { title: '실반지 모아 보기' } },
  ]);
  expect(linkOf(messages[0])).toBe('/c/thin-rings');
});

it('the search event of GA4 is the same search', async () => {
  const messages = await (await regular()).track('search', { search_term: '하트 목걸이' });
  expect(linkOf(messages[0])).toBe('/c/heart-necklaces');
});

it.each([
  ['is not in the table', { query: '은반지' }],
  ['only contains a keyword', { query: '실반지 세트' }],
  ['is empty', { query: '' }],
  ['is no text', { query: 42 }],
  ['is missing', {}],
])('a search that %s is answered with nothing', async (_what, properties) => {
  const visitor = await regular();
  expect(await visitor.track(SEARCHED, properties)).toEqual([]);
  expect(await visitor.reason('search-prompt', SEARCHED)).toMatchObject({ reason: 'not_matched' });
});

it('whoever is on the category’s page already is not sent there', async () => {
  const visitor = await regular();
  const context = { page: { path: '/c/thin-rings' } };
  expect(await visitor.track(SEARCHED, { query: '실반지' }, { context })).toEqual([]);
});

describe('in one session', () => {
  it('a category is offered once, however it is searched for', async () => {
    const visitor = await regular();
    await visitor.sees((await visitor.track(SEARCHED, { query: '실반지' }))[0]);
    expect(await visitor.track(SEARCHED, { query: '실 반지' })).toEqual([]);
    expect(await visitor.reason('search-prompt', SEARCHED)).toMatchObject({ reason: 'not_eligible' });
  });

  it('another category is offered nevertheless', async () => {
    const visitor = await regular();
    await visitor.sees((await visitor.track(SEARCHED, { query: '실반지' }))[0]);
    const messages = await visitor.track(SEARCHED, { query: '탄생석' });
    expect(linkOf(messages[0])).toBe('/c/birthstones');
  });
});

it('in the next session it is offered again', async () => {
  const { body: policy } = await api.admin('GET', 'policies/workspace');
  const put = await api.admin('PUT', 'policies/workspace', { ...policy, sessionTimeout: '1s' });
  expect(put.status).toBe(200);
  const visitor = await regular();
  await visitor.sees((await visitor.track(SEARCHED, { query: '실반지' }))[0]);
  // Every event keeps the session alive, so each try leaves it longer alone.
  let pauseMs = 600;
  await vi.waitFor(
    async () => {
      pauseMs += 600;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const messages = await visitor.track(SEARCHED, { query: '실반지' });
      expect(linkOf(messages[0])).toBe('/c/thin-rings');
    },
    { timeout: 10_000, interval: 1 },
  );
});
