/**
 * Where in the shop one is: `#/p/NK-201`. The paths are those that messages link to, so that a button which opens
 * `/c/thin-rings` leads there without leaving the page.
 */
import { computed, signal } from '@preact/signals';
import { CATEGORIES, PRODUCTS, type Product } from './catalogue.ts';

export type Route =
  | { at: 'home' }
  | { at: 'category'; category: string }
  | { at: 'search'; query: string }
  | { at: 'product'; product: Product }
  | { at: 'benefits' };

const path = signal(location.hash.slice(1));

export const joinIsOpen = signal(false);

export const route = computed(() => routeOf(path.value));

/** True where the shop has a place for that path. `/signup` opens the dialog where one stands. */
export function go(to: string): boolean {
  if (to === '/signup') {
    joinIsOpen.value = true;
    return true;
  }
  if (to !== '/' && routeOf(to).at === 'home') return false;
  location.hash = to;
  path.value = to;
  scrollTo({ top: 0 });
  return true;
}

/** Also the way back and a typed address. */
addEventListener('hashchange', () => {
  path.value = location.hash.slice(1);
});

function routeOf(to: string): Route {
  const [kind, name] = to.split('?')[0]?.split('/').slice(1) ?? [];
  const product = PRODUCTS.find(({ id }) => id === name);
  if (kind === 'benefits') return { at: 'benefits' };
  if (kind === 'p' && product) return { at: 'product', product };
  if (kind === 'c' && name && Object.hasOwn(CATEGORIES, name)) return { at: 'category', category: name };
  if (kind === 'search' && name) return { at: 'search', query: decoded(name) };
  return { at: 'home' };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
