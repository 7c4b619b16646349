/**
 * Which message is on screen. One at a time, in one tab of the browser, with a pause in between that all tabs keep together:
 *
 *   due → the app may defer it → (it lay about: still valid?) → claimed → drawn → seen: `Message Viewed`
 *       → a button, a close, its end, or withdrawn → pause → the next
 *
 * Seen is what a visible page has drawn, not what was fetched. While a message is up it is asked again and again whether
 * it is still valid: a trigger that is paused takes it off within ten seconds.
 */
import type { Button, Client, Message, MountOptions } from '../types.ts';
import { showCards } from './cards.ts';
import { draw, safeUrl } from './draw.ts';
import { styledRoot } from './styles.ts';

const MIN_INTERVAL_MS = 30_000;
const ASK_AGAIN_MS = 1_000;
/** What is older has to be asked about before it is shown. */
const FRESH_MS = 5_000;
const VALID_EVERY_MS = 7_000;

interface Shown {
  message: Message;
  /** Stops what watches over it, and takes it off. */
  remove(): void;
}

export function mount(client: Client, options: MountOptions = {}): () => void {
  const { messages } = client;
  const { minIntervalMs = MIN_INTERVAL_MS, surfaces, mayShow = () => true } = options;
  const cameAt = new Map<string, number>();
  let due: readonly Message[] = [];
  let shown: Shown | null = null;
  let isChoosing = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const isOurs = ({ channel, surface }: Message) =>
    channel === 'in_app' && (!surfaces || surfaces.includes(surface));

  /** Until a message may be shown again, in milliseconds. */
  const pauseLeft = () => messages.lastOnScreenAt + minIntervalMs - Date.now();

  function chooseIn(delayMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void choose(), delayMs);
  }

  async function choose(): Promise<void> {
    const next = due.find((message) => isOurs(message) && Date.parse(message.expiresAt) > Date.now());
    if (shown || isChoosing || !next || document.visibilityState === 'hidden') return;
    const waitMs = pauseLeft();
    if (waitMs > 0) return chooseIn(waitMs);
    if (!mayShow(next)) return chooseIn(ASK_AGAIN_MS);
    isChoosing = true;
    const isFresh = Date.now() - (cameAt.get(next.id) ?? 0) < FRESH_MS;
    const mayStill =
      (isFresh || (await messages.isValid(next.id))) && (await messages.claim(next.id, minIntervalMs));
    isChoosing = false;
    if (mayStill && due.some(({ id }) => id === next.id)) return show(next);
    // Another tab was faster with some message: it is this one's turn after the pause, if it is still due.
    if (pauseLeft() > 0) return chooseIn(0);
    // Another tab shows it, or nobody may: it comes back if it is still due.
    due = due.filter(({ id }) => id !== next.id);
    chooseIn(0);
  }

  function show(message: Message): void {
    const host = document.createElement('div');
    const box = draw(message, {
      act: (button) => act(button, message),
      clicked: (buttonId) => messages.clicked(message.id, buttonId),
      dismiss: () => {
        close();
        messages.dismissed(message.id);
      },
    });
    styledRoot(host).append(box);
    document.body.append(host);
    if (box instanceof HTMLDialogElement) box.showModal();
    const checks = setInterval(() => void check(message), VALID_EVERY_MS);
    shown = {
      message,
      remove() {
        clearInterval(checks);
        // A dialog gives the focus back only when it is closed, not when it vanishes.
        if (box instanceof HTMLDialogElement) box.close();
        host.remove();
      },
    };
    // Two frames on, it has been painted.
    requestAnimationFrame(() => requestAnimationFrame(() => messages.shown(message.id)));
  }

  function close(): void {
    if (!shown) return;
    shown.remove();
    shown = null;
    messages.onScreen();
    chooseIn(minIntervalMs);
  }

  async function check(message: Message): Promise<void> {
    const isOver = Date.parse(message.expiresAt) <= Date.now();
    if (isOver || !(await messages.isValid(message.id))) {
      if (shown?.message === message) close();
    }
  }

  function act(button: Button, message: Message): void {
    const { type, url, event } = button.action;
    if (message.channel === 'in_app') close();
    if (type === 'dismiss') {
      messages.dismissed(message.id);
      return;
    }
    messages.clicked(message.id, button.id);
    if (type === 'track' && event) client.track(event, { message_id: message.id });
    if (options.onAction?.(button, message) === false) return;
    const target = type === 'open' ? safeUrl(url) : null;
    if (target) location.assign(target);
  }

  const cards = options.cards ? showCards(options.cards, client, act) : null;
  const stop = messages.subscribe((now, revoked) => {
    if (shown && revoked.includes(shown.message.id)) close();
    for (const { id } of now) if (!cameAt.has(id)) cameAt.set(id, Date.now());
    due = now;
    cards?.(now.filter(({ channel }) => channel === 'card'));
    chooseIn(0);
  });
  const onVisible = () => chooseIn(0);
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    stop();
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', onVisible);
    shown?.remove();
    cards?.([]);
  };
}
