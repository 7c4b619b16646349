/**
 * Pages that the Worker writes itself. What is put into a page is text unless it was written as HTML: `html` escapes it.
 *
 * They load style sheets and fonts of this origin and nothing else: no script runs in them, nobody frames them, no address of them
 * is told to whoever they link to, for it may be all that its reader needs to act for somebody.
 */

/** HTML by its own author's hand. */
export interface Html {
  html: string;
}

type Part = Html | string | number | null | readonly Part[];

export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return { html: strings.reduce((page, text, i) => page + written(parts[i - 1] ?? null) + text) };
}

function written(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escaped(part);
  if ('html' in part) return part.html;
  return part.map(written).join('');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "font-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function htmlResponse(page: Html, status: number, language: string): Response {
  return new Response(page.html, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-language': language,
      'content-security-policy': POLICY,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-robots-tag': 'noindex',
      vary: 'Accept-Language',
    },
  });
}
