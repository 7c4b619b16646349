import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LINK_TAG, messageOfLink, tagLink } from './link-tag.ts';

const ID = 'msg_0000000000000000000000_11111111111_0';
const TAG = `${LINK_TAG}=${ID}`;

describe('a link', () => {
  test.each([
    ['https://shop.kr', `https://shop.kr?${TAG}`],
    ['https://shop.kr/', `https://shop.kr/?${TAG}`],
    ['http://shop.kr/p/1', `http://shop.kr/p/1?${TAG}`],
    ['HTTPS://SHOP.KR/p', `HTTPS://SHOP.KR/p?${TAG}`],
    ['https://shop.kr/p?a=1', `https://shop.kr/p?a=1&${TAG}`],
    ['https://shop.kr/p?', `https://shop.kr/p?${TAG}`],
    ['https://shop.kr/p?a=1&', `https://shop.kr/p?a=1&${TAG}`],
    ['https://shop.kr/p#top', `https://shop.kr/p?${TAG}#top`],
    ['https://shop.kr/p?a=1#top', `https://shop.kr/p?a=1&${TAG}#top`],
    ['https://shop.kr/#/cart?x=1', `https://shop.kr/?${TAG}#/cart?x=1`],
    [
      'https://shop.kr/s?q=%EC%8B%A4%26&to=https%3A%2F%2Fa.kr%3Fb',
      `https://shop.kr/s?q=%EC%8B%A4%26&to=https%3A%2F%2Fa.kr%3Fb&${TAG}`,
    ],
  ])('%s reads %s', (link, tagged) => {
    expect(tagLink(link, ID)).toBe(tagged);
    expect(messageOfLink(tagged)).toBe(ID);
  });

  test.each([
    '/cart',
    'cart?a=1',
    '//shop.kr/p',
    'dalmuri://cart',
    'mailto:a@b.kr',
    'tel:080-123-4567',
    'javascript:alert(1)',
    'https://',
    '',
    `https://shop.kr/p?${LINK_TAG}=msg_another&a=1`,
    `https://shop.kr/p?a=1&${LINK_TAG}=`,
  ])('%s stays as it is', (link) => {
    expect(tagLink(link, ID)).toBe(link);
  });

  test('whose name only ends like the tag’s is tagged', () => {
    expect(tagLink(`https://shop.kr/p?x${LINK_TAG}=1`, ID)).toBe(`https://shop.kr/p?x${LINK_TAG}=1&${TAG}`);
  });

  test('keeps its address, its query and its fragment, as a browser reads them, and bears the tag once', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (link) => {
        const tagged = tagLink(link, ID);
        const [before, after] = [new URL(link), new URL(tagged)];
        const query = [...after.searchParams].filter(([name]) => name !== LINK_TAG && name !== '');
        expect(after.searchParams.getAll(LINK_TAG)).toEqual([ID]);
        expect(query).toEqual([...before.searchParams].filter(([name]) => name !== ''));
        expect([after.origin, after.pathname, after.hash]).toEqual([
          before.origin,
          before.pathname,
          before.hash,
        ]);
        expect(tagLink(tagged, ID)).toBe(tagged);
      }),
      { numRuns: 500 },
    );
  });
});

describe('an address says which message it was opened from', () => {
  test.each<[string, string | null]>([
    [`?${TAG}`, ID],
    [`${TAG}&a=1`, ID],
    [`https://shop.kr/?a=1&${TAG}#x`, ID],
    [`https://shop.kr/#?${TAG}`, null],
    [`https://shop.kr/?x${TAG}`, null],
    [`https://shop.kr/?${LINK_TAG}=`, null],
    [`https://shop.kr/?${LINK_TAG}=__proto__`, null],
    [`https://shop.kr/?${LINK_TAG}=msg_${'x'.repeat(100)}`, null],
  ])('%s: %s', (address, id) => {
    expect(messageOfLink(address)).toBe(id);
  });
});
