import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHANNELS, type Channel } from '../../trigger.ts';
import type { JsonObject } from '../../vocabulary.ts';
import { tagContent } from './tag-content.ts';

const ID = 'msg_1';
const TAG = 'rfx_mid=msg_1';
const LINK = 'https://shop.kr/p';
const TAGGED = `${LINK}?${TAG}`;
const tag = (channel: Channel, content: JsonObject, values: JsonObject = {}) =>
  tagContent(channel, content, ID, values);

describe('what is tagged', () => {
  test.each<[Channel, JsonObject, JsonObject]>([
    [
      'in_app',
      {
        body: LINK,
        image: { url: LINK, alt: '' },
        buttons: [{ id: 'a', text: LINK, action: { type: 'open', url: LINK } }],
      },
      {
        body: LINK,
        image: { url: LINK, alt: '' },
        buttons: [{ id: 'a', text: LINK, action: { type: 'open', url: TAGGED } }],
      },
    ],
    [
      'card',
      { buttons: [{ action: { type: 'dismiss' } }], html: null },
      { buttons: [{ action: { type: 'dismiss' } }], html: null },
    ],
    [
      'in_app',
      { html: `<a href="${LINK}?a=1&amp;b=2">x</a>` },
      { html: `<a href="${LINK}?a=1&amp;b=2&amp;${TAG}">x</a>` },
    ],
    ['push', { body: LINK, link: LINK, imageUrl: LINK }, { body: LINK, link: TAGGED, imageUrl: LINK }],
    ['web_push', { body: 'x', link: 'dalmuri://cart' }, { body: 'x', link: 'dalmuri://cart' }],
    [
      'email',
      { subject: LINK, html: `<A class="b" HREF='${LINK}'>`, text: `See ${LINK}.` },
      { subject: LINK, html: `<A class="b" HREF='${TAGGED}'>`, text: `See ${TAGGED}.` },
    ],
    [
      'lms',
      { title: LINK, text: `(광고)서점\n${LINK}\n무료수신거부 080-1-2` },
      { title: LINK, text: `(광고)서점\n${TAGGED}\n무료수신거부 080-1-2` },
    ],
    ['line', { text: `${LINK} ${LINK}!`, imageUrl: LINK }, { text: `${TAGGED} ${TAGGED}!`, imageUrl: LINK }],
    [
      'kakao_brand',
      {
        bubble: 'text',
        text: LINK,
        buttons: [{ type: 'WL', linkMo: LINK, linkPc: LINK, scheme: 'dalmuri://x' }],
      },
      {
        bubble: 'text',
        text: TAGGED,
        buttons: [{ type: 'WL', linkMo: TAGGED, linkPc: TAGGED, scheme: 'dalmuri://x' }],
      },
    ],
    ['kakao_info', { text: LINK, buttons: [{ linkMo: LINK }] }, { text: LINK, buttons: [{ linkMo: LINK }] }],
    [
      'whatsapp',
      { templateName: 't', variables: { 1: LINK } },
      { templateName: 't', variables: { 1: LINK } },
    ],
    ['webhook', { data: { link: LINK } }, { data: { link: LINK } }],
  ])('%s %j', (channel, content, expected) => {
    expect(tag(channel, content)).toEqual(expected);
  });

  test('an SMS keeps its links as they are where the tag would make it an LMS', () => {
    const short = `${'가'.repeat(20)} ${LINK}`;
    expect(tag('sms', { text: short })).toEqual({ text: `${'가'.repeat(20)} ${TAGGED}` });
    const long = `${'가'.repeat(34)} ${LINK}`;
    expect(tag('sms', { text: long })).toEqual({ text: long });
    expect(tag('sms', { text: '링크가 없는 글' })).toEqual({ text: '링크가 없는 글' });
  });

  test('never a link to unsubscribe or to one’s preferences', () => {
    const message = { unsubscribeUrl: 'https://r.kr/u/t?a=1&b=2', preferencesUrl: 'https://r.kr/pref' };
    const content = {
      subject: 's',
      html: `<a href="https://r.kr/u/t?a=1&amp;b=2">x</a><a href="${LINK}">y</a>`,
      text: `https://r.kr/pref ${LINK}`,
    };
    expect(tag('email', content, { message })).toEqual({
      subject: 's',
      html: `<a href="https://r.kr/u/t?a=1&amp;b=2">x</a><a href="${TAGGED}">y</a>`,
      text: `https://r.kr/pref ${TAGGED}`,
    });
  });
});

describe('in running text', () => {
  test.each([
    [`(${LINK})`, `(${TAGGED})`],
    [`${LINK}, ${LINK}?a=1...`, `${TAGGED}, ${LINK}?a=1&${TAG}...`],
    [`"${LINK}"`, `"${TAGGED}"`],
    ['https://w.kr/Ring_(silver)', 'https://w.kr/Ring_(silver)'],
    [`${LINK}에서 보세요`, `${LINK}에서 보세요`],
    ['https://shop.kr/실반지', 'https://shop.kr/실반지'],
    ['shop.kr/p', 'shop.kr/p'],
    ['https:// nothing', 'https:// nothing'],
  ])('%s reads %s', (text, expected) => {
    expect(tag('line', { text })).toEqual({ text: expected });
  });
});

describe('in HTML', () => {
  test.each([
    [`<img src="${LINK}">`, `<img src="${LINK}">`],
    [`<link href="${LINK}">`, `<link href="${LINK}">`],
    [`<p>${LINK}</p>`, `<p>${LINK}</p>`],
    [`<a href=${LINK}>`, `<a href=${LINK}>`],
    [`<a data-href="${LINK}">`, `<a data-href="${LINK}">`],
    [`<area href="${LINK}" /><a\nhref="${LINK}">`, `<area href="${TAGGED}" /><a\nhref="${TAGGED}">`],
    // As values are escaped where a template writes them into HTML.
    [
      '<a href="https:&#x2F;&#x2F;shop.kr&#x2F;p?a&#x3D;1&amp;b=&#39;">',
      `<a href="https://shop.kr/p?a=1&amp;b=&#39;&amp;${TAG}">`,
    ],
    [`<a href="${LINK}?a=&nbsp;">`, `<a href="${LINK}?a=&nbsp;">`],
    ['<a href="mailto:a@b.kr"><a href="/cart">', '<a href="mailto:a@b.kr"><a href="/cart">'],
    [`<a href="${LINK}`, `<a href="${LINK}`],
  ])('%s reads %s', (html, expected) => {
    expect(tag('email', { html })).toEqual({ html: expected });
  });
});

test('whatever the content, tagging never throws, changes nothing but links, and the second time nothing at all', () => {
  const piece = fc.constantFrom(
    '<a href="',
    '"',
    "'",
    '>',
    '<',
    LINK,
    ' ',
    'href=',
    '?',
    '#',
    '가',
    'https://',
    '&amp;',
    ')',
  );
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  const content = fc.record({
    text,
    html: text,
    link: text,
    buttons: fc.array(fc.record({ action: fc.record({ url: text }) })),
  });
  fc.assert(
    fc.property(fc.constantFrom(...CHANNELS), content, (channel, given) => {
      const once = tag(channel, given as JsonObject);
      expect(tag(channel, once)).toEqual(once);
      // Quotes, brackets and ampersands of a link in HTML may be written otherwise.
      const bare = (value: object) =>
        JSON.stringify(value).replace(/rfx_mid=msg_1|[?&;'"<\\]|amp|#39|quot|lt/g, '');
      expect(bare(once)).toBe(bare(given));
    }),
    { numRuns: 3_000 },
  );
});
