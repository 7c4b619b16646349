/**
 * The way out of an e-mail, as its reader has it: the link is opened in a real browser without scripts, on a telephone and on
 * a desk, in both languages; and the footer is read by that browser, which knows nothing of how it was made.
 */
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEmailFooter } from '../../src/engine/send/law/email-footer.ts';
import { seriousViolations } from '../support/admin-page.ts';
import { type Api, apiOf } from '../support/api.ts';
import { launchBrowser } from '../support/browser.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

const sender = { name: '은빛공방', phone: '02-1234-5678', address: '서울 종로구 1', email: 'help@shop.kr' };

let server: RunningServer;
let api: Api;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  api = apiOf(server);
  const written = [
    await api.admin('PUT', 'policies/law', { jurisdiction: 'KR', sender }),
    await api.admin('PUT', 'templates/news', {
      defaultLocale: 'ko',
      locales: { ko: { email: { subject: '소식', html: '<p>반지 68,000원</p>', text: '반지' } } },
    }),
    await api.admin('POST', 'triggers', {
      id: 'news',
      category: 'marketing',
      entry: { on: [{ event: 'News' }] },
      reeligibility: { mode: 'always' },
      steps: [{ id: 'tell', send: { channels: ['email'], template: 'news' } }],
    }),
    await api.admin('POST', 'triggers/news/activate'),
  ];
  for (const { status, text } of written) if (status >= 300) throw new Error(text);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** A user who agreed to all there is and got an e-mail: its HTML. */
async function mailed(userId: string, locale: string): Promise<string> {
  await api.server('POST', '/v1/identify', { userId, traits: { locale } });
  for (const channel of ['email', 'push', 'sms', 'kakao']) {
    const consent = { channel, purpose: 'marketing', granted: true, source: 'signup' };
    await api.server('PUT', `/v1/profiles/${userId}/consents`, consent);
  }
  await api.server('POST', '/v1/track', { userId, event: 'News' });
  for (let tries = 0; tries < 100; tries++) {
    const { body } = await api.admin('GET', `deliveries?userId=${userId}`);
    const html = body.items[0]?.content?.html;
    if (html) return html;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('no e-mail was sent');
}

interface Reader {
  page: Page;
  faults: string[];
  close(): Promise<void>;
}

/** Without scripts, as a strict reader has it. */
async function aReader(width: number, locale: string): Promise<Reader> {
  const context = await browser.newContext({
    javaScriptEnabled: false,
    locale,
    viewport: { width, height: 800 },
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  return { page, faults, close: () => context.close() };
}

/** axe needs timers of the page's own: it looks at the same page in a browser that has them. */
async function violationsAt(url: string, press: string | null = null): Promise<string[]> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  if (press !== null) await page.getByRole('button', { name: press, exact: true }).first().click();
  const violations = await seriousViolations(page);
  await context.close();
  return violations;
}

async function fits(page: Page, width: number): Promise<boolean> {
  const box = await page.locator('main').boundingBox();
  const buttons = await page.getByRole('button').all();
  const boxes = await Promise.all(buttons.map((button) => button.boundingBox()));
  const tall = boxes.every((one) => one !== null && one.height >= 44 && one.x + one.width <= width);
  return tall && box !== null && box.x >= 0 && box.x + box.width <= width;
}

describe.each([
  {
    locale: 'ko-KR',
    width: 360,
    click: '[수신거부]',
    title: '광고 수신 설정',
    refuse: '이메일 광고 수신 거부',
    done: '이메일 광고 수신: 거부 처리 완료',
    agree: '이메일 광고 수신 동의',
    everything: '모든 광고 수신 거부',
    all: '카카오톡 광고 수신: 거부 처리 완료',
  },
  {
    locale: 'en-US',
    width: 1280,
    click: '[Unsubscribe]',
    title: 'Advertising preferences',
    refuse: 'Refuse e-mail advertising',
    done: 'E-mail advertising: refused',
    agree: 'Agree to e-mail advertising',
    everything: 'Unsubscribe from everything',
    all: 'KakaoTalk advertising: refused',
  },
])('a reader in $locale, $width wide', ({ locale, width, ...words }) => {
  it('refuses with two clicks from the e-mail, sees what became of it, and may change their mind', async () => {
    const userId = `reader-${locale}`;
    const { page, faults, close } = await aReader(width, locale);
    await page.setContent(await mailed(userId, locale));
    await page.getByRole('link', { name: words.click }).click();
    await page.getByRole('heading', { level: 1, name: words.title }).waitFor();
    const { href } = new URL(page.url());
    expect(await violationsAt(href)).toEqual([]);
    expect(await fits(page, width)).toBe(true);

    await page.getByRole('button', { name: words.refuse, exact: true }).first().click();
    const result = page.getByRole('status');
    await result.getByText(words.done).waitFor();
    expect(await result.textContent()).toContain(sender.name);
    expect(await result.textContent()).toContain(String(new Date().getFullYear()));
    expect(await page.getByRole('button', { name: words.refuse, exact: true }).count()).toBe(0);

    await page.getByRole('button', { name: words.agree, exact: true }).click();
    expect(await violationsAt(href, words.refuse)).toEqual([]);
    await page.getByRole('button', { name: words.everything }).click();
    await page.getByRole('status').getByText(words.all).waitFor();
    const { body } = await api.server('GET', `/v1/preferences?userId=${userId}`);
    expect(body.consents.map(({ granted }: { granted: boolean }) => granted)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(faults).toEqual([]);
    await close();
  });
});

it('a link that was cut off says so, in either language, on a telephone', async () => {
  const { page, faults, close } = await aReader(360, 'ko-KR');
  const answer = await page.goto(`${server.url}/u/1.email.ko.cut`);
  expect(answer?.status()).toBe(404);
  await page.getByRole('heading', { name: '사용할 수 없는 링크입니다' }).waitFor();
  await page.getByRole('link', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
  expect(await violationsAt(page.url())).toEqual([]);
  // The browser tells of the page's own status in red; of nothing else.
  expect(faults.filter((fault) => !/status of 404/.test(fault))).toEqual([]);
  await close();
});

it('a browser reads in every closed e-mail what the law asks for, and no added part twice', async () => {
  const url = 'https://edge.example.com/u/1.email.ko.k.msg_1.s';
  const link = (text: string) => `<a href="${url}">${text}</a>`;
  const piece = fc.constantFrom(
    '<p>',
    '</p>',
    '<body>',
    '</body></html>',
    '<!-- ',
    ' -->',
    '<style>p{}',
    '</style>',
    '<title>x',
    '</title>',
    '안녕하세요 ',
    link('수신거부'),
    link('Unsubscribe'),
    link(''),
    ...Object.values(sender),
  );
  const pages = fc.sample(fc.array(piece, { maxLength: 10 }), { numRuns: 150, seed: 8_058 });
  const law = { id: 'law' as const, jurisdiction: 'KR', inApp: false, sender };
  const context = await browser.newContext();
  const page = await context.newPage();
  for (const html of pages.map((pieces) => pieces.join(''))) {
    const closed = String(addEmailFooter({ subject: 's', html }, law, url).html);
    const read = await page.evaluate((markup) => {
      document.open();
      document.write(markup);
      document.close();
      const links = [...document.querySelectorAll('a')].filter((a) => a.innerText.trim() !== '');
      return { text: document.body.innerText, links: links.map(({ href }) => href) };
    }, closed);
    for (const part of [...Object.values(sender), '수신거부']) expect(read.text, closed).toContain(part);
    expect(read.text, closed).toMatch(/unsubscribe/i);
    expect(read.links, closed).toContain(url);
    for (const added of ['메일 수신을 원치', 'If you do not want']) {
      expect(read.text.split(added).length, closed).toBeLessThan(3);
    }
  }
  await context.close();
});
