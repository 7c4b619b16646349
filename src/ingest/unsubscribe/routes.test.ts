import { beforeEach, describe, expect, test } from 'vitest';
import { type Harness, ingestHarness } from '../../../tests/support/ingest-harness.ts';
import { signedPart, type UnsubscribeLink } from '../../engine/send/links/unsubscribe-link.ts';
import type { Channel } from '../../engine/trigger.ts';
import type { ConsentsResult, ProfileRef } from '../../protocol/rpc.ts';
import { signUnsubscribe } from '../../protocol/unsubscribe-token.ts';

const AT = Date.UTC(2026, 10, 24, 3);
const ONE_CLICK = 'List-Unsubscribe=One-Click';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let harness: Harness;
let user: ProfileRef;
/** What the user's profile answers; changes reach it no further than `harness.requests`. */
let ledger: Extract<ConsentsResult, { kind: 'known' }>['consents'];
beforeEach(async () => {
  harness = ingestHarness();
  user = await harness.ref('user', 'u1');
  ledger = [
    { channel: 'email', purpose: 'marketing', granted: true, at: AT },
    { channel: 'push', purpose: 'marketing', granted: true, at: AT },
    { channel: 'push', purpose: 'marketing_night', granted: true, at: AT },
    { channel: 'sms', purpose: 'marketing', granted: false, at: AT },
    { channel: 'email', purpose: 'location', granted: true, at: AT },
  ];
  harness.answer(user, { consents: () => ({ kind: 'known', consents: ledger }) });
});

async function linkOf(channel: Channel = 'email', change: Partial<UnsubscribeLink> = {}): Promise<string> {
  const { key: profileKey } = user;
  const text = signedPart({ channel, language: 'ko', profileKey, messageId: 'msg_1', ...change });
  return `/u/${text}.${await signUnsubscribe(harness.env, text)}`;
}

async function page(path: string, init?: RequestInit) {
  const response = await harness.fetch(path, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const post = (path: string, body: BodyInit = ONE_CLICK, headers: Record<string, string> = FORM) =>
  page(path, { method: 'POST', body, headers });
/** Each word that reached a profile's ledger. */
const words = () =>
  harness.requests.flatMap(({ events }) =>
    events.map(({ name, properties: { channel, purpose, granted } }) => [name, channel, purpose, granted]),
  );
const refused = (channel: string, purpose = 'marketing') => ['$consent', channel, purpose, false];

describe('a link that is opened', () => {
  test.each(['GET', 'HEAD'])('by %s changes nothing', async (method) => {
    const { status, text } = await page(await linkOf(), { method });
    expect([status, text !== '']).toEqual([200, method === 'GET']);
    expect(harness.requests).toEqual([]);
    expect(harness.queries).toEqual([]);
  });

  test('shows a page that loads nothing, runs nothing and tells nobody its address', async () => {
    const { headers, text } = await page(await linkOf());
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/script-src|unsafe/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('set-cookie')).toBeNull();
    expect(text).not.toMatch(/<script|onclick|u1/);
  });

  test('speaks the message’s language, or the one that its reader chooses', async () => {
    expect((await page(await linkOf())).text).toContain('<html lang="ko">');
    const english = await linkOf('email', { language: 'en' });
    expect((await page(english, { headers: { 'accept-language': 'ko' } })).text).toContain(
      '<html lang="en">',
    );
    expect((await page(`${english}?lang=ko`)).text).toContain('광고 수신 설정');
  });
});

describe('a token that isn’t ours', () => {
  test.each([
    ['forged', async () => (await linkOf()).replace('msg_1', 'msg_2')],
    ['cut off', async () => (await linkOf()).slice(0, -7)],
    ['another kind of text', async () => '/u/hello'],
    ['not even UTF-8', async () => '/u/%F0%28'],
  ])('%s reaches no profile, by whatever method', async (_, make) => {
    const path = await make();
    for (const method of ['GET', 'HEAD', 'POST']) {
      const init = { method, ...(method === 'POST' && { body: ONE_CLICK, headers: FORM }) };
      expect([400, 404]).toContain((await harness.fetch(path, init)).status);
    }
    expect(harness.requests).toEqual([]);
  });

  test('is answered in the browser’s language', async () => {
    const korean = { 'accept-language': 'fr, en;q=0.2, ko-KR;q=0.9' };
    expect((await page('/u/hello', { headers: korean })).text).toContain('사용할 수 없는 링크입니다');
    expect((await page('/u/hello')).text).toContain('This link does not work');
  });
});

describe('RFC 8058 one-click', () => {
  const multipart = (): FormData => {
    const form = new FormData();
    form.set('List-Unsubscribe', 'One-Click');
    return form;
  };
  test.each<[string, () => BodyInit, Record<string, string>]>([
    ['urlencoded', () => ONE_CLICK, FORM],
    ['multipart', multipart, {}],
    ['without a type', () => new TextEncoder().encode(ONE_CLICK), {}],
    ['as a mailbox writes it that we don’t know', () => 'x', { 'content-type': 'multipart/form-data' }],
    ['empty', () => '', FORM],
  ])('%s refuses the message’s channel, without a redirect', async (_, body, headers) => {
    const { status, headers: answered } = await post(await linkOf(), body(), headers);
    expect([status, answered.get('location'), answered.get('set-cookie')]).toEqual([200, null, null]);
    expect(words()).toEqual([refused('email')]);
    const [request] = harness.requests;
    expect(request?.profile).toEqual({ kind: 'user', id: '', key: user.key });
    expect(request?.events[0]).toMatchObject({
      origin: 'server',
      properties: { source: 'unsubscribe:msg_1', textVersion: 'reflex-preferences-1' },
    });
  });

  test.each<[Channel, unknown[]]>([
    ['push', [refused('push'), refused('push', 'marketing_night')]],
    ['sms', []],
    ['lms', []],
    ['kakao_brand', [refused('kakao')]],
    ['webhook', [refused('email'), refused('push'), refused('push', 'marketing_night')]],
  ])('in a message by %s', async (channel, expected) => {
    await post(await linkOf(channel));
    expect(words()).toEqual(expected);
  });

  test('sent twice at once it is one event; after a new consent another one', async () => {
    const path = await linkOf();
    await Promise.all([post(path), post(path)]);
    ledger = [{ channel: 'email', purpose: 'marketing', granted: true, at: AT + 1 }];
    await post(path);
    const ids = harness.requests.map(({ events }) => events[0]?.messageId);
    expect(ids).toHaveLength(3);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[1]);
  });

  test('is newer than the consent that it takes back, whatever this clock says', async () => {
    const ahead = Date.now() + 60_000;
    ledger = [{ channel: 'email', purpose: 'marketing', granted: true, at: ahead }];
    await post(await linkOf());
    expect(harness.requests[0]?.events[0]?.timestamp).toBe(ahead + 1);
  });

  test('where it is so already, nothing is written, and the page says that', async () => {
    ledger = [{ channel: 'email', purpose: 'marketing', granted: false, at: AT }];
    expect((await post(await linkOf())).text).toContain('이미 그렇게 설정되어 있어');
    expect(harness.requests).toEqual([]);
  });
});

describe('the page’s own forms', () => {
  const set = (fields: Record<string, string>) =>
    new URLSearchParams({ action: 'set', ...fields }).toString();

  test('change one channel and purpose', async () => {
    const path = await linkOf();
    await post(path, set({ channel: 'sms', purpose: 'marketing', granted: 'true' }));
    await post(path, set({ channel: 'push', purpose: 'marketing_night', granted: 'false' }));
    expect(words()).toEqual([['$consent', 'sms', 'marketing', true], refused('push', 'marketing_night')]);
    expect(harness.requests[0]?.events[0]?.properties.source).toBe('preferences:msg_1');
  });

  test('refusing a channel refuses its night, and the night alone can’t be agreed to', async () => {
    const path = await linkOf();
    await post(path, set({ channel: 'push', purpose: 'marketing', granted: 'false' }));
    await post(path, set({ channel: 'sms', purpose: 'marketing_night', granted: 'true' }));
    expect(words()).toEqual([refused('push'), refused('push', 'marketing_night')]);
  });

  test('refuse everything that was agreed to, and nothing else', async () => {
    const { text } = await post(await linkOf(), 'action=everything');
    expect(words()).toEqual([refused('email'), refused('push'), refused('push', 'marketing_night')]);
    expect(text).toContain('이메일 광고 수신: 거부 처리 완료');
    expect(text).toContain('앱 푸시 야간(21시~8시) 광고 수신: 거부 처리 완료');
  });

  test.each([
    'action=delete',
    'action=set',
    'action=set&channel=fax&purpose=marketing&granted=true',
    'action=set&channel=push&purpose=location&granted=true',
    'action=set&channel=push&purpose=marketing&granted=yes',
  ])('%s changes nothing: 400', async (body) => {
    expect((await post(await linkOf(), body)).status).toBe(400);
    expect(harness.requests).toEqual([]);
  });

  test('a body of megabytes changes nothing: 413', async () => {
    expect((await post(await linkOf(), `${ONE_CLICK}&x=${'x'.repeat(9_000)}`)).status).toBe(413);
    expect(harness.requests).toEqual([]);
  });
});

describe('channels §3 result notice on the page', () => {
  test('says what was done, by whom it was sent and when, in the workspace’s time', async () => {
    const { text } = await post(await linkOf());
    const day = new Intl.DateTimeFormat('ko-KR', { dateStyle: 'long', timeZone: 'Asia/Seoul' }).format();
    expect(text).toMatch(/role="status"[\s\S]*이메일 광고 수신: 거부 처리 완료[\s\S]*처리 일시[\s\S]*전송자/);
    expect(text).toContain(day);
    expect(text).toContain('거부함');
  });
});

describe('a profile', () => {
  test('that isn’t there any more is answered politely, and not made', async () => {
    harness.answer(user, { consents: () => ({ kind: 'unknown' }) });
    for (const answer of [await page(await linkOf()), await post(await linkOf())]) {
      expect(answer.status).toBe(200);
      expect(answer.text).toContain('수신자 정보가 남아 있지 않습니다');
    }
    expect(harness.requests).toEqual([]);
  });

  test('that has become a known user’s is followed there', async () => {
    const anonymous = await harness.ref('anonymous', 'a1');
    harness.answer(anonymous, { consents: () => ({ kind: 'moved', to: user }) });
    await post(await linkOf('email', { profileKey: anonymous.key }));
    expect(harness.requests.map(({ profile }) => profile.key)).toEqual([user.key]);
  });

  test('that can’t answer now: 503 as a page, with when to come again', async () => {
    const consents = (): ConsentsResult => ({ kind: 'known', consents: ledger });
    harness.answer(user, { consents, ingest: () => ({ kind: 'unavailable', retryAfterSeconds: 7 }) });
    const { status, headers, text } = await post(await linkOf());
    expect([status, headers.get('retry-after')]).toEqual([503, '7']);
    expect(text).toContain('지금은 처리할 수 없습니다');
  });
});
