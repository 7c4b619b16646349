/** Where in the page the reader is: `#/triggers/price-drop`. Every view can be bookmarked. */
import { signal } from '@preact/signals';

export const route = signal<string[]>(parts());
/** Something here isn't saved yet. */
export const isDirty = signal(false);

export function startRouting(mayLeave: () => Promise<boolean>): void {
  addEventListener('hashchange', () => {
    route.value = parts();
    scrollTo(0, 0);
  });
  addEventListener('beforeunload', (event) => {
    if (isDirty.value) event.preventDefault();
  });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[href^="#/"]') : null;
    if (!link || !isDirty.value) return;
    event.preventDefault();
    void mayLeave().then((may) => {
      if (may) go(link.getAttribute('href') ?? '#/');
    });
  });
}

/** `to`: `#/users/u1`. */
export function go(to: string): void {
  isDirty.value = false;
  location.hash = to;
}

export function linkTo(...path: string[]): string {
  return `#/${path.map(encodeURIComponent).join('/')}`;
}

function parts(): string[] {
  return location.hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decoded);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
