import { describe, expect, it } from 'vitest';
import type { LawPolicy } from '../../documents.ts';
import type { JsonObject } from '../../vocabulary.ts';
import { addEmailFooter } from './email-footer.ts';
import { visibleLinks, visibleText } from './visible-text.ts';

const URL = 'https://edge.example.com/u/1.email.ko.k.msg_1.s';
const sender = {
  name: '은빛 & 공방',
  phone: '02-1234-5678',
  email: 'help@shop.kr',
  address: '서울 종로구 1',
};
const korean: LawPolicy = { id: 'law', jurisdiction: 'KR', inApp: false, sender };
const american: LawPolicy = { ...korean, jurisdiction: 'US' };

const close = (content: JsonObject, law = korean) =>
  addEmailFooter(content, law, URL) as { html: string; text: string };
const htmlOf = (html: string, law = korean) => close({ subject: 's', html }, law).html;
/** How often it can be read. */
const times = (text: string, what: string) => text.split(what).length - 1;

describe('channels §3 별표6-email: an advertising e-mail under Korean law', () => {
  it('[KR-EMAIL-BODY] says at its end who sends it and, in both languages, how to refuse', () => {
    const { html, text } = close({ subject: 's', html: '<p>반지</p>', text: '반지' });
    expect(visibleText(html)).toBe(
      '반지은빛 & 공방 | 02-1234-5678 | help@shop.kr | 서울 종로구 1메일 수신을 원치 않으시면 [수신거부]를 클릭하세요.If you do not want to receive these e-mails, please click [Unsubscribe].',
    );
    expect(visibleLinks(html)).toEqual([URL, URL]);
    expect(text).toBe(
      `반지\n\n--\n은빛 & 공방 | 02-1234-5678 | help@shop.kr | 서울 종로구 1\n메일 수신을 원치 않으시면 수신거부를 하실 수 있습니다(무료): ${URL}\nIf you do not want to receive these e-mails, unsubscribe for free: ${URL}\n`,
    );
  });

  it('[KR-EMAIL-ONCE] is left alone where its author wrote all of it', () => {
    const html = `<p>은빛 &amp; 공방 (02 1234-5678)<br>help@shop.kr<br>서울  종로구&nbsp;1</p><a href="${URL}">수신 거부 / Unsubscribe</a>`;
    const text = `은빛&공방 0212345678 help@shop.kr 서울 종로구 1\n수신거부 Unsubscribe: ${URL}`;
    const content = { subject: 's', html: html.replace('(02 ', '(02-'), text };
    expect(close(content)).toEqual(content);
  });

  it('gets what is missing, part by part', () => {
    const html = htmlOf(`<p>은빛 & 공방</p><a href="${URL.replaceAll('/', '&#x2F;')}">수신거부</a>`);
    expect(times(visibleText(html), '은빛 & 공방')).toBe(1);
    expect(times(visibleText(html), '수신거부')).toBe(1);
    expect(times(visibleText(html), 'Unsubscribe')).toBe(1);
    expect(visibleText(html)).toContain('02-1234-5678');
  });

  it.each([
    ['in a comment', `<!-- 수신거부 Unsubscribe <a href="${URL}">x</a> 02-1234-5678 -->`],
    ['in a style sheet', `<style>/* 02-1234-5678 <a href="${URL}">수신거부 Unsubscribe</a> */</style>`],
    ['in the title', `<title>02-1234-5678 수신거부 Unsubscribe</title>`],
    ['behind no letter', `<a href="${URL}"></a> 수신거부 Unsubscribe`],
    ['to another address', '<a href="https://shop.kr/u">수신거부 Unsubscribe</a>'],
  ])('takes nothing for written that stands %s', (_, html) => {
    const links = visibleLinks(htmlOf(html)).filter((link) => link === URL);
    expect(links).toHaveLength(2);
  });

  it.each([
    ['<html><body><p>x</p></body></html>', /x<\/p><div.*<\/div><\/body><\/html>$/],
    ['<p>x</p></HTML>', /x<\/p><div.*<\/div><\/HTML>$/],
    ['<p>x', /^<p>x<div.*<\/div>$/],
    ['<body>x</body><!-- </body> -->', /<div.*수신거부/],
    ['<p>x</p><!-- never closed', /^<div.*<\/div><p>x<\/p><!-- never closed$/],
    ['<p>x</p><style>p{}', /^<div.*<\/div><p>x/],
  ])('can be read whatever the page: %s', (html, form) => {
    const closed = htmlOf(html);
    expect(closed).toMatch(form);
    expect(visibleLinks(closed)).toEqual([URL, URL]);
  });

  it('holds nothing that the policy’s texts could break', () => {
    const odd: LawPolicy = { ...korean, sender: { name: '<script>alert(1)</script> "A"' } };
    const html = htmlOf('<p>x</p>', odd);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &quot;A&quot;');
    expect(htmlOf(html, odd)).toBe(html);
  });
});

describe('channels §3 CAN-SPAM: an advertising e-mail elsewhere', () => {
  it('[US-EMAIL-BODY] says the name, the postal address and one way out', () => {
    const { html, text } = close({ subject: 's', html: '<p>Rings</p>', text: 'Rings' }, american);
    expect(visibleText(html)).toBe(
      'Rings은빛 & 공방 | 서울 종로구 1If you do not want to receive these e-mails, please click [Unsubscribe].',
    );
    expect(text).toContain(`--\n은빛 & 공방 | 서울 종로구 1\nIf you do not`);
    expect(text).not.toContain('수신거부');
  });

  it('takes the author’s own link for the way out, whatever its words', () => {
    const html = `<p>은빛 &amp; 공방, 서울 종로구 1</p><a href='${URL}#preferences'>Manage e-mails</a>`;
    expect(htmlOf(html, american)).toBe(html);
  });
});
