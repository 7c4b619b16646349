import { CATEGORIES, PRODUCTS, type Product } from './catalogue.ts';
import { go } from './route.ts';
import { reflex } from './visitor.ts';

export function search(query: string): void {
  const wanted = query.trim();
  if (wanted === '') return;
  reflex.track('Products Searched', { query: wanted });
  go(`/search/${encodeURIComponent(wanted)}`);
}

/** By name and category, in either language, however it is spaced. */
export function found(query: string): Product[] {
  const wanted = plain(query);
  return PRODUCTS.filter(({ title, category }) =>
    [title.ko, title.en, CATEGORIES[category]?.ko, CATEGORIES[category]?.en].some((text) =>
      plain(text ?? '').includes(wanted),
    ),
  );
}

const plain = (text: string) => text.toLowerCase().replace(/\s+/g, '');
