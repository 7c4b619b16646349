/** Price and stock of every product, as the server has them. */
import { signal } from '@preact/signals';
import { type Offer, readItem, writeItem } from './backend.ts';
import { PRODUCTS, type Product } from './catalogue.ts';

/** Why there is nothing to sell; null where there is. */
export const closed = signal<'refused' | 'unseeded' | 'offline' | null>(null);

const offers = signal<Record<string, Offer>>({});

export function offerOf({ id, price, stock }: Product): Offer {
  return offers.value[id] ?? { price, stock };
}

export async function loadOffers(): Promise<void> {
  const answers = await Promise.all(PRODUCTS.map(async ({ id }) => [id, await readItem(id)] as const));
  const statuses = answers.map(([, { status }]) => status);
  if (statuses.some((status) => status === 401 || status === 403)) closed.value = 'refused';
  else if (statuses.includes(404)) closed.value = 'unseeded';
  else closed.value = statuses.every((status) => status === 200) ? null : 'offline';
  const known = answers.flatMap(([id, { body }]) => (body ? [[id, body] as const] : []));
  offers.value = { ...offers.value, ...Object.fromEntries(known) };
}

export async function changeOffer(product: Product, change: Partial<Offer>): Promise<void> {
  if (!(await writeItem(product.id, change))) return;
  offers.value = { ...offers.value, [product.id]: { ...offerOf(product), ...change } };
}
