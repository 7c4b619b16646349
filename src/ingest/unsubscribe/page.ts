/** The page behind a link: what was done, what may be refused with one step, and every channel's consent with its form. */
import type { Sender } from '../../engine/documents.ts';
import type { LinkLanguage } from '../../engine/send/links/unsubscribe-link.ts';
import { type Html, html } from '../../http/html.ts';
import { ASKED_CHANNELS, PURPOSES } from '../../protocol/unsubscribe-form.ts';
import type { Change } from './changes.ts';
import { type AskedChannel, isGranted, type Ledger, type Purpose, standing } from './ledger.ts';
import { fieldsOf, WORDS, type Words } from './page-words.ts';

export interface PageState {
  language: LinkLanguage;
  sender: Sender;
  /** The workspace's. */
  timeZone: string;
  /** Of the message; null where nobody asks for consent to it. */
  channel: AskedChannel | null;
  /** Null where nobody is known any more. */
  ledger: Ledger | null;
  /** What this request has changed, and when; null where it only looks. */
  done: { changes: readonly Change[]; at: number } | null;
}

export function preferencesPage(state: PageState): Html {
  const words = WORDS[state.language];
  const { ledger } = state;
  return document(
    state.language,
    words.title,
    html`
<h1>${words.title}</h1>
${state.sender.name === undefined ? null : html`<p class="sender">${state.sender.name}</p>`}
${resultOf(state, words)}
${
  ledger === null
    ? html`<p>${words.nobody}</p>`
    : html`<p>${words.intro}</p>
${stopForm(state.channel, ledger, words)}
${preferences(state, ledger, words)}
${everything(ledger, words)}`
}
${senderOf(state.sender, words)}`,
  );
}

/** One sentence, for a link or a request that leads nowhere. */
export function noticePage(language: LinkLanguage, { title, text }: { title: string; text: string }): Html {
  return document(language, title, html`<h1>${title}</h1><p>${text}</p>`);
}

function document(language: LinkLanguage, title: string, content: Html): Html {
  const { otherLanguage } = WORDS[language];
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="../fonts/index.css">
<link rel="stylesheet" href="style.css">
</head>
<body>
<nav><a href="?lang=${otherLanguage.code}" lang="${otherLanguage.code}" hreflang="${otherLanguage.code}">${otherLanguage.name}</a></nav>
<main>${content}</main>
</body>
</html>
`;
}

/** Who, what and when: the notice of what became of it that Korean law asks for (§50⑦). */
function resultOf({ done, sender, ...state }: PageState, words: Words): Html | null {
  if (done === null || state.ledger === null) return null;
  if (done.changes.length === 0) return html`<p class="result" role="status">${words.unchanged}</p>`;
  return html`<section class="result" role="status">
<h2>${words.result}</h2>
<ul>${done.changes.map(({ channel, purpose, granted }) => html`<li>${words.became(words.subject(channel, purpose), granted)}</li>`)}</ul>
<dl><dt>${words.at}</dt><dd>${dateText(done.at, state, true)}</dd>
${sender.name === undefined ? null : html`<dt>${words.sender}</dt><dd>${sender.name}</dd>`}</dl>
</section>`;
}

function stopForm(channel: AskedChannel | null, ledger: Ledger, words: Words): Html | null {
  if (channel === null || !isGranted(ledger, channel, 'marketing')) return null;
  const subject = words.subject(channel, 'marketing');
  return html`<section>
<h2>${words.stopHeading(subject)}</h2>
<p>${words.stopText(subject)}</p>
${form([['action', 'unsubscribe']], words.refuse(subject), 'main')}
</section>`;
}

function preferences(state: PageState, ledger: Ledger, words: Words): Html {
  const shown = ASKED_CHANNELS.filter(
    (channel) => channel === state.channel || PURPOSES.some((purpose) => standing(ledger, channel, purpose)),
  );
  return html`<section id="preferences">
<h2>${words.preferences}</h2>
${shown.map(
  (channel) => html`<section class="channel">
${PURPOSES.filter((purpose) => isAsked(channel, purpose, ledger)).map((purpose) => choice({ channel, purpose }, state, ledger, words))}
</section>`,
)}
</section>`;
}

/** E-mail is exempt from the night; consent to the night rests on the other one. */
function isAsked(channel: AskedChannel, purpose: Purpose, ledger: Ledger): boolean {
  if (purpose === 'marketing' || isGranted(ledger, channel, purpose)) return true;
  return channel !== 'email' && isGranted(ledger, channel, 'marketing');
}

function choice(
  { channel, purpose }: Omit<Change, 'granted'>,
  state: Pick<PageState, 'language' | 'timeZone'>,
  ledger: Ledger,
  words: Words,
): Html {
  const stands = standing(ledger, channel, purpose);
  const granted = !stands?.granted;
  const subject = words.subject(channel, purpose);
  return html`<div class="choice">
<div><h3>${words.heading(subject)}</h3><p>${words.stands(stands, stands ? dateText(stands.at, state, false) : '')}</p></div>
${form(fieldsOf({ channel, purpose, granted }), granted ? words.agree(subject) : words.refuse(subject), 'small')}
</div>`;
}

function everything(ledger: Ledger, words: Words): Html | null {
  const isAny = ASKED_CHANNELS.some((channel) =>
    PURPOSES.some((purpose) => isGranted(ledger, channel, purpose)),
  );
  if (!isAny) return null;
  return html`<section>
<h2>${words.everything}</h2>
<p>${words.everythingText}</p>
${form([['action', 'everything']], words.everything, 'small')}
</section>`;
}

function senderOf({ name, phone, email, address }: Sender, words: Words): Html | null {
  const parts = [name, phone, email, address].filter((part) => part !== undefined);
  if (parts.length === 0) return null;
  return html`<footer><p>${words.sender}: ${parts.join(' · ')}</p></footer>`;
}

/** To this very page: nobody is sent anywhere else, and it works without a script. */
function form(fields: [string, string][], label: string, kind: 'main' | 'small'): Html {
  return html`<form method="post">${fields.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}<button class="${kind}">${label}</button></form>`;
}

function dateText(
  at: number,
  { language, timeZone }: Pick<PageState, 'language' | 'timeZone'>,
  withTime: boolean,
): string {
  return new Intl.DateTimeFormat(language === 'ko' ? 'ko-KR' : 'en-GB', {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    timeZone,
    ...(withTime && { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }),
  }).format(at);
}
