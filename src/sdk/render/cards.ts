/** Cards lie beside each other where the app wants them, until they are dismissed or over. */
import type { Button, Client, Message } from '../types.ts';
import { draw } from './draw.ts';
import { styledRoot } from './styles.ts';

/** Draws what it is called with, newest first, and keeps what is there already. */
export function showCards(
  target: Element,
  { messages }: Client,
  act: (button: Button, message: Message) => void,
): (cards: readonly Message[]) => void {
  const drawn = new Map<string, HTMLElement>();
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target: host } of entries) {
      const id = [...drawn].find(([, one]) => one === host)?.[0];
      if (!isIntersecting || id === undefined) continue;
      seen.unobserve(host);
      messages.shown(id);
    }
  });
  return (cards) => {
    const wanted = new Set(cards.map(({ id }) => id));
    for (const [id, host] of drawn) {
      if (wanted.has(id)) continue;
      host.remove();
      drawn.delete(id);
    }
    for (const card of cards) {
      const host = drawn.get(card.id) ?? document.createElement('div');
      if (!drawn.has(card.id)) {
        drawn.set(card.id, host);
        styledRoot(host).append(
          draw(card, {
            act: (button) => act(button, card),
            clicked: (buttonId) => messages.clicked(card.id, buttonId),
            dismiss: () => messages.dismissed(card.id),
          }),
        );
        seen.observe(host);
      }
      target.append(host);
    }
  };
}
