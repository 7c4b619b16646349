/** One message as elements. Texts are text nodes: nothing in a message can become markup, but in its own sandbox. */
import type { Button, Message } from '../types.ts';
import { frameOf } from './frame.ts';

export interface Handlers {
  act(button: Button): void;
  clicked(buttonId: string): void;
  dismiss(): void;
}

const RIGHT_TO_LEFT = /^(ar|dv|fa|he|ku|ps|sd|ug|ur|yi)\b/;
const CLOSE: { [language: string]: string } = { ko: '닫기', ja: '閉じる', en: 'Close' };

/** A modal layout is a native dialog: the browser keeps the focus inside and gives it back. */
export function draw(message: Message, handlers: Handlers): HTMLElement {
  const { layout, content } = message;
  const isModal = layout === 'modal' || layout === 'fullscreen' || layout === 'html';
  const box = element(isModal ? 'dialog' : 'section', `m ${layout}`);
  const locale = content.locale ?? '';
  box.lang = locale;
  box.dir = RIGHT_TO_LEFT.test(locale) ? 'rtl' : 'ltr';
  // Read out when it comes up, without taking the focus.
  if (!isModal) box.setAttribute('role', layout === 'card' ? 'article' : 'status');
  box.setAttribute('aria-label', content.title ?? content.body ?? message.trigger);
  box.append(...partsOf(message, handlers), closeButton(locale, handlers));
  box.addEventListener('cancel', (event) => {
    event.preventDefault();
    handlers.dismiss();
  });
  if (!isModal) {
    box.onkeydown = ({ key }) => {
      if (key === 'Escape') handlers.dismiss();
    };
  }
  return box;
}

function partsOf({ content }: Message, handlers: Handlers): Element[] {
  if (content.html !== null) return [frameOf(content.html, content.title ?? '', handlers)];
  const { title, body, image, buttons } = content;
  const text = element('div', 'c');
  if (title) text.append(element('h2', '', title));
  if (body) text.append(element('p', '', body));
  if (buttons.length > 0) {
    const row = element('div', 'bs');
    row.append(
      ...buttons.map((button) => {
        const drawn = element('button', 'b', button.text);
        drawn.onclick = () => handlers.act(button);
        return drawn;
      }),
    );
    text.append(row);
  }
  if (!image || !safeUrl(image.url)) return [text];
  const picture = element('img', 'i');
  picture.src = image.url;
  picture.alt = image.alt ?? '';
  picture.referrerPolicy = 'no-referrer';
  // A picture that doesn't come leaves no hole.
  picture.onerror = () => picture.remove();
  return [picture, text];
}

function closeButton(locale: string, { dismiss }: Handlers): Element {
  const button = element('button', 'x', '×');
  button.setAttribute('aria-label', CLOSE[locale.slice(0, 2)] ?? 'Close');
  button.onclick = dismiss;
  return button;
}

/** Null for what could run code or is no address. */
export function safeUrl(url: string | undefined): string | null {
  try {
    const { protocol, href } = new URL(url ?? '', location.href);
    return url && /^(https?|mailto|tel):$/.test(protocol) ? href : null;
  } catch {
    return null;
  }
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  text = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
