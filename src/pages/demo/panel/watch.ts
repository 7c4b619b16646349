/**
 * What the panel shows, asked for again and again while somebody can see it and never else: a page in the background and
 * a closed panel ask nothing.
 */
import { effect, type Signal, signal } from '@preact/signals';
import { type Decision, type Delivery, readDecisions, readDeliveries } from '../backend.ts';
import { closed, loadOffers } from '../offers.ts';
import { member, profileName } from '../visitor.ts';
import { language } from '../words.ts';

const EVERY_MS = 1_000;
/** Wide enough for the panel to stand beside the shop; panel.css draws the same line. */
const WIDE = '(min-width: 1080px)';

export const panelIsOpen = signal(matchMedia(WIDE).matches);
export const decisions = signal<Decision[]>([]);
export const deliveries = signal<Delivery[]>([]);

const pageIsVisible = signal(document.visibilityState === 'visible');
document.addEventListener('visibilitychange', () => {
  pageIsVisible.value = document.visibilityState === 'visible';
});

export function watch(): () => void {
  return effect(() => {
    if (!panelIsOpen.value || !pageIsVisible.value || closed.value === 'refused') return;
    // Somebody else, or another language: begin anew.
    void member.value;
    const asked = language.value;
    const stopping = new AbortController();
    void ask(asked, stopping.signal);
    return () => stopping.abort();
  });
}

async function ask(asked: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const profile = profileName();
    const [decided, delivered] = await Promise.all([readDecisions(profile, asked), readDeliveries(profile)]);
    if (signal.aborted) return;
    if (profile === profileName()) {
      set(decisions, decided);
      set(deliveries, delivered?.filter(hasLeft) ?? null);
    }
    if (decided && closed.value === 'offline') void loadOffers();
    if (!decided) closed.value = 'offline';
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

const hasLeft = ({ channel }: Delivery) => channel !== 'in_app' && channel !== 'card';

/** What has not changed is not drawn again. */
function set<T>(shown: Signal<T[]>, read: T[] | null): void {
  if (read && JSON.stringify(read) !== JSON.stringify(shown.peek())) shown.value = read;
}
