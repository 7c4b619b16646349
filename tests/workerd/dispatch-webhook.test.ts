/** What the runtime itself does: its URL parser, its WebCrypto, its Intl. */
import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import type { OutgoingMessage } from '../../src/channels/channel.ts';
import { createWebhookAdapter } from '../../src/channels/webhook.ts';
import { renderTemplate } from '../../src/engine/send/render/render-template.ts';
import { checkPublicUrl } from '../../src/protocol/public-address.ts';
import { sendDeps } from '../support/channel-kit.ts';
import { LOOPBACK, MALFORMED, PUBLIC, REFUSED_EVERYWHERE } from '../support/url-corpus.ts';

const SECRET = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`;
const message: OutgoingMessage = {
  id: 'msg_workerd',
  channel: 'webhook',
  trigger: 't',
  version: 1,
  variant: null,
  category: 'marketing',
  priority: 50,
  createdAt: 0,
  expiresAt: 1,
  user: { id: 'u1', anonymousId: null },
  to: [],
  locale: 'ko',
  content: { data: { text: '안녕' } },
};

function deps(answer: (url: string, init: RequestInit) => Promise<Response>) {
  return sendDeps({
    fetch: answer,
    settings: { url: 'https://shop.example.com/h' },
    secret: SECRET,
    allowLoopback: false,
  });
}

it('judges every URL of the corpus as plain Node does', () => {
  const wrong = (urls: string[], kind: string, allowLoopback: boolean) =>
    urls.filter((url) => checkPublicUrl(url, { allowLoopback }).kind !== kind);
  expect(wrong([...REFUSED_EVERYWHERE, ...MALFORMED], 'refused', true)).toEqual([]);
  expect(wrong([...REFUSED_EVERYWHERE, ...MALFORMED, ...LOOPBACK], 'refused', false)).toEqual([]);
  expect(wrong(LOOPBACK, 'allowed', true)).toEqual([]);
  expect(wrong(PUBLIC, 'allowed', false)).toEqual([]);
});

it('signs what an independent verifier accepts', async () => {
  const requests: Request[] = [];
  const result = await createWebhookAdapter().send(
    message,
    deps(async (url, init) => {
      requests.push(new Request(url, init));
      return new Response(null, { status: 204 });
    }),
  );
  expect(result).toEqual({ kind: 'accepted' });
  const [request] = requests;
  expect(request?.redirect).toBe('manual');
  const body = (await request?.text()) ?? '';
  expect(new Webhook(SECRET).verify(body, Object.fromEntries(request?.headers ?? []))).toMatchObject({
    data: { text: '안녕' },
  });
});

it('gives up on an endpoint that does not answer in time', async () => {
  const never = (_: string, init: RequestInit) =>
    new Promise<Response>((_resolve, reject) => {
      init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
  expect(await createWebhookAdapter({ timeoutMs: 20 }).send(message, deps(never))).toEqual({
    kind: 'unknown',
    code: 'timeout',
  });
});

it('writes amounts and days as plain Node does', () => {
  const body =
    '{{#money}}1234567{{/money}} {{#number}}1234.5{{/number}} {{#date}}2026-11-24T16:00:00Z{{/date}}';
  const template = {
    id: 't',
    defaultLocale: 'ko',
    locales: { ko: { push: { body } }, en: { push: { body } } },
  };
  const read = (locale: string) =>
    renderTemplate({
      template,
      channel: 'push',
      locale,
      values: {},
      format: { currency: 'KRW', timeZone: 'Asia/Seoul' },
    });
  expect(read('ko')).toMatchObject({ content: { body: '1,234,567원 1,234.5 2026년 11월 25일' } });
  expect(read('en')).toMatchObject({ content: { body: '₩1,234,567 1,234.5 November 25, 2026' } });
});
