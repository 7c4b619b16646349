/**
 * What the law wants at the end of an advertising e-mail, in HTML and in plain text alike:
 *
 * - Korea (정보통신망법 §50④, 별표 6): the sender's name, telephone number, e-mail address and postal address; and in Korean and in
 *   English that, and by which one step, the recipient may refuse.
 * - Elsewhere (CAN-SPAM, 15 USC 7704(a)(3) and (5)): the name and the postal address; and how to unsubscribe.
 *
 * Each of these is added unless the author has written it rightly: a sender's data where the reader sees them, a way out as a
 * link to `message.unsubscribeUrl` (or `preferencesUrl`), for Korea also in the words of either language. What was added
 * counts as written, so that nothing is ever added twice.
 */
import type { LawPolicy, Sender } from '../../documents.ts';
import type { JsonObject } from '../../vocabulary.ts';
import { visibleLinks, visibleText } from './visible-text.ts';

interface Footer {
  /** The sender's data that are missing. */
  sender: string[];
  /** The languages in which the way out is missing. */
  optOuts: Language[];
}

type Language = 'ko' | 'en';

/** Around the link; what is clicked on stands between. */
const OPT_OUT: Record<Language, { before: string; click: string; after: string; plain: string }> = {
  ko: {
    before: '메일 수신을 원치 않으시면 ',
    click: '[수신거부]',
    after: '를 클릭하세요.',
    plain: '메일 수신을 원치 않으시면 수신거부를 하실 수 있습니다(무료): ',
  },
  en: {
    before: 'If you do not want to receive these e-mails, please click ',
    click: '[Unsubscribe]',
    after: '.',
    plain: 'If you do not want to receive these e-mails, unsubscribe for free: ',
  },
};
const WORDS: Record<Language, RegExp> = { ko: /수신거부|무료거부/, en: /unsubscri|optout/i };

/** @param url the message's `unsubscribeUrl` */
export function addEmailFooter(content: JsonObject, law: LawPolicy, url: string): JsonObject {
  const { html, text } = content;
  return {
    ...content,
    ...(typeof html === 'string' && { html: closedHtml(html, law, url) }),
    ...(typeof text === 'string' && { text: closedText(text, law, url) }),
  };
}

function closedHtml(html: string, law: LawPolicy, url: string): string {
  const missing = missingIn(
    law,
    visibleText(html),
    visibleLinks(html).some((link) => link.startsWith(url)),
  );
  if (isNothing(missing)) return html;
  const footer = htmlFooter(missing, url);
  const places = [lastTag(html, 'body'), lastTag(html, 'html'), html.length].filter((at) => at !== null);
  const tries = places.map((at) => html.slice(0, at) + footer + html.slice(at));
  // Where a comment or a style sheet is left open, nothing behind it is seen.
  return tries.find((tried) => visibleText(tried).includes(visibleText(footer))) ?? footer + html;
}

function closedText(text: string, law: LawPolicy, url: string): string {
  const { sender, optOuts } = missingIn(law, text, text.includes(url));
  const lines = [
    ...(sender.length > 0 ? [sender.join(' | ')] : []),
    ...optOuts.map((language) => OPT_OUT[language].plain + url),
  ];
  return lines.length === 0 ? text : `${text.trimEnd()}\n\n--\n${lines.join('\n')}\n`;
}

function missingIn({ jurisdiction, sender = {} }: LawPolicy, text: string, isLinked: boolean): Footer {
  const read = squeezed(text);
  return {
    sender: senderData(sender, jurisdiction).filter((part) => !read.includes(squeezed(part))),
    optOuts:
      jurisdiction === 'KR'
        ? (['ko', 'en'] as const).filter((language) => !isLinked || !WORDS[language].test(read))
        : isLinked
          ? []
          : ['en'],
  };
}

function senderData({ name, phone, email, address }: Sender, jurisdiction: string): string[] {
  const parts = jurisdiction === 'KR' ? [name, phone, email, address] : [name, address];
  return parts.filter((part) => part !== undefined);
}

function isNothing({ sender, optOuts }: Footer): boolean {
  return sender.length === 0 && optOuts.length === 0;
}

const STYLE =
  'margin-top:24px;padding:12px;border-top:1px solid #ccc;background:#fff;color:#555;font-size:12px;line-height:1.6';

function htmlFooter({ sender, optOuts }: Footer, url: string): string {
  const lines = [
    ...(sender.length > 0 ? [sender.map(escaped).join(' | ')] : []),
    ...optOuts.map((language) => {
      const { before, click, after } = OPT_OUT[language];
      return `<span lang="${language}">${before}<a href="${escaped(url)}" style="color:#555">${click}</a>${after}</span>`;
    }),
  ];
  return `<div style="${STYLE}">${lines.join('<br>')}</div>`;
}

/** Where the document's last closing tag of this name begins; null without one. */
function lastTag(html: string, name: string): number | null {
  const at = html.toLowerCase().lastIndexOf(`</${name}`);
  return at < 0 ? null : at;
}

/** Blanks and the spelling of composed letters make no difference to a reader. */
function squeezed(text: string): string {
  return text.normalize('NFC').replace(/[\s\u200b-\u200d\u2060\ufeff-]+/gu, '');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
