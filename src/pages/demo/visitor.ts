/** Reflex, as any shop would use it: who is here, what they do, and what they are shown. */
import { signal } from '@preact/signals';
import { createClient } from '../../sdk/client.ts';
import type { Json } from '../../sdk/types.ts';
import { writeConsents } from './backend.ts';
import { CATEGORIES, type Product } from './catalogue.ts';
import { offerOf } from './offers.ts';
import { go } from './route.ts';

/** A shop shows its next message later; here somebody tries one trigger after another. */
const MIN_INTERVAL_MS = 1_000;
const MEMBERS = 'eunha.members';

export const reflex = createClient({ endpoint: location.origin, writeKey: 'wk_dev' });

interface Member {
  id: string;
  name: string;
}

/** Those who have joined in this browser: the shop's own user table, so to say. */
function members(): Member[] {
  try {
    return JSON.parse(localStorage.getItem(MEMBERS) ?? '[]') as Member[];
  } catch {
    return [];
  }
}

export const member = signal<Member | null>(members().find(({ id }) => id === reflex.userId) ?? null);

export function showMessages(): Promise<() => void> {
  return reflex.mount({
    minIntervalMs: MIN_INTERVAL_MS,
    // What leads to a place in the shop needs no new page.
    onAction: ({ action: { type, url } }) => !(type === 'open' && url !== undefined && go(url)),
  });
}

export async function join(name: string, push: boolean, night: boolean): Promise<void> {
  const known = members().find((one) => one.name === name);
  const joined = known ?? { id: `member-${crypto.randomUUID().slice(0, 8)}`, name };
  reflex.identify(joined.id, { name });
  if (!known) {
    localStorage.setItem(MEMBERS, JSON.stringify([...members(), joined]));
    reflex.track('Signed Up', { method: 'name' });
  }
  member.value = joined;
  await reflex.flush();
  await writeConsents(joined.id, push, night);
}

export function leave(): void {
  member.value = null;
  reflex.reset();
}

/** The name under which the admin API knows who is here. */
export function profileName(): string {
  return reflex.userId ?? `anon:${reflex.anonymousId}`;
}

/** A product as the e-commerce events of Segment's spec carry it. */
export function propertiesOf(product: Product, quantity = 1): { [name: string]: Json } {
  return {
    product_id: product.id,
    name: product.title.ko,
    category: CATEGORIES[product.category]?.ko ?? product.category,
    price: offerOf(product).price,
    currency: 'KRW',
    quantity,
  };
}
