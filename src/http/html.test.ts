import { expect, test } from 'vitest';
import { html, htmlResponse } from './html.ts';

test('what is put into a page is text, whatever it holds; what was written as HTML stays so', () => {
  const evil = `"><script>alert('x')</script>&amp;`;
  const inner = html`<b>${evil}</b>`;
  expect(html`<p title="${evil}">${inner}${[inner, 7]}${null}</p>`.html).toBe(
    [
      '<p title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;">',
      ...Array.from(
        { length: 2 },
        () => '<b>&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;</b>',
      ),
      '7</p>',
    ].join(''),
  );
});

test('a page may load style sheets and fonts of its own origin, and nothing may frame it', () => {
  const { headers, status } = htmlResponse(html`x`, 404, 'ko');
  expect(status).toBe(404);
  expect(headers.get('content-language')).toBe('ko');
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
});
